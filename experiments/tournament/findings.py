"""What a tournament found, in sentences, and what a reader must know of it."""

from collections.abc import Iterator

import pandas as pd

from experiments import formats
from experiments.kinds import Tables
from experiments.study import Study
from experiments.tournament import nash
from experiments.tournament.played import ANYBODY, form_of, profiles_of, spec_of
from experiments.tournament.views import between, percent, played_in

SURE = 0.95
ROUGH = 10
"""With fewer replicates the bootstrap itself is rough."""
TOLD = 4
"""So many equilibria are told in words."""


def findings(study: Study, tables: Tables) -> list[str]:
    """Say what survives, and how sure that is."""
    if "against" not in tables:
        return []
    return [*_survivors(study, tables), *_equilibria(study, tables), _stability(tables)]


def _survivors(study: Study, tables: Tables) -> Iterator[str]:
    for player, shares in tables["shares"].groupby("player", sort=False):
        best = shares.iloc[int(shares["mean"].argmax())]
        start = "" if player == ANYBODY else f"{player}: "
        yield (
            f"{start}{best['portfolio']} survives best: in the replicator dynamics it ends with "
            f"{_of(best)} of the population, averaged over all starts."
        )
        ranks = tables["ranks"]
        own = ranks[ranks["player"] == player]
        if own.empty:
            continue
        first = own.iloc[int(own["mass"].argmax())]
        known = not pd.isna(first["first"])
        often = percent(first["first"])
        sure = f", and the first place in {often} of the resamples" if known else ""
        doubt = ", so the first place is not certain" if known and first["first"] < SURE else ""
        yield (
            f"{start}{first['portfolio']} has the most of alpha-rank's mass, "
            f"{percent(first['mass'])}{sure}{doubt}."
        )


def _of(row: pd.Series) -> str:
    share = percent(row["mean"])
    if pd.isna(row["low"]):
        return share
    low, high = (percent(row[end]) for end in ("low", "high"))
    return f"{share} (95 % interval {low} to {high})"


def _equilibria(study: Study, tables: Tables) -> Iterator[str]:
    table = tables["equilibria"]
    facts = tables["game"].iloc[0]
    kind = "equilibrium" if facts["scope"] == "mixed" else "equilibrium in pure strategies"
    if table.empty:
        yield f"There is no {kind}."
        return
    number = table["equilibrium"].nunique()
    pure = table[table["kind"] == "pure"]
    told = table if number <= TOLD else pure
    groups = [rows for _, rows in told.groupby("equilibrium", sort=False)][:TOLD]
    each = [f"{played_in(rows)}{_share(rows.iloc[0]['share'])}" for rows in groups]
    if number > len(each):
        each.append(f"{number - len(each)} {'more' if each else 'mixed ones'}, see the table")
    words = f"is one {kind}" if number == 1 else f"are {number} {kind.replace('ium', 'ia')}"
    yield f"There {words}: {'; '.join(each)}."


def _share(share: float) -> str:
    return "" if pd.isna(share) else f" (in {percent(share)} of the resamples)"


def _stability(tables: Tables) -> str:
    facts = tables["game"].iloc[0]
    if not facts["solved"]:
        return "One replicate cannot say how stable this is."
    share = percent(facts["same"])
    kept = (
        f"The set of equilibria is the same in {share} of {facts['solved']:,} resamples of the "
        f"{facts['replicates']:,} replicates"
    )
    if facts["same"] >= SURE:
        return f"{kept}."
    return f"{kept}, so it is not certain: more replicates would tell."


# -- caveats --------------------------------------------------------------------------------------


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say what a reader must know."""
    facts = tables["game"].iloc[0]
    return [
        *_incomplete(study, int(facts["replicates"])),
        *(_about_the_game(study, tables) if "against" in tables else []),
        *_labels(tables),
        *_money(study, tables),
    ]


def _incomplete(study: Study, whole: int) -> Iterator[str]:
    planned = study.replicates.n
    if whole < planned:
        yield (
            f"{whole} of {planned} replicates have every profile; the others are left out of the "
            "game, and count only in the payoffs of the profiles that they have."
        )
    if 1 < whole < ROUGH:
        yield f"With {whole} replicates the bootstrap is rough: raise replicates.n."


def _about_the_game(study: Study, tables: Tables) -> Iterator[str]:
    facts, form = tables["game"].iloc[0], form_of(study)
    if form.n > 2:
        yield "With more than two players only equilibria in pure strategies are looked for."
    elif facts["scope"] == "pure":
        yield (
            f"More than {nash.MAX_STRATEGIES} portfolios are left once dominated ones are gone: "
            "only equilibria in pure strategies were looked for."
        )
    if facts["degenerate"]:
        yield (
            "The game is degenerate: ties make equilibria that are not alone, and those listed are "
            "the ends of what there is. Portfolios that do the same, or nothing, make ties."
        )
    if not facts["steady"]:
        why = "too many profiles" if tables["ranks"].empty else "it does not settle as alpha grows"
        yield f"Alpha-rank is {'not computed' if tables['ranks'].empty else 'not final'}: {why}."
    fates = tables["fates"].drop_duplicates("fate")
    moving = fates[fates["kind"] == "moving"]
    if not moving.empty and moving.iloc[0]["share"] > 1 - SURE:
        yield (
            f"From {between(moving.iloc[0], 'share')} of the starts the replicator dynamics does "
            "not come to rest: it cycles, or is very slow."
        )


def _labels(tables: Tables) -> Iterator[str]:
    table = tables["labels"]
    odd = table[(table["p"] * len(table) < 0.01) & (table["mean"] > 0)]
    for _, row in odd.iterrows():
        yield (
            f"{row['player']} earns {formats.with_interval(row, 'CNY')} more than the average "
            "where all do the same, though only the name differs: more than luck explains."
        )


def _money(study: Study, tables: Tables) -> Iterator[str]:
    """Say which portfolios did not spend what they might have, or spent more."""
    allowed = spec_of(study).spend
    idle = profiles_of(study).idle
    if not allowed or not idle:
        return
    table = tables["spent"]
    parts = []
    for _, row in table.iterrows():
        keeps = row["portfolio"] in idle and spec_of(study).idle == "keep"
        if not keeps and abs(row["extra_mean"] / allowed - 1) > 0.1:
            who = "" if row["player"] == ANYBODY else f"{row['player']}: "
            share = percent(row["extra_mean"] / allowed)
            parts.append(f"{who}{row['portfolio']} {share}")
    if parts:
        yield (
            f"A budget is a ceiling, and does not limit coupons and discounts. Of the "
            f"{formats.compact(allowed)} CNY, portfolios spent more than {idle[0]}: "
            f"{', '.join(parts)}."
        )

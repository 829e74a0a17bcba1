"""What a tournament found, in sentences, and what a reader must know of it."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments import units
from experiments.kinds import Tables
from experiments.scales import Amount, scale
from experiments.spend import EQUAL
from experiments.statements import NOT_DECIDED, Estimate
from experiments.study import Study
from experiments.tournament import markets, nash
from experiments.tournament.played import ANYBODY, form_of, profiles_of, spec_of
from experiments.tournament.views import between, percent, played_in

SURE = 0.95
ROUGH = 10
"""With fewer replicates the bootstrap itself is rough."""
TOLD = 4
"""So many equilibria are told in words."""


def findings(study: Study, tables: Tables) -> list[str]:
    """Say what was spent, what survives, and what is not decided."""
    if "against" not in tables:
        return []
    said = [*_spending(study, tables), *_survivors(tables), _equilibria(tables)]
    return markets.findings(tables) + units.worded(study, said)


def _survivors(tables: Tables) -> Iterator[str]:
    for player, shares in tables["shares"].groupby("player", sort=False):
        start = "" if player == ANYBODY else f"{player}: "
        yield start + _survivor(shares)
        ranks = tables["ranks"]
        own = ranks[ranks["player"] == player]
        if not own.empty:
            yield start + _ranked(own)


def _survivor(shares: pd.DataFrame) -> str:
    """Say which portfolio survives best, if its interval is above that of every other."""
    ranked = shares.sort_values("mean", ascending=False, kind="stable")
    best, others = ranked.iloc[0], ranked.iloc[1:]
    close = others[~(others["high"] < best["low"])]
    if close.empty:
        return (
            f"{best['portfolio']} survives best: in the replicator dynamics it ends with "
            f"{_of(best)} of the population, averaged over all starts; the interval of every other "
            "portfolio lies below."
        )
    start = f"{NOT_DECIDED}: which portfolio survives best"
    most = f"{best['portfolio']} ends the replicator dynamics with the largest share, {_of(best)}"
    if pd.isna(best["low"]):
        return f"{start}. {most}, but one replicate gives no interval."
    overlap = ", ".join(f"{row['portfolio']} {_of(row)}" for _, row in close.iterrows())
    return f"{start}. {most}, but these intervals reach it: {overlap}."


def _ranked(ranks: pd.DataFrame) -> str:
    """Say which portfolio alpha-rank puts first, if nearly all resamples do."""
    first = ranks.iloc[int(ranks["mass"].argmax())]
    mass = f"the most of alpha-rank's mass, {percent(first['mass'])}"
    if pd.isna(first["first"]):
        return (
            f"{NOT_DECIDED}: which portfolio alpha-rank puts first. {first['portfolio']} has "
            f"{mass}, but one replicate gives no interval."
        )
    often = f"the first place in {percent(first['first'])} of the resamples"
    if first["first"] >= SURE:
        return f"{first['portfolio']} has {mass}, and {often}."
    return (
        f"{NOT_DECIDED}: which portfolio alpha-rank puts first. {first['portfolio']} has {mass}, "
        f"but {often} only."
    )


def _of(row: pd.Series) -> str:
    share = percent(row["mean"])
    if pd.isna(row["low"]):
        return share
    low, high = (percent(row[end]) for end in ("low", "high"))
    return f"{share} (95 % interval {low} to {high})"


def _equilibria(tables: Tables) -> str:
    """Say which equilibria there are, if nearly all resamples have the same."""
    facts = tables["game"].iloc[0]
    found = _listed(tables["equilibria"], facts)
    if not facts["solved"]:
        return (
            f"{NOT_DECIDED}: which equilibria the game has; one replicate cannot say how stable "
            f"they are. {found}"
        )
    kept = (
        f"in {percent(facts['same'])} of {facts['solved']:,} resamples of the "
        f"{facts['replicates']:,} replicates"
    )
    if facts["same"] >= SURE:
        return f"{found} The set of equilibria is the same {kept}."
    return (
        f"{NOT_DECIDED}: which equilibria the game has; the set is the same {kept} only. With the "
        f"mean payoffs: {found[0].lower()}{found[1:]} More replicates would tell."
    )


def _listed(table: pd.DataFrame, facts: Any) -> str:
    kind = "equilibrium" if facts["scope"] == "mixed" else "equilibrium in pure strategies"
    if table.empty:
        return f"There is no {kind}."
    number = table["equilibrium"].nunique()
    pure = table[table["kind"] == "pure"]
    told = table if number <= TOLD else pure
    groups = [rows for _, rows in told.groupby("equilibrium", sort=False)][:TOLD]
    each = [f"{played_in(rows)}{_share(rows.iloc[0]['share'])}" for rows in groups]
    if number > len(each):
        each.append(f"{number - len(each)} {'more' if each else 'mixed ones'}, see the table")
    words = f"is one {kind}" if number == 1 else f"are {number} {kind.replace('ium', 'ia')}"
    return f"There {words}: {'; '.join(each)}."


def _share(share: float) -> str:
    return "" if pd.isna(share) else f" (in {percent(share)} of the resamples)"


def _spending(study: Study, tables: Tables) -> Iterator[str]:
    """Say what portfolios with the same budget really spent."""
    allowed, idle = spec_of(study).spend, profiles_of(study).idle
    if not allowed:
        return
    table = tables["spent"]
    keeps = table["portfolio"].isin(idle) & (spec_of(study).idle == "keep")
    spent = table[~keeps]["extra_mean" if idle else "mean"]
    own = scale([Amount(x) for x in (*spent, allowed)], "CNY")
    parts = [
        f"{'' if row['player'] == ANYBODY else row['player'] + ': '}{row['portfolio']} "
        f"{own.number(x)}"
        for x, (_, row) in zip(spent, table[~keeps].iterrows(), strict=True)
    ]
    beyond = f" more than {idle[0]}" if idle else ""
    equal = spent.max() - spent.min() <= EQUAL * abs(spent.max())
    verdict = (
        f"These are equal within {100 * EQUAL:.0f} %."
        if equal
        else "Portfolios are therefore not compared at equal spend."
    )
    yield (
        f"Actual spend on customers over the run{beyond}, where each portfolio may spend "
        f"{own.with_unit(allowed)}: {', '.join(parts)} {own.unit}. {verdict}"
    )


# -- caveats --------------------------------------------------------------------------------------


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say what a reader must know."""
    facts = tables["game"].iloc[0]
    found = [
        *_incomplete(study, int(facts["replicates"])),
        *(_about_the_game(study, tables) if "against" in tables else []),
        *_labels(tables),
    ]
    return units.worded(study, found)


def _incomplete(study: Study, whole: int) -> Iterator[str]:
    planned = study.observations
    if whole < planned:
        yield (
            f"{whole} of {planned} replicates have every profile; the others are left out of the "
            "game, and count only in the payoffs of the profiles that they have."
        )
    if 1 < whole < ROUGH:
        more = "take more markets" if study.across else "raise replicates.n"
        yield f"With {whole} replicates the bootstrap is rough: {more}."


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
        more = Estimate(row["mean"], row["low"], row["high"], "CNY")
        yield (
            f"{row['player']} earns {more.size} ({more.interval()}) more than the average where "
            "all do the same, though only the name differs: more than luck explains."
        )

"""The tables of a tournament: what each portfolio earns against each, and what survives."""

import math
from typing import Any

import pandas as pd

from experiments import formats, units
from experiments.kinds import Tables
from experiments.scales import Amount, scale
from experiments.study import Study
from experiments.tabular import Head, Heads, Rows, View, amount, by_column, whole
from experiments.tournament import markets
from experiments.tournament.played import ANYBODY, form_of, profiles_of, reference, spec_of

READABLE = 6
"""A matrix of more portfolios is in the report only."""


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a tournament."""
    shown = [*_solved(study, tables)] if "against" in tables else []
    every = [*shown, _spent(study, tables), _profiles(study, tables)]
    titles = units.worded(study, [view.title for view in every])
    own = [view._replace(title=title) for view, title in zip(every, titles, strict=True)]
    return [*markets.views(tables), *own]


def _solved(study: Study, tables: Tables) -> list[View]:
    return [
        *_matrices(study, tables, "mean"),
        *_matrices(study, tables, "gain"),
        *_wins(study, tables),
        _survival(study, tables),
        _equilibria(study, tables),
        _fates(tables),
    ]


# -- matrices -------------------------------------------------------------------------------------


def whose(player: str, opponent: str = ANYBODY) -> str:
    """Return the words that tell whose matrix it is; none if all players are alike."""
    if player == ANYBODY:
        return ""
    return f", {player}" if opponent == ANYBODY else f", {player} against {opponent}"


def _matrices(study: Study, tables: Tables, key: str) -> list[View]:
    """Return what the row's portfolio earns, or gains over the reference, against the column's."""
    unit = spec_of(study).payoff.unit
    what = "earns" if key == "mean" else f"gains over {reference(study)}"
    low, high = ("low", "high") if key == "mean" else ("gain_low", "gain_high")
    rest = ", mean over what the others play" if form_of(study).n > 2 else ""
    found = []
    for (player, opponent), rows in _by_players(tables["against"]):
        title = f"What the row's portfolio {what} against the column's{whose(player, opponent)}"
        cells = {
            (row["portfolio"], row["against"]): amount(row, key, low, high)
            for row in rows.to_dict("records")
        }
        head = Head(title + rest, unit, key == "gain")
        found.append(_matrix(head, cells, ", ± 95 %"))
    return found


def _wins(study: Study, tables: Tables) -> list[View]:
    found = []
    for (player, opponent), rows in _by_players(tables["wins"]):
        title = "Share of replicates in which the row's portfolio earns more than the column's"
        places = zip(rows["portfolio"], rows["against"], strict=True)
        cells = dict(zip(places, (Amount(w) for w in rows["wins"]), strict=True))
        found.append(_matrix(Head(title + whose(player, opponent), "share"), cells))
    return found


def _by_players(table: pd.DataFrame) -> Any:
    return table.groupby(["player", "opponent"], sort=False)


def _matrix(head: Head, cells: dict[tuple[str, str], Amount], tail: str = "") -> View:
    rows, columns = (list(dict.fromkeys(place[k] for place in cells)) for k in (0, 1))
    body: Rows = [[a, *(cells[a, b] for b in columns)] for a in rows]
    return whole(head, ["", *columns], body, tail=tail, detail=len(columns) > READABLE)


# -- what survives --------------------------------------------------------------------------------


def percent(share: float) -> str:
    """Return a share as a whole percentage: resamples and starts tell no more."""
    return formats.NOTHING if math.isnan(share) else f"{100 * share:.0f} %"


def between(row: pd.Series, key: str = "mean") -> str:
    """Return a share with its percentile interval."""
    share = percent(row[key])
    if pd.isna(row["low"]):
        return share
    return f"{share} [{percent(row['low'])}, {percent(row['high'])}]"


def _survival(study: Study, tables: Tables) -> View:
    """Return what is left of each portfolio, by replicator dynamics and by alpha-rank."""
    ranks = tables["ranks"].set_index(["player", "portfolio"])
    played = tables["equilibria"]
    rows = []
    for _, row in tables["shares"].iterrows():
        place = (row["player"], row["portfolio"])
        ranked = ranks.loc[place] if place in ranks.index else None
        mine = played["portfolio"] == row["portfolio"]
        if row["player"] != ANYBODY:
            mine &= played["player"] == row["player"]
        number = played.loc[mine, "equilibrium"].nunique()
        rows.append(
            [
                row["portfolio"] if row["player"] == ANYBODY else f"{row['player']}: {place[1]}",
                between(row),
                formats.NOTHING if ranked is None else between(ranked, "mass"),
                formats.NOTHING if ranked is None else percent(ranked["first"]),
                f"{number} of {played['equilibrium'].nunique()}",
            ]
        )
    columns = [
        "",
        "share in the end (replicator), mean over starts [95 %]",
        "alpha-rank [95 %]",
        "ranks first in",
        "played in equilibria",
    ]
    return View("What survives", columns, rows)


def _equilibria(study: Study, tables: Tables) -> View:
    """Return who plays what in each equilibrium."""
    table = tables["equilibria"]
    own = scale(map(Amount, table["payoff"]), spec_of(study).payoff.unit)
    rows = []
    for k, rest in table.groupby("equilibrium", sort=False):
        first = rest.iloc[0]
        payoffs = rest.drop_duplicates("player")["payoff"]
        earned = payoffs.iloc[:1] if first["all_alike"] else payoffs
        rows.append(
            [
                str(k),
                played_in(rest),
                ", ".join(own.number(value) for value in earned),
                percent(first["share"]),
            ]
        )
    columns = ["", "who plays what", own.head("payoff"), "share of resamples that have it"]
    return View("Nash equilibria", columns, rows)


def played_in(rows: pd.DataFrame) -> str:
    """Return in words who plays what in an equilibrium, from its rows."""
    parts = {str(player): _mix(own) for player, own in rows.groupby("player", sort=False)}
    if rows.iloc[0]["all_alike"]:
        return f"all: {next(iter(parts.values()))}"
    return "; ".join(f"{player}: {mix}" for player, mix in parts.items())


def _mix(rows: pd.DataFrame, key: str = "chance") -> str:
    if len(rows) == 1:
        return str(rows.iloc[0]["portfolio"])
    return " + ".join(
        f"{formats.value(chance, 'share')} {name}"
        for name, chance in zip(rows["portfolio"], rows[key], strict=True)
    )


def _fates(tables: Tables) -> View:
    """Return what the replicator dynamics comes to, from how many of the starts."""
    words = {"point": "rests", "continuum": "rests, anywhere between", "moving": "still moves"}
    rows = []
    for _, own in tables["fates"].groupby("fate", sort=False):
        first = own.iloc[0]
        groups = own.groupby("player", sort=False)
        mixes = {str(player): _mix(mine, "mix") for player, mine in groups}
        text = "; ".join(m if p == ANYBODY else f"{p}: {m}" for p, m in mixes.items())
        rows.append([text, words[first["kind"]], between(first, "share")])
    columns = ["what is left", "how", "share of starts [95 %]"]
    return View("Where the replicator dynamics ends", columns, rows)


# -- money and profiles ---------------------------------------------------------------------------


def _spent(study: Study, tables: Tables) -> View:
    """Return what players with each portfolio really spent over the run."""
    allowed, idle = spec_of(study).spend, profiles_of(study).idle
    rows = []
    for _, row in tables["spent"].iterrows():
        who = (
            row["portfolio"] if row["player"] == ANYBODY else f"{row['player']}: {row['portfolio']}"
        )
        more = [amount(row, "extra_mean", "extra_low", "extra_high")] if idle else []
        rows.append([who, amount(row), *more])
    spent = Head("spent on customers", "CNY", group="spent")
    heads: Heads = ["", spent, *([spent._replace(name=f"more than {idle[0]}")] if idle else [])]
    limit = f"; each may spend {formats.compact(allowed)} CNY on its strategies" if allowed else ""
    return by_column(f"Spent over the run, mean over profiles, ± 95 %{limit}", heads, rows)


def _profiles(study: Study, tables: Tables) -> View:
    """Return what is earned in every profile, and what could be gained by deviating."""
    unit, table = spec_of(study).payoff.unit, tables["payoffs"]
    own_scale = scale((amount(row) for row in table.to_dict("records")), unit)
    solved = tables.get("profiles", pd.DataFrame({"profile": []})).to_dict("records")
    regrets = {row["profile"]: row for row in solved}
    rows = []
    for profile, own in table.groupby("profile", sort=False):
        earned = [
            f"{row['portfolio'] if row['player'] == ANYBODY else row['player']} "
            f"{own_scale.text(amount(row))}"
            for _, row in own.iterrows()
        ]
        known = regrets.get(profile)
        regret = Amount(known["regret"]) if known else formats.NOTHING
        share = percent(known["share"]) if known else formats.NOTHING
        rows.append([str(profile), "; ".join(earned), regret, share])
    heads: Heads = [
        "profile",
        own_scale.head("payoffs"),
        Head("most that one could gain by deviating", unit, True),
        "share of resamples in which it is an equilibrium",
    ]
    return by_column("Every profile, ± 95 %", heads, rows, detail=True)

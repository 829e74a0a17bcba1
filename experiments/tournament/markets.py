"""A tournament over an ensemble: in what share of markets a profile is an equilibrium.

The game that is solved is that of mean payoffs over markets. In a market a profile is an equilibrium
in pure strategies if nobody gains by deviating alone. What somebody would gain is known with error,
so gains are pulled toward their means over markets as effects of arms are (`experiments.between`).
"""

from typing import Any

import numpy as np
import pandas as pd

from experiments import gather
from experiments.across import ID
from experiments.between import ENOUGH, none_positive
from experiments.kinds import Tables
from experiments.store import Store
from experiments.study import Study
from experiments.tabular import Rows, View, by_column
from experiments.tournament.games import Floats, GameForm, Profile
from experiments.tournament.played import cubes, form_of, spec_of
from experiments.tournament.profiles import profile_name
from experiments.verdicts import VERDICTS, bounds, percent, verdict

COLUMNS = [
    "profile",
    "share",
    "share_low",
    "share_high",
    "effective",
    "markets",
    "verdict",
    "of_mean",
]
TOLD = 4
"""So many profiles are told in words."""
SHOWN = 12
"""So many profiles are in the table of the terminal."""
WORTH = 0.05
"""Bounds are computed for profiles that are equilibria in a larger share of markets."""


def tables(study: Study, store: Store, design: pd.DataFrame, profiles: pd.DataFrame) -> Tables:
    """Return table `over_markets`: by profile in what share of markets it is an equilibrium.

    Parameters
    ----------
    study, store, design
        The tournament and its runs.
    profiles
        The table of profiles of the mean game.
    """
    if study.across is None:
        return {}
    form = form_of(study)
    games, weights = _games(study, store, design)
    effective = float(weights.sum() ** 2 / np.sum(weights**2))
    of_mean = profiles.set_index("profile")["equilibrium"]
    rows: list[dict[str, Any]] = []
    for profile in form.profiles():
        name = profile_name(form, profile)
        gains = [_gains(form, own, profile) for own in games]
        share, low, high = none_positive(gains, weights, bounds=False)
        if share > WORTH or of_mean[name]:
            share, low, high = none_positive(gains, weights)
        decided = verdict(low, high, effective)
        ends = {"share": share, "share_low": low, "share_high": high, "effective": effective}
        rows.append(
            {"profile": name, **ends, "markets": len(games), "verdict": decided}
            | {"of_mean": bool(of_mean[name])}
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    order = ["of_mean", "share"]
    return {"over_markets": table.sort_values(order, ascending=False, kind="stable")}


def _games(study: Study, store: Store, design: pd.DataFrame) -> tuple[list[Floats], Floats]:
    """Return float64[replicates, player, s1, ..., sn] of each market that has a whole replicate."""
    over, form, column = study.across, form_of(study), spec_of(study).payoff.column
    assert over is not None
    found = gather.metrics(store, over.main(design), [column])
    names = [profile_name(form, profile) for profile in form.profiles()]
    places = pd.MultiIndex.from_product([names, form.players], names=["arm", "brand"])
    wide = found.pivot(index=[ID, "replicate"], columns=["arm", "brand"], values=column)
    wide = wide.reindex(columns=places).dropna()
    games, weights = [], []
    for one in over.of(over.shown):
        if one.member.id in wide.index.get_level_values(0):
            values = wide.loc[one.member.id].to_numpy(float).reshape(-1, len(names), form.n)
            games.append(cubes(form, values))
            weights.append(one.member.weight)
    return games, np.array(weights)


def _gains(form: GameForm, game: Floats, profile: Profile) -> Floats:
    """Return float64[replicates, deviations]: what each player gains by each deviation alone."""
    gains = [
        _paid(game, player, (*profile[:player], other, *profile[player + 1 :]))
        - _paid(game, player, profile)
        for player, mine in enumerate(profile)
        for other in range(form.shape[player])
        if other != mine
    ]
    return np.stack(gains, axis=1)


def _paid(game: Floats, player: int, profile: Profile) -> Floats:
    """Return float64[replicates]: what a player earns in a profile."""
    cell: Any = (slice(None), player, *profile)
    return np.asarray(game[cell])


def findings(tables: Tables) -> list[str]:
    """Say in what share of markets each equilibrium of the mean game is one."""
    table = tables.get("over_markets")
    if table is None or table.empty:
        return []
    n = int(table["markets"].iloc[0])
    few = bool((table["verdict"] == "few").any())
    own = table[table["of_mean"]].head(TOLD)
    best = table.sort_values("share", ascending=False, kind="stable").head(1)
    if own.empty:
        text = (
            "the game of mean payoffs has no equilibrium in pure strategies; in single markets the "
            f"most frequent is {_told(best.iloc[0], few)}"
        )
    else:
        each = "; ".join(_told(row, few) for _, row in own.iterrows())
        text = f"equilibria of the mean payoffs that are one in a market too: {each}"
    if few:
        return [
            f"Cannot decide: {n} markets, at least {ENOUGH} are needed. So far, as an estimate, {text}."
        ]
    return [f"Of {n} markets not ruled out, {text}."]


def _told(row: Any, few: bool) -> str:
    text = f"{row['profile']} in {percent(row['share'])}"
    return text if few else f"{text} ({bounds(row)}: {VERDICTS[row['verdict']]})"


def views(tables: Tables) -> list[View]:
    """Return in what share of markets profiles are equilibria; nothing of another study."""
    table = tables.get("over_markets")
    if table is None:
        return []
    shown = table[table["share_low"].notna()]
    rows: Rows = [
        [
            row["profile"],
            "yes" if row["of_mean"] else "no",
            percent(row["share"]),
            bounds(row),
            VERDICTS[row["verdict"]],
        ]
        for row in shown.head(SHOWN).to_dict("records")
    ]
    left = len(shown) - SHOWN
    note = f"{left} more are in the table `over_markets` on disk." if left > 0 else ""
    heads = ["profile", "of the mean payoffs", "share of markets", "95 % bounds", ""]
    return [by_column("Equilibria in pure strategies, over markets", list(heads), rows, note=note)]


def method(study: Study) -> list[str]:
    """Say how the numbers over markets come about; nothing of another study."""
    over = study.across
    if over is None:
        return []
    return [
        f"The tournament is played in {len(over.of(over.shown))} markets of the ensemble {over.name} "
        f"that its calibration does not rule out, {study.replicates.n} replicates each. The game is "
        "that of payoffs averaged over markets, each counted alike, and the bootstrap draws markets. "
        "In what share of markets a profile is an equilibrium is counted by weight, from gains of "
        "deviating that are pulled toward their means by the square root of the true share of their "
        "variance, which corrects for the error inside markets if gains are near to normal.",
    ]

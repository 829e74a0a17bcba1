"""From the runs on disk to the tables of a tournament's summary."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from experiments.intervals import Interval, interval, p_value
from experiments.kinds import Tables
from experiments.store import Store
from experiments.study import Study
from experiments.tournament import games, markets
from experiments.tournament.games import Floats, GameForm
from experiments.tournament.played import (
    ANYBODY,
    Played,
    cubes,
    form_of,
    played,
    populations,
    profiles_of,
    reference,
)
from experiments.tournament.profiles import profile_name
from experiments.tournament.solved import solved


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of a tournament's summary, by name."""
    form, found = form_of(study), played(study, store, design)
    whole = cubes(form, found.complete)
    out = {
        "payoffs": _payoffs(form, found),
        "spent": _spent(study, found),
        "labels": _labels(form, found.complete),
    }
    if len(whole):
        out |= {"against": _against(form, whole, reference(study)), "wins": _wins(form, whole)}
        out |= solved(form, whole, study.replicates.seed)
        out |= markets.tables(study, store, design, out["profiles"])
    else:
        out["game"] = pd.DataFrame([{"replicates": 0}])
    return out


# -- what was earned and spent --------------------------------------------------------------------


def _payoffs(form: GameForm, found: Played) -> pd.DataFrame:
    """Return what each player earned in each profile; of a symmetric game, what each portfolio did.

    Columns `profile`, `player`, `portfolio`, those of an interval over all replicates that have the
    run, and `game`, the mean over those that lack no run: what the game is made of.
    """
    rows = []
    whole = form.without_luck_of_names(found.complete) if form.symmetric else found.complete
    for k, profile in enumerate(form.profiles()):
        for player, mine in enumerate(profile):
            alike = [q for q, does in enumerate(profile) if does == mine]
            if form.symmetric and player != alike[0]:
                continue
            who = alike if form.symmetric else [player]
            rows.append(
                {
                    "profile": profile_name(form, profile),
                    "player": form.players[player] if not form.symmetric else ANYBODY,
                    "portfolio": form.strategies[player][mine],
                    **interval(found.earned[:, k, who].mean(axis=1))._asdict(),
                    "game": whole[:, k, who].mean() if len(whole) else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _spent(study: Study, found: Played) -> pd.DataFrame:
    """Return what players with each portfolio spent over the run, and more than the idle one.

    Means over all profiles of the others, alike; differences within replicate and profile.
    """
    form, known = form_of(study), profiles_of(study).idle
    idle = reference(study)
    cube = cubes(form, found.spent[found.whole])
    rows = []
    for player, name in populations(form):
        own = np.moveaxis(cube[:, player], 1 + player, 1)
        own = own.mean(axis=tuple(range(2, own.ndim)))
        names = form.strategies[player]
        for s, portfolio in enumerate(names):
            row = {"player": name, "portfolio": portfolio, **interval(own[:, s])._asdict()}
            if known:
                extra = interval(own[:, s] - own[:, names.index(idle)])
                row |= {f"extra_{k}": v for k, v in extra._asdict().items() if k != "n"}
            rows.append(row)
    return pd.DataFrame(rows)


def _labels(form: GameForm, values: Floats) -> pd.DataFrame:
    """Return, for a symmetric game, what each player earns more where all do the same.

    On average it should be nothing: players differ by their names alone.
    """
    columns = ["player", *Interval._fields, "p"]
    if not form.symmetric or not len(values):
        return pd.DataFrame(columns=columns)
    luck = (values - form.without_luck_of_names(values))[:, 0]
    rows = [
        {"player": name, **interval(own)._asdict(), "p": p_value(own)}
        for name, own in zip(form.players, luck.T, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def _pairs(form: GameForm) -> Iterator[tuple[int, int, str, str]]:
    """Yield who is held against whom, with their names."""
    if form.symmetric:
        yield 0, 1, ANYBODY, ANYBODY
        return
    for p, mine in enumerate(form.players):
        for q, theirs in enumerate(form.players):
            if p != q:
                yield p, q, mine, theirs


def _against(form: GameForm, whole: Floats, reference: str) -> pd.DataFrame:
    """Return what each portfolio earns against each of another player's, on average over the rest.

    Columns `player`, `portfolio`, `opponent`, `against`, those of an interval, and `gain`: how much
    more it is than what `reference` earns there, paired by replicate, with its interval.
    """
    rows = []
    for p, q, mine, theirs in _pairs(form):
        values = games.against(whole, form.n, p, q)
        gains = values - values[:, [form.strategies[p].index(reference)]]
        for (a, b), (i, j) in _cells(form, p, q):
            gain = interval(gains[:, i, j])
            rows.append(
                {"player": mine, "portfolio": a, "opponent": theirs, "against": b}
                | interval(values[:, i, j])._asdict()
                | {"gain": gain.mean, "gain_low": gain.low, "gain_high": gain.high}
            )
    return pd.DataFrame(rows)


def _wins(form: GameForm, whole: Floats) -> pd.DataFrame:
    """Return in which share of replicates a portfolio earns more than another beside it."""
    rows = []
    for p, q, mine, theirs in _pairs(form):
        shares = games.win_matrix(whole, form.n, p, q)
        for (a, b), cell in _cells(form, p, q):
            rows.append(
                {"player": mine, "portfolio": a, "opponent": theirs, "against": b}
                | {"wins": shares[cell], "n": len(whole)}
            )
    return pd.DataFrame(rows)


def _cells(form: GameForm, p: int, q: int) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    for i, a in enumerate(form.strategies[p]):
        for j, b in enumerate(form.strategies[q]):
            yield (a, b), (i, j)

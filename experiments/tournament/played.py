"""What the runs of a tournament have found, by replicate, profile and player."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments import units
from experiments.intervals import expected_half, interval
from experiments.scales import Amount, scale
from experiments.store import Store
from experiments.study import Study
from experiments.tournament.games import Floats, GameForm
from experiments.tournament.profiles import Profiles, TournamentStudy, profile_name

ANYBODY = "any"
"""Stands for the player where all are alike."""
SPENT = "spend"
"""The metric that says what a player really spent."""


@dataclass(frozen=True)
class Played:
    """What the runs of a tournament have found.

    Attributes
    ----------
    earned, spent : float64[replicate, profile, player]
        Payoffs and spending; NaN where a run is missing or a payoff is not defined.
    whole : bool[replicate]
        Which replicates lack nothing: only these make a game.
    """

    earned: Floats
    spent: Floats
    whole: np.ndarray

    @property
    def complete(self) -> Floats:
        """Payoffs of the replicates that lack nothing, float64[replicate, profile, player]."""
        return self.earned[self.whole]


def profiles_of(study: Study) -> Profiles:
    """Return the markets of a tournament."""
    assert isinstance(study.points, Profiles)
    return study.points


def form_of(study: Study) -> GameForm:
    """Return the game that a tournament plays."""
    return profiles_of(study).form


def spec_of(study: Study) -> TournamentStudy:
    """Return the file of a tournament."""
    assert isinstance(study.spec, TournamentStudy)
    return study.spec


def reference(study: Study) -> str:
    """Return the portfolio that others are held against: the first idle one, or the first."""
    profiles = profiles_of(study)
    return profiles.idle[0] if profiles.idle else profiles.form.strategies[0][0]


def played(study: Study, store: Store, design: pd.DataFrame) -> Played:
    """Return what the runs have found; of a symmetric game, less the luck of names."""
    form, column = form_of(study), spec_of(study).payoff.column
    design = study.across.main(design) if study.across else design
    found = units.metrics(store, design, [column, SPENT])
    names = [profile_name(form, profile) for profile in form.profiles()]
    places = pd.MultiIndex.from_product([names, form.players], names=["arm", "brand"])

    def grid(name: str) -> Floats:
        wide = found.pivot(index="replicate", columns=["arm", "brand"], values=name)
        wide = wide.reindex(columns=places, index=range(study.observations))
        return wide.to_numpy(float).reshape(-1, len(names), form.n)

    earned, spent = grid(column), grid(SPENT)
    whole = np.isfinite(earned).all(axis=(1, 2))
    return Played(earned, spent, np.asarray(whole))


def cubes(form: GameForm, values: Floats) -> Floats:
    """Return payoffs of all profiles by replicate, float64[replicate, player, s1, ..., sn]."""
    return form.cube(form.without_luck_of_names(values) if form.symmetric else values)


def populations(form: GameForm) -> Iterator[tuple[int, str]]:
    """Yield the players whose results differ by more than their names; a symmetric game has one."""
    if form.symmetric:
        yield 0, ANYBODY
    else:
        yield from enumerate(form.players)


def precision(study: Study, store: Store, design: pd.DataFrame) -> list[str]:
    """Say how wide the intervals of the gains from deviating will be, from what is there."""
    form = form_of(study)
    found = played(study, store, design)
    whole = cubes(form, found.complete)
    if len(whole) < 2:
        return ["Too few whole replicates in the pilot to say how precise the game will be."]
    gains = [
        own[:, [s]] - own[:, :s]
        for player, _ in populations(form)
        for own in [np.moveaxis(whole[:, player], 1 + player, 1)]
        for s in range(1, form.shape[player])
    ]
    every = np.concatenate([gain.reshape(len(whole), -1) for gain in gains], axis=1)
    halves = np.array([interval(column).half for column in every.T])
    half = expected_half(float(np.median(halves)), len(whole), study.observations)
    size = float(np.median(np.abs(every.mean(axis=0))))
    each = "markets" if study.across else "replicates"
    own = scale([Amount(size, half)], spec_of(study).payoff.unit, change=True)
    return [
        f"With {study.observations} {each} expect what a player gains by changing its "
        f"portfolio within ± {own.with_unit(half)} (median over profiles; from {len(whole)} "
        f"{each}, in which it is {own.with_unit(size)})."
    ]

"""How sure is a game's solution? Its payoffs come from noisy replicates, so these are resampled.

Whole replicates are drawn with replacement (Efron's bootstrap): all profiles of a replicate share
their luck, and keep sharing it. The game of each resample is solved anew. What is rare among the
resamples should not be believed, and what is not in them at all may still be true: with few
replicates the bootstrap itself is rough.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.tournament import alpharank, nash, replicator
from experiments.tournament.games import Floats, GameForm

LEVEL = 0.95
RESAMPLES = 1000
SOLVED = {6: 400, 8: 100, 10: 20, 12: 5}
"""Of how many resamples mixed equilibria are found, by the most strategies a player may have."""
FEWEST = 20
"""Fewer resamples than this make no interval."""


@dataclass(frozen=True)
class Bounds:
    """Percentile intervals of some quantities.

    Attributes
    ----------
    low, high : float64[...]
        NaN where there were too few resamples.
    """

    low: Floats
    high: Floats

    @classmethod
    def of(cls, resampled: Floats) -> "Bounds":
        """Return the intervals of `resampled`, float64[resample, ...]."""
        if len(resampled) < FEWEST:
            nothing = np.full(resampled.shape[1:], np.nan)
            return cls(nothing, nothing)
        low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        return cls(low, high)


@dataclass(frozen=True)
class Equilibria:
    """How often resamples have the equilibria that the means have.

    Attributes
    ----------
    pure : float64[s1, ..., sn]
        For each profile, in which share of the resamples it is an equilibrium.
    same_pure
        Share of the resamples whose set of pure equilibria is that of the means.
    supports
        For each equilibrium of the means, in which share of the resamples there is one in which
        everybody plays the same strategies, with whatever chances.
    same
        Share of the resamples that have an equilibrium with each of these supports and no other.
    solved
        How many resamples `supports` and `same` are shares of.
    """

    pure: Floats
    same_pure: float
    supports: tuple[float, ...]
    same: float
    solved: int


@dataclass(frozen=True)
class Ranks:
    """How alpha-rank varies over the resamples.

    Attributes
    ----------
    mass : list of Bounds
        Of the mass of each strategy, for each population.
    first : list of float64[strategy]
        For each population, in which share of the resamples each strategy has the most mass.
    resamples
        How many there were.
    """

    mass: list[Bounds]
    first: list[Floats]
    resamples: int


@dataclass(frozen=True)
class Flows:
    """How the replicator dynamics varies over the resamples.

    Attributes
    ----------
    fates : Bounds
        Of the shares of the fates given, float64[fate].
    final : list of Bounds
        Of the share that each strategy ends with, on average over starts, for each population.
    resamples
        How many there were.
    """

    fates: Bounds
    final: list[Bounds]
    resamples: int


def _unknown(k: int) -> Bounds:
    return Bounds(np.full(k, np.nan), np.full(k, np.nan))


def resample(cubes: Floats, n: int, seed: int) -> Floats:
    """Return the mean payoffs of resamples of the replicates.

    Parameters
    ----------
    cubes : float64[replicate, player, s1, ..., sn]
    n
        How many resamples.
    seed
        Of the lottery.

    Returns
    -------
    float64[n, player, s1, ..., sn]
    """
    replicates = len(cubes)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(replicates, np.full(replicates, 1 / replicates), size=n)
    return np.tensordot(counts / replicates, cubes, axes=1)


def equilibria(games: Floats, form: GameForm, solution: nash.Solution) -> Equilibria:
    """Return how often resampled games have the equilibria of the means.

    Parameters
    ----------
    games : float64[resample, player, s1, ..., sn]
    form
        The game.
    solution
        The equilibria of the means.
    """
    if not len(games):
        unknown = (float("nan"),) * len(solution.equilibria)
        return Equilibria(np.full(form.shape, np.nan), float("nan"), unknown, float("nan"), 0)
    pure = nash.pure_equilibria(games, form.n)
    expected = np.zeros(form.shape, bool)
    for one in solution.equilibria:
        if one.pure:
            expected[tuple(played[0] for played in one.support)] = True
    often = pure.mean(axis=0)
    same_pure = float((pure == expected).reshape(len(games), -1).all(axis=1).mean())
    known = [one.support for one in solution.equilibria]
    few = games[: affordable(form)] if solution.scope == "mixed" else games[:0]
    found = [{e.support for e in nash.solve(g, form.n, form.symmetric).equilibria} for g in few]
    if not found:  # only pure ones were looked for, and they are counted already
        shares = tuple(float(often[tuple(s[0] for s in one)]) for one in known)
        return Equilibria(often, same_pure, shares, same_pure, len(games))
    return Equilibria(
        pure=often,
        same_pure=same_pure,
        supports=tuple(float(np.mean([one in these for these in found])) for one in known),
        same=float(np.mean([these == set(known) for these in found])),
        solved=len(found),
    )


def affordable(form: GameForm) -> int:
    """Return of how many resamples mixed equilibria can be found in some seconds."""
    return next((n for most, n in SOLVED.items() if max(form.shape) <= most), 1)


def ranks(games: Floats, form: GameForm, alpha: float) -> Ranks:
    """Return how alpha-rank varies over resampled games.

    Parameters
    ----------
    games : float64[resample, player, s1, ..., sn]
    form
        The game.
    alpha
        The intensity, per unit of each game's spread.
    """
    if not len(games):
        sizes = replicator.populations(form)
        return Ranks([_unknown(k) for k in sizes], [np.full(k, np.nan) for k in sizes], 0)
    states = form.shape[0] if form.symmetric else int(np.prod(form.shape))
    some = scaled(games[: 400_000_000 // states**3], form)
    masses = alpharank.by_strategy(alpharank.masses(some, form, alpha), form)
    return Ranks([Bounds.of(mass) for mass in masses], [_first(mass) for mass in masses], len(some))


def _first(mass: Floats) -> Floats:
    """Return how often each strategy has the most mass; those that tie share."""
    best = mass >= mass.max(axis=-1, keepdims=True) - alpharank.STEADY
    return np.asarray((best / best.sum(axis=-1, keepdims=True)).mean(axis=0))


def flows(games: Floats, form: GameForm, fates: Sequence[replicator.Fate]) -> Flows:
    """Return how the replicator dynamics varies over resampled games.

    Parameters
    ----------
    games : float64[resample, player, s1, ..., sn]
    form
        The game.
    fates
        Those whose shares are asked for.
    """
    sizes = replicator.populations(form)
    if not len(games):
        return Flows(_unknown(len(fates)), [_unknown(k) for k in sizes], 0)
    each = replicator.STARTS  # as for the means: else the two could not be compared
    affordable = np.clip(400_000 // (each * games[0].size), FEWEST, 200)
    some = scaled(games[:affordable], form)
    begin = [np.tile(mix, (len(some), 1)) for mix in replicator.starts(sizes)]
    ends = replicator.settle(np.repeat(some, each, axis=0), begin, form.n)
    shape = (len(some), each, -1)
    present = np.concatenate(ends.present, axis=1)
    shares = [_share(ends.arrived, present, fate, sizes).reshape(shape[:2]) for fate in fates]
    return Flows(
        fates=Bounds.of(np.stack(shares, axis=-1).mean(axis=1)),
        final=[Bounds.of(mix.reshape(shape).mean(axis=1)) for mix in ends.mix],
        resamples=len(some),
    )


def _share(
    arrived: np.ndarray, present: np.ndarray, fate: replicator.Fate, sizes: Sequence[int]
) -> np.ndarray:
    """Tell which flows have a fate; moving ones need not move among the same strategies."""
    if fate.kind == "moving":
        return ~arrived
    left = [np.isin(range(k), who) for k, who in zip(sizes, fate.survivors, strict=True)]
    return np.asarray(arrived & (present == np.concatenate(left)).all(axis=1))


def scaled(games: Floats, form: GameForm) -> Floats:
    """Return games in units of each one's spread, see `games.spread`."""
    flat = games.reshape(len(games), form.n, -1)
    units = np.ptp(flat, axis=-1).max(axis=-1)
    units[units == 0] = 1.0
    return games / units.reshape(-1, *(1,) * (form.n + 1))

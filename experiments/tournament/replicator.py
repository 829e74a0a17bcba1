"""Replicator dynamics: strategies spread as far as they earn more than the average.

    dx_i/dt = x_i (f_i(x) - sum_j x_j f_j(x))

for the share x_i of strategy i, which earns f_i(x) against opponents drawn from the population
(Taylor and Jonker 1978). In a symmetric game there is one population; otherwise each player has
its own (Taylor 1979). Integrated as dy_i/dt = f_i(x) with x = softmax(y), which is the same flow,
and in which no share ever becomes negative or zero.

What a flow that starts with every strategy present converges to is an equilibrium of the game
(Hofbauer and Sigmund 2003, Evolutionary game dynamics, theorem 1): that is how arriving is told
from passing slowly by a point of rest. Time is in units of 1 / (spread of the payoffs).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import softmax
from scipy.stats import qmc

from experiments.tournament.games import Floats, GameForm, Profile, spread
from experiments.tournament.nash import expected

ARRIVED = 1e-5
"""Where nobody could gain more than this by choosing better, in units of the game's spread, flows
are taken to have arrived."""
PRESENT = 1e-3
"""A share below this is of a strategy that is dying out."""
STAGES = (16.0, 64.0, 256.0, 1024.0)
"""When to look who has arrived. Who has not by the last is said to be moving still."""
STARTS = 64
"""From how many places flows are followed."""
MOMENTS = 128
"""How often to look at those that are moving."""
SCATTERED = 0.05
"""Places of rest further apart than this are not one place."""

Kind = Literal["point", "continuum", "moving"]


@dataclass(frozen=True)
class Fate:
    """What becomes of some of the flows.

    Attributes
    ----------
    survivors
        For each population, which strategies are left.
    mix : tuple of float64[strategy]
        For each population, the mean of the places where flows came to rest; of those that move,
        the mean over time.
    share
        How many of the flows, of one.
    kind
        `"point"`: they come to rest in one place; `"continuum"`: in many, along which payoffs are
        equal; `"moving"`: they cycle, or are very slow.
    """

    survivors: tuple[Profile, ...]
    mix: tuple[Floats, ...]
    share: float
    kind: Kind


@dataclass(frozen=True)
class Ends:
    """Where flows ended.

    Attributes
    ----------
    arrived : bool[case]
        Which came to rest.
    mix : list of float64[case, strategy]
        For each population, where; of those that move, the mean over time.
    present : list of bool[case, strategy]
        Which strategies are left; of those that move, which come back from time to time.
    """

    arrived: NDArray[np.bool_]
    mix: list[Floats]
    present: list[NDArray[np.bool_]]


def populations(form: GameForm) -> tuple[int, ...]:
    """Return how many strategies each population has: one population in a symmetric game."""
    return form.shape[:1] if form.symmetric else form.shape


def starts(sizes: Sequence[int], n: int = STARTS) -> list[Floats]:
    """Return mixes spread evenly over all that there are; always the same ones.

    Parameters
    ----------
    sizes
        Number of strategies of each population.
    n
        How many mixes; a power of two keeps them even.

    Returns
    -------
    list of float64[n, strategy]
        One array for each population.
    """
    free = [k - 1 for k in sizes]
    rng = np.random.default_rng(0)
    points = qmc.Sobol(sum(free), rng=rng).random(n) if sum(free) else np.empty((n, 0))
    return [_on_simplex(part) for part in np.split(points, np.cumsum(free)[:-1], axis=1)]


def _on_simplex(points: Floats) -> Floats:
    """Map even points of a cube to even points of a simplex, by breaking a stick.

    Of k shares that are uniform on the simplex, the first has the distribution Beta(1, k - 1), and
    the others divide the rest in the same way.

    Parameters
    ----------
    points : float64[n, k - 1]

    Returns
    -------
    float64[n, k]
        All above zero.
    """
    n, free = points.shape
    left = np.ones(n)
    mix = np.empty((n, free + 1))
    for j in range(free):
        part = np.clip(1 - (1 - points[:, j]) ** (1 / (free - j)), 1e-9, 1 - 1e-9)
        mix[:, j] = left * part
        left = left * (1 - part)
    mix[:, free] = left
    return mix


def fitness(payoffs: Floats, mixes: Sequence[Floats], players: int) -> list[Floats]:
    """Return what each strategy earns while opponents are drawn from the populations.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]
    mixes : sequence of float64[..., strategy]
        One population, or one for each player.
    players
        How many there are.

    Returns
    -------
    list of float64[..., strategy]
        One array for each population.
    """
    everybody = list(mixes) * players if len(mixes) == 1 else list(mixes)
    return [expected(payoffs, everybody, player) for player in range(len(mixes))]


def velocity(payoffs: Floats, mixes: Sequence[Floats], players: int) -> list[Floats]:
    """Return how fast the shares change, float64[..., strategy] for each population."""
    earned = fitness(payoffs, mixes, players)
    return [
        x * (f - (x * f).sum(axis=-1, keepdims=True)) for x, f in zip(mixes, earned, strict=True)
    ]


def flow(
    payoffs: Floats, mixes: Sequence[Floats], players: int, times: Floats
) -> list[NDArray[np.float64]]:
    """Return how shares develop.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]
        Measured in units of the spread, if time is to be.
    mixes : sequence of float64[..., strategy]
        Where flows start, all strategies present; axes in front as those of `payoffs`.
    players
        How many there are.
    times : float64[time]
        When to look, from 0 on.

    Returns
    -------
    list of float64[time, ..., strategy]
    """
    shapes = [mix.shape for mix in mixes]
    ends = np.cumsum([mix.size for mix in mixes])[:-1]

    def parts(flat: Floats) -> list[Floats]:
        cut = np.split(flat, ends)
        return [softmax(y.reshape(s), axis=-1) for y, s in zip(cut, shapes, strict=True)]

    def slope(_: float, flat: Floats) -> Floats:
        earned = fitness(payoffs, parts(flat), players)
        # Less the mean, so that numbers stay small; a softmax does not notice.
        return np.concatenate([(f - f.mean(axis=-1, keepdims=True)).ravel() for f in earned])

    start = np.concatenate([np.log(mix).ravel() for mix in mixes])
    solved = solve_ivp(slope, (0.0, times[-1]), start, t_eval=times, rtol=1e-6, atol=1e-6)
    seen = [parts(state) for state in solved.y.T]
    return [np.stack([moment[k] for moment in seen]) for k in range(len(mixes))]


def settle(
    payoffs: Floats, mixes: Sequence[Floats], players: int, stages: Sequence[float] = STAGES
) -> Ends:
    """Follow flows until they arrive, or to the end of the last stage.

    Parameters
    ----------
    payoffs : float64[case, player, s1, ..., sn]
        Each case's own, in units of the spread.
    mixes : sequence of float64[case, strategy]
        Where flows start.
    players
        How many there are.
    stages
        When to look who has arrived.
    """
    place = [mix.copy() for mix in mixes]
    highest = [mix.copy() for mix in mixes]
    arrived = np.zeros(len(payoffs), bool)
    for begin, end in pairwise((0.0, *stages)):
        rest = np.flatnonzero(~arrived)
        if not rest.size:
            break
        last = end == stages[-1]
        times = np.linspace(0, end - begin, MOMENTS)[MOMENTS // 2 :] if last else [end - begin]
        paths = flow(payoffs[rest], [mix[rest] for mix in place], players, np.asarray(times))
        done = _at_rest(payoffs[rest], [path[-1] for path in paths], players)
        arrived[rest] = done
        for mix, high, path in zip(place, highest, paths, strict=True):
            mix[rest] = np.where(done[:, None], path[-1], path.mean(axis=0))
            mix[rest] = np.maximum(mix[rest], np.finfo(float).tiny)
            high[rest] = np.where(done[:, None], path[-1], path.max(axis=0))
    return Ends(arrived, place, [high > PRESENT for high in highest])


def _at_rest(payoffs: Floats, mixes: list[Floats], players: int) -> NDArray[np.bool_]:
    earned = fitness(payoffs, mixes, players)
    gains = [f.max(axis=-1) - (x * f).sum(axis=-1) for x, f in zip(mixes, earned, strict=True)]
    return np.asarray(np.max(gains, axis=0) <= ARRIVED)


def fates(payoffs: Floats, form: GameForm, n: int = STARTS) -> list[Fate]:
    """Return what flows come to, the most frequent first, and from how many of the starts.

    Parameters
    ----------
    payoffs : float64[player, s1, ..., sn]
    form
        The game.
    n
        Number of starts, spread evenly; a power of two.
    """
    scaled = payoffs / spread(payoffs, form.n)
    begin = starts(populations(form), n)
    ends = settle(np.broadcast_to(scaled, (n, *scaled.shape)), begin, form.n)
    return sorted(_sorted_out(ends, populations(form)), key=lambda fate: -fate.share)


def _sorted_out(ends: Ends, sizes: Sequence[int]) -> Iterator[Fate]:
    left = np.concatenate(ends.present, axis=1)
    for pattern in np.unique(left[ends.arrived], axis=0):
        there = ends.arrived & (left == pattern).all(axis=1)
        own = [mix[there] for mix in ends.mix]
        scattered = max(float(np.ptp(mix, axis=0).max()) for mix in own) > SCATTERED
        yield _fate(own, split(pattern, sizes), there, "continuum" if scattered else "point")
    if not ends.arrived.all():
        moving = ~ends.arrived
        back = left[moving].mean(axis=0) > PRESENT
        yield _fate([mix[moving] for mix in ends.mix], split(back, sizes), moving, "moving")


def _fate(
    mixes: list[Floats], survivors: tuple[Profile, ...], whose: NDArray[np.bool_], kind: Kind
) -> Fate:
    mean = tuple(mix.mean(axis=0) for mix in mixes)
    return Fate(survivors, mean, float(whose.mean()), kind)


def split(present: NDArray[np.bool_], sizes: Sequence[int]) -> tuple[Profile, ...]:
    """Return which strategies are present in each population, from flags of all in a row."""
    parts = np.split(present, np.cumsum(sizes)[:-1])
    return tuple(tuple(map(int, np.flatnonzero(part))) for part in parts)

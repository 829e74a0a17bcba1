"""Points drawn evenly from what is not ruled out, however little of the space that is.

First by rejection: batches of a Sobol' sequence, of which the points not ruled out are kept. If too
few are found, by levels: a population of points is led from the whole space through regions that
are less and less implausible, each about a quarter of the one before, and moved about evenly inside
each (subset simulation: Au and Beck 2001, Probabilistic Engineering Mechanics 16, 263-277; moves:
slice sampling along lines, Neal 2003, Annals of Statistics 31, 705-767, exact for an even
distribution on a set). The quarters multiplied give the share of the space that is left.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from experiments.calibrate.matching import History
from experiments.libraries import one_thread

Matrix = NDArray[np.float64]
Snap = Callable[[Matrix], Matrix]
BATCH = 1 << 13
BATCHES = 16
"""So many batches are tried before a population is led there."""
POPULATION = 256
SWEEPS = 6
"""Moves of every point at each level."""
KEPT = 0.25
"""Share of a population that a level keeps."""
LEVELS = 40
STILL = 0.003
"""A level that falls by less than this share, three times in a row, falls no more."""
SHRINKS = 40


@dataclass(frozen=True)
class Drawn:
    """Points from what is not ruled out.

    Attributes
    ----------
    unit : float64[points, inputs]
    share
        Share of the space that is not ruled out, as estimated; 0 if nothing was found.
    level
        Largest implausibility over its cutoff that the points may have: 1, or more if no point
        with less was found.
    how
        `rejection` or `levels`.
    """

    unit: Matrix
    share: float
    level: float
    how: str

    @property
    def empty(self) -> bool:
        """Whether all of the space is ruled out."""
        return self.level > 1


def as_they_are(unit: Matrix) -> Matrix:
    """Return points as they are."""
    return unit


def draw(history: History, n: int, inputs: int, seed: int, snap: Snap = as_they_are) -> Drawn:
    """Return `n` points from what is not ruled out; if nothing is left, from what is least so.

    Parameters
    ----------
    history
        The waves so far.
    n
        How many points.
    inputs
        How many coordinates they have.
    seed
        Of the draws.
    snap
        From points to those that markets can have: the middles of values that can be counted.
    """
    with one_thread():
        sequence = qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng([seed, 0]))
        kept, tried = [], 0
        for _ in range(BATCHES):
            batch = snap(sequence.random(BATCH))
            tried += BATCH
            kept.append(batch[history.keeps(batch)])
            if sum(map(len, kept)) >= n:
                break
        found = np.concatenate(kept)
        if len(found) >= n:
            return Drawn(found[:n], len(found) / tried, 1.0, "rejection")
        return _by_levels(history, n, inputs, seed, snap)


def _by_levels(history: History, n: int, inputs: int, seed: int, snap: Snap) -> Drawn:
    rng = np.random.default_rng([seed, 1])
    size = max(n, POPULATION)
    start = qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng([seed, 2])).random(BATCH)
    level_of = _memory(history, snap)
    levels = level_of(start)
    points, share, level, still = start, 1.0, np.inf, 0
    for _ in range(LEVELS):
        wanted = float(np.quantile(levels, KEPT))
        new = max(1.0, wanted)
        if new >= level * (1 - STILL) and new > 1:
            still += 1
            if still == 3:
                break
        else:
            still = 0
        inside = levels <= new
        share *= float(inside.mean())
        level = new
        points = points[inside][rng.integers(int(inside.sum()), size=size)]
        points = _moved(history, points, level, rng, snap)
        levels = level_of(points)
        if level <= 1:
            break
    for _ in range(2 if level <= 1 else 0):
        points = _moved(history, points, level, rng, snap)
    return Drawn(snap(points[:n]), share if level <= 1 else 0.0, level, "levels")


def _memory(history: History, snap: Snap) -> Callable[[Matrix], NDArray[np.float64]]:
    return lambda unit: history.level(snap(unit))


def _moved(
    history: History, points: Matrix, level: float, rng: np.random.Generator, snap: Snap
) -> Matrix:
    """Return points moved about evenly where the level is at most `level`."""
    for _ in range(SWEEPS):
        points = _slice(history, points, level, _directions(points, rng), rng, snap)
    return points


def _directions(points: Matrix, rng: np.random.Generator) -> Matrix:
    """Return a direction for each point: along an input, or as two others of them differ."""
    n, inputs = points.shape
    axis = np.eye(inputs)[rng.integers(inputs, size=n)]
    pairs = points[rng.integers(n, size=n)] - points[rng.integers(n, size=n)]
    use = (rng.random(n) < 0.5) & (np.abs(pairs).max(axis=1) > 1e-9)
    return np.where(use[:, None], pairs, axis)


def _slice(
    history: History,
    points: Matrix,
    level: float,
    direction: Matrix,
    rng: np.random.Generator,
    snap: Snap,
) -> Matrix:
    """Move each point to an even draw on its line through the set, shrinking as it misses."""
    with np.errstate(divide="ignore", invalid="ignore"):
        to_zero, to_one = -points / direction, (1 - points) / direction
    moving = np.abs(direction) > 1e-12
    low = np.where(moving, np.minimum(to_zero, to_one), -np.inf).max(axis=1)
    high = np.where(moving, np.maximum(to_zero, to_one), np.inf).min(axis=1)
    out, open_ = points.copy(), np.arange(len(points))
    for _ in range(SHRINKS):
        step = low[open_] + rng.random(len(open_)) * (high[open_] - low[open_])
        tried = np.clip(points[open_] + step[:, None] * direction[open_], 0.0, 1.0)
        fits = history.keeps(snap(tried), level)
        out[open_[fits]] = tried[fits]
        missed = open_[~fits]
        step = step[~fits]
        low[missed] = np.where(step < 0, step, low[missed])
        high[missed] = np.where(step >= 0, step, high[missed])
        open_ = missed
        if not len(open_):
            break
    return out

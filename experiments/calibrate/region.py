"""Points drawn evenly from what is not ruled out, however little of the space that is.

First by rejection: batches of a Sobol' sequence, of which the points not ruled out are kept. If too
few are found, by levels: a population of points is led through regions that are less and less
implausible, each about a quarter of the one before, and moved about evenly inside each (subset
simulation: Au and Beck 2001, Probabilistic Engineering Mechanics 16, 263-277; moves: slice sampling
along lines, Neal 2003, Annals of Statistics 31, 705-767, exact for an even distribution on a set).
The quarters multiplied give the share of the space that is left. The population begins with the
points of the last wave, which are spread over what the waves before it had left, or else with
points spread over the whole space.
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
BATCH = 1 << 12
BATCHES = 32
"""So many batches are tried before a population is led there."""
FIRST = 2
"""After so many it is asked whether that many will do."""
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


def draw(
    history: History,
    n: int,
    inputs: int,
    seed: int,
    snap: Snap = as_they_are,
    before: Drawn | None = None,
) -> Drawn:
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
    before
        The points of the last wave, if there was one before it.
    """
    with one_thread():
        if before is None or before.share > n / (BATCH * BATCHES):
            found = _by_rejection(history, n, inputs, seed, snap)
            if found is not None:
                return found
        return _Levels(history, snap, seed, before).draw(n, inputs)


def _by_rejection(history: History, n: int, inputs: int, seed: int, snap: Snap) -> Drawn | None:
    """Return points that are kept of those spread over the space, if there are enough."""
    sequence = qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng([seed, 0]))
    kept: list[Matrix] = []
    for k in range(1, BATCHES + 1):
        batch = snap(sequence.random(BATCH))
        kept.append(batch[history.keeps(batch)])
        number = sum(map(len, kept))
        if number >= n:
            return Drawn(np.concatenate(kept)[:n], number / (BATCH * k), 1.0, "rejection")
        if k >= FIRST and number * BATCHES < n * k:
            break
    return None


@dataclass
class _Levels:
    """A population that is led to what is not ruled out."""

    history: History
    snap: Snap
    seed: int
    before: Drawn | None

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng([self.seed, 1])
        if self.before is not None and self.before.empty:
            self.before = None
        # Where the waves before the last have left something, it is not gone out of again.
        self.cap = None if self.before is None else 1.0

    def draw(self, n: int, inputs: int) -> Drawn:
        """Return `n` points."""
        size = max(n, POPULATION)
        points, share = self._spread(inputs), 1.0
        if self.before is not None:
            points, share = self.before.unit, self.before.share
        levels, level, still = self._level(points), np.inf, 0
        for _ in range(LEVELS):
            new = max(1.0, float(np.quantile(levels, KEPT)))
            still = still + 1 if new > 1 and new >= level * (1 - STILL) else 0
            if still == 3:
                break
            inside = levels <= new
            share *= float(inside.mean())
            level = new
            points = points[inside][self.rng.integers(int(inside.sum()), size=size)]
            points = self._moved(points, level)
            if level <= 1:
                break
            levels = self._level(points)
        if level <= 1:
            points = self._moved(points, level)
        return Drawn(self.snap(points[:n]), share if level <= 1 else 0.0, float(level), "levels")

    def _spread(self, inputs: int) -> Matrix:
        rng = np.random.default_rng([self.seed, 2])
        return np.asarray(qmc.Sobol(inputs, scramble=True, rng=rng).random(BATCH))

    def _level(self, unit: Matrix) -> NDArray[np.float64]:
        return self.history.level(self.snap(unit), np.inf if self.cap is None else self.cap)

    def _moved(self, points: Matrix, level: float) -> Matrix:
        """Return points moved about evenly where the level is at most `level`."""
        for _ in range(SWEEPS):
            points = self._slice(points, self._directions(points), level)
        return points

    def _directions(self, points: Matrix) -> Matrix:
        """Return a direction for each point: along an input, or as two others of them differ."""
        n, inputs = points.shape
        axis = np.eye(inputs)[self.rng.integers(inputs, size=n)]
        pairs = points[self.rng.integers(n, size=n)] - points[self.rng.integers(n, size=n)]
        use = (self.rng.random(n) < 0.5) & (np.abs(pairs).max(axis=1) > 1e-9)
        return np.where(use[:, None], pairs, axis)

    def _slice(self, points: Matrix, direction: Matrix, level: float) -> Matrix:
        """Move each point to an even draw on its line through the set, shrinking as it misses."""
        with np.errstate(divide="ignore", invalid="ignore"):
            to_zero, to_one = -points / direction, (1 - points) / direction
        moving = np.abs(direction) > 1e-12
        low = np.where(moving, np.minimum(to_zero, to_one), -np.inf).max(axis=1)
        high = np.where(moving, np.maximum(to_zero, to_one), np.inf).min(axis=1)
        out, left = points.copy(), np.arange(len(points))
        for _ in range(SHRINKS):
            step = low[left] + self.rng.random(len(left)) * (high[left] - low[left])
            tried = np.clip(points[left] + step[:, None] * direction[left], 0.0, 1.0)
            fits = self.history.keeps(self.snap(tried), level, self.cap)
            out[left[fits]] = tried[fits]
            left, step = left[~fits], step[~fits]
            low[left] = np.where(step < 0, step, low[left])
            high[left] = np.where(step >= 0, step, high[left])
            if not len(left):
                break
        return out

"""Which runs become the ensemble: markets that were run, and that the data do not rule out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Rows = NDArray[np.int64]
Rule = Literal["met", "cutoff", "nearest"]
NEAREST = 8
"""So many are given, the least implausible, if none is left."""


@dataclass(frozen=True)
class Choice:
    """The markets of an ensemble.

    Attributes
    ----------
    rows : int64[members]
        Points, in the order in which they were chosen: the first ones are spread best.
    medoid
        The one nearest to all others.
    rule
        The weakest that a member passes: `met`, all targets; `cutoff`, implausibility below the
        cutoff, luck included; `nearest`, nothing.
    met, below
        How many points meet all targets, and are below the cutoff.
    """

    rows: Rows
    medoid: int
    rule: Rule
    met: int
    below: int


def choose(
    unit: Matrix, meets: NDArray[np.bool_], worst: NDArray[np.float64], cutoff: float, n: int
) -> Choice:
    """Return at most `n` points: those that meet all targets first, then those below the cutoff.

    Parameters
    ----------
    unit : float64[points, inputs]
        Where the points are.
    meets : bool[points]
        Whether a point meets all targets.
    worst : float64[points]
        Largest implausibility of a point, of what was simulated.
    cutoff
        What is not ruled out.
    n
        How many.
    """
    met = np.flatnonzero(meets & np.isfinite(worst))
    below = np.flatnonzero((worst <= cutoff) & ~meets)
    rows = spread(unit, met, n, worst)
    rule: Rule = "met"
    if len(rows) < n and len(below):
        rows, rule = spread(unit, below, n, worst, rows), "cutoff"
    if not len(rows):
        order = np.argsort(worst, kind="stable")
        rows, rule = order[np.isfinite(worst[order])][: min(n, NEAREST)], "nearest"
    return Choice(rows, medoid(unit, rows), rule, len(met), len(met) + len(below))


def spread(
    unit: Matrix,
    among: Rows,
    n: int,
    worst: NDArray[np.float64],
    chosen: Rows | None = None,
) -> Rows:
    """Return points that are far from each other, `n` with those chosen before.

    Each is the one farthest from all before it (maximin); the first is the least implausible.
    """
    rows = [] if chosen is None else list(chosen)
    left = list(among)
    if not rows and left:
        rows.append(min(left, key=lambda row: (worst[row], row)))
        left.remove(rows[0])
    if not left:
        return np.array(rows, np.int64)
    pool = np.array(left)
    gap = np.min([_distance(unit[pool], unit[row]) for row in rows], axis=0)
    while len(rows) < n and len(pool):
        k = int(np.argmax(gap))
        rows.append(int(pool[k]))
        gap = np.minimum(gap, _distance(unit[pool], unit[pool[k]]))
        pool, gap = np.delete(pool, k), np.delete(gap, k)
    return np.array(rows, np.int64)


def _distance(unit: Matrix, to: Matrix) -> NDArray[np.float64]:
    return np.asarray(((unit - to) ** 2).sum(axis=1))


def medoid(unit: Matrix, rows: Rows) -> int:
    """Return the point with the least sum of distances to all others; -1 if there is none."""
    if not len(rows):
        return -1
    own = unit[rows]
    apart = np.sqrt(((own[:, None] - own[None]) ** 2).sum(axis=2)).sum(axis=1)
    return int(rows[int(np.argmin(apart))])

"""What the runs of a sweep found of one response, as an array."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweep import estimates
from experiments.sweep.estimates import Values
from experiments.sweep.levels import Levels
from experiments.sweep.points import BASE, Sweep


@dataclass(frozen=True)
class Found:
    """What the runs found of one response.

    Attributes
    ----------
    sweep
        The points.
    y : float64[points, replicates]
        NaN where a value is missing; the base is point 0.
    """

    sweep: Sweep
    y: Values

    @cached_property
    def usable(self) -> estimates.Usable:
        """Which points and replicates can be compared without holes."""
        return estimates.usable(self.y)

    @cached_property
    def whole(self) -> Values:
        """float64[usable points of the design, usable replicates]."""
        return self.y[self.own][:, self.usable.replicates]

    @cached_property
    def own(self) -> NDArray[np.int64]:
        """int64: the usable points of the design, in numbers of `Sweep`."""
        there = np.flatnonzero(self.usable.points)
        return there[there > 0]

    @cached_property
    def base(self) -> Values | None:
        """float64[usable replicates]: the base, if it is usable."""
        return self.y[0, self.usable.replicates] if self.usable.points[0] else None

    @cached_property
    def different(self) -> NDArray[np.int64]:
        """int64: rows of `whole`, one of each market; equal markets are one."""
        return np.sort(np.unique(self.sweep.hashes[self.own], return_index=True)[1])

    @property
    def grid(self) -> bool:
        """Whether the points are all that there are, rather than a sample."""
        return self.sweep.rows.method == "grid"

    def level(self, cut: Levels) -> NDArray[np.int64]:
        """Return int64[rows of `whole`]: the level of each usable point."""
        return cut.of[self.own - 1]

    def spread(self, level: NDArray[np.int64]) -> estimates.Spread | None:
        """Return how far points scatter within levels, if they are a sample."""
        return None if self.grid else estimates.spread(self.whole, level)


def number(point: pd.Series) -> NDArray[np.int64]:
    """Return the numbers in `Sweep` of points by name."""
    return np.array([0 if name == BASE else int(name) + 1 for name in point], np.int64)


def values(runs: pd.DataFrame, column: str, points: int, replicates: int) -> Values:
    """Return float64[points, replicates] of a column of the table of runs; NaN where none is."""
    y = np.full((points, replicates), np.nan)
    y[number(runs["point"]), runs["replicate"]] = runs[column]
    return y

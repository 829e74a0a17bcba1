"""PRIM: boxes in the space of factors that are dense in cases.

The patient rule induction method (Friedman and Fisher 1999) peels off thin slices, one at a time
and always the one that does most good, until little is left. Bryant and Lempert (2010) describe
scenarios by it. The peeling is ema_workbench's (Kwakkel and Jaxa-Rozen 2016), whose objective is
what a slice gains per run that it costs: slices of numbers and of categories can be compared so.
"""

import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments import boxes
from experiments.boxes import Box, Limit, Rows, is_category, is_whole
from experiments.errors import MissingLibrary

RARE = 1e-9
"""Least density that the package asks of a box: one case; it counts as cases what is above."""


class Peeling(NamedTuple):
    """What PRIM found.

    Attributes
    ----------
    boxes
        The second is about the runs that are not in the first, and so on.
    trajectory
        The steps on the way to the first box: `coverage`, `density`, `mass`, `dimensions`, and from
        which the box was `chosen`; all before bounds that do not help are dropped.
    """

    boxes: list[Box]
    trajectory: pd.DataFrame


def prim(
    factors: pd.DataFrame, cases: Rows, *, density: float = 0.8, mass: float = 0.05, most: int = 3
) -> Peeling:
    """Find boxes that are dense in cases.

    Of every box on the way of peeling and pasting, the bounds that do not help (quasi-p above 0.05)
    are dropped one by one. Of those that are then as dense as asked the one that covers most is
    taken, or else the densest of all. Further boxes are found among the runs in none so far; one
    that is not as dense as asked ends the search, unless it is the first.

    Of 60 tables of 400 runs with three cases in ten and no rule at all, nine had a box, .35 to .49
    dense: a box is worth what its density says, and no more.

    Parameters
    ----------
    factors, cases
        As `prepare` returns; bool[runs].
    density
        Share of cases in a box that is asked for.
    mass
        Least share of all runs in a box.
    most
        Most boxes.

    Raises
    ------
    MissingLibrary
        If the packages are not installed.
    """
    coded = _coded(factors)
    left = np.ones(len(cases), bool)
    found: list[Box] = []
    trajectory = pd.DataFrame()
    while len(found) < most and left.mean() >= mass and cases[left].any() and not cases[left].all():
        steps, lims, init = _peel(coded[left], cases[left], mass * len(cases) / int(left.sum()))
        on_the_way = [_limits(each, init, factors) for each in lims]
        chosen, box = _best([boxes.pruned(x, factors, cases, left) for x in on_the_way], density)
        if not found:
            trajectory = steps.assign(chosen=np.arange(len(steps)) == chosen)
        if found and (box.density < density or not box.limits):
            break
        found.append(box)
        left &= ~boxes.within(box.limits, factors)
    return Peeling(found, trajectory)


def _coded(factors: pd.DataFrame) -> pd.DataFrame:
    """Return numbers as float64 and categories as numbered ones, which have an order in sets.

    Whole numbers, too, are peeled as real ones: the package's own way fails with pandas 3.
    """
    columns = {
        name: pd.Categorical(column.cat.codes) if is_category(column) else column.astype(float)
        for name, column in factors.items()
    }
    return pd.DataFrame(columns)


def _peel(
    coded: pd.DataFrame, cases: Rows, mass: float
) -> tuple[pd.DataFrame, list[pd.DataFrame], pd.DataFrame]:
    """Return the steps of peeling and pasting, the limits after each, and those of all runs."""
    with _quiet():
        try:
            from ema_workbench.analysis.prim import Prim
        except ImportError:
            raise MissingLibrary(boxes.MISSING) from None
        search = Prim(
            coded.reset_index(drop=True), cases.astype(int), threshold=RARE, mass_min=mass
        )
        box = search.find_box()
    steps = box.peeling_trajectory.rename(columns={"res_dim": "dimensions"})
    steps = steps[["coverage", "density", "mass", "dimensions"]].astype({"dimensions": np.int64})
    return steps, box.box_lims, search.box_init


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the package from warning of what its user cannot change, and from logging."""
    logger = logging.getLogger("EMA")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def _best(found: Sequence[Box], density: float) -> tuple[int, Box]:
    """Return which box covers most of those dense enough, the simplest of equals; and that box."""
    enough = min(density, max(box.density for box in found))
    dense = [(k, box) for k, box in enumerate(found) if box.density >= enough]
    return max(dense, key=lambda pair: (pair[1].cases, pair[1].density, -len(pair[1].limits)))


def _limits(lims: pd.DataFrame, init: pd.DataFrame, factors: pd.DataFrame) -> list[Limit]:
    """Return what a box of the package demands: whole numbers whole, categories by name."""
    found = []
    for name, column in factors.items():
        low, high = lims[name]
        if is_category(column):
            if low != init[name][0]:
                found.append(Limit(str(name), among=tuple(column.cat.categories[sorted(low)])))
            continue
        bounds = (
            low if low > init[name][0] else -math.inf,
            high if high < init[name][1] else math.inf,
        )
        if bounds != (-math.inf, math.inf):
            found.append(Limit(str(name), *_whole(bounds, column)))
    return found


def _whole(bounds: tuple[float, float], column: "pd.Series[Any]") -> tuple[float, float]:
    if not is_whole(column):
        return float(bounds[0]), float(bounds[1])
    low, high = bounds
    return (
        float(math.ceil(low)) if math.isfinite(low) else low,
        float(math.floor(high)) if math.isfinite(high) else high,
    )

"""Boxes: regions of a space of factors, each a few limits, and how well they hold the cases sought.

A case is a run that a condition picks out. *Coverage* is the share of all cases that a box holds,
*density* the share of cases among the runs in it, *mass* the share of all runs in it. The quasi-p
value of a limit (Bryant and Lempert 2010) is the chance of so many cases in the box, or more, if
the limit were of no use: if cases were as dense as in the box without it. It is no p-value, as the
same runs have chosen the limit.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

Rows = NDArray[np.bool_]
COLUMNS = (
    "method",
    "box",
    "factor",
    "low",
    "high",
    "among",
    "qp_low",
    "qp_high",
    "coverage",
    "density",
    "mass",
    "runs",
    "cases",
)
SIGNIFICANT = 0.05
MISSING = "scenario discovery needs further packages: pip install 'huitou[discovery]'"


@dataclass(frozen=True)
class Limit:
    """What a box demands of one factor.

    Attributes
    ----------
    factor
        Its name.
    low, high
        Bounds of a number, both inclusive; infinite on a side that is free.
    among
        The categories allowed; none for a number.
    """

    factor: str
    low: float = -math.inf
    high: float = math.inf
    among: tuple[str, ...] | None = None

    def holds(self, factors: pd.DataFrame) -> Rows:
        """Return bool[runs]: which runs are within."""
        column = factors[self.factor]
        if self.among is not None:
            allowed = column.cat.categories.get_indexer(pd.Index(self.among))
            return np.isin(column.cat.codes.to_numpy(), allowed)
        values = column.to_numpy()
        return (values >= self.low) & (values <= self.high)

    def sides(self) -> list["Limit"]:
        """Return the limit with either side alone, as far as there are two."""
        if self.among is not None or math.inf in (-self.low, self.high):
            return [self]
        return [Limit(self.factor, low=self.low), Limit(self.factor, high=self.high)]

    def text(self) -> str:
        """Say it: `reward is at least 20`."""
        if self.among is not None:
            return f"{self.factor} is {' or '.join(self.among)}"
        if self.low == -math.inf:
            return f"{self.factor} is at most {number(self.high)}"
        if self.high == math.inf:
            return f"{self.factor} is at least {number(self.low)}"
        if self.low == self.high:
            return f"{self.factor} is {number(self.low)}"
        return f"{self.factor} is between {number(self.low)} and {number(self.high)}"


class Box(NamedTuple):
    """Some limits, and what is in them.

    Attributes
    ----------
    limits
        At most one for each factor.
    quasi_p
        For each limit that of its lower and its upper bound, NaN where that is free; of categories
        the first is that of them all.
    runs, cases
        How many runs are in the box, and how many of them are cases.
    coverage, density, mass
        See the module.
    """

    limits: tuple[Limit, ...]
    quasi_p: tuple[tuple[float, float], ...]
    runs: int
    cases: int
    coverage: float
    density: float
    mass: float


def is_category(column: "pd.Series[Any]") -> bool:
    """Tell whether a factor is one of categories."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def is_whole(column: "pd.Series[Any]") -> bool:
    """Tell whether a factor is a whole number."""
    return pd.api.types.is_integer_dtype(column)


def measure(limits: Sequence[Limit], factors: pd.DataFrame, cases: Rows, among: Rows) -> Box:
    """Return a box with its figures.

    Parameters
    ----------
    limits
    factors : DataFrame of [runs, factors]
    cases : bool[runs]
    among : bool[runs]
        The runs that the box is about: those in no earlier box, say. Coverage and mass are shares
        of all runs nevertheless.
    """
    sides = [limit.sides() for limit in limits]
    holds = [side.holds(factors) for each in sides for side in each]
    inside = among & _all(holds, len(cases))
    runs, found = int(inside.sum()), int(cases[inside].sum())
    chances = []
    for k in range(len(holds)):
        wider = among & _all(holds[:k] + holds[k + 1 :], len(cases))
        chances.append(_chance(found, runs, int(cases[wider].sum()), int(wider.sum())))
    told = iter(chances)
    return Box(
        tuple(limits),
        tuple(_quasi_p(limit, each, told) for limit, each in zip(limits, sides, strict=True)),
        runs,
        found,
        coverage=found / int(cases.sum()),
        density=found / runs if runs else math.nan,
        mass=runs / len(cases),
    )


def within(limits: Sequence[Limit], factors: pd.DataFrame) -> Rows:
    """Return bool[runs]: which runs are within all limits."""
    return _all([limit.holds(factors) for limit in limits], len(factors))


def _all(holds: Sequence[Rows], runs: int) -> Rows:
    return np.logical_and.reduce(holds) if holds else np.ones(runs, bool)


def _quasi_p(limit: Limit, sides: list[Limit], chances: Iterator[float]) -> tuple[float, float]:
    """Take the next one or two of `chances`, and put them to the side that they are about."""
    first = next(chances)
    if len(sides) == 2:
        return first, next(chances)
    upper = limit.among is None and limit.low == -math.inf
    return (math.nan, first) if upper else (first, math.nan)


def _chance(found: int, runs: int, cases: int, among: int) -> float:
    """Return the chance of so many cases in so many runs, or more, if all were as dense."""
    return float(special.bdtrc(found - 1, runs, cases / among)) if found else 1.0


def pruned(limits: Sequence[Limit], factors: pd.DataFrame, cases: Rows, among: Rows) -> Box:
    """Drop the bounds whose quasi-p value is above `SIGNIFICANT`, one by one, the worst first."""
    box = measure(limits, factors, cases, among)
    while box.limits:
        worst = max(
            (p, k, side)
            for k, both in enumerate(box.quasi_p)
            for side, p in enumerate(both)
            if not math.isnan(p)
        )
        if worst[0] <= SIGNIFICANT:
            break
        limit = box.limits[worst[1]]
        sides = limit.sides()
        kept = [] if len(sides) == 1 else [sides[1 - worst[2]]]
        rest = [kept if other is limit else [other] for other in box.limits]
        box = measure([one for some in rest for one in some], factors, cases, among)
    return box


def table(method: str, boxes: Sequence[Box]) -> pd.DataFrame:
    """Return boxes as a table: a row per limit, with the figures of its box.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. A bound that is free is NaN, and so is its quasi-p value; `among` is the
        categories allowed, separated by commas, or nothing. A box without limits has one row, in
        which no factor is named.
    """
    rows = []
    for k, box in enumerate(boxes):
        figures = (box.coverage, box.density, box.mass, box.runs, box.cases)
        for limit, (low, high) in zip(box.limits, box.quasi_p, strict=True):
            among = ", ".join(limit.among or ())
            bounds = [b if math.isfinite(b) else math.nan for b in (limit.low, limit.high)]
            rows.append((method, k, limit.factor, *bounds, among, low, high, *figures))
        if not box.limits:
            free = math.nan
            rows.append((method, k, "", free, free, "", free, free, *figures))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def sentence(box: Box, what: str, cases: Rows) -> str:
    """Say how good a box is.

    Parameters
    ----------
    box
    what
        What the cases have: `long_run_revenue of at least 5e6`.
    cases : bool[runs]
        Of all runs.
    """
    share = f"{percent(box.density)} have {what}, against {percent(float(cases.mean()))} of all"
    if not box.limits:
        return f"Nothing was found that tells apart the {percent(box.density)} that have {what}."
    where = " and ".join(limit.text() for limit in box.limits)
    return (
        f"Of the {box.runs:,} runs in which {where}, {share}; "
        f"they are {percent(box.coverage)} of those that do."
    )


def number(value: float) -> str:
    """Return a number as in a rule: three significant digits, whole numbers in full."""
    text = f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e7 else f"{value:.3g}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Return a share in whole percent; one with a digit where that says more."""
    return f"{100 * share:.{1 if 0 < share < 0.0995 or 0.9905 < share < 1 else 0}f} %"

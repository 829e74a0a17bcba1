"""Means, differences of pairs, and how sure they are."""

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95


class Interval(NamedTuple):
    """A mean with its 95 % t interval; the bounds are NaN with fewer than two values."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


def interval(values: NDArray[np.float64]) -> Interval:
    """Return the mean of `values` with its t interval; NaNs are left out."""
    values = values[~np.isnan(values)]
    n = len(values)
    if n == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    mean = float(values.mean())
    if n == 1:
        return Interval(mean, np.nan, np.nan, 1)
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half, n)


def ratio_of_means(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> Interval:
    """Return the ratio of the means of pairs of values, with its interval by linearisation.

    NaNs are left out with their pairs. Of use where the mean of `bottom` is surely not zero.
    """
    known = ~(np.isnan(top) | np.isnan(bottom))
    top, bottom = top[known], bottom[known]
    if not len(top) or bottom.mean() == 0:
        return Interval(np.nan, np.nan, np.nan, len(top))
    mean = float(top.mean() / bottom.mean())
    around = interval((top - mean * bottom) / bottom.mean())
    return Interval(mean, mean + around.low, mean + around.high, around.n)


def expected_half(half: float, found: int, planned: int) -> float:
    """Return the half-width to expect of `planned` values, from that of the `found` first ones.

    It falls as t / sqrt(n), if the spread that they show is that of all; NaN if there are too few.
    """
    if min(found, planned) < 2:
        return float("nan")
    t = stats.t.ppf((1 + LEVEL) / 2, np.array([found, planned]) - 1)
    return float(half * t[1] / t[0] * np.sqrt(found / planned))


def unpaired_half_width(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the half-width of Welch's interval of a difference of means, as if independent."""
    if min(len(a), len(b)) < 2:
        return float("nan")
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    if parts.sum() == 0:
        return 0.0
    df = parts.sum() ** 2 / (parts**2 / (np.array([len(a), len(b)]) - 1)).sum()
    return float(stats.t.ppf((1 + LEVEL) / 2, df) * np.sqrt(parts.sum()))


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Pearson's correlation, NaN where one of the two does not vary."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def p_value(difference: NDArray[np.float64]) -> float:
    """Return the two-sided p-value of the paired t-test that the mean difference is zero."""
    n = len(difference)
    if n < 2:
        return float("nan")
    error = difference.std(ddof=1) / np.sqrt(n)
    if error == 0:  # an arm that changed nothing, or the same in every replicate
        return 1.0 if difference.mean() == 0 else 0.0
    return float(2 * stats.t.sf(abs(difference.mean()) / error, n - 1))


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Holm's step-down adjusted p-values; NaNs stay, and are no tests.

    The smallest of m is multiplied by m, the next by m - 1, ...; none is below one before it.
    """
    adjusted = np.full(len(p), np.nan)
    tests = np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def pair(frame: pd.DataFrame, arm: Hashable, baseline: Hashable) -> tuple[Any, Any]:
    """Return float64[pairs] of an arm and of the baseline, for replicates where both are known."""
    both = frame[[arm, baseline]].dropna() if arm != baseline else frame[[arm]].dropna()
    return both[arm].to_numpy(float), both[baseline].to_numpy(float)


def difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, float]:
    """Return the paired difference `a - b`, how sure it is, and what pairing gained."""
    mean, low, high, n = interval(a - b)
    half = (high - low) / 2
    base = float(b.mean()) if n else float("nan")
    return {
        "pairs": n,
        "difference": mean,
        "low": low,
        "high": high,
        "relative": mean / abs(base) if base else float("nan"),  # a gain is one from a loss too
        "correlation": correlation(a, b),
        "half_paired": half,
        "half_unpaired": unpaired_half_width(a, b),
        "p": p_value(a - b),
    }


def means(results: pd.DataFrame, metrics: list[str], by: str = "arm") -> pd.DataFrame:
    """Return the mean of each metric in each arm.

    Parameters
    ----------
    results
        A row per arm and replicate, columns `arm`, `replicate` and the metrics.
    metrics
        Which columns.
    by
        Another column to group by.

    Returns
    -------
    pandas.DataFrame
        Columns `arm`, `metric`, `mean`, `low`, `high`, `n`.
    """
    rows = []
    for group, part in results.groupby(by, sort=False):
        for metric in metrics:
            values = interval(part[metric].to_numpy(float))
            rows.append({by: group, "metric": metric, **values._asdict()})
    return pd.DataFrame(rows)

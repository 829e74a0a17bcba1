"""Is one arm better than another? Paired differences under common random numbers.

All arms of a replicate share their draws, so the difference of an arm and the baseline is taken
within each replicate, and its mean gets a t interval. What pairing gained is measured, not assumed:
the achieved correlation and the half-widths with and without pairing stand side by side.
"""

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95
EFFECT = [
    "arm",
    "metric",
    "pairs",
    "difference",
    "low",
    "high",
    "relative",
    "correlation",
    "half_paired",
    "half_unpaired",
    "p",
    "p_holm",
]
"""Columns of a table of effects."""
RETURN = "return_on_spend"
"""Incremental long-run contribution profit per unit of extra long-run spend."""


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
        "relative": mean / base if base else float("nan"),
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


def effects(results: pd.DataFrame, metrics: list[str], baseline: str) -> pd.DataFrame:
    """Return the difference of each arm from the baseline, for each metric.

    Parameters
    ----------
    results, metrics
        As in `means`. A replicate that either arm lacks is left out of that comparison.
    baseline
        The arm compared to.

    Returns
    -------
    pandas.DataFrame
        Columns `arm`, `metric`, those of `difference`, and `p_holm`: p adjusted over the arms, for
        each metric by itself.
    """
    rows = []
    for metric in metrics:
        wide = results.pivot(index="replicate", columns="arm", values=metric)
        names = [arm for arm in results["arm"].unique() if arm != baseline]
        found = [difference(*pair(wide, arm, baseline)) for arm in names]
        adjusted = holm(np.array([row["p"] for row in found]))
        rows += [
            {"arm": arm, "metric": metric, **row, "p_holm": p}
            for arm, row, p in zip(names, found, adjusted, strict=True)
        ]
    return pd.DataFrame(rows, columns=EFFECT)


def returns(results: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Return what each arm earned per unit of what it spent more than the baseline.

    Incremental long-run contribution profit (which is after that spend) over extra long-run spend
    on customers, with the interval of a ratio of means by linearisation. Undefined, and NaN, unless
    the arm surely spent more: the interval of extra spend must lie above zero.
    """
    money, spend = (
        results.pivot(index="replicate", columns="arm", values=name)
        for name in ("long_run_contribution", "long_run_spend")
    )
    rows = []
    for arm in results["arm"].unique():
        if arm != baseline:
            gain, base_gain = pair(money, arm, baseline)
            cost, base_cost = pair(spend, arm, baseline)
            rows.append({"arm": arm, **_ratio(gain - base_gain, cost - base_cost)._asdict()})
    return pd.DataFrame(rows, columns=["arm", *Interval._fields])


def _ratio(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> Interval:
    spent = interval(bottom)
    undefined = spent.low <= 0 if spent.n > 1 else not spent.mean > 0
    if undefined:
        return Interval(np.nan, np.nan, np.nan, spent.n)
    mean = float(top.mean() / bottom.mean())
    around = interval((top - mean * bottom) / bottom.mean())
    return Interval(mean, mean + around.low, mean + around.high, spent.n)


def incomplete(results: pd.DataFrame, planned: int) -> list[str]:
    """Say in words which arms lack replicates; empty if none does."""
    counts = results.groupby("arm", sort=False)["replicate"].nunique()
    return [
        f"{arm}: {planned - n} of {planned} replicates are missing; pairs without it are left out"
        for arm, n in counts.items()
        if n < planned
    ]

"""Is one arm better than another? Paired differences under common random numbers.

All arms of a replicate share their draws, so the difference of an arm and the baseline is taken
within each replicate, and its mean gets a t interval. What pairing gained is measured, not assumed:
the achieved correlation and the half-widths with and without pairing stand side by side.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.intervals import Interval, difference, holm, interval, pair, ratio_of_means

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


def family(results: pd.DataFrame, metrics: list[str], baseline: str) -> pd.DataFrame:
    """Return `effects` of metrics that are judged together: p is adjusted over all of them."""
    table = effects(results, metrics, baseline)
    return table.assign(p_holm=holm(table["p"].to_numpy(float)))


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
    return ratio_of_means(top, bottom)

"""Which factor does most, which point is highest, and how sure that is."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.intervals import LEVEL, Interval, interval
from experiments.sweep import estimates
from experiments.sweep.found import Found
from experiments.sweep.levels import Levels

ALPHA = 1 - LEVEL
FACTORS = ["factor", "highest", "lowest", "swing", "low", "high", "n", "share"]
NEXT = ["over_next", "over_next_low", "over_next_high"]

BEST = [
    "points", "point", "mean", "low", "high", "n",
    "picked", "picked_mean", "picked_low", "picked_high", "picked_n",
    "gain", "gain_low", "gain_high",
    "second", "lead", "lead_low", "lead_high", "candidates",
]  # fmt: skip


def factors(found: Found, cuts: list[Levels]) -> pd.DataFrame:
    """Return what each factor does over its range, those that do most first.

    `swing` is the mean at the level that was highest less that at the level that was lowest in one
    half of the data, as the other half has it (`_halves`). `share` is the variance of the true
    means of levels, as a share of that of the true means of points; NaN unless points surely
    differ, for else the latter may be anything; the order is then by how far the means of levels
    lie apart.
    """
    columns = [*FACTORS, *NEXT]
    if not len(found.own):
        return pd.DataFrame(columns=columns)
    total = estimates.signal(found.whole) if estimates.differ(found.whole) < ALPHA else np.nan
    chosen, measured = _halves(found)
    _, second = estimates.halves(found.whole)
    rows: list[dict[str, Any]] = []
    weights: list[NDArray[np.float64]] = []
    spans: list[float] = []
    for axis, cut in zip(found.sweep.axes, cuts, strict=True):
        level = found.level(cut)
        drawn = found.spread(level)
        ends = _ends(found, level, chosen, measured)
        row: dict[str, Any] = {"factor": axis.name}
        if ends:
            high, low = ends
            own = _mean_of(measured & (level == high)) - _mean_of(measured & (level == low))
            swing = estimates.contrast(second, own, drawn)
            row |= {"highest": cut.labels[high], "lowest": cut.labels[low], "swing": swing.mean}
            row |= {"low": swing.low, "high": swing.high, "n": swing.n}
        row["share"] = _explained(found, level, drawn) / total if total > 0 else np.nan
        spans.append(_span(found, level))
        rows.append(row)
        weights.append(own if ends else np.full(len(level), np.nan))
    sizes = [row["share"] for row in rows] if total > 0 else spans
    order = sorted(range(len(rows)), key=lambda k: -np.nan_to_num(sizes[k]))
    everywhere = found.spread(np.zeros(len(found.own), np.int64))
    for this, after in pairwise(order):
        more = estimates.contrast(second, weights[this] - weights[after], everywhere)
        rows[this] |= dict(zip(NEXT, (more.mean, more.low, more.high), strict=True))
    return pd.DataFrame([rows[k] for k in order], columns=columns)


def _span(found: Found, level: NDArray[np.int64]) -> float:
    """Return how far the means of levels lie apart, luck included."""
    own = found.whole.mean(axis=1)
    means = [own[level == k].mean() for k in np.unique(level)]
    return float(np.ptp(means))


def _halves(found: Found) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the points by which levels are chosen, and those by which they are measured.

    All, in a grid: replicates alone are halved. In a sample a level may be highest because of the
    points that were drawn there, so points are halved too, at random.
    """
    n = len(found.own)
    if found.grid:
        return np.ones(n, bool), np.ones(n, bool)
    chosen = np.zeros(n, bool)
    chosen[np.random.default_rng(n).permutation(n)[: n // 2]] = True
    return chosen, ~chosen


def _ends(
    found: Found, level: NDArray[np.int64], chosen: NDArray[np.bool_], measured: NDArray[np.bool_]
) -> tuple[int, int] | None:
    """Return the levels with the highest and the lowest mean, of those that can be measured."""
    first, _ = estimates.halves(found.whole)
    both = np.intersect1d(level[chosen], level[measured])
    if len(both) < 2:
        return None
    means = [first[chosen & (level == k)].mean() for k in both]
    return int(both[np.argmax(means)]), int(both[np.argmin(means)])


def _mean_of(here: NDArray[np.bool_]) -> NDArray[np.float64]:
    return here / here.sum()


def _explained(found: Found, level: NDArray[np.int64], drawn: estimates.Spread | None) -> float:
    """Return the variance of the true means of levels, each weighted by its points.

    The square of an estimated effect is too large by the variance of the estimate.
    """
    y, n = found.whole, len(level)
    total = 0.0
    for k in np.unique(level):
        weights = _mean_of(level == k) - 1 / n
        own = weights @ y
        error = own.var(ddof=1) / len(own) if len(own) > 1 else np.nan
        if drawn is not None:
            error += drawn.variance * float(weights @ weights)
        total += float((level == k).mean()) * float(own.mean() ** 2 - error)
    return total


def best(found: Found) -> pd.DataFrame:
    """Return the highest and the lowest point, and how sure that is."""
    rows = [
        {"end": end, **_extreme(found, sign)}
        for end, sign in (("highest", 1.0), ("lowest", -1.0))
        if len(found.different)
    ]
    return pd.DataFrame(rows, columns=["end", *BEST])


def _extreme(found: Found, sign: float) -> dict[str, Any]:
    """Return the point with the highest mean, or with `sign` -1 the lowest."""
    y = found.whole[found.different]
    names = found.own[found.different] - 1
    order = np.argsort(-sign * y.mean(axis=1), kind="stable")
    first, second = estimates.halves(y)
    choice = int((sign * first.mean(axis=1)).argmax())
    row = {"points": len(y), "point": str(names[order[0]]), "picked": str(names[choice])}
    row |= interval(y[order[0]])._asdict()
    row |= _named("picked", interval(second[choice]), "mean")
    row["picked_n"] = second.shape[1]
    if found.base is not None:
        base = found.base[first.shape[1] :]
        row |= _named("gain", interval(second[choice] - base))
    if len(y) > 1:
        row |= _named("lead", interval(y[order[0]] - y[order[1]]))
        row["second"] = str(names[order[1]])
    row["candidates"] = int(estimates.candidates(sign * y).sum())
    return row


def _named(name: str, value: Interval, mean: str = "") -> dict[str, float]:
    return {
        f"{name}_{mean}".rstrip("_"): value.mean,
        f"{name}_low": value.low,
        f"{name}_high": value.high,
    }

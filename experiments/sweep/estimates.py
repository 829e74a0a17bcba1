"""What the runs of a sweep say of its points, and how sure that is.

Values are y, float64[points, replicates], with none missing. In a replicate all points share their
luck, so points are compared within replicates, and intervals are over replicates. Where the points
are a sample, averages over them also depend on which points were drawn.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.intervals import LEVEL, Interval, interval

Values = NDArray[np.float64]
Vector = NDArray[np.float64]
Ints = NDArray[np.int64]


class Usable(NamedTuple):
    """Which values make a table without holes.

    Attributes
    ----------
    points : bool[points]
    replicates : bool[replicates]
    """

    points: NDArray[np.bool_]
    replicates: NDArray[np.bool_]


def usable(y: Values) -> Usable:
    """Choose what to compare: replicates that most points have, then points that have all of them.

    Parameters
    ----------
    y : float64[points, replicates]
        NaN where a value is missing.

    Returns
    -------
    Usable
        A replicate is out if fewer than half have it of the points that have any value.
    """
    there = ~np.isnan(y)
    some = there.any(axis=1)
    if not some.any():
        return Usable(some, np.zeros(y.shape[1], bool))
    replicates = there[some].mean(axis=0) >= 0.5
    return Usable(there[:, replicates].all(axis=1) & replicates.any(), replicates)


class Spread(NamedTuple):
    """How far points of one level scatter, beyond luck.

    Attributes
    ----------
    variance
        Of the true values of points within levels, pooled; 0 if points are all that there are.
    df
        Degrees of freedom of it.
    """

    variance: float
    df: int


def spread(y: Values, level: Ints) -> Spread:
    """Estimate how far the points of a sample scatter within the levels of an axis.

    In each level, points and replicates are a two-way layout: the mean square of points has
    expectation R times the wanted variance plus that of points by replicates, which is
    subtracted.
    """
    r = y.shape[1]
    sizes = np.bincount(level)
    df = len(y) - int((sizes > 0).sum())
    if df < 1 or r < 2:
        return Spread(math.nan, df)
    own = y.mean(axis=1)
    means = _by_level(y, level, sizes)[level]
    between = ((own - means.mean(axis=1)) ** 2).sum() / df
    rest = y - own[:, None] - (means - means.mean(axis=1, keepdims=True))
    error = (rest**2).sum() / (df * (r - 1))
    return Spread(float(max(between - error / r, 0.0)), df)


def _by_level(y: Values, level: Ints, sizes: Ints) -> Values:
    """Return float64[levels, replicates]: means over the points of each level."""
    sums = np.zeros((len(sizes), y.shape[1]))
    np.add.at(sums, level, y)
    return sums / np.maximum(sizes, 1)[:, None]


def contrast(y: Values, weights: Vector, drawn: Spread | None) -> Interval:
    """Return a weighted sum over points with its 95 % interval.

    Parameters
    ----------
    y
        Values.
    weights : float64[points]
        Of each point.
    drawn
        How far points scatter within the groups of equal weight, if they are a sample; then the
        interval covers which points were drawn, as if independently. `None` if they are all that
        there are.

    Returns
    -------
    Interval
        Student's t; with a sample, on degrees of freedom by Satterthwaite. NaN bounds with one
        replicate.
    """
    own = weights @ y
    if drawn is None or len(own) < 2:
        return interval(own)
    luck = float(own.var(ddof=1)) / len(own)
    points = drawn.variance * float(weights @ weights)
    variance = luck + points
    half = math.nan if math.isnan(variance) else 0.0
    if variance > 0:
        df = variance**2 / (luck**2 / (len(own) - 1) + points**2 / max(drawn.df, 1))
        half = float(stats.t.ppf((1 + LEVEL) / 2, df)) * math.sqrt(variance)
    mean = float(own.mean())
    return Interval(mean, mean - half, mean + half, len(own))


# -- what is chosen must not be measured by what it was chosen by -----------------------------------


class Picked(NamedTuple):
    """Something chosen on some replicates, and measured on the others.

    Attributes
    ----------
    choice
        What was chosen on the first `of` replicates.
    measured : float64[replicates]
        What it comes to in each of the others.
    of
        How many replicates it was chosen on.
    """

    choice: Any
    measured: Vector
    of: int


def picked(y: Values, choose: Callable[[Values], Any], measure: Callable[[Values, Any], Vector]) -> Picked:
    """Choose on the first half of the replicates, and measure on the second.

    The highest of many noisy means is too high: it was chosen for its luck too. The luck of other
    replicates does not know what was chosen, so there the mean is free of bias, and the interval
    is an ordinary one. Of an odd number, the odd one measures.
    """
    half = y.shape[1] // 2
    choice = choose(y[:, :half] if half else y)
    return Picked(choice, measure(y[:, half:], choice), half)


def candidates(y: Values) -> NDArray[np.bool_]:
    """bool[points]: among which the highest true mean is, with 95 % confidence.

    A point is out if some other is surely higher: a one-sided paired t-test of the highest mean
    against it, at 5 % divided by the number of other points. The truly highest point is out with
    a probability of 5 % at most, since each other point passes it by luck in no more than that
    share (subset selection, Gupta 1965, with Bonferroni's bound).
    """
    n, r = y.shape
    if r < 2 or n < 2:
        return np.ones(n, bool)
    lead = y[y.mean(axis=1).argmax()] - y
    error = lead.std(axis=1, ddof=1) / math.sqrt(r)
    limit = stats.t.ppf(1 - (1 - LEVEL) / (n - 1), r - 1)
    return np.asarray(lead.mean(axis=1) <= limit * error)


def differ(y: Values) -> float:
    """Return the p-value of the F-test that all points have one mean, replicates being blocks."""
    n, r = y.shape
    if r < 2 or n < 2:
        return math.nan
    own = y.mean(axis=1, keepdims=True)
    rest = y - own - y.mean(axis=0) + y.mean()
    between = r * float(((own - y.mean()) ** 2).sum()) / (n - 1)
    error = float((rest**2).sum()) / ((n - 1) * (r - 1))
    if not np.ptp(y, axis=0).any():
        return 1.0
    if error == 0:
        return 0.0
    return float(stats.f.sf(between / error, n - 1, (n - 1) * (r - 1)))


def signal(y: Values) -> float:
    """Return the variance of the true means over points: that of the means less the part of luck."""
    n, r = y.shape
    if r < 2 or n < 2:
        return math.nan
    centred = y - y.mean(axis=0)
    noise = centred.var(axis=1, ddof=1) / r
    return float((centred.mean(axis=1) ** 2 - noise).mean())

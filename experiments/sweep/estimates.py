"""What the runs of a sweep say of its points, and how sure that is.

Values are y, float64[points, replicates], with none missing. In a replicate all points share their
luck, so points are compared within replicates, and intervals are over replicates. Where the points
are a sample, averages over them also depend on which points were drawn.
"""

import math
from typing import NamedTuple

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
    some = np.asarray(there.any(axis=1))
    replicates: NDArray[np.bool_] = there.sum(axis=0) >= 0.5 * some.sum()
    if not some.any() or not replicates.any():
        return Usable(np.zeros_like(some), np.zeros_like(replicates))
    points = some & np.asarray(there[:, replicates].all(axis=1))
    return Usable(points, replicates)


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


def halves(y: Values) -> tuple[Values, Values]:
    """Return the replicates to choose by, and those to measure by: the first half, and the rest.

    The highest of many noisy means is too high: it was chosen for its luck too. The luck of other
    replicates does not know what was chosen, so what they say of it is free of bias, and an
    ordinary interval holds. One replicate chooses, and leaves none to measure by.
    """
    half = max(y.shape[1] // 2, 1)
    return y[:, :half], y[:, half:]


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
    """Return the p-value of the test that all points have one mean.

    How much each point is above the mean of all in the first half of the replicates is a pattern;
    if points do not differ, the second half knows nothing of it. A one-sided t-test that the
    replicates of the second half agree with it, whatever luck is shared between points: the usual
    F-test takes points for independent, and on luck that is alike in neighbouring points it said in
    21 to 29 % of tries that they differ where they did not; this one, in 4 to 6 %. NaN with fewer
    than three replicates.
    """
    first, second = halves(y)
    if len(y) < 2 or second.shape[1] < 2:
        return math.nan
    if not np.ptp(y, axis=0).any():
        return 1.0
    pattern = first.mean(axis=1) - first.mean()
    agreement = pattern @ second
    error = agreement.std(ddof=1) / math.sqrt(len(agreement))
    if error == 0:
        return 0.0 if agreement.mean() > 0 else 1.0
    return float(stats.t.sf(agreement.mean() / error, len(agreement) - 1))


def signal(y: Values) -> float:
    """Return the variance of the true means of points: that of the means, less the part of luck."""
    n, r = y.shape
    if r < 2 or n < 2:
        return math.nan
    centred = y - y.mean(axis=0)
    noise = centred.var(axis=1, ddof=1) / r
    return float((centred.mean(axis=1) ** 2 - noise).mean())


def expected(y: Values, replicates: int) -> tuple[float, float] | None:
    """Return the half-widths to expect: of a point's mean, and of the difference of two points.

    Parameters
    ----------
    y : float64[points, replicates]
        What is there so far; NaN where a value is missing.
    replicates
        How many are planned.

    Returns
    -------
    tuple of float or None
        From the scatter of all points together; `None` if there are not two points with the same
        two replicates, or fewer than two replicates are planned.
    """
    own = usable(y)
    whole = y[own.points][:, own.replicates]
    n, r = whole.shape
    if n < 2 or r < 2 or replicates < 2:
        return None
    rest = whole - whole.mean(axis=0) - whole.mean(axis=1, keepdims=True) + whole.mean()
    apart = 2 * float((rest**2).sum()) / ((n - 1) * (r - 1))
    alone = float(whole.var(axis=1, ddof=1).mean())
    t = float(stats.t.ppf((1 + LEVEL) / 2, replicates - 1))
    return t * math.sqrt(alone / replicates), t * math.sqrt(apart / replicates)

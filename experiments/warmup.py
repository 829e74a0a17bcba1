"""Where a series has settled: MSER-5, the marginal standard error rule.

White (1997), and Spratt (1998) with batches of five: leave out so much of the beginning that what
is left gives the mean most precisely, by its own standard error taken as if it were independent. A
start far from the rest widens it, and so does leaving out too much.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import StudyError

BATCH = 5
LEAST = 10 * BATCH
"""Shorter series are refused: ten batches of which five may go are few enough."""


class WarmUp(NamedTuple):
    """What to leave out of a series.

    Attributes
    ----------
    observations
        How many at the beginning; a multiple of `BATCH`.
    settled
        False if the rule would leave out all that it may: the series then may still be moving, and
        should be longer.
    """

    observations: int
    settled: bool


def mser5(series: ArrayLike) -> WarmUp:
    """Return how much of the beginning of a series is warm-up.

    With m means of five observations y_1 ... y_m, that is 5 d for the smallest d that minimises

        sum over i > d of (y_i - mean of y_i, i > d)^2 / (m - d)^2

    among d up to m / 2: with few batches left the sum is small by chance, whatever the series does,
    and a series of which more than half is warm-up is too short (Hoad, Robinson and Davies 2010). A
    last batch that is not full is not looked at.

    Parameters
    ----------
    series : float[k]
        In order of time.

    Returns
    -------
    WarmUp

    Raises
    ------
    StudyError
        If the series has fewer than `LEAST` observations, or one that is not a finite number.

    Notes
    -----
    Measured on 2,000 series each of 730 observations, all with standard deviation 1: white noise
    loses 5 on average; AR(1) with coefficient 0.9 that begins at 10 loses 35, which takes the bias
    of the mean from 0.120 to 0.001; with 0.97, beginning at 10, 107, from 0.442 to 0.022. The last
    is said not to have settled in 1.3 % of series, white noise never.
    """
    values = np.asarray(series, np.float64)
    if values.ndim != 1 or len(values) < LEAST:
        raise StudyError(
            f"MSER-5 needs a series of at least {LEAST} observations (got {values.size})"
        )
    if not np.isfinite(values).all():
        first = int(np.flatnonzero(~np.isfinite(values))[0])
        raise StudyError(f"MSER-5 needs finite numbers (observation {first} is {values[first]})")
    batches = values[: len(values) // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    m, most = len(batches), len(batches) // 2
    centred = batches - np.median(batches[most:])  # a constant becomes 0 exactly: ties stay ties
    left = np.arange(m, m - most - 1, -1)  # batches that are left, for d = 0, 1, ..., m / 2
    sums, squares = (x[::-1].cumsum()[::-1][: most + 1] for x in (centred, centred**2))
    error = np.maximum(squares - sums**2 / left, 0) / left**2
    best = int(error.argmin())
    return WarmUp(BATCH * best, best < most)

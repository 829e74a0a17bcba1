"""Ratios of hazards in discrete time: how much less often events come to the exposed."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from experiments.intervals import LEVEL, Interval


def hazard_ratio(
    event: NDArray[np.bool_], exposed: NDArray[np.bool_], stratum: NDArray[np.int64]
) -> Interval:
    """Return the ratio of the hazard of the exposed to that of the others, with its 95 % interval.

    The estimator of Mantel and Haenszel (1959) for ratios of risks, with the variance of Greenland
    and Robins (1985, Biometrics 41:55-68). Where strata are ages (of a customer, in orders), it is
    Cox's model in discrete time: each stratum has a hazard of its own, and the ratio is common. Where
    exposure does nothing the ratio is 1 even if people differ, since who is compared is of one age;
    where it does something, differences between people draw the ratio toward 1.

    Parameters
    ----------
    event : bool[k]
        Whether the event came, of each exposure to it. A subject has at most one, the last.
    exposed : bool[k]
        Whether the subject belongs to those who are compared with the others.
    stratum : int64[k]
        Within which stratum, from 0.

    Returns
    -------
    Interval
        Not a number where one of the two sides has no event; `n` is the number of events.
    """
    size = int(stratum.max(initial=0)) + 1

    def count(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(stratum[rows], minlength=size).astype(np.float64)

    events, others = count(exposed & event), count(~exposed & event)
    risk, baseline = count(exposed), count(~exposed)
    total = np.maximum(risk + baseline, 1)
    above, below = (events * baseline / total).sum(), (others * risk / total).sum()
    if above == 0 or below == 0:
        return Interval(math.nan, math.nan, math.nan, int(event.sum()))
    spread = (risk * baseline * (events + others) - events * others * total) / total**2
    error = math.sqrt(spread.sum() / (above * below))
    ratio, factor = above / below, math.exp(norm.ppf((1 + LEVEL) / 2) * error)
    return Interval(ratio, ratio / factor, ratio * factor, int(event.sum()))

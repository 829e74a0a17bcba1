"""What customers held at the end bring after the terminal period: a geometric series.

With customers who leave at different rates and money that is discounted, yearly value declines by a
factor that changes slowly. The factor is taken from net revenue of the last whole years of the
terminal period, and the last year is continued with it.
"""

import numpy as np
from numpy.typing import NDArray

from experiments.flows import YEAR, discounted
from experiments.records import Records
from experiments.registry import Numbers
from sim.books import net_revenue

PARTS = 3
"""Whole years from which on what follows is counted; shorter periods are cut into so many parts."""
LEAST_DAYS = 30
"""A part is to have."""
COUNTED_FROM = PARTS * YEAR
"""Days of a terminal period from which on what follows it is counted."""
MOST = 0.97
"""Of the factor: a brand whose customers hardly become fewer is not worth infinitely much."""


def is_counted(records: Records) -> bool:
    """Return whether the terminal period is long enough for what follows to be counted."""
    return len(records.held) >= COUNTED_FROM


def beyond(records: Records, held: NDArray[np.int64]) -> Numbers:
    """Return float64[brands]: the present value of a flow after the terminal period, in cents.

    Parameters
    ----------
    records
        Of the run.
    held : int64[days, brands]
        The flow in the terminal period, in cents: not discounted.

    Returns
    -------
    float64[brands]
        NaN where the terminal period is too short to tell.
    """
    length = YEAR if is_counted(records) else len(held) // PARTS
    if length < LEAST_DAYS:
        return np.full(held.shape[1], np.nan)
    value = _by_part(net_revenue(records.held), records, length)
    last = _by_part(held, records, length)[-1]
    factor = _factor(value)
    return last * factor / (1 - factor)


def _by_part(flow: NDArray[np.int64], records: Records, length: int) -> NDArray[np.float64]:
    """Return float64[parts, brands]: the present value of whole parts, which end with the period."""
    first = len(flow) % length
    starts = range(first, len(flow), length)
    return np.array(
        [
            discounted(flow[start : start + length], records.discount, records.days + start)
            for start in starts
        ]
    )


def _factor(value: NDArray[np.float64]) -> Numbers:
    """Return float64[brands]: by what a part's value is less than that of the part before."""
    two = min(2, len(value) - 2)  # of three parts, one against one; of more, two against two
    early, late = value[-2 - two : len(value) - 2].sum(axis=0), value[-two:].sum(axis=0)
    ratio = np.divide(late, early, out=np.zeros_like(late), where=early > 0)
    return np.sqrt(np.clip(ratio, 0, MOST**2))

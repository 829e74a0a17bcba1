"""Statistics of repeat buying within a window, the same for simulated markets and for panels.

A panel of households is observed for a year and knows nothing before it. Its "first order" is
therefore one that no other has preceded for long enough. What a market is held against must be
counted in the same way, so both use what is here.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
WITHIN = 90
"""Days within which the next order counts as a repeat."""
WASHOUT = 90
"""Days without an order, since the window began, before an order that counts as a first."""
LAST = 4
"""From this order on, orders count together in repeat rates by order number."""


class Survival(NamedTuple):
    """A Kaplan-Meier estimate.

    Attributes
    ----------
    day : int64[k]
        On which observations end, ascending.
    alive, se : float64[k]
        Share for which the event has not come by the end of that day; standard error (Greenwood).
    """

    day: NDArray[np.int64]
    alive: NDArray[np.float64]
    se: NDArray[np.float64]

    def by(self, day: int) -> tuple[float, float]:
        """Return the share for which the event has come by a day, and its standard error.

        NaN beyond the longest observation, which tells nothing of later days.
        """
        if not len(self.day) or (day > self.day[-1] and self.alive[-1] > 0):
            return np.nan, np.nan
        at = int(np.searchsorted(self.day, day, "right")) - 1
        return (1 - float(self.alive[at]), float(self.se[at])) if at >= 0 else (0.0, 0.0)

    def median(self) -> float:
        """Return the first day by which the event has come for half; NaN if it never has."""
        reached = np.flatnonzero(self.alive <= 0.5)
        return float(self.day[reached[0]]) if len(reached) else np.nan


def kaplan_meier(duration: NDArray[np.int64], event: NDArray[np.bool_]) -> Survival:
    """Return the Kaplan-Meier estimate of observations that end with an event or without one.

    Parameters
    ----------
    duration : int64[n]
        Days until the observation ended.
    event : bool[n]
        Whether it ended with the event.
    """
    day, place = np.unique(duration, return_inverse=True)
    events = np.bincount(place[event], minlength=len(day))
    _, alive, se = product_limit(events, np.bincount(place, minlength=len(day)))
    return Survival(day, alive, se)


def product_limit(events: NDArray[Any], ended: NDArray[Any]) -> tuple[Numbers, Numbers, Numbers]:
    """Return how many are at risk, the share left (Kaplan and Meier 1958), and its standard error.

    Parameters
    ----------
    events, ended : number[k]
        Observations that end by the event, and by the event or without it, by ascending time.

    Returns
    -------
    float64[k], float64[k], float64[k]
        The error is Greenwood's.
    """
    risk = ended[::-1].cumsum()[::-1]
    alive = np.cumprod(1 - events / risk)
    left = risk * (risk - events)
    terms = np.divide(events, left, out=np.zeros(len(risk)), where=left > 0)
    return risk, alive, alive * np.sqrt(terms.cumsum())


class Occasions(NamedTuple):
    """Who bought on which days of a window; several purchases of one day are one occasion.

    Attributes
    ----------
    buyer : int64[n]
        Ascending.
    day : int64[n]
        Of the window, ascending within a buyer.
    days
        Length of the window.
    """

    buyer: NDArray[np.int64]
    day: NDArray[np.int64]
    days: int

    @classmethod
    def of(cls, buyer: NDArray[np.int64], day: NDArray[np.int64], days: int) -> "Occasions":
        """Return the occasions of purchases in any order; buyers and days are 0 or more."""
        key = np.unique(buyer * days + day)
        return cls(key // days, key % days, days)

    @property
    def first(self) -> NDArray[np.bool_]:
        """bool[n]: whether it is the buyer's first in the window."""
        return np.diff(self.buyer, prepend=-1) != 0

    @property
    def number(self) -> NDArray[np.int64]:
        """int64[n]: 1 for the buyer's first in the window."""
        start = np.flatnonzero(self.first)
        return np.arange(len(self.day)) - start[self.first.cumsum() - 1] + 1

    @property
    def wait(self) -> NDArray[np.int64]:
        """int64[n]: days to the buyer's next, -1 if there is none in the window."""
        again = np.append(~self.first[1:], False)[: len(self.day)]
        return np.where(again, np.diff(self.day, append=0), -1)

    @property
    def gaps(self) -> NDArray[np.int64]:
        """int64[k]: days between consecutive occasions of a buyer, both in the window."""
        wait = self.wait
        return wait[wait >= 0]

    def orders(self) -> NDArray[np.int64]:
        """Return int64[buyers]: how many occasions each buyer has."""
        return np.unique(self.buyer, return_counts=True)[1]

    def survival(self, rows: NDArray[np.bool_] | slice = slice(None)) -> Survival:
        """Return the Kaplan-Meier estimate of not having bought again, from some occasions on."""
        wait, followed = self.wait[rows], self.days - 1 - self.day[rows]
        return kaplan_meier(np.where(wait >= 0, wait, followed), wait >= 0)

    def _new(self) -> NDArray[np.bool_]:
        """Return bool[n]: occasions of buyers whose first in the window came after the washout."""
        start = np.flatnonzero(self.first)
        return (self.day[start] >= WASHOUT)[self.first.cumsum() - 1]

    def repeat(self) -> Survival:
        """Return the Kaplan-Meier estimate of not having bought again after a first order.

        A first order is a buyer's first in the window, if it is at least `WASHOUT` days after the
        window began.
        """
        return self.survival(self._new() & self.first)

    def repeats_by_number(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how often an order was followed within `WITHIN` days, and of how many orders.

        By the order's number since the first, as `repeat` has it; `LAST` and later together. Only
        orders with `WITHIN` days of follow-up count.

        Returns
        -------
        int64[LAST], int64[LAST]
        """
        seen = self._new() & (self.days - 1 - self.day >= WITHIN)
        place = np.minimum(self.number, LAST) - 1
        wait = self.wait
        again = seen & (wait >= 0) & (wait <= WITHIN)
        return np.bincount(place[again], minlength=LAST), np.bincount(place[seen], minlength=LAST)

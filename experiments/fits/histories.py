"""Customers' histories as the models of repeat buying take them, counted in a transaction log."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.transactions.log import Log

Floats = NDArray[np.float64]
WEEK = 7.0


@dataclass(frozen=True)
class Histories:
    """What each customer did after the first purchase, in weeks.

    Attributes
    ----------
    repeats : float64[n]
        Later days on which the customer bought.
    recency : float64[n]
        From the first to the last purchase; 0 without a repeat.
    observed : float64[n]
        From the first purchase to the last day of observation.
    """

    repeats: Floats
    recency: Floats
    observed: Floats

    def __len__(self) -> int:
        """Return how many customers there are."""
        return len(self.repeats)

    @cached_property
    def distinct(self) -> tuple["Histories", Floats]:
        """Different histories, and how many customers have each."""
        rows = np.stack([self.repeats, self.recency, self.observed], axis=1)
        unique, count = np.unique(rows, axis=0, return_counts=True)
        return Histories(*unique.T), count.astype(float)


def histories(log: Log, until: int, since: int = 0) -> Histories:
    """Count the histories of those who bought first before a day, up to that day.

    Parameters
    ----------
    log
        A log; what it holds from `until` on is not looked at.
    until
        Days from the log's start.
    since
        First purchases before this day are left out: who bought so early may have bought before.
    """
    seen = log.day < until
    who, when = log.customer[seen].astype(np.int64), log.day[seen].astype(np.int64)
    key = np.unique(who * max(until, 1) + when)
    who, when = np.divmod(key, max(until, 1))
    start = np.flatnonzero(np.diff(who, prepend=-1))
    end = np.append(start[1:], len(who)) - 1
    keep = when[start] >= since
    first, last, count = when[start][keep], when[end][keep], (end - start)[keep]
    return Histories(count.astype(float), (last - first) / WEEK, (until - 1 - first) / WEEK)

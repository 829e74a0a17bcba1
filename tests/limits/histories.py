"""What an outside fitter is given: customers' histories, each once, with how many have it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

WEEK = 7

Floats = NDArray[np.float64]


def histories(market: Any, by_day: bool = False) -> tuple[Floats, Floats, Floats, Floats]:
    """Return repeats, recency and time observed in weeks, and the number of customers.

    Users of a fitter count the later days on which a customer bought; the models have no days, so
    every order counts unless `by_day`.
    """
    entry, days = market.world.people["entry_day"].clip(0), market.config.days
    who, when = market.orders["person"].astype(np.int64), market.orders["day"].astype(np.int64)
    if by_day:
        who, when = np.divmod(np.unique(who * days + when), days)
    repeats = np.bincount(who, minlength=entry.size) - 1
    last = entry.astype(float)
    np.maximum.at(last, who, when)
    # who repeats on the first day alone does so half a day later; no repeats, no recency
    recency = np.where(repeats > 0, np.maximum(last - entry, 0.5), 0.0)
    rows = np.stack([repeats, recency, days - entry], axis=1)
    unique, weight = np.unique(rows, axis=0, return_counts=True)
    return unique[:, 0], unique[:, 1] / WEEK, unique[:, 2] / WEEK, weight

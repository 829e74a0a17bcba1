"""Distributors by engagement: time at work, place in the tree, what it earned and what it cost."""

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records, once
from sim.state import NO_DAY


@once
def brand(records: Records) -> NDArray[np.int64]:
    """Return int64[engagements]: the brand of each."""
    return records.distributors["brand"].astype(np.int64)


@once
def ended(records: Records) -> NDArray[np.bool_]:
    """Return bool[engagements]: which had been given up by the end of the run."""
    return records.distributors["quit_day"] != NO_DAY


@once
def days_at_work(records: Records) -> NDArray[np.int64]:
    """Return int64[engagements]: days from joining to giving up, or to the last day of the run."""
    last = np.where(ended(records), records.distributors["quit_day"], records.days - 1)
    return last.astype(np.int64) - records.distributors["joined_day"]


@once
def level(records: Records) -> NDArray[np.int64]:
    """Return int64[engagements]: 1 if recruited by the brand itself, else one below the recruiter.

    A recruiter who has given up keeps the place in the tree.
    """
    upline = records.distributors["upline"].astype(np.int64)
    found, above = np.ones(len(upline), np.int64), upline
    while (above >= 0).any():
        found += above >= 0
        above = np.where(above >= 0, upline[above], -1)
    return found


@once
def gross_cents(records: Records) -> NDArray[np.int64]:
    """Return int64[engagements]: margins, commissions, peer and recruit bonuses, in cents."""
    them = records.distributors
    return them["margin_cents"] + them["commission_cents"] + them["bonus_cents"]


@once
def net_cents(records: Records) -> NDArray[np.int64]:
    """Return int64[engagements]: gross earnings less the joining fee and the cost of unsold stock.

    Stock counts at what was paid for it. Time and one's own purchases do not count.
    """
    them = records.distributors
    return gross_cents(records) - them["fee_cents"] - them["paid_cents"]

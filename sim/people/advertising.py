"""Advertising: spend makes people aware, with diminishing returns.

Each person has, for each brand, an exponential threshold of advertising pressure; spend adds to the
pressure every day. So awareness spreads at a rate that may change daily, and cost follows reach.
"""

from sim.books import Account, post
from sim.counts import AWARE_BY_ADVERTISING
from sim.engine.kernels import borrow, kernel, rule


@rule
def pressure(reach, half_spend, spend):
    """Return the rate of becoming aware per day: half of `reach` at a spend of `half_spend`."""
    return reach * spend / (spend + half_spend)


@kernel
def advertise(w):
    """Spend today's advertising of every brand, and make aware whom it reaches."""
    w = borrow(w)
    for b in range(w.brands.size):
        brand = w.brands[b]
        if brand.ad_cents > 0:
            post(w, -1, b, Account.ACQUISITION, Account.CASH, brand.ad_cents)
        brand.ad_hazard += brand.ad_rate
        k = brand.ad_reached
        while k < w.ad_queue.shape[1] and w.ad_threshold[b, k] <= brand.ad_hazard:
            relationship = w.relationships[w.ad_queue[b, k], b]
            if not relationship.aware:
                relationship.aware = True
                w.counts[b, AWARE_BY_ADVERTISING] += 1
            k += 1
        brand.ad_reached = k

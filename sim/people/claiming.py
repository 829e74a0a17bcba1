"""Claiming: the day's orders that a referrer or a distributor has a stake in, in order of identity.

They are noted as people buy and settled afterwards, so that it does not matter who bought first:
which of two friends is the tenth, or takes the last of a distributor's stock.
"""

from sim.engine.kernels import borrow, kernel
from sim.people.referral import credit
from sim.people.selling import resell


@kernel
def claim_all(w, order, start):
    """Book the resales of today, and claim what referrers and uplines may get for today's orders.

    Parameters
    ----------
    w : World
    order : int64[k]
        Rows of `w.claims`, sorted by identity of buyer and brand, and by order.
    start : int
        The first to run.

    Returns
    -------
    int
        How many of `order` are done; fewer than all when the table of promises is full.
    """
    w = borrow(w)
    for k in range(start, order.size):
        if w.pending.size - w.tally[0].pending <= w.programmes.size + 1:
            return k
        number, seller = w.claims[order[k], 0], w.claims[order[k], 1]
        if w.orders[number].invitation >= 0:
            credit(w, number)
        if seller >= 0 and not w.orders[number].refunded:
            resell(w, number, seller)
    return order.size

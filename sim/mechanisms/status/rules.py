"""What status changes: the motive to refer, the claim on recognition, the role and its discount."""

import numpy as np

from sim.books import Account, post
from sim.counts import columns
from sim.engine.kernels import rule
from sim.hooks import friends_referred
from sim.people.audience import in_audience
from sim.people.rewards import nearer, worth
from sim.people.roles import CUSTOMER, KOC, take_role

(_KOCS,) = columns("kocs")


@rule
def discount(w, i, p, units, day):
    """Return a KOC's discount for good."""
    b = np.int64(w.products[p].brand)
    return w.statuses[b].discount if role(w, i, b) == KOC else 0.0


@rule
def role(w, i, b):
    """Return whether person `i` is a KOC of brand `b`."""
    return KOC if w.recognition[i, b].koc and not w.relationships[i, b].dropped_out else CUSTOMER


@rule
def reward_ahead(w, i, b, day):
    """Return the motive that the way to the status gives."""
    rules, status = w.rules[0], w.statuses[b]
    if w.recognition[i, b].koc or not in_audience(w, i, status, day):
        return 0.0
    price = w.brands[b].price_cents
    way = min(1.0, friends_referred(w, i, b) / status.friends)
    return worth(rules, price, rules.referral_status_reward * price) * nearer(rules, way)


# --- the claim on recognition -------------------------------------------------------------------


@rule
def _counts(w, accrual):
    # a friend's order brings the referrer nearer to the status that the same strategy gives: whom
    # it owes a reward has been in its audience
    return accrual.friend and accrual.strategy == w.statuses[accrual.brand].strategy


@rule
def on_accrual(w, accrual, day):
    """Reserve the cost of recognition with the friend who may complete the number."""
    if _counts(w, accrual):
        mine, status = w.recognition[accrual.person, accrual.brand], w.statuses[accrual.brand]
        mine.status_claimed += 1
        if mine.status_claimed >= status.friends and not (mine.koc or mine.status_reserved):
            accrual.keep_reserve = True  # the number may be full before long
            accrual.reserve_cents = status.cost_cents


@rule
def on_accept(w, accrual):
    """Reserve once, for whichever friend makes the number full: not always the last to order."""
    if accrual.keep_reserve and _counts(w, accrual):
        mine = w.recognition[accrual.person, accrual.brand]
        if mine.status_reserved:
            accrual.reserve_cents = 0
        mine.status_reserved = True


@rule
def on_fail(w, accrual):
    """Let another friend count in place of this one."""
    if _counts(w, accrual):
        w.recognition[accrual.person, accrual.brand].status_claimed -= 1


@rule
def on_vest(w, accrual, day):
    """Make a KOC of a referrer whose friends are as many as it takes."""
    if not _counts(w, accrual):
        return
    i, b = np.int64(accrual.person), np.int64(accrual.brand)
    mine, status = w.recognition[i, b], w.statuses[b]
    full = status.friends <= friends_referred(w, i, b)
    if full and mine.status_reserved and not mine.koc:
        mine.koc = True
        post(w, i, b, Account.STATUS_REWARDS, Account.CASH, status.cost_cents)
        w.reserved[accrual.strategy] -= status.cost_cents
        w.spent[accrual.strategy] += status.cost_cents
        w.counts[b, _KOCS] += 1
        take_role(w, i, b)

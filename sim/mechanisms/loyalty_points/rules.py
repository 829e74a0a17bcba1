"""Points: a reason to choose the brand; earned with a reward, spent with an order, or lost."""

import math

import numpy as np

from sim.accruals import enter, remind_on
from sim.books import Account, post
from sim.engine.draws import draw
from sim.engine.kernels import rule
from sim.mechanisms.loyalty_points import ACCRUALS
from sim.purposes import Purpose

_EXPIRY = ACCRUALS["EXPIRY"]


@rule
def points_held(loyalty, day):
    """Return what the points held today will cost the brand, in cents."""
    return loyalty.points_cents if day <= loyalty.points_until else 0


@rule
def utility(w, i, p, units, day):
    """Return the utility of points held."""
    b = np.int64(w.products[p].brand)
    points = points_held(w.loyalty[i, b], day)
    if points > 0:
        return w.rules[0].choice_points * math.log1p(points / max(1, w.brands[b].price_cents))
    return 0.0


@rule
def on_order(w, number, day):
    """Let a buyer who holds points spend them on goods, or not."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    loyalty = w.loyalty[i, b]
    if points_held(loyalty, day) > 0:
        slot = order.nth & 0xFFF
        u = draw(w.seed[0], w.people[i].id, slot, w.brands[b].key, day, Purpose.REDEEM)
        if u < w.rules[0].referral_redeem:
            post(w, i, b, Account.POINTS_OWED, Account.CASH, loyalty.points_cents)
            loyalty.points_cents = 0
    return False


@rule
def book_accrual(w, accrual, sign):
    """Post the cost of points promised."""
    i, b = np.int64(accrual.person), np.int64(accrual.brand)
    cents = sign * accrual.points_cents
    post(w, i, b, Account.REFERRAL_POINTS, Account.REWARDS_PENDING, cents)


@rule
def on_vest(w, accrual, day):
    """Credit points that are earned; or, on a day to look at them, let them lapse."""
    i, b = np.int64(accrual.person), np.int64(accrual.brand)
    loyalty = w.loyalty[i, b]
    if accrual.kind == _EXPIRY:
        # points earned since may keep them alive, and are looked at in their turn
        if day > loyalty.points_until:
            _lapse(w, i, b)
    elif accrual.points_cents > 0:
        if day > loyalty.points_until:
            _lapse(w, i, b)
        until = day + accrual.points_days
        if loyalty.points_cents == 0 or until > loyalty.points_until:
            loyalty.points_until = until
        post(w, i, b, Account.REWARDS_PENDING, Account.POINTS_OWED, accrual.points_cents)
        loyalty.points_cents += accrual.points_cents
        row = enter(w, _EXPIRY, b, accrual.strategy, i)
        remind_on(w, row, loyalty.points_until + 1)


@rule
def _lapse(w, i, b):
    loyalty = w.loyalty[i, b]
    post(w, i, b, Account.POINTS_OWED, Account.POINTS_BREAKAGE, loyalty.points_cents)
    loyalty.points_cents = 0

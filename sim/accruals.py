"""Accruals: what a brand has promised and pays, or not, once a window has closed.

A claim is entered when what it rewards happens. At the day's end the claims that the strategy's
budget has room for are accepted, and their cost is accrued. When the working days have passed and
the order can no longer be sent back, an accrual vests; it is void if the order was paid back. What
is promised, and to whom, is the business of mechanisms.
"""

from enum import IntEnum

import numpy as np

from sim.engine.calendar import schedule
from sim.engine.draws import draw
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import book_accrual, on_accept, on_fail, on_vest, on_void, vests
from sim.mechanisms import accrual_kinds
from sim.purposes import Purpose
from sim.state import NO_DAY

Kind = IntEnum("Kind", accrual_kinds())  # type: ignore[misc]
"""What is promised, and to whom: as mechanisms declare it."""


class State(IntEnum):
    """What has become of an accrual."""

    CLAIMED = 0
    ACCEPTED = 1
    VESTED = 2
    VOID = 3
    UNFUNDED = 4
    """The budget had no room for it."""


_CLAIMED, _ACCEPTED, _VESTED, _VOID, _UNFUNDED = (int(state) for state in State)


@rule
def working_days_after(day, days):
    """Return the day that is `days` working days after `day`.

    Day 0 is a Monday, and Monday to Friday are working days; public holidays are not known. From a
    weekend it counts as from the Friday before, but no working days after it is the same day.
    """
    weekday = min(day % 7, 4)
    since = day - day % 7 + weekday
    return max(day, since + days + 2 * ((weekday + days) // 5))


# --- claims ------------------------------------------------------------------------------------


@rule
def enter(w, kind, b, strategy, person):
    """Enter a claim of `person` on a strategy of brand `b`; return its row."""
    row = w.tally[0].accruals
    w.tally[0].accruals += 1
    accrual = w.accruals[row]
    accrual.kind, accrual.state, accrual.brand, accrual.strategy = kind, _CLAIMED, b, strategy
    accrual.person = person
    accrual.order = accrual.distributor = accrual.programme = -1
    return row


@rule
def draw_lots_by(w, row, person, slot, key):
    """Say by whose identity a claim draws its lot, if the budget has no room for all of them."""
    accrual = w.accruals[row]
    accrual.lot_person, accrual.lot_slot, accrual.lot_key = person, slot & 0xFFF, key


@rule
def remind_on(w, row, day):
    """Make an accrual that costs nothing due on a day, whatever the budget."""
    w.accruals[row].state = _ACCEPTED
    schedule(w.accruals_due, row, day)


@rule
def cost_of(accrual):
    """Return what an accrual costs, in cents, without what is reserved beyond that."""
    return accrual.cash_cents + accrual.goods_cents + accrual.points_cents


@kernel
def price_claims(w, day):
    """Return strategy, cost at the most, and lottery rank of today's claims.

    Returns
    -------
    strategy, cost : int64[k]
        Costs in cents.
    lot : float64[k]
    """
    w = borrow(w)
    first, count = w.tally[0].claimed, w.tally[0].accruals - w.tally[0].claimed
    strategy, cost = np.empty(count, np.int64), np.empty(count, np.int64)
    lot = np.empty(count)
    for k in range(count):
        accrual = w.accruals[first + k]
        strategy[k] = accrual.strategy
        cost[k] = cost_of(accrual) + accrual.reserve_cents
        whom = w.people[accrual.lot_person].id
        lot[k] = draw(w.seed[0], whom, accrual.lot_slot, accrual.lot_key, day, Purpose.LOTTERY)
    return strategy, cost, lot


@rule
def _accrue(w, accrual, sign):
    # cost when accepted, and taken back when void
    book_accrual(w, accrual, sign)
    w.spent[accrual.strategy] += sign * cost_of(accrual)


@kernel
def accept(w, allowed):
    """Accept today's claims that there is money for; the others come to nothing.

    Parameters
    ----------
    w : World
    allowed : bool[k]
        For each of today's claims.
    """
    w = borrow(w)
    first = w.tally[0].claimed
    for k in range(allowed.size):
        accrual = w.accruals[first + k]
        if accrual.state != _CLAIMED:
            continue
        if not allowed[k]:
            accrual.state = _UNFUNDED
            on_fail(w, accrual)
            continue
        accrual.state = _ACCEPTED
        _accrue(w, accrual, 1)
        on_accept(w, accrual)
        w.reserved[accrual.strategy] += accrual.reserve_cents
        schedule(w.accruals_due, first + k, accrual.due_day)
    w.tally[0].claimed = w.tally[0].accruals


# --- vesting -----------------------------------------------------------------------------------


@rule
def window_closes(w, number, day):
    """Return the first day on which order `number` can no longer be sent back, as known today."""
    order = w.orders[number]
    product = w.products[order.product]
    if order.arrived_day == NO_DAY:
        return day + 1 + product.refund_days
    return order.arrived_day + product.refund_days + 1


@rule
def _stands(w, accrual):
    kept = accrual.order < 0 or not w.orders[accrual.order].refunded
    return kept and vests(w, accrual)


@rule
def _void(w, accrual):
    accrual.state = _VOID
    _accrue(w, accrual, -1)
    on_fail(w, accrual)
    on_void(w, accrual)


@kernel
def settle_due(w, rows, start, day):
    """Look at the accruals due today: vest, void, or come again when the window has closed.

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when the table of accruals is full.
    """
    w = borrow(w)
    for k in range(start, rows.size):
        if not has_capacity(w):
            return k
        accrual = w.accruals[rows[k]]
        if accrual.order >= 0 and not w.orders[accrual.order].refunded:
            closes = window_closes(w, accrual.order, day)
            if closes > day:
                schedule(w.accruals_due, rows[k], closes)
                continue
        if not accrual.keep_reserve:
            w.reserved[accrual.strategy] -= accrual.reserve_cents
        if _stands(w, accrual):
            accrual.state = _VESTED
            on_vest(w, accrual, day)
        else:
            _void(w, accrual)
    return rows.size

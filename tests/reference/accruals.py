"""Accruals (ODD 7.8, 9.5 Settle, 9.6): claimed, accepted, and vested or void when due."""

from typing import Any

from sim.purposes import Purpose

from . import budgets
from .figures import NEVER, NOT_YET, SLOTS
from .things import Accrual, AtWork, Order, State


def enter(market: Any, kind: str, of: AtWork, person: Any, **more: Any) -> Accrual:
    """Enter a claim on a strategy."""
    accrual = Accrual(len(market.accruals), kind, of, of.brand, person, **more)
    market.accruals.append(accrual)
    market.claims.append(accrual)
    return accrual


def remind(market: Any, kind: str, of: AtWork, person: Any, day: int) -> None:
    """Enter what costs nothing, and is looked at on a day whatever the budget."""
    accrual = Accrual(len(market.accruals), kind, of, of.brand, person, lot=0.0, due=day)
    accrual.state = State.ACCEPTED
    market.accruals.append(accrual)
    market.agenda.settle(accrual, day)


def lot(market: Any, person: int, other: int, slot: int) -> float:
    return market.draws(Purpose.LOTTERY, person, other, market.day, slot % SLOTS)[0]


def book(market: Any, accrual: Accrual, account: str, amount: int) -> None:
    """Make an amount a cost, which is pending."""
    market.books.post(accrual.brand, account, "rewards_pending", amount, accrual.person)


def settle(market: Any) -> None:
    accept(market)
    for number in market.agenda.accruals.take(market.day):
        fall_due(market, market.accruals[number])


def accept(market: Any) -> None:
    """Accept today's claims as far as budgets go."""
    claims, market.claims = market.claims, []
    refused = budgets.without(market, claims)
    for accrual in claims:
        if accrual in refused:
            accrual.state, accrual.due = State.UNFUNDED, NEVER
            market.hooks.on_fail(accrual)
        else:
            accrual.state = State.ACCEPTED
            accrue(market, accrual, 1)
            market.hooks.on_accept(accrual)
            accrual.of.reserved += accrual.reserve
            market.agenda.settle(accrual, accrual.due)


def accrue(market: Any, accrual: Accrual, sign: int) -> None:
    """Make an accrual a cost, or take that back."""
    market.hooks.book_accrual(accrual, sign)
    accrual.of.spent += sign * accrual.cost


def fall_due(market: Any, accrual: Accrual) -> None:
    order = accrual.order
    if order is not None and not order.refunded:
        closes = window_closes(market, order)
        if closes > market.day:
            market.agenda.settle(accrual, closes)
            return
    if not accrual.keeps_reserve:
        accrual.of.reserved -= accrual.reserve
    kept = order is None or not order.refunded
    if kept and market.hooks.vests(accrual):
        accrual.state = State.VESTED
        market.hooks.on_vest(accrual)
    else:
        accrual.state = State.VOID
        accrue(market, accrual, -1)
        market.hooks.on_fail(accrual)
        market.hooks.on_void(accrual)


def window_closes(market: Any, order: Order) -> int:
    """Return the day from which an order can no longer be sent back."""
    days = order.product.config.refund_days
    return market.day + 1 + days if order.arrived == NOT_YET else order.arrived + days + 1

"""Distributors sell (ODD 7.9, 9.5, 9.7): whose an order is, stock, privileges."""

from typing import Any

from sim.purposes import Purpose

from . import promises
from .figures import SLOTS, cents
from .people import Bond
from .things import Brand, Distributor, Order


def seller(market: Any, bond: Bond, order: Order) -> Distributor | None:
    """Return whose an order is, none if the buyer buys direct."""
    if bond.at_work or (market.closed and not bond.held):
        return None
    found = bond.seller if bond.seller is not None and bond.seller.at_work else None
    if found is None:
        holds = market.day <= bond.call_until
        if bond.caller is not None and holds and bond.caller.at_work:
            found = bond.caller
    plain = order.brand.config.transparency
    if found is not None and plain > 0:
        slot = order.nth % SLOTS
        direct = market.draws(Purpose.BYPASS, order.person.id, order.brand.key, market.day, slot)[0]
        if direct < plain:
            return None
    if found is not None:
        bond.seller = found
    return found


def set_privilege(bond: Bond, brand: Brand) -> None:
    """Set the discount of the role: a KOC's, a distributor's, the larger of both."""
    earned = bond.is_koc and brand.status is not None
    bond.privilege = brand.status.privilege if earned else 0.0
    if bond.at_work:
        bond.privilege = max(brand.level(bond.engagement), bond.privilege)


def resell(market: Any, order: Order) -> None:
    """Sell from the distributor's stock, and claim what uplines get."""
    distributor = order.seller
    restock(market, distributor, order.list)
    if order.list >= distributor.stock:
        order.released = distributor.stock_paid
    else:
        order.released = distributor.stock_paid * order.list // distributor.stock
    order.resold = True
    _move(market, order, 1)
    market.count(order.brand, "resales")
    promises.claim_commission(market, order)


def restock(market: Any, distributor: Distributor, needed: int) -> None:
    short = needed - distributor.stock
    if short > 0:
        buy_stock(market, distributor, max(short, cents(distributor.brand.agency.stock)))


def buy_stock(market: Any, distributor: Distributor, lot: int) -> None:
    """Buy stock of a list value at the discount of the level."""
    paid = int(lot * (1.0 - distributor.brand.level(distributor)) + 0.5)
    market.books.stock(distributor, paid)
    distributor.stock += lot
    distributor.stock_paid += paid


def undo(market: Any, order: Order) -> None:
    """Undo a resale: the order has come back."""
    if order.resold:
        order.resold = False
        _move(market, order, -1)


def _move(market: Any, order: Order, sign: int) -> None:
    distributor = order.seller
    market.books.resale(order, sign)
    distributor.stock -= sign * order.list
    distributor.stock_paid -= sign * order.released
    distributor.sales += sign * order.list
    distributor.margin += sign * (order.paid - order.released)

"""Distributors sell: whose an order is, stock, commissions."""

from typing import Any

from sim.mechanisms.direct_selling.terms import SellingPlan
from sim.purposes import Purpose

from ... import accruals
from ...figures import SLOTS, cents, rounded
from ...things import Accrual, AtWork, Brand, Order
from ...twin import Twin
from .distributor import Distributor, Sale, Seller

OF_COMMISSION = 1
"""What is added to the brand's key in lots."""


class Selling(Twin):
    """Who buys from whom, and what it pays."""

    STATE = Seller

    def __init__(self, market: Any) -> None:
        super().__init__(market)
        self.agencies: dict[int, tuple[AtWork, SellingPlan]] = {}
        """By brand."""
        self.buys_from: dict[int, Distributor] = {}
        """Who sells an order once all have bought, by its number,"""
        self.sold: dict[int, Sale] = {}
        """and who has sold it."""

    def take(self, of: AtWork, terms: Any) -> None:
        if isinstance(terms, SellingPlan):
            self.agencies[of.brand.number] = of, terms

    def _agency(self, brand: Brand) -> SellingPlan:
        return self.agencies[brand.number][1]

    def _discount(self, distributor: Distributor) -> float:
        """Return the discount of a distributor's level off the list price."""
        return self._agency(distributor.brand).levels[distributor.level].discount

    def on_order(self, order: Order) -> bool:
        found = self._seller(order) if order.brand.number in self.agencies else None
        if found is not None:
            self.buys_from[order.number] = found
            self.state(order.person.id, order.brand).seller = found
        return found is not None

    def _seller(self, order: Order) -> Distributor | None:
        """Return whose an order is, none if the buyer buys direct."""
        market, who, brand = self.market, order.person, order.brand
        own, bond = self.state(who.id, brand), who.bonds[brand.number]
        if own.at_work or (market.closed and not bond.held):
            return None
        found = own.seller if own.seller is not None and own.seller.at_work else None
        if found is None:
            holds = own.caller is not None and market.day <= own.call_until
            found = own.caller if holds and own.caller.at_work else None
        plain = brand.config.transparency
        if found is not None and plain > 0:
            slot = order.nth % SLOTS
            direct = market.draws(Purpose.BYPASS, who.id, brand.key, market.day, slot)[0]
            return None if direct < plain else found
        return found

    def on_close(self, order: Order) -> None:
        """Sell from the distributor's stock, and claim what uplines get."""
        seller = self.buys_from.pop(order.number, None)
        if seller is None or order.refunded:
            return
        short = order.list - seller.stock
        if short > 0:
            lot = cents(self._agency(order.brand).stock)
            self._buy_stock(seller, max(short, lot))
        if order.list >= seller.stock:
            released = seller.stock_paid
        else:
            released = seller.stock_paid * order.list // seller.stock
        self.sold[order.number] = Sale(seller, released)
        self._move(order, 1)
        self.market.count(order.brand, "resales")
        self._claim_commission(order, seller)

    def _buy_stock(self, distributor: Distributor, lot: int) -> None:
        """Buy stock of a list value at the discount of the level."""
        paid = rounded(lot, 1.0 - self._discount(distributor))
        self._pay_in(distributor, "channel_deposits", paid)
        distributor.stock += lot
        distributor.stock_paid += paid

    def _pay_in(self, distributor: Distributor, account: str, paid: int) -> None:
        self.market.books.post(distributor.brand, "cash", account, paid, distributor.person)

    def on_refund(self, order: Order) -> None:
        """Undo a resale: the order has come back."""
        if order.number in self.sold:
            self._move(order, -1)

    def _move(self, order: Order, sign: int) -> None:
        distributor, released = self.sold[order.number]
        kept = order.paid - released
        books = self.market.books
        books.pay(order.brand, "channel_deposits", sign * released, order.person)
        books.pay(order.brand, "reseller_margins", sign * kept, order.person)
        distributor.stock -= sign * order.list
        distributor.stock_paid -= sign * released
        distributor.sales += sign * order.list
        distributor.margin += sign * kept

    def _claim_commission(self, order: Order, seller: Distributor) -> None:
        of, agency = self.agencies[order.brand.number]
        gap = agency.levels[-1].discount - self._discount(seller)
        most = int(order.list * (gap + agency.peer_bonus)) + len(agency.levels)
        key = order.brand.key + OF_COMMISSION
        accruals.enter(
            self.market,
            "RESALE",
            of,
            seller.person,
            lot=accruals.lot(self.market, order.person.id, key, order.nth),
            due=order.day + 1,
            order=order,
            about=seller,
            reserve=most if seller.upline is not None else 0,
        )

    # --- commissions ----------------------------------------------------------------------------

    def _pay_uplines(self, accrual: Accrual) -> None:
        """Pay each upline above all below the difference, and the first equal a bonus."""
        sold, agency = accrual.order.list, self._agency(accrual.brand)
        level, peer_paid = accrual.about.level, False
        accrual.about.team += sold
        upline = accrual.about.upline
        while upline is not None:
            upline.team += sold
            if upline.at_work and upline.level > level:
                gained = agency.levels[upline.level].discount - agency.levels[level].discount
                self._pay_upline(accrual, upline, "commissions", rounded(sold, gained))
                level = upline.level
            elif upline.at_work and upline.level == level and not peer_paid:
                peer_paid = True
                self._pay_upline(accrual, upline, "peer_bonuses", rounded(sold, agency.peer_bonus))
            upline = upline.upline

    def _pay_upline(self, accrual: Accrual, upline: Distributor, account: str, amount: int) -> None:
        self.market.books.pay(accrual.brand, account, amount, upline.person)
        accrual.of.spent += amount
        upline.commission += amount

"""Books (ODD 7.11, 9.6): a posting moves cents from one account to another, for one customer."""

from collections import Counter
from enum import Enum
from typing import Any

from .people import Person
from .things import Brand, Order


class Side(Enum):
    """Where an account stands, for a customer's value."""

    SALES = "what makes net revenue"
    COSTS = "what comes off it"
    BALANCE = "what is held and owed"


ACCOUNTS = {
    **dict.fromkeys(("gross_sales", "discounts", "coupons", "refunds"), Side.SALES),
    **dict.fromkeys(("cost_of_goods", "shipping", "touches", "acquisition"), Side.COSTS),
    **dict.fromkeys(("cash", "rewards_pending"), Side.BALANCE),
}
"""Those of the core; twins have more."""


class Books:
    """Debit balances of the day, by brand and account."""

    def __init__(self, market: Any) -> None:
        self.market = market
        self.today: dict[Brand, Counter[str]] = {brand: Counter() for brand in market.brands}
        self.sides = dict(ACCOUNTS)
        for twin in market.twins.values():
            assert not self.sides.keys() & twin.ACCOUNTS.keys(), "two have the same account"
            self.sides |= twin.ACCOUNTS

    def post(self, brand: Brand, debit: str, credit: str, amount: int, who: Person | None) -> None:
        """Move `amount` cents. After the end only what customers held then do is booked."""
        bond = who.bonds[brand.number] if who else None
        if not self.market.closed or (bond and bond.held):
            day = self.today[brand]
            day[debit] += amount
            day[credit] -= amount
        if bond:
            for account, moved in ((debit, amount), (credit, -amount)):
                if self.sides[account] is Side.SALES:
                    bond.revenue -= moved
                elif self.sides[account] is Side.COSTS:
                    bond.cost += moved

    def pay(self, brand: Brand, what: str, amount: int, who: Person | None) -> None:
        self.post(brand, what, "cash", amount, who)

    def net_revenue(self, brand: Brand) -> int:
        """Return what a brand has taken today, in cents."""
        day = self.today[brand]
        return -sum(day[account] for account, side in self.sides.items() if side is Side.SALES)

    def new_day(self) -> None:
        for day in self.today.values():
            day.clear()

    def balance(self) -> None:
        """Check that debits equal credits for each brand."""
        assert all(sum(day.values()) == 0 for day in self.today.values())

    # what happens to an order ------------------------------------------------------------------

    def sale(self, order: Order, cut: int, discount: int, of: str) -> None:
        """Book a sale; `of` is the account of the discount."""
        brand, who = order.brand, order.person
        self.post(brand, "cash", "gross_sales", order.list, who)
        self.pay(brand, "discounts", cut, who)
        self.pay(brand, of, discount, who)
        self.goods(order)
        self.shipping(order)

    def goods(self, order: Order) -> None:
        cost = order.product.unit_cost * order.units
        self.pay(order.brand, "cost_of_goods", cost, order.person)

    def shipping(self, order: Order) -> None:
        self.pay(order.brand, "shipping", order.brand.shipping, order.person)

    def refund(self, order: Order) -> None:
        self.pay(order.brand, "refunds", order.paid, order.person)

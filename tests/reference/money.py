"""Books (ODD 7.11, 9.6): a posting moves cents from one account to another, for one customer."""

from collections import Counter
from enum import Enum
from typing import Any

from .people import Person
from .things import Brand, Distributor, Order


class Account(Enum):
    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    COUPONS = "coupons"
    FRIEND_DISCOUNTS = "friend_discounts"
    REFUNDS = "refunds"
    RESELLER_MARGINS = "reseller_margins"
    COST_OF_GOODS = "cost_of_goods"
    SHIPPING = "shipping"
    TOUCHES = "touches"
    ACQUISITION = "acquisition"
    REFERRAL_ASKS = "referral_asks"
    REFERRAL_CASH = "referral_cash"
    REFERRAL_GOODS = "referral_goods"
    REFERRAL_POINTS = "referral_points"
    POINTS_BREAKAGE = "points_breakage"
    REFERRAL_HONOUR = "referral_honour"
    RECRUITING = "recruiting"
    COMMISSIONS = "commissions"
    RECRUIT_BONUSES = "recruit_bonuses"
    PEER_BONUSES = "peer_bonuses"
    TRAINING = "training"
    CASH = "cash"
    POINTS_OWED = "points_owed"
    REWARDS_PENDING = "rewards_pending"
    CHANNEL_DEPOSITS = "channel_deposits"
    JOINING_FEES = "joining_fees"


A = Account
SALES = {A.GROSS_SALES, A.DISCOUNTS, A.COUPONS, A.FRIEND_DISCOUNTS, A.REFUNDS, A.RESELLER_MARGINS}
BALANCES = {A.CASH, A.POINTS_OWED, A.REWARDS_PENDING, A.CHANNEL_DEPOSITS, A.JOINING_FEES}
COSTS = set(A) - SALES - BALANCES


class Books:
    """Debit balances of the day, by brand and account."""

    def __init__(self, market: Any) -> None:
        self.market = market
        self.today: dict[Brand, Counter[Account]] = {brand: Counter() for brand in market.brands}

    def post(
        self, brand: Brand, debit: Account, credit: Account, amount: int, who: Person | None
    ) -> None:
        """Move `amount` cents. After the end only what customers held then do is booked."""
        bond = who.bonds[brand.number] if who else None
        if not self.market.closed or (bond and bond.held):
            day = self.today[brand]
            day[debit] += amount
            day[credit] -= amount
        if bond:
            for account, moved in ((debit, amount), (credit, -amount)):
                if account in SALES:
                    bond.revenue -= moved
                elif account in COSTS:
                    bond.cost += moved

    def pay(self, brand: Brand, what: Account, amount: int, who: Person | None) -> None:
        self.post(brand, what, A.CASH, amount, who)

    def new_day(self) -> None:
        for day in self.today.values():
            day.clear()

    def balance(self) -> None:
        """Check that debits equal credits for each brand."""
        assert all(sum(day.values()) == 0 for day in self.today.values())

    # what happens to an order ------------------------------------------------------------------

    def sale(self, order: Order, cut: int, discount: int, of: Account) -> None:
        """Book a sale; `of` is the account of the discount."""
        brand, who = order.brand, order.person
        self.post(brand, A.CASH, A.GROSS_SALES, order.list, who)
        self.pay(brand, A.DISCOUNTS, cut, who)
        self.pay(brand, of, discount, who)
        self.goods(order)
        self.shipping(order)

    def goods(self, order: Order) -> None:
        cost = order.product.unit_cost * order.units
        self.pay(order.brand, A.COST_OF_GOODS, cost, order.person)

    def shipping(self, order: Order) -> None:
        self.pay(order.brand, A.SHIPPING, order.brand.shipping, order.person)

    def refund(self, order: Order) -> None:
        self.pay(order.brand, A.REFUNDS, order.paid, order.person)

    def resale(self, order: Order, sign: int = 1) -> None:
        """Book what a distributor keeps; `sign` -1 undoes it."""
        brand, who = order.brand, order.person
        self.pay(brand, A.CHANNEL_DEPOSITS, sign * order.released, who)
        self.pay(brand, A.RESELLER_MARGINS, sign * (order.paid - order.released), who)

    # what happens to a distributor -------------------------------------------------------------

    def stock(self, distributor: Distributor, paid: int) -> None:
        self.post(distributor.brand, A.CASH, A.CHANNEL_DEPOSITS, paid, distributor.person)

    def fee(self, distributor: Distributor, paid: int) -> None:
        self.post(distributor.brand, A.CASH, A.JOINING_FEES, paid, distributor.person)

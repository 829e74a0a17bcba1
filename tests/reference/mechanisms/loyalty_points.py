"""Loyalty points: earned, held, spent at an order, or lapsed (ODD 7.15)."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from sim.purposes import Purpose

from .. import accruals
from ..figures import SLOTS
from ..money import Side
from ..people import Person
from ..things import Accrual, Brand, Order, Product
from ..twin import Twin


@dataclass(eq=False)
class Wallet:
    """What a person has with a brand: points in cents of cost, and their last day."""

    points: int = 0
    until: int = 0

    def held(self, today: int) -> int:
        return self.points if today <= self.until else 0


class LoyaltyPoints(Twin):
    """What the market's loyalty points do."""

    ORDER = 30
    ACCOUNTS: ClassVar = {
        "referral_points": Side.COSTS,
        "points_breakage": Side.COSTS,
        "points_owed": Side.BALANCE,
    }
    STATE = Wallet
    RELATIONSHIP = ("points_cents", "points_until")

    def utility(self, person: Person, product: Product, packs: int) -> float:
        points = self.state(person.id, product.brand).held(self.market.day)
        if points == 0:
            return 0.0
        weight = self.market.rules.choice.points
        return weight * math.log(1.0 + points / max(1, product.brand.yardstick))

    def on_order(self, order: Order) -> bool:
        """Spend all points held, with a chance."""
        market, who, brand = self.market, order.person, order.brand
        own = self.state(who.id, brand)
        if own.held(market.day) > 0:
            slot = order.nth % SLOTS
            u = market.draws(Purpose.REDEEM, who.id, brand.key, market.day, slot)[0]
            if u < market.rules.referral.redeem:
                market.books.pay(brand, "points_owed", own.points, who)
                own.points = 0
        return False

    def book_accrual(self, accrual: Accrual, sign: int) -> None:
        accruals.book(self.market, accrual, "referral_points", sign * accrual.points)

    def on_vest(self, accrual: Accrual) -> None:
        if accrual.kind == "EXPIRY":
            self._lapse(accrual)
        elif accrual.points > 0:
            self._credit(accrual)

    def _credit(self, accrual: Accrual) -> None:
        market, brand, who = self.market, accrual.brand, accrual.person
        own = self.state(who.id, brand)
        self._lapse(accrual)
        until = market.day + accrual.terms.points_days
        own.until = max(until, own.until) if own.points > 0 else until
        own.points += accrual.points
        market.books.post(brand, "rewards_pending", "points_owed", accrual.points, who)
        accruals.remind(market, "EXPIRY", accrual.of, who, own.until + 1)

    def _lapse(self, accrual: Accrual) -> None:
        """Take back points that have lapsed."""
        market, brand, who = self.market, accrual.brand, accrual.person
        own = self.state(who.id, brand)
        if own.points > 0 and own.until < market.day:
            market.books.post(brand, "points_owed", "points_breakage", own.points, who)
            own.points = 0

    def of_relationship(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        own = self.state(person.id, brand)
        return own.points, own.until

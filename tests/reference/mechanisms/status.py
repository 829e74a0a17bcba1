"""Status: who has referred enough friends is recognised, as a KOC (ODD 7.14)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sim.mechanisms.status.terms import Status as Terms

from .. import roles
from ..figures import cents
from ..money import Side
from ..people import Person
from ..rewards import nearer, worth
from ..things import Accrual, AtWork, Brand, Product
from ..twin import Twin

KOC = 1


@dataclass(eq=False)
class Standing:
    """What a person has with a brand."""

    claimed: int = 0
    """Friends who count toward the status reward, or will if they keep what they bought."""
    reserved: bool = False
    koc: bool = False


class Status(Twin):
    """What the market's status does."""

    ORDER = 20
    ACCOUNTS: ClassVar = {"status_rewards": Side.COSTS}
    STATE = Standing
    CUSTOMER: ClassVar = {"koc": "?"}
    RELATIONSHIP = ("status_claimed", "status_reserved", "koc")

    def __init__(self, market: Any) -> None:
        super().__init__(market)
        self.given: dict[int, tuple[AtWork, Terms]] = {}
        """What makes KOCs, by brand."""

    def take(self, of: AtWork, terms: Any) -> None:
        if isinstance(terms, Terms):
            self.given[of.brand.number] = of, terms

    def role(self, person: Person, brand: Brand) -> int:
        koc = self.state(person.id, brand).koc and not person.bonds[brand.number].has_left
        return KOC if koc else roles.CUSTOMER

    def discount(self, person: Person, product: Product, packs: int) -> float:
        brand = product.brand
        if self.role(person, brand) != KOC:
            return 0.0
        return self.given[brand.number][1].discount

    def reward_ahead(self, person: Person, brand: Brand) -> float:
        market = self.market
        of, terms = self.given.get(brand.number, (None, None))
        koc = self.state(person.id, brand).koc
        if of is None or terms is None or koc or not market.meant(of, person):
            return 0.0
        way = min(1.0, market.hooks.friends_referred(person, brand) / terms.friends)
        value = market.rules.referral.status_reward * brand.yardstick
        return worth(market, brand, value) * nearer(market, way)

    # --- the claim on recognition ---------------------------------------------------------------

    def _counts(self, accrual: Accrual) -> bool:
        """Tell whether it brings nearer to the status: once for the strategy that gives both."""
        of, _ = self.given.get(accrual.brand.number, (None, None))
        return accrual.of is of and accrual.kind == "REFERRAL" and accrual.about.first

    def _terms(self, accrual: Accrual) -> Terms:
        return self.given[accrual.brand.number][1]

    def on_accrual(self, accrual: Accrual) -> None:
        """Count a friend claimed, who may be the one that completes the number."""
        if not self._counts(accrual):
            return
        own = self.state(accrual.person.id, accrual.brand)
        own.claimed += 1
        if own.claimed >= self._terms(accrual).friends and not own.koc and not own.reserved:
            accrual.keeps_reserve, accrual.reserve = True, cents(self._terms(accrual).cost)

    def on_accept(self, accrual: Accrual) -> None:
        """Reserve once, for whoever makes the number full."""
        if self._counts(accrual) and accrual.keeps_reserve:
            own = self.state(accrual.person.id, accrual.brand)
            accrual.reserve = 0 if own.reserved else accrual.reserve
            own.reserved = True

    def on_fail(self, accrual: Accrual) -> None:
        if self._counts(accrual):
            self.state(accrual.person.id, accrual.brand).claimed -= 1

    def on_vest(self, accrual: Accrual) -> None:
        """Make a KOC of whose friends are as many as it takes."""
        if not self._counts(accrual):
            return
        market, brand, who = self.market, accrual.brand, accrual.person
        own = self.state(who.id, brand)
        few = market.hooks.friends_referred(who, brand) < self._terms(accrual).friends
        if few or not own.reserved or own.koc:
            return
        cost = cents(self._terms(accrual).cost)
        accrual.of.reserved -= cost
        accrual.of.spent += cost
        market.books.pay(brand, "status_rewards", cost, who)
        market.count(brand, "kocs")
        own.koc = True
        roles.take(market, who, brand)

    # --- what is seen of it ---------------------------------------------------------------------

    def of_customer(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        return (self.state(person.id, brand).koc,)

    def of_relationship(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        own = self.state(person.id, brand)
        return own.claimed, own.reserved, own.koc

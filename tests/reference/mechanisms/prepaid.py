"""Prepaid passes: bought, drawn down, given back, dormant (ODD 7.17)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sim.mechanisms.prepaid.terms import Prepaid as Terms
from sim.purposes import Purpose

from .. import hearing, talk
from ..figures import SLOTS, cents, chance
from ..money import Side
from ..people import Person
from ..things import OPINION, AtWork, Brand, Order, Product, Word
from ..twin import Kept, Message, Twin


@dataclass(eq=False)
class Draw:
    """What an order drew on a pass."""

    number: int
    order: Order
    units: int
    worth: int
    before: int
    """Number of the one before, plus 1; 0 for none."""

    @property
    def brand(self) -> Brand:
        return self.order.brand


@dataclass(eq=False)
class Balance:
    """What a person has paid ahead with a brand."""

    units: int = 0
    worth: int = 0
    passes: int = 0
    draws: list[Draw] = field(default_factory=list)

    @property
    def last(self) -> int:
        return self.draws[-1].number + 1 if self.draws else 0


@dataclass(eq=False)
class Pass:
    """What a brand sells."""

    of: AtWork
    product: Product
    price: int
    units: int


def of_draw(draw: Draw) -> tuple[Any, ...]:
    order = draw.order
    who, brand = order.person.id, order.brand.number
    return draw.worth, order.number, who, draw.units, order.day, draw.before, brand


DRAWS = Kept(
    table="drawdowns",
    columns={
        **{"cents": "i8", "order": "i8", "person": "i8", "units": "i8"},
        **{"day": "i8", "before": "i8", "brand": "i8"},
    },
    rows=lambda twin: twin.draws,
    row=of_draw,
    record="drawdowns",
    seen=("person", "day", "order", "units", "cents"),
)


class Prepaid(Twin):
    """What the market's prepaid passes do."""

    ORDER = 50
    ACCOUNTS: ClassVar = {"deferred_revenue": Side.BALANCE, "dormant_balances": Side.BALANCE}
    MESSAGES: ClassVar = {"COME_ALONG": Message(makes_aware=True)}
    STATE = Balance
    KEPT = (DRAWS,)
    CUSTOMER: ClassVar = {"units_left": "i8"}
    RELATIONSHIP = ("prepaid_cents", "units_left", "passes_bought", "last_drawdown")

    @classmethod
    def strategies(cls, brand: Mapping[str, Any]) -> dict[str, Any]:
        """Return a pass of a few units for larger brands, some so cheap that many buy one."""
        if brand["share"] < 0.5:
            return {}
        product, item = sorted(brand["products"].items())[-1]
        units, part = 2 + int(item["price"]) % 3, 0.7 if int(item["price"]) % 2 else 0.005
        price = max(0.01, round(part * units * item["price"], 2))
        return {"prepaid_pass": {"product": product, "price": price, "units": units}}

    def __init__(self, market: Any) -> None:
        super().__init__(market)
        self.sold: dict[int, Pass] = {}
        """By brand."""
        self.draws: list[Draw] = []

    def take(self, of: AtWork, terms: Any) -> None:
        if isinstance(terms, Terms):
            named = [p for p in of.brand.products if terms.product in (None, p.name)]
            self.sold[of.brand.number] = Pass(of, named[0], cents(terms.price), terms.units)

    def _paid_ahead(self, person: Person, product: Product, packs: int) -> tuple[int, int]:
        """Return how many packs of an order are paid for, and what they are worth."""
        sold = self.sold.get(product.brand.number)
        own = self.state(person.id, product.brand)
        if sold is None or sold.product is not product:
            return 0, 0
        if own.units <= packs:
            return own.units, own.worth if own.units else 0
        return packs, packs * (sold.price // sold.units)

    def _due(self, product: Product, packs: int, ahead: int, worth: int) -> int:
        return worth + product.price * (packs - ahead)

    def discount(self, person: Person, product: Product, packs: int) -> float:
        due = self._due(product, packs, *self._paid_ahead(person, product, packs))
        price = product.price * packs
        return 1.0 - due / price if due < price else 0.0

    def utility(self, person: Person, product: Product, packs: int) -> float:
        ahead, _ = self._paid_ahead(person, product, packs)
        weight: float = self.market.rules.choice.entitlement
        return weight if ahead == packs else 0.0

    # --- bought and drawn down --------------------------------------------------------------------

    def on_order(self, order: Order) -> bool:
        """Draw, or else buy a pass."""
        sold = self.sold.get(order.brand.number)
        if self.state(order.person.id, order.brand).units > 0:
            self._draw_down(order)
        elif sold and self.market.meant(sold.of, order.person) and not self.market.closed:
            self._sell(order, sold)
        return False

    def _sell(self, order: Order, sold: Pass) -> None:
        market, brand, who = self.market, order.brand, order.person
        rules = market.rules.prepaid
        saved = math.log(max(1, sold.product.price * sold.units) / max(1, sold.price))
        odds = rules.purchase_intercept + rules.saving * saved
        odds += rules.trust * (who.bonds[brand.number].trust - market.rules.trust.prior)
        u, *_ = market.draws(Purpose.PREPAY, who.id, brand.key, market.day, order.nth % SLOTS)
        if not u < chance(odds):
            return
        own = self.state(who.id, brand)
        own.units, own.worth = own.units + sold.units, own.worth + sold.price
        own.passes += 1
        market.books.post(brand, "cash", "deferred_revenue", sold.price, who)
        market.count(brand, "passes_sold")

    def _draw_down(self, order: Order) -> None:
        who, product, brand = order.person, order.product, order.brand
        ahead, worth = self._paid_ahead(who, product, order.units)
        due, price = self._due(product, order.units, ahead, worth), product.price * order.units
        if ahead == 0 or order.paid != min(due, price):
            return
        if due > price:
            self.market.books.post(brand, "cash", "gross_sales", due - price, who)
            order.list, order.paid = order.list + due - price, due
        own = self.state(who.id, brand)
        draw = Draw(len(self.draws), order, ahead, worth, own.last)
        self.draws.append(draw)
        own.draws.append(draw)
        own.units, own.worth = own.units - ahead, own.worth - worth
        self.market.books.pay(brand, "deferred_revenue", worth, who)
        self.market.count(brand, "units_drawn", ahead)
        self._be_seen(order)

    def _be_seen(self, order: Order) -> None:
        """Have a tie come along, and tell one, perhaps."""
        market, who, brand = self.market, order.person, order.brand
        if len(who.circle) == 0:
            return
        company, guest, buzz, hearer = market.draws(
            Purpose.DRAW_DOWN, who.id, brand.key, market.day, order.nth % SLOTS
        )
        if company < market.rules.prepaid.company:
            talk.say(market, who, brand, who.circle.at(guest), "COME_ALONG")
        if buzz < market.rules.prepaid.buzz:
            talk.say(market, who, brand, who.circle.at(hearer), OPINION)

    def on_message(self, word: Word, repeat: int, knew: bool) -> None:
        receiver = self.market.people[word.receiver]
        if word.kind == "COME_ALONG" and not receiver.bonds[word.brand.number].has_left:
            hearing.wake(self.market, receiver, word)

    # --- given back, and dormant ------------------------------------------------------------------

    def on_refund(self, order: Order) -> None:
        own = self.state(order.person.id, order.brand)
        for draw in own.draws:
            if draw.order is order:
                own.units, own.worth = own.units + draw.units, own.worth + draw.worth
                left = order.person.bonds[order.brand.number].has_left
                owed = "dormant_balances" if left else "deferred_revenue"
                self.market.books.post(order.brand, "cash", owed, draw.worth, order.person)

    def on_dropout(self, person: Person, brand: Brand) -> None:
        worth = self.state(person.id, brand).worth
        self.market.books.post(brand, "deferred_revenue", "dormant_balances", worth, person)

    def on_comeback(self, person: Person, brand: Brand) -> None:
        worth = self.state(person.id, brand).worth
        self.market.books.post(brand, "dormant_balances", "deferred_revenue", worth, person)

    # --- what is seen of it -----------------------------------------------------------------------

    def of_customer(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        return (self.state(person.id, brand).units,)

    def of_relationship(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        own = self.state(person.id, brand)
        return own.worth, own.units, own.passes, own.last

"""What brands see and ask for (ODD, section 4 Sensing, and 9.5 Decide)."""

from operator import itemgetter
from typing import Any

import numpy as np

from sim.engine.draws import normal
from sim.purposes import Purpose
from sim.strategies.brand_view import NO_ANSWERS, BrandView
from sim.terms import Price

from .figures import cents
from .start import step_of
from .things import AtWork, Brand, Planned
from .twin import Kept

CUSTOMERS = [
    ("person", "i8"),
    ("orders", "i8"),
    ("first_day", "i8"),
    ("last_day", "i8"),
    ("opted_out", "?"),
]
ORDERS = [
    ("day", "i8"),
    ("person", "i8"),
    ("product", "i8"),
    ("units", "i8"),
    ("nth", "i8"),
    ("list_cents", "i8"),
    ("paid_cents", "i8"),
    ("arrived_day", "i8"),
    ("refunded", "?"),
]
NOISE = 0.1
"""Standard deviation of an answer to a survey."""


def decide(market: Any) -> None:
    """Let strategies whose day it is look, and carry out what they ask for."""
    for of in market.strategies:
        if of.strategy.every > 0 and market.day % of.strategy.every == 0:
            view = see(market, of)
            of.strategy.decide(view, market.day)
            for command in view.commands:
                VERBS[command.verb](market, of, *command.arguments)


def see(market: Any, of: AtWork) -> BrandView:
    brand = of.brand
    known = [person for person in market.people if person.bonds[brand.number].orders > 0]
    reads = of.strategy.reads
    records = {
        name: RECORDS[name](market, brand, known)
        if name in RECORDS
        else written_down(market, brand, name)
        for name in (readable(market) if reads is None else reads)
    }
    names = tuple(product.name for product in brand.products)
    people = np.array([person.id for person in known], np.int64)
    answers = NO_ANSWERS if of.answers is None else of.answers
    return BrandView(brand.name, names, people, records, answers)


def customers(market: Any, brand: Brand, known: list[Any]) -> Any:
    rows, twins = [], [twin for twin in market.twins.values() if twin.CUSTOMER]
    for person in known:
        b = person.bonds[brand.number]
        row = person.id, b.orders, b.first_day, b.last_day, b.opted_out
        rows.append(sum((twin.of_customer(person, brand) for twin in twins), row))
    columns = [column for twin in twins for column in twin.CUSTOMER.items()]
    return np.array(rows, CUSTOMERS + columns)


def orders(market: Any, brand: Brand, known: list[Any]) -> Any:
    rows = [
        (
            o.day,
            o.person.id,
            o.product.number,
            o.units,
            o.nth,
            o.list,
            o.paid,
            o.arrived,
            o.refunded,
        )
        for o in market.orders
        if o.brand is brand
    ]
    return np.array(rows, ORDERS)


RECORDS = {"customers": customers, "orders": orders}


def readable(market: Any) -> list[str]:
    """Return the names of all that brands can see."""
    written = [kept.record for twin in market.twins.values() for kept in twin.KEPT]
    return [*RECORDS, *written]


def written_down(market: Any, brand: Brand, record: str) -> Any:
    """Return what a twin has written down about a brand; nothing if there is no such twin."""
    for twin in market.twins.values():
        for kept in twin.KEPT:
            if kept.record == record:
                return table(kept, [each for each in kept.rows(twin) if each.brand is brand])
    return np.array([], [])


def table(kept: Kept, mine: list[Any]) -> Any:
    names = list(kept.columns)
    seen = itemgetter(*(names.index(name) for name in kept.seen))
    types = [(name, kept.columns[name]) for name in kept.seen]
    return np.array([seen(kept.row(each)) for each in mine], types)


# --- what can be asked for ----------------------------------------------------------------------


def send(market: Any, of: AtWork, touch: Any, people: Any, product: str | None) -> None:
    """Send a touch tomorrow, to each person once."""
    if not of.sends(touch):
        return
    brand = of.brand
    item = next((p for p in brand.products if p.name == product), None)
    step = step_of(brand, of, touch, item)
    for i in sorted(set(people.tolist())):
        person = market.people[i]
        if market.reaches(of, i):
            market.agenda.touch(Planned(person, step, 0, None, market.day + 1))


def owns(of: AtWork, term: str) -> None:
    """Let a term be that of the strategy of the brand which sets it first."""
    assert of.brand.owners.setdefault(term, of) is of, f"two strategies set {term}"


def set_price(market: Any, of: AtWork, product: str, price: float) -> None:
    owns(of, product)
    terms = Price(product, price)
    next(p for p in of.brand.products if p.name == product).price = cents(terms.price)


def set_advertising(market: Any, of: AtWork, spend: float) -> None:
    if not market.closed:
        owns(of, "advertising of the brand")
        of.brand.ad_method = "fixed"
        market.spend(of.brand, spend)


def survey(market: Any, of: AtWork, share: float) -> None:
    """Ask a share of customers, who answer the next time that the strategy decides."""
    brand, who, said = of.brand, [], []
    for person in market.people:
        bond = person.bonds[brand.number]
        if bond.orders == 0 or bond.opted_out:
            continue
        asked, u, v, _ = market.draws(Purpose.SURVEY, person.id, of.key, market.day)
        if asked < share:
            who.append(person.id)
            said.append(min(1.0, max(0.0, bond.satisfaction + NOISE * normal(u, v))))
    of.answers = np.array(who, np.int64), np.array(said, np.float64)


VERBS = {
    "send": send,
    "set_price": set_price,
    "set_advertising": set_advertising,
    "survey": survey,
}

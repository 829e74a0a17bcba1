"""Choice among products (ODD 7.2): log weights, each with its own Gumbel draw."""

import math
from collections.abc import Iterable
from typing import Any

from sim.engine.draws import Purpose, gumbel

from . import buying, need
from .feelings import satisfied
from .figures import halved, log, log_price
from .people import Bond, Person
from .roles import CUSTOMER
from .things import Category, Product


def choose(market: Any) -> None:
    """Let needs meet brands: those due, those reminded of, those woken."""

    def open_choice(person: Person, category: Category, met: int) -> bool:
        product = among_all(market, person, category, Purpose.CHOICE, met)
        if product:
            buying.buy(market, person, product)
        return product is not None

    need.meet_all(market, open_choice)
    heed_reminders(market)
    wake(market)


def heed_reminders(market: Any) -> None:
    by_need: dict[tuple[int, int], set[int]] = {}
    for i, c, p in market.reminded:
        by_need.setdefault((i, c), set()).add(p)
    for (i, c), numbers in sorted(by_need.items()):
        person, category = market.people[i], market.categories[c]
        if may_be_early(market, person, category):
            products = [market.products[p] for p in sorted(numbers)]
            waiting = market.rules.choice.wait_weight
            purpose = Purpose.CHOICE_REMINDED
            winner = race(market, person, category, products, waiting, purpose, 0)
            buy_early(market, person, category, winner, reminded=True)


def wake(market: Any) -> None:
    for i, c in sorted(market.woken):
        person, category = market.people[i], market.categories[c]
        if may_be_early(market, person, category):
            winner = among_all(market, person, category, Purpose.CHOICE_WOKEN, 0)
            buy_early(market, person, category, winner, reminded=False)


def may_be_early(market: Any, person: Person, category: Category) -> bool:
    """Return whether a need is more than today away, and not for ever."""
    return market.day + 1 <= person.needs[category.number].due < math.inf


def buy_early(
    market: Any, person: Person, category: Category, winner: Product | None, reminded: bool
) -> None:
    if winner:
        buying.buy(market, person, winner, reminded)
        need.schedule(market, person, category, market.day + 1)


def among_all(
    market: Any, person: Person, category: Category, purpose: Purpose, slot: int
) -> Product | None:
    outside = market.rules.choice.outside_weight
    return race(market, person, category, category.products, outside, purpose, slot)


def race(
    market: Any,
    person: Person,
    category: Category,
    products: Iterable[Product],
    nothing: float,
    purpose: Purpose,
    slot: int,
) -> Product | None:
    """Return the product with the highest weight and luck, None if `nothing` wins."""

    def luck(key: int) -> float:
        return gumbel(market.draws(purpose, person.id, key, market.day, slot)[0])

    best, winner = -math.inf, None
    if nothing > 0:
        best = log(nothing) + luck(category.key)
    for product in products:
        bond = person.bonds[product.brand.number]
        if bond.aware and not bond.has_left:
            score = weight(market, person, bond, product) + luck(product.key)
            if score > best:
                best, winner = score, product
    return winner


def weight(market: Any, person: Person, bond: Bond, product: Product) -> float:
    """Return the log weight of a product."""
    rules, today = market.rules.choice, market.day
    discount, _ = buying.discount(bond, today)
    heard = halved(bond.heard, today - bond.heard_day, market.rules.talk.half_life)
    last = person.needs[product.category.number].last
    score = bond.taste + log(product.share)
    score += rules.satisfaction * (bond.satisfaction - market.gate)
    score += rules.trust * (bond.trust - market.rules.trust.prior)
    score -= person.price_sensitivity * dearness(market, bond, product, discount)
    score += rules.offer * person.deal_proneness * discount
    score += rules.social_proof * heard
    if last is not None and last.brand is product.brand and satisfied(market, bond):
        score += rules.habit
    if bond.role > CUSTOMER:
        score += rules.status
    return score + market.hooks.utility(person, product)


def dearness(market: Any, bond: Bond, product: Product, discount: float) -> float:
    """Return how dear a price is against the usual one and the one remembered."""
    rules = market.rules.choice
    price = log_price(product.price, discount)
    dear = rules.price * (price - log_price(product.category.usual))
    if product.base == 0:
        return dear
    above = price - (log_price(product.base) + bond.reference)
    pain = rules.loss_aversion if above > 0 else 1.0
    return dear + rules.reference_price * pain * above

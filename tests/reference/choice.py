"""Choice among products and their sizes (ODD 7.2): log weights, each with its own Gumbel draw."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sim.engine.draws import gumbel
from sim.purposes import Purpose

from . import buying, need
from .feelings import satisfied
from .figures import halved, log, log_price
from .people import Bond, Person
from .roles import CUSTOMER
from .things import Category, Product

MOST_UNITS = 24
Pick = tuple[Product, int]
"""A product, and how many packs of it."""


def choose(market: Any) -> None:
    """Let needs meet brands: those due, those reminded of, those woken."""

    def open_choice(person: Person, category: Category, met: int) -> bool:
        pick = among_all(market, person, category, Purpose.CHOICE, met)
        if pick:
            buying.buy(market, person, *pick)
        return pick is not None

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
            pick = race(market, person, category, products, waiting, purpose, 0)
            buy_early(market, person, category, pick, reminded=True)


def wake(market: Any) -> None:
    for i, c in sorted(market.woken):
        person, category = market.people[i], market.categories[c]
        if may_be_early(market, person, category):
            pick = among_all(market, person, category, Purpose.CHOICE_TRIGGERED, 0)
            buy_early(market, person, category, pick, reminded=False)


def may_be_early(market: Any, person: Person, category: Category) -> bool:
    """Return whether a need is more than today away, and not for ever."""
    return market.day + 1 <= person.needs[category.number].due < math.inf


def buy_early(
    market: Any, person: Person, category: Category, pick: Pick | None, reminded: bool
) -> None:
    if pick:
        buying.buy(market, person, *pick, reminded=reminded)
        need.schedule(market, person, category, market.day + 1)


def among_all(
    market: Any, person: Person, category: Category, purpose: Purpose, slot: int
) -> Pick | None:
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
) -> Pick | None:
    """Return the product with the highest value and luck and its size, None if `nothing` wins."""

    def luck(key: int, packs: int = 0) -> float:
        return gumbel(market.draws(purpose, person.id, key, market.day, slot + 64 * packs)[0])

    best, winner = -math.inf, None
    if nothing > 0:
        best = log(nothing) + luck(category.key)
    for product in products:
        bond = person.bonds[product.brand.number]
        if bond.aware and not bond.has_left:
            offered = sizes(market, person, product)
            weights = {packs: weight(market, person, bond, product, packs) for packs in offered}
            score = inclusive_value(market, weights) + luck(product.key)
            if score > best:
                best, winner = score, (product, weights)
    if winner is None:
        return None
    product, weights = winner
    return product, size(market, weights, partial(luck, product.key))


def sizes(market: Any, person: Person, product: Product) -> list[int]:
    """Return how many packs an order may hold: the sizes of the product, and what terms offer."""
    offers = market.hooks.offers_units
    numbers = range(1, MOST_UNITS + 1)
    return [n for n in numbers if n in product.config.sizes or offers(person, product, n)]


def inclusive_value(market: Any, weights: dict[int, float]) -> float:
    """Return what all sizes of a product are worth together, in log weight."""
    apart = market.rules.choice.size_dissimilarity
    most, total = -math.inf, 0.0
    for value in weights.values():
        if value > most:
            most, total = value, total * math.exp((most - value) / apart) + 1.0
        else:
            total += math.exp((value - most) / apart)
    return most + apart * math.log(total)


def size(market: Any, weights: dict[int, float], luck: Callable[[int], float]) -> int:
    """Return the size with the highest weight and luck; where there is one, luck is not asked."""
    if len(weights) == 1:
        return next(iter(weights))
    apart = market.rules.choice.size_dissimilarity
    return max(weights, key=lambda packs: weights[packs] / apart + luck(packs))


def weight(market: Any, person: Person, bond: Bond, product: Product, packs: int) -> float:
    """Return the log weight of some packs of a product."""
    rules, today = market.rules.choice, market.day
    discount, _ = buying.discount(market, person, product, packs)
    heard = halved(bond.heard, today - bond.word_of_mouth_day, market.rules.talk.half_life)
    last = person.needs[product.category.number].last
    score = bond.taste + log(product.share)
    score += rules.satisfaction * (bond.satisfaction - market.gate)
    score += rules.trust * (bond.trust - market.rules.trust.prior)
    score -= person.price_sensitivity * dearness(market, bond, product, discount)
    score += rules.offer * person.deal_proneness * discount
    score += rules.social_proof * heard
    if last is not None and last.brand is product.brand and satisfied(market, bond):
        score += rules.habit
    score -= rules.holding_cost * (packs - 1)
    if bond.role > CUSTOMER:
        score += rules.status
    return score + market.hooks.utility(person, product, packs)


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

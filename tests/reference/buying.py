"""To buy (ODD 9.5, Choose): the order, what is paid, who sold it, and what follows."""

import math
from typing import Any

from sim.purposes import Purpose

from . import awareness, dropout, experience, journeys, need
from .figures import NEVER, NOT_YET, SLOTS
from .people import Bond, Person
from .things import Order, Product


def discount(market: Any, person: Person, product: Product, packs: int) -> tuple[float, bool]:
    """Return the larger of the offer in hand and the discount by terms, and which it is."""
    bond = person.bonds[product.brand.number]
    offer = bond.offer if market.day <= bond.offer_until else 0.0
    by_terms = market.hooks.discount(person, product, packs)
    return (by_terms, True) if by_terms > offer else (offer, False)


def hand(bond: Bond, share: float, until: int, today: int, of: str) -> None:
    """Hand over an offer, if none in hand is better."""
    better = today <= bond.offer_until and bond.offer > share
    if share > 0 and not better:
        bond.offer, bond.offer_until, bond.offer_of = share, until, of


def buy(market: Any, person: Person, product: Product, units: int, reminded: bool = False) -> None:
    """Buy some packs of a product."""
    brand = product.brand
    bond = person.bonds[brand.number]
    order = place(market, person, bond, product, units, reminded)
    if market.hooks.on_order(order):
        market.closing.append(order)
    remember_price(market, bond, order)
    person.needs[product.category.number].last = product
    need.stock_up(market, person, product, units)
    dispatch(market, order)
    dropout.follow(market, person, brand)
    journeys.plan(market, order)


def place(
    market: Any, person: Person, bond: Bond, product: Product, units: int, reminded: bool
) -> Order:
    today = market.day
    share, by_role = discount(market, person, product, units)
    price = product.price * units
    coupon = math.floor(price * share + 0.5)
    listed = product.list_price * units
    bond.orders += 1
    order = Order(
        number=len(market.orders),
        person=person,
        product=product,
        day=today,
        units=units,
        nth=bond.orders,
        nth_product=person.holding(product).orders + 1,
        list=listed,
        paid=price - coupon,
        reminded=reminded,
    )
    market.orders.append(order)
    write_down(person, bond, order)
    market.count(product.brand, "orders")
    market.count(product.brand, "first_orders", bond.orders == 1)
    if bond.orders == 1:
        awareness.first_order(market, person, product.brand)
    market.count(product.brand, "reminded_orders", reminded)
    account = "discounts" if by_role else bond.offer_of
    market.books.sale(order, listed - price, coupon, account)
    if share > 0 and not by_role:
        bond.offer, bond.offer_until = 0.0, NOT_YET
    return order


def write_down(person: Person, bond: Bond, order: Order) -> None:
    """Note the order in the relationship and in the holding."""
    holding = person.holding(order.product)
    holding.orders += 1
    holding.before = holding.units
    holding.units += order.units
    if holding.orders == 1:
        holding.first_day = order.day
    if bond.orders == 1:
        bond.first_day = order.day
    bond.last_day = holding.last_day = order.day


def close(market: Any) -> None:
    """Look again at orders that matter to others, when all have bought."""
    for order in sorted(market.closing, key=lambda o: (o.person.id, o.brand.key, o.number)):
        market.hooks.on_close(order)


def remember_price(market: Any, bond: Bond, order: Order) -> None:
    base = order.product.base * order.units
    if base > 0 and order.paid > 0:
        learning = market.rules.reference_price.learning
        moved = learning * (math.log(order.paid / base) - bond.reference)
        bond.reference = market.single(bond.reference + moved)


def dispatch(market: Any, order: Order) -> None:
    """Send an order: late or not, to a wrong address or not; without delivery days it arrives."""
    brand, product = order.brand.config, order.product
    late, wrong, *_ = market.draws(
        Purpose.DELIVERY, order.person.id, product.key, order.day, order.nth % SLOTS
    )
    days = product.config.delivery_days + (brand.late_days if late < brand.late else 0)
    order.misaddressed = order.nth == 1 and wrong < brand.misdelivery
    if days > 0:
        market.agenda.deliver(order, market.day + days)
    else:
        order.due = NEVER
        experience.arrive(market, order)

"""Journeys (ODD 7.5, 9.5): the touches that follow an order."""

import math
from typing import Any

from .people import Holding
from .things import Order, Planned, Product, Touch


def plan(market: Any, order: Order) -> None:
    """Plan the touches whose filters an order passes."""
    person, brand = order.person, order.brand
    if person.bonds[brand.number].opted_out:
        return
    holding = person.holding(order.product)
    for step in order.product.journey:
        if not passes(step.touch, order, holding) or not market.reaches(step.of, person.id):
            continue
        days = days_after(step.touch, order.product, holding, order)
        if days < 1e6:
            due = market.day + max(1, math.floor(days))
            market.agenda.touch(Planned(person, step, holding.orders, order, due))


def passes(touch: Touch, order: Order, holding: Holding) -> bool:
    def within(n: int, limits: tuple[int, int | None]) -> bool:
        low, high = limits
        return low <= n and (high is None or n <= high)

    return within(order.nth, touch.brand_orders) and within(holding.orders, touch.product_orders)


def days_after(touch: Touch, product: Product, holding: Holding, order: Order) -> float:
    if touch.day is not None:
        return touch.day
    return lasts(touch.prior_orders, product, holding) * order.units - touch.before_depletion


def lasts(prior: float, product: Product, holding: Holding) -> float:
    """Return how long a pack lasts, as far as a brand can tell."""
    packs = holding.before
    if prior + packs == 0 or math.isinf(product.nominal_cycle):
        return product.nominal_cycle
    nominal = prior * product.nominal_cycle
    return (nominal + (holding.last_day - holding.first_day)) / (prior + packs)

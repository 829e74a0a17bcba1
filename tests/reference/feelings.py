"""What one feels about a brand (ODD 7.3): satisfaction, trust, expectation, delight."""

import math
from typing import Any

from .figures import halved, power, single
from .people import Bond

LARGEST = 700.0
"""Logarithm from which on a power is taken of the ratio of both sides instead."""


def aggregate(product: float, service: float, exponent: float) -> float:
    """Return satisfaction from its two sides; the lower of both at exponent -inf."""
    if exponent == -math.inf:
        return min(product, service)
    if exponent == 0:
        return math.sqrt(single(product * service))
    if exponent < 0 and min(product, service) <= 0:
        return 0.0
    low = min(product, service)
    if low > 0 and exponent * math.log(low) > LARGEST:
        of_low = power(max(product, service) / low, exponent)
        return low * power((1.0 + of_low) / 2.0, 1.0 / exponent)
    return power((power(product, exponent) + power(service, exponent)) / 2.0, 1.0 / exponent)


def satisfied(market: Any, bond: Bond) -> bool:
    """Return whether one is satisfied on both counts."""
    return bond.product >= market.gate and bond.service >= market.gate


def set_product(market: Any, bond: Bond, value: float) -> None:
    bond.product = single(value)
    _sum_up(market, bond)


def set_service(market: Any, bond: Bond, value: float) -> None:
    bond.service = single(value)
    _sum_up(market, bond)


def _sum_up(market: Any, bond: Bond) -> None:
    exponent = market.rules.experience.exponent
    bond.satisfaction = single(aggregate(bond.product, bond.service, exponent))


def feel_service(market: Any, bond: Bond, felt: float) -> None:
    learning = market.rules.experience.service_learning
    set_service(market, bond, bond.service + learning * (felt - bond.service))


def keep_promise(market: Any, bond: Bond) -> None:
    bond.trust = single(bond.trust + market.rules.trust.kept * (1.0 - bond.trust))


def break_promise(market: Any, bond: Bond) -> None:
    bond.trust = single(bond.trust - market.rules.trust.broken * bond.trust)


def delight_now(market: Any, bond: Bond) -> float:
    age = market.day - bond.delight_day
    return halved(bond.delight, age, market.rules.experience.delight_half_life)


def delight(market: Any, bond: Bond, share: float) -> None:
    """Move delight by a share of the way to 1."""
    now = delight_now(market, bond)
    bond.delight, bond.delight_day = single(now + share * (1.0 - now)), market.day


def feel_product(market: Any, bond: Bond, quality: float) -> None:
    rules, expected = market.rules.experience, bond.expectation
    surprise = quality - expected
    if surprise >= 0:
        delight(market, bond, min(1.0, rules.delight * surprise))
    weight = rules.disconfirmation * surprise
    if surprise < 0:
        weight *= rules.loss_aversion
    judged = min(1.0, max(0.0, quality + weight))
    set_product(market, bond, bond.product + rules.product_learning * (judged - bond.product))
    bond.expectation = single(expected + rules.expectation_learning * surprise)

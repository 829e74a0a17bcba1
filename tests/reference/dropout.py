"""Dropout (ODD 7.4, 9.5 Deliver): hazard adds up, and ends a relationship at its threshold."""

import math
from typing import Any

from . import roles
from .figures import NEVER, exp, halved
from .people import Bond, Person
from .things import Brand


def hazard(chance: float) -> float:
    """Return the hazard that is survived with the complement of a chance."""
    return math.inf if chance >= 1.0 else -math.log1p(-chance)


def of_an_experience(market: Any, bond: Bond) -> float:
    rules = market.rules.dropout
    own = bond.propensity * exp(-rules.satisfaction_effect * (bond.satisfaction - market.gate))
    age = market.day - bond.contagion_day
    contagion = halved(rules.contagion - 1.0, age, rules.contagion_half_life)
    return hazard(own * (1.0 + contagion))


def suffer(market: Any, person: Person, brand: Brand, added: float) -> None:
    """Add hazard; at the threshold the person drops out."""
    bond = person.bonds[brand.number]
    if not bond.has_left:
        bond.hazard_left -= added
        if bond.hazard_left <= 0:
            drop_out(market, person, bond, brand)


def drop_out(market: Any, person: Person, bond: Bond, brand: Brand) -> None:
    bond.left, bond.talk_due = market.day, NEVER
    failed = {
        (True, False): "dropouts_product",
        (False, True): "dropouts_service",
        (True, True): "dropouts_both",
        (False, False): "dropouts_neither",
    }
    market.count(brand, failed[bond.product < market.gate, bond.service < market.gate])
    market.partings.append((person, brand))
    market.hooks.on_dropout(person, brand)
    if bond.role > roles.CUSTOMER:
        roles.take(market, person, brand)

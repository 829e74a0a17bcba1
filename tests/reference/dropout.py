"""Dropout and coming back (ODD 7.4, 9.5): hazard adds up, and ends a relationship at its threshold.

Hazard of time is looked at every morning, of everybody: no day is worked out ahead.
"""

import math
from typing import Any

from sim.purposes import Purpose

from . import feelings, roles
from .figures import NEVER, NOT_YET, SLOTS, YEAR, exp, halved
from .people import Bond, Person
from .things import Brand

NEVER_AGAIN = 1_000_000
"""Days beyond which nobody drops out or comes back."""


# --- what tilts -----------------------------------------------------------------------------------


def content(market: Any, bond: Bond) -> float:
    effect = market.rules.dropout.satisfaction_effect
    return exp(-effect * (bond.satisfaction - market.gate))


def contagion(market: Any, bond: Bond, day: int) -> float:
    """Return what ties who have dropped out add to a factor of 1."""
    rules = market.rules.dropout
    if bond.contagion_day == NOT_YET:
        return 0.0
    return halved(rules.contagion - 1.0, day - bond.contagion_day, rules.contagion_half_life)


# --- hazard of what happens -----------------------------------------------------------------------


def hazard(market: Any, bond: Bond, chance: float) -> float:
    """Return the hazard that is survived with the complement of a chance, tilted."""
    tilted = chance * content(market, bond) * (1.0 + contagion(market, bond, market.day))
    return math.inf if tilted >= 1.0 else -math.log1p(-tilted)


def of_order(market: Any, bond: Bond) -> float:
    return hazard(market, bond, bond.propensity)


def of_disappointment(market: Any, bond: Bond, expected: float, quality: float) -> float:
    """Return the hazard of an experience, once it has been felt; 0 unless it disappoints."""
    rules = market.rules.dropout
    worse = quality < expected and rules.disappoints in ("below_expectation", "either")
    sad = not feelings.satisfied(market, bond)
    sad = sad and rules.disappoints in ("below_threshold", "either")
    return hazard(market, bond, rules.disappointment) if worse or sad else 0.0


def of_waking(market: Any, bond: Bond) -> float:
    """Return what a touch adds that wakes the inert: an order more, and the silence again."""
    found = of_order(market, bond)
    if bond.since != NOT_YET:
        rate = bond.in_force * (1.0 + contagion(market, bond, market.day))
        found += rate * (market.day - bond.last_day)
    return found


def never_left(brand: Brand) -> bool:
    return brand.config.never_left or brand.config.rest_of_category


def suffer(market: Any, person: Person, brand: Brand, added: float) -> None:
    """Add hazard; at the threshold the person drops out."""
    bond = person.bonds[brand.number]
    if added == 0 or bond.has_left or never_left(brand):
        return
    settle(market, bond)
    bond.hazard_left -= added
    if bond.hazard_left <= 0:
        drop_out(market, person, bond, brand)


# --- hazard of time -------------------------------------------------------------------------------


def of_time(market: Any, bond: Bond) -> float:
    """Return the hazard since it was settled."""
    days = market.day - bond.since
    if bond.contagion_day == NOT_YET:
        return bond.in_force * float(days)
    k = math.log(2.0) / market.rules.dropout.contagion_half_life
    spread = contagion(market, bond, bond.since)
    return bond.in_force * (days - spread * math.expm1(-k * days) / k)


def settle(market: Any, bond: Bond) -> None:
    if bond.since != NOT_YET:
        bond.hazard_left -= of_time(market, bond)
        bond.since = market.day


def follow(market: Any, person: Person, brand: Brand) -> None:
    """Let hazard run at the rate of today, if the person is a customer."""
    bond = person.bonds[brand.number]
    if bond.has_left or bond.orders == 0 or bond.rate == 0 or never_left(brand):
        return
    rate = bond.rate * content(market, bond)
    if bond.since == NOT_YET:
        bond.since, bond.in_force = market.day, rate
    elif rate != bond.in_force:
        settle(market, bond)
        bond.in_force = rate


def hear(market: Any, bond: Bond) -> None:
    """Let a tie's dropout be known."""
    settle(market, bond)
    bond.contagion_day = market.day


def in_the_morning(market: Any) -> None:
    """Let people come back, and drop out whose hazard of time has reached the threshold."""
    for person in market.people:
        if person.is_in(market.day):
            for brand, bond in zip(market.brands, person.bonds, strict=True):
                if bond.back == market.day:
                    come_back(market, person, bond, brand)
                elif bond.since != NOT_YET and of_time(market, bond) >= bond.hazard_left:
                    settle(market, bond)
                    drop_out(market, person, bond, brand)


# --- out, and back --------------------------------------------------------------------------------


def drop_out(market: Any, person: Person, bond: Bond, brand: Brand) -> None:
    bond.left, bond.talk_due, bond.since = market.day, NEVER, NOT_YET
    bond.dropouts += 1
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
    bond.back = day_of_return(market, person, bond, brand)


def day_of_return(market: Any, person: Person, bond: Bond, brand: Brand) -> int:
    rate = market.rules.dropout.comeback
    if rate == 0:
        return NEVER
    u, *_ = market.draws(Purpose.COMEBACK, person.id, brand.key, slot=bond.dropouts % SLOTS)
    days = max(1, math.ceil(-math.log(u) / rate * YEAR))
    return int(market.day + days) if days < NEVER_AGAIN else NEVER


def come_back(market: Any, person: Person, bond: Bond, brand: Brand) -> None:
    """Let a person consider a brand again."""
    u, *_ = market.draws(
        Purpose.DROPOUT_THRESHOLD, person.id, brand.key, slot=bond.dropouts % SLOTS
    )
    bond.hazard_left = -math.log(u)
    bond.left = bond.back = NEVER
    bond.has_talked, bond.next_talk = False, math.inf
    market.count(brand, "comebacks")
    market.hooks.on_comeback(person, brand)
    roles.take(market, person, brand)
    follow(market, person, brand)

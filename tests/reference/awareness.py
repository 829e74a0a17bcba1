"""Awareness (ODD 7.10): who knows a brand, who forgets it, and what brings it back to mind."""

import math
from typing import Any

from sim.purposes import Purpose

from . import advertising, roles
from .figures import NEVER, SLOTS, day_of
from .people import Person
from .things import Brand, Order, Planned


class Prospects:
    """People in the category who have never ordered from a brand."""

    def __init__(self) -> None:
        self.number = {True: 0, False: 0}
        self.slope = {True: 0.0, False: 0.0}
        """How many know the brand and do not, and the derivatives by the log of spend."""
        self.reached = self.won = 0
        self.reached_slope = 0.0

    @property
    def unaware(self) -> int:
        return self.number[False]

    def come(self, aware: bool) -> None:
        self.number[aware] += 1

    def go(self, aware: bool) -> float:
        """Take one out, with that one's part of the derivative, which is returned."""
        part = self.slope[aware] / self.number[aware] if self.number[aware] > 0 else 0.0
        self.slope[aware] -= part
        self.number[aware] -= 1
        return part

    def change(self, aware: bool) -> None:
        """Let one know the brand, or forget it."""
        part = self.go(not aware)
        self.number[aware] += 1
        self.slope[aware] += part
        if aware:
            self.reached += 1
            self.reached_slope += part

    def advertised(self, rate_slope: float) -> None:
        more = self.number[False] * rate_slope
        self.slope[False] -= more
        self.slope[True] += more
        self.reached_slope += more


# --- people come, forget, and go ------------------------------------------------------------------


def begin_day(market: Any) -> None:
    day = market.day
    for person in market.people:
        if person.entry == day or (day == 0 and person.entry < 0):
            come(market, person)
    for person in market.people:
        if person.exit == day and day > 0:
            for brand in market.brands:
                bond = person.bonds[brand.number]
                bond.forgotten_on = NEVER
                if bond.orders == 0:
                    brand.prospects.go(bond.aware)
    for i, b in market.agenda.forgetting.take(day):
        person, brand = market.people[i], market.brands[b]
        if person.bonds[b].forgotten_on == day:
            forget(market, person, brand)


def come(market: Any, person: Person) -> None:
    for brand in market.brands:
        bond = person.bonds[brand.number]
        if bond.orders == 0:
            brand.prospects.come(bond.aware)
        if bond.aware:
            remember(market, person, brand)
        if person.entry > 0:
            advertising.wait(market, person, brand, brand.clock)


def remember(market: Any, person: Person, brand: Brand) -> None:
    """Draw for how long a person will know a brand, from today on."""
    bond, rules = person.bonds[brand.number], market.rules.awareness
    if brand.config.rest_of_category:
        return
    slot = bond.times_aware % SLOTS
    draws = market.draws(Purpose.FORGETTING, person.id, brand.key, slot=slot)
    buyer = bond.orders > 0
    rate = rules.forgetting_buyers if buyer else rules.forgetting
    bond.forgotten_on = NEVER
    if rate > 0:
        lasts = -math.log(draws[buyer]) / rate
        bond.forgotten_on = day_of(market.day + 1.0 + lasts)
        market.agenda.forgetting.add(bond.forgotten_on, (person.id, brand.number))


def forget(market: Any, person: Person, brand: Brand) -> None:
    bond = person.bonds[brand.number]
    bond.forgotten_on = NEVER
    if bond.role > roles.CUSTOMER:
        bond.times_aware += 1
        remember(market, person, brand)
        return
    bond.aware = False
    market.count(brand, "forgotten")
    if bond.orders == 0:
        brand.prospects.change(aware=False)


# --- people come to know a brand ------------------------------------------------------------------


def become_aware(market: Any, person: Person, brand: Brand) -> bool:
    """Let a person know a brand; return whether they did not."""
    bond = person.bonds[brand.number]
    if bond.aware or market.day < 0:
        return False
    bond.aware = True
    bond.times_aware += 1
    if bond.orders == 0:
        brand.prospects.change(aware=True)
    remember(market, person, brand)
    return True


def first_order(market: Any, person: Person, brand: Brand) -> None:
    if market.day < 0:
        return
    brand.prospects.go(aware=True)
    brand.prospects.won += person.bonds[brand.number].times_aware > 0
    remember(market, person, brand)


def by_use(market: Any, order: Order) -> None:
    """Let the use of an order bring the brand back to mind."""
    person, brand = order.person, order.brand
    u = market.draws(Purpose.RECALL, person.id, order.product.key, market.day, order.nth % SLOTS)[0]
    if u < market.rules.awareness.use:
        made = become_aware(market, person, brand)
        market.count(brand, "aware_by_use", made)


def by_touch(market: Any, planned: Planned) -> None:
    """Let a touch bring the brand back to mind."""
    person, step = planned.person, planned.step
    slot = planned.orders % SLOTS
    u = market.draws(Purpose.RECALL, person.id, step.key, market.day, slot)[0]
    if u < market.rules.awareness.touch:
        made = become_aware(market, person, step.of.brand)
        market.count(step.of.brand, "aware_by_touches", made)


def queue(market: Any) -> None:
    """Let those who are there on day 0 wait to be reached by each brand."""
    for brand in market.brands:
        for person in market.people:
            if person.entry <= 0:
                advertising.wait(market, person, brand, 0.0)

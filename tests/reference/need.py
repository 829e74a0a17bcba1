"""Needs (ODD 7.1): when stock runs out, and when a need is met next."""

import math
from typing import Any

from sim.engine.draws import gamma_gap
from sim.purposes import Purpose

from .figures import MOST_A_DAY, NEVER, YEAR, day_of
from .people import Need, Person
from .things import Category, Product


def time(value: float) -> float:
    """Return a time; one that is never is infinite."""
    return value if value < NEVER else math.inf


def schedule(market: Any, person: Person, category: Category, earliest: int) -> None:
    """Have a need met on the day of its time, but not before `earliest`, nor once one is out."""
    need = person.needs[category.number]
    day = max(earliest, day_of(need.due))
    need.day = day if day < person.exit else NEVER
    market.agenda.needs.add(need.day, (person.id, category.number))


def due_today(market: Any) -> list[tuple[Person, Category]]:
    """Return whose needs are due, in order of person and category."""
    rows = market.agenda.needs.take(market.day)
    found = ((market.people[i], market.categories[c]) for i, c in rows)
    return [(p, c) for p, c in found if p.needs[c.number].day == market.day]


def put_off(need: Need, category: Category) -> None:
    """Let a need that was not met return."""
    due = need.due + category.config.retry_days
    need.slot = next_slot(need, due)
    need.due = time(due)


def next_slot(need: Need, due: float) -> int:
    """Return how many needs fell due before on the day of the next."""
    return need.slot + 1 if day_of(due) == day_of(need.due) else 0


def stock_up(market: Any, person: Person, product: Product, units: int) -> None:
    """Let packs bought today put the need off, each by a gap, after what is left of the stock."""
    need = person.needs[product.category.number]
    flexibility, today = market.rules.purchase_occasion.consumption_flexibility, market.day
    if need.due > today:
        need.due -= flexibility * (need.due - today)
    for pack in range(units):
        if need.due < math.inf:
            lasts = gap(market, person, product) * (1.0 if pack == 0 else 1.0 - flexibility)
            due = time(after(product.category, need.due, lasts))
            if due < math.inf:  # the slot of one that never comes stays, in case of a refund
                need.slot = next_slot(need, due)
            need.due = due


def gap(market: Any, person: Person, product: Product) -> float:
    """Return how long the pack lasts that is begun when the need is due."""
    category = product.category
    need = person.needs[category.number]
    shape, day = category.config.regularity, day_of(need.due)
    purpose = Purpose.NEED_GAP
    mean = product.cycles * need.cycle
    return mean * gamma_gap(market.key, person.id, need.slot, category.key, day, purpose, shape)


def after(category: Category, start: float, gap: float) -> float:
    """Return the time at which the clock has run on by `gap`; with season it runs unevenly."""
    a, peak = category.config.season_amplitude, category.config.season_peak_day
    if a == 0 or not gap < math.inf:
        return start + gap
    turn = 2.0 * math.pi / YEAR
    swing = a * YEAR / (2.0 * math.pi)

    def clock(t: float) -> float:
        return t + a / turn * math.sin(turn * (t - peak))

    reading = clock(start) + gap
    low, high = reading - swing, reading + swing
    for _ in range(50):
        middle = 0.5 * (low + high)
        if clock(middle) < reading:
            low = middle
        else:
            high = middle
    return max(start, high)


def sooner(market: Any, person: Person, category: Category) -> None:
    """Let a need return after a refund, if that is sooner; its slot stays."""
    need = person.needs[category.number]
    due = market.day + category.config.retry_days
    if due < need.due:
        need.due = due
        schedule(market, person, category, market.day + 1)


def meet_all(market: Any, choose: Any) -> None:
    """Let needs due today meet brands; `choose` says what is bought, if anything."""
    tomorrow = market.day + 1
    for person, category in due_today(market):
        need = person.needs[category.number]
        for met in range(MOST_A_DAY):
            if not need.due < tomorrow:
                break
            if not choose(person, category, met):
                put_off(need, category)
        schedule(market, person, category, tomorrow)

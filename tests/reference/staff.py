"""Staff: touches by a person queue, first come first served (ODD 7.5, 9.5 Serve)."""

import math
from collections.abc import Callable
from typing import Any

from sim.purposes import Purpose

from .things import Brand, Planned

Fits = Callable[[Any, Planned], bool]


def turns(market: Any, due: list[Planned], fits: Fits) -> list[Planned]:
    """Return the touches that can go out today; `fits` tells whether one would be admitted."""
    if market.day < 0:
        return due
    brands = [b for b in market.brands if b.config.staff.capacity is not None]
    ready = [p for p in due if not (p.brand in brands and p.step.touch.human)]
    for brand in brands:
        coming = [p for p in due if p.brand is brand and p.step.touch.human]
        ready += attend(market, brand, coming, fits)
    return ready


def attend(market: Any, brand: Brand, coming: list[Planned], fits: Fits) -> list[Planned]:
    """Let touches join the queue of a brand; return those that get a turn today."""
    expire(market, brand)
    join(market, brand, coming)
    per_day = brand.config.staff.capacity * len(market.people) / 1000
    free = math.floor((market.day + 1) * per_day) - math.floor(market.day * per_day)
    market.count(brand, "human_capacity", free)
    taken: list[Planned] = []
    while brand.queue and len(taken) < free:
        first = brand.queue.pop(0)
        if fits(market, first):
            taken.append(first)
        elif first.due < market.day:
            market.count(brand, "human_touches_moot")
    market.count(brand, "human_touches_waiting", len(brand.queue))
    return taken


def expire(market: Any, brand: Brand) -> None:
    longest = brand.config.staff.max_wait
    late = [p for p in brand.queue if longest is not None and market.day - p.due > longest]
    brand.queue = [p for p in brand.queue if p not in late]
    market.count(brand, "human_touches_expired", len(late))


def join(market: Any, brand: Brand, coming: list[Planned]) -> None:
    waiting = {what(p) for p in brand.queue if p.order is None}
    new = [p for p in coming if p.order is not None or what(p) not in waiting]
    market.count(brand, "human_touches_moot", len(coming) - len(new))

    def place(p: Planned) -> tuple[float, int, int, int]:
        lot = market.draws(Purpose.QUEUE, p.person.id, brand.key, market.day)[0]
        return lot, p.person.id, p.step.key, p.orders

    brand.queue += sorted(new, key=place)


def what(planned: Planned) -> tuple[int, int]:
    return planned.person.id, planned.step.key

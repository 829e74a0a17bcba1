"""Advertising (ODD 7.10): a clock of pressure, and people reached at the points of a process."""

import heapq
import math
from typing import Any

from sim.purposes import Purpose

from . import awareness
from .figures import SLOTS, YEAR
from .people import Person
from .things import Brand


def advertise(market: Any) -> None:
    for brand in market.brands:
        if brand.ad_cents > 0:
            market.books.pay(brand, "acquisition", brand.ad_cents, None)
        brand.adstock = adstock(market, brand)
        if brand.adstock > 0 and market.day >= 0:
            brand.clock += rate(market, brand.adstock)
            reach(market, brand)
            brand.prospects.advertised(rate_slope(market, brand.adstock))


def price(market: Any, day: int) -> float:
    return (1.0 + market.rules.advertising.price_trend) ** (day / YEAR)


def adstock(market: Any, brand: Brand) -> float:
    half_life = market.rules.advertising.carryover_half_life
    keep = 0.5 ** (1.0 / half_life) if half_life > 0 else 0.0
    return keep * brand.adstock + (1.0 - keep) * (brand.spend / price(market, market.day))


def rate(market: Any, spend: float) -> float:
    """Return the rate per day at which a spend reaches a person."""
    rules = market.rules.advertising
    c = rules.exponent
    return rules.reach * spend**c / (spend**c + rules.half_spend**c)


def rate_slope(market: Any, spend: float) -> float:
    """Return its derivative by the log of spend."""
    rules = market.rules.advertising
    c, half = rules.exponent, rules.half_spend**rules.exponent
    return c * rate(market, spend) * half / (spend**c + half)


def wait(market: Any, person: Person, brand: Brand, since: float) -> None:
    """Let a person be reached when the clock of a brand has run for a while since a reading."""
    at = since + gap(market, person, brand)
    heapq.heappush(brand.waiting, (at, person.id))


def gap(market: Any, person: Person, brand: Brand) -> float:
    bond = person.bonds[brand.number]
    slot = bond.times_reached % SLOTS
    return -math.log(market.draws(Purpose.ADVERTISING, person.id, brand.key, slot=slot)[0])


def reach(market: Any, brand: Brand) -> None:
    while brand.waiting and brand.waiting[0][0] <= brand.clock:
        at, number = heapq.heappop(brand.waiting)
        person = market.people[number]
        made = person.is_in(market.day) and awareness.become_aware(market, person, brand)
        market.count(brand, "aware_by_advertising", made)
        person.bonds[brand.number].times_reached += 1
        wait(market, person, brand, at)


# --- tomorrow's spend -----------------------------------------------------------------------------


def plan(market: Any) -> None:
    """Set what brands spend tomorrow whose spend is not fixed."""
    for brand in market.brands:
        config = brand.config.advertising
        if brand.ad_method == "fixed":
            continue
        observe(market, brand, 0.5 ** (1 / config.half_life))
        if brand.ad_method == "balance":
            brand.spend = balance(market, brand, config)
        else:
            taken = config.revenue_share * max(0.0, brand.mean_net) / 100.0
            brand.spend = max(config.spend, taken * 1000.0 / len(market.people))
        brand.ad_cents = math.floor(brand.spend * len(market.people) / 10.0 + 0.5)


def observe(market: Any, brand: Brand, keep: float) -> None:
    before, now = brand.before, (brand.prospects.reached, brand.prospects.won)
    brand.mean_net += (1.0 - keep) * (market.books.net_revenue(brand) - brand.mean_net)
    brand.mean_reached += (1.0 - keep) * (now[0] - before[0] - brand.mean_reached)
    brand.mean_won += (1.0 - keep) * (now[1] - before[1] - brand.mean_won)
    brand.before = now


def balance(market: Any, brand: Brand, config: Any) -> float:
    """Return the spend at which the last CNY brings one."""
    if not (brand.mean_reached > 0 and brand.mean_won > 0):
        return config.spend
    each = price(market, market.day + 1)
    wins = brand.mean_won / brand.mean_reached
    gain = config.customer_value * wins * brand.prospects.unaware * 1000.0
    gain = gain / len(market.people) / each

    def pays(spend: float) -> bool:
        slope = rate_slope(market, spend) / spend
        return gain * math.exp(-rate(market, spend)) * slope > 1.0

    low = inflection(market)
    if low > 0 and not pays(low):
        return 0.0
    high = 2.0 * market.rules.advertising.half_spend
    while pays(high):
        low, high = high, 2.0 * high
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if pays(middle) else (low, middle)
    return low * each


def inflection(market: Any) -> float:
    """Return the spend from which on returns diminish."""
    rules = market.rules.advertising
    c = rules.exponent
    return rules.half_spend * ((c - 1.0) / (c + 1.0)) ** (1.0 / c) if c > 1 else 0.0

"""How much a brand spends on advertising tomorrow, by its method."""

import math
from enum import IntEnum
from typing import Any

from sim.books import net_revenue_today
from sim.engine.kernels import borrow, kernel, rule
from sim.people.advertising import pressure, pressure_slope, price
from sim.world import World

_BISECTIONS = 60


class Method(IntEnum):
    """How spend is set."""

    FIXED = 0
    SHARE_OF_REVENUE = 1
    BALANCE = 2


_SHARE_OF_REVENUE = int(Method.SHARE_OF_REVENUE)
_BALANCE = int(Method.BALANCE)


@rule
def _worth_more(rules, spend, gain):
    """Tell whether one more CNY brings more than it costs.

    Parameters
    ----------
    rules : record
    spend : float
        CNY per 1,000 people per day, at the price of day 0.
    gain : float
        What it would bring if it reached all prospects who do not know the brand: CNY per CNY and
        unit of rate.
    """
    slope = pressure_slope(rules, spend) / spend
    return gain * math.exp(-pressure(rules, spend)) * slope > 1.0


@rule
def balanced(rules, gain):
    """Return the spend at which one more CNY brings as much as it costs, 0 if none does.

    Where returns first rise (an exponent above 1), the larger of two such; parameters as in
    `_worth_more`.
    """
    low, exponent = 0.0, rules.advertising_exponent
    if exponent > 1.0:  # from here on returns diminish
        at = ((exponent - 1.0) / (exponent + 1.0)) ** (1.0 / exponent)
        low = rules.advertising_half_spend * at
        if not _worth_more(rules, low, gain):
            return 0.0
    high = 2.0 * rules.advertising_half_spend
    while _worth_more(rules, high, gain):
        low, high = high, 2.0 * high
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if _worth_more(rules, middle, gain):
            low = middle
        else:
            high = middle
    return low


@rule
def _observe(w, b):
    """Move recent means by what today brought."""
    brand, prospects = w.brands[b], w.prospects[b]
    new = 1.0 - brand.ad_keep
    brand.net_mean += new * (net_revenue_today(w, b) - brand.net_mean)
    reached = prospects.reached - prospects.reached_before
    brand.reached_mean += new * (reached - brand.reached_mean)
    brand.won_mean += new * (prospects.won - prospects.won_before - brand.won_mean)
    prospects.reached_before, prospects.won_before = prospects.reached, prospects.won


@rule
def _balance(w, b, tomorrow):
    """Return spend, in CNY per 1,000 people, at which marginal acquisition cost is the value."""
    brand, rules = w.brands[b], w.rules[0]
    if brand.reached_mean <= 0.0 or brand.won_mean <= 0.0:
        return brand.ad_least
    at = price(rules, tomorrow)
    chance = brand.won_mean / brand.reached_mean
    gain = brand.ad_value * chance * w.prospects[b].unaware * 1000.0 / w.people.size / at
    return balanced(rules, gain) * at


@kernel
def plan_spend(w, tomorrow):
    """Set what each brand spends tomorrow, unless it is fixed."""
    w = borrow(w)
    people = w.people.size
    for b in range(w.brands.size):
        brand = w.brands[b]
        if brand.ad_method != _SHARE_OF_REVENUE and brand.ad_method != _BALANCE:
            continue
        _observe(w, b)
        if brand.ad_method == _BALANCE:
            spend = _balance(w, b, tomorrow)
        else:
            share = brand.ad_share * max(0.0, brand.net_mean) / 100.0 * 1000.0 / people
            spend = max(brand.ad_least, share)
        brand.ad_spend = spend
        brand.ad_cents = int(math.floor(spend * people / 10.0 + 0.5))


def plan(world: World, handle: Any, tomorrow: int) -> None:
    """Set what each brand spends tomorrow; nothing is to be done if the spend of all is fixed."""
    if world.brands["ad_method"].any():
        plan_spend(handle, tomorrow)

"""Advertising: spend reaches people, who become aware, with carry-over and diminishing returns.

Advertising reaches each person at the points of a Poisson process of their own, in the time of a
clock: the brand's rate summed over the days. So the rate may change daily, cost follows reach, and
more spend reaches the same people sooner.
"""

import math

from sim.books import Account, post
from sim.counts import AWARE_BY_ADVERTISING
from sim.engine.draws import draw
from sim.engine.heap import drop_root, push, replace_root
from sim.engine.kernels import borrow, kernel, rule
from sim.people import prospects
from sim.people.awareness import become_aware
from sim.purposes import Purpose

_SLOTS = 0xFFF
YEAR = 365.0


@rule
def pressure(rules, spend):
    """Return the rate of being reached per day: half of the reach at the half spend.

    The Hill function, which is ADBUDG (Little 1970) without a floor.
    """
    if rules.advertising_exponent == 1.0:
        return rules.advertising_reach * spend / (spend + rules.advertising_half_spend)
    works = spend**rules.advertising_exponent
    half = rules.advertising_half_spend**rules.advertising_exponent
    return rules.advertising_reach * works / (works + half)


@rule
def pressure_slope(rules, spend):
    """Return the derivative of `pressure` by the log of spend."""
    works = spend**rules.advertising_exponent
    half = rules.advertising_half_spend**rules.advertising_exponent
    return rules.advertising_exponent * pressure(rules, spend) * half / (works + half)


@rule
def price(rules, day):
    """Return the price of advertising, that of day 0 being 1."""
    return (1.0 + rules.advertising_price_trend) ** (day / YEAR)


@rule
def carry_over(rules, stock, spend, day):
    """Return today's adstock (Broadbent 1979): weights of spend, at today's price, sum to 1."""
    keep = 0.0
    if rules.advertising_carryover_half_life > 0.0:
        keep = 0.5 ** (1.0 / rules.advertising_carryover_half_life)
    return keep * stock + (1.0 - keep) * (spend / price(rules, day))


@rule
def _gap(w, i, b):
    """Return how far the brand's clock runs until advertising next reaches person `i`."""
    slot = w.relationships[i, b].times_reached & _SLOTS
    return -math.log(draw(w.seed[0], w.people[i].id, slot, w.brands[b].key, 0, Purpose.ADVERTISING))


@rule
def await_advertising(w, i, b):
    """Let person `i`, new in the category, wait to be reached from now on."""
    brand = w.brands[b]
    at = brand.ad_hazard + _gap(w, i, b)
    push(w.ad_threshold[b], w.ad_queue[b], brand.ad_waiting, at, i)
    brand.ad_waiting += 1


@rule
def _reach(w, b, day):
    """Make aware whom advertising reaches by now, and let those wait anew who may forget."""
    brand = w.brands[b]
    thresholds, queue = w.ad_threshold[b], w.ad_queue[b]
    again = w.forgetting_due.link.size > 0
    while brand.ad_waiting > 0 and thresholds[0] <= brand.ad_hazard:
        i = queue[0] + 0
        here = day < w.people[i].exit_day
        if here and become_aware(w, i, b, day):
            w.counts[b, AWARE_BY_ADVERTISING] += 1
        if again and here:
            at = thresholds[0]
            while at <= brand.ad_hazard:
                w.relationships[i, b].times_reached += 1
                at += _gap(w, i, b)
            replace_root(thresholds, queue, brand.ad_waiting, at, i)
        else:
            drop_root(thresholds, queue, brand.ad_waiting)
            brand.ad_waiting -= 1


@kernel
def advertise(w, day):
    """Spend today's advertising of every brand, and make aware whom it reaches."""
    w = borrow(w)
    rules = w.rules[0]
    for b in range(w.brands.size):
        brand = w.brands[b]
        if brand.ad_cents > 0:
            post(w, -1, b, Account.ACQUISITION, Account.CASH, brand.ad_cents)
        brand.ad_stock = carry_over(rules, brand.ad_stock, brand.ad_spend, day)
        if brand.ad_stock > 0.0 and day >= 0:
            brand.ad_hazard += pressure(rules, brand.ad_stock)
            _reach(w, b, day)
            prospects.spends_more(w.prospects[b], pressure_slope(rules, brand.ad_stock))

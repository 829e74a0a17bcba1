"""Whom a strategy may reach: a random share for the run, and a rule that is looked at on the day."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.config.audience import CODES
from sim.engine.draws import draw, uniforms
from sim.engine.kernels import rule
from sim.hooks import friends_referred
from sim.purposes import Purpose

_ALL, _ANY, _NOT = CODES["all"], CODES["any"], CODES["not"]
_ROLE, _SEGMENT = CODES["role"], CODES["segment"]
_ORDERS, _RECENCY, _CYCLES = CODES["orders"], CODES["recency"], CODES["cycles"]
_TENURE, _SPENT, _REFERRED = CODES["tenure"], CODES["spent"], CODES["referred"]
_ANSWERED, _UNANSWERED = CODES["answered"], CODES["unanswered"]
_PRIOR_ORDERS = 2.0
"""What the nominal cycle counts for in `cycles`, as in touches that do not say otherwise."""


@rule
def in_share(w, i, term):
    """Tell whether person `i` is in the random share of a step or of terms; the rest is a holdout."""
    if term.share >= 1.0:
        return True
    u = draw(w.seed[0], w.people[i].id, 0, term.audience_key, 0, Purpose.AUDIENCE)
    return u < term.share


@rule
def in_audience(w, i, term, day):
    """Tell whether person `i` is in the audience of a step or of terms today."""
    if not in_share(w, i, term):
        return False
    return term.who_start == term.who_end or meets(w, i, np.int64(term.brand), term, day)


@rule
def meets(w, i, b, term, day):
    """Tell whether person `i` meets the rule of a step or of terms of brand `b` today.

    The answers of the conditions so far are the lowest bits of a whole number, the latest first.
    """
    answers = np.int64(0)
    for k in range(term.who_start, term.who_end):
        condition = w.conditions[k]
        if condition.what == _NOT:
            answers ^= 1
        elif condition.what == _ALL or condition.what == _ANY:
            parts = np.int64(condition.parts)
            of_these = (1 << parts) - 1
            found = answers & of_these
            holds = found == of_these if condition.what == _ALL else found != 0
            answers = answers >> parts << 1 | int(holds)
        else:
            value = observed(w, i, b, condition.what, day)
            answers = answers << 1 | int(condition.low <= value <= condition.high)
    return answers & 1 == 1


@rule
def observed(w, i, b, what, day):
    """Return a number that brand `b` can observe of person `i`."""
    relationship = w.relationships[i, b]
    if what == _ROLE:
        return float(relationship.role)
    if what == _SEGMENT:
        return float(w.people[i].segment)
    if what == _ORDERS:
        return float(relationship.orders)
    if what == _ANSWERED:
        return float(relationship.answered)
    if what == _UNANSWERED:
        return float(relationship.unanswered)
    if what == _SPENT:
        return relationship.net_cents / 100.0
    if what == _REFERRED:
        return float(friends_referred(w, i, b))
    if relationship.orders == 0:
        return math.inf
    if what == _RECENCY:
        return float(day - relationship.last_day)
    if what == _TENURE:
        return float(day - relationship.first_day)
    return cycles_silent(w, i, b, day)


@rule
def estimated_cycle(w, i, p, prior_orders):
    """Return the days a pack lasts this buyer, as the brand would estimate it from orders.

    The mean of the product's nominal cycle, worth `prior_orders` packs, and of the packs observed.
    """
    product, holding = w.products[p], w.holdings[i, p]
    weight = prior_orders + holding.units
    if weight <= 0.0 or math.isinf(product.cycle_days):
        return product.cycle_days
    observed = holding.last_day - holding.first_day
    return (prior_orders * product.cycle_days + observed) / weight


@rule
def cycles_silent(w, i, b, day):
    """Return for how many own cycles a customer of brand `b` has been silent in everything held."""
    least = math.inf
    for p in range(w.products.size):
        holding = w.holdings[i, p]
        if w.products[p].brand == b and holding.orders > 0:
            packs = w.orders[holding.last_order].units
            lasts = estimated_cycle(w, i, p, _PRIOR_ORDERS) * packs
            least = min(least, (day - holding.last_day) / lasts)
    return least


def audience(seed: int, ids: NDArray[np.uint64], key: int, share: float) -> NDArray[np.bool_]:
    """Return bool[n]: what `in_share` tells of each of the people with these `ids`.

    Parameters
    ----------
    seed
        Key of the run.
    ids : uint64[n]
    key, share
        Identity of the audience in draws, and which share of people it is.
    """
    return (share >= 1.0) | (uniforms(seed, ids, key, 0, Purpose.AUDIENCE)[:, 0] < share)

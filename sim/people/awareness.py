"""Awareness: people come to know a brand, and forget it.

Whoever comes to know a brand will have forgotten it after an exponential time, drawn then. What
reminds someone who still knows it changes nothing: what is left of an exponential time is one again.
"""

import math

import numpy as np

from sim.counts import AWARE_BY_TOUCHES, AWARE_BY_USE, AWARE_BY_WORD_OF_MOUTH, FORGOTTEN
from sim.engine.calendar import NEVER, cancel, schedule
from sim.engine.draws import draw, draw4
from sim.engine.kernels import borrow, kernel, rule
from sim.people import prospects
from sim.people.occasion import day_of
from sim.people.roles import CUSTOMER
from sim.purposes import Purpose

_SLOTS = 0xFFF


@rule
def remember(w, i, b, day):
    """Schedule when person `i`, who knows brand `b` as of `day`, will have forgotten it."""
    rules, relationship = w.rules[0], w.relationships[i, b]
    if w.forgetting_due.link.size == 0 or w.brands[b].never_forgotten:
        return
    new, old, _, _ = draw4(
        w.seed[0],
        w.people[i].id,
        relationship.times_aware & _SLOTS,
        w.brands[b].key,
        0,
        Purpose.FORGETTING,
    )
    has_bought = relationship.orders > 0
    rate = rules.awareness_forgetting_buyers if has_bought else rules.awareness_forgetting
    row = i * w.brands.size + b
    if rate <= 0.0:
        cancel(w.forgetting_due, row)
        return
    after = -math.log(old if has_bought else new) / rate
    schedule(w.forgetting_due, row, min(day_of(day + 1.0 + after), NEVER))


@rule
def become_aware(w, i, b, day):
    """Let person `i` know brand `b`; tell whether they did not before.

    Before day 0 nobody comes to know a brand: who does then is what the market file says.
    """
    relationship = w.relationships[i, b]
    if relationship.aware or day < 0:
        return False
    relationship.aware = True
    relationship.times_aware += 1
    if relationship.orders == 0:
        prospects.learns(w.prospects[b])
    remember(w, i, b, day)
    return True


@rule
def learn_of(w, i, b, day):
    """Let person `i` know brand `b`, by a message of whatever kind."""
    if become_aware(w, i, b, day):
        w.counts[b, AWARE_BY_WORD_OF_MOUTH] += 1


@rule
def recall_by_use(w, number, day):
    """Let the use of order `number` bring its brand back to mind, or not."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    if w.relationships[i, b].aware:
        return
    key = w.products[order.product].key
    u = draw(w.seed[0], w.people[i].id, order.nth & _SLOTS, key, day, Purpose.RECALL)
    if u < w.rules[0].awareness_use and become_aware(w, i, b, day):
        w.counts[b, AWARE_BY_USE] += 1


@rule
def recall_by_touch(w, touch, day):
    """Let a touch bring its brand back to mind, or not."""
    step = w.steps[touch.step]
    i, b = np.int64(touch.person), np.int64(step.brand)
    if w.relationships[i, b].aware:
        return
    slot = touch.nth_product & _SLOTS
    u = draw(w.seed[0], w.people[i].id, slot, step.key, day, Purpose.RECALL)
    if u < w.rules[0].awareness_touch and become_aware(w, i, b, day):
        w.counts[b, AWARE_BY_TOUCHES] += 1


@rule
def first_order(w, i, b, day):
    """Note a first order: the person is no prospect any more, and forgets as buyers do."""
    if day >= 0:
        prospects.orders(w.prospects[b], w.relationships[i, b].times_aware > 0)
        remember(w, i, b, day)


@kernel
def forget(w, rows, day):
    """Let those whose time has come forget a brand, unless they have a role with it.

    Parameters
    ----------
    w : World
    rows : int64[k]
        Rows of relationships, person x brand.
    day : int
    """
    w = borrow(w)
    for row in rows:
        i, b = row // w.brands.size, row % w.brands.size
        relationship = w.relationships[i, b]
        if relationship.role != CUSTOMER:  # works with it, or is honoured by it: knows it anew
            relationship.times_aware += 1
            remember(w, i, b, day)
            continue
        relationship.aware = False
        w.counts[b, FORGOTTEN] += 1
        if relationship.orders == 0:
            prospects.forgets(w.prospects[b])

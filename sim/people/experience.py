"""Experience: orders arrive, are used, are judged, and may end the relationship."""

import numpy as np

from sim.books import Account, post
from sim.counts import FAULTS, REFUNDED
from sim.engine.calendar import schedule
from sim.engine.draws import draw, draw4, normal
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import on_judged, on_refund
from sim.people.awareness import recall_by_use
from sim.people.dropout import add_hazard, disappointment, follow_rate, hazard
from sim.people.occasion import enter
from sim.people.satisfaction import (
    break_promise,
    feel_product,
    feel_service,
    keep_promise,
)
from sim.people.talk import begin_talk
from sim.purposes import Purpose
from sim.state import NO_DAY


@rule
def refund(w, number, day):
    """Pay an order back; what it was bought for is needed again soon."""
    order = w.orders[number]
    order.refunded = True
    i, b = np.int64(order.person), np.int64(order.brand)
    post(w, i, b, Account.REFUNDS, Account.CASH, order.paid_cents)
    w.counts[b, REFUNDED] += 1
    keep_promise(w.rules[0], w.relationships[i, b], 1)
    on_refund(w, number, day)
    c = np.int64(w.products[order.product].category)
    again = day + w.categories[c].retry_days
    if again < w.occasions[i, c].due:
        w.occasions[i, c].due = again
        enter(w, i, c, day + 1)


@rule
def dispatch(w, number, day):
    """Send order `number` off; it arrives on a later day, or at once."""
    order = w.orders[number]
    brand, product = w.brands[order.brand], w.products[order.product]
    late, astray, _, _ = draw4(
        w.seed[0],
        w.people[order.person].id,
        order.nth & 0xFFF,
        product.key,
        day,
        Purpose.DELIVERY,
    )
    days = product.delivery_days
    if late < brand.late:
        days += brand.late_days
    order.misaddressed = order.nth == 1 and astray < brand.misdelivery
    if days == 0:
        arrive(w, number, day)
    else:
        schedule(w.orders_due, number, day + days)


@rule
def arrive(w, number, day):
    """Let order `number` arrive: delivery is judged, and what is broken is seen."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    rules, relationship = w.rules[0], w.relationships[i, b]
    brand, product = w.brands[b], w.products[order.product]
    if order.misaddressed:
        order.misaddressed = False
        post(w, i, b, Account.SHIPPING, Account.CASH, brand.shipping_cents)
        feel_service(rules, relationship, rules.experience_fault_quality)
        break_promise(rules, relationship)
        schedule(w.orders_due, number, day + max(1, product.delivery_days))
        return
    order.arrived_day = day
    broken, complains, _, _ = draw4(
        w.seed[0], w.people[i].id, order.nth & 0xFFF, product.key, day, Purpose.ARRIVAL
    )
    early = product.promised_days - (day - order.day)
    if broken < product.fault_rate:
        order.faulty = True
        w.counts[b, FAULTS] += 1
        feel_service(rules, relationship, rules.experience_fault_quality)
        break_promise(rules, relationship)
        if complains < rules.experience_complaint:
            refund(w, number, day)
            on_judged(w, number, day)
            shortfall = relationship.expectation - rules.experience_fault_quality
            add_hazard(w, i, b, disappointment(rules, relationship, shortfall, day), day)
            return  # and sends it back unused
    elif early < 0:
        feel_service(rules, relationship, 0.5 * (brand.service + rules.experience_fault_quality))
        break_promise(rules, relationship)
    else:
        feel_service(rules, relationship, brand.service)
        keep_promise(rules, relationship, 2 if early > 0 else 1)
    if product.effect_days == 0:
        use(w, number, day)
    else:
        schedule(w.orders_due, number, day + product.effect_days)


@rule
def quality_felt(w, order, day):
    """Return the quality, 0 to 1, that an order shows in use, and note wrong use."""
    rules, product = w.rules[0], w.products[order.product]
    if order.faulty:
        return rules.experience_fault_quality
    u, v, wrong, _ = draw4(
        w.seed[0],
        w.people[order.person].id,
        order.nth & 0xFFF,
        product.key,
        order.arrived_day,
        Purpose.USE,
    )
    quality = min(1.0, max(0.0, product.quality + product.spread * normal(u, v)))
    first = w.holdings[order.person, order.product].uses == 0
    if first and not order.taught and wrong < rules.experience_misuse:
        order.misused = True
        quality *= 1.0 - rules.experience_misuse_loss
    return quality


@rule
def use(w, number, day):
    """Let order `number` be used and judged; the buyer may want the money back, talk, or drop out."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    rules, relationship, product = w.rules[0], w.relationships[i, b], w.products[order.product]
    quality = quality_felt(w, order, day)
    shortfall = relationship.expectation - quality
    recall_by_use(w, number, day)
    w.holdings[i, order.product].uses += 1
    feel_product(rules, relationship, quality, day)
    regrets = draw(w.seed[0], w.people[i].id, order.nth & 0xFFF, product.key, day, Purpose.DROPOUT)
    in_window = day - order.arrived_day <= product.refund_days
    if not order.refunded and in_window and regrets < rules.experience_regret * shortfall:
        refund(w, number, day)
    if w.holdings[i, order.product].uses == 1:
        on_judged(w, number, day)
    added = disappointment(rules, relationship, shortfall, day)
    if order.nth > 1 or rules.dropout_after_first > 0.0:
        added += hazard(rules, relationship, relationship.dropout, day)
    add_hazard(w, i, b, added, day)
    if not relationship.dropped_out:
        begin_talk(w, i, b, day)


@rule
def replace(w, number, day):
    """Send a good one for a faulty order that was not paid back."""
    order = w.orders[number]
    if not order.faulty or order.refunded:
        return
    i, b = np.int64(order.person), np.int64(order.brand)
    product = w.products[order.product]
    order.faulty = False
    post(w, i, b, Account.COST_OF_GOODS, Account.CASH, product.cost_cents * order.units)
    post(w, i, b, Account.SHIPPING, Account.CASH, w.brands[b].shipping_cents)
    keep_promise(w.rules[0], w.relationships[i, b], 1)
    again = day + max(1, product.delivery_days + product.effect_days)
    schedule(w.orders_due, number, again)


@rule
def use_rightly(w, number, day):
    """Let a buyer who used an order wrongly try again, knowing how."""
    order = w.orders[number]
    order.taught = True
    if order.misused and not order.refunded:
        order.misused = False
        schedule(w.orders_due, number, day + max(1, w.products[order.product].effect_days))


@kernel
def deliver(w, rows, start, day):
    """Run the orders due today: those under way arrive, those arrived are used.

    Returns
    -------
    int
        How many of `rows` are done.
    """
    w = borrow(w)
    for k in range(start, rows.size):
        if not has_capacity(w):
            return k
        number = rows[k]
        order = w.orders[number]
        if order.arrived_day == NO_DAY:
            arrive(w, number, day)
        elif not order.refunded:
            use(w, number, day)
        follow_rate(w, np.int64(order.person), np.int64(order.brand), day)
    return rows.size

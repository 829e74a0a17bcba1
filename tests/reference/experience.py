"""Orders arrive, are used, are judged, sent back (ODD 7.3, 9.5 Deliver)."""

from typing import Any

from sim.engine.draws import normal
from sim.purposes import Purpose

from . import awareness, dropout, need, talk
from .feelings import break_promise, feel_product, feel_service, keep_promise
from .figures import NOT_YET, SLOTS
from .people import Bond
from .things import Order


def deliver(market: Any) -> None:
    """Let people drop out and come back, then orders due today arrive or be used, by number."""
    dropout.in_the_morning(market)
    for number in market.agenda.orders.take(market.day):
        order = market.orders[number]
        if order.due == market.day:
            (arrive if order.arrived == NOT_YET else use)(market, order)
            dropout.follow(market, order.person, order.brand)


# --- arrival ------------------------------------------------------------------------------------


def arrive(market: Any, order: Order) -> None:
    bond = order.person.bonds[order.brand.number]
    if order.misaddressed:
        send_again(market, bond, order)
        return
    order.arrived = market.day
    fault, complains, *_ = market.draws(
        Purpose.ARRIVAL, order.person.id, order.product.key, market.day, order.nth % SLOTS
    )
    order.faulty = fault < order.product.config.fault_rate
    if order.faulty:
        market.count(order.brand, "faults")
        feel_service(market, bond, market.rules.experience.fault_quality)
        break_promise(market, bond)
        if complains < market.rules.experience.complaint:
            refund(market, bond, order)
            market.hooks.on_judged(order)
            fault = market.rules.experience.fault_quality
            added = dropout.of_disappointment(market, bond, bond.expectation, fault)
            dropout.suffer(market, order.person, order.brand, added)
            return
    else:
        judge_delivery(market, bond, order)
    effect = order.product.config.effect_days
    if effect > 0:
        market.agenda.deliver(order, market.day + effect)
    else:
        use(market, order)


def send_again(market: Any, bond: Bond, order: Order) -> None:
    order.misaddressed = False
    market.books.shipping(order)
    feel_service(market, bond, market.rules.experience.fault_quality)
    break_promise(market, bond)
    market.agenda.deliver(order, market.day + max(1, order.product.config.delivery_days))


def judge_delivery(market: Any, bond: Bond, order: Order) -> None:
    took, promised = market.day - order.day, order.product.promised_days
    service = order.brand.config.service
    if took > promised:
        feel_service(market, bond, (market.rules.experience.fault_quality + service) / 2.0)
        break_promise(market, bond)
        return
    feel_service(market, bond, service)
    keep_promise(market, bond)
    if took < promised:
        keep_promise(market, bond)


# --- use ----------------------------------------------------------------------------------------


def use(market: Any, order: Order) -> None:
    person, product = order.person, order.product
    bond, holding = person.bonds[order.brand.number], person.holding(product)
    slot, day = order.nth % SLOTS, market.day
    first = holding.uses == 0
    quality = quality_of(market, order, first)
    holding.uses += 1
    expected = bond.expectation
    awareness.by_use(market, order)
    feel_product(market, bond, quality)
    regrets, *_ = market.draws(Purpose.DROPOUT, person.id, product.key, day, slot)
    in_time = day - order.arrived <= product.config.refund_days
    regret = market.rules.experience.regret * (expected - quality)
    if in_time and not order.refunded and regrets < regret:
        refund(market, bond, order)
    if first:
        market.hooks.on_judged(order)
    added = dropout.of_disappointment(market, bond, expected, quality)
    if order.nth > 1 or market.rules.dropout.after_first:
        added += dropout.of_order(market, bond)
    dropout.suffer(market, person, order.brand, added)
    if not bond.has_left and not bond.has_talked:
        talk.begin(market, person, order.brand)


def quality_of(market: Any, order: Order, first: bool) -> float:
    config, rules = order.product.config, market.rules.experience
    if order.faulty:
        return rules.fault_quality
    u, v, wrong, _ = market.draws(
        Purpose.USE,
        order.person.id,
        order.product.key,
        slot=order.nth % SLOTS,
        day=order.arrived,
    )
    quality = min(1.0, max(0.0, config.quality + config.spread * normal(u, v)))
    if first and not order.taught and wrong < rules.misuse:
        order.misused = True
        quality *= 1.0 - rules.misuse_loss
    return quality


def refund(market: Any, bond: Bond, order: Order) -> None:
    order.refunded = True
    market.count(order.brand, "refunded")
    market.books.refund(order)
    keep_promise(market, bond)
    market.hooks.on_refund(order)
    need.sooner(market, order.person, order.product.category)

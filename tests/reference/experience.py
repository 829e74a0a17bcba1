"""Orders arrive, are used, are judged, sent back; people leave (ODD 7.3, 7.4, 9.5 Deliver)."""

from typing import Any

from sim.engine.draws import normal
from sim.purposes import Purpose

from . import awareness, need, roles, talk
from .feelings import break_promise, feel_product, feel_service, keep_promise
from .figures import NEVER, NOT_YET, SLOTS, exp, halved
from .people import Bond, Person
from .things import Brand, Order


def deliver(market: Any) -> None:
    """Let orders due today arrive or be used, by number."""
    for number in market.agenda.orders.take(market.day):
        order = market.orders[number]
        if order.due == market.day:
            (arrive if order.arrived == NOT_YET else use)(market, order)


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
    regrets, leaves, *_ = market.draws(Purpose.DROPOUT, person.id, product.key, day, slot)
    in_time = day - order.arrived <= product.config.refund_days
    regret = market.rules.experience.regret * (expected - quality)
    if in_time and not order.refunded and regrets < regret:
        refund(market, bond, order)
    if first:
        market.hooks.on_judged(order)
    if order.nth > 1 or market.rules.dropout.after_first:
        toss(market, person, order.brand, leaves)
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


# --- leaving ------------------------------------------------------------------------------------


def hazard(market: Any, bond: Bond) -> float:
    rules = market.rules.dropout
    own = bond.propensity * exp(-rules.satisfaction_effect * (bond.satisfaction - market.gate))
    age = market.day - bond.contagion_day
    return own * (1.0 + halved(rules.contagion - 1.0, age, rules.contagion_half_life))


def toss(market: Any, person: Person, brand: Brand, u: float) -> None:
    """Toss the dropout coin."""
    bond = person.bonds[brand.number]
    never = bond.has_left or brand.config.rest_of_category
    if not never and u < hazard(market, bond):
        leave(market, person, bond, brand)


def leave(market: Any, person: Person, bond: Bond, brand: Brand) -> None:
    bond.left, bond.talk_due = market.day, NEVER
    failed = {
        (True, False): "dropouts_product",
        (False, True): "dropouts_service",
        (True, True): "dropouts_both",
        (False, False): "dropouts_neither",
    }
    market.count(brand, failed[bond.product < market.gate, bond.service < market.gate])
    market.partings.append((person, brand))
    market.hooks.on_dropout(person, brand)
    if bond.role > roles.CUSTOMER:
        roles.take(market, person, brand)

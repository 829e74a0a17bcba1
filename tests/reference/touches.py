"""Touches go out and are answered (ODD 7.5, 9.5 Serve)."""

from typing import Any

from sim.purposes import Purpose

from . import awareness, budgets, buying, dropout, feelings, staff, talk
from .figures import NOT_YET, SLOTS, exp, halved, single
from .people import Bond, Person
from .things import OPINION, Does, Order, Planned, Step


class Asks:
    """What a touch asks of a budget."""

    def __init__(self, market: Any, planned: Planned) -> None:
        step = planned.step
        self.planned, self.of = planned, step.of
        self.most = step.contact + step.event
        self.lot = market.draws(Purpose.LOTTERY, planned.person.id, step.key, market.day)[0]


def serve(market: Any) -> None:
    """Admit the touches due today, look at the budgets, and send."""
    due = sorted(
        staff.turns(market, market.agenda.touches.pop(market.day, []), would_be_admitted),
        key=lambda p: (p.person.id, p.step.key, p.orders),
    )
    admitted = [p for p in due if admits(market, p) and suits(market, p) and counts(market, p)]
    refused = {
        asks.planned for asks in budgets.without(market, [Asks(market, p) for p in admitted])
    }
    for planned in refused:
        bond_of(planned).touches -= 1
    for planned in admitted:
        if planned not in refused and admits(market, planned):
            send(market, planned)
            dropout.follow(market, planned.person, planned.step.of.brand)


def bond_of(planned: Planned) -> Bond:
    return planned.person.bonds[planned.step.of.brand.number]


def admits(market: Any, planned: Planned) -> bool:
    step, order = planned.step, planned.order
    if market.closed and step.touch.does == Does.DELIGHT:
        return False
    if bond_of(planned).opted_out or is_given_up(planned) or not market.hooks.touch_fits(planned):
        return False
    if order is None:
        return True
    newer = planned.person.holding(order.product).orders != planned.orders
    return not order.refunded and not (step.touch.before_depletion is not None and newer)


def suits(market: Any, planned: Planned) -> bool:
    """Return whether a touch is meant for its receiver today."""
    step = planned.step
    return market.meant(step.of, planned.person, step.touch.part)


def is_given_up(planned: Planned) -> bool:
    most, step = planned.step.touch.stop_after, planned.step
    return most is not None and bond_of(planned).in_vain[step.of, step.touch.in_draws] >= most


def counts(market: Any, planned: Planned) -> bool:
    """Count a touch toward the cap of the week, unless that is reached."""
    if is_capped(market, planned):
        return False
    bond_of(planned).touches += 1
    return True


def is_capped(market: Any, planned: Planned) -> bool:
    """Return whether the cap of the week is reached; a new week begins at 0."""
    bond, cap = bond_of(planned), planned.brand.config.contact_cap
    week = market.day // 7
    if bond.week != week:
        bond.week, bond.touches = week, 0
    return cap is not None and bond.touches >= cap


def would_be_admitted(market: Any, planned: Planned) -> bool:
    return admits(market, planned) and suits(market, planned) and not is_capped(market, planned)


def send(market: Any, planned: Planned) -> None:
    person, bond, step = planned.person, bond_of(planned), planned.step
    brand, rules, day = step.of.brand, market.rules.touch, market.day
    step.of.spent += step.contact
    market.books.pay(brand, account(market, step), step.contact, person)
    market.count(brand, "touches")
    count_human(market, planned)
    bond.unanswered += 1
    if step.touch.stop_after is not None:
        bond.in_vain[step.of, step.touch.in_draws] += 1
    answers, opts_out, wakes, posts = market.draws(
        Purpose.TOUCH, person.id, step.key, day, planned.orders % SLOTS
    )
    before = tire(market, person, bond, step)
    if opts_out < rules.opt_out * exp(rules.fatigue_opt_out * before):
        bond.opted_out = True
        market.count(brand, "opt_outs")
    if bond.has_left or not person.is_in(day):
        return
    awareness.by_touch(market, planned)
    market.hooks.on_touch(planned)
    if is_inert(market, person, brand) and wakes < rules.inert_dropout:
        dropout.suffer(market, person, brand, dropout.of_waking(market, bond))
        if bond.has_left:
            return
    warmth = 1.0 if step.touch.human else rules.automation_warmth
    if answers < rules.response * warmth * exp(-rules.fatigue_response * before):
        market.count(brand, "answers")
        answer(market, planned, warmth, posts)


def count_human(market: Any, planned: Planned) -> None:
    if planned.step.touch.human:
        late = market.day - planned.due
        market.count(planned.brand, "human_touches")
        market.count(planned.brand, "human_touches_late", int(late > 0))
        market.count(planned.brand, "human_wait_days", late)


def account(market: Any, step: Step) -> str:
    """Return where a touch is booked: as it says, or its strategy, or what it asks for."""
    meant = (verb.account for does, verb in market.verbs.items() if step.does(does))
    return step.touch.account or step.of.strategy.account or next(meant, "touches")


def tire(market: Any, person: Person, bond: Bond, step: Step) -> float:
    """Add to fatigue, which may annoy; return what it was before."""
    rules = market.rules.touch
    before = halved(bond.fatigue, market.day - bond.fatigue_day, rules.fatigue_half_life)
    load = rules.service_load if step.does(Does.service()) else rules.commercial_load
    bond.fatigue = single(before + load * person.contact_sensitivity)
    bond.fatigue_day = market.day
    excess = bond.fatigue - rules.tolerance
    if excess > 0:
        share = min(1.0, rules.annoyance * excess)
        feelings.set_service(market, bond, bond.service * (1.0 - share))
    return before


def is_inert(market: Any, person: Person, brand: Any) -> bool:
    """Return whether a customer is silent in everything ever bought of a brand."""
    return all(is_silent(market, person, product) for product in brand.products)


def is_silent(market: Any, person: Person, product: Any) -> bool:
    holding = person.holdings.get(product.number)
    if holding is None or holding.orders == 0:
        return True
    packs = holding.units - holding.before
    own = person.needs[product.category.number].cycle * product.cycles * packs
    patience = market.rules.touch.inert_cycles
    return patience == 0 or market.day - holding.last_day > patience * own


# --- an answer ----------------------------------------------------------------------------------


def answer(market: Any, planned: Planned, warmth: float, posts: float) -> None:
    person, bond, step = planned.person, bond_of(planned), planned.step
    brand, touch, day = step.of.brand, step.touch, market.day
    bond.answered += 1
    bond.unanswered = 0
    if touch.stop_after is not None:
        bond.in_vain[step.of, touch.in_draws] = 0
    if step.does(Does.service()):
        felt = 0.5 + (market.rules.touch.service_quality - 0.5) * warmth
        if felt > bond.service:
            feelings.feel_service(market, bond, felt)
    if planned.order is not None:
        mend(market, bond, step, planned.order)
    if touch.offer is not None:
        until = day + touch.offer.days
        buying.hand(bond, touch.offer.discount, until, day, "coupons")
    likes = feelings.satisfied(market, bond)
    if step.does(Does.INVITE_POST) and likes and posts < market.rules.touch.ugc:
        post(market, person, brand)
    hold_event(market, person, bond, step)
    market.hooks.on_answer(planned)
    if step.does(Does.REMIND) and step.product is not None:
        remind(market, person, step.product)


def mend(market: Any, bond: Bond, step: Step, order: Order) -> None:
    """Do for an order what a touch that follows it is about."""
    product, arrived = order.product.config, order.arrived != NOT_YET
    if step.does(Does.CONFIRM_ADDRESS) and not arrived:
        order.misaddressed = False
    if step.does(Does.CHECK_ARRIVAL) and arrived and order.faulty and not order.refunded:
        order.faulty = False
        market.books.goods(order)
        market.books.shipping(order)
        feelings.keep_promise(market, bond)
        days = max(1, product.delivery_days + product.effect_days)
        market.agenda.deliver(order, market.day + days)
    if step.does(Does.EXPLAIN_USE):
        order.taught = True
    if step.does(Does.ASK_DIFFICULTIES):
        order.taught = True
        if order.misused and not order.refunded:
            order.misused = False
            market.agenda.deliver(order, market.day + max(1, product.effect_days))


def post(market: Any, person: Person, brand: Any) -> None:
    reach = min(market.rules.touch.ugc_reach, len(person.circle))
    for k in range(reach):
        which = market.draws(Purpose.POST, person.id, brand.key, market.day, k)[0]
        talk.say(market, person, brand, person.circle.at(which), OPINION)


def hold_event(market: Any, person: Person, bond: Bond, step: Step) -> None:
    """Pay for what an answered touch costs besides; an event delights."""
    step.of.spent += step.event
    market.books.pay(step.of.brand, account(market, step), step.event, person)
    pleases = (does for does, verb in market.verbs.items() if verb.delights)
    if step.does(Does.DELIGHT) or any(map(step.does, pleases)):
        feelings.delight(market, bond, market.rules.touch.event_delight)


def remind(market: Any, person: Person, product: Any) -> None:
    """Let a reminder be heeded, if the need is within reach."""
    tomorrow = market.day + 1
    due = person.needs[product.category.number].due
    if tomorrow <= due < tomorrow + market.rules.touch.remind_reach:
        market.reminded.add((person.id, product.category.number, product.number))

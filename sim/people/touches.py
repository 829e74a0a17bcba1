"""Touches: journeys plan them, customers answer them, or tire of them.

A journey is a table of steps. An order plans the touches whose filters it passes, each on a known
day; on that day the touch goes out, costs money, adds fatigue, may be answered, and may backfire.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sim.books import Account, post
from sim.counts import (
    ANSWERS,
    HUMAN_TOUCHES,
    HUMAN_TOUCHES_LATE,
    HUMAN_WAIT_DAYS,
    OPT_OUTS,
    TOUCHES_SENT,
)
from sim.engine.calendar import schedule
from sim.engine.draws import draw4
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.hooks import on_answer, on_touch, touch_fits
from sim.people.audience import estimated_cycle, in_share, meets
from sim.people.awareness import recall_by_touch
from sim.people.dropout import follow_rate, wake
from sim.people.experience import replace, use_rightly
from sim.people.messages import append, post_content
from sim.people.satisfaction import aggregate, be_delighted, feel_service, satisfied
from sim.purposes import Purpose
from sim.state import NO_DAY
from sim.strategies.interface import Does
from sim.world import World

_CONFIRM_ADDRESS = int(Does.CONFIRM_ADDRESS)
_CHECK_ARRIVAL = int(Does.CHECK_ARRIVAL)
_EXPLAIN_USE = int(Does.EXPLAIN_USE)
_ASK_DIFFICULTIES = int(Does.ASK_DIFFICULTIES)
_INVITE_POST = int(Does.INVITE_POST)
_REMIND = int(Does.REMIND)
_DELIGHT = int(Does.DELIGHT)
_CULTIVATE = int(Does.CULTIVATE)
_EVENT = _DELIGHT | _CULTIVATE
_SERVICE = int(Does.service())
_NEUTRAL_SERVICE = 0.5


@rule
def touch_day(w, order, step, day):
    """Return the day on which a step follows an order, `NO_DAY` if it never does."""
    if step.before_depletion:
        pack = estimated_cycle(w, order.person, order.product, step.prior_orders)
        after = pack * order.units - step.days
    else:
        after = step.days
    if not after < 1e6:
        return NO_DAY
    return day + max(1, int(math.floor(after)))


@rule
def plan_touch(w, person, order, step, nth_product, due):
    """Enter a touch that is due on a known day."""
    w.tally[0].touches_free -= 1
    row = w.free_touches[w.tally[0].touches_free]
    touch = w.touches[row]
    touch.person, touch.order, touch.step = person, order, step
    touch.nth_product, touch.due = nth_product, due
    schedule(w.touches_due, row, due)


@rule
def plan(w, number, day):
    """Plan the touches that follow order `number`."""
    order = w.orders[number]
    brand, relationship = w.brands[order.brand], w.relationships[order.person, order.brand]
    if relationship.opted_out:
        return
    for s in range(brand.step_start, brand.step_end):
        step = w.steps[s]
        if (
            (step.product < 0 or step.product == order.product)
            and step.days >= 0.0
            and step.brand_from <= order.nth <= step.brand_to
            and step.product_from <= order.nth_product <= step.product_to
            and in_share(w, order.person, step)
        ):
            due = touch_day(w, order, step, day)
            if due != NO_DAY:
                plan_touch(w, order.person, number, s, order.nth_product, due)


def in_order(world: World, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return rows of touches by person, step's key, and orders of the product when planned."""
    due = world.touches[rows]
    step = world.steps["key"][due["step"]]
    return rows[np.lexsort((due["nth_product"], step, due["person"]))]


@rule
def still_fits(w, touch, day):
    """Tell whether a touch still makes sense: no refund, no newer order, no opt-out, not given up."""
    step = w.steps[touch.step]
    if w.relationships[touch.person, step.brand].opted_out:
        return False
    if step.stop_after > 0 and w.tries[touch.person, step.tries] >= step.stop_after:
        return False
    if w.brands[step.brand].closed and step.does == _DELIGHT:
        return False  # delight moves nothing but inviting, which is over
    if not touch_fits(w, touch, day):
        return False
    if touch.order < 0:
        return True
    order = w.orders[touch.order]
    if order.refunded:
        return False
    newest = w.holdings[touch.person, order.product].orders == touch.nth_product
    return newest or not step.before_depletion


@rule
def is_meant(w, touch, day):
    """Tell whether a touch is for its receiver today, by the rule of its audience."""
    step = w.steps[touch.step]
    i, b = np.int64(touch.person), np.int64(step.brand)
    return step.who_start == step.who_end or meets(w, i, b, step, day)


@rule
def under_cap(w, touch, counts, day):
    """Tell whether the brand's contact cap allows a touch today; if it `counts`, count it."""
    step = w.steps[touch.step]
    relationship = w.relationships[touch.person, step.brand]
    week = day // 7
    if relationship.week != week:
        relationship.week, relationship.week_touches = week, 0
    if relationship.week_touches >= w.brands[step.brand].contact_cap:
        return False
    relationship.week_touches += int(counts)
    return True


@rule
def fatigue(rules, relationship, day):
    """Return contact fatigue today."""
    return relationship.fatigue * 0.5 ** (
        (day - relationship.fatigue_day) / rules.touch_fatigue_half_life
    )


@rule
def tire(w, touch, day):
    """Add a touch to fatigue, and take from service satisfaction what exceeds tolerance."""
    step, rules = w.steps[touch.step], w.rules[0]
    relationship = w.relationships[touch.person, step.brand]
    load = rules.touch_service_load if step.does & _SERVICE else rules.touch_commercial_load
    load *= w.people[touch.person].contact_sensitivity
    relationship.fatigue = fatigue(rules, relationship, day) + load
    relationship.fatigue_day = day
    excess = relationship.fatigue - rules.touch_tolerance
    if excess > 0.0:
        lost = min(1.0, rules.touch_annoyance * excess)
        relationship.service *= 1.0 - lost
        relationship.overall = aggregate(
            relationship.product, relationship.service, rules.experience_exponent
        )


@rule
def inert(w, i, b, day):
    """Tell whether a customer has been silent for a few cycles of everything bought."""
    patience = w.rules[0].touch_inert_cycles
    for p in range(w.products.size):
        product, holding = w.products[p], w.holdings[i, p]
        if product.brand == b and holding.orders > 0:
            own = w.occasions[i, product.category].cycle * product.cycles
            own *= w.orders[holding.last_order].units
            if day - holding.last_day <= patience * own:
                return False
    return w.relationships[i, b].orders > 0


@rule
def take_offer(relationship, step, day):
    """Put a step's offer in the customer's hand if none is better."""
    if step.offer > 0.0 and (day > relationship.offer_until or step.offer >= relationship.offer):
        relationship.offer, relationship.offer_until = step.offer, day + step.offer_days
        relationship.offer_account = Account.COUPONS


@rule
def answer(w, touch, chance, day):
    """Let an answered touch do what it is about; `chance` decides on a post."""
    step, rules = w.steps[touch.step], w.rules[0]
    i, b = np.int64(touch.person), np.int64(step.brand)
    relationship = w.relationships[i, b]
    w.counts[b, ANSWERS] += 1
    relationship.answered += 1
    relationship.unanswered = 0
    if step.stop_after > 0:
        w.tries[i, step.tries] = 0
    if step.does & _SERVICE:
        warmth = 1.0 if step.human else rules.touch_automation_warmth
        felt = _NEUTRAL_SERVICE + (rules.touch_service_quality - _NEUTRAL_SERVICE) * warmth
        if felt > relationship.service:
            feel_service(rules, relationship, felt)
    if touch.order >= 0:
        help_with_order(w, touch.order, step.does, day)
    take_offer(relationship, step, day)
    if step.does & _INVITE_POST and satisfied(rules, relationship) and chance < rules.touch_ugc:
        post_content(w, i, b, day, int(rules.touch_ugc_reach))
    if step.extra_cents > 0:
        pay_event(w, i, b, step)
    if step.does & _EVENT:
        be_delighted(rules, relationship, rules.touch_event_delight, day)
    on_answer(w, touch, day)
    if step.does & _REMIND and step.product >= 0:
        remind(w, touch, day)


@rule
def help_with_order(w, number, does, day):
    """Do for an order what an answered service touch can."""
    order = w.orders[number]
    arrived = order.arrived_day != NO_DAY
    if does & _CONFIRM_ADDRESS and not arrived:
        order.misaddressed = False
    if does & _CHECK_ARRIVAL and arrived:
        replace(w, number, day)
    if does & _EXPLAIN_USE:
        order.taught = True
    if does & _ASK_DIFFICULTIES:
        use_rightly(w, number, day)


@rule
def remind(w, touch, day):
    """Let a reminder that is acted on ask for an occasion that is close."""
    step = w.steps[touch.step]
    due = w.occasions[touch.person, w.products[step.product].category].due
    if day + 1 <= due < day + 1 + w.rules[0].touch_remind_reach:
        append(w.reminded, w.tally[0].reminded, touch.step, touch.person)
        w.tally[0].reminded += 1


@rule
def contact_cost(w, step):
    """Return the cost of one contact in cents, without what comes on top if it is answered."""
    brand = w.brands[step.brand]
    return brand.human_cents if step.human else brand.message_cents


@rule
def pay_event(w, i, b, step):
    """Pay what an answered touch costs beyond the contact: a course, an event, a gift."""
    w.spent[step.strategy] += step.extra_cents
    post(w, i, b, step.account, Account.CASH, step.extra_cents)


@rule
def count_unanswered(w, i, step):
    """Count a touch that is sent as one that is not answered, until it is."""
    w.relationships[i, step.brand].unanswered += 1
    if step.stop_after > 0:
        w.tries[i, step.tries] += 1


@rule
def count_human(w, touch, day):
    """Count a touch by a person, and how late it is."""
    step = w.steps[touch.step]
    if step.human:
        w.counts[step.brand, HUMAN_TOUCHES] += 1
        w.counts[step.brand, HUMAN_TOUCHES_LATE] += int(day > touch.due)
        w.counts[step.brand, HUMAN_WAIT_DAYS] += day - touch.due


@rule
def receive(w, touch, day):
    """Let a touch reach its customer: cost, fatigue, answer, opting out, waking."""
    step, rules = w.steps[touch.step], w.rules[0]
    i, b = np.int64(touch.person), np.int64(step.brand)
    person, relationship = w.people[i], w.relationships[i, b]
    cost = contact_cost(w, step)
    post(w, i, b, step.account, Account.CASH, cost)
    w.spent[step.strategy] += cost
    w.counts[b, TOUCHES_SENT] += 1
    count_unanswered(w, i, step)
    count_human(w, touch, day)
    answers, leaves, wakes, posts = draw4(
        w.seed[0], person.id, touch.nth_product & 0xFFF, step.key, day, Purpose.TOUCH
    )
    tired = fatigue(rules, relationship, day)
    tire(w, touch, day)
    if leaves < rules.touch_opt_out * math.exp(rules.touch_fatigue_opt_out * tired):
        relationship.opted_out = True
        w.counts[b, OPT_OUTS] += 1
    if relationship.dropped_out or day >= person.exit_day:
        return
    recall_by_touch(w, touch, day)
    on_touch(w, touch, day)
    if wakes < rules.touch_inert_dropout and inert(w, i, b, day):
        wake(w, i, b, day)
    warmth = 1.0 if step.human else rules.touch_automation_warmth
    response = rules.touch_response * warmth * math.exp(-rules.touch_fatigue_response * tired)
    if answers < response and not relationship.dropped_out:
        answer(w, touch, posts, day)


@rule
def release(w, row):
    """Give the row of a touch that is done back."""
    w.free_touches[w.tally[0].touches_free] = row
    w.tally[0].touches_free += 1


@kernel
def plan_all(w, people, start, step, day):
    """Plan one step outside any journey for several people.

    Returns
    -------
    int
        How many of `people` are done; fewer than all when the table of touches is full.
    """
    w = borrow(w)
    for k in range(start, people.size):
        if not has_capacity(w):
            return k
        if in_share(w, people[k], w.steps[step]):
            plan_touch(w, people[k], -1, step, 0, day)
    return people.size


@kernel
def admit(w, rows, most, counts, day):
    """Give up the touches that no longer fit, or that a contact cap stops.

    Parameters
    ----------
    w : World
    rows : int64[k]
        Rows of touches.
    most : int
        As soon as so many are admitted, the rest is left as it is.
    counts : bool
        Whether those admitted count toward the cap.
    day : int

    Returns
    -------
    (int64[<= k], int)
        Those admitted, in the order given, and how many of `rows` were looked at.
    """
    w = borrow(w)
    admitted = np.empty(rows.size, np.int64)
    count = seen = 0
    while seen < rows.size and count < most:
        row = rows[seen]
        touch = w.touches[row]
        fits = still_fits(w, touch, day) and is_meant(w, touch, day)
        if fits and under_cap(w, touch, counts, day):
            admitted[count] = row
            count += 1
        else:
            release(w, row)
        seen += 1
    return admitted[:count], seen


@kernel
def serve(w, rows, start, day):
    """Send the touches due today.

    Parameters
    ----------
    w : World
    rows : int64[k]
        Rows of touches, sorted by person and step, that fit and that caps and budgets allow.
    start : int
        The first to send.
    day : int

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when a table is full.
    """
    w = borrow(w)
    for k in range(start, rows.size):
        if not has_capacity(w):
            return k
        touch = w.touches[rows[k]]
        if still_fits(w, touch, day):  # who opts out today takes no second touch today
            receive(w, touch, day)
            follow_rate(w, np.int64(touch.person), np.int64(w.steps[touch.step].brand), day)
        release(w, rows[k])
    return rows.size

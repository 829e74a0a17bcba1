"""Where direct selling speaks: choice, discount, orders, touches, calls, pay."""

import numpy as np

from sim.books import Account, post
from sim.engine.calendar import schedule
from sim.engine.draws import draw
from sim.engine.kernels import rule
from sim.mechanisms.direct_selling import ACCRUALS, MESSAGES
from sim.mechanisms.direct_selling.joining import append_offer, is_eligible
from sim.mechanisms.direct_selling.selling import pay_uplines, resell, seller_of, take_back
from sim.mechanisms.direct_selling.work import working
from sim.people.messages import thin_tie
from sim.people.occasion import trigger
from sim.people.roles import CUSTOMER, DISTRIBUTOR
from sim.purposes import Purpose
from sim.state import NO_DAY
from sim.strategies.interface import Does

_CULTIVATE, _PITCH = int(Does.CULTIVATE), int(Does.PITCH)
_RECRUITS = _CULTIVATE | _PITCH
_SALES_CALL = MESSAGES["SALES_CALL"].number
_RECRUITING = MESSAGES["RECRUITING"].number
_RESALE, _RECRUIT = ACCRUALS["RESALE"], ACCRUALS["RECRUIT"]


# --- choosing and buying -----------------------------------------------------------------------


@rule
def utility(w, i, p, units, day):
    """Return the utility of a brand on whose behalf a distributor has called lately."""
    selling = w.selling[i, w.products[p].brand]
    if selling.pitcher > 0 and day <= selling.pitch_until:
        return w.rules[0].direct_selling_persuasion
    return 0.0


@rule
def discount(w, i, p, units, day):
    """Return a distributor's discount off the list price."""
    b = np.int64(w.products[p].brand)
    distributor = w.selling[i, b].distributor
    return w.levels[b, w.distributors[distributor - 1].level].discount if distributor > 0 else 0.0


@rule
def role(w, i, b):
    """Return whether person `i` is a distributor of brand `b`."""
    return DISTRIBUTOR if w.selling[i, b].distributor > 0 else CUSTOMER


@rule
def on_order(w, number, day):
    """Note who sells an order, and look at it when all have bought."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    order.reseller = seller_of(w, i, b, order.nth, day) if w.selling_plans[b].strategy >= 0 else -1
    return order.reseller >= 0


@rule
def on_close(w, number):
    """Sell an order from a distributor's stock."""
    order = w.orders[number]
    if order.reseller >= 0 and not order.refunded:
        resell(w, number, np.int64(order.reseller))


@rule
def on_refund(w, number, day):
    """Undo a resale."""
    if w.orders[number].seller >= 0:
        take_back(w, w.orders[number])


@rule
def on_dropout(w, i, b, day):
    """Let who works for a brand that they have dropped out of quit tonight.

    Not at once, so that what others buy today does not depend on who comes first.
    """
    distributor = w.selling[i, b].distributor
    if distributor > 0:
        schedule(w.distributors_due, distributor - 1, day)


# --- being contacted ---------------------------------------------------------------------------


@rule
def touch_fits(w, touch, day):
    """Return whether a course or a pitch makes sense: the brand knows nothing against joining."""
    step = w.steps[touch.step]
    if not step.does & _RECRUITS:
        return True
    i, b = np.int64(touch.person), np.int64(step.brand)
    if not is_eligible(w, i, b, day):
        return False
    return not (step.does & _CULTIVATE and w.selling[i, b].attended >= w.selling_plans[b].courses)


@rule
def on_answer(w, touch, day):
    """Count a course attended, and let who is asked to join weigh that tonight."""
    step = w.steps[touch.step]
    i, b = np.int64(touch.person), np.int64(step.brand)
    if step.does & _CULTIVATE:
        w.selling[i, b].attended += 1
    if step.does & _PITCH:
        append_offer(w, i, b, -1)


@rule
def on_message(w, message, slot, knew, day):
    """Let a call by a distributor reach its receiver."""
    if message.kind == _SALES_CALL:
        take_call(w, message, slot, day)
    elif message.kind == _RECRUITING:
        i, b = np.int64(message.receiver), np.int64(message.brand)
        _erode_tie(w, i, message)
        append_offer(w, i, b, np.int64(message.about))


@rule
def take_call(w, message, slot, day):
    """Let a sales call reach its receiver: it is remembered, and may trigger a purchase occasion.

    It cannot take a buyer from another distributor, and strains the tie.
    """
    i, b = np.int64(message.receiver), np.int64(message.brand)
    relationship, selling, rules = w.relationships[i, b], w.selling[i, b], w.rules[0]
    _erode_tie(w, i, message)
    if relationship.dropped_out or selling.distributor > 0 or not working(w, message.about + 1):
        return
    selling.pitcher = message.about + 1
    selling.pitch_until = day + int(rules.direct_selling_call_days)
    which = w.brands[b].key + int(message.speaker_id) * 2654435761
    wakes = draw(w.seed[0], w.people[i].id, slot, which, day, Purpose.CALLED)
    if wakes < rules.direct_selling_trigger:
        trigger(w, i, b)


@rule
def _erode_tie(w, i, message):
    caller = np.int64(w.distributors[message.about].person)
    thin_tie(w, i, caller, w.rules[0].direct_selling_tie_erosion)


# --- pay ---------------------------------------------------------------------------------------


@rule
def book_accrual(w, accrual, sign):
    """Post the cost of a bonus promised for recruiting."""
    if accrual.kind == _RECRUIT:
        i, b, owed = np.int64(accrual.person), np.int64(accrual.brand), Account.REWARDS_PENDING
        post(w, i, b, Account.RECRUIT_BONUSES, owed, sign * accrual.cash_cents)


@rule
def vests(w, accrual):
    """Return whether recruit and recruiter are still at work, where a bonus hangs on that."""
    if accrual.kind != _RECRUIT:
        return True
    recruit = w.distributors[accrual.distributor]
    return recruit.quit_day == NO_DAY and working(w, recruit.upline + 1)


@rule
def on_vest(w, accrual, day):
    """Pay commissions for a resale, or the bonus for a recruit."""
    if accrual.kind == _RESALE:
        pay_uplines(w, accrual)
    elif accrual.kind == _RECRUIT:
        i, b = np.int64(accrual.person), np.int64(accrual.brand)
        post(w, i, b, Account.REWARDS_PENDING, Account.CASH, accrual.cash_cents)
        w.distributors[w.distributors[accrual.distributor].upline].bonus_cents += accrual.cash_cents

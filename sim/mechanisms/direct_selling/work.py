"""Work: distributors call their ties, look at what they have earned, rise, and quit."""

import math

import numpy as np

from sim.books import Account, post
from sim.counts import columns
from sim.engine.calendar import cancel, schedule
from sim.engine.draws import draw, draw4
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
from sim.mechanisms.direct_selling import MESSAGES, MOST_CALLS_A_DAY
from sim.people.messages import tell
from sim.people.occasion import FOREVER, day_of
from sim.people.roles import take_role
from sim.people.ties import reach, thin_tie, tie
from sim.purposes import Purpose
from sim.state import NO_DAY

_SALES_CALL = MESSAGES["SALES_CALL"].number
_RECRUITING = MESSAGES["RECRUITING"].number
_SALES_CALLS, _PROMOTIONS, _QUITS = columns("sales_calls", "promotions", "quits")


@rule
def working(w, distributor):
    """Tell whether `agent`, a row of DISTRIBUTORSHIP plus 1 or 0, is a distributor at work."""
    return distributor > 0 and w.distributors[distributor - 1].quit_day == NO_DAY


@rule
def _effort(rules, distributor):
    return rules.direct_selling_full_time_factor if distributor.full_time else 1.0


@rule
def next_call(w, row, time, slot):
    """Return when distributor `row` calls next after `time`, in days."""
    distributor, rules = w.distributors[row], w.rules[0]
    i = np.int64(distributor.person)
    rate = (
        rules.direct_selling_calls / rules.direct_selling_period_days * _effort(rules, distributor)
    )
    if rate <= 0.0 or reach(w, i) == 0:
        return math.inf
    day = int(math.floor(time))
    key = w.brands[distributor.brand].key
    u = draw(w.seed[0], w.people[i].id, slot, key, day, Purpose.CALL_GAP)
    return time - math.log(u) / rate


@rule
def expect(w, row, tomorrow):
    """Put the next call, the review or the end on the calendar, whichever is first."""
    distributor = w.distributors[row]
    day = min(distributor.review_day, w.people[distributor.person].exit_day)
    if distributor.contact_due < FOREVER:
        day = min(day, day_of(distributor.contact_due))
    schedule(w.distributors_due, row, max(day, tomorrow))


@rule
def _call(w, row, slot, day):
    distributor, rules = w.distributors[row], w.rules[0]
    i, b = np.int64(distributor.person), np.int64(distributor.brand)
    whom, about, _, _ = draw4(w.seed[0], w.people[i].id, slot, w.brands[b].key, day, Purpose.CALL)
    recruits = about < rules.direct_selling_recruiting
    if recruits and w.brands[b].closed:
        return
    friend, strength = tie(w, i, int(whom * reach(w, i)), day)
    if recruits:
        tell(w, i, b, friend, strength, _RECRUITING, row)
    else:
        tell(w, i, b, friend, strength, _SALES_CALL, row)
        w.counts[b, _SALES_CALLS] += 1
    thin_tie(w, i, friend, rules.direct_selling_tie_erosion, day)


@rule
def chance_of_quitting(rules, distributor):
    """Return the chance of giving up, from what was earned since the last review and the effort."""
    hours = (
        rules.direct_selling_hours
        * _effort(rules, distributor)
        * rules.direct_selling_review_days
        / 30
    )
    earned = distributor.margin_cents + distributor.commission_cents + distributor.bonus_cents
    missing = 1.0 - (earned - distributor.reviewed_cents) / (
        hours * rules.direct_selling_wage * 100
    )
    missing = min(5.0, max(-5.0, missing))
    odds = rules.direct_selling_quit_intercept + rules.direct_selling_shortfall * missing
    return 1.0 / (1.0 + math.exp(-odds))


@rule
def _review(w, row, day):
    distributor, rules = w.distributors[row], w.rules[0]
    i, b = np.int64(distributor.person), np.int64(distributor.brand)
    level = distributor.level
    while level + 1 < w.selling_plans[b].levels:
        if distributor.team_cents < w.levels[b, level + 1].sales_cents:
            break
        level += 1
    if level > distributor.level:
        distributor.level = level
        w.counts[b, _PROMOTIONS] += 1
        take_role(w, i, b)
    u = draw(w.seed[0], w.people[i].id, 0, w.brands[b].key, day, Purpose.REVIEW)
    if u < chance_of_quitting(rules, distributor):
        quit_work(w, row, day)
        return
    distributor.reviewed_cents = (
        distributor.margin_cents + distributor.commission_cents + distributor.bonus_cents
    )
    distributor.review_day = day + int(rules.direct_selling_review_days)


@kernel
def work(w, rows, start, day):
    """Let the distributors due today call their ties, and look at what they have earned.

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when the table of messages is full.
    """
    w = borrow(w)
    for k in range(start, rows.size):
        if not has_capacity(w):
            return k
        row = rows[k]
        distributor = w.distributors[row]
        if (
            w.relationships[distributor.person, distributor.brand].dropped_out
            or day >= w.people[distributor.person].exit_day
        ):
            quit_work(w, row, day)
            continue
        slot = 0
        while distributor.contact_due < day + 1 and slot < MOST_CALLS_A_DAY:
            _call(w, row, slot, day)
            slot += 1
            distributor.contact_due = next_call(w, row, distributor.contact_due, slot)
        if distributor.contact_due < day + 1:  # a Poisson process begins afresh at any time
            distributor.contact_due = next_call(w, row, day + 1.0, 0)
        if distributor.review_day <= day:
            _review(w, row, day)
        if distributor.quit_day == NO_DAY:
            expect(w, row, day + 1)
    return rows.size


@rule
def quit_work(w, row, day):
    """Let distributor `row` give up; the brand takes back the share of stock that it promised."""
    distributor = w.distributors[row]
    i, b = np.int64(distributor.person), np.int64(distributor.brand)
    distributor.quit_day = day
    cancel(w.distributors_due, row)
    plan, selling = w.selling_plans[b], w.selling[i, b]
    if distributor.stock_cents > 0 and plan.buyback > 0.0:
        back = int(distributor.stock_cents * plan.buyback + 0.5)
        paid = distributor.paid_cents * back // distributor.stock_cents
        post(w, i, b, Account.CHANNEL_DEPOSITS, Account.CASH, paid)
        distributor.stock_cents -= back
        distributor.paid_cents -= paid
    selling.distributor = 0
    selling.pitch_from = day + plan.refusal_days
    w.counts[b, _QUITS] += 1
    take_role(w, i, b)

"""Work: distributors call their ties, look at what they have earned, rise, and quit."""

import math

import numpy as np

from sim.books import Account, post
from sim.counts import columns
from sim.engine.calendar import cancel, schedule
from sim.engine.draws import draw, draw4
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_room
from sim.mechanisms.direct_selling import MESSAGES, MOST_CALLS_A_DAY
from sim.people.messages import degree, tell, thin_tie, tie
from sim.people.need import FOREVER, day_of
from sim.people.roles import take_role
from sim.purposes import Purpose
from sim.state import NO_DAY

_SALES_CALL = MESSAGES["SALES_CALL"].number
_RECRUITING = MESSAGES["RECRUITING"].number
_SALES_CALLS, _PROMOTIONS, _QUITS = columns("sales_calls", "promotions", "quits")


@rule
def working(w, agent):
    """Tell whether `agent`, a row of AGENT plus 1 or 0, is a distributor at work."""
    return agent > 0 and w.agents[agent - 1].quit_day == NO_DAY


@rule
def _effort(rules, agent):
    return rules.distribution_full_time_factor if agent.full_time else 1.0


@rule
def next_call(w, row, time, slot):
    """Return when distributor `row` calls next after `time`, in days."""
    agent, rules = w.agents[row], w.rules[0]
    i = np.int64(agent.person)
    rate = rules.distribution_calls / rules.distribution_period_days * _effort(rules, agent)
    if rate <= 0.0 or degree(w, i) == 0:
        return math.inf
    day = int(math.floor(time))
    key = w.brands[agent.brand].key
    u = draw(w.seed[0], w.people[i].id, slot, key, day, Purpose.CALL_GAP)
    return time - math.log(u) / rate


@rule
def expect(w, row, tomorrow):
    """Put the next call, the review or the end on the calendar, whichever is first."""
    agent = w.agents[row]
    day = min(agent.review_day, w.people[agent.person].exit_day)
    if agent.contact_due < FOREVER:
        day = min(day, day_of(agent.contact_due))
    schedule(w.agents_due, row, max(day, tomorrow))


@rule
def _call(w, row, slot, day):
    agent, rules = w.agents[row], w.rules[0]
    i, b = np.int64(agent.person), np.int64(agent.brand)
    whom, about, _, _ = draw4(w.seed[0], w.people[i].id, slot, w.brands[b].key, day, Purpose.CALL)
    friend, strength = tie(w, i, whom)
    if about < rules.distribution_recruiting:
        if w.brands[b].closed:
            return
        tell(w, i, b, friend, strength, _RECRUITING, row)
    else:
        tell(w, i, b, friend, strength, _SALES_CALL, row)
        w.counts[b, _SALES_CALLS] += 1
    thin_tie(w, i, friend, rules.distribution_strain)


@rule
def chance_of_quitting(rules, agent):
    """Return the chance of giving up, from what was earned since the last review and the effort."""
    hours = rules.distribution_hours * _effort(rules, agent) * rules.distribution_review_days / 30
    earned = agent.margin_cents + agent.commission_cents + agent.bonus_cents
    missing = 1.0 - (earned - agent.reviewed_cents) / (hours * rules.distribution_wage * 100)
    missing = min(5.0, max(-5.0, missing))
    odds = rules.distribution_giving_up + rules.distribution_shortfall * missing
    return 1.0 / (1.0 + math.exp(-odds))


@rule
def _review(w, row, day):
    agent, rules = w.agents[row], w.rules[0]
    i, b = np.int64(agent.person), np.int64(agent.brand)
    level = agent.level
    while level + 1 < w.agencies[b].levels:
        if agent.team_cents < w.levels[b, level + 1].sales_cents:
            break
        level += 1
    if level > agent.level:
        agent.level = level
        w.counts[b, _PROMOTIONS] += 1
        take_role(w, i, b)
    u = draw(w.seed[0], w.people[i].id, 0, w.brands[b].key, day, Purpose.REVIEW)
    if u < chance_of_quitting(rules, agent):
        quit_work(w, row, day)
        return
    agent.reviewed_cents = agent.margin_cents + agent.commission_cents + agent.bonus_cents
    agent.review_day = day + int(rules.distribution_review_days)


@kernel
def work(w, rows, start, day):
    """Let the distributors due today call their ties, and look at what they have earned.

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when the table of words is full.
    """
    w = borrow(w)
    for k in range(start, rows.size):
        if not has_room(w):
            return k
        row = rows[k]
        agent = w.agents[row]
        if w.bonds[agent.person, agent.brand].left or day >= w.people[agent.person].exit_day:
            quit_work(w, row, day)
            continue
        slot = 0
        while agent.contact_due < day + 1 and slot < MOST_CALLS_A_DAY:
            _call(w, row, slot, day)
            slot += 1
            agent.contact_due = next_call(w, row, agent.contact_due, slot)
        if agent.contact_due < day + 1:  # a Poisson process begins afresh at any time
            agent.contact_due = next_call(w, row, day + 1.0, 0)
        if agent.review_day <= day:
            _review(w, row, day)
        if agent.quit_day == NO_DAY:
            expect(w, row, day + 1)
    return rows.size


@rule
def quit_work(w, row, day):
    """Let distributor `row` give up; the brand takes back the share of stock that it promised."""
    agent = w.agents[row]
    i, b = np.int64(agent.person), np.int64(agent.brand)
    agent.quit_day = day
    cancel(w.agents_due, row)
    agency, selling = w.agencies[b], w.selling[i, b]
    if agent.stock_cents > 0 and agency.buyback > 0.0:
        back = int(agent.stock_cents * agency.buyback + 0.5)
        paid = agent.paid_cents * back // agent.stock_cents
        post(w, i, b, Account.CHANNEL_DEPOSITS, Account.CASH, paid)
        agent.stock_cents -= back
        agent.paid_cents -= paid
    selling.agent = 0
    selling.pitch_from = day + agency.refusal_days
    w.counts[b, _QUITS] += 1
    take_role(w, i, b)

"""Distributors: customers asked to sell on their own account join, call their ties, and give up.

Whoever is satisfied on both counts, has referred enough friends and is not within the time of an
earlier refusal weighs the offers of a day against each other, against the work he has, and against
none: a race of utilities with Gumbel noise. Calls are a Poisson process, so that the Yule process
(1925) is a limit.
"""

import math

import numpy as np

from sim.books import Account, post
from sim.counts import (
    JOINS,
    PROMOTIONS,
    RECRUITING_REFUSED,
    RECRUITING_TALKS,
    SALES_CALLS,
)
from sim.engine.calendar import schedule
from sim.engine.draws import Purpose, draw, draw4, gumbel
from sim.engine.kernels import borrow, kernel, rule
from sim.people.audience import in_audience
from sim.people.messages import Kind, degree, strength_of_tie, tell, thin_tie, tie
from sim.people.need import FOREVER, day_of, wake
from sim.people.reward import claim_bonus
from sim.people.roles import DISTRIBUTOR, quit_work, take_role, working
from sim.people.satisfaction import satisfied
from sim.people.selling import stock_up
from sim.state import NO_DAY

MOST_CALLS_A_DAY = 64
"""Calls of one distributor on one day; more are not made."""
_SALES_CALL = int(Kind.SALES_CALL)
_RECRUITING = int(Kind.RECRUITING)


# --- being asked to join -----------------------------------------------------------------------


@rule
def note_offer(w, i, b, recruiter):
    """Note that person `i` is asked today to join brand `b`, by AGENT row `recruiter` or -1."""
    row = w.tally[0].pitched
    w.pitched[row, 0], w.pitched[row, 1], w.pitched[row, 2] = i, b, recruiter
    w.tally[0].pitched += 1
    w.counts[b, RECRUITING_TALKS] += 1


@rule
def may_join(w, i, b, day):
    """Tell whether person `i` is eligible as a distributor of brand `b`, and may be asked."""
    brand, bond, ally, agency = w.brands[b], w.bonds[i, b], w.allies[i, b], w.agencies[b]
    return (
        brand.agency
        and not brand.closed
        and bond.orders > 0
        and not bond.left
        and satisfied(w.rules[0], bond)
        and ally.agent == 0
        and day >= ally.pitch_from
        and ally.vested >= agency.referrals
        and in_audience(w, i, agency)
    )


@rule
def readiness(w, i):
    """Return the wish of person `i` to sell, after prejudice against selling to friends."""
    return w.people[i].willingness * (1.0 - w.rules[0].distribution_prejudice)


@rule
def lure(w, i, b, recruiter):
    """Return the utility for person `i` of becoming a distributor of brand `b`."""
    rules, agency, bond = w.rules[0], w.agencies[b], w.bonds[i, b]
    entry, top = w.levels[b, 0].discount, w.levels[b, agency.levels - 1].discount
    pay = agency.fee_cents + (1.0 - entry) * agency.stock_cents
    utility = rules.distribution_willingness * readiness(w, i) - rules.distribution_reluctance
    utility += rules.distribution_cultivation * w.allies[i, b].attended
    utility += rules.distribution_satisfaction * (bond.overall - rules.experience_gate)
    utility += rules.distribution_margin * entry
    utility += rules.distribution_hope * (top - entry + agency.peer)
    price = max(1, w.brands[b].price_cents)
    utility -= rules.distribution_fee * math.log1p(pay / price)
    if recruiter >= 0:
        by = np.int64(w.agents[recruiter].person)
        utility += rules.distribution_tie * strength_of_tie(w, i, by)
    return utility


@rule
def _luck(w, i, key, day):
    return gumbel(draw(w.seed[0], w.people[i].id, 0, key, day, Purpose.JOIN))


@rule
def _employer(w, i):
    # the brand for which person `i` works, -1 for none
    if w.people[i].role == DISTRIBUTOR:
        for b in range(w.brands.size):
            if w.allies[i, b].agent > 0:
                return b
    return -1


@rule
def _as_before(w, i, employer, day):
    # the utility of going on as one is
    utility = 0.0
    if employer >= 0:
        rules = w.rules[0]
        utility = rules.distribution_incumbency
        content = w.bonds[i, employer].overall - rules.experience_gate
        utility += rules.distribution_satisfaction * content
    return utility + _luck(w, i, 0, day)


@rule
def join(w, i, b, recruiter, day):
    """Make person `i` a distributor of brand `b`: fee, first stock, upline, first call."""
    agency, ally, person = w.agencies[b], w.allies[i, b], w.people[i]
    row = w.tally[0].agents
    w.tally[0].agents += 1
    agent = w.agents[row]
    agent.person, agent.brand, agent.upline = i, b, recruiter
    agent.joined_day, agent.quit_day = day, NO_DAY
    u = draw(w.seed[0], person.id, 0, w.brands[b].key, day, Purpose.ENGAGE)
    agent.full_time = u < w.rules[0].distribution_full_time * readiness(w, i)
    agent.fee_cents = agency.fee_cents
    post(w, i, b, Account.CASH, Account.JOINING_FEES, agency.fee_cents)
    stock_up(w, row, agency.stock_cents)
    ally.agent = row + 1
    take_role(w, i, b)
    w.counts[b, JOINS] += 1
    if recruiter >= 0:
        w.agents[recruiter].recruits += 1
        if agency.bonus_cents > 0:
            claim_bonus(w, row, day)
    agent.review_day = day + int(w.rules[0].distribution_review_days)
    agent.contact_due = _next_call(w, row, float(day), 0)
    _expect(w, row, day)


@kernel
def weigh_offers(w, order, start, day):
    """Let those asked to join a brand today choose among the offers, their work, and neither.

    Parameters
    ----------
    w : World
    order : int64[k]
        Rows of `w.pitched`, sorted by person and then by identity of brand and recruiter.
    start : int
        The first to run.
    day : int

    Returns
    -------
    int
        How many of `order` are done; fewer than all when a table is full.
    """
    w = borrow(w)
    k = start
    while k < order.size:
        if w.agents.size - w.tally[0].agents < 2 or w.pending.size - w.tally[0].pending < 2:
            return k
        i = np.int64(w.pitched[order[k], 0])
        end = k
        while end < order.size and w.pitched[order[end], 0] == i:
            end += 1
        _weigh(w, i, order, k, end, day)
        k = end
    return order.size


@rule
def _stands(w, i, offer, day):
    # an offer of someone who had quit before today is none, and cannot be refused; who changes
    # brands today may come before or after whom he has asked, and it must not matter
    b, recruiter = np.int64(w.pitched[offer, 1]), w.pitched[offer, 2]
    gone = recruiter >= 0 and NO_DAY < w.agents[recruiter].quit_day < day
    return not gone and may_join(w, i, b, day)


@rule
def _weigh(w, i, order, start, end, day):
    employer = _employer(w, i)
    best, pick = _as_before(w, i, employer, day), -1
    for k in range(start, end):
        b, recruiter = np.int64(w.pitched[order[k], 1]), np.int64(w.pitched[order[k], 2])
        if _stands(w, i, order[k], day):
            key = w.brands[b].key
            if recruiter >= 0:
                key += (int(w.people[w.agents[recruiter].person].id) + 1) * 2654435761
            utility = lure(w, i, b, recruiter) + _luck(w, i, key, day)
            if utility > best:
                best, pick = utility, k
    for k in range(start, end):
        b = np.int64(w.pitched[order[k], 1])
        taken = pick >= 0 and w.pitched[order[pick], 1] == b
        if not taken and _stands(w, i, order[k], day):
            w.allies[i, b].pitch_from = day + w.agencies[b].refusal_days
            w.counts[b, RECRUITING_REFUSED] += 1
    if pick >= 0:
        if employer >= 0:
            quit_work(w, np.int64(w.allies[i, employer].agent - 1), day)
        join(w, i, np.int64(w.pitched[order[pick], 1]), w.pitched[order[pick], 2], day)


# --- work --------------------------------------------------------------------------------------


@rule
def _effort(rules, agent):
    return rules.distribution_full_time_factor if agent.full_time else 1.0


@rule
def _next_call(w, row, time, slot):
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
def _expect(w, row, tomorrow):
    # put the next call, the review or the end on the calendar, whichever is first
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
        w.counts[b, SALES_CALLS] += 1
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
        if agent.team_cents < w.levels[b, level + 1].from_cents:
            break
        level += 1
    if level > agent.level:
        agent.level = level
        w.counts[b, PROMOTIONS] += 1
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
        if w.said.size - w.tally[0].said < MOST_CALLS_A_DAY:
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
            agent.contact_due = _next_call(w, row, agent.contact_due, slot)
        if agent.contact_due < day + 1:  # a Poisson process begins afresh at any time
            agent.contact_due = _next_call(w, row, day + 1.0, 0)
        if agent.review_day <= day:
            _review(w, row, day)
        if agent.quit_day == NO_DAY:
            _expect(w, row, day + 1)
    return rows.size


# --- being called ------------------------------------------------------------------------------


@rule
def take_call(w, word, slot, day):
    """Let a sales call reach its receiver: it is remembered, and may wake a need.

    It cannot take a buyer from another distributor, and strains the tie.
    """
    i, b = np.int64(word.receiver), np.int64(word.brand)
    bond, ally, rules = w.bonds[i, b], w.allies[i, b], w.rules[0]
    caller = np.int64(w.agents[word.about].person)
    thin_tie(w, i, caller, rules.distribution_strain)
    if bond.left or ally.agent > 0 or not working(w, word.about + 1):
        return
    ally.pitcher = word.about + 1
    ally.pitch_until = day + int(rules.distribution_call_days)
    which = w.brands[b].key + int(word.speaker_id) * 2654435761
    wakes = draw(w.seed[0], w.people[i].id, slot, which, day, Purpose.CALLED)
    if wakes < rules.distribution_wake:
        wake(w, i, b)


@rule
def take_offer_of_work(w, word):
    """Let a recruiting call reach its receiver, who will weigh it today."""
    i, b = np.int64(word.receiver), np.int64(word.brand)
    caller = np.int64(w.agents[word.about].person)
    thin_tie(w, i, caller, w.rules[0].distribution_strain)
    note_offer(w, i, b, np.int64(word.about))

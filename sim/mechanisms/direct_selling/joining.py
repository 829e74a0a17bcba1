"""Joining: who is asked to become a distributor weighs the offers of a day."""

import math

import numpy as np

from sim.accruals import draw_lots_by, enter, working_days_after
from sim.books import Account, post
from sim.counts import columns
from sim.engine.draws import draw, gumbel
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_room
from sim.hooks import friends_referred
from sim.mechanisms.direct_selling import ACCRUALS
from sim.mechanisms.direct_selling.selling import stock_up
from sim.mechanisms.direct_selling.work import expect, next_call, quit_work
from sim.people.audience import in_audience
from sim.people.messages import strength_of_tie
from sim.people.roles import DISTRIBUTOR, take_role
from sim.people.satisfaction import satisfied
from sim.purposes import Purpose
from sim.state import NO_DAY

_RECRUIT = ACCRUALS["RECRUIT"]
_TALKS, _JOINS, _REFUSED = columns("recruiting_talks", "joins", "recruiting_refused")


@rule
def note_offer(w, i, b, recruiter):
    """Note that person `i` is asked today to join brand `b`, by AGENT row `recruiter` or -1."""
    row = w.tally[0].pitched
    w.pitched[row, 0], w.pitched[row, 1], w.pitched[row, 2] = i, b, recruiter
    w.tally[0].pitched += 1
    w.counts[b, _TALKS] += 1


@rule
def may_join(w, i, b, day):
    """Tell whether person `i` is eligible as a distributor of brand `b`, and may be asked."""
    brand, bond, selling, agency = w.brands[b], w.bonds[i, b], w.selling[i, b], w.agencies[b]
    return (
        agency.strategy >= 0
        and not brand.closed
        and bond.orders > 0
        and not bond.left
        and satisfied(w.rules[0], bond)
        and selling.agent == 0
        and day >= selling.pitch_from
        and friends_referred(w, i, b) >= agency.referrals
        and in_audience(w, i, agency)
    )


@rule
def selling_propensity(w, i):
    """Return the wish of person `i` to sell, after prejudice against selling to friends."""
    return w.people[i].willingness * (1.0 - w.rules[0].distribution_prejudice)


@rule
def join_utility(w, i, b, recruiter):
    """Return the utility for person `i` of becoming a distributor of brand `b`."""
    rules, agency, bond = w.rules[0], w.agencies[b], w.bonds[i, b]
    entry, top = w.levels[b, 0].discount, w.levels[b, agency.levels - 1].discount
    pay = agency.fee_cents + (1.0 - entry) * agency.stock_cents
    utility = (
        rules.distribution_willingness * selling_propensity(w, i) - rules.distribution_reluctance
    )
    utility += rules.distribution_cultivation * w.selling[i, b].attended
    utility += rules.distribution_satisfaction * (bond.overall - rules.experience_gate)
    utility += rules.distribution_margin * entry
    utility += rules.distribution_hope * (top - entry + agency.peer_bonus)
    price = max(1, w.brands[b].price_cents)
    utility -= rules.distribution_fee * math.log1p(pay / price)
    if recruiter >= 0:
        by = np.int64(w.agents[recruiter].person)
        utility += rules.distribution_tie * strength_of_tie(w, i, by)
    return utility


@rule
def _noise(w, i, key, day):
    return gumbel(draw(w.seed[0], w.people[i].id, 0, key, day, Purpose.JOIN))


@rule
def _employer(w, i):
    # the brand for which person `i` works, -1 for none
    if w.people[i].role == DISTRIBUTOR:
        for b in range(w.brands.size):
            if w.selling[i, b].agent > 0:
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
    return utility + _noise(w, i, 0, day)


@rule
def join(w, i, b, recruiter, day):
    """Make person `i` a distributor of brand `b`: fee, first stock, upline, first call."""
    agency, selling, person = w.agencies[b], w.selling[i, b], w.people[i]
    row = w.tally[0].agents
    w.tally[0].agents += 1
    agent = w.agents[row]
    agent.person, agent.brand, agent.upline = i, b, recruiter
    agent.joined_day, agent.quit_day = day, NO_DAY
    u = draw(w.seed[0], person.id, 0, w.brands[b].key, day, Purpose.ENGAGE)
    agent.full_time = u < w.rules[0].distribution_full_time * selling_propensity(w, i)
    agent.fee_cents = agency.fee_cents
    post(w, i, b, Account.CASH, Account.JOINING_FEES, agency.fee_cents)
    stock_up(w, row, agency.stock_cents)
    selling.agent = row + 1
    take_role(w, i, b)
    w.counts[b, _JOINS] += 1
    if recruiter >= 0:
        w.agents[recruiter].recruits += 1
        if agency.recruit_bonus_cents > 0:
            claim_bonus(w, row, day)
    agent.review_day = day + int(w.rules[0].distribution_review_days)
    agent.contact_due = next_call(w, row, float(day), 0)
    expect(w, row, day)


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
        if not has_room(w):
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
            utility = join_utility(w, i, b, recruiter) + _noise(w, i, key, day)
            if utility > best:
                best, pick = utility, k
    for k in range(start, end):
        b = np.int64(w.pitched[order[k], 1])
        taken = pick >= 0 and w.pitched[order[pick], 1] == b
        if not taken and _stands(w, i, order[k], day):
            w.selling[i, b].pitch_from = day + w.agencies[b].refusal_days
            w.counts[b, _REFUSED] += 1
    if pick >= 0:
        if employer >= 0:
            quit_work(w, np.int64(w.selling[i, employer].agent - 1), day)
        join(w, i, np.int64(w.pitched[order[pick], 1]), w.pitched[order[pick], 2], day)


@rule
def claim_bonus(w, row, day):
    """Claim the bonus for recruiting distributor `row`."""
    agent = w.agents[row]
    b = np.int64(agent.brand)
    agency, recruiter = w.agencies[b], w.agents[agent.upline]
    entered = enter(w, _RECRUIT, b, agency.strategy, np.int64(recruiter.person))
    draw_lots_by(w, entered, agent.person, 0, w.brands[b].key + _RECRUIT)
    accrual = w.pending[entered]
    accrual.agent = row
    accrual.due_day = working_days_after(day, agency.vest_days)
    accrual.cash_cents = agency.recruit_bonus_cents

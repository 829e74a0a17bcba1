"""Joining: who is asked to become a distributor weighs the offers of a day."""

import math

import numpy as np

from sim.accruals import draw_lots_by, enter, working_days_after
from sim.books import Account, post
from sim.counts import columns
from sim.engine.draws import draw, gumbel
from sim.engine.kernels import borrow, kernel, rule
from sim.growth import has_capacity
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
def append_offer(w, i, b, recruiter):
    """Note that person `i` is asked today to join brand `b`, by AGENT row `recruiter` or -1."""
    row = w.tally[0].pitched
    w.pitched[row, 0], w.pitched[row, 1], w.pitched[row, 2] = i, b, recruiter
    w.tally[0].pitched += 1
    w.counts[b, _TALKS] += 1


@rule
def may_join(w, i, b, day):
    """Tell whether person `i` is eligible as a distributor of brand `b`, and may be asked."""
    brand, relationship, selling, plan = (
        w.brands[b],
        w.relationships[i, b],
        w.selling[i, b],
        w.selling_plans[b],
    )
    return (
        plan.strategy >= 0
        and not brand.closed
        and relationship.orders > 0
        and not relationship.dropped_out
        and satisfied(w.rules[0], relationship)
        and selling.distributor == 0
        and day >= selling.pitch_from
        and friends_referred(w, i, b) >= plan.referrals
        and in_audience(w, i, plan)
    )


@rule
def selling_propensity(w, i):
    """Return the wish of person `i` to sell, after prejudice against selling to friends."""
    return w.people[i].willingness * (1.0 - w.rules[0].direct_selling_prejudice)


@rule
def join_utility(w, i, b, recruiter):
    """Return the utility for person `i` of becoming a distributor of brand `b`."""
    rules, plan, relationship = w.rules[0], w.selling_plans[b], w.relationships[i, b]
    entry, top = w.levels[b, 0].discount, w.levels[b, plan.levels - 1].discount
    pay = plan.fee_cents + (1.0 - entry) * plan.stock_cents
    utility = (
        rules.direct_selling_willingness * selling_propensity(w, i)
        + rules.direct_selling_join_intercept
    )
    utility += rules.direct_selling_cultivation * w.selling[i, b].attended
    utility += rules.direct_selling_satisfaction * (
        relationship.overall - rules.experience_satisfaction_threshold
    )
    utility += rules.direct_selling_margin * entry
    utility += rules.direct_selling_expected_advancement * (top - entry + plan.peer_bonus)
    price = max(1, w.brands[b].price_cents)
    utility -= rules.direct_selling_fee * math.log1p(pay / price)
    if recruiter >= 0:
        by = np.int64(w.distributors[recruiter].person)
        utility += rules.direct_selling_tie * strength_of_tie(w, i, by)
    return utility


@rule
def _noise(w, i, key, day):
    return gumbel(draw(w.seed[0], w.people[i].id, 0, key, day, Purpose.JOIN))


@rule
def _employer(w, i):
    # the brand for which person `i` works, -1 for none
    if w.people[i].role == DISTRIBUTOR:
        for b in range(w.brands.size):
            if w.selling[i, b].distributor > 0:
                return b
    return -1


@rule
def _as_before(w, i, employer, day):
    # the utility of going on as one is
    utility = 0.0
    if employer >= 0:
        rules = w.rules[0]
        utility = rules.direct_selling_incumbency
        content = w.relationships[i, employer].overall - rules.experience_satisfaction_threshold
        utility += rules.direct_selling_satisfaction * content
    return utility + _noise(w, i, 0, day)


@rule
def join(w, i, b, recruiter, day):
    """Make person `i` a distributor of brand `b`: fee, first stock, upline, first call."""
    plan, selling, person = w.selling_plans[b], w.selling[i, b], w.people[i]
    row = w.tally[0].distributors
    w.tally[0].distributors += 1
    distributor = w.distributors[row]
    distributor.person, distributor.brand, distributor.upline = i, b, recruiter
    distributor.joined_day, distributor.quit_day = day, NO_DAY
    u = draw(w.seed[0], person.id, 0, w.brands[b].key, day, Purpose.ENGAGE)
    distributor.full_time = u < w.rules[0].direct_selling_full_time * selling_propensity(w, i)
    distributor.fee_cents = plan.fee_cents
    post(w, i, b, Account.CASH, Account.JOINING_FEES, plan.fee_cents)
    stock_up(w, row, plan.stock_cents)
    selling.distributor = row + 1
    take_role(w, i, b)
    w.counts[b, _JOINS] += 1
    if recruiter >= 0:
        w.distributors[recruiter].recruits += 1
        if plan.recruit_bonus_cents > 0:
            claim_bonus(w, row, day)
    distributor.review_day = day + int(w.rules[0].direct_selling_review_days)
    distributor.contact_due = next_call(w, row, float(day), 0)
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
        if not has_capacity(w):
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
    # brands today may come before or after the people asked, and it must not matter
    b, recruiter = np.int64(w.pitched[offer, 1]), w.pitched[offer, 2]
    gone = recruiter >= 0 and NO_DAY < w.distributors[recruiter].quit_day < day
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
                key += (int(w.people[w.distributors[recruiter].person].id) + 1) * 2654435761
            utility = join_utility(w, i, b, recruiter) + _noise(w, i, key, day)
            if utility > best:
                best, pick = utility, k
    for k in range(start, end):
        b = np.int64(w.pitched[order[k], 1])
        taken = pick >= 0 and w.pitched[order[pick], 1] == b
        if not taken and _stands(w, i, order[k], day):
            w.selling[i, b].pitch_from = day + w.selling_plans[b].refusal_days
            w.counts[b, _REFUSED] += 1
    if pick >= 0:
        if employer >= 0:
            quit_work(w, np.int64(w.selling[i, employer].distributor - 1), day)
        join(w, i, np.int64(w.pitched[order[pick], 1]), w.pitched[order[pick], 2], day)


@rule
def claim_bonus(w, row, day):
    """Claim the bonus for recruiting distributor `row`."""
    distributor = w.distributors[row]
    b = np.int64(distributor.brand)
    plan, recruiter = w.selling_plans[b], w.distributors[distributor.upline]
    entered = enter(w, _RECRUIT, b, plan.strategy, np.int64(recruiter.person))
    draw_lots_by(w, entered, distributor.person, 0, w.brands[b].key + _RECRUIT)
    accrual = w.accruals[entered]
    accrual.distributor = row
    accrual.due_day = working_days_after(day, plan.vest_days)
    accrual.cash_cents = plan.recruit_bonus_cents

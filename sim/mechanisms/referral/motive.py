"""Why people invite: emotion plus benefit, less what it costs to be thought paid."""

import math

import numpy as np

from sim.engine.kernels import rule
from sim.hooks import reward_ahead
from sim.people.audience import in_audience
from sim.people.rewards import nearer, worth
from sim.people.roles import KOC
from sim.people.satisfaction import delight, satisfied


@rule
def way_to_goods(friends, programme):
    """Return how far the way from the last goods to the next has been gone, -1 where none are."""
    last, ahead = 0, 0
    for k in range(programme.goods_at.size):
        at = int(programme.goods_at[k])
        if at > friends:
            ahead = at if ahead == 0 else min(ahead, at)
        else:
            last = max(last, at)
    return (friends - last) / (ahead - last) if ahead > 0 else -1.0


@rule
def benefit(w, i, b, row):
    """Return the motive that the rewards of programme `row` give person `i`."""
    rules, programme, referring = w.rules[0], w.programmes[row], w.referring[i, b]
    price = w.brands[b].price_cents
    total = rules.referral_cash * worth(rules, price, programme.cash_cents)
    total += rules.referral_points * worth(rules, price, programme.points_cents)
    way = way_to_goods(referring.goods_friends, programme)
    if way >= 0.0:
        total += (
            rules.referral_goods * worth(rules, price, programme.goods_cents) * nearer(rules, way)
        )
    return total


@rule
def social_cost(rules, programme):
    """Return the motive lost when friends may think one is paid; less if they get something too."""
    cost = 0.0
    if programme.cash_cents > 0:
        cost = rules.referral_cash_cost
    if programme.goods_cents > 0:
        cost = max(cost, rules.referral_goods_cost)
    if programme.points_cents > 0:
        cost = max(cost, rules.referral_points_cost)
    if programme.friend_discount > 0.0:
        cost *= 1.0 - rules.referral_fairness
    return cost


@rule
def programmes_open(w, i, b, day):
    """Return the programmes of brand `b` that are open to person `i` today, a bit for each."""
    first, found = w.programmes_of[b].start, np.int64(0)
    for row in range(first, w.programmes_of[b].end):
        if in_audience(w, i, w.programmes[row], day):
            found |= np.int64(1) << (row - first)
    return found


@rule
def motive(w, i, b, day):
    """Return why person `i` would invite a friend to brand `b` today, 0 if not at all.

    Emotion plus the benefits of all programmes of the brand that are open to the person, less the
    highest of their social costs. Without any programme there is no invitation to give.
    """
    rules, relationship = w.rules[0], w.relationships[i, b]
    if w.brands[b].closed or relationship.dropped_out or not satisfied(rules, relationship):
        return 0.0
    open_to = programmes_open(w, i, b, day)
    if open_to == 0:
        return 0.0
    gain, cost, first = 0.0, 0.0, w.programmes_of[b].start
    for row in range(first, w.programmes_of[b].end):
        if open_to >> (row - first) & 1:
            gain += benefit(w, i, b, row)
            cost = max(cost, social_cost(rules, w.programmes[row]))
    gain += reward_ahead(w, i, b, day)
    gain += rules.referral_emotion * delight(rules, relationship, day)
    if relationship.role >= KOC:
        gain *= rules.referral_koc
    return max(0.0, gain - cost)


@rule
def chance(rate, motive):
    """Return the chance of an act whose rate is proportional to the motive."""
    return -math.expm1(-rate * motive)

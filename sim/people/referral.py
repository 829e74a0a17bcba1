"""Referral: customers invite friends, friends follow, and a bad referral comes home.

Only those satisfied on both counts invite: they stake their standing. The motive is emotion, which
decays, plus benefit, less what it costs to be thought paid: dear for cash, cheap for points
(Ryu and Feick 2007). A reward at a threshold is worth the more the closer it is (Kivetz, Urminsky
and Zheng 2006).
"""

import math

import numpy as np

from sim.counts import (
    BAD_REFERRALS,
    CLICKS,
    INVITATIONS,
    REFERRAL_ASKED,
    REFERRAL_SHARED,
    REFERRED_ORDERS,
)
from sim.engine.draws import Purpose, draw, draw4, poisson
from sim.engine.kernels import rule
from sim.people.audience import in_audience
from sim.people.messages import Kind, degree, learn_of, strength_of_tie, tell, thin_tie, tie
from sim.people.need import wake
from sim.people.reward import claim_referral
from sim.people.roles import KOC
from sim.people.satisfaction import delight, satisfied
from sim.state import NO_DAY

MOST_INVITED = 64
"""Ties invited by one customer at one asking; more are not."""
_INVITATION = int(Kind.INVITATION)
_DISAPPOINTMENT = int(Kind.DISAPPOINTMENT)


# --- why people invite ------------------------------------------------------------------------


@rule
def worth(rules, price_cents, cents):
    """Return what a reward is worth: a log unit like all money, measured by the brand's prices."""
    if cents <= 0.0 or price_cents <= 0.0:
        return 0.0
    return math.log1p(cents / (rules.referral_scale * price_cents))


@rule
def way_to_goods(friends, programme):
    """Return how far the way from the last goods to the next has been gone, -1 where none are."""
    last, ahead = 0, 0
    for at in (programme.goods_first, programme.goods_second, programme.goods_third):
        if at > friends:
            ahead = at if ahead == 0 else min(ahead, at)
        else:
            last = max(last, at)
    return (friends - last) / (ahead - last) if ahead > 0 else -1.0


@rule
def benefit(w, i, b, row):
    """Return the motive that the rewards of programme `row` give person `i`."""
    rules, programme, ally = w.rules[0], w.programmes[row], w.allies[i, b]
    price = w.brands[b].price_cents
    total = rules.referral_cash * worth(rules, price, programme.cash_cents)
    total += rules.referral_points * worth(rules, price, programme.points_cents)
    way = way_to_goods(ally.goods_friends, programme)
    if way >= 0.0:
        nearer = 1.0 + rules.referral_gradient * way
        total += rules.referral_goods * worth(rules, price, programme.goods_cents) * nearer
    if programme.koc_from > 0 and not ally.koc:
        nearer = 1.0 + rules.referral_gradient * min(1.0, ally.vested / programme.koc_from)
        total += worth(rules, price, rules.referral_honour * price) * nearer
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
def motive(w, i, b, day):
    """Return why person `i` would invite a friend to brand `b` today, 0 if not at all.

    Emotion plus the benefits of all programmes of the brand that are open to the person, less the
    highest of their social costs. Without any programme there is no invitation to give.
    """
    rules, brand, bond = w.rules[0], w.brands[b], w.bonds[i, b]
    gain, cost, member = 0.0, 0.0, False
    for row in range(brand.programme_start, brand.programme_end):
        programme = w.programmes[row]
        if in_audience(w, i, programme):
            member = True
            gain += benefit(w, i, b, row)
            cost = max(cost, social_cost(rules, programme))
    if not member or brand.closed or bond.left or not satisfied(rules, bond):
        return 0.0
    gain += rules.referral_emotion * delight(rules, bond, day)
    if bond.role >= KOC:
        gain *= rules.referral_koc
    return max(0.0, gain - cost)


@rule
def chance(rate, motive):
    """Return the chance of an act whose rate is proportional to the motive."""
    return -math.expm1(-rate * motive)


# --- inviting ---------------------------------------------------------------------------------


@rule
def invite(w, i, b, u, day, asked):
    """Let person `i` invite to brand `b` the tie that uniform `u` picks."""
    if degree(w, i) == 0:
        return
    friend, strength = tie(w, i, u)
    row = w.tally[0].invitations
    w.tally[0].invitations += 1
    invitation = w.invitations[row]
    invitation.referrer, invitation.friend, invitation.brand = i, friend, b
    invitation.day, invitation.asked = day, asked
    invitation.clicked_day = invitation.vested_day = NO_DAY
    invitation.order = -1
    tell(w, i, b, friend, strength, _INVITATION, row)
    w.counts[b, INVITATIONS] += 1


@rule
def ask(w, i, b, touch, day):
    """Ask customer `i` by a touch to invite friends; a few ties hear of it, or none."""
    rules = w.rules[0]
    w.counts[b, REFERRAL_ASKED] += 1
    why = motive(w, i, b, day)
    if why == 0.0:
        return
    key, person, which = w.steps[touch.step].key, w.people[i].id, touch.nth_product
    shares, how_many, _, _ = draw4(w.seed[0], person, which & 0xFFF, key, day, Purpose.SHARE)
    if shares >= chance(rules.referral_asked, why):
        return
    w.counts[b, REFERRAL_SHARED] += 1
    mean = rules.referral_invitations * w.people[i].sociability
    for k in range(poisson(how_many, mean, MOST_INVITED)):
        slot = (which * MOST_INVITED + k) & 0xFFF
        whom = draw(w.seed[0], person, slot, key, day, Purpose.INVITE)
        invite(w, i, b, whom, day, True)


# --- following --------------------------------------------------------------------------------


@rule
def best_terms(w, b, referrer):
    """Return the friend's discount, how long the invitation holds, and how paid it looks."""
    discount, days, suspicion = 0.0, 0, 0.0
    for row in range(w.brands[b].programme_start, w.brands[b].programme_end):
        programme = w.programmes[row]
        if in_audience(w, referrer, programme):
            discount = max(discount, programme.friend_discount)
            days = max(days, programme.valid_days)
            suspicion = max(suspicion, social_cost(w.rules[0], programme))
    return discount, days, suspicion


@rule
def openness(w, i, b, strength, knew, discount, suspicion):
    """Return the chance that person `i`, who knew brand `b` or not, follows an invitation to it."""
    rules, bond = w.rules[0], w.bonds[i, b]
    odds = rules.referral_tie * strength - rules.referral_caution
    odds += rules.referral_trust * (bond.trust - rules.trust_prior)
    odds += rules.referral_transparency * w.brands[b].transparency
    odds += rules.referral_offer * discount * w.people[i].deal_proneness
    odds -= rules.referral_suspicion * suspicion
    odds -= rules.referral_refusal * w.allies[i, b].refused
    if knew:
        odds += rules.referral_known
    return 1.0 / (1.0 + math.exp(-odds))


@rule
def follow(w, word, slot, knew, day):
    """Let an invitation reach its friend: followed, it makes aware and may wake a need.

    `knew` tells whether the friend knew the brand before. Who is a customer already, has left, or
    holds an invitation cannot follow another.
    """
    i, b = np.int64(word.receiver), np.int64(word.brand)
    bond, ally = w.bonds[i, b], w.allies[i, b]
    if bond.orders > 0 or bond.left or w.brands[b].closed:
        return
    if ally.invitation > 0 and day <= ally.invited_until:
        return
    discount, days, suspicion = best_terms(w, b, w.invitations[word.about].referrer)
    which = w.brands[b].key + int(word.speaker_id) * 2654435761
    follows, wakes, _, _ = draw4(w.seed[0], w.people[i].id, slot, which, day, Purpose.CLICK)
    if follows >= openness(w, i, b, float(word.strength), knew, discount, suspicion):
        ally.refused += 1
        return
    w.invitations[word.about].clicked_day = day
    w.counts[b, CLICKS] += 1
    ally.invitation, ally.invited_until = word.about + 1, day + days
    learn_of(w, i, b)
    if discount > 0.0 and (day > bond.offer_until or discount >= bond.offer):
        bond.offer, bond.offer_until, bond.friend_offer = discount, ally.invited_until, True
    if wakes < w.rules[0].referral_wake:
        wake(w, i, b)


@rule
def invited_by(w, i, b, day):
    """Return the row of INVITATION for which a first order counts today, -1 for none."""
    ally = w.allies[i, b]
    if ally.invitation == 0 or day > ally.invited_until or w.brands[b].closed:
        return -1
    return ally.invitation - 1


@rule
def credit(w, number):
    """Credit a referred order to the referrer, and claim the rewards promised."""
    order = w.orders[number]
    b = np.int64(order.brand)
    brand, invitation = w.brands[b], w.invitations[order.invitation]
    invitation.order = number
    referrer = np.int64(invitation.referrer)
    w.allies[referrer, b].bought += 1
    w.counts[b, REFERRED_ORDERS] += 1
    for row in range(brand.programme_start, brand.programme_end):
        if in_audience(w, referrer, w.programmes[row]):
            claim_referral(w, row, number)


# --- when it turns out badly ------------------------------------------------------------------


@rule
def complain_to_referrer(w, number):
    """Let a friend whom a first order has disappointed tell the referrer, for tomorrow."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    invitation = w.invitations[order.invitation]
    referrer = np.int64(invitation.referrer)
    thin_tie(w, i, referrer, w.rules[0].referral_bad_tie)
    strength = strength_of_tie(w, i, referrer)
    tell(w, i, b, referrer, strength, _DISAPPOINTMENT, order.invitation)
    w.counts[b, BAD_REFERRALS] += 1


@rule
def regret(w, word):
    """Let a referrer hear of a disappointed friend: the tie, trust and delight suffer."""
    i, b, rules = np.int64(word.receiver), np.int64(word.brand), w.rules[0]
    bond = w.bonds[i, b]
    thin_tie(w, i, np.int64(w.invitations[word.about].friend), rules.referral_bad_tie)
    bond.trust *= 1.0 - rules.referral_bad_trust
    bond.delight *= 1.0 - rules.referral_bad_delight

"""Inviting, following an invitation, rewards for friends who buy, and a referral that fails."""

import math

import numpy as np

from sim.accruals import draw_lots_by, enter, working_days_after
from sim.books import Account, post
from sim.counts import columns
from sim.engine.draws import draw, draw4, poisson
from sim.engine.kernels import rule
from sim.hooks import on_accrual
from sim.mechanisms.referral import ACCRUALS, MESSAGES, MOST_INVITED, VERBS
from sim.mechanisms.referral.matching import suitable
from sim.mechanisms.referral.motive import motive, programmes_open, social_cost
from sim.people.awareness import learn_of
from sim.people.messages import tell
from sim.people.occasion import trigger
from sim.people.satisfaction import keep_promise, satisfied
from sim.people.ties import (
    keep_word,
    reach,
    strength_of_tie,
    strengthen_tie,
    thin_tie,
    tie,
    use_tie,
)
from sim.purposes import Purpose
from sim.state import NO_DAY

_REFERRAL = ACCRUALS["REFERRAL"]
_INVITATION = MESSAGES["INVITATION"].number
_DISAPPOINTMENT = MESSAGES["DISAPPOINTMENT"].number
_THANKS = MESSAGES["THANKS"].number
_ASK = int(VERBS)
_ELIGIBLE, _ASKED, _SHARED = columns("referral_eligible", "referral_asked", "referral_shared")
_INVITATIONS, _CLICKS, _ORDERS = columns("invitations", "clicks", "referred_orders")
_VESTED, _VOID, _BAD = columns("rewards_vested", "rewards_void", "bad_referrals")


# --- inviting ----------------------------------------------------------------------------------


@rule
def chance(rate, motive):
    """Return the chance of an act whose rate is proportional to the motive."""
    return -math.expm1(-rate * motive)


@rule
def invite(w, i, b, u, day, asked):
    """Let person `i` invite to brand `b` one of all within reach, by uniform `u`."""
    if reach(w, i) == 0:
        return
    friend, strength = tie(w, i, suitable(w, i, b, u), day)
    row = w.tally[0].invitations
    w.tally[0].invitations += 1
    invitation = w.invitations[row]
    invitation.terms = programmes_open(w, i, b, day)
    invitation.referrer, invitation.friend, invitation.brand = i, friend, b
    invitation.day, invitation.asked = day, asked
    invitation.clicked_day = invitation.vested_day = NO_DAY
    invitation.order = -1
    tell(w, i, b, friend, strength, _INVITATION, row)
    w.counts[b, _INVITATIONS] += 1


@rule
def speaks(w, i, b, whom, u, day):
    """Let a talk be an invitation, where the motive is there."""
    why = motive(w, i, b, day)
    if why > 0.0 and u < chance(w.rules[0].referral_spontaneous, why):
        invite(w, i, b, whom, day, False)
        return True
    return False


@rule
def touch_fits(w, touch, day):
    """Return whether an ask for friends can earn: there is a programme for whoever is asked."""
    step = w.steps[touch.step]
    if not step.does & _ASK:
        return True
    i, b = np.int64(touch.person), np.int64(step.brand)
    return not w.brands[b].closed and programmes_open(w, i, b, day) != 0


@rule
def on_touch(w, touch, day):
    """Count the satisfied who are asked to invite friends."""
    step = w.steps[touch.step]
    if step.does & _ASK and satisfied(w.rules[0], w.relationships[touch.person, step.brand]):
        w.counts[step.brand, _ELIGIBLE] += 1


@rule
def on_answer(w, touch, day):
    """Ask a customer to invite friends; a few hear of it, or none."""
    step, rules = w.steps[touch.step], w.rules[0]
    if not step.does & _ASK:
        return
    i, b = np.int64(touch.person), np.int64(step.brand)
    w.counts[b, _ASKED] += 1
    why = motive(w, i, b, day)
    if why == 0.0:
        return
    key, person, which = step.key, w.people[i].id, touch.nth_product
    shares, how_many, _, _ = draw4(w.seed[0], person, which & 0xFFF, key, day, Purpose.SHARE)
    if shares >= chance(rules.referral_asked, why):
        return
    w.counts[b, _SHARED] += 1
    mean = rules.referral_invitations * w.people[i].sociability
    for k in range(poisson(how_many, mean, MOST_INVITED)):
        slot = (which * MOST_INVITED + k) & 0xFFF
        whom = draw(w.seed[0], person, slot, key, day, Purpose.INVITE)
        invite(w, i, b, whom, day, True)


# --- following ---------------------------------------------------------------------------------


@rule
def is_under(w, b, invitation, row):
    """Tell whether programme `row` was open to the referrer on the day of an invitation."""
    return invitation.terms >> (row - w.programmes_of[b].start) & 1 == 1


@rule
def best_terms(w, b, invitation):
    """Return the friend's discount, how long the invitation holds, and how paid it looks."""
    discount, days, suspicion = 0.0, 0, 0.0
    for row in range(w.programmes_of[b].start, w.programmes_of[b].end):
        programme = w.programmes[row]
        if is_under(w, b, invitation, row):
            discount = max(discount, programme.friend_discount)
            days = max(days, programme.valid_days)
            suspicion = max(suspicion, social_cost(w.rules[0], programme))
    return discount, days, suspicion


@rule
def acceptance(w, i, b, strength, knew, discount, suspicion):
    """Return the chance that person `i`, who knew brand `b` or not, follows an invitation to it."""
    rules, relationship = w.rules[0], w.relationships[i, b]
    odds = rules.referral_tie * strength + rules.referral_acceptance_intercept
    odds += rules.referral_trust * (relationship.trust - rules.trust_prior)
    odds += rules.referral_transparency * w.brands[b].transparency
    odds += rules.referral_offer * discount * w.people[i].deal_proneness
    odds -= rules.referral_suspicion * suspicion
    odds -= rules.referral_refusal * w.referring[i, b].refused
    if knew:
        odds += rules.referral_known
    return 1.0 / (1.0 + math.exp(-odds))


@rule
def follow(w, message, slot, knew, day):
    """Let an invitation reach its friend: followed, it makes aware and may trigger a purchase occasion.

    `knew` tells whether the friend knew the brand before. A person who is a customer already,
    has dropped out, or holds an invitation cannot follow another.
    """
    i, b = np.int64(message.receiver), np.int64(message.brand)
    relationship, referring = w.relationships[i, b], w.referring[i, b]
    if relationship.orders > 0 or relationship.dropped_out or w.brands[b].closed:
        return
    if referring.invitation > 0 and day <= referring.invited_until:
        return
    discount, days, suspicion = best_terms(w, b, w.invitations[message.about])
    which = w.brands[b].key + int(message.speaker_id) * 2654435761
    follows, wakes, _, _ = draw4(w.seed[0], w.people[i].id, slot, which, day, Purpose.CLICK)
    if follows >= acceptance(w, i, b, float(message.strength), knew, discount, suspicion):
        referring.refused += 1
        return
    w.invitations[message.about].clicked_day = day
    w.counts[b, _CLICKS] += 1
    referring.invitation, referring.invited_until = message.about + 1, day + days
    learn_of(w, i, b, day)
    if discount > 0.0 and (day > relationship.offer_until or discount >= relationship.offer):
        relationship.offer, relationship.offer_until = discount, referring.invited_until
        relationship.offer_account = Account.FRIEND_DISCOUNTS
    if wakes < w.rules[0].referral_trigger:
        trigger(w, i, b)


@rule
def on_message(w, message, slot, knew, day):
    """Let an invitation, or what a friend came to think of one, reach its receiver."""
    if message.kind == _INVITATION:
        follow(w, message, slot, knew, day)
    elif message.kind == _DISAPPOINTMENT:
        regret(w, message, day)
    elif message.kind == _THANKS:
        i, friend = np.int64(message.receiver), np.int64(w.invitations[message.about].friend)
        strengthen_tie(w, i, friend, w.rules[0].ties_shared, day)


# --- the friend's order ------------------------------------------------------------------------


@rule
def on_order(w, number, day):
    """Note the invitation that a first order follows, and look at it when all have bought."""
    order = w.orders[number]
    referring = w.referring[order.person, order.brand]
    holds = referring.invitation > 0 and day <= referring.invited_until
    if order.nth == 1 and holds and not w.brands[order.brand].closed:
        order.invitation = referring.invitation - 1
    return order.invitation >= 0


@rule
def on_close(w, number):
    """Credit a referred order to the referrer, and claim the rewards promised."""
    order = w.orders[number]
    if order.invitation < 0:
        return
    b = np.int64(order.brand)
    invitation = w.invitations[order.invitation]
    invitation.order = number
    referrer = np.int64(invitation.referrer)
    w.referring[referrer, b].bought += 1
    w.counts[b, _ORDERS] += 1
    strategy = -1
    for row in range(w.programmes_of[b].start, w.programmes_of[b].end):
        if is_under(w, b, invitation, row):
            claim(w, row, number, w.programmes[row].strategy != strategy)
            strategy = w.programmes[row].strategy


@rule
def friends_referred(w, i, b):
    """Return how many friends' rewards were earned."""
    return w.referring[i, b].vested


# --- the reward --------------------------------------------------------------------------------


@rule
def claim(w, row, number, first):
    """Claim for a friend's first order what programme `row` gives the referrer.

    `first` tells whether it is the first claim of its strategy for this friend.
    """
    order, programme = w.orders[number], w.programmes[row]
    i, b = np.int64(w.invitations[order.invitation].referrer), np.int64(order.brand)
    referring = w.referring[i, b]
    entered = enter(w, _REFERRAL, b, programme.strategy, i)
    draw_lots_by(w, entered, order.person, order.nth, programme.key)
    accrual = w.accruals[entered]
    accrual.order, accrual.programme, accrual.friend = number, row, first
    accrual.due_day = working_days_after(order.day, programme.vest_days)
    accrual.cash_cents = programme.cash_cents
    accrual.points_cents = int(programme.points_cents * programme.points_cost + 0.5)
    accrual.points_days = programme.points_days
    if programme.goods_cents > 0 and referring.goods_claimed < _last(programme):
        accrual.goods = True
        referring.goods_claimed += 1
        accrual.goods_cents = int(programme.goods_cents * programme.goods_cost + 0.5)
    on_accrual(w, accrual, order.day)


@rule
def _last(programme):
    # friends after whom there are no more goods
    last = 0
    for k in range(programme.goods_at.size):
        last = max(last, programme.goods_at[k])
    return last


@rule
def book_accrual(w, accrual, sign):
    """Post the cost of cash and goods promised for a friend."""
    if accrual.kind == _REFERRAL:
        i, b, owed = np.int64(accrual.person), np.int64(accrual.brand), Account.REWARDS_PENDING
        post(w, i, b, Account.REFERRAL_CASH, owed, sign * accrual.cash_cents)
        post(w, i, b, Account.REFERRAL_GOODS, owed, sign * accrual.goods_cents)


@rule
def on_fail(w, accrual):
    """Let another friend count toward goods in place of this one."""
    if accrual.goods:
        w.referring[accrual.person, accrual.brand].goods_claimed -= 1


@rule
def on_void(w, accrual):
    """Mark the invitation of an order that was paid back."""
    if accrual.kind == _REFERRAL:
        invitation = w.invitations[w.orders[accrual.order].invitation]
        if not invitation.void:
            invitation.void = True
            w.counts[accrual.brand, _VOID] += 1


@rule
def on_vest(w, accrual, day):
    """Pay what a friend's kept order has earned; goods are handed over at their thresholds."""
    if accrual.kind != _REFERRAL:
        return
    i, b = np.int64(accrual.person), np.int64(accrual.brand)
    referring = w.referring[i, b]
    invitation = w.invitations[w.orders[accrual.order].invitation]
    if invitation.vested_day == NO_DAY:
        invitation.vested_day = day
        referring.vested += 1
        w.counts[b, _VESTED] += 1
        keep_word(w, i, np.int64(invitation.friend), day)
    keep_promise(w.rules[0], w.relationships[i, b], 1)
    post(w, i, b, Account.REWARDS_PENDING, Account.CASH, accrual.cash_cents)
    if accrual.goods:
        _earn_goods(w, i, b, accrual)


@rule
def _earn_goods(w, i, b, accrual):
    referring, programme = w.referring[i, b], w.programmes[accrual.programme]
    referring.goods_friends += 1
    referring.goods_cents += accrual.goods_cents
    for k in range(programme.goods_at.size):
        if referring.goods_friends == programme.goods_at[k]:
            post(w, i, b, Account.REWARDS_PENDING, Account.CASH, referring.goods_cents)
            referring.goods_cents = 0


# --- when it turns out badly -------------------------------------------------------------------


@rule
def on_judged(w, number, day):
    """Let a friend tell the referrer what the first order was like, for tomorrow.

    The tie is the weaker for one that does not satisfy, and the stronger for one that does.
    """
    order = w.orders[number]
    if order.invitation < 0:
        return
    i, b, rules = np.int64(order.person), np.int64(order.brand), w.rules[0]
    referrer = np.int64(w.invitations[order.invitation].referrer)
    good = satisfied(rules, w.relationships[i, b])
    if good and rules.ties_shared == 0.0:
        return
    use_tie(w, i, w.people[referrer].id, day)
    if good:
        strengthen_tie(w, i, referrer, rules.ties_shared, day)
    else:
        thin_tie(w, i, referrer, rules.referral_failed_tie_loss, day)
        w.counts[b, _BAD] += 1
    strength = strength_of_tie(w, i, referrer, day)
    tell(w, i, b, referrer, strength, _THANKS if good else _DISAPPOINTMENT, order.invitation)


@rule
def regret(w, message, day):
    """Let a referrer hear of a disappointed friend: the tie, trust and delight suffer."""
    i, b, rules = np.int64(message.receiver), np.int64(message.brand), w.rules[0]
    relationship = w.relationships[i, b]
    friend = np.int64(w.invitations[message.about].friend)
    thin_tie(w, i, friend, rules.referral_failed_tie_loss, day)
    relationship.trust *= 1.0 - rules.referral_failed_trust_loss
    relationship.delight *= 1.0 - rules.referral_failed_delight_loss

"""Promises of a brand that are kept, or void, once a window has closed. Paid once, never early.

A friend's first order claims the reward of each referral programme; a resale claims commissions for
the uplines; a recruit claims a bonus. At the day's end the claims that the strategy's budget has
room for are accepted, and their cost is accrued. When the working days have passed and the order
can no longer be sent back, a claim vests; it is void if the order was paid back.
"""

from enum import IntEnum

import numpy as np

from sim.books import Account, post
from sim.counts import KOCS, REWARDS_VESTED, REWARDS_VOID
from sim.engine.calendar import schedule
from sim.engine.draws import Purpose, draw
from sim.engine.kernels import borrow, kernel, rule
from sim.people.roles import take_role, working
from sim.people.satisfaction import keep_promise
from sim.state import NO_DAY


class Promise(IntEnum):
    """What was promised, and to whom."""

    REFERRAL = 0
    """A reward to who referred a friend."""
    RESALE = 1
    """Commissions to the uplines of who sold."""
    RECRUIT = 2
    """A bonus to who recruited."""
    EXPIRY = 3
    """That points expire: a day on which to look."""


class State(IntEnum):
    """What has become of a promise."""

    CLAIMED = 0
    ACCEPTED = 1
    VESTED = 2
    VOID = 3
    UNFUNDED = 4
    """The budget had no room for it."""


_REFERRAL, _RESALE, _RECRUIT, _EXPIRY = (int(kind) for kind in Promise)
_CLAIMED, _ACCEPTED, _VESTED, _VOID, _UNFUNDED = (int(state) for state in State)


@rule
def working_days_after(day, days):
    """Return the day that is `days` working days after `day`.

    Day 0 is a Monday, and Monday to Friday are working days; public holidays are not known. From a
    weekend it counts as from the Friday before, but no working days after it is the same day.
    """
    weekday = min(day % 7, 4)
    since = day - day % 7 + weekday
    return max(day, since + days + 2 * ((weekday + days) // 5))


# --- claims -----------------------------------------------------------------------------------


@rule
def _enter(w, kind, b, strategy, person):
    row = w.tally[0].pending
    w.tally[0].pending += 1
    promise = w.pending[row]
    promise.kind, promise.state, promise.brand, promise.strategy = kind, _CLAIMED, b, strategy
    promise.person = person
    promise.order = promise.agent = promise.programme = -1
    return row


@rule
def claim_referral(w, row, number):
    """Claim for a friend's first order what programme `row` gives the referrer."""
    order, programme = w.orders[number], w.programmes[row]
    i, b = np.int64(w.invitations[order.invitation].referrer), np.int64(order.brand)
    ally = w.allies[i, b]
    promise = w.pending[_enter(w, _REFERRAL, b, programme.strategy, i)]
    promise.order, promise.programme = number, row
    promise.due_day = working_days_after(order.day, programme.vest_days)
    promise.cash_cents = programme.cash_cents
    promise.points_cents = int(programme.points_cents * programme.points_cost + 0.5)
    last = max(programme.goods_first, programme.goods_second, programme.goods_third)
    if programme.goods_cents > 0 and ally.goods_claimed < last:
        promise.goods = True
        ally.goods_claimed += 1
        promise.goods_cents = int(programme.goods_cents * programme.goods_cost + 0.5)
    if programme.koc_from > 0:
        ally.honour_claimed += 1
        if ally.honour_claimed >= programme.koc_from and not (ally.koc or ally.honour_reserved):
            promise.honour = True  # the number may be full before long
            promise.reserve_cents = programme.koc_cents


@rule
def claim_commissions(w, number, row):
    """Claim for a resale by distributor `row` what its uplines may get, at the most."""
    order, agent = w.orders[number], w.agents[row]
    b = np.int64(order.brand)
    agency = w.agencies[b]
    top = w.levels[b, agency.levels - 1].discount - w.levels[b, agent.level].discount
    promise = w.pending[_enter(w, _RESALE, b, agency.strategy, np.int64(agent.person))]
    promise.order, promise.agent = number, row
    promise.due_day = order.day + 1
    if agent.upline >= 0:  # each payment is rounded to cents
        promise.reserve_cents = int(order.list_cents * (top + agency.peer)) + agency.levels


@rule
def claim_bonus(w, row, day):
    """Claim the bonus for recruiting distributor `row`."""
    agent = w.agents[row]
    b = np.int64(agent.brand)
    agency, recruiter = w.agencies[b], w.agents[agent.upline]
    promise = w.pending[_enter(w, _RECRUIT, b, agency.strategy, np.int64(recruiter.person))]
    promise.agent = row
    promise.due_day = working_days_after(day, agency.vest_days)
    promise.cash_cents = agency.bonus_cents


@rule
def _accrue(w, promise, sign):
    # cost when accepted, and taken back when void
    i, b = np.int64(promise.person), np.int64(promise.brand)
    owed = Account.REWARDS_PENDING
    if promise.kind == _RECRUIT:
        post(w, i, b, Account.RECRUIT_BONUSES, owed, sign * promise.cash_cents)
    else:
        post(w, i, b, Account.REFERRAL_CASH, owed, sign * promise.cash_cents)
    post(w, i, b, Account.REFERRAL_GOODS, owed, sign * promise.goods_cents)
    post(w, i, b, Account.REFERRAL_POINTS, owed, sign * promise.points_cents)
    amount = promise.cash_cents + promise.goods_cents + promise.points_cents
    w.spent[promise.strategy] += sign * amount


@rule
def _reserve_honour(w, promise):
    # once, and for whichever friend makes the number full: not always the last to order
    ally = w.allies[promise.person, promise.brand]
    if ally.honour_reserved:
        promise.reserve_cents = 0
    ally.honour_reserved = True


@rule
def _make_way(w, promise):
    # this friend does not count; another may
    ally = w.allies[promise.person, promise.brand]
    if promise.goods:
        ally.goods_claimed -= 1
    if promise.programme >= 0 and w.programmes[promise.programme].koc_from > 0:
        ally.honour_claimed -= 1


@kernel
def price_claims(w, day):
    """Return strategy, cost at the most, and lottery rank of today's claims.

    Returns
    -------
    strategy, cost : int64[k]
        Costs in cents.
    lot : float64[k]
    """
    w = borrow(w)
    first, count = w.tally[0].claimed, w.tally[0].pending - w.tally[0].claimed
    strategy, cost = np.empty(count, np.int64), np.empty(count, np.int64)
    lot = np.empty(count)
    for k in range(count):
        promise = w.pending[first + k]
        strategy[k] = promise.strategy
        cost[k] = (
            promise.cash_cents + promise.goods_cents + promise.points_cents + promise.reserve_cents
        )
        if promise.order >= 0:
            order = w.orders[promise.order]
            whom, slot = w.people[order.person].id, order.nth
        else:
            whom, slot = w.people[w.agents[promise.agent].person].id, 0
        key = w.brands[promise.brand].key + promise.kind
        if promise.programme >= 0:
            key = w.programmes[promise.programme].key
        lot[k] = draw(w.seed[0], whom, slot & 0xFFF, key, day, Purpose.LOTTERY)
    return strategy, cost, lot


@kernel
def accept(w, allowed):
    """Accept today's claims that there is money for; the others come to nothing.

    Parameters
    ----------
    w : World
    allowed : bool[k]
        For each of today's claims.
    """
    w = borrow(w)
    first = w.tally[0].claimed
    for k in range(allowed.size):
        promise = w.pending[first + k]
        if promise.state != _CLAIMED:
            continue
        if not allowed[k]:
            promise.state = _UNFUNDED
            _make_way(w, promise)
            continue
        promise.state = _ACCEPTED
        _accrue(w, promise, 1)
        if promise.honour:
            _reserve_honour(w, promise)
        w.reserved[promise.strategy] += promise.reserve_cents
        schedule(w.pending_due, first + k, promise.due_day)
    w.tally[0].claimed = w.tally[0].pending


# --- vesting ----------------------------------------------------------------------------------


@rule
def window_closes(w, number, day):
    """Return the first day on which order `number` can no longer be sent back, as known today."""
    order = w.orders[number]
    product = w.products[order.product]
    if order.arrived_day == NO_DAY:
        return day + 1 + product.refund_days
    return order.arrived_day + product.refund_days + 1


@rule
def _void(w, promise):
    promise.state = _VOID
    _accrue(w, promise, -1)
    _make_way(w, promise)
    if promise.kind == _REFERRAL:
        invitation = w.invitations[w.orders[promise.order].invitation]
        if not invitation.void:
            invitation.void = True
            w.counts[promise.brand, REWARDS_VOID] += 1


@rule
def _vest_referral(w, promise, day):
    i, b = np.int64(promise.person), np.int64(promise.brand)
    ally, programme = w.allies[i, b], w.programmes[promise.programme]
    invitation = w.invitations[w.orders[promise.order].invitation]
    if invitation.vested_day == NO_DAY:
        invitation.vested_day = day
        ally.vested += 1
        w.counts[b, REWARDS_VESTED] += 1
    keep_promise(w.rules[0], w.bonds[i, b], 1)
    owed = Account.REWARDS_PENDING
    post(w, i, b, owed, Account.CASH, promise.cash_cents)
    if promise.points_cents > 0:
        if day > ally.points_until:
            _lapse(w, i, b)
        until = day + programme.points_days
        if ally.points_cents == 0 or until > ally.points_until:
            ally.points_until = until
        post(w, i, b, owed, Account.POINTS_OWED, promise.points_cents)
        ally.points_cents += promise.points_cents
        _look_for_expiry(w, i, b, promise.strategy, ally.points_until + 1)
    if promise.goods:
        ally.goods_friends += 1
        ally.goods_cents += promise.goods_cents
        for at in (programme.goods_first, programme.goods_second, programme.goods_third):
            if ally.goods_friends == at:
                post(w, i, b, owed, Account.CASH, ally.goods_cents)
                ally.goods_cents = 0
    full = 0 < programme.koc_from <= ally.vested
    if full and ally.honour_reserved and not ally.koc:
        _honour(w, i, b, promise, programme)


@rule
def _honour(w, i, b, promise, programme):
    w.allies[i, b].koc = True
    post(w, i, b, Account.REFERRAL_HONOUR, Account.CASH, programme.koc_cents)
    w.reserved[promise.strategy] -= programme.koc_cents
    w.spent[promise.strategy] += programme.koc_cents
    w.counts[b, KOCS] += 1
    take_role(w, i, b)


@rule
def _look_for_expiry(w, i, b, strategy, day):
    row = _enter(w, _EXPIRY, b, strategy, i)
    w.pending[row].state = _ACCEPTED
    schedule(w.pending_due, row, day)


@rule
def _expire(w, promise, day):
    i, b = np.int64(promise.person), np.int64(promise.brand)
    promise.state = _VESTED
    if day > w.allies[i, b].points_until:  # else others keep them alive, and look in their turn
        _lapse(w, i, b)


@rule
def _lapse(w, i, b):
    ally = w.allies[i, b]
    post(w, i, b, Account.POINTS_OWED, Account.POINTS_BREAKAGE, ally.points_cents)
    ally.points_cents = 0


@rule
def points_held(ally, day):
    """Return what the points held today will cost the brand, in cents."""
    return ally.points_cents if day <= ally.points_until else 0


@rule
def redeem(w, number, day):
    """Let a buyer who holds points spend them on goods, or not."""
    order = w.orders[number]
    i, b = np.int64(order.person), np.int64(order.brand)
    ally = w.allies[i, b]
    if points_held(ally, day) == 0:
        return
    u = draw(w.seed[0], w.people[i].id, order.nth & 0xFFF, w.brands[b].key, day, Purpose.REDEEM)
    if u < w.rules[0].referral_redeem:
        post(w, i, b, Account.POINTS_OWED, Account.CASH, ally.points_cents)
        ally.points_cents = 0


@rule
def _commission(w, i, b, account, promise, cents):
    post(w, i, b, account, Account.CASH, cents)
    w.spent[promise.strategy] += cents


@rule
def _pay_uplines(w, promise):
    """Pay the uplines of a resale: each what its level has over the highest below; one peer bonus.

    Who has quit gets nothing, and the next above stands in his place.
    """
    order, seller = w.orders[promise.order], w.agents[promise.agent]
    b, sold = np.int64(order.brand), order.list_cents
    seller.team_cents += sold
    level, peer_paid = seller.level, False
    up = seller.upline
    while up >= 0:
        upline = w.agents[up]
        upline.team_cents += sold
        if upline.quit_day == NO_DAY:
            i = np.int64(upline.person)
            if upline.level > level:
                gap = w.levels[b, upline.level].discount - w.levels[b, level].discount
                cents = int(sold * gap + 0.5)
                _commission(w, i, b, Account.COMMISSIONS, promise, cents)
                upline.commission_cents += cents
                level = upline.level
            elif upline.level == level and not peer_paid:
                cents = int(sold * w.agencies[b].peer + 0.5)
                _commission(w, i, b, Account.PEER_BONUSES, promise, cents)
                upline.commission_cents += cents
                peer_paid = True
        up = upline.upline


@rule
def _vest_bonus(w, promise):
    recruit = w.agents[promise.agent]
    if recruit.quit_day != NO_DAY or not working(w, recruit.upline + 1):
        _void(w, promise)
        return
    promise.state = _VESTED
    i, b = np.int64(promise.person), np.int64(promise.brand)
    post(w, i, b, Account.REWARDS_PENDING, Account.CASH, promise.cash_cents)
    w.agents[recruit.upline].bonus_cents += promise.cash_cents


@kernel
def keep_promises(w, rows, start, day):
    """Look at the promises due today: vest, void, or come again when the window has closed.

    Returns
    -------
    int
        How many of `rows` are done; fewer than all when the table of promises is full.
    """
    w = borrow(w)
    for k in range(start, rows.size):
        if w.pending.size - w.tally[0].pending < 2:
            return k
        promise = w.pending[rows[k]]
        if promise.kind == _EXPIRY:
            _expire(w, promise, day)
            continue
        if promise.order >= 0 and not w.orders[promise.order].refunded:
            closes = window_closes(w, promise.order, day)
            if closes > day:
                schedule(w.pending_due, rows[k], closes)
                continue
        if promise.kind != _REFERRAL:  # what is reserved for an honour stays until it comes
            w.reserved[promise.strategy] -= promise.reserve_cents
        if promise.kind == _RECRUIT:
            _vest_bonus(w, promise)
        elif w.orders[promise.order].refunded:
            _void(w, promise)
        else:
            promise.state = _VESTED
            if promise.kind == _REFERRAL:
                _vest_referral(w, promise, day)
            else:
                _pay_uplines(w, promise)
    return rows.size

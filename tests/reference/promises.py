"""Promises (ODD 7.8, 9.5 Settle, 9.6): claimed, accepted, and kept or void when due."""

from typing import Any

from sim.purposes import Purpose

from . import budgets, feelings, selling
from .figures import NOT_YET, SLOTS, cents, working_days_after
from .money import Account
from .people import Bond
from .things import AtWork, Distributor, Order, Owed, Programme, Promise, State


def settle(market: Any) -> None:
    accept(market)
    for number in market.agenda.promises.take(market.day):
        fall_due(market, market.promises[number])
    for i, b in market.agenda.points.take(market.day):
        lapse(market, i, b)


def rounded(amount: int, share: float) -> int:
    return int(amount * share + 0.5)


# --- claims -------------------------------------------------------------------------------------


def claim(market: Any, owed: Owed, of: AtWork, person: Any, **more: Any) -> Promise:
    promise = Promise(len(market.promises), owed, of, of.brand, person, **more)
    market.promises.append(promise)
    market.claims.append(promise)
    return promise


def lot(market: Any, person: int, other: int, slot: int) -> float:
    return market.draws(Purpose.LOTTERY, person, other, market.day, slot % SLOTS)[0]


def claim_rewards(market: Any, order: Order) -> None:
    """Claim the reward of each programme in whose audience the referrer is."""
    referrer = order.invitation.referrer
    for programme in order.brand.programmes:
        if market.reaches(programme.of, referrer):
            claim_reward(market, order, programme)


def claim_reward(market: Any, order: Order, programme: Programme) -> None:
    terms, invitation = programme.terms, order.invitation
    bond = market.people[invitation.referrer].bonds[order.brand.number]
    gives_goods = programme.goods > 0 and bond.goods_claimed < terms.goods_at[-1]
    cash, points = programme.cash, rounded(programme.points, terms.points_cost)
    goods = rounded(programme.goods, terms.goods_cost) if gives_goods else 0
    bond.goods_claimed += gives_goods
    counts = order.brand.honours(programme)
    bond.claimed += counts
    completes = counts and may_complete(bond, order.brand.status.friends)
    most = cash + points + goods + (cents(order.brand.status.cost) if completes else 0)
    claim(
        market,
        Owed.REWARD,
        programme.of,
        market.people[invitation.referrer],
        most=most,
        lot=lot(market, order.person.id, programme.of.key, order.nth),
        order=order,
        invitation=invitation,
        programme=programme,
        cash=cash,
        points=points,
        goods=goods,
        gives_goods=gives_goods,
        counts=counts,
        completes=completes,
    )


def may_complete(bond: Bond, friends: int) -> bool:
    """Return whether an honour might be due, and nothing is reserved for it."""
    return bond.claimed >= friends and not bond.koc and not bond.honour_reserved


def claim_commission(market: Any, order: Order) -> None:
    agency, of, seller = order.brand.agency, order.brand.agency_of, order.seller
    top, own = agency.levels[-1].discount, order.brand.level(seller)
    most = int(order.list * (top - own + agency.peer_bonus)) + len(agency.levels)
    key = order.brand.key + 1
    claim(
        market,
        Owed.COMMISSION,
        of,
        seller.person,
        most=most if seller.upline is not None else 0,
        lot=lot(market, order.person.id, key, order.nth),
        order=order,
    )


def claim_bonus(market: Any, recruit: Distributor) -> None:
    brand = recruit.brand
    cash = cents(brand.agency.recruit_bonus)
    if recruit.upline is not None and cash > 0:
        number = lot(market, recruit.person.id, brand.key + 2, 0)
        claim(
            market,
            Owed.BONUS,
            brand.agency_of,
            recruit.upline.person,
            most=cash,
            lot=number,
            recruit=recruit,
            cash=cash,
        )


def accept(market: Any) -> None:
    """Accept today's claims as far as budgets go."""
    claims, market.claims = market.claims, []
    refused = budgets.without(market, claims)
    for promise in claims:
        (refuse if promise in refused else admit)(market, promise)


def refuse(market: Any, promise: Promise) -> None:
    promise.state = State.REFUSED
    if promise.owed is Owed.REWARD:
        uncount(market, promise)


def uncount(market: Any, promise: Promise) -> None:
    """Let a claim no longer count toward goods and honour."""
    bond = rewarded(market, promise)
    bond.goods_claimed -= promise.gives_goods
    bond.claimed -= promise.counts


def rewarded(market: Any, promise: Promise) -> Bond:
    return market.people[promise.invitation.referrer].bonds[promise.brand.number]


def admit(market: Any, promise: Promise) -> None:
    promise.state = State.PENDING
    if promise.owed is Owed.REWARD:
        reserve_honour(market, promise)
        accrue(market, promise, 1)
        days = promise.programme.terms.vest_days
        due = working_days_after(promise.order.day, days)
    elif promise.owed is Owed.COMMISSION:
        promise.reserved = promise.most
        promise.of.reserved += promise.reserved
        due = market.day + 1
    else:
        accrue(market, promise, 1)
        due = working_days_after(promise.recruit.joined, promise.brand.agency.vest_days)
    schedule(market, promise, due)


def schedule(market: Any, promise: Promise, due: int) -> None:
    promise.due = due
    market.agenda.promises.add(due, promise.number)


def reserve_honour(market: Any, promise: Promise) -> None:
    bond = rewarded(market, promise)
    if promise.completes and not bond.honour_reserved:
        bond.honour_reserved = True
        promise.of.reserved += cents(promise.brand.status.cost)


def accrue(market: Any, promise: Promise, sign: int) -> None:
    """Make a promise a cost, or take that back."""
    who, pending = promise.person, Account.REWARDS_PENDING
    cash = Account.RECRUIT_BONUSES if promise.owed is Owed.BONUS else Account.REFERRAL_CASH
    for account, amount in (
        (cash, promise.cash),
        (Account.REFERRAL_GOODS, promise.goods),
        (Account.REFERRAL_POINTS, promise.points),
    ):
        market.books.post(promise.brand, account, pending, sign * amount, who)
        promise.of.spent += sign * amount


# --- what is due --------------------------------------------------------------------------------


def fall_due(market: Any, promise: Promise) -> None:
    order = promise.order
    if order is not None and not order.refunded:
        closes = window_closes(market, order)
        if closes > market.day:
            schedule(market, promise, closes)
            return
    if promise.owed is Owed.BONUS:
        settle_bonus(market, promise)
    elif promise.owed is Owed.COMMISSION:
        settle_commission(market, promise)
    else:
        (void if order.refunded else vest)(market, promise)


def window_closes(market: Any, order: Order) -> int:
    """Return the day from which an order can no longer be sent back."""
    days = order.product.config.refund_days
    return market.day + 1 + days if order.arrived == NOT_YET else order.arrived + days + 1


def void(market: Any, promise: Promise) -> None:
    promise.state = State.VOID
    accrue(market, promise, -1)
    if promise.owed is Owed.REWARD:
        uncount(market, promise)
        market.count(promise.brand, "rewards_void", not promise.invitation.void)
        promise.invitation.void = True


def vest(market: Any, promise: Promise) -> None:
    """Keep the promise of a reward."""
    promise.state = State.KEPT
    brand, who, bond = promise.brand, promise.person, rewarded(market, promise)
    if promise.invitation.counted == NOT_YET:
        market.count(brand, "rewards_vested")
        promise.invitation.counted = market.day
        bond.counted += 1
    feelings.keep_promise(market, bond)
    market.books.pay(brand, Account.REWARDS_PENDING, promise.cash, who)
    if promise.points > 0:
        credit_points(market, promise, bond)
    if promise.gives_goods:
        hand_over(market, promise, bond)
    if promise.counts:
        honour(market, promise, bond)


def hand_over(market: Any, promise: Promise, bond: Bond) -> None:
    """Count one friend more toward goods; at a threshold hand over all earned so far."""
    bond.goods_earned += 1
    bond.goods_waiting += promise.goods
    if bond.goods_earned in promise.programme.terms.goods_at:
        who = promise.person
        market.books.pay(promise.brand, Account.REWARDS_PENDING, bond.goods_waiting, who)
        bond.goods_waiting = 0


def honour(market: Any, promise: Promise, bond: Bond) -> None:
    status = promise.brand.status
    if bond.counted < status.friends or not bond.honour_reserved or bond.koc:
        return
    cost = cents(status.cost)
    promise.of.reserved -= cost
    promise.of.spent += cost
    market.books.pay(promise.brand, Account.REFERRAL_HONOUR, cost, promise.person)
    market.count(promise.brand, "kocs")
    bond.koc = True
    selling.set_privilege(bond, promise.brand)


# --- points -------------------------------------------------------------------------------------


def credit_points(market: Any, promise: Promise, bond: Bond) -> None:
    brand, who = promise.brand, promise.person
    lapse(market, who.id, brand.number)
    until = market.day + promise.programme.terms.points_days
    bond.points_until = max(until, bond.points_until) if bond.points > 0 else until
    bond.points += promise.points
    market.books.post(brand, Account.REWARDS_PENDING, Account.POINTS_OWED, promise.points, who)
    market.agenda.points.add(bond.points_until + 1, (who.id, brand.number))


def lapse(market: Any, i: int, b: int) -> None:
    """Take back points that have lapsed."""
    who, brand = market.people[i], market.brands[b]
    bond = who.bonds[b]
    if bond.points > 0 and bond.points_until < market.day:
        market.books.post(brand, Account.POINTS_OWED, Account.POINTS_BREAKAGE, bond.points, who)
        bond.points = 0


def spend_points(market: Any, bond: Bond, order: Order) -> None:
    """Spend all points held at an order, with a chance."""
    if bond.points_held(market.day) > 0:
        who, brand, slot = order.person, order.brand, order.nth % SLOTS
        u = market.draws(Purpose.REDEEM, who.id, brand.key, market.day, slot)[0]
        if u < market.rules.referral.redeem:
            market.books.pay(brand, Account.POINTS_OWED, bond.points, who)
            bond.points = 0


# --- what distributors are promised -------------------------------------------------------------


def settle_bonus(market: Any, promise: Promise) -> None:
    recruit = promise.recruit
    if not (recruit.at_work and recruit.upline.at_work):
        void(market, promise)
        return
    promise.state = State.KEPT
    who = promise.person
    market.books.pay(promise.brand, Account.REWARDS_PENDING, promise.cash, who)
    recruit.upline.bonus += promise.cash


def settle_commission(market: Any, promise: Promise) -> None:
    promise.of.reserved -= promise.reserved
    promise.state = State.VOID if promise.order.refunded else State.KEPT
    if promise.state is State.KEPT:
        pay_uplines(market, promise)


def pay_uplines(market: Any, promise: Promise) -> None:
    """Pay each upline above all below the difference of discounts, and the first equal a bonus."""
    order, agency = promise.order, promise.brand.agency
    level, peer_paid = order.seller.level, False
    order.seller.team += order.list
    upline = order.seller.upline
    while upline is not None:
        upline.team += order.list
        if upline.at_work and upline.level > level:
            gained = agency.levels[upline.level].discount - agency.levels[level].discount
            pay_upline(market, promise, upline, Account.COMMISSIONS, rounded(order.list, gained))
            level = upline.level
        elif upline.at_work and upline.level == level and not peer_paid:
            peer_paid = True
            bonus = rounded(order.list, agency.peer_bonus)
            pay_upline(market, promise, upline, Account.PEER_BONUSES, bonus)
        upline = upline.upline


def pay_upline(
    market: Any, promise: Promise, upline: Distributor, account: Account, amount: int
) -> None:
    market.books.pay(promise.brand, account, amount, upline.person)
    promise.of.spent += amount
    upline.commission += amount

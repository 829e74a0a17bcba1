"""Referral (ODD 7.7): why one invites friends, and what becomes of it."""

import math
from typing import Any

from sim.purposes import Purpose

from . import talk
from .feelings import delight_now, satisfied
from .figures import SLOTS
from .people import Bond, Person
from .things import Brand, Invitation, Kind, Planned, Programme


def open_to(market: Any, brand: Brand, person: int) -> list[Programme]:
    """Return the programmes in whose audience a person is."""
    return [p for p in brand.programmes if market.reaches(p.of, person)]


def social_cost(market: Any, programmes: list[Programme]) -> float:
    """Return the cost in standing of the dearest kind in any programme."""
    return max((_cost(market, p) for p in programmes), default=0.0)


def _cost(market: Any, given: Programme) -> float:
    rules = market.rules.referral
    dearest = max(
        rules.cash_cost if given.cash > 0 else 0.0,
        rules.goods_cost if given.goods > 0 else 0.0,
        rules.points_cost if given.points > 0 else 0.0,
    )
    return dearest * (1.0 - rules.fairness) if given.terms.friend_discount > 0 else dearest


def motive(market: Any, person: Person, brand: Brand) -> float:
    """Return the motive to invite friends; 0 for who may not or would not."""
    bond, rules = person.bonds[brand.number], market.rules.referral
    if market.closed or bond.has_left or not satisfied(market, bond):
        return 0.0
    programmes = open_to(market, brand, person.id)
    if not programmes:
        return 0.0
    moved = rules.emotion * delight_now(market, bond)
    moved += sum(benefit(market, brand, bond, p) for p in programmes)
    moved += honour_ahead(market, brand, person)
    factor = rules.koc if bond.koc or bond.at_work else 1.0
    return max(0.0, factor * moved - social_cost(market, programmes))


def benefit(market: Any, brand: Brand, bond: Bond, given: Programme) -> float:
    rules, terms = market.rules.referral, given.terms
    total = rules.cash * worth(rules, brand, given.cash)
    total += rules.points * worth(rules, brand, given.points)
    if bond.goods_earned < terms.goods_at[-1]:
        way = goods_way(terms.goods_at, bond.goods_earned)
        total += rules.goods * worth(rules, brand, given.goods) * (1.0 + rules.gradient * way)
    return total


def honour_ahead(market: Any, brand: Brand, person: Person) -> float:
    """Return the benefit of the way to a status, for who may reach it and has not."""
    bond, rules = person.bonds[brand.number], market.rules.referral
    if brand.status is None or bond.koc or not market.reaches(brand.status_of, person.id):
        return 0.0
    way = min(1.0, bond.counted / brand.status.friends)
    return worth(rules, brand, rules.honour * brand.yardstick) * (1.0 + rules.gradient * way)


def worth(rules: Any, brand: Brand, value: float) -> float:
    """Return what an amount of cents is worth to who may get it."""
    price = brand.yardstick
    return math.log(1.0 + value / (rules.scale * price)) if value > 0 and price > 0 else 0.0


def goods_way(at: tuple[int, ...], friends: int) -> float:
    """Return the share gone of the way from the last threshold to the next."""
    last = max((n for n in at if n <= friends), default=0)
    following = min(n for n in at if n > friends)
    return (friends - last) / (following - last)


def ask(market: Any, planned: Planned) -> None:
    """Ask a customer for friends, who invites some."""
    person, brand, step = planned.person, planned.step.of.brand, planned.step
    rules = market.rules.referral
    market.count(brand, "referral_asked")
    eager = motive(market, person, brand)
    if not eager > 0:
        return
    shares, how_many, *_ = market.draws(
        Purpose.SHARE, person.id, step.key, market.day, planned.orders % SLOTS
    )
    if not shares < 1.0 - math.exp(-rules.asked * eager):
        return
    market.count(brand, "referral_shared")
    number = market.poisson(how_many, rules.invitations * person.sociability, 64)
    for k in range(number if len(person.circle) else 0):
        slot = (64 * planned.orders + k) % SLOTS
        which = market.draws(Purpose.INVITE, person.id, step.key, market.day, slot)[0]
        invite(market, person, brand, person.circle.at(which))


def invite(market: Any, person: Person, brand: Brand, friend: int) -> None:
    invitation = Invitation(len(market.invitations), brand, person.id, friend, market.day)
    market.invitations.append(invitation)
    market.count(brand, "invitations")
    talk.say(market, person, brand, friend, Kind.INVITATION, invitation)


def disappoint(market: Any, friend: Person, invitation: Invitation) -> None:
    """Let a disappointed friend's tie to the referrer thin, and tell him."""
    market.count(invitation.brand, "bad_referrals")
    friend.circle.thin(invitation.referrer, market.rules.referral.bad_tie)
    brand, referrer = invitation.brand, invitation.referrer
    talk.say(market, friend, brand, referrer, Kind.DISAPPOINTMENT, invitation)

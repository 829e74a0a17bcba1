"""Distributors join, call, rise and quit (ODD 7.9, 9.5 Distribute)."""

import math
from typing import Any

from sim.engine.draws import gumbel
from sim.purposes import Purpose

from . import promises, selling, talk
from .feelings import satisfied
from .figures import MOST_A_DAY, NEVER, PAIRS, cents, chance, day_of
from .people import Person
from .things import Brand, Distributor, Kind


def distribute(market: Any) -> None:
    claim(market)
    decide_on_joining(market)
    for number in market.agenda.distributors.take(market.day):
        distributor = market.distributors[number]
        if distributor.due == market.day and distributor.at_work:
            work(market, distributor)


def claim(market: Any) -> None:
    """Credit and resell today's orders, by buyer, brand and number."""
    today = market.orders[market.orders_before :]
    mattering = [o for o in today if o.invitation is not None or o.seller is not None]
    for order in sorted(mattering, key=lambda o: (o.person.id, o.brand.key, o.number)):
        if order.invitation is not None:
            order.invitation.order = order
            referrer = market.people[order.invitation.referrer]
            referrer.bonds[order.brand.number].bought += 1
            promises.claim_rewards(market, order)
        if order.refunded:  # nothing was sold
            order.seller = None
        elif order.seller is not None:
            selling.resell(market, order)


# --- joining ------------------------------------------------------------------------------------


class Offer:
    """A brand asks somebody to join, by itself or through a distributor."""

    def __init__(self, person: Person, brand: Brand, recruiter: Distributor | None) -> None:
        self.person, self.brand, self.recruiter = person, brand, recruiter
        self.from_whom = -1 if recruiter is None else recruiter.person.id


def decide_on_joining(market: Any) -> None:
    offers: dict[int, list[Offer]] = {}
    for talks in market.asked_to_join:
        offer = Offer(*talks)
        market.count(offer.brand, "recruiting_talks")
        offers.setdefault(offer.person.id, []).append(offer)
    for i in sorted(offers):
        mine = sorted(offers[i], key=lambda o: (o.brand.key, o.from_whom))
        decide(market, market.people[i], [o for o in mine if stands(market, o)])


def stands(market: Any, offer: Offer) -> bool:
    gone = offer.recruiter is not None and offer.recruiter.quit < market.day
    return not gone and eligible(market, offer.person, offer.brand)


def eligible(market: Any, person: Person, brand: Brand) -> bool:
    bond, agency = person.bonds[brand.number], brand.agency
    if agency is None or market.closed or bond.has_left or bond.at_work:
        return False
    return (
        person.is_in(market.day)
        and bond.orders > 0
        and satisfied(market, bond)
        and market.reaches(brand.agency_of, person.id)
        and bond.counted >= agency.referrals
        and market.day >= bond.ask_from
    )


def decide(market: Any, person: Person, offers: list[Offer]) -> None:
    """Let all offers of a day and staying race."""
    if not offers:
        return

    def luck(key: int) -> float:
        return gumbel(market.draws(Purpose.JOIN, person.id, key, market.day)[0])

    best, taken = staying(market, person) + luck(0), None
    for offer in offers:
        key = offer.brand.key
        if offer.recruiter is not None:
            key += PAIRS * (offer.recruiter.person.id + 1)
        score = utility(market, offer) + luck(key)
        if score > best:
            best, taken = score, offer
    for offer in offers:
        if (taken is None or offer.brand is not taken.brand) and eligible(
            market, person, offer.brand
        ):
            refuse(market, person, offer.brand)
    if taken is not None:
        join(market, taken)


def staying(market: Any, person: Person) -> float:
    employer, rules = person.employer, market.rules.distribution
    if employer is None:
        return 0.0
    content = person.bonds[employer].satisfaction - market.gate
    return rules.incumbency + rules.satisfaction * content


def utility(market: Any, offer: Offer) -> float:
    person, brand, rules = offer.person, offer.brand, market.rules.distribution
    bond, agency = person.bonds[brand.number], brand.agency
    lowest, top = agency.levels[0].discount, agency.levels[-1].discount
    value = -rules.reluctance + rules.willingness * open_minded(market, person)
    value += rules.cultivation * bond.attended
    value += rules.satisfaction * (bond.satisfaction - market.gate)
    if offer.recruiter is not None:
        value += rules.tie * person.circle.strength(offer.recruiter.person.id)
    value += rules.margin * lowest + rules.hope * (top - lowest + agency.peer_bonus)
    entry = cents(agency.fee) + (1.0 - lowest) * cents(agency.stock)
    if entry > 0:
        value -= rules.fee * math.log(1.0 + entry / max(1, brand.yardstick))
    return value


def open_minded(market: Any, person: Person) -> float:
    return person.willingness * (1.0 - market.rules.distribution.prejudice)


def refuse(market: Any, person: Person, brand: Brand) -> None:
    person.bonds[brand.number].ask_from = market.day + brand.agency.refusal_days
    market.count(brand, "recruiting_refused")


def join(market: Any, offer: Offer) -> None:
    person, brand, rules = offer.person, offer.brand, market.rules.distribution
    if (employer := person.employer) is not None:
        quit_work(market, person.bonds[employer].engagement)
    u = market.draws(Purpose.ENGAGE, person.id, brand.key, market.day)[0]
    full_time = u < rules.full_time * open_minded(market, person)
    number = len(market.distributors)
    new = Distributor(number, person, brand, offer.recruiter, market.day, full_time)
    market.distributors.append(new)
    bond = person.bonds[brand.number]
    bond.engagement = new
    market.count(brand, "joins")
    new.fee = cents(brand.agency.fee)
    market.books.fee(new, new.fee)
    selling.buy_stock(market, new, cents(brand.agency.stock))
    selling.set_privilege(bond, brand)
    new.next_call = market.day + call_gap(market, new, market.day, 0)
    new.next_review = market.day + rules.review_days
    if new.upline is not None:
        new.upline.recruits += 1
    promises.claim_bonus(market, new)
    schedule(market, new, market.day)


# --- work ---------------------------------------------------------------------------------------


def work(market: Any, distributor: Distributor) -> None:
    """Let a distributor who is due call ties, and look at what was earned."""
    person = distributor.person
    bond = person.bonds[distributor.brand.number]
    if bond.has_left or not person.is_in(market.day):
        quit_work(market, distributor)
        return
    call_ties(market, distributor)
    if distributor.next_review <= market.day:
        review(market, distributor)
    if distributor.at_work:
        schedule(market, distributor, market.day + 1)


def schedule(market: Any, distributor: Distributor, earliest: int) -> None:
    person = distributor.person
    first = min(distributor.next_review, person.exit, day_of(distributor.next_call))
    market.agenda.distribute(distributor, max(first, earliest))


def effort(market: Any, distributor: Distributor) -> float:
    return market.rules.distribution.full_time_factor if distributor.full_time else 1.0


def call_gap(market: Any, distributor: Distributor, day: int, calls: int) -> float:
    rules, person = market.rules.distribution, distributor.person
    rate = rules.calls / rules.period_days * effort(market, distributor)
    if not rate > 0 or len(person.circle) == 0:
        return math.inf
    key = distributor.brand.key
    u = market.draws(Purpose.CALL_GAP, person.id, key, day, calls)[0]
    return -math.log(u) / rate


def call_ties(market: Any, distributor: Distributor) -> None:
    calls, today, tomorrow = 0, market.day, market.day + 1
    while distributor.next_call < tomorrow and calls < MOST_A_DAY:
        call(market, distributor, calls)
        calls += 1
        distributor.next_call = distributor.next_call + call_gap(market, distributor, today, calls)
    if distributor.next_call < tomorrow:
        distributor.next_call = tomorrow + call_gap(market, distributor, tomorrow, 0)


def call(market: Any, distributor: Distributor, calls: int) -> None:
    person, brand, rules = distributor.person, distributor.brand, market.rules.distribution
    which, recruits, *_ = market.draws(Purpose.CALL, person.id, brand.key, market.day, calls)
    other = person.circle.at(which)
    recruiting = recruits < rules.recruiting
    if recruiting and market.closed:
        return
    kind = Kind.RECRUITING_CALL if recruiting else Kind.SALES_CALL
    market.count(brand, "sales_calls", not recruiting)
    talk.say(market, person, brand, other, kind)
    person.circle.thin(other, rules.strain)


def review(market: Any, distributor: Distributor) -> None:
    """Rise to the level that the team's sales allow, then compare earnings with effort."""
    rules, brand, person = market.rules.distribution, distributor.brand, distributor.person
    bond = person.bonds[brand.number]
    allowed = [
        n for n, level in enumerate(brand.agency.levels) if cents(level.sales) <= distributor.team
    ]
    if max(allowed) > distributor.level:
        distributor.level = max(allowed)
        market.count(brand, "promotions")
        selling.set_privilege(bond, brand)
    hours = rules.hours * effort(market, distributor) * rules.review_days / 30.0
    lacking = 1.0 - (distributor.earned - distributor.reviewed) / (100.0 * rules.wage * hours)
    lacking = min(5.0, max(-5.0, lacking))
    u = market.draws(Purpose.REVIEW, person.id, brand.key, market.day)[0]
    if u < chance(rules.giving_up + rules.shortfall * lacking):
        quit_work(market, distributor)
        return
    distributor.reviewed = distributor.earned
    distributor.next_review = market.day + rules.review_days


def quit_work(market: Any, distributor: Distributor) -> None:
    brand, person = distributor.brand, distributor.person
    bond = person.bonds[brand.number]
    distributor.quit, distributor.due = market.day, NEVER
    bond.ask_from = market.day + brand.agency.refusal_days
    market.count(brand, "quits")
    take_back(market, distributor)
    selling.set_privilege(bond, brand)


def take_back(market: Any, distributor: Distributor) -> None:
    """Let the brand take back a share of unsold stock, at what was paid for it."""
    value = int(distributor.stock * distributor.brand.agency.buyback + 0.5)
    if value > 0:
        paid = distributor.stock_paid * value // distributor.stock
        market.books.stock(distributor, -paid)
        distributor.stock -= value
        distributor.stock_paid -= paid

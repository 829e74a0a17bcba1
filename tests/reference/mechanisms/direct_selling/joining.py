"""Distributors join: who is asked weighs the offers of a day, and staying."""

import math
from typing import Any

from sim.engine.draws import gumbel
from sim.purposes import Purpose

from ... import accruals, roles
from ...feelings import satisfied
from ...figures import PAIRS, cents, working_days_after
from ...people import Person
from ...things import Brand
from .distributor import Distributor, Offer
from .working import Working

OF_BONUS = 2
"""What is added to the brand's key in lots."""


class Joining(Working):
    """Who becomes a distributor."""

    def __init__(self, market: Any) -> None:
        super().__init__(market)
        self.offers: list[Offer] = []
        """Of today."""

    def _decide_all(self) -> None:
        """Let those asked today decide, by person."""
        offers, self.offers = sorted(self.offers, key=lambda offer: offer.place), []
        by_person: dict[int, list[Offer]] = {}
        for offer in offers:
            self.market.count(offer.brand, "recruiting_talks")
            by_person.setdefault(offer.person.id, []).append(offer)
        for mine in by_person.values():
            if standing := [offer for offer in mine if self._stands(offer)]:
                self._decide(standing[0].person, standing)

    def _stands(self, offer: Offer) -> bool:
        gone = offer.recruiter is not None and offer.recruiter.quit < self.market.day
        return not gone and self._eligible(offer.person, offer.brand)

    def _eligible(self, person: Person, brand: Brand) -> bool:
        market, bond = self.market, person.bonds[brand.number]
        willing = person.is_in(market.day) and not bond.has_left and satisfied(market, bond)
        return willing and self._known_eligible(person, brand)

    def _known_eligible(self, person: Person, brand: Brand) -> bool:
        """Return whether one may join, as far as the brand can know."""
        market, own = self.market, self.state(person.id, brand)
        if brand.number not in self.agencies or market.closed or own.at_work:
            return False
        of, agency = self.agencies[brand.number]
        return (
            person.bonds[brand.number].orders > 0
            and market.meant(of, person)
            and market.hooks.friends_referred(person, brand) >= agency.referrals
            and market.day >= own.ask_from
        )

    def _decide(self, person: Person, offers: list[Offer]) -> None:
        """Let all offers of a day and staying race."""
        market = self.market

        def luck(key: int) -> float:
            return gumbel(market.draws(Purpose.JOIN, person.id, key, market.day)[0])

        employer = self._employer(person)
        best, taken = self._staying(person, employer) + luck(0), None
        for offer in offers:
            key = offer.brand.key
            if offer.recruiter is not None:
                key += PAIRS * (offer.recruiter.person.id + 1)
            score = self._join_utility(offer) + luck(key)
            if score > best:
                best, taken = score, offer
        for offer in offers:
            passed_over = taken is None or offer.brand is not taken.brand
            if passed_over and self._eligible(person, offer.brand):
                refusal = market.day + self._agency(offer.brand).refusal_days
                self.state(person.id, offer.brand).ask_from = refusal
                market.count(offer.brand, "recruiting_refused")
        if taken is not None:
            if employer is not None:
                self._quit(self.state(person.id, employer).engagement)
            self._join(taken)

    def _employer(self, person: Person) -> Brand | None:
        brands = self.market.brands
        return next((b for b in brands if self.state(person.id, b).at_work), None)

    def _staying(self, person: Person, employer: Brand | None) -> float:
        rules = self.market.rules.direct_selling
        if employer is None:
            return 0.0
        content = person.bonds[employer.number].satisfaction - self.market.gate
        return rules.incumbency + rules.satisfaction * content

    def _join_utility(self, offer: Offer) -> float:
        person, brand, rules = offer.person, offer.brand, self.market.rules.direct_selling
        bond, agency = person.bonds[brand.number], self._agency(brand)
        lowest, top = agency.levels[0].discount, agency.levels[-1].discount
        value = rules.join_intercept + rules.willingness * self._open_minded(person)
        value += rules.cultivation * self.state(person.id, brand).attended
        value += rules.satisfaction * (bond.satisfaction - self.market.gate)
        if offer.recruiter is not None:
            value += rules.tie * person.circle.strength(offer.recruiter.person.id)
        value += rules.margin * lowest + rules.expected_advancement * (
            top - lowest + agency.peer_bonus
        )
        entry = cents(agency.fee) + (1.0 - lowest) * cents(agency.stock)
        if entry > 0:
            value -= rules.fee * math.log(1.0 + entry / max(1, brand.yardstick))
        return value

    def _open_minded(self, person: Person) -> float:
        return person.willingness * (1.0 - self.market.rules.direct_selling.prejudice)

    def _join(self, offer: Offer) -> None:
        market, rules = self.market, self.market.rules.direct_selling
        person, brand, upline = offer
        agency = self._agency(brand)
        u = market.draws(Purpose.ENGAGE, person.id, brand.key, market.day)[0]
        full_time = u < rules.full_time * self._open_minded(person)
        new = Distributor(len(self.distributors), person, brand, upline, market.day, full_time)
        self.distributors.append(new)
        self.state(person.id, brand).engagement = new
        market.count(brand, "joins")
        new.fee = cents(agency.fee)
        self._pay_in(new, "joining_fees", new.fee)
        self._buy_stock(new, cents(agency.stock))
        roles.take(market, person, brand)
        new.next_call = market.day + self._call_gap(new, market.day, 0)
        new.next_review = market.day + rules.review_days
        if upline is not None:
            upline.recruits += 1
            self._claim_bonus(new, upline)
        self._schedule(new, market.day)

    def _claim_bonus(self, recruit: Distributor, upline: Distributor) -> None:
        of, agency = self.agencies[recruit.brand.number]
        if (cash := cents(agency.recruit_bonus)) > 0:
            key = recruit.brand.key + OF_BONUS
            accruals.enter(
                self.market,
                "RECRUIT",
                of,
                upline.person,
                lot=accruals.lot(self.market, recruit.person.id, key, 0),
                due=working_days_after(recruit.joined, agency.vest_days),
                about=recruit,
                cash=cash,
            )

"""Distributors work: they call ties, rise, and quit."""

import math
from typing import Any

from sim.purposes import Purpose

from ... import roles, talk
from ...agenda import Days
from ...figures import MOST_A_DAY, NEVER, cents, chance, day_of, rounded
from ...people import Person
from ...things import Brand
from .distributor import Distributor
from .selling import Selling


class Working(Selling):
    """What distributors do by themselves."""

    def __init__(self, market: Any) -> None:
        super().__init__(market)
        self.distributors: list[Distributor] = []
        self.due = Days()

    def _work(self, distributor: Distributor) -> None:
        """Let a distributor who is due call ties, and look at what was earned."""
        market, person = self.market, distributor.person
        bond = person.bonds[distributor.brand.number]
        if bond.has_left or not person.is_in(market.day):
            self._quit(distributor)
            return
        self._call_ties(distributor)
        if distributor.next_review <= market.day:
            self._review(distributor)
        if distributor.at_work:
            self._schedule(distributor, market.day + 1)

    def _schedule(self, distributor: Distributor, earliest: int) -> None:
        leaves, call = distributor.person.exit, day_of(distributor.next_call)
        first = min(distributor.next_review, leaves, call)
        self._look_on(distributor, max(first, earliest))

    def _look_on(self, distributor: Distributor, day: int) -> None:
        distributor.due = day
        self.due.add(day, distributor.number)

    def _effort(self, distributor: Distributor) -> float:
        full_time = self.market.rules.direct_selling.full_time_factor
        return full_time if distributor.full_time else 1.0

    def _call_gap(self, distributor: Distributor, day: int, calls: int) -> float:
        rules, person = self.market.rules.direct_selling, distributor.person
        rate = rules.calls / rules.period_days * self._effort(distributor)
        if not rate > 0 or len(person.circle.all()) == 0:
            return math.inf
        key = distributor.brand.key
        u = self.market.draws(Purpose.CALL_GAP, person.id, key, day, calls)[0]
        return -math.log(u) / rate

    def _call_ties(self, caller: Distributor) -> None:
        calls, today, tomorrow = 0, self.market.day, self.market.day + 1
        while caller.next_call < tomorrow and calls < MOST_A_DAY:
            self._call(caller, calls)
            calls += 1
            caller.next_call = caller.next_call + self._call_gap(caller, today, calls)
        if caller.next_call < tomorrow:
            caller.next_call = tomorrow + self._call_gap(caller, tomorrow, 0)

    def _call(self, caller: Distributor, calls: int) -> None:
        market, person, brand = self.market, caller.person, caller.brand
        rules, key = market.rules.direct_selling, brand.key
        which, recruits, *_ = market.draws(Purpose.CALL, person.id, key, market.day, calls)
        recruiting = recruits < rules.recruiting
        if recruiting and market.closed:
            return
        known = person.circle.all()
        other = known[int(which * len(known))]
        market.count(brand, "sales_calls", not recruiting)
        kind = "RECRUITING" if recruiting else "SALES_CALL"
        talk.say(market, person, brand, other, kind, caller)
        person.circle.thin(other, rules.tie_erosion, market.day)

    def _review(self, distributor: Distributor) -> None:
        """Rise to the level that the team's sales allow, then compare earnings with effort."""
        market, rules = self.market, self.market.rules.direct_selling
        brand, person = distributor.brand, distributor.person
        levels = self._agency(brand).levels
        allowed = max(n for n, at in enumerate(levels) if cents(at.sales) <= distributor.team)
        if allowed > distributor.level:
            distributor.level = allowed
            market.count(brand, "promotions")
            roles.take(market, person, brand)
        hours = rules.hours * self._effort(distributor) * rules.review_days / 30.0
        lacking = 1.0 - (distributor.earned - distributor.reviewed) / (100.0 * rules.wage * hours)
        log_odds = rules.quit_intercept + rules.shortfall * min(5.0, max(-5.0, lacking))
        u = market.draws(Purpose.REVIEW, person.id, brand.key, market.day)[0]
        if u < chance(log_odds):
            self._quit(distributor)
            return
        distributor.reviewed = distributor.earned
        distributor.next_review = market.day + rules.review_days

    def on_dropout(self, person: Person, brand: Brand) -> None:
        """Have who works for the brand quit in the evening."""
        own = self.state(person.id, brand)
        if own.at_work:
            self._look_on(own.engagement, self.market.day)

    def _quit(self, distributor: Distributor) -> None:
        market, brand, agency = self.market, distributor.brand, self._agency(distributor.brand)
        distributor.quit, distributor.due = market.day, NEVER
        own = self.state(distributor.person.id, brand)
        own.ask_from = market.day + agency.refusal_days
        market.count(brand, "quits")
        value = rounded(distributor.stock, agency.buyback)
        if value > 0:
            paid = distributor.stock_paid * value // distributor.stock
            self._pay_in(distributor, "channel_deposits", -paid)
            distributor.stock -= value
            distributor.stock_paid -= paid
        roles.take(market, distributor.person, brand)

"""Direct selling: customers become distributors, call, sell, rise and quit (ODD 7.16)."""

from typing import Any, ClassVar

from sim.purposes import Purpose
from sim.strategies.interface import Does

from ... import accruals, hearing, roles
from ...money import Side
from ...people import Person
from ...things import Accrual, Brand, Order, Planned, Product, Word
from ...twin import Kept, Message, Verb
from .distributor import Distributor, Offer, number
from .joining import Joining

DISTRIBUTOR = 2
RECRUITS = Does.CULTIVATE | Does.PITCH


class DirectSelling(Joining):
    """What the market's direct selling does."""

    ORDER = 40
    ACCOUNTS: ClassVar = {
        "reseller_margins": Side.SALES,
        **dict.fromkeys(("recruiting", "commissions", "recruit_bonuses"), Side.COSTS),
        **dict.fromkeys(("peer_bonuses", "training"), Side.COSTS),
        **dict.fromkeys(("channel_deposits", "joining_fees"), Side.BALANCE),
    }
    VERBS: ClassVar = {
        Does.CULTIVATE: Verb("training", delights=True),
        Does.PITCH: Verb("recruiting"),
    }
    MESSAGES: ClassVar = {
        "SALES_CALL": Message(makes_aware=True),
        "RECRUITING": Message(makes_aware=True),
    }
    KEPT = (
        Kept(
            table="distributors",
            columns={
                **dict.fromkeys(("person", "brand", "upline", "joined_day"), "i8"),
                **{"quit_day": "i8", "level": "i8", "full_time": "?", "recruits": "i8"},
                **dict.fromkeys(("sales_cents", "team_cents", "stock_cents"), "i8"),
                **dict.fromkeys(("paid_cents", "margin_cents", "commission_cents"), "i8"),
                **dict.fromkeys(("bonus_cents", "fee_cents", "reviewed_cents"), "i8"),
                **{"contact_due": "f8", "review_day": "i8", "calendar": "i8"},
            },
            rows=lambda twin: twin.distributors,
            row=Distributor.row,
            record="distributors",
            seen=(
                *("person", "joined_day", "quit_day", "level", "sales_cents", "stock_cents"),
                "recruits",
            ),
        ),
    )
    CUSTOMER: ClassVar = {"distributor": "?", "attended": "i8", "ask_from": "i8"}
    RELATIONSHIP = ("attended", "pitch_from", "distributor", "seller", "pitcher", "pitch_until")
    SALE = ("seller", "margin_cents")

    def distribute(self) -> None:
        """Let those asked today decide, then distributors who are due work."""
        self._decide_all()
        for row in self.due.take(self.market.day):
            distributor = self.distributors[row]
            if distributor.due == self.market.day and distributor.at_work:
                self._work(distributor)

    # --- choosing -------------------------------------------------------------------------------

    def utility(self, person: Person, product: Product, packs: int) -> float:
        own = self.state(person.id, product.brand)
        called = own.caller is not None and self.market.day <= own.call_until
        return self.market.rules.direct_selling.persuasion if called else 0.0

    def role(self, person: Person, brand: Brand) -> int:
        return DISTRIBUTOR if self.state(person.id, brand).at_work else roles.CUSTOMER

    def discount(self, person: Person, product: Product, packs: int) -> float:
        own = self.state(person.id, product.brand)
        return self._discount(own.engagement) if own.at_work else 0.0

    # --- being contacted ------------------------------------------------------------------------

    def touch_fits(self, planned: Planned) -> bool:
        step, brand = planned.step, planned.brand
        if not step.does(RECRUITS):
            return True
        if not self._known_eligible(planned.person, brand):
            return False
        attended = self.state(planned.person.id, brand).attended
        return not step.does(Does.CULTIVATE) or attended < self._agency(brand).courses

    def on_answer(self, planned: Planned) -> None:
        step, brand = planned.step, planned.brand
        self.state(planned.person.id, brand).attended += step.does(Does.CULTIVATE)
        if step.does(Does.PITCH):
            self.offers.append(Offer(planned.person, brand, None))

    def on_message(self, word: Word, repeat: int, knew: bool) -> None:
        if word.kind not in self.MESSAGES:
            return
        market, rules, brand = self.market, self.market.rules.direct_selling, word.brand
        receiver, caller = market.people[word.receiver], word.about
        receiver.circle.thin(word.speaker, rules.tie_erosion)
        if word.kind == "RECRUITING":
            self.offers.append(Offer(receiver, brand, caller))
            return
        own = self.state(receiver.id, brand)
        if receiver.bonds[brand.number].has_left or own.at_work or not caller.at_work:
            return
        own.caller, own.call_until = caller, market.day + rules.call_days
        if hearing.luck(market, Purpose.CALLED, word, repeat)[0] < rules.trigger:
            hearing.wake(market, receiver, word)

    # --- pay ------------------------------------------------------------------------------------

    def book_accrual(self, accrual: Accrual, sign: int) -> None:
        if accrual.kind == "RECRUIT":
            accruals.book(self.market, accrual, "recruit_bonuses", sign * accrual.cash)

    def vests(self, accrual: Accrual) -> bool:
        recruit = accrual.about
        return accrual.kind != "RECRUIT" or (recruit.at_work and recruit.upline.at_work)

    def on_vest(self, accrual: Accrual) -> None:
        if accrual.kind == "RECRUIT":
            brand, who = accrual.brand, accrual.person
            self.market.books.pay(brand, "rewards_pending", accrual.cash, who)
            accrual.about.upline.bonus += accrual.cash
        elif accrual.kind == "RESALE":
            self._pay_uplines(accrual)

    # --- what is seen of it ---------------------------------------------------------------------

    def of_customer(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        own = self.state(person.id, brand)
        return own.at_work, own.attended, own.ask_from

    def of_relationship(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        own = self.state(person.id, brand)
        engagement = own.engagement if own.at_work else None
        rows = (number(each) + 1 for each in (engagement, own.seller, own.caller))
        return own.attended, own.ask_from, *rows, own.call_until

    def of_sale(self, order: Order) -> tuple[Any, ...]:
        if order.number not in self.sold:
            return -1, 0
        distributor, released = self.sold[order.number]
        return distributor.number, order.paid - released

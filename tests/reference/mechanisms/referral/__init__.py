"""Referral: friends are invited, follow, and earn the referrer a reward (ODD 7.13)."""

import math
from collections import defaultdict
from typing import Any, ClassVar

from sim.mechanisms.referral.terms import Referral as Terms
from sim.purposes import Purpose
from sim.strategies.interface import Does

from ... import accruals, buying, hearing, talk
from ...feelings import delight_now, keep_promise, satisfied
from ...figures import NOT_YET, SLOTS, chance, rounded, single, working_days_after
from ...money import Side
from ...people import Person, keep_word
from ...rewards import nearer, worth
from ...roles import CUSTOMER
from ...things import Accrual, AtWork, Brand, Order, Planned, Word
from ...twin import Kept, Message, Twin, Verb
from .records import Invitation, Programme, Referrer, Reward

MOST_INVITED = 64


class Referral(Twin):
    """What the market's referral does."""

    ORDER = 10
    ACCOUNTS: ClassVar = {
        "friend_discounts": Side.SALES,
        "referral_asks": Side.COSTS,
        "referral_cash": Side.COSTS,
        "referral_goods": Side.COSTS,
    }
    VERBS: ClassVar = {Does.INVITE_FRIENDS: Verb("referral_asks")}
    MESSAGES: ClassVar = {
        "INVITATION": Message(),
        "DISAPPOINTMENT": Message(opinion=False),
        "THANKS": Message(opinion=False),
    }
    STATE = Referrer
    KEPT = (
        Kept(
            table="invitations",
            columns={
                **dict.fromkeys(("referrer", "friend", "day", "clicked_day", "order"), "i8"),
                **{"vested_day": "i8", "brand": "i8", "void": "?"},
            },
            rows=lambda twin: twin.invitations,
            row=Invitation.row,
            record="invitations",
            seen=("referrer", "friend", "day", "clicked_day", "order", "vested_day", "void"),
        ),
    )
    CUSTOMER: ClassVar = {"referred": "i8"}
    RELATIONSHIP = (
        *("goods_cents", "invitation", "invited_until", "refused", "bought", "vested"),
        *("goods_claimed", "goods_friends"),
    )
    SALE = ("invitation",)
    ACCRUAL = ("programme", "goods")

    def __init__(self, market: Any) -> None:
        super().__init__(market)
        self.programmes: list[Programme] = []
        self.by_brand: dict[int, list[Programme]] = defaultdict(list)
        self.invitations: list[Invitation] = []
        self.invited: dict[int, Invitation] = {}
        """The invitation that an order follows, by its number."""

    def take(self, of: AtWork, terms: Any) -> None:
        if isinstance(terms, Terms):
            programme = Programme(len(self.programmes), of, terms)
            self.programmes.append(programme)
            self.by_brand[of.brand.number].append(programme)

    def _open_to(self, brand: Brand, person: Person) -> list[Programme]:
        """Return the programmes in whose audience a person is today."""
        return [p for p in self.by_brand[brand.number] if self.market.meant(p.of, person)]

    # --- why one invites ------------------------------------------------------------------------

    def _motive(self, person: Person, brand: Brand) -> float:
        """Return the motive to invite friends; 0 for who may not or would not."""
        market, bond, rules = self.market, person.bonds[brand.number], self.market.rules.referral
        if market.closed or bond.has_left or not satisfied(market, bond):
            return 0.0
        programmes = self._open_to(brand, person)
        if not programmes:
            return 0.0
        moved = sum(self._benefit(person, brand, p) for p in programmes)
        moved += market.hooks.reward_ahead(person, brand)
        moved += rules.emotion * delight_now(market, bond)
        factor = rules.koc if bond.role > CUSTOMER else 1.0
        return max(0.0, factor * moved - self._social_cost(programmes))

    def _benefit(self, person: Person, brand: Brand, given: Programme) -> float:
        market, rules = self.market, self.market.rules.referral
        total = rules.cash * worth(market, brand, given.cash)
        total += rules.points * worth(market, brand, given.points)
        friends, at = self.state(person.id, brand).goods_earned, given.terms.goods_at
        if friends < at[-1]:
            last = max((n for n in at if n <= friends), default=0)
            following = min(n for n in at if n > friends)
            way = (friends - last) / (following - last)
            total += rules.goods * worth(market, brand, given.goods) * nearer(market, way)
        return total

    def _social_cost(self, programmes: list[Programme]) -> float:
        """Return the cost in standing of the dearest kind in any programme."""
        return max(map(self._cost, programmes), default=0.0)

    def _cost(self, given: Programme) -> float:
        rules = self.market.rules.referral
        dearest = max(
            rules.cash_cost if given.cash > 0 else 0.0,
            rules.goods_cost if given.goods > 0 else 0.0,
            rules.points_cost if given.points > 0 else 0.0,
        )
        return dearest * (1.0 - rules.fairness) if given.terms.friend_discount > 0 else dearest

    # --- inviting -------------------------------------------------------------------------------

    def speaks(self, person: Person, brand: Brand, which: float, u: float) -> bool:
        eager = self._motive(person, brand)
        invites = eager > 0 and u < 1.0 - math.exp(-self.market.rules.referral.spontaneous * eager)
        if invites:
            self._invite(person, brand, which)
        return invites

    def touch_fits(self, planned: Planned) -> bool:
        may = not self.market.closed and self._open_to(planned.brand, planned.person)
        return bool(may) or not planned.step.does(Does.INVITE_FRIENDS)

    def on_touch(self, planned: Planned) -> None:
        bond, brand = planned.person.bonds[planned.brand.number], planned.brand
        if planned.step.does(Does.INVITE_FRIENDS):
            self.market.count(brand, "referral_eligible", satisfied(self.market, bond))

    def on_answer(self, planned: Planned) -> None:
        if planned.step.does(Does.INVITE_FRIENDS):
            self._ask(planned)

    def _ask(self, planned: Planned) -> None:
        """Ask a customer for friends, who invites some."""
        market, rules = self.market, self.market.rules.referral
        person, brand, key = planned.person, planned.brand, planned.step.key
        market.count(brand, "referral_asked")
        eager = self._motive(person, brand)
        if not eager > 0:
            return
        shares, how_many, *_ = market.draws(
            Purpose.SHARE, person.id, key, market.day, planned.orders % SLOTS
        )
        if not shares < 1.0 - math.exp(-rules.asked * eager):
            return
        market.count(brand, "referral_shared")
        number = market.poisson(how_many, rules.invitations * person.sociability, MOST_INVITED)
        for k in range(number if person.circle.all() else 0):
            slot = (MOST_INVITED * planned.orders + k) % SLOTS
            which = market.draws(Purpose.INVITE, person.id, key, market.day, slot)[0]
            self._invite(person, brand, which)

    def _invite(self, person: Person, brand: Brand, which: float) -> None:
        market, friend = self.market, self._friend_to_invite(person, brand, which)
        programmes = self._open_to(brand, person)
        made = Invitation(len(self.invitations), brand, person.id, friend, market.day, programmes)
        self.invitations.append(made)
        market.count(brand, "invitations")
        talk.say(market, person, brand, friend, "INVITATION", made)

    def _friend_to_invite(self, person: Person, brand: Brand, which: float) -> int:
        """Return one of all one knows; whom the brand suits the more likely, if that matters."""
        known, power = person.circle.all(), self.market.rules.referral.matching
        if power == 0:
            return known[int(which * len(known))]
        tastes = [self.market.people[other].bonds[brand.number].taste for other in known]
        best, total = max(tastes), 0.0
        weights = [math.exp(power * (taste - best)) for taste in tastes]
        for weight in weights:
            total += weight
        left = which * total
        for other, weight in zip(known[:-1], weights, strict=False):
            left -= weight
            if left < 0:
                return other
        return known[-1]

    # --- following ------------------------------------------------------------------------------

    def on_message(self, word: Word, repeat: int, knew: bool) -> None:
        if word.kind == "INVITATION":
            self._weigh(word, repeat, knew)
        elif word.kind == "DISAPPOINTMENT":
            self._take_blame(word)
        elif word.kind == "THANKS":
            gain, today = self.market.rules.ties.shared, self.market.day
            self.market.people[word.receiver].circle.grow(word.speaker, gain, today)

    def _weigh(self, word: Word, repeat: int, knew: bool) -> None:
        """Let an invitation be followed or not."""
        market, brand = self.market, word.brand
        receiver = market.people[word.receiver]
        bond, own = receiver.bonds[brand.number], self.state(receiver.id, brand)
        holding = own.followed is not None and market.day <= own.followed_until
        if bond.orders > 0 or bond.has_left or market.closed or holding:
            return
        offers = word.about.programmes
        discount = max((p.terms.friend_discount for p in offers), default=0.0)
        days = max((p.terms.valid_days for p in offers), default=0)
        follows, wakes, *_ = hearing.luck(market, Purpose.CLICK, word, repeat)
        if not follows < chance(self._log_odds(word, knew, offers, discount)):
            own.refused += 1
            return
        market.count(brand, "clicks")
        word.about.followed = market.day
        own.followed, own.followed_until = word.about, market.day + days
        hearing.learn(market, receiver, word)
        buying.hand(bond, discount, market.day + days, market.day, "friend_discounts")
        if wakes < market.rules.referral.trigger:
            hearing.wake(market, receiver, word)

    def _log_odds(self, word: Word, knew: bool, offers: list[Programme], discount: float) -> float:
        market, rules = self.market, self.market.rules.referral
        receiver, brand = market.people[word.receiver], word.brand
        bond, own = receiver.bonds[brand.number], self.state(receiver.id, brand)
        value = rules.acceptance_intercept + rules.tie * word.strength
        value += rules.trust * (bond.trust - market.rules.trust.prior)
        value += rules.transparency * brand.config.transparency
        value += rules.offer * discount * receiver.deal_proneness
        value += rules.known if knew else 0.0
        return value - (rules.suspicion * self._social_cost(offers) + rules.refusal * own.refused)

    # --- the friend's order ---------------------------------------------------------------------

    def on_order(self, order: Order) -> bool:
        """Let a first order under an invitation that holds be referred."""
        own = self.state(order.person.id, order.brand)
        holds = own.followed is not None and self.market.day <= own.followed_until
        if order.nth == 1 and holds and not self.market.closed:
            self.invited[order.number] = own.followed
            return True
        return False

    def on_close(self, order: Order) -> None:
        """Credit the referrer, and claim the reward of each programme that it is under."""
        invitation = self.invited.get(order.number)
        if invitation is None:
            return
        self.market.count(order.brand, "referred_orders")
        invitation.order = order
        self.state(invitation.referrer, order.brand).bought += 1
        of = None
        for programme in invitation.programmes:
            self._claim(order, invitation, programme, first=programme.of is not of)
            of = programme.of

    def friends_referred(self, person: Person, brand: Brand) -> int:
        return self.state(person.id, brand).counted

    def _claim(
        self, order: Order, invitation: Invitation, programme: Programme, first: bool
    ) -> None:
        market, terms = self.market, programme.terms
        own = self.state(invitation.referrer, order.brand)
        gives_goods = programme.goods > 0 and own.goods_claimed < terms.goods_at[-1]
        own.goods_claimed += gives_goods
        accrual = accruals.enter(
            market,
            "REFERRAL",
            programme.of,
            market.people[invitation.referrer],
            lot=accruals.lot(market, order.person.id, programme.of.key, order.nth),
            due=working_days_after(order.day, terms.vest_days),
            order=order,
            terms=terms,
            about=Reward(invitation, programme, gives_goods, first),
            cash=programme.cash,
            points=rounded(programme.points, terms.points_cost),
            goods=rounded(programme.goods, terms.goods_cost) if gives_goods else 0,
        )
        market.hooks.on_accrual(accrual)

    # --- the reward -----------------------------------------------------------------------------

    def book_accrual(self, accrual: Accrual, sign: int) -> None:
        if accrual.kind == "REFERRAL":
            accruals.book(self.market, accrual, "referral_cash", sign * accrual.cash)
            accruals.book(self.market, accrual, "referral_goods", sign * accrual.goods)

    def on_fail(self, accrual: Accrual) -> None:
        """Let a claim no longer count toward goods."""
        if accrual.kind == "REFERRAL":
            own = self.state(accrual.person.id, accrual.brand)
            own.goods_claimed -= accrual.about.gives_goods

    def on_void(self, accrual: Accrual) -> None:
        if accrual.kind == "REFERRAL":
            invitation = accrual.about.invitation
            self.market.count(accrual.brand, "rewards_void", not invitation.void)
            invitation.void = True

    def on_vest(self, accrual: Accrual) -> None:
        if accrual.kind != "REFERRAL":
            return
        market, brand, who = self.market, accrual.brand, accrual.person
        invitation, own = accrual.about.invitation, self.state(who.id, brand)
        if invitation.counted == NOT_YET:
            market.count(brand, "rewards_vested")
            invitation.counted = market.day
            own.counted += 1
            keep_word(market, who, market.people[invitation.friend])
        keep_promise(market, who.bonds[brand.number])
        market.books.pay(brand, "rewards_pending", accrual.cash, who)
        if accrual.about.gives_goods:
            self._hand_over(accrual, own)

    def _hand_over(self, accrual: Accrual, own: Referrer) -> None:
        """Count one friend more toward goods; at a threshold hand over all earned so far."""
        own.goods_earned += 1
        own.goods_waiting += accrual.goods
        if own.goods_earned in accrual.terms.goods_at:
            who, brand = accrual.person, accrual.brand
            self.market.books.pay(brand, "rewards_pending", own.goods_waiting, who)
            own.goods_waiting = 0

    # --- how it turns out -----------------------------------------------------------------------

    def on_judged(self, order: Order) -> None:
        """Let a friend's tie to the referrer thin or grow by the first order, and tell them."""
        market, friend, invitation = self.market, order.person, self.invited.get(order.number)
        if invitation is None:
            return
        rules, whom = market.rules, invitation.referrer
        if satisfied(market, friend.bonds[order.brand.number]):
            if rules.ties.shared > 0:
                friend.circle.grow(whom, rules.ties.shared, market.day)
                talk.say(market, friend, order.brand, whom, "THANKS", invitation)
            return
        market.count(order.brand, "bad_referrals")
        friend.circle.thin(whom, rules.referral.failed_tie_loss, market.day)
        talk.say(market, friend, order.brand, whom, "DISAPPOINTMENT", invitation)

    def _take_blame(self, word: Word) -> None:
        """Let a referrer learn that the friend is disappointed."""
        rules, receiver = self.market.rules.referral, self.market.people[word.receiver]
        bond = receiver.bonds[word.brand.number]
        receiver.circle.thin(word.speaker, rules.failed_tie_loss, self.market.day)
        bond.trust = single(bond.trust * (1.0 - rules.failed_trust_loss))
        bond.delight = single(bond.delight * (1.0 - rules.failed_delight_loss))

    # --- what is seen of it ---------------------------------------------------------------------

    def of_customer(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        return (self.state(person.id, brand).counted,)

    def of_relationship(self, person: Person, brand: Brand) -> tuple[Any, ...]:
        own = self.state(person.id, brand)
        followed = 0 if own.followed is None else own.followed.number + 1
        return (
            *(own.goods_waiting, followed, own.followed_until, own.refused, own.bought),
            *(own.counted, own.goods_claimed, own.goods_earned),
        )

    def of_sale(self, order: Order) -> tuple[Any, ...]:
        invitation = self.invited.get(order.number)
        return (-1 if invitation is None else invitation.number,)

    def of_accrual(self, accrual: Accrual) -> tuple[Any, ...]:
        if accrual.kind != "REFERRAL":
            return -1, False
        return accrual.about.programme.number, accrual.about.gives_goods

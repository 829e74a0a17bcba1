"""Reward customers for friends who buy: cash, points, goods at 1, 3 and 10, and a status reward.

Idea: a content customer sells best, if asked at the right time and thanked in the right way.
Playbook rows 11-16.
Mechanism: some days after an order the customer is asked to invite friends. Delight, which decays,
and benefit make them do so. It costs them standing to be thought paid, most for cash. A reward is
pending until the friend's order can no longer be sent back, and void if it is. Whoever has referred
`koc_from` friends is a KOC: a discount for good, and salons that delight.
Source: referral programmes of Chinese private-domain retailers; about 10 % of the price is usual.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from sim.config.meanings import given_away, hours, years
from sim.config.parameters import Param, Parameters
from sim.mechanisms.referral.terms import Referral as Programme
from sim.mechanisms.status.terms import Status
from sim.strategies.interface import Does, ProductFacts, Strategy, Touch, TouchAccount
from sim.terms import BrandTerm

if TYPE_CHECKING:
    from sim.strategies.brand_view import BrandView

_PRACTICE = "practitioners' playbook"


class Mix(Parameters):
    """Weights of a mixed reward: only their ratios count."""

    cash: float = Param(1.0, bounds=(0, 1000), unit="weight", doc="paid in cash")
    points: float = Param(1.0, bounds=(0, 1000), unit="weight", doc="given in points")
    goods: float = Param(0.0, bounds=(0, 1000), unit="weight", doc="given in goods")


class Referral(Strategy):
    """Reward customers for friends who buy: cash, points, goods at 1, 3 and 10, and a status reward."""

    rows: ClassVar[tuple[int, ...]] = (11, 12, 13, 14, 15, 16)
    reads: ClassVar[tuple[str, ...]] = ("customers",)
    account: ClassVar[TouchAccount] = "referral_asks"
    draw_key: ClassVar[str] = "referral"

    reward: float = Param(
        20.0,
        bounds=(0, 100_000),
        unit="CNY per friend",
        doc="for a friend who bought and kept it",
        source="about 10 % of the price, ReferralCandy",
        usual=(0, 1000),
    )
    kind: Literal["cash", "points", "goods", "mixed", "none"] = Param(
        "cash", doc="what it is paid in; none: for the status reward alone"
    )
    mix: Mix = Param(Mix(), doc="mixed: what is paid in what")
    goods_at: tuple[int, ...] = Param(
        (1, 3, 10),
        unit="friends",
        doc="goods: handed over at these numbers",
        source=_PRACTICE,
        usual=(1, 100),
    )
    points_cost: float = Param(
        0.5, bounds=(0, 1), unit="share of face value", doc="what a point costs the brand"
    )
    goods_cost: float = Param(
        0.4, bounds=(0, 1), unit="share of list value", doc="what the goods cost the brand"
    )
    points_days: int = Param(
        365,
        bounds=(0, 3650),
        unit="days",
        doc="points lapse after this long without earning or spending any",
        source="12 months in published accounts",
        usual=(30, 1825),
        meaning=hours,
    )
    friend_discount: float = Param(
        0.1,
        bounds=(0, 1),
        unit="share of price",
        doc="for the friend's first order; 0: one-sided",
        usual=(0, 0.8),
        meaning=given_away,
    )
    koc_from: int = Param(
        3,
        bounds=(0, 1000),
        unit="friends",
        doc="referred, to become a KOC; 0: no status reward",
        usual=(0, 50),
    )
    koc_cost: float = Param(
        50.0,
        bounds=(0, 1_000_000),
        unit="CNY per KOC",
        doc="certificate and ceremony",
        usual=(0, 2000),
    )
    koc_discount: float = Param(
        0.05,
        bounds=(0, 1),
        unit="share of price",
        doc="a KOC's discount for good",
        usual=(0, 0.8),
        meaning=given_away,
    )
    salon_days: int = Param(
        90,
        bounds=(0, 3650),
        unit="days",
        doc="between two salons for KOCs; 0: none",
        usual=(0, 730),
        meaning=years,
    )
    salon_cost: float = Param(
        15.0,
        bounds=(0, 100_000),
        unit="CNY per KOC who comes",
        doc="of a salon",
        usual=(0, 1000),
    )
    ask_day: int = Param(
        14,
        bounds=(1, 365),
        unit="days after order",
        doc="when to ask for friends",
        usual=(1, 120),
    )
    human: bool = Param(False, doc="ask by a person, not by a message")
    valid_days: int = Param(
        30,
        bounds=(0, 3650),
        unit="days",
        doc="how long an invitation holds once followed",
        usual=(1, 730),
        meaning=hours,
    )
    vest_days: int = Param(
        30,
        bounds=(0, 1000),
        unit="working days",
        doc="from the friend's order until the reward is earned; said in advance",
        source=_PRACTICE,
        usual=(0, 250),
    )

    @property
    def every(self) -> int:
        """Days between two salons, if there is a status reward."""
        return self.salon_days if self.koc_from else 0

    def programmes(self) -> Iterator[BrandTerm]:
        """Yield the referral programme, and the status reward."""
        weight = self.mix.model_dump() if self.kind == "mixed" else {self.kind: 1.0}
        reward = self.reward / (sum(weight.values()) or 1.0)
        yield Programme(
            **{what: reward * weight.get(what, 0.0) for what in ("cash", "points", "goods")},
            goods_at=self.goods_at,
            points_cost=self.points_cost,
            goods_cost=self.goods_cost,
            points_days=self.points_days,
            friend_discount=self.friend_discount,
            valid_days=self.valid_days,
            vest_days=self.vest_days,
        )
        if self.koc_from:
            yield Status(self.koc_from, self.koc_cost, self.koc_discount)

    def journey(self, product: ProductFacts) -> Iterator[Touch]:
        """Yield the question that follows every order."""
        day, human, key = self.ask_day, self.human, "ask for friends"
        yield Touch("ask for friends", Does.INVITE_FRIENDS, day=day, human=human, draw_key=key)

    def decide(self, view: "BrandView", day: int) -> None:
        """Invite the KOCs to a salon."""
        salon = Touch(
            "salon",
            Does.DELIGHT,
            day=0,
            cost=self.salon_cost,
            account="status_rewards",
            draw_key="salon",
        )
        view.send(salon, view.customers["person"][view.customers["koc"]])

"""Turn customers into distributors: cultivate, let them refer first, then ask; pay by levels.

Idea: whoever likes to sell should sell ours. Playbook rows 20-22, the limits of 19.
Mechanism: repeat buyers are asked for friends; those who have referred enough are invited to salons
and courses, and those who come are asked to join, for a fee and a first stock. They buy below the
list price, the more the higher their level, and sell to ties and recruit among them; the brand pays
an upline the difference of levels, and a peer bonus once a downline has caught up. A refusal is
final for a while, and changes nothing in how one is served. Whether that is lawful is for the
reader of the legal flags.
Source: practice of Chinese micro-business: 40, 50 and 60 % off the list price at three levels.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from sim.config.meanings import given_away, per_cent, years
from sim.config.parameters import Param
from sim.mechanisms.direct_selling.terms import Level
from sim.mechanisms.direct_selling.terms import SellingPlan as Terms
from sim.mechanisms.referral.terms import Referral
from sim.strategies.interface import Does, ProductFacts, Strategy, Touch, stop_after
from sim.terms import BrandTerm

if TYPE_CHECKING:
    from sim.strategies.brand_view import BrandView

_PRACTICE = "practitioners' playbook"


class AgentRecruitment(Strategy):
    """Turn customers into distributors: cultivate, let them refer, then ask; pay by levels."""

    rows: ClassVar[tuple[int, ...]] = (19, 20, 21, 22)
    reads: ClassVar[tuple[str, ...]] = ("customers",)
    draw_key: ClassVar[str] = "agency"
    parts: ClassVar[tuple[str, ...]] = ("course", "ask", "pitch")

    discounts: tuple[float, ...] = Param(
        (0.4, 0.5, 0.6),
        unit="share of list price",
        doc="off, by level",
        source=_PRACTICE,
        usual=(0, 0.8),
        meaning=given_away,
    )
    promote_at: tuple[float, ...] = Param(
        (0.0, 20_000.0, 100_000.0),
        unit="CNY at list price",
        doc="sales of the team that lift to each level; the first is 0",
        usual=(0, 10_000_000),
    )
    fee: float = Param(
        99.0,
        bounds=(0, 1_000_000),
        unit="CNY",
        doc="for joining; low fees are taken more easily",
        usual=(0, 10_000),
    )
    first_stock: float = Param(
        1000.0,
        bounds=(0, 1_000_000),
        unit="CNY at list price",
        doc="bought on joining, and again whenever it runs out",
        usual=(0, 100_000),
    )
    referrals_needed: int = Param(
        1,
        bounds=(0, 1000),
        unit="friends",
        doc="referred before one is asked",
        source=_PRACTICE,
        usual=(0, 50),
    )
    apprentice_reward: float = Param(
        20.0,
        bounds=(0, 100_000),
        unit="CNY per friend",
        doc="cash for referring: what one earns first",
        source=_PRACTICE,
        usual=(0, 1000),
    )
    course_after: int = Param(
        2, bounds=(1, 1000), unit="orders", doc="courses from this one on", usual=(1, 50)
    )
    course_day: int = Param(
        10,
        bounds=(1, 365),
        unit="days after order",
        doc="when a course is offered",
        usual=(1, 120),
    )
    ask_day: int = Param(
        17,
        bounds=(1, 365),
        unit="days after order",
        doc="when to ask repeat buyers for friends",
        usual=(1, 120),
    )
    course_cost: float = Param(
        20.0,
        bounds=(0, 100_000),
        unit="CNY per person who comes",
        doc="of a salon or course",
        usual=(0, 1000),
    )
    courses: int = Param(
        1,
        bounds=(0, 100),
        unit="courses",
        doc="attended before one is asked",
        source=_PRACTICE,
        usual=(0, 20),
    )
    recruit_bonus: float = Param(
        0.0,
        bounds=(0, 100_000),
        unit="CNY per recruit",
        doc="to whoever recruits",
        usual=(0, 5000),
    )
    peer_bonus: float = Param(
        0.05,
        bounds=(0, 1),
        unit="share of list price",
        doc="to an upline whom a downline has caught up with",
        source=_PRACTICE,
        usual=(0, 0.5),
        meaning=per_cent("of what the downline sells, at list price"),
    )
    buyback: float = Param(
        0.0, bounds=(0, 1), unit="share of unsold stock", doc="taken back from who quits"
    )
    ask_every: int = Param(30, bounds=(1, 3650), unit="days", doc="between two rounds of asking")
    refusal_days: int = Param(
        180,
        bounds=(0, 3650),
        unit="days",
        doc="not asked again after a refusal",
        usual=(0, 1825),
        meaning=years,
    )
    vest_days: int = Param(
        30, bounds=(0, 1000), unit="working days", doc="until one more counts", usual=(0, 250)
    )

    course: bool = Param(True, doc="offer courses")
    course_stop_after: int | None = stop_after("offers of a course")
    ask: bool = Param(True, doc="ask repeat buyers for friends")
    ask_stop_after: int | None = stop_after("asks for friends")
    pitch: bool = Param(True, doc="ask customers to join; if not, only distributors do")
    pitch_stop_after: int | None = stop_after("pitches")

    @property
    def every(self) -> int:
        """Days between two rounds of asking."""
        return self.ask_every

    def programmes(self) -> Iterator[BrandTerm]:
        """Yield the selling plan, and the reward for referring with which its way begins."""
        if (n := len(self.discounts)) != (m := len(self.promote_at)):
            what = "discounts and promote_at must name the same number of levels"
            raise ValueError(f"{what} (got {n} and {m})")
        yield Terms(
            levels=tuple(map(Level, self.discounts, self.promote_at)),
            fee=self.fee,
            stock=self.first_stock,
            referrals=self.referrals_needed,
            courses=self.courses,
            recruit_bonus=self.recruit_bonus,
            peer_bonus=self.peer_bonus,
            buyback=self.buyback,
            refusal_days=self.refusal_days,
            vest_days=self.vest_days,
        )
        yield Referral(cash=self.apprentice_reward, vest_days=self.vest_days)

    def journey(self, product: ProductFacts) -> Iterator[Touch]:
        """Yield what repeat buyers get: a course, and the question that lets them refer first."""
        again = partial(Touch, brand_orders=(self.course_after, None), human=False)
        yield again(
            "course",
            Does.CULTIVATE,
            day=self.course_day,
            cost=self.course_cost,
            account="training",
            draw_key="course",
            part="course",
            stop_after=self.course_stop_after,
        )
        yield again(
            "ask for friends",
            Does.INVITE_FRIENDS,
            day=self.ask_day,
            account="referral_asks",
            draw_key="ask for friends",
            part="ask",
            stop_after=self.ask_stop_after,
        )

    def decide(self, view: "BrandView", day: int) -> None:
        """Ask those to join who have come to courses and referred friends."""
        them = view.customers
        ready = (them["attended"] >= self.courses) & (them["referred"] >= self.referrals_needed)
        ready &= ~them["distributor"] & (them["ask_from"] <= day) & ~them["opted_out"]
        pitch = Touch(
            "pitch",
            Does.PITCH,
            day=0,
            account="recruiting",
            draw_key="pitch",
            part="pitch",
            stop_after=self.pitch_stop_after,
        )
        view.send(pitch, them["person"][ready])

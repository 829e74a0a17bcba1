"""The parameters of behaviour between people: talk, invitations, selling; and of advertising."""

from collections.abc import Iterator

from sim.config.meanings import hours, number, odds, per_day, weight
from sim.config.parameters import Param, Parameters
from sim.config.source_map import Path

MOST_A_DAY = 64
"""Messages, or calls, of one person about one brand on one day; more are not made."""


class TalkRules(Parameters):
    """Word of mouth: a Poisson process while a customer."""

    rate: float = Param(
        0.01, bounds=(0, 1e6), unit="per period", doc="talk of a customer with average ties"
    )
    period_days: float = Param(
        1.0,
        bounds=(0.01, 36500),
        unit="days",
        doc="the period of `rate`",
        usual=(0.01, 3650),
        meaning=hours,
    )
    constant: float = Param(
        0.3, bounds=(0, 1), doc="share of talk that does not depend on satisfaction"
    )
    negative_weight: float = Param(
        1.5,
        bounds=(0, 100),
        doc="how much more the dissatisfied talk",
        source="direction from Anderson 1998; size an assumption",
        usual=(0, 10),
    )
    awareness: float = Param(1.0, bounds=(0, 1), doc="chance that hearing makes aware")
    wake_on_hearing: float = Param(
        0.01, bounds=(0, 1), doc="chance that hearing no ill wakes the need at once"
    )
    expectation: float = Param(
        0.2, bounds=(0, 1), doc="share of the way to the speaker's view, times tie strength"
    )
    trust: float = Param(0.1, bounds=(0, 1), doc="trust moved by a word, times tie strength")
    half_life: float = Param(
        60.0,
        bounds=(0.01, None),
        unit="days",
        doc="half-life of a word as social proof",
        usual=(0.5, 3650),
        meaning=hours,
    )

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield that there is more talk than can be held."""
        yield from _too_many("rate", self.rate / self.period_days, "messages")


class ReferralRules(Parameters):
    """Inviting friends, and following an invitation.

    The motive is delight plus benefit less what asking costs in standing; only those satisfied on
    both counts invite. Logs of 1 + value / (`scale` x price) measure what a reward is worth.
    """

    asked: float = Param(
        0.2, bounds=(0, 1e6), doc="rate of inviting when asked, per unit of motive", usual=(0, 20)
    )
    spontaneous: float = Param(
        0.1,
        bounds=(0, 1e6),
        doc="rate at which a talk becomes an invitation, per unit of motive",
        usual=(0, 20),
    )
    invitations: float = Param(
        5.0,
        bounds=(0, 50),
        unit="ties",
        doc="mean number of ties invited when asked, times sociability",
        usual=(0, 20),
    )
    emotion: float = Param(1.0, bounds=(0, 100), doc="motive per unit of delight", usual=(0, 10))
    scale: float = Param(
        0.1,
        bounds=(1e-4, 100),
        unit="share of price",
        doc="reward that is worth log 2",
        source="about 10 % is usual, ReferralCandy",
        usual=(0.01, 2),
    )
    cash: float = Param(1.0, bounds=(0, 100), doc="motive per log unit of cash", usual=(0, 10))
    goods: float = Param(0.8, bounds=(0, 100), doc="motive per log unit of goods", usual=(0, 10))
    points: float = Param(0.7, bounds=(0, 100), doc="motive per log unit of points", usual=(0, 10))
    honour: float = Param(
        0.15,
        bounds=(0, 100),
        unit="share of price",
        doc="what the way to an honour is worth",
        usual=(0, 2),
    )
    gradient: float = Param(
        1.0,
        bounds=(0, 100),
        doc="how much more a threshold reward is worth just before it is reached",
        source="direction from Kivetz, Urminsky and Zheng 2006; size an assumption",
        usual=(0, 10),
    )
    koc: float = Param(1.5, bounds=(0, 100), doc="multiplies the motive of a KOC", usual=(0, 10))
    cash_cost: float = Param(
        0.35,
        bounds=(0, 100),
        doc="motive lost when friends may think one is paid",
        source="direction from Ryu and Feick 2007; size an assumption",
        usual=(0, 5),
    )
    goods_cost: float = Param(
        0.15, bounds=(0, 100), doc="the same where goods are given", usual=(0, 5)
    )
    points_cost: float = Param(
        0.1, bounds=(0, 100), doc="the same where points are given", usual=(0, 5)
    )
    fairness: float = Param(
        0.6,
        bounds=(0, 1),
        unit="share",
        doc="of that cost and suspicion, taken away when the friend gets something too",
    )
    caution: float = Param(
        2.5,
        doc="log odds against following an invitation; -.inf = all do",
        infinite=True,
        usual=(-10, 10),
    )
    tie: float = Param(
        1.5,
        bounds=(-100, 100),
        doc="log odds of following per unit of tie strength",
        usual=(-10, 10),
        meaning=odds,
    )
    trust: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds of following per unit of trust above the prior",
        usual=(-10, 10),
        meaning=odds,
    )
    known: float = Param(
        0.5,
        bounds=(-100, 100),
        doc="log odds of following if one knew the brand before",
        usual=(-10, 10),
        meaning=odds,
    )
    transparency: float = Param(
        0.5,
        bounds=(-100, 100),
        doc="log odds of following at fully transparent prices",
        usual=(-10, 10),
        meaning=odds,
    )
    offer: float = Param(
        3.0,
        bounds=(-100, 100),
        doc="log odds of following per unit of discount x deal proneness",
        usual=(-20, 20),
        meaning=odds,
    )
    suspicion: float = Param(
        1.0,
        bounds=(0, 100),
        doc="log odds of following lost per unit of the cost of asking",
        usual=(0, 10),
        meaning=odds,
    )
    refusal: float = Param(
        0.3,
        bounds=(0, 100),
        doc="log odds lost per invitation not followed",
        usual=(0, 10),
        meaning=odds,
    )
    wake: float = Param(
        0.1, bounds=(0, 1), doc="chance that following an invitation wakes the need at once"
    )
    bad_tie: float = Param(
        0.2, bounds=(0, 1), doc="share of a tie's strength lost when the friend is disappointed"
    )
    bad_trust: float = Param(0.2, bounds=(0, 1), doc="share of the referrer's trust lost by that")
    bad_delight: float = Param(1.0, bounds=(0, 1), doc="share of delight lost by that")
    redeem: float = Param(
        0.2, bounds=(0, 1), unit="chance per order", doc="points held are spent on goods"
    )


class DistributionRules(Parameters):
    """Selling on one's own account: joining, working, and giving up."""

    reluctance: float = Param(
        4.0,
        doc="log odds against joining when asked; -.inf = all join",
        infinite=True,
        usual=(-10, 10),
    )
    willingness: float = Param(
        4.0,
        bounds=(-100, 100),
        doc="log odds of joining per unit of willingness",
        usual=(-20, 20),
        meaning=odds,
    )
    prejudice: float = Param(
        0.3,
        bounds=(0, 1),
        unit="share of willingness",
        doc="taken away by prejudice against selling to friends",
    )
    cultivation: float = Param(
        0.5,
        bounds=(-100, 100),
        doc="log odds of joining per salon or course attended",
        usual=(-10, 10),
        meaning=odds,
    )
    satisfaction: float = Param(
        2.0,
        bounds=(-100, 100),
        doc="log odds per unit of satisfaction above the gate",
        usual=(-10, 10),
        meaning=odds,
    )
    tie: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds per unit of tie strength, if a distributor asks",
        usual=(-10, 10),
        meaning=odds,
    )
    margin: float = Param(
        2.0,
        bounds=(-100, 100),
        doc="log odds per unit of discount off the list price",
        usual=(-10, 10),
        meaning=odds,
    )
    hope: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds per unit of discount that higher levels have more, peer bonus included",
        usual=(-10, 10),
        meaning=odds,
    )
    fee: float = Param(
        0.5,
        bounds=(0, 100),
        doc="log odds lost per log of 1 + price of entry over product price",
        usual=(0, 10),
        meaning=odds,
    )
    incumbency: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="log odds of staying with the brand one works for, before its satisfaction",
        usual=(-10, 10),
        meaning=odds,
    )
    full_time: float = Param(
        0.5, bounds=(0, 1), doc="chance per unit of willingness that it is one's only work"
    )
    full_time_factor: float = Param(
        5.0,
        bounds=(0.01, 1000),
        doc="calls and hours of full-time work, relative to part-time",
        usual=(1, 20),
    )
    calls: float = Param(
        3.0, bounds=(0, 1e6), unit="per period", doc="calls on ties in part-time work"
    )
    period_days: float = Param(
        7.0,
        bounds=(0.01, 36500),
        unit="days",
        doc="the period of `calls`",
        usual=(0.01, 3650),
        meaning=hours,
    )
    recruiting: float = Param(
        0.2, bounds=(0, 1), unit="share of calls", doc="calls that are about joining"
    )
    persuasion: float = Param(
        1.0,
        bounds=(-100, 100),
        doc="utility of a brand on whose behalf a distributor has just called",
        usual=(0, 10),
        meaning=weight,
    )
    wake: float = Param(0.15, bounds=(0, 1), doc="chance that a sales call wakes the need at once")
    call_days: int = Param(
        14, bounds=(0, 365), unit="days", doc="how long an order counts for the call before it"
    )
    strain: float = Param(
        0.02, bounds=(0, 1), doc="share of a tie's strength lost per call, sales or recruiting"
    )
    review_days: int = Param(
        30, bounds=(1, 3650), unit="days", doc="how often earnings are compared with effort"
    )
    hours: float = Param(
        20.0,
        bounds=(0.01, 720),
        unit="hours per 30 days",
        doc="effort of part-time work",
        usual=(1, 300),
    )
    wage: float = Param(
        20.0,
        bounds=(1e-3, 1e6),
        unit="CNY per hour",
        doc="what the effort should bring",
        usual=(1, 1000),
    )
    giving_up: float = Param(
        -3.0,
        doc="log odds of quitting at a review when the effort paid; -.inf = never",
        infinite=True,
        usual=(-10, 10),
    )
    shortfall: float = Param(
        0.5,
        bounds=(0, 100),
        doc="log odds of quitting per unit of what was expected and not earned, from -5 to 5",
        usual=(0, 10),
        meaning=odds,
    )

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield that there are more calls than can be made."""
        yield from _too_many("calls", self.calls / self.period_days, "calls")


def _too_many(name: str, a_day: float, what: str) -> Iterator[tuple[Path, str]]:
    if a_day > MOST_A_DAY:
        yield (name,), f"{number(a_day)} {what} a day, of which at most {MOST_A_DAY} are made"


class AdvertisingRules(Parameters):
    """Spend makes people aware, with diminishing returns."""

    reach: float = Param(
        0.02,
        bounds=(0, 100),
        unit="per day",
        doc="rate of becoming aware at unlimited spend",
        usual=(0, 1),
        meaning=per_day("of those who can be reached become aware"),
    )
    half_spend: float = Param(
        100.0,
        bounds=(0.01, 1e9),
        unit="CNY per 1,000 people per day",
        doc="spend that gives half of that rate",
        usual=(0.1, 1e5),
    )

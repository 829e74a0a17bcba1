"""Terms of referral: what customers get for friends who buy and keep what they bought."""

from dataclasses import dataclass
from typing import ClassVar

from sim.terms import BrandTerm, Days, Money, Share, Thresholds


@dataclass(frozen=True)
class Referral(BrandTerm):
    """A referral programme; whoever is in the strategy's audience may refer.

    Several programmes of one brand add up.
    """

    TABLE: ClassVar[str] = "programmes"

    cash: float = Money(0.0, doc="for each friend, in cash")
    points: float = Money(0.0, doc="for each friend, in points, at face value")
    goods: float = Money(
        0.0,
        doc="for each friend, in goods, at list value, handed over at `goods_at`",
        alone="a referral programme that hands over goods",
    )
    goods_at: tuple[int, ...] = Thresholds(
        (1, 3, 10), most=3, doc="numbers of friends; after the last there are no more goods"
    )
    points_cost: float = Share(0.5, doc="of their face value: what points cost the brand")
    goods_cost: float = Share(0.5, doc="of their list value: what goods cost the brand")
    points_days: int = Days(365, doc="points lapse when for so long none are earned or spent")
    friend_discount: float = Share(0.0, doc="off the friend's first order; 0: one-sided")
    valid_days: int = Days(30, doc="how long an invitation holds once it is followed")
    vest_days: int = Days(
        30,
        doc="working days from the order until the reward is earned; never before it can no longer "
        "be sent back",
    )

"""What referral writes down: programmes, invitations, rewards, and what a person has with a brand."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sim.mechanisms.referral.terms import Referral as Terms

from ...figures import NOT_YET, cents
from ...things import AtWork, Brand, Order


@dataclass(eq=False)
class Programme:
    """A referral programme. Amounts in cents."""

    number: int
    of: AtWork
    terms: Terms

    def __post_init__(self) -> None:
        self.cash, self.points = cents(self.terms.cash), cents(self.terms.points)
        self.goods = cents(self.terms.goods)


@dataclass(eq=False)
class Invitation:
    number: int
    brand: Brand
    referrer: int
    friend: int
    day: int
    programmes: list[Programme]  # open to the referrer on that day
    followed: int = NOT_YET
    order: Order | None = None
    counted: int = NOT_YET
    void: bool = False

    def row(self) -> tuple[Any, ...]:
        order = -1 if self.order is None else self.order.number
        return (
            *(self.referrer, self.friend, self.day, self.followed, order, self.counted),
            *(self.brand.number, self.void),
        )


class Reward(NamedTuple):
    """What an accrual of referral is about."""

    invitation: Invitation
    programme: Programme
    gives_goods: bool
    first: bool
    """The first of its strategy for that friend."""


@dataclass(eq=False)
class Referrer:
    """What a person has with a brand."""

    followed: Invitation | None = None
    followed_until: int = 0
    refused: int = 0
    bought: int = 0
    counted: int = 0
    goods_claimed: int = 0
    goods_earned: int = 0
    goods_waiting: int = 0
    """Cents of goods earned and not handed over."""

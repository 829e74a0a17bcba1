"""Terms: what a brand offers to whoever meets the condition, in words that strategies use.

Prices hold for a product, a referral programme and an agency for the brand as a whole. Behaviour
reads them from tables (`sim.brands.programmes`), and never knows which strategy they come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.config.scalars import number, text, tidy, whole

MOST = 1e7
"""CNY; no single amount is larger."""
MOST_DAYS = 100_000


def _ascending(field: str, values: Sequence[float]) -> None:
    if list(values) != sorted(values):
        raise ValueError(f"{field} must ascend (got {', '.join(f'{v:g}' for v in values)})")


def _listed(field: str, values: object) -> tuple[object, ...]:
    if not isinstance(values, tuple | list):
        raise ValueError(f"{field} must be a tuple (got {values!r})")
    return tuple(values)


def _numbers(field: str, values: object) -> tuple[int, ...]:
    return tuple(whole(field, value) for value in _listed(field, values))


def _levels(field: str, values: object) -> tuple["Level", ...]:
    given = _listed(field, values)
    if not given:
        raise ValueError("an agency needs at least one level")
    levels = tuple(level for level in given if isinstance(level, Level))
    if len(levels) < len(given):
        raise ValueError(f"{field} must be of class Level (got {values!r})")
    return levels


@dataclass(frozen=True)
class Offer:
    """A discount in the customer's hand.

    Attributes
    ----------
    discount
        Share of the price, 0 to 1.
    days
        How many days it holds.
    """

    discount: float
    days: int = 14

    def __post_init__(self) -> None:
        """Check that it can be meant."""
        tidy(self, "discount", number, 0, 1)
        tidy(self, "days", whole, 0, MOST_DAYS)


@dataclass(frozen=True)
class Price:
    """The list price of a product from day 0 on.

    Attributes
    ----------
    product
        Name.
    price
        CNY; below the price in the market file, the difference is booked as a discount.
    """

    product: str
    price: float

    def __post_init__(self) -> None:
        """Check that it can be asked."""
        tidy(self, "product", text)
        tidy(self, "price", number, 0, MOST)


@dataclass(frozen=True)
class Referral:
    """A referral programme: what customers get for friends who buy and keep what they bought.

    Several programmes of one brand add up. Whoever is in the strategy's audience may refer.

    Attributes
    ----------
    cash, points, goods
        CNY for each friend: in cash; in points at face value; in goods at list value, handed over
        at `goods_at`.
    goods_at
        Numbers of friends, ascending, at most three; after the last there are no more goods.
    points_cost, goods_cost
        What points and goods cost the brand, as a share of their value.
    points_days
        Points lapse when for so many days none are earned or spent.
    koc_from
        Friends from which one is a KOC; 0 for never.
    koc_cost
        CNY that the honour costs: certificate, ceremony.
    koc_privilege
        Discount for good of a KOC, as a share of the price.
    friend_discount
        For the friend's first order, as a share of the price; 0 for a one-sided programme.
    valid_days
        How long an invitation holds once it is followed.
    vest_days
        Working days from the order until the reward is earned; never before it can no longer be
        sent back.
    """

    cash: float = 0.0
    points: float = 0.0
    goods: float = 0.0
    goods_at: tuple[int, ...] = (1, 3, 10)
    points_cost: float = 0.5
    goods_cost: float = 0.5
    points_days: int = 365
    koc_from: int = 0
    koc_cost: float = 0.0
    koc_privilege: float = 0.0
    friend_discount: float = 0.0
    valid_days: int = 30
    vest_days: int = 30

    def __post_init__(self) -> None:
        """Check that it can be meant."""
        tidy(self, "cash points goods koc_cost", number, 0, MOST)
        tidy(self, "points_cost goods_cost koc_privilege friend_discount", number, 0, 1)
        tidy(self, "points_days koc_from valid_days vest_days", whole, 0, MOST_DAYS)
        tidy(self, "goods_at", _numbers)
        at = self.goods_at
        if not (1 <= len(at) <= 3 and min(at) > 0 and len(set(at)) == len(at)):
            raise ValueError("goods_at must be one to three different numbers of friends above 0")
        if max(at) > 100_000:
            raise ValueError(f"goods_at must be at most 100,000 friends (got {max(at)})")
        _ascending("goods_at", at)


@dataclass(frozen=True)
class Level:
    """A level of distributors.

    Attributes
    ----------
    discount
        Off the list price, as a share of it.
    sales
        CNY, at list price, that one's team must have sold to be on this level; the first has 0.
    """

    discount: float
    sales: float = 0.0

    def __post_init__(self) -> None:
        """Check that it can be meant."""
        tidy(self, "discount", number, 0, 1)
        tidy(self, "sales", number, 0, 1e10)


@dataclass(frozen=True)
class Agency:
    """Distributors: who may join, what it costs, what it pays. A brand has one agency at most.

    Attributes
    ----------
    levels
        From the lowest; discounts and sales ascend.
    fee
        CNY for joining.
    stock
        CNY, at list price, of the first stock and of each further lot.
    referrals
        Friends one must have referred, whose orders were kept.
    courses
        After so many attended, no more are offered.
    recruit_bonus
        CNY to a distributor for each person recruited who is still at work when it vests.
    peer_bonus
        Share of the list price to an upline whom a downline has caught up with, in place of the
        difference of discounts.
    buyback
        Share of unsold stock that the brand takes back from who quits, at what was paid for it.
    refusal_days
        How long the brand does not ask again after a refusal.
    vest_days
        Working days until a recruit counts.
    """

    levels: tuple[Level, ...]
    fee: float = 0.0
    stock: float = 0.0
    referrals: int = 1
    courses: int = 1
    recruit_bonus: float = 0.0
    peer_bonus: float = 0.0
    buyback: float = 0.0
    refusal_days: int = 180
    vest_days: int = 30

    def __post_init__(self) -> None:
        """Check that it can be meant."""
        tidy(self, "fee stock recruit_bonus", number, 0, MOST)
        tidy(self, "peer_bonus buyback", number, 0, 1)
        tidy(self, "referrals courses refusal_days vest_days", whole, 0, MOST_DAYS)
        tidy(self, "levels", _levels)
        _ascending("the discounts of levels", [level.discount for level in self.levels])
        _ascending("the sales that lift to levels", [level.sales for level in self.levels])
        if self.levels[0].sales != 0:
            raise ValueError("the first level is had without sales: it must be 0")

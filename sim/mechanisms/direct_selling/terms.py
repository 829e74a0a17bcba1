"""Terms of direct selling: who may join, what it costs, what it pays."""

from dataclasses import dataclass
from typing import ClassVar

from sim.terms import BrandTerm, Count, Days, Money, Several, Share, Term, ascending


@dataclass(frozen=True)
class Level(Term):
    """A level of distributors."""

    discount: float = Share(doc="off the list price")
    sales: float = Money(
        0.0,
        most=1e10,
        doc="at list price, that one's team must have sold to be on this level; the first has 0",
    )


@dataclass(frozen=True)
class SellingPlan(BrandTerm):
    """Distributors of a brand."""

    TABLE: ClassVar[str] = "selling_plans"
    ALONE: ClassVar[str] = "a selling plan"

    levels: tuple[Level, ...] = Several(Level, doc="from the lowest; discounts and sales ascend")
    fee: float = Money(0.0, doc="for joining")
    stock: float = Money(0.0, doc="at list price, of the first stock and of each further lot")
    referrals: int = Count(1, doc="friends one must have referred, whose orders were kept")
    courses: int = Count(1, doc="after so many attended, no more are offered")
    recruit_bonus: float = Money(
        0.0, doc="to a distributor for each person recruited who is still at work when it vests"
    )
    peer_bonus: float = Share(
        0.0,
        doc="of the list price, to an upline whom a downline has caught up with, in place of the "
        "difference of discounts",
    )
    buyback: float = Share(
        0.0, doc="of unsold stock, taken back from who quits at what was paid for it"
    )
    refusal_days: int = Days(180, doc="how long the brand does not ask again after a refusal")
    vest_days: int = Days(30, doc="working days until a recruit counts")

    def check(self) -> None:
        """See that levels ascend from one that is had without sales."""
        ascending("the discounts of levels", [level.discount for level in self.levels])
        ascending("the sales that lift to levels", [level.sales for level in self.levels])
        if self.levels[0].sales != 0:
            raise ValueError("the first level is had without sales: it must be 0")

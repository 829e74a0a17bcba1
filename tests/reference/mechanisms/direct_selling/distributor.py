"""What direct selling keeps: engagements, what a person has with a brand, sales, offers."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...figures import NEVER, NOT_YET
from ...people import Person
from ...things import Brand


@dataclass(eq=False)
class Distributor:
    """One engagement of a person with a brand. Amounts in cents."""

    number: int
    person: Any
    brand: Brand
    upline: "Distributor | None"
    joined: int
    full_time: bool
    level: int = 0
    quit: int = NEVER
    recruits: int = 0
    sales: int = 0
    team: int = 0
    stock: int = 0
    stock_paid: int = 0
    margin: int = 0
    commission: int = 0
    bonus: int = 0
    fee: int = 0
    reviewed: int = 0
    """Earned up to the last review."""
    next_call: float = math.inf
    next_review: int = NEVER
    due: int = NEVER

    @property
    def at_work(self) -> bool:
        return self.quit == NEVER

    @property
    def earned(self) -> int:
        """What has been earned since joining."""
        return self.margin + self.commission + self.bonus

    def row(self) -> tuple[Any, ...]:
        return (
            *(self.person.id, self.brand.number, number(self.upline), self.joined),
            *(NOT_YET if self.at_work else self.quit, self.level, self.full_time, self.recruits),
            *(self.sales, self.team, self.stock, self.stock_paid, self.margin, self.commission),
            *(self.bonus, self.fee, self.reviewed, self.next_call, self.next_review, self.due),
        )


def number(distributor: Distributor | None) -> int:
    return -1 if distributor is None else distributor.number


@dataclass(eq=False)
class Seller:
    """What a person has with a brand, as a distributor or as one who buys from them."""

    attended: int = 0
    ask_from: int = 0
    engagement: Distributor | None = None
    """The latest of one's own."""
    seller: Distributor | None = None
    caller: Distributor | None = None
    call_until: int = 0

    @property
    def at_work(self) -> bool:
        return self.engagement is not None and self.engagement.at_work


class Sale(NamedTuple):
    """An order sold from stock, and what had been paid for that."""

    distributor: Distributor
    released: int


class Offer(NamedTuple):
    """A brand asks somebody to join, by itself or through a distributor."""

    person: Person
    brand: Brand
    recruiter: Distributor | None

    @property
    def place(self) -> tuple[int, int, int]:
        recruiter = -1 if self.recruiter is None else self.recruiter.person.id
        return self.person.id, self.brand.key, recruiter

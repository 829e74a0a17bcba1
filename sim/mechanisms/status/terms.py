"""Terms of status: what who has referred enough friends gets."""

from dataclasses import dataclass
from typing import ClassVar

from sim.terms import BrandTerm, Count, Money, Share


@dataclass(frozen=True)
class Status(BrandTerm):
    """Recognition as a KOC; it is given for friends whom the same strategy rewards."""

    TABLE: ClassVar[str] = "statuses"
    ALONE: ClassVar[str] = "recognition of KOCs"

    friends: int = Count(least=1, doc="from which one is a KOC")
    cost: float = Money(0.0, doc="of the recognition: certificate, ceremony")
    discount: float = Share(0.0, doc="discount for good, off the price")

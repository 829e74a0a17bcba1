"""Terms of prepaid passes: what is paid at once, and for how much."""

from dataclasses import dataclass
from typing import ClassVar

from sim.terms import BrandTerm, Count, Money, Product


@dataclass(frozen=True)
class Prepaid(BrandTerm):
    """A pass for units of one product, drawn down by later orders; it does not lapse."""

    TABLE: ClassVar[str] = "prepaid_passes"
    ALONE: ClassVar[str] = "a prepaid pass"

    product: str | None = Product(doc="that it is good for; none: the first of the brand")
    price: float = Money(20.18, doc="of the pass")
    units: int = Count(101, least=1, doc="packs of the product that it is good for")

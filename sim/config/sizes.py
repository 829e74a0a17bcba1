"""How many packs of a product one order may hold."""

from typing import Annotated

from pydantic import AfterValidator, Field

from sim.people.limits import MOST_UNITS


def _ascending(sizes: tuple[int, ...]) -> tuple[int, ...]:
    if not sizes:
        raise ValueError("a product needs at least one size")
    if list(sizes) != sorted(set(sizes)):
        raise ValueError(f"must ascend (got {', '.join(map(str, sizes))})")
    return sizes


Sizes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=MOST_UNITS)], ...], AfterValidator(_ascending)
]
"""Whole numbers from 1 to `MOST_UNITS`, each above the one before."""

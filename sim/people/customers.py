"""Customers as analysis sees them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state


def customers(world: Any) -> NDArray[np.void]:
    """CUSTOMER[k]: one row for each person and brand with an order, by person, then brand."""
    person, brand = np.nonzero(world.relationships["orders"] > 0)
    relationships = world.relationships[person, brand]
    out = np.empty(person.size, state.CUSTOMER)
    out["person"], out["brand"] = person, brand
    for field in (state.CUSTOMER.fields or {}).keys() & (state.RELATIONSHIP.fields or {}).keys():
        out[field] = relationships[field]
    out["entry_day"] = world.people["entry_day"][person]
    return out

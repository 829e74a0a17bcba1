"""A capacity of staff, put into a market that has been drawn."""

import random
from typing import Any


def with_staff(market: dict[str, Any], often: float = 0.4) -> dict[str, Any]:
    """Return the market in which brands have a staff with a capacity, each with chance `often`.

    It follows from what is known of the market, so that nothing more is drawn for it.
    """
    pick = random.Random(repr(market))
    brands = {}
    for name, each in market["brands"].items():
        staff = {
            "capacity": pick.choice([0, 10, 30, 100, 300]),
            "max_wait": pick.choice([0, 2, 9, None]),
        }
        brands[name] = {**each, "staff": staff} if pick.random() < often else each
    return {**market, "brands": brands}

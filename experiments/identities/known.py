"""What a market says of a brand before it is run: order value and margin."""

from collections.abc import Mapping
from typing import Any

from experiments.identities.program import Interval

MOST_REFUNDED = 0.2
"""Share of orders up to which refunds are allowed for in the margin: the goods of these are lost."""


def of_market(market: Mapping[str, Any], brand: str) -> dict[str, Interval]:
    """Return limits of what a brand takes and keeps per order, for `check`.

    Parameters
    ----------
    market
        As a study has resolved it (`experiments.markets`).
    brand
        Name of the brand. With strategies it may give away and spend more, so its margin and its
        order value then have no lower limit but 0.
    """
    products = list(market["brands"][brand]["products"].values())
    shipping = market["brands"][brand]["shipping_cost"]
    plain = not market["brands"][brand]["strategies"]
    paid = [p["price"] * packs for p in products for packs in p["sizes"]]
    least = [_margin(p, packs, shipping, MOST_REFUNDED) for p in products for packs in p["sizes"]]
    most = [_margin(p, packs, shipping, 0.0) for p in products for packs in p["sizes"]]
    return {
        "aov": (min(paid) if plain else 0.0, max(paid)),
        "margin": (max(min(least), 0.0) if plain else 0.0, max(*most, 0.0)),
    }


def _margin(product: Mapping[str, Any], packs: int, shipping: float, refunded: float) -> float:
    """Return contribution per order over net revenue per order."""
    net = product["price"] * packs * (1 - refunded)
    return (net - product["unit_cost"] * packs - shipping) / net if net > 0 else 0.0

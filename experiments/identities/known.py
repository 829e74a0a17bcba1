"""What a market says of a brand before it is run: order value and margin."""

from collections.abc import Iterable, Mapping
from typing import Any

from experiments.identities.program import Interval

MOST_REFUNDED = 0.2
"""Share of orders up to which refunds are allowed for in the margin: the goods of these are lost."""


def of_market(
    market: Mapping[str, Any], brand: str, free: Iterable[str] = ()
) -> dict[str, Interval]:
    """Return limits of what a brand takes and keeps per order, for `check`.

    Parameters
    ----------
    market
        As a study has resolved it (`experiments.markets`).
    brand
        Name of the brand. Strategies may change prices, give away and spend: of a brand with any the
        market says nothing.
    free
        Dotted paths of what is not known in the market. If products or shipping of the brand are
        among them, it says nothing either.
    """
    unsaid = (f"brands.{brand}.products.", f"brands.{brand}.shipping_cost")
    if market["brands"][brand]["strategies"] or any(path.startswith(unsaid) for path in free):
        return {}
    products = list(market["brands"][brand]["products"].values())
    shipping = market["brands"][brand]["shipping_cost"]
    paid = [p["price"] * packs for p in products for packs in p["sizes"]]
    least = [_margin(p, packs, shipping, MOST_REFUNDED) for p in products for packs in p["sizes"]]
    most = [_margin(p, packs, shipping, 0.0) for p in products for packs in p["sizes"]]
    return {
        "aov": (min(paid), max(paid)),
        "margin": (max(min(least), 0.0), max(*most, 0.0)),
    }


def _margin(product: Mapping[str, Any], packs: int, shipping: float, refunded: float) -> float:
    """Return contribution per order over net revenue per order."""
    net = product["price"] * packs * (1 - refunded)
    return (net - product["unit_cost"] * packs - shipping) / net if net > 0 else 0.0

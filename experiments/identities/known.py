"""What a market says of a brand before it is run: order value and margin."""

from collections.abc import Iterable, Mapping
from typing import Any

from experiments.identities.program import Interval

MOST_REFUNDED = 0.2
"""Share of orders up to which refunds are allowed for in the margin: the goods of these are lost."""

_PRICED = {"price", "unit_cost", "sizes"}


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
        Dotted paths of what is not known in the market. If a price, cost or size of the brand is
        among them, it says nothing either.
    """
    if market["brands"][brand]["strategies"] or any(_priced(path, brand) for path in free):
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


def _priced(path: str, brand: str) -> bool:
    """Tell whether a parameter says what an order of the brand brings or costs."""
    keys = path.split(".")
    if keys[0] != "brands" or len(keys) < 3 or keys[1] not in (brand, "*"):
        return False
    if keys[2] == "products":
        return len(keys) < 5 or keys[4] in _PRICED
    return keys[2] == "shipping_cost"


def _margin(product: Mapping[str, Any], packs: int, shipping: float, refunded: float) -> float:
    """Return contribution per order over net revenue per order."""
    net = product["price"] * packs * (1 - refunded)
    return (net - product["unit_cost"] * packs - shipping) / net if net > 0 else 0.0

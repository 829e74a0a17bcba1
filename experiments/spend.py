"""Equal spend: the same money for every portfolio, however many strategies it has.

A budget is a ceiling, on touches, rewards, commissions and bonuses; what was really spent stands in
the results, as `long_run_spend`.
"""

from collections.abc import Mapping
from typing import Any, Literal

from experiments.markets import Market

Idle = Literal["keep", "advertise"]
EQUAL = 0.05
"""Mean spends that differ by no more than this share of the largest count as the same."""
IDLE = "none"
"""The strategy that does nothing."""


def acting(portfolio: Mapping[str, Any]) -> list[str]:
    """Return the strategies of a portfolio that do something."""
    return [name for name in portfolio if name != IDLE]


def acting_brands(markets: Mapping[str, Market]) -> list[str]:
    """Return the brands that do something in any of some markets."""
    brands = (item for market in markets.values() for item in market["brands"].items())
    return list(dict.fromkeys(name for name, brand in brands if acting(brand["strategies"])))


def budgeted(market: Market, brand: str, spend: float, idle: Idle) -> dict[str, Any]:
    """Return a resolved market in which a brand has so much to spend.

    Parameters
    ----------
    market
        Resolved.
    brand
        Whose money it is: in equal parts for those of its strategies that act.
    spend
        CNY over the run.
    idle
        What a brand without such strategies does with it: keep it, or add it to its advertising.
    """
    own = market["brands"][brand]
    names = acting(own["strategies"])
    changed = dict(own)
    if names:
        part = {"budget": spend / len(names)}
        changed["strategies"] = {
            name: {**given, **(part if name in names else {})}
            for name, given in own["strategies"].items()
        }
    elif idle == "advertise":
        # Advertising is CNY per 1,000 people and day.
        more = spend / market["days"] / market["people"]["n"] * 1000
        changed["advertising"] = {"spend": own["advertising"]["spend"] + more}
    return {**market, "brands": {**market["brands"], brand: changed}}

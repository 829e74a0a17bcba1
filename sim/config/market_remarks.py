"""What is unusual about values of a market from different groups."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.brands.portfolio import prices_of, running
from sim.config.lag import lag
from sim.config.meanings import number
from sim.config.parameters import mean_of
from sim.config.source_map import Path

if TYPE_CHECKING:
    from sim.config.market import MarketConfig

FAR_BEHIND = 0.015
"""Share of all people by which a curve of adoption may be late without a remark (`lag`)."""
USUAL_PRICES = (0.2, 5.0)
"""Prices that strategies set without a remark, in list prices of the product at the start."""


def entry_and_run(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield that not all who come later do so in the run, where the file does not say how long."""
    entry = config.people.entry
    unsaid = entry.kind == "steady" and "over_days" not in entry.model_fields_set
    if unsaid and entry.later > 0 and entry.over_days != config.days:
        part = entry.later * min(1.0, config.days / entry.over_days)
        yield (
            ("people", "entry"),
            f"over_days is not given: {entry.later:.0%} of people come over {entry.over_days} days,"
            f" and {part:.0%} during the run of {config.days:,}",
        )


def unknown_for_ever(config: "MarketConfig") -> bool:
    """Tell whether nobody knows a brand at the start, and none advertises; talk needs a buyer."""
    brands = config.brands.values()
    known = (b.awareness or b.rest_of_category or b.advertising.spend for b in brands)
    return not any(known)


def fast_talk(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield that word of mouth is so fast that it matters that it takes a day."""
    talk = config.behaviour.talk
    a_day = talk.rate / talk.period_days * mean_of(config.people.sociability)
    alone = min(1 / category.cycle_days for category in config.categories.values())
    known = max(1 / config.people.n, min(brand.awareness for brand in config.brands.values()))
    aware, triggered = a_day * talk.awareness, a_day * talk.trigger
    late = max(lag(aware * known, aware), lag(alone or triggered / config.people.n, triggered))
    if config.network.kind != "none" and late > FAR_BEHIND:
        yield (
            ("behaviour", "talk", "rate"),
            f"{number(a_day)} messages of a customer per day: each is heard on the next day only, "
            f"so that a curve of adoption may be late by {min(1.0, late):.1%} of all people",
        )


def far_price(product: str, price: float, start: float) -> str:
    """Return what there is to say about a price that a strategy sets; nothing if it is usual.

    Parameters
    ----------
    product
        Name.
    price, start
        CNY: the price, and the list price in the market file. The text depends on the latter only,
        so that it is the same for all far prices of a product.
    """
    low, high = USUAL_PRICES
    if not start or low <= price / start <= high:
        return ""
    return (
        f"sets a price of {product} below {number(low * start)} or above {number(high * start)} "
        f"CNY: less than {number(low)} or more than {number(high)} times the list price at the "
        f"start, {number(start)} CNY"
    )


def far_prices(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield that strategies set prices for day 0 which are far from those in the file."""
    for b, name, strategy in running(config):
        brand = list(config.brands)[b]
        for product, price in prices_of(strategy, config.brands[brand], config).items():
            start = config.brands[brand].products[product].price
            if what := far_price(product, price, start):
                yield ("brands", brand, "strategies", name), what

"""What is unusual about values of a market from different groups."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.brands.portfolio import prices_of, running
from sim.config.lag import lag
from sim.config.meanings import number
from sim.config.parameters import Constant, mean_of
from sim.config.source_map import Path

if TYPE_CHECKING:
    from sim.config.market import MarketConfig

FAR_BEHIND = 0.015
"""Share of all people by which a curve of adoption may be late without a remark (`lag`)."""
FAR_PRICE = 100
"""How many times the category's price a product may cost without a remark."""
USUAL_PRICES = (0.2, 5.0)
"""Prices that strategies set without a remark, in list prices of the product at the start."""


def of_market(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield all of it."""
    yield from entry_and_run(config)
    yield from fast_talk(config)
    yield from far_prices(config)
    yield from idle_ties(config)
    yield from unknown(config)
    for brand in config.brands:
        yield from unlike_category(config, brand)
        yield from long_budgets(config, brand)


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


def unknown(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield that nobody knows a brand at the start, and none advertises; talk needs a buyer."""
    brands = config.brands.values()
    known = (b.awareness or b.rest_of_category or b.advertising.spend for b in brands)
    if not any(known):
        what = "nobody knows any brand, and nothing makes one known: nobody can ever buy"
        yield ("brands",), what


def idle_ties(config: "MarketConfig") -> Iterator[tuple[Path, str]]:
    """Yield that a parameter of ties has nothing to act on."""
    network, behaviour = config.network, config.behaviour
    same = isinstance(behaviour.experience.expectation, float | Constant)
    if getattr(network, "homophily_dropout", 0.0) and not behaviour.dropout.common and same:
        yield (
            ("network", "homophily_dropout"),
            "nothing is alike by it: behaviour.dropout.common is 0, and all people expect the same "
            "quality (behaviour.experience.expectation)",
        )
    if behaviour.talk.contacts and not getattr(network, "contacts", 0):
        yield (
            ("behaviour", "talk", "contacts"),
            "nobody has contacts to talk to: network.contacts is 0 or missing",
        )


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
    for run in running(config):
        brand, name = list(config.brands)[run.brand], run.name
        for product, price in prices_of(run.strategy, config.brands[brand], config).items():
            start = config.brands[brand].products[product].price
            if what := far_price(product, price, start):
                yield ("brands", brand, "strategies", name), what


def unlike_category(config: "MarketConfig", brand: str) -> Iterator[tuple[Path, str]]:
    """Yield that products of a brand cost far more or less than their category usually does."""
    for product, item in config.brands[brand].products.items():
        usual = config.categories[item.category].price
        if item.price and not 1 / FAR_PRICE <= item.price / usual <= FAR_PRICE:
            path = ("brands", brand, "products", product, "price")
            times = number(item.price / usual)
            yield path, f"{times} times the usual price of {item.category}, {number(usual)}"


def long_budgets(config: "MarketConfig", brand: str) -> Iterator[tuple[Path, str]]:
    """Yield that budgets of a brand come in over more days than the run has."""
    for name, strategy in config.brands[brand].strategies.items():
        if strategy.budget and strategy.budget_days and strategy.budget_days > config.days:
            part = config.days / strategy.budget_days
            text = f"longer than the run of {config.days:,} days: {part:.0%} of the budget"
            path = ("brands", brand, "strategies", name, "budget_days")
            yield path, f"{text} comes in during it"

"""Journeys: what strategies say becomes a table of steps that the engine runs."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.config import Brand, MarketConfig
from sim.draws import name_key
from sim.population import UNLIMITED, cents
from sim.strategy import ProductFacts, Strategy, Touch
from sim.terms import Price


class Running(NamedTuple):
    """A strategy at work for a brand.

    Attributes
    ----------
    brand
        Index of the brand.
    name
        Name in the brand's portfolio.
    strategy
        The strategy with its parameters.
    """

    brand: int
    name: str
    strategy: Strategy


def running(config: MarketConfig) -> list[Running]:
    """Return every strategy at work, brand by brand; one without any budget is absent."""
    return [
        Running(b, name, strategy)
        for b, brand in enumerate(config.brands.values())
        for name, strategy in brand.strategies.items()
        if strategy.budget is None or cents(strategy.budget) > 0
    ]


def audience_key(run: Running, brand: str) -> int:
    """Return the identity in draws of a strategy's audience, its own or that of its group."""
    group = run.strategy.audience.group
    return name_key(brand, run.name) if group is None else name_key(brand, "", group)


def facts(brand: Brand, name: str, config: MarketConfig) -> ProductFacts:
    """Return what a brand knows of its product `name`."""
    product = brand.products[name]
    supply = product.supply_days
    return ProductFacts(
        name=name,
        category=product.category,
        price=product.price,
        cycle_days=config.categories[product.category].cycle_days if supply is None else supply,
        delivery_days=product.delivery_days,
        effect_days=product.effect_days,
        refund_days=product.refund_days,
    )


def compile_steps(
    config: MarketConfig, portfolio: list[Running], brands: NDArray[np.void], products: list[str]
) -> NDArray[np.void]:
    """Return the table of steps of all journeys, and enter each brand's rows in `brands`.

    Parameters
    ----------
    config
        The market.
    portfolio
        The strategies at work, brand by brand.
    brands : BRAND[B]
        `step_start` and `step_end` are set.
    products
        Names of the products, `brand/product`, in the order of their table.

    Returns
    -------
    STEP[S]
    """
    rows: list[NDArray[np.void]] = []
    for b, (brand_name, brand) in enumerate(config.brands.items()):
        brands[b]["step_start"] = len(rows)
        for s, run in enumerate(portfolio):
            if run.brand == b:
                for product in brand.products:
                    names = (brand_name, product)
                    p = products.index("/".join(names))
                    told = run.strategy.journey(facts(brand, product, config))
                    rows.extend(step_row(touch, run, s, names, p) for touch in _unique(told))
        brands[b]["step_end"] = len(rows)
    return np.concatenate(rows) if rows else np.zeros(0, state.STEP)


def terms(config: MarketConfig, portfolio: list[Running]) -> Iterator[tuple[str, Price]]:
    """Yield the terms that strategies set for day 0, each with the name of the brand."""
    for run in portfolio:
        name = list(config.brands)[run.brand]
        brand = config.brands[name]
        for product in brand.products:
            for term in run.strategy.terms(facts(brand, product, config)):
                yield name, term


def _unique(touches: Iterable[Touch]) -> Iterator[Touch]:
    seen: set[str] = set()
    for touch in touches:
        if touch.name in seen:
            raise ValueError(f"two touches of one journey are called {touch.name!r}")
        seen.add(touch.name)
        yield touch


def step_row(
    touch: Touch, run: Running, index: int, names: tuple[str, str], product: int
) -> NDArray[np.void]:
    """Return the row of STEP for one touch.

    Parameters
    ----------
    touch
        The touch.
    run
        The strategy that sends it.
    index
        Place of `run` in the market's portfolio.
    names
        Names of the brand and of the product, the latter empty for any.
    product
        Index of the product, -1 for any.
    """
    row = np.zeros(1, state.STEP)
    row["key"] = name_key(names[0], run.name, touch.name, names[1])
    row["audience_key"] = audience_key(run, names[0])
    row["brand"], row["strategy"], row["product"] = run.brand, index, product
    row["does"] = int(touch.does)
    row["before_depletion"] = touch.before_depletion is not None
    row["days"] = touch.before_depletion if touch.day is None else touch.day
    row["prior_orders"] = touch.prior_orders
    for field, (low, high) in (("brand", touch.brand_orders), ("product", touch.product_orders)):
        row[f"{field}_from"], row[f"{field}_to"] = low, UNLIMITED if high is None else high
    row["human"] = touch.human
    row["extra_cents"] = cents(touch.cost)
    if touch.offer is not None:
        row["offer"], row["offer_days"] = touch.offer.discount, touch.offer.days
    row["share"] = run.strategy.audience.share
    return row

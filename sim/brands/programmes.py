"""Programmes: what strategies offer for the brand as a whole becomes tables."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from sim.brands.journeys import audience_key
from sim.brands.portfolio import Running
from sim.config.market import MarketConfig
from sim.engine.draws import name_key
from sim.mechanisms.declarations import terms
from sim.term_tables import Given, tables_of


def compile_terms(config: MarketConfig, portfolio: list[Running]) -> dict[str, Any]:
    """Return the tables of all terms, by name.

    Parameters
    ----------
    config
        The market.
    portfolio
        The strategies at work, brand by brand.
    """
    names = list(config.brands)
    given = list(_given(config, portfolio))
    tables: dict[str, Any] = {}
    for kind in terms():
        tables |= tables_of(kind, (one for one in given if type(one.term) is kind), len(names))
    return tables


def _given(config: MarketConfig, portfolio: list[Running]) -> Iterator[Given]:
    brands, number = list(config.brands), count()
    products = {
        name: {product: next(number) for product in brand.products}
        for name, brand in config.brands.items()
    }
    for s, run in enumerate(portfolio):
        brand = brands[run.brand]
        key, share = name_key(brand, run.draw_key), run.audience.share
        for term in run.strategy.programmes():
            audience = audience_key(run, brand)
            yield Given(term, run.brand, s, key, audience, share, *run.rules[""], products[brand])

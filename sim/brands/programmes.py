"""Programmes: what strategies offer for the brand as a whole becomes tables."""

from collections.abc import Iterator
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
    given = list(_given(names, portfolio))
    tables: dict[str, Any] = {}
    for kind in terms():
        tables |= tables_of(kind, (one for one in given if type(one.term) is kind), len(names))
    return tables


def _given(brands: list[str], portfolio: list[Running]) -> Iterator[Given]:
    for s, run in enumerate(portfolio):
        brand = brands[run.brand]
        key, share = name_key(brand, run.draw_key), run.strategy.audience.share
        for term in run.strategy.programmes():
            yield Given(term, run.brand, s, key, audience_key(run, brand), share)

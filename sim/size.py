"""How much memory a market needs."""

from sim import state
from sim.books import ACCOUNTS
from sim.brands.portfolio import running
from sim.config.market import MarketConfig
from sim.counts import COUNTS
from sim.engine.calendar import LINK
from sim.mechanisms import installed
from sim.mechanisms.declarations import relationship_tables_of, terms_of
from sim.ties.network import ties

A_TIE = 40
"""Bytes for each direction of a tie while a network is made, as measured; 8 to 12 are kept."""
A_PLACE = 4
"""Bytes for each place on the circle of contacts."""


def of_mechanisms(config: MarketConfig) -> int:
    """Return how many bytes mechanisms keep of a person and a brand, by the terms that are set."""
    given = {type(term) for run in running(config) for term in run.strategy.programmes()}
    used = (one for one in installed() if given.intersection(terms_of(one)))
    return sum(
        table.dtype.itemsize for one in used for table in relationship_tables_of(one).values()
    )


def needed(config: MarketConfig) -> int:
    """Return how much memory a market takes at the least, in bytes: with nothing sold yet."""
    brands, categories = len(config.brands), len(config.categories)
    products = sum(len(brand.products) for brand in config.brands.values())
    forgotten = LINK.itemsize if config.behaviour.awareness.forgets else 0
    occasion, relationship = (
        state.OCCASION.itemsize + LINK.itemsize,
        state.RELATIONSHIP.itemsize
        + LINK.itemsize * (1 + config.behaviour.dropout.on_days())
        + forgotten,
    )
    queued = 12  # a place in the queue of advertising and its threshold
    a_person = (
        state.PERSON.itemsize
        + LINK.itemsize
        + categories * occasion
        + brands * (relationship + of_mechanisms(config) + queued)
        + products * state.HOLDING.itemsize
        + (A_PLACE if getattr(config.network, "contacts", 0) else 0)
    )
    days = config.days * brands * 8 * (len(ACCOUNTS) + len(COUNTS))
    return config.people.n * a_person + int(ties(config.network, config.people.n)) * A_TIE + days

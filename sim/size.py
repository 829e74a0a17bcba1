"""How much memory a market needs."""

from sim import state
from sim.books import ACCOUNTS
from sim.config.market import MarketConfig
from sim.counts import COUNTS
from sim.engine.calendar import LINK
from sim.ties.network import ties

A_TIE = 40
"""Bytes for each direction of a tie while a network is made, as measured; 8 are kept."""


def needed(config: MarketConfig) -> int:
    """Return how much memory a market takes at the least, in bytes: with nothing sold yet."""
    brands, categories = len(config.brands), len(config.categories)
    products = sum(len(brand.products) for brand in config.brands.values())
    need, bond = state.NEED.itemsize + LINK.itemsize, state.BOND.itemsize + LINK.itemsize
    queued = 12  # a place in the queue of advertising and its threshold
    a_person = (
        state.PERSON.itemsize
        + categories * need
        + brands * (bond + state.ALLY.itemsize + queued)
        + products * state.HOLDING.itemsize
    )
    days = config.days * brands * 8 * (len(ACCOUNTS) + len(COUNTS))
    return config.people.n * a_person + int(ties(config.network, config.people.n)) * A_TIE + days

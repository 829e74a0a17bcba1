"""A market that is put away on any day, and a copy of it, go on as if nothing had happened."""

import copy
import pickle
from collections import Counter
from typing import Any

import numpy as np
import pytest
from any_market import lively_markets, of_all, what_happened
from hypothesis import strategies as st

from sim.engine.calendar import Calendar
from sim.market import Market

WAYS = {"pickled": lambda market: pickle.loads(pickle.dumps(market)), "copied": copy.deepcopy}


def columns(table: Any) -> list[np.ndarray]:
    """Return the columns of a table without what lies between them in memory."""
    if isinstance(table, Calendar):
        table = table.link["day"]
    names = table.dtype.names
    return [np.ascontiguousarray(table[name]) for name in names] if names else [table]


def assert_same(one: Market, two: Market) -> None:
    """Check that two markets have the same world, books and counts, to the bit."""
    for name, a, b in zip(one.world._fields, one.world, two.world, strict=True):
        for x, y in zip(columns(a), columns(b), strict=True):
            assert x.tobytes() == y.tobytes(), name
    for a, b in (
        (one.books.daily, two.books.daily),
        (one.books.terminal, two.books.terminal),
        (one.books.unallocated, two.books.unallocated),
        (one.counts, two.counts),
        (one._messages, two._messages),
    ):
        np.testing.assert_array_equal(a, b)


def run(market: Market, days: int) -> Market:
    for _ in range(days):
        market.step()
    return market


@pytest.mark.parametrize("way", WAYS)
def test_a_market_survives_any_day(way):
    seen: Counter[str] = Counter()

    @of_all(lively_markets(), 30, day=st.integers(1, 59))
    def holds(config: dict[str, Any], seed: int, day: int) -> None:
        straight = Market(config, rng=seed)
        straight.run_model()
        market = run(Market(config, rng=seed), min(day, config["days"]))
        twin = WAYS[way](market)
        assert_same(market, twin)
        for later in (twin, market):
            later.run_model()
            assert_same(later, straight)
        straight.run_on()
        twin.run_on()
        assert_same(twin, straight)
        seen.update(what_happened(straight))

    holds()
    for event in ("touches", "clicks", "RESALE VESTED", "REFERRAL VOID", "quits"):
        assert seen[event], f"never seen: {event}"

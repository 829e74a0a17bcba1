"""A run of so many days is the beginning of every longer one, to the bit."""

import numpy as np
from any_market import assert_same, days_of, lively_markets, markets, of_all, quick_and_slow
from hypothesis import strategies as st

from sim.engine.calendar import Calendar
from sim.market import Market
from sim.mechanisms.declarations import relationship_tables

ANY = st.one_of(markets(), lively_markets())
SIZES = {"orders", "invitations", "distributors", "accruals"}
"""Tables of which as many rows are filled as their entry in the tally says."""


def lengthened(config, more, over):
    """Return the market with `more` days, and with budgets that come in over so many days."""
    brands = {
        name: {
            **brand,
            "strategies": {
                key: given | ({"budget_days": over} if given.get("budget") else {})
                for key, given in brand["strategies"].items()
            },
        }
        for name, brand in config["brands"].items()
    }
    entry = config["people"]["entry"]
    entry = entry and {**entry, "over_days": over}
    people = {**config["people"], "entry": entry}
    return {**config, "days": config["days"] + more, "brands": brands, "people": people}


def assert_same_state(one: Market, two: Market) -> None:
    """Check that the two are at the same point, whatever they will do next."""
    assert one.day == two.day
    tally = one.world.tally[0]
    for name, table in one.world._asdict().items():
        other = getattr(two.world, name)
        if isinstance(table, Calendar):
            assert_same(table.link["day"], other.link["day"], name)
        elif name in SIZES:
            assert_same(table[: tally[name]], other[: tally[name]], name)
        elif name in ("tally", "people", "brands", "spent", "reserved"):
            assert_same(table, other, name)
        elif name in ("occasions", "relationships", "holdings", "products", *relationship_tables()):
            assert table.tobytes() == other.tobytes(), name  # NaN is NaN
    assert_same(one.books.daily, two.books.daily, "books")
    assert_same(one.counts, two.counts, "counts")


@quick_and_slow
def test_a_shorter_run_is_the_beginning_of_a_longer_one(examples):
    seen = {"orders": 0, "entries": 0, "budgets": 0}

    @of_all(ANY, examples, more=st.sampled_from([1, 7, 90]), over=st.sampled_from([5, 40, 500]))
    def check(config, seed, more, over):
        short = Market(lengthened(config, 0, over), rng=seed)
        long = Market(lengthened(config, more, over), rng=seed)
        for market in days_of(short):
            long.step()
            assert_same(market.orders, long.orders, "orders")
        assert_same_state(short, long)
        seen["orders"] += short.orders.size
        seen["entries"] += np.count_nonzero(short.world.people["entry_day"] > 0)
        seen["budgets"] += short._budgets.limited

    check()
    assert min(seen.values()) > examples / 10, seen

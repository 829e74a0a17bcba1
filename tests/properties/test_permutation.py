"""Nothing depends on the order of rows: permute the people, and the same people do the same.

Ids go along with the rows, since draws belong to them; ties stay in order of id.
"""

from typing import Any

import numpy as np
import pytest
from any_market import Table, lively_markets, markets, of_all, what_happened
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import calendar
from sim.behaviour.need import enter_all
from sim.market import Market
from sim.world import World

Rows = NDArray[np.int64]
OF_PEOPLE = ("people", "needs", "bonds", "allies", "holdings")
STORED = [
    {"kind": "none"},
    {"kind": "ring"},
    {"kind": "small_world", "mean_degree": 4, "rewire": 0.2, "homophily": 0.5},
    {"kind": "erdos_renyi", "mean_degree": 10, "strength_spread": 0.5},
    {"kind": "scale_free", "mean_degree": 8},
]


def permuted(market: Market, order: Rows) -> Market:
    """Put person `order[k]` in row `k` of a market in which nothing has happened yet."""
    world, place = market.world, np.argsort(order)
    changed: dict[str, Any] = {name: getattr(world, name)[order] for name in OF_PEOPLE}
    spans = [np.arange(world.indptr[i], world.indptr[i + 1]) for i in order]
    changed["indptr"] = np.cumsum([0, *(span.size for span in spans)])
    ties = np.concatenate(spans)
    changed["neighbours"] = place[world.neighbours[ties]].astype(np.int32)
    changed["strength"] = world.strength[ties]
    changed["ad_queue"] = place[world.ad_queue].astype(np.int32)
    changed["needs_due"] = calendar.empty(world.needs.size)
    market.world = world._replace(**changed)
    enter_all(market.handle, 0)
    return market


def identities(world: World, table: Table, names: tuple[str, ...]) -> Rows:
    """Return columns of a table side by side, rows of people given as ids."""
    ids = world.people["id"].astype(np.int64)
    of_people = ("person", "referrer", "friend")
    return np.stack([ids[table[n]] if n in of_people else table[n] for n in names], axis=1)


def sorted_by(table: Table, keys: Rows, leave_out: tuple[str, ...]) -> list[tuple[Any, ...]]:
    rest = [name for name in table.dtype.names if name not in leave_out]
    rows = [(*key, *row) for key, row in zip(keys.tolist(), table[rest].tolist(), strict=True)]
    return sorted(rows)


def events(market: Market) -> dict[str, list[tuple[Any, ...]]]:
    """Return what happened in an order and with names that know of no rows."""
    world, orders, agents = market.world, market.orders, market.distributors
    order_of = identities(world, orders, ("person", "product", "nth_product"))
    invited = identities(world, market.invitations, ("referrer", "friend", "day", "brand"))
    agent_of = identities(world, agents, ("person", "brand", "joined_day"))

    def look_up(names: Rows, rows: Table) -> Rows:
        none = np.full((1, names.shape[1]), -1)
        return np.concatenate([names, none])[rows]

    links = [look_up(agent_of, orders["seller"]), look_up(invited, orders["invitation"])]
    bought = np.concatenate([order_of, *links], axis=1)
    led_to = np.concatenate([invited, look_up(order_of, market.invitations["order"])], axis=1)
    joined = np.concatenate([agent_of, look_up(agent_of, agents["upline"])], axis=1)
    return {
        "orders": sorted_by(orders, bought, ("person", "seller", "invitation")),
        "invitations": sorted_by(market.invitations, led_to, ("referrer", "friend", "order")),
        "distributors": sorted_by(agents, joined, ("person", "upline")),
    }


LINKS = ("invitation", "agent", "seller", "pitcher", "last_order")
"""Rows of other tables, which are numbered as things happen."""


def assert_permuted(one: Market, two: Market, order: Rows) -> None:
    """Check that two markets differ in the order of their people and in nothing else."""
    for name, happened in events(one).items():
        assert happened == events(two)[name], name
    np.testing.assert_array_equal(one.counts, two.counts)
    np.testing.assert_array_equal(one.books.daily, two.books.daily)
    np.testing.assert_array_equal(one.books.held, two.books.held)
    np.testing.assert_array_equal(one.world.spent, two.world.spent)
    for name in OF_PEOPLE:
        here, there = getattr(one.world, name)[order], getattr(two.world, name)
        for field in set(here.dtype.names) - set(LINKS):
            np.testing.assert_array_equal(here[field], there[field], f"{name}.{field}")
    spans = [np.arange(one.world.indptr[i], one.world.indptr[i + 1]) for i in order]
    np.testing.assert_array_equal(one.world.strength[np.concatenate(spans)], two.world.strength)


@st.composite
def permutable(draw: st.DrawFn) -> dict[str, Any]:
    market = draw(st.one_of(markets(), lively_markets(), lively_markets()))
    return market | {"burn_in": 0, "network": draw(st.sampled_from(STORED))}


@pytest.mark.parametrize(
    "examples", [120, pytest.param(1000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_the_order_of_people_does_not_matter(examples):
    seen = []

    @of_all(permutable(), examples, shuffle=st.integers(0, 2**32 - 1))
    def check(config, seed, shuffle):
        one, two = Market(config, rng=seed), Market(config, rng=seed)
        order = np.random.default_rng(shuffle).permutation(one.world.people.size)
        permuted(two, order)
        for market in (one, two):
            market.run_model()
            market.run_on()
        assert_permuted(one, two, order)
        seen.append(what_happened(one))

    check()
    happened = sum(seen[1:], seen[0])
    for name in ("orders", "words", "referred_orders", "resales", "joins", "promotions", "quits"):
        assert happened[name] > 0, name

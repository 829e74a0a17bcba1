"""Nothing depends on the order of rows: permute people or brands, and the same do the same.

Ids of people go along with the rows, since draws belong to them, and ties stay in order of id; a
brand and a product are their names.
"""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from any_market import Table, lively_markets, markets, of_all, what_happened
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.engine import calendar
from sim.market import Market
from sim.people.occasion import enter_all
from sim.world import World
from tests.kept import kept

Rows = NDArray[np.int64]
OF_PEOPLE = ("people", "occasions", "relationships", "holdings")
STORED = [
    {"kind": "none"},
    {"kind": "ring"},
    {"kind": "small_world", "mean_degree": 4, "rewire": 0.2, "homophily": 0.5},
    {"kind": "erdos_renyi", "mean_degree": 10, "strength_spread": 0.5},
    {"kind": "ring", "contacts": 8, "homophily_dropout": 0.7},
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
    for of_tie in ("strength", "last_use"):
        each = getattr(world, of_tie)
        changed[of_tie] = each[ties] if each.size else each
    changed["circle"] = place[world.circle].astype(np.int32)
    changed["ad_queue"] = place[world.ad_queue].astype(np.int32)
    changed["occasions_due"] = calendar.empty(world.occasions.size)
    market.world = world._replace(**changed)
    enter_all(market.handle, 0)
    return market


def identities(world: World, table: Table, names: tuple[str, ...]) -> Rows:
    """Return columns of a table side by side, with identities in place of rows."""
    identity = dict.fromkeys(("person", "referrer", "friend"), world.people["id"].astype(np.int64))
    identity |= {"brand": world.brands["key"], "product": world.products["key"]}
    columns = [identity[n][table[n]] if n in identity else table[n] for n in names]
    return np.stack(columns, axis=1)


def events(market: Market) -> dict[str, list[tuple[Any, ...]]]:
    """Return what happened in an order and with names that know of no rows."""
    world, orders, agents = market.world, market.orders, market.distributors
    order_of = identities(world, orders, ("person", "product", "nth_product"))
    invited = identities(world, market.invitations, ("referrer", "friend", "day", "brand"))
    agent_of = identities(world, agents, ("person", "brand", "joined_day"))

    def look_up(names: Rows, rows: Table) -> Rows:
        none = np.full((1, names.shape[1]), -1)
        return np.concatenate([names, none])[rows]

    bought = [order_of, look_up(agent_of, orders["seller"]), look_up(invited, orders["invitation"])]
    led_to = [invited, look_up(order_of, market.invitations["order"])]
    joined = [agent_of, look_up(agent_of, agents["upline"])]
    told = {"orders": bought, "invitations": led_to, "distributors": joined}
    tables = {name: getattr(market, name) for name in told}
    return {name: _sorted(tables[name], np.concatenate(told[name], axis=1)) for name in told}


LINKS = {
    *("person", "referrer", "friend", "brand", "product", "last_brand"),
    *(
        "invitation",
        "distributor",
        "seller",
        "reseller",
        "upline",
        "pitcher",
        "order",
        "last_order",
        "last_drawdown",
    ),
}
"""Rows of other tables."""


def _sorted(table: Table, keys: Rows) -> list[tuple[Any, ...]]:
    rest = [name for name in table.dtype.names if name not in LINKS]
    rows = zip(keys.tolist(), table[rest].tolist(), strict=True)
    return sorted((*key, *row) for key, row in rows)


def assert_permuted(one: Market, two: Market, people: Rows, brands: Rows) -> None:
    """Check that two markets differ in the order of people and brands and in nothing else."""
    for name, happened in events(one).items():
        assert happened == events(two)[name], name
    np.testing.assert_array_equal(one.counts[:, brands], two.counts)
    np.testing.assert_array_equal(one.books.daily[:, brands], two.books.daily)
    np.testing.assert_array_equal(one.books.terminal[:, brands], two.books.terminal)
    assert sorted(one.world.spent) == sorted(two.world.spent)
    key = one.world.products["key"].tolist()
    products = np.array([key.index(each) for each in two.world.products["key"].tolist()])
    columns = {"relationships": brands, "kept": brands, "holdings": products}
    tables = {name: (getattr(one.world, name), getattr(two.world, name)) for name in OF_PEOPLE}
    for name, (here, there) in {**tables, "kept": (kept(one.world), kept(two.world))}.items():
        here = here[people]
        here = here[:, columns[name]] if name in columns else here
        for field in set(here.dtype.names) - LINKS:
            np.testing.assert_array_equal(here[field], there[field], f"{name}.{field}")
    spans = [np.arange(one.world.indptr[i], one.world.indptr[i + 1]) for i in people]
    np.testing.assert_array_equal(one.world.strength[np.concatenate(spans)], two.world.strength)


def finished(*markets: Market) -> None:
    for market in markets:
        market.run_model()
        market.run_on()


@st.composite
def permutable(draw: st.DrawFn) -> dict[str, Any]:
    market = draw(st.one_of(markets(), lively_markets(), lively_markets()))
    market["people"]["n"] = max(12, market["people"]["n"])  # as many as the densest graph takes
    return market | {"burn_in": 0, "network": draw(st.sampled_from(STORED))}


few_and_many = pytest.mark.parametrize(
    "examples", [120, pytest.param(1000, marks=pytest.mark.slow)], ids=["some", "many"]
)


@few_and_many
def test_the_order_of_people_does_not_matter(examples):
    seen = Counter()

    @of_all(permutable(), examples, shuffle=st.integers(0, 2**32 - 1))
    def check(config, seed, shuffle):
        one, two = Market(config, rng=seed), Market(config, rng=seed)
        people = np.random.default_rng(shuffle).permutation(one.world.people.size)
        finished(one, permuted(two, people))
        assert_permuted(one, two, people, np.arange(len(one.brand_names)))
        seen.update(what_happened(one))

    check()
    for name in (
        "orders",
        "messages",
        "referred_orders",
        "resales",
        "joins",
        "promotions",
        "quits",
    ):
        assert seen[name] > 0, name


@few_and_many
def test_the_order_of_brands_does_not_matter(examples):
    seen = Counter()

    @of_all(
        st.one_of(markets(), lively_markets(), lively_markets()), examples, shuffle=st.randoms()
    )
    def check(config, seed, shuffle):
        one, names = Market(config, rng=seed), list(config["brands"])
        shuffle.shuffle(names)
        two = Market(config | {"brands": {n: config["brands"][n] for n in names}}, rng=seed)
        finished(one, two)
        brands = np.array([one.brand_names.index(name) for name in names])
        assert_permuted(one, two, np.arange(one.world.people.size), brands)
        if names != list(config["brands"]):
            seen.update(what_happened(one))

    check()
    for name in ("orders", "messages", "referred_orders", "resales", "joins", "quits"):
        assert seen[name] > 0, name

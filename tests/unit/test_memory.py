"""How much memory a market needs is known before it is made, and a market too large is not made."""

import resource
from pathlib import Path

import numpy as np
import pytest

from sim import size
from sim.config.load import load_market
from sim.engine import memory
from sim.growth import grow
from sim.market import Market
from sim.mechanisms.declarations import relationship_tables
from sim.people.population import build_world
from sim.ties.network import build, ties
from tests.markets import CREAMS


def held(config) -> int:
    """Return the bytes of all tables of a market in which nothing has happened."""
    world = build_world(config, 1)
    tables = (table for table in world if isinstance(table, np.ndarray))
    calendars = (world.occasions_due, world.talk_due)
    return sum(t.nbytes for t in tables) + sum(c.link.nbytes for c in calendars)


@pytest.mark.parametrize(
    "market", [CREAMS, "skincare", "bass", "bass_regular"], ids=lambda market: Path(market).stem
)
def test_what_is_needed_is_what_is_held(market):
    config = load_market(market, {"people.n": 20_000})
    # Ties take more while they are made, and days have their books.
    more = ties(config.network, config.people.n) * (size.A_TIE - 8)
    books = config.days * len(config.brands) * 1000
    assert held(config) <= size.needed(config) <= 1.05 * held(config) + more + books


@pytest.mark.parametrize(
    "network",
    [
        {"kind": "none"},
        {"kind": "complete"},
        {"kind": "ring", "neighbours_each_side": 3},
        {"kind": "small_world", "mean_degree": 6},
        {"kind": "scale_free", "mean_degree": 6},
        {"kind": "random_regular", "degree": 5},
        {"kind": "erdos_renyi", "mean_degree": 7},
        {"kind": "blocks", "mean_degree_within": 6, "mean_degree_between": 2},
    ],
    ids=lambda network: network["kind"],
)
def test_ties_are_counted_before_they_are_made(network):
    config = load_market(CREAMS, {"people.n": 2000, "network": network}).network
    made = build(config, 2000, np.random.default_rng(1)).neighbours.size
    assert ties(config, 2000) == pytest.approx(made, rel=0.05)


def test_what_is_available_is_less_than_all_and_is_limited_by_the_process():
    free = memory.available()
    assert free is not None
    assert 0 < free < 1 << 50
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 40, before[1]))
    try:
        assert 0 < memory.available() < 1 << 40
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize(
    ("limit", "expected"), [("1000", [350]), ("700", [50]), ("600", [0]), ("max", [])]
)
def test_a_container_may_take_what_is_left_and_what_idles(tmp_path, limit, expected):
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text("850\n")
    (tmp_path / "memory.stat").write_text("anon 600\nfile 250\ninactive_file 200\n")
    assert list(memory._of_group(tmp_path)) == expected


def test_a_market_that_does_not_fit_says_so(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 10**8)
    said = (
        r"a market of 1,000,000 people needs about \S+ GB of memory, and 0.1 GB are free: make it"
    )
    with pytest.raises(MemoryError, match=said):
        Market(CREAMS, rng=1, **{"people.n": 1_000_000})
    assert Market(CREAMS, rng=1, **{"people.n": 100, "days": 1, "burn_in": 0})


def test_where_nobody_knows_everything_is_tried(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 10**9)
    with pytest.raises(MemoryError):
        memory.require(10**18, "this", "no")
    monkeypatch.setattr(memory, "available", lambda: None)
    memory.require(10**18, "this", "no")


def test_a_table_that_outgrows_the_memory_says_so(busy, monkeypatch):
    monkeypatch.setattr("sim.growth._LARGE", 0)
    world = busy().world
    world.tally[0]["orders"] = len(world.orders) - 1
    monkeypatch.setattr(memory, "available", lambda: 10_000)
    with pytest.raises(MemoryError, match=r"further .* records of this market needs about"):
        grow(world)


def test_what_mechanisms_keep_is_counted_by_the_terms_that_are_set(still):
    own = {"referral": {"kind": "cash"}, "agent_recruitment": {}}
    for strategies in ({}, own, {"referral": {"kind": "cash", "koc_from": 0}}):
        market = still(**{"brands.A.strategies": strategies})
        tables = [getattr(market.world, name) for name in relationship_tables()]
        each = sum(table.dtype.itemsize for table in tables if len(table))
        assert size.of_mechanisms(market.config) == each
        assert bool(each) == bool(strategies)

"""A market may take over the beginning of another: to the bit, and that one stays as it is."""

import numpy as np
import pytest

from sim.config.bare import without_strategies
from sim.config.load import load_market
from sim.market import Market
from sim.world import duplicate
from tests.markets import CREAMS

SEED = 7
SMALL = {
    "people.n": 300,
    "people.entry.over_days": 90,
    "days": 60,
    "burn_in": 40,
    "terminal_period": 20,
}
PLAYS = {
    "nothing": {},
    "follow-up": {"service_followup": {}},
    "referral and recruiting": {
        "referral": {"koc_from": 0, "vest_days": 3},
        "agent_recruitment": {"referrals_needed": 0, "courses": 0, "vest_days": 3},
    },
    "prepaid": {"prepaid_pass": {}},
}


def market_of(strategies, **changes):
    return load_market(CREAMS, {**SMALL, **changes, "brands.A.strategies": strategies})


def tables(world):
    for name, table in zip(world._fields, world, strict=True):
        parts = table if isinstance(table, tuple) else (table,)
        for k, part in enumerate(parts):
            yield f"{name}[{k}]", part


def equal(mine, theirs):
    """Compare field by field: between fields are bytes that mean nothing."""
    names = mine.dtype.names
    pairs = [(mine[name], theirs[name]) for name in names] if names else [(mine, theirs)]
    return all(one.tobytes() == other.tobytes() for one, other in pairs)


def same(one, other):
    for (name, mine), (_, theirs) in zip(tables(one.world), tables(other.world), strict=True):
        used = min(len(mine), len(theirs))  # tables have room to spare, and not the same
        assert equal(mine[:used], theirs[:used]), name
    assert one.books.daily.tobytes() == other.books.daily.tobytes()
    assert one.books.terminal.tobytes() == other.books.terminal.tobytes()
    assert one.counts.tobytes() == other.counts.tobytes()


@pytest.fixture(scope="module")
def beginning():
    return Market(without_strategies(market_of({})), rng=SEED)


@pytest.mark.parametrize("strategies", PLAYS.values(), ids=PLAYS)
def test_what_follows_is_the_same_to_the_bit(beginning, strategies):
    config = market_of(strategies)
    alone, after = Market(config, rng=SEED), Market(config, rng=SEED, beginning=beginning)
    for market in (alone, after):
        market.run_model()
        market.run_on()
    assert len(alone.orders) > 100
    same(alone, after)


def test_the_beginning_stays_as_it_is(beginning):
    before = duplicate(beginning.world)
    Market(market_of(PLAYS["follow-up"]), rng=SEED, beginning=beginning).run_model()
    for (name, mine), (_, theirs) in zip(tables(before), tables(beginning.world), strict=True):
        assert equal(mine, theirs), name
        assert not np.shares_memory(mine, theirs)
    assert beginning.day == 0


@pytest.mark.parametrize(
    ("change", "seed"),
    [({"people.n": 301}, SEED), ({"brands.B.awareness": 0.1}, SEED), ({}, SEED + 1)],
    ids=["people", "brand", "seed"],
)
def test_another_market_is_refused(beginning, change, seed):
    with pytest.raises(ValueError, match="beginning"):
        Market(market_of({}, **change), rng=seed, beginning=beginning)


def test_a_market_that_has_moved_on_is_refused():
    config = market_of({})
    moved = Market(config, rng=SEED)
    moved.step()
    with pytest.raises(ValueError, match="beginning"):
        Market(config, rng=SEED, beginning=moved)


def test_a_market_with_strategies_is_no_beginning():
    config = market_of(PLAYS["follow-up"])
    with pytest.raises(ValueError, match="beginning"):
        Market(config, rng=SEED, beginning=Market(config, rng=SEED))

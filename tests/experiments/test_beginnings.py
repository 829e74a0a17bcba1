"""Arms of a replicate begin alike, and are made to begin once."""

import pytest

from experiments import beginnings
from experiments.markets import plain
from sim.config.load import load_market
from sim.market import Market
from tests.markets import CREAMS

SMALL = {"people.n": 200, "days": 20, "burn_in": 20, "terminal_period": 0}


def description(**changes):
    return plain(load_market(CREAMS, {**SMALL, **changes}))


@pytest.fixture
def made(monkeypatch):
    """Markets whose burn-in has been run, since the fixture was asked for."""
    found = []
    burn_in = Market._burn_in
    monkeypatch.setattr(Market, "_burn_in", lambda market: (found.append(market), burn_in(market)))
    beginnings.forget()
    yield found
    beginnings.forget()


FOLLOW_UP = {"brands.A.strategies": {"service_followup": {}}}


def test_arms_with_other_strategies_share_it(made):
    one = beginnings.begin(description(**FOLLOW_UP), 3)
    other = beginnings.begin(description(**{"brands.A.strategies": {}}), 3)
    assert len(made) == 1
    assert len(one.world.steps) > len(other.world.steps) == 0


@pytest.mark.parametrize(
    ("change", "seed"), [({"people.n": 201}, 3), ({"days": 21}, 3), ({}, 4)], ids=str
)
def test_what_differs_otherwise_does_not(made, change, seed):
    beginnings.begin(description(), 3)
    beginnings.begin(description(**change), seed)
    assert len(made) == 2


def test_what_began_in_another_network_does_not(made, tmp_path):
    file = tmp_path / "ties.csv"
    network = {"network": {"kind": "edge_list", "file": str(file)}}
    for ties in ("0,1\n", "0,2\n"):
        file.write_text(ties)
        market = beginnings.begin(description(**network), 3)
    assert len(made) == 2
    assert market.world.indptr[3] - market.world.indptr[2] == 1


def test_it_is_let_go(made):
    beginnings.begin(description(), 3)
    beginnings.forget()
    beginnings.begin(description(), 3)
    assert len(made) == 2


def test_where_two_do_not_fit_each_is_made_by_itself(made, monkeypatch):
    monkeypatch.setattr("sim.engine.memory.available", lambda: 1)
    monkeypatch.setattr("sim.engine.memory.require", lambda *_: None)
    beginnings.begin(description(), 3)
    beginnings.begin(description(**FOLLOW_UP), 3)
    assert len(made) == 2

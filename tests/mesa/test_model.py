"""A Market is a Mesa model in both generations of Mesa."""

import copy
import inspect
import multiprocessing
import pickle
import random
import subprocess
import sys
import tracemalloc
from types import SimpleNamespace

import mesa
import numpy as np
import pytest

from sim.market import Market
from sim.mesa.agents import Brand, Customer

pytestmark = pytest.mark.quick

MESA_3_5 = hasattr(mesa.Model, "run_for")


def fields(table):
    """The bytes of a table without those between its fields, which nobody sets."""
    return [table[name].tobytes() for name in table.dtype.names]


def bits(market):
    """Everything that a run leaves behind."""
    world = market.world
    return (
        fields(market.orders),
        market.counts.tobytes(),
        market.books.daily.tobytes(),
        *(
            fields(table)
            for table in (world.people, world.occasions, world.relationships, world.holdings)
        ),
        market.day,
        market.steps,
        market.running,
        market.random.getstate(),
        market.rng.bit_generator.state["state"],
    )


def run(market, days):
    for _ in range(days):
        market.step()
    return market


# --- what every Mesa model has -------------------------------------------------------------------


def test_it_is_a_model(config):
    market = Market(config, rng=5)
    assert isinstance(market, mesa.Model)
    assert (market.steps, market.running, market.day) == (0, True, 0)
    assert isinstance(market.random, random.Random)
    assert isinstance(market.rng, np.random.Generator)
    market.step()
    assert (market.steps, market.running, market.day) == (1, True, 1)
    market.run_model()
    assert (market.steps, market.running, market.day) == (30, False, 30)


def test_a_seed_decides(config):
    runs = [run(Market(config, rng=seed), 30) for seed in (5, 5, 6)]
    assert bits(runs[0]) == bits(runs[1])
    assert fields(runs[0].orders) != fields(runs[2].orders)
    assert runs[0].random.random() == runs[1].random.random() != runs[2].random.random()
    assert Market(config).seed_used != Market(config).seed_used


def test_looking_at_agents_changes_nothing(config):
    alone, watched = Market(config, rng=5), Market(config, rng=5)
    for _ in range(30):
        alone.step()
        watched.step()
        watched.agents.shuffle_do("step")
        watched.agents.agg("orders", sum)
        assert [
            agent.relationship("A").lifecycle_stage for agent in watched.agents_by_type[Customer]
        ]
    assert bits(alone)[:-2] == bits(watched)[:-2]


def test_parameters_by_dotted_path(config):
    market = Market(config, rng=5, **{"people.n": 33, "brands.A.awareness": 1.0})
    assert len(market.agents_by_type[Customer]) == 33
    assert market.brand("A").aware == 33


# --- scenarios and simulators --------------------------------------------------------------------


def make_scenario(**values):
    if not MESA_3_5:
        return SimpleNamespace(**values)  # Mesa 3.3 has no class for it
    from mesa.experimental.scenarios import Scenario

    return Scenario(**values)


def test_a_scenario_gives_the_seed(config):
    scenario = make_scenario(rng=5, region="north")
    market = Market(config, scenario=scenario)
    assert market.scenario is scenario and market.scenario.region == "north"
    assert bits(run(market, 10)) == bits(run(Market(config, rng=5), 10))
    # as the dashboard of Mesa 3.5 makes a model anew
    assert Market(config, rng=7, scenario=make_scenario(rng=None)).seed_used == 7


@pytest.mark.filterwarnings("ignore:ABMSimulator is deprecated:FutureWarning")
def test_a_simulator_runs_it(config):
    from mesa.experimental.devs import ABMSimulator

    simulator = ABMSimulator()
    market = Market(config, rng=5, simulator=simulator)
    simulator.run_for(10)
    assert market.day == market.steps == 10
    assert fields(market.orders) == fields(run(Market(config, rng=5), 10).orders)


def test_the_dashboard_of_mesa_3_3_finds_kwargs():
    parameters = inspect.signature(Market.__init__).parameters
    assert parameters["kwargs"].kind is inspect.Parameter.VAR_KEYWORD
    required = [
        name
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty and name not in ("self", "kwargs")
    ]
    assert required == []


@pytest.mark.skipif(not MESA_3_5, reason="time and events came with Mesa 3.5")
def test_time_of_mesa_3_5(config):
    market = Market(config, rng=5)
    market.run_for(10)
    assert (market.time, market.steps, market.day) == (10, 10, 10)
    market.run_until(12)
    assert fields(market.orders) == fields(run(Market(config, rng=5), 12).orders)


# --- pickling and copying ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied", (copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))), ids=("deepcopy", "pickle")
)
def test_a_copy_carries_on_with_the_same_bits(config, copied):
    straight = run(Market(config, rng=5), 30)
    market = run(Market(config, rng=5), 12)
    held = market.agents[3]
    other = copied(market)
    assert bits(other) == bits(market)
    run(other, 18)
    assert market.day == 12
    assert bits(other) == bits(straight) == bits(run(market, 18))
    assert other.agents[3].model is other and other.agents[3] is not held
    other.run_on()
    straight.run_on()
    assert other.books.terminal.tobytes() == straight.books.terminal.tobytes()
    assert straight.books.terminal.any()


def test_a_copy_keeps_agents_and_what_is_known_of_them(config):
    market = run(Market(config, rng=5), 3)
    agent = market.agents[4]
    agent.pos = (1, 2)
    market.world.people["role"][9] = 1
    mine = mesa.Agent(market)
    other = pickle.loads(pickle.dumps(market))
    assert other.agents[4].pos == (1, 2)
    assert [type(a).__name__ for a in other.agents[3:10]] == ["Customer"] * 6 + ["KOC"]
    assert [a.unique_id for a in other.agents_by_type[mesa.Agent]] == [mine.unique_id] == [124]
    assert mesa.Agent(other).unique_id == 125
    assert mesa.Agent(market).unique_id == 125


def test_a_pickled_agent_brings_its_market(config):
    market = run(Market(config, rng=5), 3)
    agent = pickle.loads(pickle.dumps(market.agents[4]))
    assert agent is agent.model.agents[4] and type(agent) is Customer
    assert bits(run(agent.model, 5)) == bits(run(market, 5))


def test_a_market_runs_the_same_in_another_process(config):
    # Mesa 3.3 makes "spawn" the start method of the whole program when it is imported; whoever
    # wants another asks for it, as here.
    market = run(Market(config, rng=5), 3)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (other,) = pool.starmap(run, [(market, 5)])
    assert bits(other) == bits(run(market, 5))


def test_two_markets_share_nothing(config):
    first, second = Market(config, rng=5), Market(config, rng=5)
    alone = bits(run(Market(config, rng=5), 30))
    first.agents_by_type[Customer].set("price_sensitivity", 3)
    first.world.people["role"][:50] = 1
    mesa.Agent(first)
    run(first, 10)
    assert (len(first.agents), len(second.agents)) == (124, 123)
    assert len(second.agents_by_type[Customer]) == 120
    assert second.datacollector.model_vars["orders_A"] == []
    assert bits(run(second, 30)) == alone


# --- size ----------------------------------------------------------------------------------------


def test_a_hundred_thousand_people_are_not_a_hundred_thousand_objects(config):
    market = Market(config, rng=5, **{"people.n": 100_000, "burn_in": 0})
    tracemalloc.start()
    try:
        assert len(market.agents) == 100_003
        assert len(market.agents_by_type[Customer]) == 100_000
        rows = tracemalloc.get_traced_memory()[1]
        values = market.agents_by_type[Customer].get("price_sensitivity")
        columns = tracemalloc.get_traced_memory()[1]
        people = list(market.agents_by_type[Customer])
        objects = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(values) == len(people) == 100_000
    assert rows < 4e6 and columns < 12e6  # a few arrays of 0.8 MB; a list of floats, 3.2 MB
    assert 5e6 < objects < 40e6  # the agents, now that they were asked for: up to 300 bytes each


def test_agents_are_kept_only_when_touched(config):
    market = Market(config, rng=5, **{"people.n": 100_000, "burn_in": 0})
    kinds = (market.agents[0], market.agents[99_999], market.brand("A"))
    market.agents_by_type[Customer].agg("orders", [min, max])
    assert sorted(market._handles) == [1, 100_000, 100_001]
    assert [type(agent) for agent in kinds] == [Customer, Customer, Brand]


def test_mesa_is_quiet():
    code = "import sim.market, sim.mesa.agents, sim.mesa.roster, sim.mesa.collect"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)

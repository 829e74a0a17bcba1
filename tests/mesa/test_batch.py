"""mesa.batch_run on a Market, in the way each generation of Mesa has it."""

import mesa
import pytest

from sim.market import Market
from sim.mesa.agents import Brand, Customer
from sim.mesa.collect import DataCollector

MESA_3_5 = hasattr(mesa.Model, "run_for")
QUIET = {"display_progress": False}


class Watched(Market):
    """A market with a collector of its own, as Mesa's users make one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.datacollector = DataCollector(
            {"day": "day"},
            agent_reporters={"orders": "orders"},
            agenttype_reporters={Customer: {"sociability": "sociability"}},
        )
        self.datacollector.collect(self)

    def step(self):
        """Run a day and collect."""
        super().step()
        self.datacollector.collect(self)


def seeded(seeds):
    """Return how each generation is told the seeds: arguments of batch_run, parameters."""
    return ({"rng": seeds}, {}) if MESA_3_5 else ({}, {"rng": seeds})


def batch(config, processes=1, seeds=(5, 6), sizes=(40, 60), **more):
    arguments, parameters = seeded(list(seeds))
    return mesa.batch_run(
        Market,
        parameters={"config": [config], "people.n": list(sizes), **parameters},
        number_processes=processes,
        **arguments,
        **QUIET,
        **more,
    )


def by_run(rows):
    return {(row["people.n"], row["rng"]): row for row in rows}


@pytest.mark.quick
def test_a_batch_is_its_runs(config):
    rows = by_run(batch(config))
    assert set(rows) == {(n, seed) for n in (40, 60) for seed in (5, 6)}
    for (n, seed), row in rows.items():
        market = Market(config, rng=seed, **{"people.n": n})
        market.run_model()
        assert row["customers_A"] == market.brand("A").customers
        assert row["orders_B"] == market.datacollector.model_vars["orders_B"][-1]
        assert row["Step"] == (30 if MESA_3_5 else 29)  # as each counts
    assert len({row["customers_A"] for row in rows.values()}) > 1


def test_a_batch_is_the_same_on_two_processes(config):
    one, two = (by_run(batch(config, processes)) for processes in (1, 2))
    for row in (*one.values(), *two.values()):
        row.pop("RunId")
    assert one == two and len(one) == 4


@pytest.mark.quick
def test_a_batch_has_every_day(config):
    rows = batch(config, seeds=[5], sizes=[40], data_collection_period=1)
    market = Market(config, rng=5, **{"people.n": 40})
    market.run_model()
    assert [row["orders_A"] for row in rows] == market.datacollector.model_vars["orders_A"]
    assert len(rows) == 30


@pytest.mark.quick
def test_iterations_have_seeds_of_their_own(config):
    repeated = {"rng": [None] * 3} if MESA_3_5 else {"iterations": 3}
    rows = mesa.batch_run(Market, parameters={"config": [config]}, **repeated, **QUIET)
    assert [row["iteration"] for row in rows] == [0, 1, 2]
    assert len({tuple(row[f"net_revenue_{b}"] for b in "ABC") for row in rows}) > 1


@pytest.mark.quick
@pytest.mark.skipif(not MESA_3_5, reason="Mesa 3.3 has no argument rng")
def test_mesa_3_5_says_so_where_iterations_are_old(config):
    with pytest.warns(DeprecationWarning, match="iterations"):
        rows = mesa.batch_run(Market, parameters={"config": [config]}, iterations=1, **QUIET)
    assert len(rows) == 1


@pytest.mark.quick
@pytest.mark.skipif(not MESA_3_5, reason="Mesa 3.3 takes seeds as a parameter")
def test_mesa_3_5_overwrites_seeds_given_as_a_parameter(config):
    rows = mesa.batch_run(Market, parameters={"config": [config], "rng": [5, 5]}, **QUIET)
    assert [row["rng"] for row in rows] == [None, None]  # the page for Mesa users warns of it


@pytest.mark.quick
def test_max_steps_counts_as_mesa_counts(config):
    arguments, parameters = seeded([5])
    rows = mesa.batch_run(
        Watched, parameters={"config": [config], **parameters}, max_steps=4, **arguments, **QUIET
    )
    # Mesa 3.3 runs a step too many, and reports the one before
    assert {row["day"] for row in rows} == {4}


@pytest.mark.quick
def test_agents_in_a_batch(config):
    arguments, parameters = seeded([5])
    rows = mesa.batch_run(
        Watched,
        parameters={"config": [config], "people.n": 40, **parameters},
        max_steps=9,
        **arguments,
        **QUIET,
    )
    everybody = [row for row in rows if "orders" in row]
    assert [row["AgentID"] for row in everybody] == list(range(1, 44))
    market = Market(config, rng=5, **{"people.n": 40})
    for _ in range(9):
        market.step()
    assert [row["orders"] for row in everybody] == market.agents.get("orders")
    assert everybody[-1]["orders"] == market.agents_by_type[Brand][2].orders > 0
    if MESA_3_5:  # Mesa 3.3 leaves these out
        told = [row["sociability"] for row in rows if "sociability" in row]
        assert told == market.agents_by_type[Customer].get("sociability")

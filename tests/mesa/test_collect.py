"""Collectors give the frames that Mesa's gives."""

import copy
import functools
import pickle

import mesa
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sim.books import net_revenue
from sim.counts import ORDERS
from sim.market import Market
from sim.mesa.agents import Brand, Customer, Person
from sim.mesa.collect import DataCollector

pytestmark = pytest.mark.quick


def trust(agent, brand):
    return agent.relationship(brand).trust


def doubled(agent):
    return 2 * agent.orders


def orders_so_far(market):
    return market.orders.size


AGENT_REPORTERS = {
    "orders": "orders",
    "money": "net_revenue",
    "double": doubled,
    "half": lambda agent: agent.orders / 2,
    "kind": lambda agent: type(agent).__name__,
    "shifted": functools.partial(lambda by, agent: agent.unique_id + by, 7),
}
PERSON_REPORTERS = {
    "price_sensitivity": "price_sensitivity",
    "favourite": "favourite_brand",
    "there": "in_market",
    "trust": [trust, ["B"]],
}


def both(config, *, days=3, collectors=(mesa.DataCollector, DataCollector), **reporters):
    """Collect on two equal markets, by Mesa and by our own."""
    made = []
    for collector in collectors:
        market = Market(config, rng=5)
        collected = collector(**reporters)
        for _ in range(days):
            market.step()
            collected.collect(market)
        made.append(collected)
    return made


def test_model_reporters(config):
    theirs, ours = both(
        config,
        model_reporters={
            "day": "day",
            "orders": orders_so_far,
            "people": lambda m: len(m.agents_by_type[Customer]),
            "fixed": [max, [3, 4]],
        },
    )
    frame = ours.get_model_vars_dataframe()
    assert_frame_equal(frame, theirs.get_model_vars_dataframe())
    assert frame["day"].tolist() == [1, 2, 3] and frame["orders"].is_monotonic_increasing


def test_agent_reporters(config):
    theirs, ours = both(config, agent_reporters=AGENT_REPORTERS)
    frame = ours.get_agent_vars_dataframe()
    assert_frame_equal(frame, theirs.get_agent_vars_dataframe())
    assert frame.shape == (3 * 123, 6) and frame["orders"].sum() > 0


@pytest.mark.parametrize("kind", (Customer, Brand, Person))
def test_agenttype_reporters(config, kind):
    reporters = {kind: AGENT_REPORTERS if kind is Brand else AGENT_REPORTERS | PERSON_REPORTERS}
    theirs, ours = both(config, agenttype_reporters=reporters)
    frame = ours.get_agenttype_vars_dataframe(kind)
    assert_frame_equal(frame, theirs.get_agenttype_vars_dataframe(kind))
    assert len(frame) == 3 * (3 if kind is Brand else 120)
    assert list(ours._agenttype_records) == list(theirs._agenttype_records)
    for time, records in theirs._agenttype_records.items():  # what batch_run reads
        assert list(ours._agenttype_records[time][kind]) == records[kind]
        assert ours._agenttype_records[time][kind][1] == records[kind][1]


def test_attributes_are_read_without_making_agents(config):
    market = Market(config, rng=5)
    own = DataCollector(
        agent_reporters={"orders": "orders", "traits": "sociability"},
        agenttype_reporters={Person: {"favourite": "favourite_brand"}},
    )
    own.collect(market)
    assert market._handles == {}
    frame = own.get_agent_vars_dataframe()
    assert frame["traits"].isna().tolist() == [False] * 120 + [True] * 3
    assert frame.xs(7, level="AgentID")["traits"].tolist() == [market.agents[6].sociability]


def test_agents_of_ones_own_are_collected(config):
    market = Market(config, rng=5)
    regulator = mesa.Agent(market)
    regulator.strictness = 3
    own = DataCollector(
        agent_reporters={"strictness": "strictness"},
        agenttype_reporters={mesa.Agent: {"id": "unique_id"}},
    )
    own.collect(market)
    frame = own.get_agent_vars_dataframe()
    assert frame["strictness"].dropna().to_dict() == {(0, 124): 3}
    assert own.get_agenttype_vars_dataframe(mesa.Agent)["id"].tolist() == [124]


def test_it_works_on_any_model():
    class Worker(mesa.Agent):
        wage = 5

    model = mesa.Model(rng=1)
    Worker.create_agents(model, 3)
    own = DataCollector({"n": lambda m: len(m.agents)}, {"wage": "wage"}, {Worker: {"w": "wage"}})
    own.collect(model)
    assert own.get_model_vars_dataframe()["n"].tolist() == [3]
    assert own.get_agent_vars_dataframe()["wage"].tolist() == [5, 5, 5]
    assert own.get_agenttype_vars_dataframe(Worker)["w"].tolist() == [5, 5, 5]


def test_mistakes_are_told(market):
    with pytest.raises(AttributeError, match="no agent has the attribute 'ordrs'"):
        DataCollector(agent_reporters={"x": "ordrs"}).collect(market)
    with pytest.raises(ValueError, match="not recognized as an Agent type"):
        DataCollector(agenttype_reporters={int: {"x": "real"}}).collect(market)
    with pytest.raises(UserWarning, match="No agent reporters"):
        DataCollector().get_agent_vars_dataframe()
    with pytest.warns(UserWarning, match="No agent-type reporters"):
        assert DataCollector().get_agenttype_vars_dataframe(Customer).empty


def test_nothing_collected_is_an_empty_frame():
    own = DataCollector(
        agent_reporters={"orders": "orders"}, agenttype_reporters={Customer: {"a": "orders"}}
    )
    frame = own.get_agent_vars_dataframe()
    assert frame.empty and list(frame) == ["orders"] and frame.index.names == ["Step", "AgentID"]
    assert list(own.get_agenttype_vars_dataframe(Customer)) == ["a"]


def test_tables(market):
    own = DataCollector(tables={"visits": ["day", "who"]})
    own.add_table_row("visits", {"day": 3, "who": "A"})
    assert own.get_table_dataframe("visits").to_dict("list") == {"day": [3], "who": ["A"]}


def test_a_collector_is_pickled_with_its_market(market):
    market.datacollector = DataCollector(
        {"day": "day", "orders": orders_so_far},
        {"orders": "orders", "double": doubled},
        {Customer: PERSON_REPORTERS},
    )
    market.datacollector.collect(market)
    other = pickle.loads(pickle.dumps(market))
    for each in (market, other):
        each.step()
        each.datacollector.collect(each)
    for frame in ("get_agent_vars_dataframe", "get_model_vars_dataframe"):
        ours, theirs = (getattr(m.datacollector, frame)() for m in (market, other))
        assert_frame_equal(ours, theirs)
        assert len(ours) == 2 * (123 if "agent" in frame else 1)


# --- the market's own collector ------------------------------------------------------------------


def collected_daily(market):
    """What the market's own collector should say, collected by Mesa's day by day."""

    def of(value, brand):
        return functools.partial(lambda m, b: value(m, m.brand(b)), b=brand)

    values = {
        "orders": lambda m, brand: m.counts[-1, brand.row, ORDERS],
        "net_revenue": lambda m, brand: net_revenue(m.books.daily)[-1, brand.row] / 100,
        "contribution": lambda m, brand: brand.contribution,
        "customers": lambda m, brand: brand.customers,
    }
    reporters = {f"{what}_{b}": of(values[what], b) for b in "ABC" for what in values}
    collector = mesa.DataCollector(model_reporters=reporters)
    while market.running:
        market.step()
        collector.collect(market)
    frame = collector.get_model_vars_dataframe()
    for b in "ABC":  # a brand's contribution is a sum so far
        frame[f"contribution_{b}"] = np.diff(frame[f"contribution_{b}"], prepend=0)
    return frame


def test_the_daily_frame_is_what_collecting_every_day_gives(config):
    market = Market(config, rng=5)
    daily = collected_daily(market)
    frame = market.datacollector.get_model_vars_dataframe()
    assert_frame_equal(frame, daily, check_dtype=False)
    assert len(frame) == 30 and (frame.sum() > 0).all()
    assert frame["customers_A"].diff().min() < 0  # some leave
    assert frame["orders_A"].dtype == frame["customers_A"].dtype == np.int64
    market.run_on()
    assert_frame_equal(market.datacollector.get_model_vars_dataframe(), frame)


def test_the_daily_frame_grows(config):
    market = Market(config, rng=5)
    collector = market.datacollector
    assert len(collector.get_model_vars_dataframe()) == 0
    for days in (1, 2):
        market.step()
        collector.collect(market)  # as Mesa's models do; there is nothing to do
        assert len(collector.get_model_vars_dataframe()) == days
    assert list(collector.model_reporters) == list(collector.model_vars)
    other = copy.deepcopy(market)
    other.step()
    assert [len(m.datacollector.get_model_vars_dataframe()) for m in (market, other)] == [2, 3]


def test_the_daily_collector_is_otherwise_empty(market):
    with pytest.raises(UserWarning, match="No agent reporters"):
        market.datacollector.get_agent_vars_dataframe()
    assert isinstance(market.datacollector, mesa.DataCollector)
    assert isinstance(market.datacollector.get_model_vars_dataframe(), pd.DataFrame)

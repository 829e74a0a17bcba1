"""Roles are classes: who becomes a KOC or a distributor is the same agent of another class."""

import copy
import math
import pickle

import mesa
import numpy as np
import pytest

from sim.counts import COUNTS
from sim.mesa.agents import KOC, Brand, Customer, Distributor, Person
from sim.mesa.collect import DataCollector
from sim.state import NO_DAY

pytestmark = pytest.mark.quick

KINDS = (Customer, KOC, Distributor)
A = "brands.A.strategies"
HIRING = {
    "behaviour.direct_selling.join_intercept": math.inf,
    "behaviour.direct_selling.quit_intercept": -math.inf,
    "behaviour.direct_selling.calls": 0,
}


def roles(market):
    """The highest role of each person, from what he is to each brand."""
    at_work = market.world.selling["distributor"] > 0
    koc = market.world.recognition["koc"] & ~market.world.relationships["dropped_out"]
    return np.where(at_work.any(axis=1), 2, np.where(koc.any(axis=1), 1, 0))


def by_role(market, number):
    return (np.flatnonzero(roles(market) == number) + 1).tolist()


def ids(agents):
    return [agent.unique_id for agent in agents]


@pytest.fixture
def hired(still, agency):
    """A market in which persons 3 and 4 have just begun to work for A; and who they were before."""
    market = still(
        **HIRING, **{A: agency({1: [3, 4]}), "people.n": 10, "network": {"kind": "ring"}}
    )
    market.step()
    return market


# --- a life ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("looks", (True, False))
def test_agents_held_change_their_class_with_the_role_and_back(busy, looks):
    """In a market in which people rise and fall; whether anybody looks at the sets or not."""
    market = busy(
        rng=2, **{"behaviour.direct_selling.quit_intercept": 0, "brands.C.awareness": 0.6}
    )
    held = market.agents.select(agent_type=Person).to_list()
    numbers, seen = [id(agent) for agent in held], [[] for _ in held]
    while market.running:
        market.step()
        for agent, role, past in zip(held, roles(market), seen, strict=True):
            assert type(agent) is KINDS[role] and agent.role == role
            if past[-1:] != [role]:
                past.append(int(role))
        if looks:
            for role, kind in enumerate(KINDS):
                assert ids(market.agents_by_type[kind]) == by_role(market, role)
                assert len(market.agents_by_type[kind]) == len(by_role(market, role))
    assert ids(held) == list(range(1, 121))
    assert [id(agent) for agent in market.agents.select(agent_type=Person)] == numbers
    lives = {tuple(past) for past in seen}
    assert {(0,), (0, 1), (0, 2), (0, 2, 0)} <= lives, lives


def test_the_role_is_the_highest_with_any_brand(still, agency):
    """A KOC of A works for B for a while."""
    changes = {**HIRING, "behaviour.direct_selling.quit_intercept": math.inf, "people.n": 10}
    changes |= {"behaviour.direct_selling.review_days": 10, "brands.B.awareness": 1}
    market = still(**changes, **{"brands.B.strategies": agency({3: [5]})})
    world, agent = market.world, market.agents[5]
    world.relationships["orders"][5] = 1
    world.relationships["role"][5, 0] = world.people["role"][5] = 1
    seen = []
    while market.day < 16:
        market.step()
        relationships = agent.relationships
        seen.append((type(agent), relationships["A"].role, relationships["B"].role))
    assert seen[:3] == [(KOC, "KOC", "customer")] * 3
    assert seen[3:13] == [(Distributor, "KOC", "distributor")] * 10
    assert seen[13:] == [(KOC, "KOC", "customer")] * 3


def test_who_quits_in_the_continuation_is_a_customer_again(hired):
    agent = hired.agents[3]
    hired.run_model()
    assert type(agent) is Distributor
    hired.world.people["exit_day"][3] = 70
    hired.run_on()
    assert hired.distributors["quit_day"][0] != NO_DAY and agent.role == 0
    assert type(agent) is Customer


# --- sets -----------------------------------------------------------------------------------------


def test_sets_are_right_before_and_after(hired):
    workers, customers = hired.agents_by_type[Distributor], hired.agents_by_type[Customer]
    agent = hired.agents[3]
    assert ids(workers) == [] and len(customers) == 10 and agent in customers
    hired.step()
    assert ids(workers) == [4, 5] == ids(hired.agents.select(agent_type=Distributor))
    assert ids(customers) == [1, 2, 3, 6, 7, 8, 9, 10]
    assert agent in workers and agent not in customers and workers[0] is agent
    assert type(agent) is Distributor and (agent.unique_id, agent.row) == (4, 3)
    assert len(workers) == 2 and len(customers) == 8 and len(hired.agents) == 12
    assert hired.agent_types == [Customer, KOC, Distributor, Brand]
    assert ids(workers.select(lambda a: a.row == 4)) == [5]
    assert workers.get("role") == [2, 2] and customers.agg("role", max) == 0
    assert ids(workers.sort("unique_id")) == [5, 4]


def test_a_set_taken_before_keeps_its_members_and_sees_their_class(hired):
    taken = {
        "copy": copy.copy(hired.agents_by_type[Customer]),
        "select": hired.agents_by_type[Customer].select(at_most=10),
        "rows": hired.people_at(np.arange(10)),
        "opened": hired.agents_by_type[Customer].select(lambda a: True).shuffle(),
    }
    taken["sorted"] = taken["rows"].sort("unique_id", ascending=True)
    group = taken["rows"].groupby("role").groups[0]
    hired.step()
    for name, some in {**taken, "group": group}.items():
        assert sorted(ids(some)) == list(range(1, 11)), name
        assert sorted(ids(some.select(agent_type=Distributor))) == [4, 5], name
        assert {k: len(v) for k, v in some.groupby(type)} == {Customer: 8, Distributor: 2}, name
        assert some.groupby("role").count() == {0: 8, 2: 2}, name
        assert some.groupby("role").agg("unique_id", sum) == {0: 46, 2: 9}, name
        assert sorted(ids(some.sort("role")[:2])) == [4, 5], name
        assert some.agg("role", sum) == 4, name
        assert hired.agents[3] in some, name


def test_a_set_of_workers_taken_before_they_quit(hired):
    hired.step()
    workers, live = copy.copy(hired.agents_by_type[Distributor]), hired.agents_by_type[Distributor]
    hired.world.rules["direct_selling_quit_intercept"] = math.inf
    hired.run_model()
    assert ids(workers) == [4, 5] and ids(live) == [] and len(live) == 0
    assert [type(agent) for agent in workers] == [Customer] * 2
    assert hired.agents_by_type[Customer].get("unique_id") == list(range(1, 11))


def test_neighbours_and_customers_come_in_the_class_of_their_role(hired):
    hired.step()
    kinds = [Customer, Customer, Distributor, Distributor, Customer]
    assert [type(a) for a in hired.brand("A").customer_agents[1:6]] == kinds
    assert {type(other) for other in hired.agents[5].ties} == {Customer, Distributor}


# --- collecting, pickling -------------------------------------------------------------------------


@pytest.mark.parametrize("collector", (mesa.DataCollector, DataCollector))
def test_a_collector_of_distributors_collects_those_of_the_day(busy, collector):
    market = busy(**{"days": 40, "brands.C.awareness": 0.6})
    reporters = {"orders": "orders", "role": "role", "kind": lambda a: type(a).__name__}
    collected = collector(agenttype_reporters={Distributor: reporters, Customer: reporters})
    expected = {Distributor: [], Customer: []}
    for _ in range(40):
        market.step()
        collected.collect(market)
        for role, kind in ((2, Distributor), (0, Customer)):
            orders = market.world.relationships["orders"].sum(axis=1)
            for uid in by_role(market, role):
                expected[kind].append((market.steps, uid, orders[uid - 1], role, kind.__name__))
    assert market.counts[..., COUNTS.index("quits")].sum() > 0
    for kind, rows in expected.items():
        frame = collected.get_agenttype_vars_dataframe(kind).reset_index()
        assert [tuple(row) for row in frame.itertuples(index=False)] == rows
    assert len(expected[Distributor]) > 40


def test_agents_in_mid_career_are_pickled_with_their_market(busy):
    market = busy()
    for _ in range(30):
        market.step()
    workers = market.agents_by_type[Distributor]
    held = [market.agents[row] for row in range(120)]
    assert len(workers) > 1
    other, their_workers, theirs = pickle.loads(pickle.dumps((market, workers, held)))
    for each in (market, other):
        each.run_model()
    assert [type(agent) for agent in theirs] == [type(agent) for agent in held]
    assert [type(agent) for agent in theirs] == [KINDS[role] for role in roles(other)]
    assert ids(their_workers) == ids(workers) == by_role(market, 2)
    assert all(other.agents[row] is theirs[row] for row in range(120))
    assert (theirs[0].model is other) and (held[0].model is market)

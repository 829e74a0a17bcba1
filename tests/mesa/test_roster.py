"""Lazy AgentSets do what Mesa's do, and make no agent before they must."""

import copy
import gc
import pickle
from operator import attrgetter

import mesa
import numpy as np
import pytest
from mesa.agent import AgentSet

from sim.market import Market
from sim.mesa.agents import KOC, Brand, Customer, Distributor, Person
from sim.mesa.roster import LazyAgentSet

pytestmark = pytest.mark.quick


class Regulator(mesa.Agent):
    """An agent of a user's own."""

    def __init__(self, model, strictness=1):
        super().__init__(model)
        self.strictness = strictness


def ids(agents):
    return [agent.unique_id for agent in agents]


def rich(agent):
    return agent.price_sensitivity > 1


OPERATIONS = {
    "iterate": ids,
    "reversed": lambda s: ids(reversed(s)),
    "len": len,
    "first": lambda s: s[0].unique_id,
    "last": lambda s: s[-1].unique_id,
    "slice": lambda s: ids(s[3:9]),
    "contains": lambda s: [agent in s for agent in list(s)[:3]],
    "select all": lambda s: ids(s.select()),
    "select": lambda s: ids(s.select(rich)),
    "select some": lambda s: ids(s.select(rich, at_most=7)),
    "select share": lambda s: ids(s.select(at_most=0.3)),
    "select number": lambda s: ids(s.select(at_most=4)),
    "select none": lambda s: ids(s.select(at_most=0)),
    "select by class": lambda s: ids(s.select(agent_type=KOC)),
    "select some of a class": lambda s: ids(s.select(rich, agent_type=Customer, at_most=5)),
    "select share of a class": lambda s: ids(s.select(agent_type=Customer, at_most=0.5)),
    "select in place": lambda s: ids(s.copy().select(rich, inplace=True)),
    "shuffle": lambda s: ids(s.shuffle()),
    "shuffle in place": lambda s: ids(s.copy().shuffle(inplace=True)),
    "sort": lambda s: ids(s.sort("price_sensitivity")),
    "sort with ties": lambda s: ids(s.sort("orders")),
    "sort with ties up": lambda s: ids(s.sort("orders", ascending=True)),
    "sort by function": lambda s: ids(s.sort(lambda a: -a.row)),
    "sort in place": lambda s: ids(s.copy().sort("orders", inplace=True)),
    "get": lambda s: s.get("price_sensitivity"),
    "get many": lambda s: s.get(["unique_id", "favourite_brand", "in_market"]),
    "get a property": lambda s: [sorted(relationships) for relationships in s.get("relationships")],
    "get default": lambda s: s.get("mood", "default", 7),
    "get a property or a default": lambda s: list(
        map(sorted, s.get("relationships", "default", 7))
    ),
    "get no names": lambda s: s.get([]),
    "agg": lambda s: s.agg("orders", sum),
    "agg many": lambda s: s.agg("price_sensitivity", [min, max, np.mean]),
    "map": lambda s: s.map(lambda agent, by: agent.row * by, by=3),
    "map method": lambda s: [relationship.orders for relationship in s.map("relationship", "A")],
    "groupby": lambda s: {k: ids(v) for k, v in s.groupby("favourite_brand")},
    "groupby function": lambda s: {k: ids(v) for k, v in s.groupby(rich)},
    "groupby lists": lambda s: {k: ids(v) for k, v in s.groupby("orders", "list")},
    "groupby count": lambda s: s.groupby("favourite_brand").count(),
    "groupby agg": lambda s: s.groupby("favourite_brand").agg("orders", sum),
    "groupby map": lambda s: s.groupby(rich).map(len),
    "copy": lambda s: ids(copy.copy(s)),
    "and": lambda s: ids(s & s.select(rich)),
    "or": lambda s: ids(s.select(rich) | s),
    "minus": lambda s: ids(s - s.select(rich)),
    "equal": lambda s: (s == s.select(), s == s.select(rich)),
    "index": lambda s: s.index(s[3]),
}


@pytest.mark.filterwarnings("ignore:AgentSet.__getitem__:PendingDeprecationWarning")
@pytest.mark.parametrize("name", OPERATIONS)
def test_it_does_what_mesas_set_does(market, name):
    market.world.people["role"][[4, 8]] = 1
    lazy = market.people_at(np.random.default_rng(1).permutation(100))
    plain = AgentSet(list(lazy), market.random)
    plain.copy = lambda: copy.copy(plain)  # Mesa 3.3's sets have no method for it
    state = market.random.getstate()
    expected = OPERATIONS[name](plain)
    market.random.setstate(state)
    assert type(lazy) is LazyAgentSet
    assert OPERATIONS[name](lazy) == expected


@pytest.mark.parametrize("method", ("do", "shuffle_do"))
def test_doing_calls_each_agent_in_mesas_order(market, method):
    lazy = market.people_at(np.arange(50))
    plain = AgentSet(list(lazy), market.random)
    called: dict[str, list[int]] = {"lazy": [], "plain": []}
    state = market.random.getstate()
    result = getattr(lazy, method)(lambda agent, to: called[to].append(agent.row), "lazy")
    market.random.setstate(state)
    getattr(plain, method)(lambda agent, to: called[to].append(agent.row), to="plain")
    assert result is lazy and called["lazy"] == called["plain"]
    assert (called["lazy"] == list(range(50))) == (method == "do")
    assert lazy.do("step") is lazy


@pytest.mark.parametrize(
    "look",
    (
        len,
        lambda s: s.get("price_sensitivity"),
        lambda s: s.get(["orders", "favourite_brand"]),
        lambda s: s.agg("orders", [min, max]),
        lambda s: s.set("sociability", 1.5),
        lambda s: s.select(agent_type=Person).select(at_most=10).get("orders"),
        lambda s: s.sort("orders").shuffle().copy().get("unique_id"),
        lambda s: s.groupby("favourite_brand").agg("orders", max),
    ),
)
def test_columns_make_no_agents(market, look):
    look(market.agents_by_type[Customer])
    assert market._handles == {}


def test_everything_in_the_market(market):
    assert len(market.agents) == 123
    assert ids(market.agents) == list(range(1, 124))
    kinds = {kind: len(agents) for kind, agents in market.agents_by_type.items()}
    assert kinds == {Customer: 120, KOC: 0, Distributor: 0, Brand: 3}
    assert market.agent_types == list(kinds)
    assert market.agents.get("unique_id") == list(range(1, 124))
    assert sum(market.agents.get("orders")) == 2 * market.orders.size
    with pytest.raises(AttributeError):
        market.agents = []


def test_a_property_that_not_all_have(market):
    with pytest.raises(AttributeError, match="'Brand' object has no attribute 'price_sensi"):
        market.agents.get("price_sensitivity")
    assert len(market._handles) == 1
    got = market.agents.get("price_sensitivity", "default", "none")
    assert got[120:] == ["none"] * 3
    assert got[:120] == market.world.people["price_sensitivity"].tolist()
    mixed = market.agents.shuffle()
    names = mixed.get(["unique_id", "name"], "default", [])
    assert [name for uid, name in names if uid <= 120] == [[]] * 120
    assert {uid: name for uid, name in names if uid > 120} == {121: "A", 122: "B", 123: "C"}
    with pytest.raises(AttributeError, match="no property 'price_sensitivity' to set"):
        market.agents.set("price_sensitivity", 0)
    assert (market.world.people["price_sensitivity"] > 0).all()
    with pytest.raises(ValueError, match="Unknown handle_missing option: no"):
        market.agents.get("orders", "no")


def test_ordinary_sets_of_agents_do_not_empty_themselves(market):
    mine = AgentSet((market.agents[row] for row in range(40)), market.random)
    gc.collect()
    assert ids(mine) == list(range(1, 41))


def test_an_agent_of_ones_own_joins_the_market(market):
    before = market.agents
    regulator, second = Regulator(market), Regulator(market, 2)
    assert len(before) == len(market.agents) == 125 and regulator in market.agents
    assert ids(market.agents) == list(range(1, 126))
    assert market.agent_types == [Customer, KOC, Distributor, Brand, Regulator]
    assert list(market.agents_by_type[Regulator]) == [regulator, second]
    assert market.agents[-1] is second and market.agents[0].unique_id == 1
    assert market.agents.select(agent_type=Customer).get("orders")
    assert list(market.agents.select(agent_type=Regulator)) == [regulator, second]
    assert market.agents.get("strictness", "default", 0) == [0] * 123 + [1, 2]
    assert sorted(ids(market.agents.shuffle())) == list(range(1, 126))
    assert ids(market.agents.sort("unique_id"))[:2] == [125, 124]
    assert market.agents.groupby(type).count() == {Customer: 120, Brand: 3, Regulator: 2}
    assert ids(market.agents.select(lambda a: a.unique_id > 122)) == [123, 124, 125]
    assert ids(market.agents.select(at_most=124))[-1] == 124
    market.agents.set("pos", (3, 4))
    assert regulator.pos == market.agents[0].pos == market.brand("A").pos == (3, 4)
    regulator.remove()
    assert len(market.agents) == 124 and regulator not in market.agents
    assert ids(market.agents_by_type[Regulator]) == [125]


def test_an_agent_removed_meanwhile_is_not_called(market):
    first, second = Regulator(market), Regulator(market)
    called = []

    def visit(agent):
        called.append(agent)
        if agent is first:
            second.remove()

    market.agents.do(visit)
    assert called[-1] is first and len(called) == 124


def test_people_and_brands_stay(market):
    for agent in (market.agents[0], market.brand("A")):
        with pytest.raises(ValueError, match="cannot be removed"):
            agent.remove()
        with pytest.raises(ValueError, match="cannot be removed"):
            market.deregister_agent(agent)
    Regulator(market)
    with pytest.raises(ValueError, match="people and brands cannot be removed") as refused:
        market.remove_all_agents()
    assert 'market.agents_by_type[YourAgent].do("remove")' in str(refused.value)
    assert len(market.agents) == 124
    market.agents_by_type[Regulator].do("remove")  # as the message advises
    assert len(market.agents) == 123


@pytest.mark.parametrize(
    "change",
    (
        lambda s, a: s.add(a),
        lambda s, a: s.discard(a),
        lambda s, a: s.remove(a),
        lambda s, a: s.clear(),
        lambda s, a: s.select(rich, inplace=True),
        lambda s, a: s.shuffle(inplace=True),
        lambda s, a: s.sort("orders", inplace=True),
    ),
)
def test_the_markets_own_sets_cannot_be_changed(market, change):
    for agents in (market.agents, market.agents_by_type[Customer]):
        with pytest.raises(ValueError, match="work on a copy"):
            change(agents, market.agents[3])
    assert len(market.agents) == 123


def test_a_copy_can_be_changed(market):
    some = market.people_at(np.arange(5))
    regulator = Regulator(market)
    some.add(regulator)
    some.discard(market.agents[1])
    some.remove(market.agents[2])
    assert ids(some) == [1, 4, 5, 124] and len(market.agents) == 124
    assert some.get("unique_id") == [1, 4, 5, 124]
    with pytest.raises(KeyError):
        some.remove(market.agents[2])


def test_sets_tell_markets_apart(market, config):
    other = Market(config, rng=5)
    assert other.agents[0] not in market.agents
    assert other.agents[0] not in market.people_at(np.arange(5))
    assert "A" not in market.agents
    assert market.brand("A") not in market.agents_by_type[Customer]
    assert market.agents[0] not in market.agents_by_type[Brand]
    assert market.brand("A") in market.agents


def test_sets_are_pickled_with_their_market(market):
    live, some, agent = pickle.loads(
        pickle.dumps((market.agents, market.people_at(np.array([7, 3])), market.agents[7]))
    )
    assert len(live) == 123 and ids(some) == [8, 4]
    assert agent.model is not market and some[0] is agent is agent.model.agents[7]
    agent.price_sensitivity = 42
    assert some.get("price_sensitivity")[0] == 42 != market.agents[7].price_sensitivity


def test_an_empty_set_is_empty(market):
    nobody = market.agents_by_type[KOC]
    assert (len(nobody), list(nobody), nobody.get("orders"), nobody.get("mood")) == (0, [], [], [])
    assert nobody.agg("orders", sum) == 0 and nobody.get(["orders", "mood"]) == []
    assert list(nobody.shuffle().sort("orders").groupby("orders")) == []
    assert nobody.set("price_sensitivity", 1) is nobody
    with pytest.raises(IndexError):
        nobody[0]


def test_methods_that_another_mesa_may_have_find_the_agents(market):
    three = market.people_at(np.arange(3))
    assert sorted(three._agents, key=attrgetter("row")) == market.agents[:3]


ODD = {
    "select below none": lambda s: ids(s.select(at_most=-1)),
    "select below none that pass": lambda s: ids(s.select(rich, at_most=-3)),
    "select a negative share": lambda s: ids(s.select(at_most=-0.2)),
    "select everybody": lambda s: ids(s.select(at_most=float("inf"))),
    "select a whole share": lambda s: ids(s.select(at_most=1.0)),
    "select one": lambda s: ids(s.select(at_most=1)),
    "select true": lambda s: ids(s.select(at_most=True)),
    "select two and a half": lambda s: ids(s.select(at_most=2.5)),
    "select a tiny share": lambda s: ids(s.select(at_most=1e-9)),
    "select more than there are": lambda s: ids(s.select(rich, at_most=10**6)),
    "select by classes": lambda s: ids(s.select(agent_type=(KOC, Customer))),
    "sort by a part of a property": lambda s: ids(s.sort("pos.real")),
    "negative slice": lambda s: ids(s[-5:-2]),
    "slice backwards": lambda s: ids(s[::-7]),
    "slice beyond": lambda s: ids(s[95:500]),
    "negative index": lambda s: s[-100].unique_id,
    "numpy index": lambda s: s[np.int32(3)].unique_id,
    "true as an index": lambda s: s[True].unique_id,
}
REFUSED = {
    "index of a float": lambda s: s[1.0],
    "index of a list": lambda s: s[[1, 2]],
    "index of an array": lambda s: s[np.array([1, 2])],
    "index of none": lambda s: s[None],
    "index beyond": lambda s: s[100],
    "index below": lambda s: s[-101],
    "select text": lambda s: s.select(at_most="3"),
    "select none": lambda s: s.select(at_most=None),
    "select by a class's name": lambda s: s.select(agent_type="KOC"),
    "get none": lambda s: s.get(None),
    "get what is not there": lambda s: s.get("mood"),
    "get many, one not there": lambda s: s.get(["orders", "mood"]),
    "sort by what is not there": lambda s: s.sort("mood"),
    "sort by none": lambda s: s.sort(None),
    "group by what is not there": lambda s: s.groupby("mood"),
    "aggregate what is not there": lambda s: s.agg("mood", sum),
    "aggregate by none": lambda s: s.agg("orders", None),
    "aggregate groups of what is not there": lambda s: s.groupby("orders").agg("mood", sum),
    "do what is not there": lambda s: s.do("dance"),
    "do nothing": lambda s: s.do(None),
    "map what is not there": lambda s: s.map("dance"),
    "shuffle and do what is not there": lambda s: s.shuffle_do("dance"),
}


@pytest.mark.filterwarnings("ignore:AgentSet.__getitem__:PendingDeprecationWarning")
@pytest.mark.parametrize("name", ODD)
def test_odd_arguments_mean_what_they_mean_to_mesas_set(market, name):
    lazy = market.people_at(np.random.default_rng(1).permutation(100))
    lazy.set("pos", 1.5)
    assert ODD[name](lazy) == ODD[name](AgentSet(list(lazy), market.random))


@pytest.mark.filterwarnings("ignore:AgentSet.__getitem__:PendingDeprecationWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_what_mesas_set_refuses_is_refused_alike(market, name):
    lazy = market.people_at(np.arange(100))
    with pytest.raises((TypeError, AttributeError, IndexError)) as expected:
        REFUSED[name](AgentSet(list(lazy), market.random))
    with pytest.raises(expected.type):
        REFUSED[name](lazy)


def test_what_mesa_would_read_as_something_else_is_refused(market):
    with pytest.raises(ValueError, match="at_most must be a number of agents or a share"):
        market.agents.select(at_most=float("nan"))
    with pytest.raises(ValueError, match="result_type must be 'agentset' or 'list'"):
        market.agents.groupby("unique_id", "lists")


def test_people_are_found_by_rows_or_by_a_mask_and_by_nothing_else(market):
    mask = market.world.people["price_sensitivity"] > 1
    assert ids(market.people_at(mask)) == (np.flatnonzero(mask) + 1).tolist()
    assert ids(market.people_at([7, 3, 7])) == [8, 4]
    assert ids(market.people_at([])) == []
    for rows in ([-1], [120], [1.5], mask[:50], [[1, 2]], ["a"]):
        with pytest.raises(IndexError, match="rows"):
            market.people_at(rows)

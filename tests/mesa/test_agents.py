"""Agents say what the tables say, and write there what may be written."""

import numpy as np
import pytest

from sim.market import Market
from sim.mesa.agents import KOC, Brand, Customer, Distributor, Person
from sim.state import NO_DAY

pytestmark = pytest.mark.quick

FIELDS = ("id", "role", "entry_day", "exit_day", "price_sensitivity", "sociability")


@pytest.mark.parametrize("field", (*FIELDS, "deal_proneness", "contact_sensitivity"))
def test_a_person_reads_its_row(market, field):
    people = market.world.people
    for row in (0, 7, people.size - 1):
        agent = market.agents[row]
        assert agent.row == row and agent.unique_id == row + 1
        assert getattr(agent, field) == people[field][row]
        assert type(getattr(agent, field)) in (int, float)


def test_in_market_follows_entry_and_exit(config):
    config["people"] |= {"entry": {"kind": "steady", "later": 0.5}, "exit_rate": 5.0}
    market = Market(config, rng=2)
    people = market.world.people
    for _ in range(15):
        market.step()
    there = [agent.in_market for agent in market.agents_by_type[Customer]]
    assert there == [
        first <= market.day < gone
        for first, gone in zip(people["entry_day"], people["exit_day"], strict=True)
    ]
    assert 0 < sum(there) < people.size


def test_orders_and_money_add_up(market):
    people, brands = market.agents_by_type[Customer], market.agents_by_type[Brand]
    assert sum(people.get("orders")) == sum(brands.get("orders")) == market.orders.size > 50
    earned = [round(100 * agents.agg("net_revenue", sum)) for agents in (people, brands)]
    assert earned[0] == earned[1] > 0
    assert all(0 < brand.contribution < brand.net_revenue for brand in brands)


def test_a_persons_orders_by_brand(market):
    for agent in market.agents_by_type[Customer]:
        mine = market.orders[market.orders["person"] == agent.row]
        for b, (name, relationship) in enumerate(agent.relationships.items()):
            days = mine["day"][mine["brand"] == b]
            assert relationship.brand == name and relationship.orders == days.size
            assert (relationship.first_day, relationship.last_day) == (
                (days.min(), days.max()) if days.size else (None, None)
            )
        assert agent.orders == mine.size


def test_the_favourite_is_ordered_from_most_then_last(market):
    relationships = market.world.relationships
    relationships["orders"][:3] = [[0, 0, 0], [2, 1, 2], [1, 1, 0]]
    relationships["last_day"][:3] = [[NO_DAY] * 3, [3, 9, 4], [-5, -6, NO_DAY]]
    assert market.people_at(np.arange(3)).get("favourite_brand") == [None, "C", "A"]
    assert market.agents[2].favourite_brand == "A"


def test_a_bond_reads_its_cell(market):
    relationships = market.world.relationships
    names = {"satisfaction": "overall", "trust": "trust", "expectation": "expectation"}
    names |= {"product_satisfaction": "product", "service_satisfaction": "service"}
    row = int(np.flatnonzero(relationships["orders"][:, 1])[0])
    relationship = market.agents[row].relationship("B")
    for name, field in names.items():
        assert getattr(relationship, name) == relationships[field][row, 1] > 0
    assert relationship.net_revenue == relationships["net_cents"][row, 1] / 100
    with pytest.raises(AttributeError):
        relationship.trust = 1.0
    with pytest.raises(KeyError, match="no brand 'Z'; this market has A, B, C"):
        market.agents[row].relationship("Z")


def test_lifecycle_stage(market):
    row, day = 3, market.day
    relationship = market.agents[row].relationship("A")
    cell, holding = market.world.relationships[row, 0], market.world.holdings[row, 0]
    market.world.holdings["orders"][row] = 0
    cell["dropped_out"] = cell["opted_out"] = False
    cell["orders"] = 0
    seen = [relationship.lifecycle_stage]
    cell["orders"], holding["orders"], holding["last_day"] = 1, 1, day
    seen.append(relationship.lifecycle_stage)
    cell["orders"] = 2
    seen.append(relationship.lifecycle_stage)
    holding["last_day"] = day - 10_000
    seen.append(relationship.lifecycle_stage)
    cell["opted_out"] = True
    seen.append(relationship.lifecycle_stage)
    cell["dropped_out"] = True
    seen.append(relationship.lifecycle_stage)
    assert seen == ["prospect", "first-time", "repeat", "lapsed", "opted out", "dropped_out"]


def test_needs(market):
    needs = market.world.occasions
    row = int(np.flatnonzero(needs["last_brand"][:, 0] >= 0)[0])
    need = market.agents[row].occasions["skincare"]
    assert (need.category, need.cycle_days, need.due_day) == (
        "skincare",
        needs["cycle"][row, 0],
        needs["due"][row, 0],
    )
    assert need.last_brand == "ABC"[needs["last_brand"][row, 0]]
    nobody = int(np.flatnonzero(needs["last_brand"][:, 0] < 0)[0])
    assert market.agents[nobody].occasion("skincare").last_brand is None


def test_ties(market, config):
    world = market.world
    for row in (0, 50):
        told = world.neighbours[world.indptr[row] : world.indptr[row + 1]]
        assert [other.row for other in market.agents[row].ties] == told.tolist() != []
    config["network"] = {"kind": "complete"}
    everybody = Market(config, rng=5)
    assert [a.row for a in everybody.agents[2].ties] == [r for r in range(120) if r != 2]


def test_a_brand(market):
    brand = market.brand("B")
    relationships = market.world.relationships[:, 1]
    assert type(brand) is Brand and brand is market.agents_by_type[Brand][1]
    assert (brand.name, brand.aware) == ("B", relationships["aware"].sum())
    assert brand.prices == {"cream": 199.0, "serum": 299.0}
    assert list(brand.strategies) == ["service_followup"]
    staying = np.flatnonzero((relationships["orders"] > 0) & ~relationships["dropped_out"])
    assert [agent.row for agent in brand.customer_agents] == staying.tolist()
    assert brand.customers == staying.size < (relationships["orders"] > 0).sum()
    with pytest.raises(KeyError, match="no brand 'Z'"):
        market.brand("Z")


def test_a_trait_is_written_to_the_table_and_counts(config):
    def run(change):
        market = Market(config, rng=5)
        change(market)
        market.run_model()
        return market

    untouched = run(lambda market: None)
    one = run(lambda market: setattr(market.agents[4], "price_sensitivity", 0))
    everybody = run(lambda m: m.agents_by_type[Customer].set("price_sensitivity", 9.5))
    assert one.world.people["price_sensitivity"][4] == 0 == one.agents[4].price_sensitivity
    assert (one.world.people["price_sensitivity"][5:] > 0).all()
    assert (everybody.world.people["price_sensitivity"] == 9.5).all()
    assert everybody.orders.size < untouched.orders.size


@pytest.mark.parametrize("value", (-1, float("nan"), float("inf")))
def test_a_trait_must_be_a_number(market, value):
    before = market.world.people.tobytes()
    with pytest.raises(ValueError, match="price_sensitivity must be a number of 0 or more"):
        market.agents[0].price_sensitivity = value
    with pytest.raises(ValueError, match="price_sensitivity"):
        market.agents_by_type[Customer].set("price_sensitivity", value)
    assert market.world.people.tobytes() == before


@pytest.mark.parametrize("name", ("role", "unique_id", "orders", "favourite_brand", "in_market"))
def test_what_follows_from_events_cannot_be_set(market, name):
    before = market.world.people.tobytes()
    with pytest.raises(AttributeError, match=f"'{name}' cannot be set"):
        setattr(market.agents[0], name, 1)
    with pytest.raises(AttributeError, match=f"'{name}' cannot be set"):
        market.agents_by_type[Customer].set(name, 1)
    assert market.world.people.tobytes() == before


@pytest.mark.parametrize(
    "name", ("mood", "price_sensitivty", "model", "row", "relationships", "step")
)
def test_what_is_no_property_cannot_be_set(market, name):
    with pytest.raises(AttributeError, match=f"Customer has no property '{name}' to set"):
        setattr(market.agents[0], name, 1)
    with pytest.raises(AttributeError, match=f"no property '{name}' to set"):
        market.agents_by_type[Customer].set(name, 1)
    with pytest.raises(AttributeError, match=f"Brand has no property '{name}' to set"):
        setattr(market.brand("A"), name, 1)


def test_a_place_in_a_space_is_remembered(market):
    agent = market.agents[0]
    agent.pos = (1, 2)
    assert market.agents[0].pos == (1, 2) and market.agents[1].pos is None


@pytest.mark.parametrize("kind", (Customer, KOC, Distributor, Brand))
def test_agents_of_the_market_are_not_made_by_hand(market, kind):
    with pytest.raises(TypeError, match=f"a {kind.__name__} comes with the market"):
        kind(market)
    with pytest.raises(TypeError, match="comes with the market"):
        kind.create_agents(market, 3)
    assert len(market.agents) == 123


def test_an_agent_is_one_object_with_a_name(market):
    assert market.agents[5] is market.agents[5] is market.agents_by_type[Customer][5]
    assert repr(market.agents[5]) == "<Customer 6>" and repr(market.brand("A")) == "<Brand 121>"
    assert market.agents[5].random is market.random and market.agents[5].rng is market.rng


def test_a_changed_role_changes_the_class_and_nothing_else(market):
    agent = market.agents[10]
    known = market.people_at(np.array([9, 10, 11]))
    assert type(agent) is Customer
    market.world.people["role"][10] = 1
    assert agent in market.agents_by_type[KOC] and agent not in market.agents_by_type[Customer]
    assert list(market.agents_by_type[KOC]) == [agent] and type(agent) is KOC
    assert len(market.agents_by_type[Customer]) == 119
    assert (agent.unique_id, agent.row, agent.role) == (11, 10, 1)
    assert agent in known and agent in market.agents
    assert known.select(agent_type=KOC).to_list() == [agent]
    market.world.people["role"][10] = 2
    assert market.agents[10] is agent and type(agent) is Distributor
    assert market.agents.select(agent_type=Person).ids.size == 120


def test_a_role_that_changes_in_a_step_changes_the_agent_held(market):
    held, other = market.agents[10], market.agents[20]
    market.step()
    market.world.people["role"][10] = 1
    market.step()
    assert isinstance(held, KOC) and type(other) is Customer
    market.world.people["role"][10] = 0
    market.world.people["role"][20] = 2
    market.step()
    assert type(held) is Customer and type(other) is Distributor

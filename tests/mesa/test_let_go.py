"""A market that nobody needs any more is let go, whatever agents a user has put into it."""

import copy
import gc
import pickle
import weakref

import mesa
import pytest
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid
from mesa.space import SingleGrid

from sim.market import Market
from sim.mesa.agents import Customer
from sim.mesa.collect import DataCollector

pytestmark = pytest.mark.quick


class Regulator(mesa.Agent):
    def __init__(self, model, limit=0):
        super().__init__(model)
        self.limit, self.seen = limit, None

    def step(self):
        self.seen = self.model.brand("A").contribution


class Inspector(Regulator):
    pass


class Shop(CellAgent):
    pass


def watched(market):
    """What a user may do with agents of their own, all at once."""
    kept = [Regulator(market), *Regulator.create_agents(market, 3, limit=[1, 2, 3])]
    inspectors = Inspector.create_agents(market, 2)
    inspectors.do("step")
    market.agents.groupby(type).do("shuffle")
    market.agents_by_type[Regulator].sort("limit").select(lambda agent: agent.limit)
    collectors = [
        mesa.DataCollector(agenttype_reporters={Regulator: {"limit": "limit"}}),
        DataCollector(agenttype_reporters={Customer: {"orders": "orders"}}),
    ]
    for collector in collectors:
        collector.collect(market)
    market.collectors = collectors
    kept[0].friends = list(market.agents[:5])
    kept[1].remove()
    return kept


def in_a_grid(market):
    agent = Regulator(market)
    grid = SingleGrid(3, 3, torus=False)
    grid.place_agent(agent, (1, 1))
    return agent


def copied(market):
    Regulator(market)
    again = copy.deepcopy(market), pickle.loads(pickle.dumps(market))
    return [Regulator(market) for market in again]


@pytest.mark.parametrize("use", [Regulator, watched, in_a_grid, copied])
def test_markets_with_agents_of_ones_own_are_let_go(config, use):
    gone = []
    for seed in range(3):
        market = Market(config, rng=seed)
        kept = use(market)
        market.step()
        gone.append(weakref.ref(market))
        del market, kept
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3


def test_numbers_go_on_when_the_counter_of_mesa_is_dropped(market):
    n = len(market.agents)
    own = [Regulator(market), *Regulator.create_agents(market, 2), Inspector(market)]
    assert [agent.unique_id for agent in own] == [n + 1, n + 2, n + 3, n + 4]
    own[0].remove()
    assert Regulator(market).unique_id == n + 5
    assert len({agent.unique_id for agent in market.agents}) == len(market.agents) == n + 4


def test_other_models_are_numbered_as_ever(market):
    model = mesa.Model(rng=1)
    first = mesa.Agent(model)
    Regulator(market)
    assert [first.unique_id, mesa.Agent(model).unique_id] == [1, 2]


def test_from_a_grid_of_cells_agents_are_taken_out_first(config):
    """Mesa's cells are in a cache of their class for ever, and hold the agents on them."""
    market = Market(config, rng=1)
    grid = OrthogonalMooreGrid((3, 3), random=market.random)
    shop = Shop(market)
    shop.cell = grid[1, 1]
    assert len(shop.cell.get_neighborhood()) == 8
    gone = weakref.ref(market)
    market.agents_by_type[Shop].do("remove")
    del market, grid, shop
    gc.collect()
    assert gone() is None

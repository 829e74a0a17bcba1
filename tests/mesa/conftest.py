"""Small markets: everything happens in them, within a month."""

import copy

import pytest

from sim.market import Market

CONFIG = {
    "days": 30,
    "burn_in": 20,
    "terminal_period": 5,
    "people": {"n": 120},
    "categories": {
        "skincare": {"usage": {"dist": "gamma", "mean": 30, "shape": 2}, "price": 199},
    },
    "brands": {
        brand: {
            "share": 0.3,
            "awareness": 0.5,
            "advertising": {"spend": 50},
            "products": {
                "cream": {"category": "skincare", "price": 199, "unit_cost": 56},
                "serum": {"category": "skincare", "price": 299, "unit_cost": 80},
            },
            "strategies": {"service_followup": {}},
        }
        for brand in "ABC"
    },
}


@pytest.fixture
def config():
    return copy.deepcopy(CONFIG)


@pytest.fixture
def market(config):
    """A market half-way through its run."""
    market = Market(config, rng=5)
    for _ in range(15):
        market.step()
    return market

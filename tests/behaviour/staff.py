"""What tests of distributors share: a market in which all join, or half, and how to look at it."""

import math
from typing import Any

import numpy as np

from sim.counts import COUNTS
from sim.hooks import discount
from sim.market import Market
from sim.people.messages import Kind
from sim.state import MESSAGE, NO_DAY

A = "brands.A.strategies"
CREAM = "brands.A.products.cream"
RULES = "behaviour.direct_selling."
_OFF = (
    "join_intercept",
    "willingness",
    "cultivation",
    "satisfaction",
    "tie",
    "margin",
    "expected_advancement",
    "fee",
)
_IDLE = ("incumbency", "full_time", "calls", "persuasion", "trigger", "tie_erosion")
EVEN: dict[str, Any] = {f"{RULES}{name}": 0 for name in (*_OFF, *_IDLE)}
"""Nothing speaks for or against joining, so half do; nobody calls, and a call does nothing."""
ALL = {**EVEN, f"{RULES}join_intercept": math.inf, f"{RULES}quit_intercept": -math.inf}
"""Whoever is asked joins and stays."""
NOBODY = {**EVEN, f"{RULES}join_intercept": -math.inf}
FRESH = {"categories.cream.start": "fresh"}
"""All run out on day 30, and 30 days later again."""


def logistic(utility: float) -> float:
    return 1 / (1 + math.exp(-utility))


def count(market: Market, name: str, brand: int = 0) -> np.ndarray:
    """Return what was counted each day."""
    return market.counts[:, brand, COUNTS.index(name)]


def discount_of(market: Market, person: int) -> float:
    """Return the discount that terms give a person on a pack of A's first product."""
    return float(discount(market.world, person, 0, 1, market.day))


def steps(market: Market, days: int) -> Market:
    for _ in range(days):
        market.step()
    return market


def at_work(market: Market, brand: int = 0) -> np.ndarray:
    """Return the people at work for a brand, checked in all places where it is written."""
    people, agents = market.world.people, market.distributors
    rows = np.flatnonzero((agents["quit_day"] == NO_DAY) & (agents["brand"] == brand))
    them = agents["person"][rows]
    assert np.unique(them).size == them.size, "one engagement at a time"
    own = np.zeros(people.size, int)
    own[them] = rows + 1
    np.testing.assert_array_equal(market.world.selling["distributor"][:, brand], own)
    np.testing.assert_array_equal(market.world.relationships["role"][:, brand] == 2, own > 0)
    assert (people["role"][them] == 2).all()
    return np.sort(them)


def call(
    market: Market, by: Any, receivers: Any, kind: Kind, brand: int = 0, **word: float
) -> Market:
    """Let a distributor, or one for each of them, have called people yesterday, and run today."""
    said = np.zeros(len(receivers), MESSAGE)
    said["receiver"], said["about"], said["brand"], said["kind"] = receivers, by, brand, kind
    said["speaker_id"] = market.world.people["id"][market.distributors["person"][by]]
    for field, value in word.items():
        said[field] = value
    market._messages = said
    market.step()
    return market


def crew(
    still: Any,
    agency: Any,
    people: Any = (0,),
    leaves: Any = None,
    terms: Any = None,
    **changes: Any,
) -> Market:
    """Return a market in which these have come to work for A on day 1; they buy nothing themselves.

    Two days have passed. Prices are so obscure that nobody thinks of buying from the brand.
    `leaves` has the days on which people leave the category.
    """
    changes = {**ALL, **FRESH, "brands.A.transparency": 0, **changes}
    market = still(**changes, **{A: agency({1: people}, **(terms or {}))})
    for person, day in (leaves or {}).items():
        market.world.people["exit_day"][person] = day
    market.world.relationships["orders"][people, 0] = 1
    market.world.relationships["aware"][people, 0] = False
    steps(market, 2)
    assert at_work(market).tolist() == list(people)
    return market

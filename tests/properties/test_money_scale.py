"""Money has no natural scale: twice all amounts are twice the books, and the same lives.

Every amount of the market file is found by its unit, so one that is added is held to this as well.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from any_market import lively_markets, markets, of_all, promises
from hypothesis import strategies as st

from sim.books import ACCOUNTS
from sim.config.audience import Combined, Condition
from sim.config.load import load_market
from sim.config.parameters import Parameters, describe
from sim.market import Market
from tests.kept import kept

Change = Callable[[float], float]


def changed(change: Change, value: Any) -> Any:
    """Return amounts, one or several or none, changed."""
    if isinstance(value, tuple):
        return tuple(changed(change, each) for each in value)
    return value if value is None else change(value)


def with_money(change: Change, part: Any) -> Any:
    """Return parameters with every amount of money in them changed."""
    if isinstance(part, dict):
        return {name: with_money(change, each) for name, each in part.items()}
    if isinstance(part, Combined):
        return replace(part, parts=tuple(with_money(change, each) for each in part.parts))
    if isinstance(part, Condition) and part.what == "spent":
        low, high = (
            value if math.isinf(value) else change(value) for value in (part.low, part.high)
        )
        return replace(part, low=low, high=high)
    if not isinstance(part, Parameters):
        return part
    update = {}
    for field in describe(type(part)):
        value = getattr(part, field.name)
        money = field.unit.startswith("CNY")
        update[field.name] = changed(change, value) if money else with_money(change, value)
    return part.model_copy(update=update)


def scaled(factor: int, part: Any) -> Any:
    """Return parameters with every amount of money in them times a number."""
    return with_money(lambda amount: factor * amount, part)


def assert_scaled(one: Market, two: Market, factor: int) -> None:
    """Check that the second market is the first with all money times a number."""
    for table, other in (
        (one.orders, two.orders),
        (one.invitations, two.invitations),
        (one.distributors, two.distributors),
        (promises(one), promises(two)),
        (one.world.relationships, two.world.relationships),
        (kept(one.world), kept(two.world)),
    ):
        for name in table.dtype.names:
            if name == "reserve_cents":
                continue  # allows for the rounding of each payment, a cent at any scale
            if name.endswith("_cents"):
                np.testing.assert_array_equal(factor * table[name], other[name], name)
            elif table[name].dtype.kind == "f":
                np.testing.assert_allclose(table[name], other[name], rtol=1e-5, atol=1e-5)
            else:
                np.testing.assert_array_equal(table[name], other[name], name)
    np.testing.assert_array_equal(one.counts, two.counts)
    np.testing.assert_array_equal(factor * one.books.daily, two.books.daily)
    np.testing.assert_array_equal(factor * one.books.terminal, two.books.terminal)
    np.testing.assert_array_equal(factor * one.world.spent, two.world.spent)


@pytest.mark.quick
@pytest.mark.parametrize("factor", [2, 3, 100])
def test_twice_all_amounts_are_twice_the_books(busy_mapping, factor):
    """Stock is one pack: of lots at several levels, each sale would take its share, in cents."""
    agency = {"first_stock": 18, "promote_at": [0, 18, 36]}
    courses = {"courses": 1, "course_after": 1, "course_day": 1, "ask_every": 2}
    busy_mapping["brands"]["C"]["strategies"]["agent_recruitment"] |= {**agency, **courses}
    busy_mapping["behaviour"]["direct_selling"] |= {"review_days": 5, "quit_intercept": -3}
    busy_mapping["behaviour"]["touch"] |= {"response": 1}
    busy_mapping["days"] = 120
    config = load_market(busy_mapping)
    one, two = (Market(scaled(scale, config), rng=2) for scale in (1, factor))
    for market in (one, two):
        market.run_model()
        market.run_on()
    assert_scaled(one, two, factor)
    used = one.books.daily.any(axis=(0, 1))
    unused = {name for name, is_used in zip(ACCOUNTS, used, strict=True) if not is_used}
    assert unused <= {"deferred_revenue", "dormant_balances"}, unused


def without_fractions(config: dict[str, Any]) -> dict[str, Any]:
    """Return a market in which every share of every amount is whole cents.

    Amounts are whole CNY and shares have two digits. Levels are one, since those who rise have paid
    several prices for one stock; and what a budget reserves for commissions allows for rounding.
    """
    config["people"]["n"] = 10 * math.ceil(config["people"]["n"] / 10)
    for brand in config["brands"].values():
        for product in brand["products"].values():
            product["price"] = max(1, product["price"])
        agency, referral = (
            brand["strategies"].get(name, {}) for name in ("agent_recruitment", "referral")
        )
        if agency:
            agency |= {"discounts": [round(agency["discounts"][0], 2)], "promote_at": [0]}
            agency |= {name: round(agency.get(name, 0), 2) for name in ("peer_bonus",)}
            agency |= {"buyback": round(agency.get("buyback", 0)), "budget": None}
        if referral.get("kind") == "mixed":
            referral["reward"] = 30  # is divided by whole halves
    return config


@of_all(st.one_of(markets(), lively_markets()).map(without_fractions), 80)
def test_twice_all_amounts_are_twice_the_books_in_any_market(config, seed):
    whole = with_money(math.ceil, load_market(config))
    one, two = (Market(scaled(factor, whole), rng=seed) for factor in (1, 2))
    for market in (one, two):
        market.run_model()
        market.run_on()
    assert_scaled(one, two, 2)

"""Money has no natural scale: twice all amounts are twice the books, and the same lives.

Every amount of the market file is found by its unit, so one that is added is held to this as well.
"""

from typing import Any

import numpy as np
import pytest
from any_market import promises

from sim.load import load_market
from sim.market import Market
from sim.parameters import Parameters, describe


def times(factor: int, value: Any) -> Any:
    """Return amounts, one or several or none, times a number."""
    if isinstance(value, tuple):
        return tuple(times(factor, each) for each in value)
    return value if value is None else value * factor


def scaled(factor: int, part: Any) -> Any:
    """Return parameters with every amount of money in them times a number."""
    if isinstance(part, dict):
        return {name: scaled(factor, each) for name, each in part.items()}
    if not isinstance(part, Parameters):
        return part
    update = {}
    for field in describe(type(part)):
        value = getattr(part, field.name)
        money = field.unit.startswith("CNY")
        update[field.name] = times(factor, value) if money else scaled(factor, value)
    return part.model_copy(update=update)


def assert_scaled(one: Market, two: Market, factor: int) -> None:
    """Check that the second market is the first with all money times a number."""
    for table, other in (
        (one.orders, two.orders),
        (one.invitations, two.invitations),
        (one.distributors, two.distributors),
        (promises(one), promises(two)),
        (one.world.bonds, two.world.bonds),
        (one.world.allies, two.world.allies),
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
    np.testing.assert_array_equal(factor * one.books.held, two.books.held)
    np.testing.assert_array_equal(factor * one.world.spent, two.world.spent)


@pytest.mark.quick
@pytest.mark.parametrize("factor", [2, 3, 100])
def test_twice_all_amounts_are_twice_the_books(busy_mapping, factor):
    """Stock is one pack: of lots at several levels, each sale would take its share, in cents."""
    agency = {"first_stock": 18, "promote_at": [0, 18, 36]}
    courses = {"courses": 1, "course_after": 1, "course_day": 1, "ask_every": 2}
    busy_mapping["brands"]["C"]["strategies"]["agency"] |= {**agency, **courses}
    busy_mapping["behaviour"]["distribution"] |= {"review_days": 5, "giving_up": -3}
    busy_mapping["behaviour"]["touch"] |= {"response": 1}
    busy_mapping["days"] = 120
    config = load_market(busy_mapping)
    one, two = (Market(scaled(scale, config), rng=1) for scale in (1, factor))
    for market in (one, two):
        market.run_model()
        market.run_on()
    assert_scaled(one, two, factor)
    assert one.books.daily.any(axis=(0, 1)).all(), "every account is used"

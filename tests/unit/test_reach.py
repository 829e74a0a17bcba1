"""What can be reached from a view: no market, no table of its, no feelings, by whatever way."""

import functools
import gc
from types import BuiltinFunctionType, CodeType, FunctionType, GetSetDescriptorType, ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest

from sim.market import Market
from sim.strategies.brand_view import BrandView
from sim.strategies.interface import Does, Strategy, Touch
from sim.world import World

pytestmark = pytest.mark.quick

CODE = (type, ModuleType, CodeType, BuiltinFunctionType, GetSetDescriptorType, np.dtype)
"""Not what an object holds, but what it is."""


def reachable(*roots: Any) -> list[Any]:
    """Everything that can be reached from objects: attributes, items, closures, bases of arrays.

    Of a function its closure, defaults and attributes, and not the module that it was written in.
    """
    seen: dict[int, Any] = {}
    todo = list(roots)
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, CODE):
            continue
        seen[id(thing)] = thing
        if isinstance(thing, FunctionType):
            todo += [thing.__closure__, thing.__defaults__, thing.__kwdefaults__, thing.__dict__]
        elif isinstance(thing, (np.ndarray, np.generic)):
            todo += [thing.base, *(thing.ravel() if thing.dtype.hasobject else ())]
        else:
            todo += gc.get_referents(thing)
    return list(seen.values())


def leaks(market: Market, *roots: Any) -> list[Any]:
    """Return what of a market can be reached: itself, its world, memory of its tables."""
    world = [part for part in market.world if isinstance(part, np.ndarray)]
    world += [part for each in market.world if isinstance(each, tuple) for part in each]
    own = {id(part) for part in (market, market.world, market.handle, market.books, *world)}

    def leaking(thing: Any) -> bool:
        if isinstance(thing, np.ndarray):
            return any(np.may_share_memory(thing, table) for table in world)
        return id(thing) in own or isinstance(thing, (Market, World))

    return [thing for thing in reachable(*roots) if leaking(thing)]


@pytest.fixture
def given(busy: Any, known_strategies: Any) -> Any:
    """Return a market in mid-run and what its strategies were given: views, and themselves."""
    views: list[Any] = []

    class Curious(Strategy):
        """Look at everything and do everything."""

        every: ClassVar[int] = 10

        def decide(self, view: BrandView, day: int) -> None:
            view.survey(0.5)
            view.send(Touch("hello", Does.SELL, day=0), view.people[:5])
            view.set_price(view.products[0], 80)
            views.extend((view, self))

    market = busy(**{f"brands.{name}.strategies.curious": {} for name in "AC"})
    for _ in range(45):
        market.step()
    assert len(views) == 20
    return market, views


def test_nothing_of_the_market_can_be_reached_from_what_a_strategy_is_given(given):
    market, views = given
    assert [leaks(market, thing) for thing in views] == [[]] * 20


def test_what_is_felt_is_in_no_table_that_can_be_reached(given):
    """A strategy sees orders, payments and answers; not P, V, S, T, E, taste or willingness."""
    _, views = given
    felt = {"product_satisfaction", "service", "overall", "trust", "expectation", "log_taste"}
    felt |= {"dropout", "willingness", "price_sensitivity", "heard", "delight", "fatigue"}
    arrays = [thing for thing in reachable(*views) if isinstance(thing, np.ndarray)]
    names = {name for array in arrays for name in array.dtype.names or ()}
    assert {"person", "orders", "refunded", "clicked_day", "stock_cents"} <= names
    assert not names & felt
    assert any(array.dtype == float for array in arrays), "but for answers to surveys"


class Holder:
    """Something that keeps something else."""

    def __init__(self, kept: Any) -> None:
        self.kept = kept

    def method(self) -> Any:
        return self.kept


@pytest.mark.parametrize(
    "hide",
    [
        Holder,
        lambda m: Holder(m).method,
        lambda m: lambda: m,
        lambda m: functools.partial(print, m),
        lambda m: {"a": [({m},)]},
        lambda m: iter([m]),
        lambda m: (x for x in [m]),
        lambda m: m.world.relationships["trust"][::7],
        lambda m: m.world.rules,
        lambda m: m.world.orders[3],
        lambda m: m.handle,
        lambda m: np.array([None, m], object),
        lambda m: m.agents[0],
        lambda m: m.agents_by_type,
        lambda m: m.world.occasions_due,
    ],
)
def test_a_way_to_the_market_would_be_found(given, hide):
    market, views = given
    assert leaks(market, hide(market))
    views[0].commands.append(hide(market))
    assert leaks(market, views[0])

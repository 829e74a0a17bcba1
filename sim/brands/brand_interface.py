"""Between strategies and market: what a brand gets to see, and doing what it asks for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.brands.journeys import step_row
from sim.brands.portfolio import Running, only_one, prices_of
from sim.brands.yielded import StrategyError, explain, shown
from sim.config import remarks
from sim.config.market_remarks import far_price
from sim.config.scalars import cents
from sim.engine.draws import name_key, normal, uniforms
from sim.engine.kernels import borrow, kernel, plain
from sim.engine.records import record
from sim.mechanisms.declarations import columns, rows, seen
from sim.people.ad_budget import Method
from sim.people.population import set_price as put_price
from sim.people.population import set_spend
from sim.purposes import Purpose
from sim.strategies.brand_view import NO_ANSWERS, Answers, BrandView
from sim.strategies.interface import Touch, readable

if TYPE_CHECKING:
    from sim.market import Market

_CUSTOMER_FIELDS = ("orders", "first_day", "last_day", "opted_out")
_ORDER_FIELDS = (
    "day",
    "person",
    "product",
    "units",
    "nth",
    "list_cents",
    "paid_cents",
    "arrived_day",
    "refunded",
)
SURVEY_NOISE = 0.1
"""Standard deviation of an answer around what the customer feels; an assumption."""
_far: WeakKeyDictionary["Market", set[tuple[int, str]]] = WeakKeyDictionary()
"""Brands and products of each market of which it was said that a price is far from usual."""


def observe(market: "Market", run: Running, answers: Answers) -> BrandView:
    """Return what the brand of a strategy sees today: copies of the records that it reads."""
    b, brand = run.brand, market.brand_names[run.brand]
    parts = [name.partition("/") for name in market.product_names]
    reads = readable() if run.strategy.reads is None else run.strategy.reads
    records = {name: _record(market, b, name) for name in reads}
    products = tuple(product for name, _, product in parts if name == brand)
    return BrandView(brand, products, people_of(market.handle, b), records, answers)


def _own(table: NDArray[np.void], brand: int, names: tuple[str, ...]) -> NDArray[np.void]:
    mine = table[table["brand"] == brand]
    out = np.empty(len(mine), [(name, table.dtype[name]) for name in names])
    for name in names:
        out[name] = mine[name]
    out.flags.writeable = False
    return out


@kernel
def people_of(w, b):
    """Return the rows, int64[k], of all people who have ordered from brand `b`."""
    w = borrow(w)
    rows = np.empty(w.people.size, np.int64)
    count = 0
    for i in range(rows.size):
        if w.relationships[i, b].orders > 0:
            rows[count] = i
            count += 1
    return rows[:count]


def _customers(market: "Market", brand: int) -> NDArray[np.void]:
    """Return what a brand keeps of its customers; mechanisms add columns (`COLUMNS`)."""
    people, relationships = people_of(market.handle, brand), market.world.relationships
    values = {"person": people}
    values |= {name: relationships[name][people, brand] for name in _CUSTOMER_FIELDS}
    shown = (name for name, column in columns().items() if column.shown)
    values |= {name: seen(market.world, name, people, brand) for name in shown}
    out = np.empty(people.size, record(*((name, v.dtype) for name, v in values.items())))
    for name, value in values.items():
        out[name] = value
    out.flags.writeable = False
    return out


def _record(market: "Market", brand: int, name: str) -> NDArray[np.void]:
    """Return one of the records that a brand can see: its own, or that of a mechanism (`ROWS`)."""
    if name == "customers":
        return _customers(market, brand)
    fields = _ORDER_FIELDS if name == "orders" else rows()[name].fields
    return _own(getattr(market, name), brand, fields)


def set_prices(market: "Market", portfolio: list[Running]) -> None:
    """Set the prices that strategies ask for from day 0 on."""
    for run in portfolio:
        brand = market.config.brands[market.brand_names[run.brand]]
        with _blaming(market, run, "terms"):
            for product, price in prices_of(run.strategy, brand, market.config).items():
                _set_price(market, run, 0, product, price)


def consult(market: "Market", index: int, run: Running) -> None:
    """Let a strategy look and decide, and do what it asks for.

    Raises
    ------
    StrategyError
        If its `decide` raises an exception or returns something, or asks for what only one strategy
        of a brand can and another has done.
    """
    view = observe(market, run, market.answers.get(index, NO_ANSWERS))
    decide: Callable[[BrandView, int], object] = run.strategy.decide
    with _blaming(market, run, "decide"):
        told = decide(view, market.day)
        if told is not None:
            raise ValueError(f"decide() asks by `view`, and returns nothing (got {shown(told)})")
        market.answers[index] = _apply(market, run, index, view)


@contextmanager
def _blaming(market: "Market", run: Running, method: str) -> Iterator[None]:
    """Say of whatever goes wrong which strategy it is of, and the day."""
    try:
        yield
    except Exception as error:
        what = explain(run.strategy, method, error)
        path = f"brands.{market.brand_names[run.brand]}.strategies.{run.name}"
        raise StrategyError(f"day {market.day}: {path}: {what}") from error


def _own_alone(market: "Market", run: Running, term: str, what: str) -> None:
    """Let a term be that of the strategy which sets it first, for the whole run."""
    name, day = market.owners.setdefault((run.brand, term), (run.name, market.day))
    if name != run.name:
        raise ValueError(f"{only_one(name, run.name, what)} ({name} did on day {day})")


def _apply(market: "Market", run: Running, index: int, view: BrandView) -> Answers:
    answers = view.answers
    for verb, arguments in view.commands:
        if verb == "survey":
            answers = _survey(market, run, *arguments)
        else:
            _VERBS[verb](market, run, index, *arguments)
    return answers


def _send(
    market: "Market",
    run: Running,
    index: int,
    touch: Touch,
    people: NDArray[np.int64],
    product: str | None,
) -> None:
    if not run.strategy.sends(touch):
        return
    brand = market.brand_names[run.brand]
    p = -1 if product is None else market.product_names.index(f"{brand}/{product}")
    market.plan_touches(step_row(touch, run, index, (brand, product or ""), p), people)


def _set_price(market: "Market", run: Running, index: int, product: str, price: float) -> None:
    _own_alone(market, run, f"price of {product}", f"set the price of {product}")
    p = market.product_names.index(f"{market.brand_names[run.brand]}/{product}")
    put_price(market.world.products[p], cents(price))


def _change_price(market: "Market", run: Running, index: int, product: str, price: float) -> None:
    """Set a price in the run; remark, once for each product, on one far from that at the start."""
    _set_price(market, run, index, product, price)
    brand, told = market.brand_names[run.brand], _far.setdefault(market, set())
    start = market.config.brands[brand].products[product].price
    what = far_price(product, price, start)
    if what and (run.brand, product) not in told:
        told.add((run.brand, product))
        remarks.say(("brands", brand, "strategies", run.name), what)


def _set_advertising(market: "Market", run: Running, index: int, spend: float) -> None:
    if market.in_terminal_period:
        return  # the terminal period values customers held, without acquisition
    _own_alone(market, run, "advertising", "set advertising")
    row = market.world.brands[run.brand]
    row["ad_method"] = Method.FIXED
    set_spend(row, spend, len(market.world.people))


_VERBS: dict[str, Callable[..., None]] = {
    "send": _send,
    "set_price": _change_price,
    "set_advertising": _set_advertising,
}


def _survey(market: "Market", run: Running, share: float) -> Answers:
    world = market.world
    relationships = world.relationships[:, run.brand]
    asked = np.flatnonzero((relationships["orders"] > 0) & ~relationships["opted_out"])
    key = name_key(market.brand_names[run.brand], run.draw_key)
    u = uniforms(int(world.seed[0]), world.people["id"][asked], key, market.day, Purpose.SURVEY)
    told = u[:, 0] < share
    noise = np.array([plain(normal)(x, y) for x, y in u[told, 1:3]])
    felt = relationships["overall"][asked[told]] + SURVEY_NOISE * noise
    return asked[told], np.clip(felt, 0.0, 1.0)

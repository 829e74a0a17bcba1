"""Between strategies and market: what a brand gets to see, and doing what it asks for."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.behaviour.roles import DISTRIBUTOR
from sim.draws import Purpose, name_key, normal, uniforms
from sim.journeys import Running, step_row
from sim.kernels import plain
from sim.population import ad_rate, cents
from sim.population import set_price as put_price
from sim.strategy import Touch
from sim.view import Answers, BrandView

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
_INVITATION_FIELDS = ("referrer", "friend", "day", "clicked_day", "order", "vested_day", "void")
_AGENT_FIELDS = (
    "person",
    "joined_day",
    "quit_day",
    "level",
    "sales_cents",
    "stock_cents",
    "recruits",
)
SURVEY_NOISE = 0.1
"""Standard deviation of an answer around what the customer feels; an assumption."""


def look(market: "Market", run: Running, answers: Answers) -> BrandView:
    """Return what the brand of a strategy sees today."""
    b, brand = run.brand, market.brand_names[run.brand]
    parts = [name.partition("/") for name in market.product_names]
    return BrandView(
        brand,
        tuple(product for name, _, product in parts if name == brand),
        _customers(market, b),
        _own(market.orders, b, _ORDER_FIELDS),
        _own(market.invitations, b, _INVITATION_FIELDS),
        _own(market.distributors, b, _AGENT_FIELDS),
        answers,
    )


def _copy(
    table: NDArray[np.void], names: tuple[str, ...], extra: dict[str, NDArray[np.generic]]
) -> NDArray[np.void]:
    columns = {**extra, **{name: table[name] for name in names}}
    out = np.empty(len(table), [(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        out[name] = column
    out.flags.writeable = False
    return out


def _own(table: NDArray[np.void], brand: int, names: tuple[str, ...]) -> NDArray[np.void]:
    return _copy(table[table["brand"] == brand], names, {})


def _customers(market: "Market", brand: int) -> NDArray[np.void]:
    bonds, allies = market.world.bonds[:, brand], market.world.allies[:, brand]
    rows = np.flatnonzero(bonds["orders"] > 0)
    known = {
        "person": rows,
        "koc": allies["koc"][rows],
        "distributor": bonds["role"][rows] == DISTRIBUTOR,
        "referred": allies["vested"][rows],
        "attended": allies["attended"][rows],
        "ask_from": allies["pitch_from"][rows],
    }
    return _copy(bonds[rows], _CUSTOMER_FIELDS, known)


def obey(market: "Market", run: Running, index: int, view: BrandView) -> Answers:
    """Do what a strategy has asked for; return the answers to its last survey."""
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
    brand = market.brand_names[run.brand]
    p = -1 if product is None else market.product_names.index(f"{brand}/{product}")
    market.plan_touches(step_row(touch, run, index, (brand, product or ""), p), people)


def _set_price(market: "Market", run: Running, index: int, product: str, price: float) -> None:
    p = market.product_names.index(f"{market.brand_names[run.brand]}/{product}")
    put_price(market.world.products[p], cents(price))


def _set_advertising(market: "Market", run: Running, index: int, spend: float) -> None:
    if market.continuing:
        return  # the continuation values customers held, without acquisition
    world = market.world
    world.brands[run.brand]["ad_cents"] = cents(spend * len(world.people) / 1000)
    world.brands[run.brand]["ad_rate"] = ad_rate(market.config, spend)


_VERBS = {"send": _send, "set_price": _set_price, "set_advertising": _set_advertising}


def _survey(market: "Market", run: Running, share: float) -> Answers:
    world = market.world
    bonds = world.bonds[:, run.brand]
    asked = np.flatnonzero((bonds["orders"] > 0) & ~bonds["opted_out"])
    key = name_key(market.brand_names[run.brand], run.name)
    u = uniforms(int(world.seed[0]), world.people["id"][asked], key, market.day, Purpose.SURVEY)
    told = u[:, 0] < share
    noise = np.array([plain(normal)(x, y) for x, y in u[told, 1:3]])
    felt = bonds["overall"][asked[told]] + SURVEY_NOISE * noise
    return asked[told], np.clip(felt, 0.0, 1.0)

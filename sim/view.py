"""What a brand can see, and what it can do: all that a strategy gets to work with.

A view holds copies of what crossed the counter: orders, payments, refunds, contacts, answers to a
survey. What customers feel (satisfaction, trust) is not in it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.draws import Purpose, name_key, normal, uniforms
from sim.journeys import Running, step_row
from sim.kernels import plain
from sim.population import ad_rate, cents
from sim.population import set_price as put_price
from sim.strategy import Touch

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


class BrandView:
    """A brand's own records on one day, and its levers.

    Parameters
    ----------
    market
        The market.
    run
        The strategy that looks, with its brand.
    index
        Place of `run` in the market's portfolio.
    """

    def __init__(self, market: "Market", run: Running, index: int) -> None:
        self.brand = market.brand_names[run.brand]
        self.products = tuple(
            name.partition("/")[2]
            for name in market.product_names
            if name.partition("/")[0] == self.brand
        )
        self.customers = _customers(market, run.brand)
        self.orders = _orders(market, run.brand)
        self._send, self._price, self._advertise, self._survey = _levers(market, run, index)

    def send(self, touch: Touch, people: NDArray[np.integer], product: str | None = None) -> None:
        """Send a touch to customers tomorrow; who is not in the audience, or opted out, gets none.

        Parameters
        ----------
        touch
            What to send; its day and its order filters are not looked at.
        people : int[k]
            Customers, as in `customers["person"]`.
        product
            What a reminder is about.

        Raises
        ------
        ValueError
            If one of `people` is not a customer, or the brand does not sell the product.
        """
        if not np.isin(people, self.customers["person"]).all():
            raise ValueError("a brand can only contact people who have ordered from it")
        if product is not None:
            self._sells(product)
        self._send(touch, people, product)

    def _sells(self, product: str) -> None:
        if product not in self.products:
            raise ValueError(f"{self.brand} sells {', '.join(self.products)}, not {product}")

    def set_price(self, product: str, price: float) -> None:
        """Set the price of a product from tomorrow on, in CNY.

        Raises
        ------
        ValueError
            If the price is negative or the brand does not sell the product.
        """
        self._sells(product)
        if not 0 <= price < 1e7:
            raise ValueError(f"price must be between 0 and 1e7 (got {price})")
        self._price(product, price)

    def set_advertising(self, spend: float) -> None:
        """Set advertising from tomorrow on, in CNY per 1,000 people per day.

        Raises
        ------
        ValueError
            If it is negative.
        """
        if not 0 <= spend < 1e9:
            raise ValueError(f"spend must be between 0 and 1e9 (got {spend})")
        self._advertise(spend)

    def survey(self, share: float = 0.1) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Ask a random share of customers how satisfied they are.

        Parameters
        ----------
        share
            Of customers who have not opted out, 0 to 1.

        Returns
        -------
        people : int64[k]
        answers : float64[k]
            0 to 1, noisy.

        Raises
        ------
        ValueError
            If `share` is not between 0 and 1.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"share must be between 0 and 1 (got {share})")
        return self._survey(share)


def _copy(
    table: NDArray[np.void], names: tuple[str, ...], extra: dict[str, NDArray[np.generic]]
) -> NDArray[np.void]:
    columns = {**extra, **{name: table[name] for name in names}}
    out = np.empty(len(table), [(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        out[name] = column
    out.flags.writeable = False
    return out


def _customers(market: "Market", brand: int) -> NDArray[np.void]:
    bonds = market.world.bonds[:, brand]
    rows = np.flatnonzero(bonds["orders"] > 0)
    return _copy(bonds[rows], _CUSTOMER_FIELDS, {"person": rows})


def _orders(market: "Market", brand: int) -> NDArray[np.void]:
    orders = market.orders
    return _copy(orders[orders["brand"] == brand], _ORDER_FIELDS, {})


_Levers = tuple[
    Callable[[Touch, NDArray[np.integer], str | None], None],
    Callable[[str, float], None],
    Callable[[float], None],
    Callable[[float], tuple[NDArray[np.int64], NDArray[np.float64]]],
]


def _levers(market: "Market", run: Running, index: int) -> _Levers:
    """Return what the strategy can do, closed over the market, which it cannot reach."""
    b, name, world = run.brand, market.brand_names[run.brand], market.world

    def send(touch: Touch, people: NDArray[np.integer], product: str | None) -> None:
        p = -1 if product is None else market.product_names.index(f"{name}/{product}")
        market.plan_touches(step_row(touch, run, index, (name, product or ""), p), people)

    def set_price(product: str, price: float) -> None:
        p = market.product_names.index(f"{name}/{product}")
        put_price(world.products[p], cents(price))

    def set_advertising(spend: float) -> None:
        if market.continuing:
            return  # the continuation values customers held, without acquisition
        world.brands[b]["ad_cents"] = cents(spend * len(world.people) / 1000)
        world.brands[b]["ad_rate"] = ad_rate(market.config, spend)

    def survey(share: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        bonds = world.bonds[:, b]
        asked = np.flatnonzero((bonds["orders"] > 0) & ~bonds["opted_out"])
        key = name_key(name, run.name)
        u = uniforms(int(world.seed[0]), world.people["id"][asked], key, market.day, Purpose.SURVEY)
        told = u[:, 0] < share
        noise = np.array([plain(normal)(x, y) for x, y in u[told, 1:3]])
        felt = bonds["overall"][asked[told]] + SURVEY_NOISE * noise
        return asked[told], np.clip(felt, 0.0, 1.0)

    return send, set_price, set_advertising, survey

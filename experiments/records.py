"""What a finished run left behind, in the arrangement that metrics want."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.books import ACCOUNTS
from sim.brands.portfolio import running
from sim.counts import COUNTS

if TYPE_CHECKING:
    from sim.market import Market

Result = TypeVar("Result")
YEAR = 365
MONTH = 30
"""Days of a month of a customer's age: months of equal length, so that months can be compared."""


def once(function: Callable[["Records"], Result]) -> Callable[["Records"], Result]:
    """Let a function of records remember its result, as `functools.cached_property` does."""

    @functools.wraps(function)
    def remembered(records: "Records") -> Result:
        memory, key = records.__dict__, f"{function.__module__}.{function.__name__}"
        if key not in memory:
            memory[key] = function(records)
        return memory[key]  # type: ignore[no-any-return]

    return remembered


def ascending(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return int64[k]: the rows of `keys`, none negative, in ascending and else in given order.

    As `numpy.argsort(keys, kind="stable")`, but 16 bits at a time, which numpy sorts by counting: a
    tenth of the time for the orders of a run.
    """
    rows = np.argsort(keys.astype(np.uint16), kind="stable")
    while (keys := keys >> 16).any():
        rows = rows[np.argsort(keys[rows].astype(np.uint16), kind="stable")]
    return rows


@dataclass(frozen=True)
class Records:
    """The records of one run. Brands are on axis 0 of every result made from them.

    Attributes
    ----------
    brands : tuple of str
    days : int
        Length of the run; orders from day 0 to `days - 1` are its own, earlier ones burn-in.
    burn_in : int
        Days before day 0.
    discount : float
        Per year.
    categories : int8[products]
        Index of the category of each product.
    orders : structured[orders]
        As `Market.orders`, in order of day, without the terminal period's.
    customers : structured[customers]
        As `Market.customers`, at the end of the run.
    satisfaction : float32[customers]
        What each feels for the brand overall at the end of the run, 0 to 1.
    gate : float
        Satisfaction from which one is satisfied.
    daily, held : int64[days, brands, accounts], int64[continuation, brands, accounts]
        As `Books.daily` and `Books.held`, in cents.
    counts : int64[days, brands, counts]
        As `Market.counts`.
    invitations : structured[invitations]
        As `Market.invitations`, at the end of the run.
    distributors : structured[engagements]
        As `Market.distributors`, at the end of the run.
    first_stock : int64[brands]
        What a distributor must buy on joining, at list price, in cents.
    aware : float64[brands]
        Share of the people in the category on the last day who know each brand.
    in_category : int
        People who were in the category on some day of the run's last 365 days.
    prospects : PROSPECTS[brands]
        People who have never ordered from each brand, at the end of the run.
    pilots : dict of int to int8[people]
        For each brand, by index, that has strategies which reach some people but not all: 1 for
        people whom all of these may reach, 0 for people whom none may, -1 for the others.
    """

    brands: tuple[str, ...]
    days: int
    burn_in: int
    discount: float
    categories: NDArray[np.int64]
    orders: NDArray[np.void]
    customers: NDArray[np.void]
    satisfaction: NDArray[np.float32]
    gate: float
    daily: NDArray[np.int64]
    held: NDArray[np.int64]
    counts: NDArray[np.int64]
    invitations: NDArray[np.void]
    distributors: NDArray[np.void]
    first_stock: NDArray[np.int64]
    aware: NDArray[np.float64]
    in_category: int
    prospects: NDArray[np.void]
    pilots: Mapping[int, NDArray[np.int8]] = field(default_factory=dict)

    @cached_property
    def brand(self) -> NDArray[np.int64]:
        """int64[orders]: the brand of each order."""
        return self.orders["brand"].astype(np.int64)

    @cached_property
    def day(self) -> NDArray[np.int64]:
        """int64[orders]: the day of each order, in ascending order."""
        return self.orders["day"].astype(np.int64)

    @cached_property
    def own(self) -> NDArray[np.bool_]:
        """bool[orders]: orders of the run itself, not of burn-in."""
        return self.orders["day"] >= 0

    @cached_property
    def customer(self) -> NDArray[np.int64]:
        """int64[orders]: the row in `customers` of who gave each order."""
        return self.rows_of(self.orders["person"], self.brand)

    def rows_of(self, person: NDArray[Any], brand: NDArray[Any]) -> NDArray[np.int64]:
        """Return the row in `customers` of each pair of a person and a brand; all are there."""
        width = len(self.brands)
        keys = self.customers["person"].astype(np.int64) * width + self.customers["brand"]
        wanted = person.astype(np.int64) * width + brand
        size = int(keys.max(initial=-1)) + 1
        if size > max(20 * len(wanted), 1_000_000):  # too many pairs that never met to list all
            rows = np.argsort(keys, kind="stable")
            return rows[np.searchsorted(keys, wanted, sorter=rows)]
        row = np.empty(size, np.int64)
        row[keys] = np.arange(len(keys))
        return row[wanted]

    @cached_property
    def by_customer(self) -> NDArray[np.int64]:
        """int64[orders]: rows of `orders` by customer, and in order within a customer."""
        # Every order of a customer is there, numbered from 1: no need to sort.
        count = np.bincount(self.customer, minlength=len(self.customers))
        place = (count.cumsum() - count)[self.customer] + self.orders["nth"].astype(np.int64) - 1
        rows = np.empty(len(place), np.int64)
        rows[place] = np.arange(len(place))
        return rows

    @cached_property
    def newcomer(self) -> NDArray[np.bool_]:
        """bool[customers]: whose first order with the brand was in the run itself."""
        return self.customers["first_day"] >= 0

    @cached_property
    def wait(self) -> NDArray[np.int64]:
        """int64[customers]: days from the first to the second order, -1 for those without one."""
        wait = np.full(len(self.customers), -1, np.int64)
        second = self.orders["nth"] == 2
        rows = self.customer[second]
        wait[rows] = self.orders["day"][second] - self.customers["first_day"][rows]
        return wait

    @cached_property
    def followed(self) -> NDArray[np.int64]:
        """int64[customers]: days observed after the day of the first order."""
        return self.days - 1 - self.customers["first_day"].astype(np.int64)

    @cached_property
    def age(self) -> NDArray[np.int64]:
        """int64[orders]: months, of `MONTH` days, from the customer's first order to this one."""
        first = self.customers["first_day"][self.customer].astype(np.int64)
        return (self.orders["day"] - first) // MONTH

    @cached_property
    def net_cents(self) -> NDArray[np.int64]:
        """int64[orders]: what is left to the brand of each order, in cents.

        Paid, less what a distributor kept of it; 0 if it was refunded.
        """
        taken = self.orders["paid_cents"] - self.orders["margin_cents"]
        return np.where(self.orders["refunded"], 0, taken).astype(np.int64)

    def account(self, name: str, held: bool = False) -> NDArray[np.int64]:
        """Return int64[days, brands]: one account in cents, in the run or its terminal period."""
        book = self.held if held else self.daily
        return book[..., ACCOUNTS.index(name)]

    def total(self, *names: str) -> NDArray[np.int64]:
        """Return int64[brands]: accounts in cents, added up over the run."""
        columns = [ACCOUNTS.index(name) for name in names]
        return self.daily[..., columns].sum(axis=(0, 2))

    def counted(self, *names: str) -> NDArray[np.int64]:
        """Return int64[days, brands]: daily counts, added up."""
        return self.counts[..., [COUNTS.index(name) for name in names]].sum(axis=-1)

    def count(self, name: str) -> NDArray[np.int64]:
        """Return int64[brands]: a daily count, summed over the run."""
        return self.counted(name).sum(axis=0)

    def per_day(self, day: NDArray[Any], brand: NDArray[Any]) -> NDArray[np.int64]:
        """Return int64[days, brands]: how many rows fall on each day, of the run all of them."""
        width = len(self.brands)
        rows = day.astype(np.int64) * width + brand
        return np.bincount(rows, minlength=self.days * width).reshape(self.days, width)

    def between(self, start: int, end: int) -> slice:
        """Return which rows of `orders` are from day `start` to the day before `end`."""
        first, last = np.searchsorted(self.day, (start, end))
        return slice(int(first), int(last))

    def ordered(self, start: int, end: int) -> NDArray[np.bool_]:
        """Return bool[customers]: who ordered from day `start` to the day before `end`."""
        found = np.zeros(len(self.customers), bool)
        found[self.customer[self.between(start, end)]] = True
        return found

    def per_brand(
        self, rows: NDArray[Any], weights: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Return float64[brands]: how many of `rows` (brand indices), or the sum of `weights`."""
        return np.bincount(rows, weights, minlength=len(self.brands)).astype(np.float64)


def observe(market: "Market") -> Records:
    """Run a market to its end and on, as far as that is still to do, and return its records.

    The terminal period values the customers held at the end; the orders in it are not the run's.
    """
    config = market.config
    market.run_model()
    # Taken before the terminal period, which goes on changing customers, orders and distributors.
    orders, customers = market.orders.copy(), market.customers.copy()
    satisfaction = market.world.relationships["overall"][customers["person"], customers["brand"]]
    invitations, distributors = market.invitations.copy(), market.distributors.copy()
    people, last = market.world.people, config.days - 1
    there = (people["entry_day"] <= last) & (people["exit_day"] > last)
    known = market.world.relationships["aware"][there]
    lately = (people["entry_day"] <= last) & (people["exit_day"] > last - YEAR + 1)
    prospects = market.world.prospects.copy()
    names = list(config.categories)
    products = [p for brand in config.brands.values() for p in brand.products.values()]
    market.run_on()
    here = customers["first_day"] < config.days
    return Records(
        brands=tuple(market.brand_names),
        days=config.days,
        burn_in=config.burn_in,
        discount=config.discount,
        categories=np.array([names.index(product.category) for product in products], np.int64),
        orders=orders[orders["day"] < config.days],
        customers=customers[here],
        satisfaction=satisfaction[here],
        gate=config.behaviour.experience.satisfaction_threshold,
        daily=np.array(market.books.daily),
        held=np.array(market.books.terminal),
        counts=np.array(market.counts),
        invitations=invitations,
        distributors=distributors,
        first_stock=market.world.selling_plans["stock_cents"].copy(),
        aware=known.mean(axis=0) if len(known) else np.full(len(config.brands), np.nan),
        in_category=int(lately.sum()),
        prospects=prospects,
        pilots=_pilots(market),
    )


def _pilots(market: "Market") -> dict[int, NDArray[np.int8]]:
    reached: dict[int, list[NDArray[np.bool_]]] = {}
    for run in running(market.config):
        if 0 < run.audience.share < 1:
            audience = market.in_audience(market.brand_names[run.brand], run.name)
            reached.setdefault(run.brand, []).append(audience)
    # 1 and 0 where the audiences agree
    return {
        brand: np.where(np.all(each, axis=0), 1, -np.any(each, axis=0).astype(np.int8))
        for brand, each in reached.items()
    }

"""Records of markets that never were, for metrics to be held against plain loops."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from experiments.records import Records
from sim.books import ACCOUNTS
from sim.counts import COUNTS
from sim.mechanisms.direct_selling.state import DISTRIBUTORSHIP
from sim.mechanisms.referral.state import INVITATION
from sim.state import CUSTOMER, NO_DAY, ORDER, PROSPECTS

DAYS, BURN_IN, BRANDS = 800, 30, 2


def made_up(seed: int, people: int = 60, n: int = 500) -> Records:
    """Records with all the corners: burn-in, censoring, refunds, trees, people who gave up."""
    rng = np.random.default_rng(seed)
    orders = _orders(rng, people, n)
    distributors = _distributors(rng, people)
    _resell(rng, orders, distributors)
    customers = rng.permutation(_customers(orders))
    invitations = _invitations(rng, orders)
    _live(rng, customers)
    return Records(
        brands=("A", "B"),
        days=DAYS,
        burn_in=BURN_IN,
        discount=0.1,
        categories=np.array([0, 1, 0, 1]),
        orders=orders,
        customers=customers,
        satisfaction=rng.uniform(size=len(customers)).astype(np.float32),
        gate=0.5,
        daily=_book(rng, DAYS),
        held=_book(rng, 50),
        counts=rng.integers(0, 5, (DAYS, BRANDS, len(COUNTS))),
        invitations=invitations,
        distributors=distributors,
        first_stock=np.array([100_000, 0]),
        aware=np.array([0.3, 0.6]),
        in_category=people + 5,
        prospects=np.zeros(BRANDS, PROSPECTS),
    )


def chain(days: list[int], invitations: list[tuple[int, int]]) -> Records:
    """People who first order from brand A on these days, by these referrals (referrer, friend)."""
    base = made_up(0)
    orders = np.zeros(len(days), base.orders.dtype)
    orders["person"] = np.arange(len(days))
    orders["day"], orders["nth"] = days, 1
    customers = np.zeros(len(days), base.customers.dtype)
    customers["person"] = orders["person"]
    customers["first_day"] = customers["last_day"] = days
    customers["orders"] = 1
    table = np.zeros(len(invitations), INVITATION)
    for row, (referrer, friend) in zip(table, invitations, strict=True):
        row["referrer"], row["friend"], row["order"] = referrer, friend, friend
    return dataclasses.replace(base, orders=orders, customers=customers, invitations=table)


def _book(rng: np.random.Generator, days: int) -> Any:
    """Accounts of which gross sales are by far the largest, so that there is revenue and profit."""
    book = rng.integers(0, 10_000, (days, BRANDS, len(ACCOUNTS)))
    book[..., ACCOUNTS.index("gross_sales")] *= 20
    return book


def _orders(rng: np.random.Generator, people: int, n: int) -> Any:
    orders = np.zeros(n, ORDER)
    orders["day"] = np.sort(rng.integers(-BURN_IN, DAYS, n))
    orders["person"] = rng.integers(0, people, n)
    orders["brand"] = rng.integers(0, BRANDS, n)
    orders["product"] = orders["brand"] * 2 + rng.integers(0, 2, n)
    orders["paid_cents"] = rng.integers(1000, 30000, n)
    orders["refunded"] = rng.uniform(size=n) < 0.1
    orders["seller"] = orders["invitation"] = -1
    frame = pd.DataFrame({name: orders[name] for name in ("person", "brand", "day")})
    orders["nth"] = frame.groupby(["person", "brand"]).cumcount() + 1
    return orders


def _customers(orders: Any) -> Any:
    frame = pd.DataFrame({name: orders[name] for name in ("person", "brand", "day")})
    grouped = frame.groupby(["person", "brand"])["day"].agg(["min", "max", "size"]).reset_index()
    customers = np.zeros(len(grouped), CUSTOMER)
    for name, column in zip(
        ("person", "brand", "first_day", "last_day", "orders"), grouped, strict=True
    ):
        customers[name] = grouped[column]
    return customers


def _live(rng: np.random.Generator, customers: Any) -> None:
    """Let some leave for good, after their last order, and all bring and cost something."""
    n = len(customers)
    day = np.minimum(customers["last_day"] + rng.integers(0, 60, n), DAYS - 1)
    customers["dropped_out"] = rng.uniform(size=n) < 0.4
    customers["dropped_out_day"] = np.where(customers["dropped_out"], day, NO_DAY)
    customers["net_cents"] = rng.integers(-1_000, 100_000, n)
    customers["cost_cents"] = rng.integers(0, 60_000, n)


def _distributors(rng: np.random.Generator, people: int, n: int = 80) -> Any:
    """Engagements by day of joining; recruiters joined before, and worked for the same brand."""
    them = np.zeros(n, DISTRIBUTORSHIP)
    them["joined_day"] = np.sort(rng.integers(0, DAYS, n))
    them["person"] = rng.integers(0, people, n)
    them["brand"] = rng.integers(0, BRANDS, n)
    them["upline"] = -1
    for row in range(n):
        colleagues = np.flatnonzero(them["brand"][:row] == them["brand"][row])
        if len(colleagues) and rng.uniform() < 0.5:
            them["upline"][row] = rng.choice(colleagues)
    stayed = rng.exponential(200, n).astype(int)
    left = them["joined_day"] + stayed < DAYS
    them["quit_day"] = np.where(left, them["joined_day"] + stayed, NO_DAY)
    for field in ("margin_cents", "commission_cents", "bonus_cents", "sales_cents"):
        them[field] = rng.integers(0, 100_000, n) * (rng.uniform(size=n) < 0.7)
    for field in ("fee_cents", "paid_cents", "stock_cents"):
        them[field] = rng.integers(0, 60_000, n)
    return them


def _resell(rng: np.random.Generator, orders: Any, distributors: Any) -> None:
    for row in np.flatnonzero((rng.uniform(size=len(orders)) < 0.2) & (orders["day"] >= 0)):
        mine = np.flatnonzero(distributors["brand"] == orders["brand"][row])
        orders["seller"][row] = rng.choice(mine)
        orders["margin_cents"][row] = orders["paid_cents"][row] // 3


def _invitations(rng: np.random.Generator, orders: Any, n: int = 300) -> Any:
    """Invitations by customers; some are followed, and some first orders are due to one."""
    table = np.zeros(n, INVITATION)
    table["brand"] = rng.integers(0, BRANDS, n)
    table["asked"] = rng.uniform(size=n) < 0.8
    table["clicked_day"] = table["vested_day"] = NO_DAY
    table["order"] = -1
    first = np.flatnonzero((orders["nth"] == 1) & (orders["day"] >= 0))
    for row in range(n):
        mine = orders["brand"] == table["brand"][row]
        table["referrer"][row] = rng.choice(orders["person"][mine])
        table["friend"][row] = rng.choice(orders["person"][mine])
        _follow(rng, table[row : row + 1], orders, first)
    return table


def _follow(rng: np.random.Generator, row: Any, orders: Any, first: Any) -> None:
    if rng.uniform() < 0.5:
        return
    row["clicked_day"] = 5
    same = (orders["person"][first] == row["friend"]) & (orders["brand"][first] == row["brand"])
    came = (orders["person"] == row["referrer"]) & (orders["brand"] == row["brand"])
    same &= first > np.flatnonzero(came)[0]  # only a customer can invite
    order = first[same & (orders["invitation"][first] < 0)]
    if len(order) and row["friend"] != row["referrer"]:
        row["order"] = order[0]
        orders["invitation"][order[0]] = 0
        row["void"] = orders["refunded"][order[0]]
        row["vested_day"] = NO_DAY if row["void"][0] or rng.uniform() < 0.3 else DAYS - 1

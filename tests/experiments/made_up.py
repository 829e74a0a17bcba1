"""Records of markets that never were, for metrics to be held against plain loops."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.records import Records
from sim.books import ACCOUNTS
from sim.record import COUNTS
from sim.state import AGENT, INVITATION, NO_DAY, ORDER

DAYS, BURN_IN, BRANDS = 800, 30, 2

CUSTOMER = np.dtype([("person", "i4"), ("brand", "i2"), ("first_day", "i4"), ("last_day", "i4")])


def made_up(seed: int, people: int = 60, n: int = 500) -> Records:
    """Records with all the corners: burn-in, censoring, refunds, trees, people who gave up."""
    rng = np.random.default_rng(seed)
    orders = _orders(rng, people, n)
    distributors = _distributors(rng, people)
    _resell(rng, orders, distributors)
    return Records(
        brands=("A", "B"),
        days=DAYS,
        burn_in=BURN_IN,
        discount=0.1,
        categories=np.array([0, 1, 0, 1]),
        orders=orders,
        customers=rng.permutation(_customers(orders)),
        daily=rng.integers(0, 10_000, (DAYS, BRANDS, len(ACCOUNTS))),
        held=rng.integers(0, 10_000, (50, BRANDS, len(ACCOUNTS))),
        counts=rng.integers(0, 5, (DAYS, BRANDS, len(COUNTS))),
        invitations=_invitations(rng, orders),
        distributors=distributors,
        first_stock=np.array([100_000, 0]),
    )


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
    grouped = frame.groupby(["person", "brand"])["day"].agg(["min", "max"]).reset_index()
    customers = np.zeros(len(grouped), CUSTOMER)
    for name, column in zip(CUSTOMER.names or (), grouped, strict=True):
        customers[name] = grouped[column]
    return customers


def _distributors(rng: np.random.Generator, people: int, n: int = 80) -> Any:
    """Engagements by day of joining; recruiters joined before, and worked for the same brand."""
    them = np.zeros(n, AGENT)
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
    order = first[same & (orders["invitation"][first] < 0)]
    if len(order) and row["friend"] != row["referrer"]:
        row["order"] = order[0]
        orders["invitation"][order[0]] = 0
        row["void"] = orders["refunded"][order[0]]
        row["vested_day"] = NO_DAY if row["void"][0] or rng.uniform() < 0.3 else DAYS - 1

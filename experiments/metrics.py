"""Every result of a run, defined once: a function from `Records` to one number per brand.

Money is in CNY. A metric that is not defined (nobody bought, the run is too short) is NaN, and is
shown as a dash. `table` computes them all.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import curves
from experiments.records import Records
from sim.books import ACCOUNTS, contribution, net_revenue

Numbers = NDArray[np.float64]
YEAR = 365
REPEAT_DAYS = 90
LTV_MONTHS = 12
SPENDING = tuple(
    name
    for name in ACCOUNTS
    if name not in ("gross_sales", "refunds", "cost_of_goods", "shipping", "cash")
)
"""Accounts of what a brand gives away or pays to win and keep customers."""


class Metric(NamedTuple):
    """One result: what it is called, in what unit, and how it is computed."""

    name: str
    label: str
    unit: str
    function: Callable[[Records], Numbers]


METRICS: dict[str, Metric] = {}


def _metric(
    label: str, unit: str
) -> Callable[[Callable[[Records], Numbers]], Callable[[Records], Numbers]]:
    def register(function: Callable[[Records], Numbers]) -> Callable[[Records], Numbers]:
        name = function.__name__
        METRICS[name] = Metric(name, label, unit, function)
        return function

    return register


def table(records: Records) -> pd.DataFrame:
    """Return all metrics of a run: a row per brand, a column per metric."""
    columns = {name: metric.function(records) for name, metric in METRICS.items()}
    return pd.DataFrame(columns, index=pd.Index(records.brands, name="brand"))


def ratio(top: NDArray[Any], bottom: NDArray[Any]) -> Numbers:
    """Return `top / bottom`, NaN where there is nothing to divide by."""
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    return np.divide(top, bottom, out=out, where=np.asarray(bottom) != 0)


# -- money --------------------------------------------------------------------------------------


def discounted(daily: NDArray[Any], rate: float, start: int = 0) -> Numbers:
    """Return the present value on day 0 of daily amounts.

    Parameters
    ----------
    daily : number[days, ...]
        Amounts, of day `start`, `start + 1`, ...
    rate
        Discount rate per year: money of day d counts (1 + rate) ** (-d / 365).
    start
        Day of the first amount.

    Returns
    -------
    float64[...]
    """
    days = np.arange(start, start + len(daily)).reshape(-1, *(1,) * (np.ndim(daily) - 1))
    # Not a matrix product: a sum in a fixed order is the same with any number of threads.
    return ((1 + rate) ** (-days / YEAR) * daily).sum(axis=0)


def _long_run(records: Records, run: NDArray[Any], held: NDArray[Any]) -> Numbers:
    horizon = discounted(run, records.discount)
    return (horizon + discounted(held, records.discount, records.days)) / 100


@_metric("long-run net revenue", "CNY")
def long_run_revenue(records: Records) -> Numbers:
    """Discounted net revenue of the run, plus that of the customers held at its end.

    The second term is terminal equity: the continuation's net revenue from customers of the last
    day only, without acquisition, discounted to day 0 as well.
    """
    return _long_run(records, net_revenue(records.daily), net_revenue(records.held))


@_metric("long-run contribution profit", "CNY")
def long_run_contribution(records: Records) -> Numbers:
    """Discounted contribution profit of the run, plus that of the customers held at its end."""
    return _long_run(records, contribution(records.daily), contribution(records.held))


@_metric("long-run spend on customers", "CNY")
def long_run_spend(records: Records) -> Numbers:
    """Discounted discounts, coupons, touches, acquisition and rewards, continuation included."""
    columns = [ACCOUNTS.index(name) for name in SPENDING]
    run, held = (book[..., columns].sum(axis=-1) for book in (records.daily, records.held))
    return _long_run(records, run, held)


@_metric("terminal equity", "CNY")
def terminal_equity(records: Records) -> Numbers:
    """Return the part of long-run contribution profit that customers held at the end will bring."""
    return discounted(contribution(records.held), records.discount, records.days) / 100


@_metric("GMV", "CNY")
def gmv(records: Records) -> Numbers:
    """Gross merchandise value: orders at list price, before discounts and refunds."""
    return records.account("gross_sales").sum(axis=0) / 100


@_metric("net revenue", "CNY")
def net_revenues(records: Records) -> Numbers:
    """Sales less discounts, coupons and refunds, over the run, not discounted in time."""
    return net_revenue(records.daily).sum(axis=0) / 100


@_metric("contribution profit", "CNY")
def contribution_profit(records: Records) -> Numbers:
    """Net revenue less goods, shipping, touches and acquisition, over the run."""
    return contribution(records.daily).sum(axis=0) / 100


@_metric("cost of touches", "CNY")
def touch_cost(records: Records) -> Numbers:
    """Return what contacting customers cost over the run."""
    return records.account("touches").sum(axis=0) / 100


# -- orders and customers -----------------------------------------------------------------------


@_metric("orders", "orders")
def orders(records: Records) -> Numbers:
    """Orders of the run."""
    return records.per_brand(records.brand[records.own])


@_metric("customers", "people")
def customers(records: Records) -> Numbers:
    """People with at least one order in the run."""
    return records.per_brand(records.customers["brand"][records.customers["last_day"] >= 0])


@_metric("new customers", "people")
def new_customers(records: Records) -> Numbers:
    """People whose first order with the brand fell in the run."""
    return records.per_brand(records.customers["brand"][records.newcomer])


@_metric("share of orders", "share")
def share_of_orders(records: Records) -> Numbers:
    """Return the brand's share of all orders of the run."""
    given = orders(records)
    return ratio(given, given.sum())


@_metric("share of net revenue", "share")
def share_of_revenue(records: Records) -> Numbers:
    """Return the brand's share of all net revenue of the run."""
    taken = net_revenues(records)
    return ratio(taken, taken.sum())


@_metric("average order value", "CNY")
def aov(records: Records) -> Numbers:
    """Mean amount paid per order, before refunds."""
    own = records.own
    paid = records.per_brand(records.brand[own], records.orders["paid_cents"][own])
    return ratio(paid / 100, orders(records))


@_metric("refund rate", "share")
def refund_rate(records: Records) -> Numbers:
    """Share of the run's orders that had been refunded by its end."""
    refunded = records.brand[records.own & records.orders["refunded"]]
    return ratio(records.per_brand(refunded), orders(records))


# -- coming back --------------------------------------------------------------------------------


@_metric("90-day repeat rate", "share")
def repeat_rate(records: Records) -> Numbers:
    """Share of new customers who order again within 90 days of their first order.

    Only first orders of the run with 90 days of follow-up count, so that nobody is counted as lost
    merely because the run ended.
    """
    seen = records.newcomer & (records.followed >= REPEAT_DAYS)
    again = seen & (records.wait >= 0) & (records.wait <= REPEAT_DAYS)
    brand = records.customers["brand"]
    return ratio(records.per_brand(brand[again]), records.per_brand(brand[seen]))


@_metric("annual retention", "share")
def retention(records: Records) -> Numbers:
    """Share of one year's customers who order again in the next, the run's last 365 days.

    The usual customer retention rate: (customers at the end - new ones) / customers at the start,
    with a customer of a year being one who ordered in it. The earlier year may reach into burn-in;
    NaN when even that is too short.
    """
    start = records.days - 2 * YEAR
    if start < -records.burn_in:
        return np.full(len(records.brands), np.nan)
    day = records.orders["day"]
    before, after = (np.zeros(len(records.customers), bool) for _ in range(2))
    before[records.customer[(day >= start) & (day < start + YEAR)]] = True
    after[records.customer[day >= start + YEAR]] = True
    brand = records.customers["brand"]
    return ratio(records.per_brand(brand[before & after]), records.per_brand(brand[before]))


@_metric("mean days between orders", "days")
def order_gap(records: Records) -> Numbers:
    """Mean gap between a customer's consecutive orders with the brand, the later one in the run."""
    gap, brand = curves.gaps(records)
    return ratio(records.per_brand(brand, gap), records.per_brand(brand))


# -- what a customer is worth -------------------------------------------------------------------


@_metric("lifetime value, 12 months", "CNY")
def ltv(records: Records) -> Numbers:
    """Contribution per new customer in the first 12 months, before the cost of acquisition.

    See `curves.lifetime_value`, whose 12th month this is.
    """
    value = curves.lifetime_value(records)
    if value.shape[1] <= LTV_MONTHS:
        return np.full(len(records.brands), np.nan)
    return value[:, LTV_MONTHS]


@_metric("acquisition cost per new customer", "CNY")
def cac(records: Records) -> Numbers:
    """Spend on acquisition over the run per new customer."""
    return ratio(records.account("acquisition").sum(axis=0) / 100, new_customers(records))


@_metric("LTV : CAC", "ratio")
def ltv_to_cac(records: Records) -> Numbers:
    """Twelve-month lifetime value over acquisition cost."""
    return ratio(ltv(records), cac(records))


@_metric("payback", "months")
def payback(records: Records) -> Numbers:
    """First month of a customer's age by which lifetime value has reached acquisition cost.

    NaN if it is not reached within the run, or if nothing was spent on acquisition. Months have 30
    days.
    """
    cost = cac(records)
    reached = curves.lifetime_value(records) >= cost[:, None]
    return np.where(reached.any(axis=1) & (cost > 0), reached.argmax(axis=1), np.nan)


# -- why they go, and how they take being contacted ---------------------------------------------


@_metric("dropouts: product only", "people")
def dropouts_product(records: Records) -> Numbers:
    """Return how many left for good after the product alone had failed them."""
    return records.count("dropouts_product").astype(np.float64)


@_metric("dropouts: service only", "people")
def dropouts_service(records: Records) -> Numbers:
    """Return how many left for good after service alone had failed them."""
    return records.count("dropouts_service").astype(np.float64)


@_metric("dropouts: product and service", "people")
def dropouts_both(records: Records) -> Numbers:
    """Return how many left for good after product and service both had failed them."""
    return records.count("dropouts_both").astype(np.float64)


@_metric("dropouts: neither", "people")
def dropouts_neither(records: Records) -> Numbers:
    """Return how many left for good after neither product nor service had failed them."""
    return records.count("dropouts_neither").astype(np.float64)


@_metric("touches", "touches")
def touches(records: Records) -> Numbers:
    """Touches sent over the run."""
    return records.count("touches").astype(np.float64)


@_metric("answer rate", "share")
def answer_rate(records: Records) -> Numbers:
    """Share of touches that were answered."""
    return ratio(records.count("answers"), records.count("touches"))


@_metric("opt-out rate", "per touch")
def opt_out_rate(records: Records) -> Numbers:
    """Opt-outs per touch sent."""
    return ratio(records.count("opt_outs"), records.count("touches"))


@_metric("reminded orders", "share")
def reminded_share(records: Records) -> Numbers:
    """Share of the run's orders that a reminder brought forward."""
    return ratio(records.count("reminded_orders"), orders(records))

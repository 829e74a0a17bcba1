"""Results of a run, each defined once: a function from `Records` to one number per brand.

Money is in CNY. A metric that is not defined (nobody bought, the run is too short) is NaN, and is
shown as a dash. `table` computes them all: those below, and those of the other rooms, such as
`experiments.flows`.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import (
    curves,
    flows,
    horizon,
    metrics_claims,
    metrics_customers,
    metrics_distributors,
    metrics_legal,
    metrics_market,
    metrics_panel,
    metrics_pilot,
    metrics_referral,
    metrics_staff,
    metrics_switching,
)
from experiments.flows import SPENDING, YEAR, added, discounted
from experiments.records import Records
from experiments.registry import METRICS, Numbers, metric, ratio
from sim.books import contribution, net_revenue

REPEAT_DAYS = 90
LTV_MONTHS = 12

ROOMS = (
    flows,
    metrics_market,
    metrics_panel,
    metrics_customers,
    metrics_claims,
    metrics_switching,
    metrics_referral,
    metrics_distributors,
    metrics_legal,
    metrics_pilot,
    metrics_staff,
)
"""Metrics in files of their own; to import them is to register them."""


def columns(records: Records) -> dict[str, Numbers]:
    """Return float64[brands] of every metric of a run, by name."""
    return {name: metric.function(records).astype(float) for name, metric in METRICS.items()}


def table(records: Records) -> pd.DataFrame:
    """Return all metrics of a run: a row per brand, a column per metric."""
    found = columns(records)
    index = pd.Index(records.brands, name="brand")
    return pd.DataFrame(np.column_stack(list(found.values())), index=index, columns=list(found))


# -- money --------------------------------------------------------------------------------------


def _long_run(records: Records, run: NDArray[Any], held: NDArray[Any]) -> Numbers:
    return discounted(run, records.discount) / 100 + _from_held(records, held)


def _from_held(records: Records, held: NDArray[Any]) -> Numbers:
    value = discounted(held, records.discount, records.days)
    if horizon.is_counted(records):
        value = value + horizon.beyond(records, held)
    return value / 100


@metric("long-run net revenue", "CNY", discounted=True)
def long_run_revenue(records: Records) -> Numbers:
    """Discounted net revenue of the run, plus that of the customers held at its end.

    The second term is terminal equity: the terminal period's net revenue from customers of the last
    day only, without acquisition, discounted to day 0 as well. If that period has three years or
    more, what follows it is counted too, as a geometric series.
    """
    return _long_run(records, net_revenue(records.daily), net_revenue(records.held))


@metric("long-run contribution profit", "CNY", discounted=True)
def long_run_contribution(records: Records) -> Numbers:
    """Discounted contribution profit of the run, plus that of the customers held at its end."""
    return _long_run(records, contribution(records.daily), contribution(records.held))


@metric("long-run spend on customers", "CNY", discounted=True)
def long_run_spend(records: Records) -> Numbers:
    """Discounted sum of all that is given away or paid to win and keep customers and sellers.

    As spend on customers, terminal period included.
    """
    return _long_run(records, added(records.daily, SPENDING), added(records.held, SPENDING))


@metric("terminal equity", "CNY", discounted=True)
def terminal_equity(records: Records) -> Numbers:
    """Return the part of long-run contribution profit that customers held at the end will bring."""
    return _from_held(records, contribution(records.held))


@metric("share of net revenue after the terminal period", "share")
def truncated_share(records: Records) -> Numbers:
    """Share of discounted net revenue that comes after the terminal period, by extrapolation.

    Of that of the run, of the terminal period and after it. Long-run results count it if the
    terminal period has three years or more; else they leave it out. NaN if the period is too short
    to tell: less than 90 days.
    """
    held = net_revenue(records.held)
    after = horizon.beyond(records, held)
    run = discounted(net_revenue(records.daily), records.discount)
    return ratio(after, run + discounted(held, records.discount, records.days) + after)


# -- orders and customers -----------------------------------------------------------------------


@metric("customers", "people")
def customers(records: Records) -> Numbers:
    """People with at least one order in the run."""
    return records.per_brand(records.customers["brand"][records.customers["last_day"] >= 0])


@metric("share of orders", "share")
def share_of_orders(records: Records) -> Numbers:
    """Return the brand's share of all orders of the run."""
    given = flows.orders(records)
    return ratio(given, given.sum())


@metric("share of net revenue", "share")
def share_of_revenue(records: Records) -> Numbers:
    """Return the brand's share of all net revenue of the run."""
    taken = flows.net_revenues(records)
    return ratio(taken, taken.sum())


@metric("average order value", "CNY")
def aov(records: Records) -> Numbers:
    """Mean amount paid per order, before refunds."""
    own = records.own
    paid = records.per_brand(records.brand[own], records.orders["paid_cents"][own])
    return ratio(paid / 100, flows.orders(records))


@metric("refund rate", "share")
def refund_rate(records: Records) -> Numbers:
    """Share of the run's orders that had been refunded by its end."""
    refunded = records.brand[records.own & records.orders["refunded"]]
    return ratio(records.per_brand(refunded), flows.orders(records))


# -- coming back --------------------------------------------------------------------------------


@metric("90-day repeat rate", "share")
def repeat_rate(records: Records) -> Numbers:
    """Share of new customers who order again within 90 days of their first order.

    Only first orders of the run with 90 days of follow-up count, so that nobody is counted as lost
    merely because the run ended.
    """
    seen = records.newcomer & (records.followed >= REPEAT_DAYS)
    again = seen & (records.wait >= 0) & (records.wait <= REPEAT_DAYS)
    brand = records.customers["brand"]
    return ratio(records.per_brand(brand[again]), records.per_brand(brand[seen]))


@metric("annual retention", "share")
def retention(records: Records) -> Numbers:
    """Share of one year's customers who order again in the next, the run's last 365 days.

    The usual customer retention rate: (customers at the end - new ones) / customers at the start,
    with a customer of a year being one who ordered in it. The earlier year may reach into burn-in;
    NaN when even that is too short.
    """
    start = records.days - 2 * YEAR
    if start < -records.burn_in:
        return np.full(len(records.brands), np.nan)
    before = records.ordered(start, start + YEAR)
    after = records.ordered(start + YEAR, records.days)
    brand = records.customers["brand"]
    return ratio(records.per_brand(brand[before & after]), records.per_brand(brand[before]))


@metric("mean days between orders", "days")
def order_gap(records: Records) -> Numbers:
    """Mean gap between a customer's consecutive orders with the brand, the later one in the run."""
    gap, brand = curves.gaps(records)
    return ratio(records.per_brand(brand, gap), records.per_brand(brand))


# -- what a customer is worth -------------------------------------------------------------------


@metric("lifetime value, 12 months", "CNY")
def ltv(records: Records) -> Numbers:
    """Contribution per new customer in the first 12 months, before the cost of acquisition.

    See `curves.lifetime_value`, whose 12th month this is.
    """
    value = curves.lifetime_value(records)
    if value.shape[1] <= LTV_MONTHS:
        return np.full(len(records.brands), np.nan)
    return value[:, LTV_MONTHS]


@metric("acquisition cost per new customer", "CNY")
def cac(records: Records) -> Numbers:
    """Spend on winning customers per new customer of the run.

    Advertising; asking for friends, rewards, honours and their events, friends' discounts; and
    asking customers to become distributors. What keeps customers is not in it.
    """
    return ratio(flows.acquisition_spend(records), flows.new_customers(records))


@metric("LTV : CAC", "ratio")
def ltv_to_cac(records: Records) -> Numbers:
    """Twelve-month lifetime value over acquisition cost."""
    return ratio(ltv(records), cac(records))


@metric("payback", "months")
def payback(records: Records) -> Numbers:
    """First month of a customer's age by which lifetime value has reached acquisition cost.

    NaN if it is not reached within the run, or if nothing was spent on acquisition. Months have 30
    days.
    """
    cost = cac(records)
    reached = curves.lifetime_value(records) >= cost[:, None]
    return np.where(reached.any(axis=1) & (cost > 0), reached.argmax(axis=1), np.nan)


# -- why they go, and how they take being contacted ---------------------------------------------


@metric("answer rate", "share")
def answer_rate(records: Records) -> Numbers:
    """Share of touches that were answered."""
    return ratio(records.count("answers"), records.count("touches"))


@metric("opt-out rate", "per touch")
def opt_out_rate(records: Records) -> Numbers:
    """Opt-outs per touch sent."""
    return ratio(records.count("opt_outs"), records.count("touches"))


@metric("reminded orders", "share")
def reminded_share(records: Records) -> Numbers:
    """Share of the run's orders that a reminder brought forward."""
    return ratio(records.count("reminded_orders"), flows.orders(records))


@metric("reminded orders per 100 touches", "orders per 100 touches")
def reminded_per_100_touches(records: Records) -> Numbers:
    """Orders that a reminder brought forward, per 100 touches of all kinds.

    Vendors attribute more to their messages: every order within some days of one that was opened,
    also of customers who would have ordered on that day without it.
    """
    return 100 * ratio(records.count("reminded_orders"), records.count("touches"))

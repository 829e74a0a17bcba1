"""Flows: money, orders and people by day, whose sums over a run are metrics.

A flow can be discounted, and averaged after a warm-up (`experiments.responses`); other metrics
cannot. The flows of referral and distribution are in the rooms of their metrics.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.records import YEAR, Records
from experiments.registry import Numbers, flow
from sim.accounts import Aim, spent_on
from sim.books import ACCOUNTS, contribution, net_revenue

SPENDING = spent_on(*Aim)
"""Accounts of what a brand gives away or pays to win and keep customers and those who sell to them.

All that lies between gross sales and contribution profit but what selling takes anyway. Balances
(points owed, rewards pending, what distributors paid for stock) and joining fees are no spending.
"""
REWARDS = spent_on(Aim.REWARDS)
"""Accounts of what is given for friends; recognition is no reward."""
ACQUIRING = spent_on(Aim.ACQUISITION, Aim.REWARDS)
"""Accounts of what is paid or given to win customers.

Advertising; of referral programmes the asking, rewards less points that lapsed, honours with their
events, and what friends get off their first order; asking customers to become distributors.
"""
KEEPING = spent_on(Aim.RETENTION)
"""Accounts of what is given to customers to have them buy again: contacts, coupons, price cuts.

Contacts are those that their sender books to `touches`, with gifts and events. Coupons are those
that came with any touch, price cuts include a KOC's discount for good.
"""
SELLING = spent_on(Aim.SELLING)
"""Accounts of what distributors keep or are paid."""


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


def added(book: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return int64[days, brands]: accounts of a book, int64[days, brands, accounts], added up."""
    return book[..., [ACCOUNTS.index(name) for name in names]].sum(axis=-1)


# -- money ----------------------------------------------------------------------------------------


@flow("GMV", "CNY")
def gmv(records: Records) -> NDArray[np.int64]:
    """Gross merchandise value: orders at list price, before discounts and refunds."""
    return records.account("gross_sales")


@flow("net revenue", "CNY")
def net_revenues(records: Records) -> NDArray[np.int64]:
    """Sales less discounts, coupons, friends' discounts, refunds and distributors' margins.

    Over the run. Sales through distributors count when a person buys. Not discounted in time.
    """
    return net_revenue(records.daily)


@flow("contribution profit", "CNY")
def contribution_profit(records: Records) -> NDArray[np.int64]:
    """Net revenue less all costs, over the run, not discounted in time.

    Costs are goods, shipping, touches, advertising, asking for friends, rewards and honours for
    referring, and for distributors recruiting, commissions, bonuses and training.
    """
    return contribution(records.daily)


@flow("spend on customers", "CNY")
def spend(records: Records) -> NDArray[np.int64]:
    """All that is given away or paid to win and keep customers and sellers, not discounted in time.

    Discounts, coupons, friends' discounts, margins of distributors, touches, advertising, asking
    for friends, rewards, honours, recruiting, commissions, bonuses and training.
    """
    return added(records.daily, SPENDING)


@flow("spend on winning customers", "CNY")
def acquisition_spend(records: Records) -> NDArray[np.int64]:
    """Spend on advertising, referral programmes and recruiting, over the run.

    Of referral programmes: asking for friends, rewards less points that lapsed, honours with their
    events, and discounts on friends' first orders, those sent back later included. Recruiting is
    asking customers to become distributors. No touches, coupons, price cuts or training.
    """
    return added(records.daily, ACQUIRING)


@flow("spend on keeping customers", "CNY")
def retention_spend(records: Records) -> NDArray[np.int64]:
    """Spend on touches that keep customers, coupons and price cuts, over the run.

    Touches with their gifts and events, but not those that ask for friends, recruit, train or
    honour. The books do not tell what of it went to customers who were new.
    """
    return added(records.daily, KEEPING)


@flow("cost of touches", "CNY")
def touch_cost(records: Records) -> NDArray[np.int64]:
    """Return what contacts that keep customers cost over the run, with gifts and events.

    What asks for friends, recruits, trains or honours is booked apart.
    """
    return records.account("touches")


@flow("pay of distributors", "CNY")
def distributor_pay(records: Records) -> NDArray[np.int64]:
    """Margins kept, commissions, peer and recruit bonuses, over the run."""
    return added(records.daily, SELLING)


# -- orders and people ----------------------------------------------------------------------------


@flow("orders", "orders")
def orders(records: Records) -> NDArray[np.int64]:
    """Orders of the run."""
    own = records.between(0, records.days)
    return records.per_day(records.day[own], records.brand[own])


@flow("new customers", "people")
def new_customers(records: Records) -> NDArray[np.int64]:
    """People whose first order with the brand fell in the run."""
    new = records.newcomer
    return records.per_day(records.customers["first_day"][new], records.customers["brand"][new])


@flow("dropouts: product only", "people")
def dropouts_product(records: Records) -> NDArray[np.int64]:
    """Return how many dropped out after the product alone had failed them."""
    return records.counted("dropouts_product")


@flow("dropouts: service only", "people")
def dropouts_service(records: Records) -> NDArray[np.int64]:
    """Return how many dropped out after service alone had failed them."""
    return records.counted("dropouts_service")


@flow("dropouts: product and service", "people")
def dropouts_both(records: Records) -> NDArray[np.int64]:
    """Return how many dropped out after product and service both had failed them."""
    return records.counted("dropouts_both")


@flow("dropouts: neither", "people")
def dropouts_neither(records: Records) -> NDArray[np.int64]:
    """Return how many dropped out after neither product nor service had failed them."""
    return records.counted("dropouts_neither")


@flow("dropouts", "people")
def dropouts(records: Records) -> NDArray[np.int64]:
    """Return how many dropped out, whatever had failed them."""
    return records.counted(
        *(f"dropouts_{part}" for part in ("product", "service", "both", "neither"))
    )


@flow("touches", "touches")
def touches(records: Records) -> NDArray[np.int64]:
    """Touches sent over the run."""
    return records.counted("touches")

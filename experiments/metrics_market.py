"""Metrics of a brand in its market: who knows it, who buys, how often, and what one more would cost.

The year is the run's last 365 days; a run of less has no metrics of a year. What a lift in spend
does to everything else is measured by a comparison of two arms (docs/studies.md).
"""

import numpy as np
from numpy.typing import NDArray

from experiments import flows
from experiments.flows import YEAR
from experiments.records import Records, once
from experiments.registry import Numbers, metric, ratio

REPEAT_DAYS = 90
LAST = 4
"""From this order on, orders count together in repeat rates by order number."""


def _undefined(records: Records) -> Numbers:
    return np.full(len(records.brands), np.nan)


# -- awareness and what it costs ------------------------------------------------------------------


@metric("awareness on the last day", "share of people")
def awareness(records: Records) -> Numbers:
    """Share of the people in the category on the last day who know the brand."""
    return records.aware.astype(float)


@metric("advertising to net revenue", "ratio")
def advertising_ratio(records: Records) -> Numbers:
    """Spend on advertising over net revenue of the run."""
    return ratio(records.total("acquisition") / 100, flows.net_revenues(records))


@metric("advertising cost per new customer", "CNY")
def advertising_cac(records: Records) -> Numbers:
    """Spend on advertising per new customer of the run, whatever brought them: the average."""
    return ratio(records.total("acquisition") / 100, flows.new_customers(records))


@metric("marginal advertising cost per new customer", "CNY")
def marginal_cac(records: Records) -> Numbers:
    """Spend on advertising that one more new customer would have cost, had spend been higher.

    The derivative, at the spend of the run, with spend of all days scaled by the same factor. The
    number of prospects made aware moves as the market's own derivative says, which is kept day by
    day (docs/odd.md, 7.10), and of those made aware the same share becomes customers as did in the
    run. Exact where nobody forgets and what people hear does not depend on spend. NaN if nobody was
    made aware, or if nobody of these bought.
    """
    spent = records.total("acquisition") / 100
    prospects = records.prospects
    wins = ratio(prospects["won"], prospects["reached"])
    return ratio(spent, prospects["reached_slope"] * wins)


# -- who buys, and how often ----------------------------------------------------------------------


@once
def _year_orders(records: Records) -> NDArray[np.int64]:
    """Return int64[customers]: orders of each in the year."""
    year = records.between(records.days - YEAR, records.days)
    return np.bincount(records.customer[year], minlength=len(records.customers))


def _buyers(records: Records, orders: NDArray[np.bool_]) -> Numbers:
    return records.per_brand(records.customers["brand"][orders])


@metric("penetration", "share of people")
def penetration(records: Records) -> Numbers:
    """Share of the people in the category on some day of the year who ordered in it."""
    if records.days < YEAR:
        return _undefined(records)
    return ratio(_buyers(records, _year_orders(records) > 0), np.array(records.in_category))


@metric("orders per buyer", "orders per year")
def orders_per_buyer(records: Records) -> Numbers:
    """Orders of the year per customer who ordered in it."""
    if records.days < YEAR:
        return _undefined(records)
    orders = _year_orders(records)
    total = records.per_brand(records.customers["brand"], orders)
    return ratio(total, _buyers(records, orders > 0))


@metric("one-order share", "share")
def one_order_share(records: Records) -> Numbers:
    """Share of the customers who ordered in the year that did so once."""
    if records.days < YEAR:
        return _undefined(records)
    orders = _year_orders(records)
    return ratio(_buyers(records, orders == 1), _buyers(records, orders > 0))


@metric("new customers, this year to the year before", "ratio")
def new_customer_growth(records: Records) -> Numbers:
    """Return new customers of the year over those of the 365 days before, which may be burn-in.

    About 1 in a stationary market; NaN if even burn-in does not reach back so far.
    """
    start = records.days - 2 * YEAR
    if start < -records.burn_in:
        return _undefined(records)
    since = records.customers["first_day"].astype(np.int64) - start
    brand = records.customers["brand"]
    before = records.per_brand(brand[(since >= 0) & (since < YEAR)])
    return ratio(records.per_brand(brand[since >= YEAR]), before)


# -- what one more customer is worth ---------------------------------------------------------------


@metric("contribution before acquisition per new customer", "CNY")
def contribution_per_new(records: Records) -> Numbers:
    """Contribution of the run before spend on winning customers, per new customer of the run.

    In a stationary market what a new customer brings in a lifetime, not discounted: those who come
    in a year are replaced by as many. Of a brand that grows it is less than that.
    """
    before = flows.contribution_profit(records) + flows.acquisition_spend(records)
    return ratio(before, flows.new_customers(records))


@metric("value of a new customer : marginal advertising cost", "ratio")
def marginal_value_to_cac(records: Records) -> Numbers:
    """Contribution before acquisition per new customer, over the marginal advertising cost of one.

    1 where a stationary brand spends what maximises its profit, if the customers that more spend
    would win are worth as much as the others; below 1 it advertises too much.
    """
    return ratio(contribution_per_new(records), marginal_cac(records))


@once
def _repeat_rates(records: Records) -> Numbers:
    """Return float64[brands, LAST]: repeat rates by the number of the order; the first is `repeat_rate`."""
    rows = records.by_customer
    nth, day = records.orders["nth"][rows].astype(np.int64), records.day[rows]
    same = np.append(np.diff(records.customer[rows]) == 0, False)[: len(rows)]
    again = same & (np.diff(day, append=0) <= REPEAT_DAYS)
    seen = (day >= 0) & (records.days - 1 - day >= REPEAT_DAYS)
    place = records.brand[rows] * LAST + np.minimum(nth, LAST) - 1
    size = LAST * len(records.brands)
    top = np.bincount(place[seen & again], minlength=size)
    return ratio(top, np.bincount(place[seen], minlength=size)).reshape(-1, LAST)


@metric("90-day repeat rate after a second order", "share")
def repeat_after_2(records: Records) -> Numbers:
    """Share of customers' second orders of the run that another followed within 90 days."""
    return _repeat_rates(records)[:, 1]


@metric("90-day repeat rate after a third order", "share")
def repeat_after_3(records: Records) -> Numbers:
    """Share of customers' third orders of the run that another followed within 90 days."""
    return _repeat_rates(records)[:, 2]


@metric("90-day repeat rate after a later order", "share")
def repeat_after_4(records: Records) -> Numbers:
    """Share of customers' fourth and later orders of the run that another followed in 90 days."""
    return _repeat_rates(records)[:, 3]

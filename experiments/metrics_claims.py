"""Metrics that put numbers to what practitioners claim of old customers; outputs, never inputs.

That they are 5 to 10 times cheaper to keep than new ones to win, bring 16 times the profit, order
for more, and that who keeps one brings ten. The year is the run's last 365 days, and a new customer
one who first ordered in it; a run of less has no such numbers.
"""

import numpy as np
from numpy.typing import NDArray

from experiments import curves
from experiments.flows import ACQUIRING, KEEPING, YEAR, added
from experiments.records import Records, once
from experiments.registry import Numbers, metric, ratio

LOYAL_ORDERS = 3
"""A loyal customer has ordered so often: an assumption."""
TEN = 10


def _undefined(records: Records) -> Numbers:
    return np.full(len(records.brands), np.nan)


def _year(records: Records) -> int:
    """Return the first day of the year."""
    return records.days - YEAR


def _count(records: Records, rows: NDArray[np.bool_]) -> Numbers:
    return records.per_brand(records.customers["brand"][rows])


def _new(records: Records) -> NDArray[np.bool_]:
    return records.customers["first_day"] >= _year(records)


@once
def _ordered(records: Records) -> NDArray[np.bool_]:
    """Return bool[customers]: who ordered in the year."""
    return records.ordered(_year(records), records.days)


def _spent(records: Records, accounts: tuple[str, ...]) -> Numbers:
    """Return float64[brands]: what the year's entries in some accounts add up to, in CNY."""
    return added(records.daily[-YEAR:], accounts).sum(axis=0) / 100


# -- cheaper --------------------------------------------------------------------------------------


@metric("cost of keeping a customer a year", "CNY")
def keep_cost(records: Records) -> Numbers:
    """Spend of the year on touches that keep, coupons and price cuts, per customer kept.

    Kept are those who had ordered in the 365 days before and did again in the year, as in annual
    retention. Some of that spend goes to new customers, so this is an upper bound. NaN if the year
    before begins earlier than burn-in.
    """
    year = _year(records)
    if year - YEAR < -records.burn_in or year < 0:
        return _undefined(records)
    kept = records.ordered(year - YEAR, year) & _ordered(records)
    return ratio(_spent(records, KEEPING), _count(records, kept))


@once
def _win_cost(records: Records) -> Numbers:
    """Return what winning customers cost in the year per customer won in it, in CNY."""
    return ratio(_spent(records, ACQUIRING), _count(records, _new(records)))


@metric("cost of winning to cost of keeping", "ratio")
def win_to_keep(records: Records) -> Numbers:
    """Spend of the year on winning customers per new one, over the cost of keeping one.

    Winning is as in the acquisition cost per new customer. The claim says 5 to 10.
    """
    return ratio(_win_cost(records), keep_cost(records))


# -- more profitable ------------------------------------------------------------------------------


@once
def _profits(records: Records) -> tuple[Numbers, Numbers]:
    """Return what old and new customers of the year brought in it, each, before acquisition."""
    year = records.between(_year(records), records.days)
    new = _new(records)
    pair = 2 * records.brand[year] + new[records.customer[year]]
    size = 2 * len(records.brands)
    net = np.bincount(pair, records.net_cents[year], minlength=size).reshape(-1, 2) / 100
    they = _ordered(records)
    people = np.bincount(2 * records.customers["brand"][they] + new[they], minlength=size)
    each = ratio(net, people.reshape(-1, 2)) * curves.margin(records)[:, None]
    return each[:, 0], each[:, 1]


@metric("profit per old customer", "CNY per year")
def old_profit(records: Records) -> Numbers:
    """Contribution in the year per customer who ordered in it and had ordered before it.

    Net revenue of the year's orders, times the brand's margin after all costs but acquisition.
    """
    if _year(records) < 0:
        return _undefined(records)
    return _profits(records)[0]


@metric("profit per new customer", "CNY per year")
def new_profit(records: Records) -> Numbers:
    """Contribution in the year per customer won in it, less what winning one cost.

    Computed as for an old customer; but a new one has had only part of the year to order.
    """
    if _year(records) < 0:
        return _undefined(records)
    return _profits(records)[1] - _win_cost(records)


@metric("profit per old to per new customer", "ratio")
def old_to_new_profit(records: Records) -> Numbers:
    """Profit of the year per old customer over that per new one; NaN if new ones bring none.

    The claim says 16.
    """
    new = new_profit(records)
    return ratio(old_profit(records), np.where(new > 0, new, 0.0))


# -- ordering for more, and more of it ------------------------------------------------------------


@once
def _first_and_later(records: Records) -> tuple[Numbers, Numbers, Numbers]:
    """Return the run's first and later orders, [brands, 2]: how many, paid and net, in CNY."""
    own = records.between(0, records.days)
    pair = 2 * records.brand[own] + (records.orders["nth"][own] > 1)
    shape = (len(records.brands), 2)
    number = np.bincount(pair, minlength=2 * len(records.brands)).reshape(shape).astype(np.float64)
    paid, net = (
        np.bincount(pair, cents, minlength=2 * len(records.brands)).reshape(shape) / 100
        for cents in (records.orders["paid_cents"][own], records.net_cents[own])
    )
    return number, paid, net


@metric("average value of first orders", "CNY")
def first_aov(records: Records) -> Numbers:
    """Mean amount paid for the run's first orders of a customer, before refunds."""
    number, paid, _ = _first_and_later(records)
    return ratio(paid, number)[:, 0]


@metric("average value of later orders", "CNY")
def later_aov(records: Records) -> Numbers:
    """Mean amount paid for the run's orders after a customer's first, before refunds."""
    number, paid, _ = _first_and_later(records)
    return ratio(paid, number)[:, 1]


@metric("value of later to first orders", "ratio")
def later_to_first_aov(records: Records) -> Numbers:
    """Average value of later orders over that of first ones; the claim says above 1."""
    return ratio(later_aov(records), first_aov(records))


@metric("revenue from returning customers", "share")
def returning_revenue(records: Records) -> Numbers:
    """Share of net revenue, of the run's orders, that came by orders after a customer's first."""
    _, _, net = _first_and_later(records)
    return ratio(net[:, 1], net.sum(axis=1))


# -- keep one, bring ten --------------------------------------------------------------------------


@once
def _following(records: Records) -> NDArray[np.int64]:
    """Return int64[customers]: how many came by each, directly or by those who had so come."""
    made = records.invitations[records.invitations["order"] >= 0]
    referrer = np.full(len(records.customers), -1)
    friend = records.rows_of(made["friend"], made["brand"])
    referrer[friend] = records.rows_of(made["referrer"], made["brand"])
    found = np.zeros(len(records.customers), np.int64)
    above = referrer[friend]
    while len(above):  # referrers ordered before their friends, so this comes to an end
        found += np.bincount(above, minlength=len(found))
        above = referrer[above]
        above = above[above >= 0]
    return found


def _loyal(records: Records) -> NDArray[np.bool_]:
    return records.customers["orders"] >= LOYAL_ORDERS


@metric("customers brought per loyal customer", "friends per customer")
def brought_per_loyal(records: Records) -> Numbers:
    """Mean number of people who came by invitations that began with a loyal customer.

    Friends, their friends, and so on, over customers with three orders or more by the end of the
    run. A person counts once for each loyal customer on the way. Who came by talk alone is not
    among them, as nobody can say who brought him.
    """
    loyal, brand = _loyal(records), records.customers["brand"]
    brought = records.per_brand(brand[loyal], _following(records)[loyal])
    return ratio(brought, _count(records, loyal))


@metric("loyal customers who brought ten", "share")
def brought_ten(records: Records) -> Numbers:
    """Share of loyal customers by whom ten people or more came: keep one, bring ten."""
    loyal = _loyal(records)
    return ratio(_count(records, loyal & (_following(records) >= TEN)), _count(records, loyal))

"""Curves of a run: retention by cohort, time to the second order, gaps, value over a life.

Each is kept as numerators and denominators, never as rates, so that replicates can be pooled.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import customer_base, downline, switching
from experiments.flows import ACQUIRING
from experiments.occasions import product_limit
from experiments.records import MONTH, Records, ascending, once
from sim.books import contribution, net_revenue

COLUMNS = ("brand", "curve", "x", "y", "top", "bottom")
MAX_GAP = 730
"""Gaps of more days than this are counted as this many."""
LEAST_SHARE, FEWEST = 0.1, 30
"""A curve of the same customers is of no fewer than this share of them, and this number."""
EARNINGS_STEP = 100
"""Net earnings are counted in steps of so many CNY."""


def table(records: Records) -> pd.DataFrame:
    """Return all curves of a run in one long table.

    Returns
    -------
    pandas.DataFrame
        Columns `brand`, `curve`, `x`, `y`, `top`, `bottom`; what they are for each curve:

        ========== =============== ============ ======================= ====================
        curve      x               y            top                     bottom
        ========== =============== ============ ======================= ====================
        cohort     cohort month    age, months  customers who ordered   customers observed
        survival   days            0            second orders           observations that end
        churn      days            0            customers who left      observations that end
        gap        days            category     gaps                    all gaps
        value      age, months     months of    contribution, CNY       customers observed
                                   observation                          for so many months
        lorenz     least percent   0            their net revenue, CNY  net revenue of all
                   of customers
        rfm        recency class   frequency    net revenue, CNY        customers
                                   class
        newcomers  0               0            new customers           customers
        switch     brand bought    category     purchases that follow   all that follow one
                   next (index)                 one of this brand       of this brand
        tenure     days at work    0            distributors who quit   engagements that end
        earnings   net earnings,   0            distributors            all distributors
                   in 100 CNY
        levels     level below     0            distributors            all distributors
                   the brand
        ========== =============== ============ ======================= ====================
    """
    parts = {
        "cohort": cohorts(records),
        "survival": second_order(records),
        "churn": churn(records),
        "gap": gap_histogram(records),
        "value": value_by_observation(records),
        "lorenz": customer_base.concentration(records),
        "rfm": customer_base.rfm(records),
        "newcomers": _newcomers(records),
        "switch": switches(records),
        "tenure": tenure(records),
        "earnings": earnings(records),
        "levels": levels(records),
    }
    frames = [pd.DataFrame(part).assign(curve=name) for name, part in parts.items()]
    rows = pd.concat(frames, ignore_index=True)
    rows["brand"] = np.array(records.brands, dtype=object)[rows["brand"]]
    return rows[list(COLUMNS)]


def _rows(index: tuple[NDArray[Any], ...], top: NDArray[Any], bottom: Any) -> dict[str, Any]:
    brand, x, y = index
    return {"brand": brand, "x": x, "y": y, "top": top, "bottom": bottom}


def _months(records: Records) -> int:
    return -(-records.days // MONTH)


@once
def _observed_for(records: Records) -> NDArray[np.int64]:
    """Return int64[brands, cohorts, months + 1]: newcomers by whole months of observation."""
    months, new = _months(records), records.newcomer
    cohort = records.customers["first_day"][new].astype(np.int64) // MONTH
    full = (records.followed[new] + 1) // MONTH  # whole months, the first day included
    shape = (len(records.brands), months, months + 1)
    flat = np.ravel_multi_index((records.customers["brand"][new], cohort, full), shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)


@once
def _observed(records: Records) -> NDArray[np.int64]:
    """Return int64[brands, cohorts, ages]: newcomers who were observed for all of that month."""
    return _observed_for(records)[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:]


def cohorts(records: Records) -> dict[str, Any]:
    """Count who orders again, by month of the first order and month of age.

    A customer of age a months is one who first ordered 30 a to 30 a + 29 days ago. Only customers
    observed for all of a month count in it. In month 0 all have ordered, by definition.
    """
    first = records.customers["first_day"][records.customer].astype(np.int64)
    full = (records.followed[records.customer] + 1) // MONTH
    rows = records.by_customer
    rows = rows[((first >= 0) & (records.age < full))[rows]]
    customer, age = records.customer[rows], records.age[rows]
    fresh = np.ones(len(rows), bool)  # the first order of a customer in a month
    fresh[1:] = (np.diff(customer) != 0) | (np.diff(age) != 0)
    observed = _observed(records)
    where = (records.brand[rows], first[rows] // MONTH, age)
    flat = np.ravel_multi_index(tuple(part[fresh] for part in where), observed.shape)
    active = np.bincount(flat, minlength=observed.size).reshape(observed.shape)
    index = np.nonzero(observed)
    return _rows(index, active[index].astype(np.float64), observed[index].astype(np.float64))


def second_order(records: Records) -> dict[str, Any]:
    """Count second orders, and observations that end, by days since the first order.

    An observation ends with the second order, or with the run (it is then censored); newcomers of
    the run only. `survival` turns the counts, pooled over replicates or not, into Kaplan-Meier.
    """
    new = records.newcomer
    brand = records.customers["brand"][new].astype(np.int64)
    wait = records.wait[new]
    again = wait >= 0
    return _durations(records, brand, np.where(again, wait, records.followed[new]), again)


def churn(records: Records) -> dict[str, Any]:
    """Count newcomers of the run who have dropped out, and observations that end, by days of age.

    Days since the first order. Dropout is known in a simulation; a brand only sees that nobody
    orders any more. Who stops needing the category has not dropped out, nor who has come back.
    """
    new = records.newcomer
    them = records.customers[new]
    left = them["dropped_out"]
    days = np.where(left, them["dropped_out_day"] - them["first_day"], records.followed[new])
    return _durations(records, them["brand"].astype(np.int64), days, left)


def tenure(records: Records) -> dict[str, Any]:
    """Count distributors who give up, and observations that end, by days since they joined."""
    return _durations(
        records, downline.brand(records), downline.days_at_work(records), downline.ended(records)
    )


def _durations(
    records: Records,
    brand: NDArray[np.int64],
    days: NDArray[np.int64],
    event: NDArray[np.bool_],
) -> dict[str, Any]:
    """Count events, and observations that end by one or otherwise, by brand and days."""
    shape = (len(records.brands), records.days + 1)
    flat = np.ravel_multi_index((brand, days), shape)
    ended = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    events = np.bincount(flat[event], minlength=int(np.prod(shape))).reshape(shape)
    index = np.nonzero(ended)
    top, bottom = events[index].astype(np.float64), ended[index].astype(np.float64)
    return _rows((*index, np.zeros_like(index[0])), top, bottom)


def survival(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the Kaplan-Meier estimate of not having ordered again, left, or given up.

    Parameters
    ----------
    rows
        Rows of the curve `survival`, `churn` or `tenure` of one brand, from any number of runs.

    Returns
    -------
    pandas.DataFrame
        By day `x` since the first order: `risk`, `survival` and its standard error `se`
        (Greenwood).
    """
    sums = rows.groupby("x")[["top", "bottom"]].sum().sort_index()
    events, ended = sums["top"].to_numpy(), sums["bottom"].to_numpy()
    risk, alive, se = product_limit(events, ended)
    return pd.DataFrame({"risk": risk, "survival": alive, "se": se}, index=sums.index)


def gaps(records: Records) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return int64[gaps], int64[gaps]: days between consecutive orders, and the brand.

    Between a customer's orders with one brand in one category; the later order is in the run.
    """
    gap, row = _gaps(records)
    return gap, records.brand[row]


@once
def _gaps(records: Records) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the gaps and the row of the later order of each."""
    width = int(records.categories.max(initial=0)) + 1
    if width == 1:
        rows, group = records.by_customer, records.customer
    else:
        group = records.customer * width + records.categories[records.orders["product"]]
        rows = ascending(group)
    day = records.day[rows]
    later = (np.diff(group[rows]) == 0) & (day[1:] >= 0)
    return np.diff(day)[later], rows[1:][later]


def gap_histogram(records: Records) -> dict[str, Any]:
    """Count the days between consecutive orders of a customer with a brand in a category."""
    gap, row = _gaps(records)
    category = records.categories[records.orders["product"][row]]
    shape = (len(records.brands), MAX_GAP + 1, int(records.categories.max(initial=0)) + 1)
    where = (records.brand[row], np.minimum(gap, MAX_GAP), category)
    flat = np.ravel_multi_index(where, shape)
    count = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    index = np.nonzero(count)
    total = count.sum(axis=1)[index[0], index[2]]
    return _rows(index, count[index].astype(np.float64), total.astype(np.float64))


def margin(records: Records) -> NDArray[np.float64]:
    """Return float64[brands]: contribution before `ACQUIRING`, as a share of net revenue.

    Friends' discounts, which are acquisition and no cost but less revenue, are added back.
    """
    before = contribution(records.daily).sum(axis=0) + records.total(*ACQUIRING)
    revenue = net_revenue(records.daily).sum(axis=0)
    out = np.full(len(revenue), np.nan)
    return np.divide(before, revenue, out=out, where=revenue > 0)


@once
def _value(records: Records) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return CNY and customers observed, both [brands, months]: totals by the end of month x.

    In month x are those who were observed for all of it, so the customers differ by month.
    """
    worth, people = _by_observation(records)
    month = np.arange(people.shape[1] - 1)
    seen = worth[:, ::-1].cumsum(axis=1)[:, ::-1]  # followed for at least so many months
    observed = people[:, ::-1].cumsum(axis=1)[:, ::-1]
    return seen[:, month + 1, month], observed[:, 1:]


@once
def _by_observation(records: Records) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return CNY so far and customers, by the whole months for which these were observed.

    CNY is [brands, months + 1, months], by months of observation and month of age; customers are
    [brands, months + 1].
    """
    people = _observed_for(records).sum(axis=1)
    customer = records.customer
    first = records.customers["first_day"][customer]
    full = (records.followed[customer] + 1) // MONTH
    rows = np.flatnonzero((first >= 0) & (records.age < full))
    months = people.shape[1] - 1
    shape = (len(records.brands), months + 1, months)
    flat = np.ravel_multi_index((records.brand[rows], full[rows], records.age[rows]), shape)
    net = np.bincount(flat, records.net_cents[rows], minlength=int(np.prod(shape)))
    by_age = net.reshape(shape).cumsum(axis=2)  # [brand, months followed, by the end of month]
    return by_age * margin(records)[:, None, None] / 100, people


def _newcomers(records: Records) -> dict[str, Any]:
    """Count the customers, so that no run is without a row."""
    brand = records.customers["brand"].astype(np.int64)
    index = np.arange(len(records.brands))
    zero = np.zeros_like(index)
    return _rows(
        (index, zero, zero), records.per_brand(brand[records.newcomer]), records.per_brand(brand)
    )


def lifetime_value(records: Records) -> NDArray[np.float64]:
    """Return float64[brands, months + 1]: contribution per new customer by age, in CNY.

    Element k is the mean over customers observed for k whole months of 30 days of their net revenue
    up to then, times the brand's margin after all costs but those of acquisition, which are
    advertising and rewards for referring; NaN where nobody was observed for so long.
    """
    top, bottom = _value(records)
    value = np.full((top.shape[0], top.shape[1] + 1), np.nan)
    value[:, 0] = 0
    np.divide(top, bottom, out=value[:, 1:], where=bottom > 0)
    return value


def value_by_observation(records: Records) -> dict[str, Any]:
    """Sum contribution up to each month of age, by whole months for which customers were observed.

    So that a curve over age can be that of the same customers all along: `value_of_the_same`.
    """
    worth, people = _by_observation(records)
    months = people.shape[1] - 1
    age, followed = np.arange(1, months + 1), np.arange(months + 1)
    there = (people[:, :, None] > 0) & (age[None, None, :] <= followed[None, :, None])
    brand, y, k = np.nonzero(there)
    top = np.nan_to_num(worth[brand, y, k])
    return _rows((brand, age[k], y), top, people[brand, y].astype(np.float64))


def window(people: pd.Series) -> int:
    """Return for how many months a curve of the same customers goes on.

    As long as a tenth of all new customers were observed for, and `FEWEST` of them, or half where
    there are few.

    Parameters
    ----------
    people : float[months]
        New customers observed for at least so many months, by months.
    """
    total = float(people.max()) if len(people) else 0.0
    enough = people[people >= max(LEAST_SHARE * total, min(FEWEST, total / 2))]
    return int(enough.index.max()) if total else 0


def value_of_the_same(rows: pd.DataFrame) -> pd.DataFrame:
    """Return contribution per new customer by age, over those observed for all of the curve.

    Parameters
    ----------
    rows
        Rows of the curve `value` of one brand, from any number of runs.

    Returns
    -------
    pandas.DataFrame
        By month of age `x`, from 0: `value`, CNY, and `n`, how many customers, the same in all
        rows. Only age 0 if nobody was observed for a month.
    """
    own = rows[rows["y"] > 0]
    by_months = own[own["x"] == 1].groupby("y")["bottom"].sum()
    people = by_months.sort_index(ascending=False).cumsum()
    last = window(people)
    same = own[(own["y"] >= last) & (own["x"] <= last)]
    sums = same.groupby("x")[["top", "bottom"]].sum()
    value = pd.concat([pd.Series({0: 0.0}), sums["top"] / sums["bottom"]])
    return pd.DataFrame({"value": value, "n": int(people.get(last, 0))})


def switches(records: Records) -> dict[str, Any]:
    """Count the purchases that follow one of a brand, by the brand that gets them."""
    flows = switching.matrix(records)
    total = flows.sum(axis=1, keepdims=True)
    index = np.nonzero(np.broadcast_to(total, flows.shape))
    bottom = np.broadcast_to(total, flows.shape)[index]
    return _rows(index, flows[index].astype(np.float64), bottom.astype(np.float64))


def earnings(records: Records) -> dict[str, Any]:
    """Count distributors by net earnings, in steps of `EARNINGS_STEP` CNY, rounded down."""
    return _distributors(records, downline.net_cents(records) // (100 * EARNINGS_STEP))


def levels(records: Records) -> dict[str, Any]:
    """Count distributors by level below the brand."""
    return _distributors(records, downline.level(records))


def _distributors(records: Records, value: NDArray[np.int64]) -> dict[str, Any]:
    """Count distributors by brand and a whole number."""
    brand = downline.brand(records)
    pairs, count = np.unique(np.stack([brand, value]), axis=1, return_counts=True)
    all_of_brand = records.per_brand(brand)[pairs[0]]
    index = (pairs[0], pairs[1], np.zeros_like(pairs[0]))
    return _rows(index, count.astype(np.float64), all_of_brand)

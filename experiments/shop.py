"""A shop's transaction log: what it says of its brand, with intervals, by the metrics' definitions.

A log of one shop is a panel of its customers and nobody else: it knows nothing of people who never
bought, of rivals, or of what was spent to win anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from experiments.fits import Fit, Histories, fit_bgnbd, fit_pareto_nbd, histories
from experiments.occasions import LAST, WITHIN, Occasions
from experiments.panels import Panel
from experiments.records import YEAR
from sim.transactions.log import Log, read
from sim.transactions.spec import LogFile

BOOTSTRAPS = 200
LEVEL = 0.95
FEWEST = 50
"""Customers or orders; a number that fewer tell is not said."""
LOOK_BACK = 180
"""Days of log before customers count as new in the likelihood fits, if it is long enough."""
Number = float | str
"""A number, or why the log does not say it."""


@dataclass(frozen=True)
class Said:
    """What a log says of one metric.

    Attributes
    ----------
    metric
        Its name.
    value, low, high
        With the 95 % interval over resamples of customers.
    """

    metric: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Shop:
    """What a log says.

    Attributes
    ----------
    log
        As it was read.
    days
        From its first day to its last, both included.
    said
        Metrics with intervals.
    unsaid
        By metric that it cannot say: why.
    fits
        Of customers since they were first seen.
    """

    log: Log
    days: int
    said: list[Said]
    unsaid: Mapping[str, str]
    fits: list[Fit]


def look(source: LogFile, until: date | None = None) -> Shop:
    """Read a log and compute all that it says.

    Parameters
    ----------
    source
        The file, and what its columns mean.
    until
        Lines of this day and later are not read. The log is taken to reach up to it.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    log = read(source, until)
    days = int(log.day.max()) + 1 if until is None else (until - log.start).days
    panel = _panel(log, days)
    said, unsaid = [], {}
    point = numbers(panel, log.amount is not None)
    draws = _bootstrap(panel, log.amount is not None)
    for metric, value in point.items():
        if isinstance(value, str):
            unsaid[metric] = value
            continue
        low, high = np.nanquantile(draws[metric], ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        said.append(Said(metric, value, float(low), float(high)))
    return Shop(log, days, said, unsaid, fits(log, days))


def _panel(log: Log, days: int) -> Panel:
    """Return the log as a panel of its customers and one maker; lines of a day are one purchase."""
    spent = np.ones(len(log.day)) if log.amount is None else log.amount
    key, place = np.unique(log.customer.astype(np.int64) * days + log.day, return_inverse=True)
    who, day = np.divmod(key, days)
    customers, paid = np.arange(len(log.customers)), np.bincount(place, spent).astype(float)
    return Panel(customers, who, np.zeros_like(who), day, paid, days)


# -- metrics ----------------------------------------------------------------------------------------


def numbers(panel: Panel, amounts: bool, fewest: int = FEWEST) -> dict[str, Number]:
    """Return each metric by name, or why the log does not say it.

    Of its last 365 days, as the metrics of a year are of a run's.

    Parameters
    ----------
    panel
        The log's customers.
    amounts
        Whether the log has amounts.
    fewest
        A number is said if it is of so many customers or orders.
    """
    if panel.days < YEAR:
        why = f"the log is of {panel.days} days, and it is counted over {YEAR}"
        year_long = ("orders_per_buyer", "one_order_share", "panel_repeat", "gap_median")
        return dict.fromkeys(year_long, why) | _money(panel, amounts, fewest)
    start = panel.days - YEAR
    late = panel.day >= start
    year = Occasions.of(panel.household[late], panel.day[late] - start, YEAR)
    orders, (again, seen) = year.orders(), year.repeats_by_number()

    def of_buyers(number: Callable[[], float]) -> Number:
        return _said(number, len(orders), "buyers in the year", fewest)

    out = {
        "orders_per_buyer": of_buyers(lambda: float(orders.mean())),
        "one_order_share": of_buyers(lambda: float((orders == 1).mean())),
        "panel_repeat": _said(lambda: year.repeat().by(WITHIN)[0], seen[0], "first orders", fewest),
    }
    for k in range(LAST):
        again_of = partial(np.divide, again[k], seen[k])
        out[f"panel_repeat_{k + 1}"] = _said(again_of, seen[k], "such orders", fewest)
    for name, share in (("gap_q1", 0.25), ("gap_median", 0.5), ("gap_q3", 0.75)):
        gap = partial(np.quantile, year.gaps, share)
        out[name] = _said(gap, len(year.gaps), "gaps between orders", fewest)
    return out | _money(panel, amounts, fewest) | _newcomers(panel, fewest)


def _said(number: Callable[[], float], count: int, of: str, fewest: int) -> Number:
    """Return a number if there is enough that it is of."""
    if count < fewest:
        return f"the log has {count:,} {of}, fewer than {fewest}"
    value = float(number())
    return "too few were followed long enough" if np.isnan(value) else value


def _money(panel: Panel, amounts: bool, fewest: int) -> dict[str, Number]:
    """Return order value and the revenue of those who had bought before."""
    if not amounts:
        why = "no column of amounts was named"
        return {"aov": why, "returning_revenue": why}
    late = panel.day >= panel.days - YEAR
    spent, first = panel.spent, np.diff(panel.household, prepend=-1) != 0

    def returning() -> float:
        return float(spent[late & ~first].sum() / spent[late].sum())

    orders = int(late.sum())
    out = {"aov": _said(lambda: float(spent[late].mean()), orders, "orders in the year", fewest)}
    if panel.days < 2 * YEAR:
        out["returning_revenue"] = "the log has no whole year before the last, to tell who is new"
    else:
        out["returning_revenue"] = _said(returning, orders, "orders in the year", fewest)
    return out


def _newcomers(panel: Panel, fewest: int) -> dict[str, Number]:
    """Return new customers of the last year over those of the year before."""
    if panel.days < 3 * YEAR:
        why = "the log has no whole year before the last two, to tell who is new"
        return {"new_customer_growth": why}
    first = panel.day[np.diff(panel.household, prepend=-1) != 0]
    now = int((first >= panel.days - YEAR).sum())
    before = int((first >= panel.days - 2 * YEAR).sum()) - now
    what = "new customers in the year before"
    return {"new_customer_growth": _said(lambda: now / before, before, what, fewest)}


def _bootstrap(panel: Panel, amounts: bool) -> dict[str, NDArray[np.float64]]:
    """Return each metric in resamples of customers, NaN where one of these does not have it."""
    rng = np.random.default_rng(1)
    n = len(panel.households)
    rows = [numbers(panel.resampled(rng.integers(0, n, n)), amounts, 1) for _ in range(BOOTSTRAPS)]

    def number(value: Number) -> float:
        return np.nan if isinstance(value, str) else value

    return {name: np.array([number(row[name]) for row in rows]) for name in rows[0]}


def fits(log: Log, days: int) -> list[Fit]:
    """Fit the models of repeat buying to customers first seen after a look-back, where they can be.

    Parameters
    ----------
    log
        A log.
    days
        From its start; what it holds of later days is not looked at.
    """
    since = LOOK_BACK if days >= 3 * LOOK_BACK else 0
    given = histories(log, days, since)
    out = []
    fitters: list[Callable[[Histories], Fit]] = [fit_bgnbd, fit_pareto_nbd]
    if len(given) >= FEWEST and given.repeats.sum() >= FEWEST:
        for fitter in fitters:
            try:
                out.append(fitter(given))
            except ValueError:
                continue  # a likelihood without a maximum says nothing
    return out

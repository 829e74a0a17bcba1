"""A shop's transaction log: what it says of its brand, with intervals, by the metrics' definitions.

A log of one shop is a panel of its customers and nobody else: it knows nothing of people who never
bought, of rivals, or of what was spent to win anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

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
"""A share of fewer orders than this is not said."""
LOOK_BACK = 180
"""Days of log before customers count as new in the likelihood fits, if it is long enough."""
Ends = tuple[float, float]


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

    @property
    def end(self) -> date:
        """The last day."""
        return self.log.start + timedelta(self.days - 1)


def look(source: LogFile, until: date | None = None) -> Shop:
    """Read a log and compute all that it says.

    Parameters
    ----------
    source
        The file, and what its columns mean.
    until
        Lines of this day and later are not read.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    log = read(source, until)
    days = int(log.day.max()) + 1
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
    return Shop(log, days, said, unsaid, _fits(log, days))


def _panel(log: Log, days: int) -> Panel:
    """Return the log as a panel of its customers and one maker; lines of a day are one purchase."""
    spent = np.ones(len(log.day)) if log.amount is None else log.amount
    key, place = np.unique(log.customer.astype(np.int64) * days + log.day, return_inverse=True)
    who, day = np.divmod(key, days)
    customers, paid = np.arange(len(log.customers)), np.bincount(place, spent).astype(float)
    return Panel(customers, who, np.zeros_like(who), day, paid, days)


# -- metrics ----------------------------------------------------------------------------------------


def numbers(panel: Panel, amounts: bool) -> dict[str, float | str]:
    """Return each metric by name, or why the log does not say it.

    Of its last 365 days, as the metrics of a year are of a run's.

    Parameters
    ----------
    panel
        The log's customers.
    amounts
        Whether the log has amounts.
    """
    if panel.days < YEAR:
        why = f"the log is of {panel.days} days, and it is counted over {YEAR}"
        year_long = ("orders_per_buyer", "one_order_share", "panel_repeat", "gap_median")
        return dict.fromkeys(year_long, why) | _money(panel, amounts)
    start = panel.days - YEAR
    late = panel.day >= start
    year = Occasions.of(panel.household[late], panel.day[late] - start, YEAR)
    orders = year.orders()
    out: dict[str, float | str] = {
        "orders_per_buyer": float(orders.mean()),
        "one_order_share": float((orders == 1).mean()),
        "panel_repeat": year.repeat().by(WITHIN)[0],
    }
    again, seen = year.repeats_by_number()
    for k in range(LAST):
        enough = seen[k] >= FEWEST
        few = f"there are {seen[k]:,} such orders, fewer than {FEWEST}"
        out[f"panel_repeat_{k + 1}"] = float(again[k] / seen[k]) if enough else few
    for name, share in (("gap_q1", 0.25), ("gap_median", 0.5), ("gap_q3", 0.75)):
        enough = len(year.gaps) >= FEWEST
        out[name] = float(np.quantile(year.gaps, share)) if enough else "there are too few gaps"
    return out | _money(panel, amounts) | _newcomers(panel)


def _money(panel: Panel, amounts: bool) -> dict[str, float | str]:
    """Return order value and the revenue of those who had bought before."""
    if not amounts:
        why = "no column of amounts was named"
        return {"aov": why, "returning_revenue": why}
    late = panel.day >= max(panel.days - YEAR, 0)
    out: dict[str, float | str] = {"aov": float(panel.spent[late].mean())}
    if panel.days < 2 * YEAR:
        out["returning_revenue"] = "the log has no whole year before the last, to tell who is new"
        return out
    first = np.diff(panel.household, prepend=-1) != 0
    out["returning_revenue"] = float(panel.spent[late & ~first].sum() / panel.spent[late].sum())
    return out


def _newcomers(panel: Panel) -> dict[str, float | str]:
    """Return new customers of the last year over those of the year before."""
    if panel.days < 3 * YEAR:
        why = "the log has no whole year before the last two, to tell who is new"
        return {"new_customer_growth": why}
    first = panel.day[np.diff(panel.household, prepend=-1) != 0]
    before = ((first >= panel.days - 2 * YEAR) & (first < panel.days - YEAR)).sum()
    if before < FEWEST:
        return {"new_customer_growth": f"{before:,} new customers in the year before are too few"}
    return {"new_customer_growth": float((first >= panel.days - YEAR).sum() / before)}


def _bootstrap(panel: Panel, amounts: bool) -> dict[str, NDArray[np.float64]]:
    """Return each metric in resamples of customers."""
    rng = np.random.default_rng(1)
    n = len(panel.households)
    rows = [numbers(panel.resampled(rng.integers(0, n, n)), amounts) for _ in range(BOOTSTRAPS)]

    def number(value: float | str) -> float:
        return np.nan if isinstance(value, str) else value

    return {name: np.array([number(row[name]) for row in rows]) for name in rows[0]}


def _fits(log: Log, days: int) -> list[Fit]:
    """Fit the models of repeat buying to customers first seen after a look-back, where they can be."""
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

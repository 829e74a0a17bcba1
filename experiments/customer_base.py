"""The customer base at the end of a run: who bought how lately, how often and for how much.

Customers of the run are all who ordered in it; what they brought is their net revenue in the books
since day 0.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records, once

RECENCY = (30, 60, 90, 180, 365)
"""Bounds of the classes of recency: the first is below 30 days, the last 365 days and more."""
FREQUENCY = (2, 3, 6, 11)
"""Bounds of the classes of frequency: 1, 2, 3 to 5, 6 to 10, and 11 orders and more."""
PERCENT = np.arange(101)


@once
def active(records: Records) -> NDArray[np.bool_]:
    """Return bool[customers]: who ordered in the run."""
    return records.customers["last_day"] >= 0


@once
def brought(records: Records) -> list[NDArray[np.int64]]:
    """Return net revenue in cents of each customer of the run, in ascending order, by brand."""
    cents, brand = records.customers["net_cents"], records.customers["brand"]
    who = active(records)
    return [np.sort(cents[who & (brand == b)]) for b in range(len(records.brands))]


def lorenz(ascending: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return float64[101]: what the least k percent together have, for k from 0 to 100.

    Parameters
    ----------
    ascending : int64[k]
        What each has, in ascending order. Between persons the curve is straight.
    """
    people = np.arange(len(ascending) + 1)
    total = np.concatenate([[0], ascending.cumsum()])
    return np.interp(PERCENT * len(ascending) / 100, people, total)


def gini(ascending: NDArray[np.int64]) -> float:
    """Return half the mean absolute difference over the mean; NaN unless the sum is positive.

    Parameters
    ----------
    ascending : int64[k]
        What each has, in ascending order.
    """
    total, n = ascending.sum(), len(ascending)
    if total <= 0:
        return float("nan")
    rank = 2 * np.arange(1, n + 1) - n - 1
    return float((rank * ascending).sum() / (n * total))


# -- curves: columns as in `experiments.curves` --------------------------------------------------


def concentration(records: Records) -> dict[str, Any]:
    """Lorenz curve: net revenue, in CNY, of the least k percent of customers, and of all."""
    known = [b for b, values in enumerate(brought(records)) if len(values)]
    top = np.array([lorenz(brought(records)[b]) for b in known]).reshape(-1) / 100
    total = np.array([brought(records)[b].sum() for b in known]) / 100
    return {
        "brand": np.repeat(np.array(known, np.int64), len(PERCENT)),
        "x": np.tile(PERCENT, len(known)),
        "y": np.zeros(len(top), np.int64),
        "top": top,
        "bottom": np.repeat(total, len(PERCENT)),
    }


def rfm(records: Records) -> dict[str, Any]:
    """RFM grid: net revenue in CNY, and customers, by classes of recency and frequency.

    Recency, frequency and monetary value are the axes of direct marketing (Hughes 2005). Classes
    have fixed bounds, not quintiles, so that runs and arms can be compared and pooled.
    """
    rows = records.customers[active(records)]
    orders = np.bincount(records.customer[records.own], minlength=len(records.customers))
    recency = np.digitize(records.days - 1 - rows["last_day"].astype(np.int64), RECENCY)
    frequency = np.digitize(orders[active(records)], FREQUENCY)
    shape = (len(records.brands), len(RECENCY) + 1, len(FREQUENCY) + 1)
    flat = np.ravel_multi_index((rows["brand"], recency, frequency), shape)
    people = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    cents = np.bincount(flat, rows["net_cents"], minlength=int(np.prod(shape))).reshape(shape)
    brand, x, y = index = np.nonzero(people)
    return {
        "brand": brand,
        "x": x,
        "y": y,
        "top": cents[index] / 100,
        "bottom": people[index] * 1.0,
    }

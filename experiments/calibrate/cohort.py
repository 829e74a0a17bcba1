"""Customers known on a day, and what they order in the weeks after it: of a log, of simulated runs.

A shop's log is of its own customers; a simulated market has as many people as one likes, and
customers of its own. They are compared customer by customer: those who have ordered within a
look-back of some days before the day are *known*, each belongs to a cell by how many days they
ordered on and for how long they have been silent, and what the known customers of a market order
later is averaged within each cell.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
OFTEN = 4
"""Customers with so many days of orders in the look-back, or more, are one class."""
SILENT = (14, 28, 56, 91, 182)
"""Days of silence at which a new class begins."""
CELLS = OFTEN * (len(SILENT) + 1)
LOOK_BACK = 365
"""Days before the cut within which a known customer has ordered, at most."""


@dataclass(frozen=True)
class Cohort:
    """Customers known on a day.

    Attributes
    ----------
    who : int64[n]
        The customers, ascending.
    cell : int64[n]
        Which of the `CELLS` each belongs to.
    later : int64[n, weeks]
        Days of each week after the day on which each ordered.
    """

    who: Ints
    cell: Ints
    later: Ints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.who)


def cohort(who: Ints, day: Ints, cut: int, look_back: int, weeks: int) -> Cohort:
    """Return the customers known on a day.

    Parameters
    ----------
    who, day : int64[orders]
        Of each order. Several of one customer and day count once.
    cut
        The first day that is not known yet.
    look_back
        Known are those with an order in so many days before it.
    weeks
        Weeks from `cut` on in which later orders are counted.
    """
    pairs = pd.DataFrame({"who": who, "day": day}).drop_duplicates()
    early = pairs[(pairs["day"] >= cut - look_back) & (pairs["day"] < cut)]
    found = early.groupby("who")["day"].agg(["size", "max"])
    known, silent = found.index.to_numpy(np.int64), cut - 1 - found["max"].to_numpy(np.int64)
    often = np.minimum(found["size"].to_numpy(np.int64), OFTEN) - 1
    cell = often * (len(SILENT) + 1) + np.searchsorted(SILENT, silent, "right")
    after = pairs[(pairs["day"] >= cut) & (pairs["day"] < cut + 7 * weeks)]
    after = after[after["who"].isin(known)]
    later = np.zeros((len(known), weeks), np.int64)
    place = np.searchsorted(known, after["who"].to_numpy(np.int64))
    np.add.at(later, (place, (after["day"].to_numpy(np.int64) - cut) // 7), 1)
    return Cohort(known, cell.astype(np.int64), later)


def per_customer(given: Cohort) -> Floats:
    """Return float64[weeks]: mean orders of a known customer in each week; NaN if there is none."""
    if not len(given):
        return np.full(given.later.shape[1], np.nan)
    return np.asarray(given.later.mean(axis=0))


def by_cell(given: Cohort) -> Floats:
    """Return float64[CELLS, weeks]: mean orders of a known customer of each cell.

    A cell in which there is nobody has the mean of those who ordered as often, or else of all.
    """
    total = np.zeros((CELLS, given.later.shape[1]))
    np.add.at(total, given.cell, given.later)
    people = np.bincount(given.cell, minlength=CELLS).astype(float)[:, None]
    silences = len(SILENT) + 1
    rows = total.reshape(OFTEN, silences, -1).sum(axis=1)
    own = people.reshape(OFTEN, silences, 1).sum(axis=1)
    every = per_customer(given)[None, :]
    class_mean = np.where(own > 0, rows / np.maximum(own, 1), every)
    spread = np.repeat(class_mean, silences, axis=0)
    return np.where(people > 0, total / np.maximum(people, 1), spread)


def expected(of: Cohort, market: Cohort) -> Floats:
    """Return float64[weeks]: orders of a log's known customers if each did as a market's do.

    Parameters
    ----------
    of
        The log's.
    market
        Those of a market, of all its runs.
    """
    return np.asarray(np.bincount(of.cell, minlength=CELLS) @ by_cell(market))


def together(cohorts: list[Cohort]) -> Cohort:
    """Return the customers of several runs as one cohort; who they are is no longer told."""
    later = np.concatenate([c.later for c in cohorts])
    cell = np.concatenate([c.cell for c in cohorts])
    return Cohort(np.arange(len(cell)), cell, later)

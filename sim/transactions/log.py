"""A transaction log, read once."""

import functools
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.transactions import amounts, customers, dates, source
from sim.transactions.grid import Bools, Grid, Values, counted
from sim.transactions.spec import LogFile

Number = TypeVar("Number", bound=np.generic)
KEPT = 4
"""Logs kept in memory at a time."""


@dataclass(frozen=True, eq=False)
class Log:
    """Who bought on which day.

    Attributes
    ----------
    name
        Of the file.
    customers
        Their ids, in order (of code points).
    customer : int32[n]
        Index into `customers`, of each purchase in the order of the file.
    day : int32[n]
        Days since the earliest purchase.
    amount : float64[n] or None
        In the currency of the file, above 0; None if no column was named.
    start
        Day of the earliest purchase.
    notes
        What was read, what was set aside and why, and what may be wrong; sentences.
    """

    name: str
    customers: list[str]
    customer: NDArray[np.int32]
    day: NDArray[np.int32]
    amount: NDArray[np.float64] | None
    start: date
    notes: tuple[str, ...]

    @functools.cached_property
    def first_days(self) -> NDArray[np.int32]:
        """Return the day of each customer's first purchase, in order of `customers`."""
        first = np.full(len(self.customers), np.iinfo(np.int32).max, np.int32)
        np.minimum.at(first, self.customer, self.day)
        return _fixed(first)


def _fixed(array: NDArray[Number]) -> NDArray[Number]:
    """Return an array that nobody can change: all in a process are given the same."""
    array.flags.writeable = False
    return array


def read(log: LogFile, until: date | None = None) -> Log:
    """Read a transaction log, or return it if it was read before and has not changed.

    Parameters
    ----------
    log
        The file, and what its columns mean.
    until
        Lines of this day and later are not read: nothing in the result depends on them. What is
        calibrated on the days before can therefore be held against them.

    Raises
    ------
    ValueError
        With file and line, what is wrong and what to do, if it cannot be read.
    """
    if not log.log:
        raise ValueError("entry by a log needs the name of one")
    plain = LogFile(**{name: getattr(log, name) for name in LogFile.model_fields})
    return _read(plain, source.state(log.log), until)


@functools.lru_cache(KEPT)
def _read(log: LogFile, state: tuple[int, int] | None, until: date | None) -> Log:
    grid = source.grid(log)
    return _build(log, grid if until is None else _before(grid, log, until))


def _before(grid: Grid, log: LogFile, until: date) -> Grid:
    """Return the grid without lines of a day and later; what has no date that can be read stays."""
    late = dates.from_day(grid, grid.values(grid.find(log.date)), log, until)
    return grid.only(np.flatnonzero(~late))


@dataclass
class _Aside:
    """Which rows count, and why others do not."""

    grid: Grid
    keep: Bools
    notes: list[str] = field(default_factory=list)

    def take(self, rows: Bools, why: str) -> None:
        """Set rows aside."""
        rows = rows & self.keep
        if (n := int(rows.sum())) == 0:
            return
        first = self.grid.place(int(rows.argmax()))
        self.notes.append(
            f"Set aside: {n:,} of {counted(self.grid.rows, 'line')}, with {why} (first: {first})."
        )
        self.keep = self.keep & ~rows


def _build(log: LogFile, grid: Grid) -> Log:
    known = _columns(log, grid)
    who, when = grid.values(known["customer"]), grid.values(known["date"])
    aside = _Aside(grid, np.ones(grid.rows, bool))
    aside.take(customers.absent(who, log), "no customer's id")
    amount = None
    if "amount" in known:
        amount = amounts.numbers(grid, grid.values(known["amount"]), aside.keep, log)
        aside.take(np.isnan(amount), "no amount")
        aside.take(amount < 0, "an amount below 0")
        aside.take(amount == 0, "an amount of 0")
    signs = _refunds(log, grid, known, aside.keep)
    if not aside.keep.any():
        raise ValueError(" ".join([f"{grid.name}: no purchases in it.", *aside.notes]).rstrip("."))
    customers.check(grid, who, aside.keep, log)
    day, zones = dates.days(grid, when, aside.keep, log)
    rows = np.flatnonzero(aside.keep)
    names, customer = _numbered(who, rows)
    start = int(day[rows].min())
    since = (day[rows] - start).astype(np.int32)
    begin = date(1970, 1, 1) + timedelta(start)
    end = begin + timedelta(int(since.max()))
    bought = f"{counted(rows.size, 'purchase')} of {counted(len(names), 'customer')}"
    head = f"{grid.name}: {bought} from {begin} to {end}."
    notes = [head, *aside.notes, *grid.notes, *zones, *signs]
    paid = None if amount is None else _fixed(amount[rows])
    found = Log(grid.name, names, _fixed(customer), _fixed(since), paid, begin, tuple(notes))
    more = dates.remarks(day[rows]) + customers.remarks(
        names, customer, since, found.first_days, log
    )
    return replace(found, notes=(*notes, *more))


def _columns(log: LogFile, grid: Grid) -> dict[str, int]:
    """Return the numbers of the columns named.

    Raises
    ------
    ValueError
        If one is not there, or two are the same.
    """
    asked = {"customer": log.customer, "date": log.date}
    if log.amount not in (None, "none"):
        asked["amount"] = log.amount
    known = {key: grid.find(column) for key, column in asked.items()}
    if len(set(known.values())) < len(known):
        raise ValueError(f"{grid.name}: {', '.join(known)} must be different columns")
    return known


def _refunds(log: LogFile, grid: Grid, known: dict[str, int], rows: Bools) -> list[str]:
    """Refuse a log that seems to hold refunds if the user does not say what to do with them.

    Raises
    ------
    ValueError
        If there are signs of refunds and `amount` is not given.
    """
    signs = amounts.refunds(grid, set(known.values()), rows)
    if signs and log.amount is None:
        what, seen = signs[0]
        grid.refuse(
            seen,
            f"{what}: is this a refund? Say amount: with the column of amounts, so that lines of 0 "
            "or less are set aside; or amount: none, so that every line is a purchase; or take "
            "refunds out of the file",
        )
    return [
        f"{grid.name}: {what} in {counted(int(seen.sum()), 'line')}, which count as purchases "
        f"(first: {grid.place(int(seen.argmax()))})."
        for what, seen in [*signs, *amounts.prefixed(grid, set(known.values()), rows)]
    ]


def _numbered(who: Values, rows: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int32]]:
    """Return the customers in order, and which of them each row has."""
    codes = who.codes[rows]
    used = np.flatnonzero(np.bincount(codes, minlength=len(who.distinct)))
    order = pc.sort_indices(who.distinct.take(used)).to_numpy()
    new = np.empty(len(who.distinct), np.int32)
    new[used[order]] = np.arange(used.size, dtype=np.int32)
    return who.distinct.take(used[order]).to_pylist(), new[codes]

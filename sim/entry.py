"""When people come into the category, and when they leave it."""

import csv
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.calendar import NEVER
from sim.config import Entry, People
from sim.draws import Purpose, uniforms
from sim.located import show

YEAR = 365.0


def entry_days(entry: Entry, seed: int, ids: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Return the first day in the category of each person.

    Parameters
    ----------
    entry
        The rule. With a log, each person comes with one of its customers, at random, without
        repeating one before all have come.
    seed
        Key of the run.
    ids : uint64[n]
        Ids of the people.

    Returns
    -------
    int32[n]
        Days, some of which may be after the run; those there from the start have a day before any
        burn-in.

    Raises
    ------
    ValueError
        If the log cannot be read.
    """
    always = np.full(ids.size, -(2**30), np.int32)
    if entry.kind == "steady":
        u = uniforms(seed, ids, 0, 0, Purpose.ENTRY)
        return np.where(u[:, 0] < entry.later, (u[:, 1] * entry.over_days).astype(np.int32), always)
    if entry.kind == "log":
        first = np.resize(first_purchases(read_log(entry)), ids.size)
        # in a log's order of names the early customers come first; on a graph they would be tied
        at_random = np.argsort(uniforms(seed, ids, 0, 0, Purpose.ENTRY)[:, 0], kind="stable")
        return first[at_random].astype(np.int32)
    return always


def exit_days(
    people: People, seed: int, ids: NDArray[np.uint64], entry: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the first day each person is no longer in the category, `NEVER` if none.

    Lifetimes are exponential from entry, or from day 0 for those there from the start.
    """
    if people.exit_rate == 0:
        return np.full(ids.size, NEVER, np.int32)
    u = uniforms(seed, ids, 0, 0, Purpose.EXIT)[:, 0]
    day = np.maximum(entry, 0) - np.log(u) / people.exit_rate * YEAR
    return np.minimum(np.floor(day) + 1, NEVER).astype(np.int32)


def read_log(entry: Entry) -> list[tuple[str, int]]:
    """Read a transaction log.

    Returns
    -------
    list of (customer, day)
        In the order of the file; days count from the earliest purchase.

    Raises
    ------
    ValueError
        With file and line, if it cannot be read.
    """
    if not entry.log:
        raise ValueError("entry by a log needs the name of one")
    name, text = _text(entry.log)
    rows = _rows(text, name)
    customer, when = _column(entry.customer, rows, name), _column(entry.date, rows, name)
    purchases = []
    for line, row in rows[1:] if isinstance(entry.date, str) else rows:
        try:
            purchases.append((row[customer], _ordinal(row[when])))
        except (ValueError, IndexError) as error:
            raise ValueError(f"{name}:{line}: not a purchase: {error}") from None
    if not purchases:
        raise ValueError(f"{name}: no purchases in it")
    start = min(day for _, day in purchases)
    return [(who, day - start) for who, day in purchases]


def first_purchases(log: list[tuple[str, int]]) -> NDArray[np.int64]:
    """Return each customer's first day, customers in order of name."""
    first: dict[str, int] = {}
    for who, day in log:
        first[who] = min(day, first.get(who, day))
    return np.array([first[who] for who in sorted(first)], np.int64)


def _text(log: str) -> tuple[str, str]:
    try:
        if log.startswith("package:"):
            package, _, inside = log.removeprefix("package:").partition("/")
            if not all(part.isidentifier() for part in package.split(".")):
                raise ValueError(f"{show(log)}: must be package:NAME/PATH")
            return log, files(package).joinpath(inside).read_text(encoding="utf-8")
        return log, Path(log).read_text(encoding="utf-8")
    except ModuleNotFoundError as error:
        raise ValueError(f"{log}: needs the package {error.name}, which is not installed") from None
    except (OSError, TypeError, UnicodeDecodeError) as error:  # TypeError: a module, no package
        raise ValueError(f"{log}: cannot be read: {error}") from None


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    commas = bool(lines) and "," in lines[0][1]
    try:
        return [(n, next(csv.reader([line])) if commas else line.split()) for n, line in lines]
    except csv.Error as error:
        raise ValueError(f"{name}: cannot be read: {error}") from None


def _column(column: str | int, rows: list[tuple[int, list[str]]], name: str) -> int:
    if isinstance(column, int):
        return column
    if not rows or column not in rows[0][1]:
        raise ValueError(f"{name}:1: no column {column!r}")
    return rows[0][1].index(column)


def _ordinal(text: str) -> int:
    return date.fromisoformat(text[:10]).toordinal()

"""When people come into the category, and when they leave it."""

import numpy as np
from numpy.typing import NDArray

from sim.config.market import Entry, People
from sim.engine.calendar import NEVER
from sim.engine.draws import uniforms
from sim.purposes import Purpose
from sim.transactions.log import Log, read

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
        first = _like_customers(read(entry), ids.size)
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


def _like_customers(log: Log, n: int) -> NDArray[np.int32]:
    """Return the first days of n people who enter as the customers of a log do.

    Each customer comes as often as the others; of a last part that is not all of them, the first
    days are spread evenly over those of the log, so that it is like the whole.
    """
    first = log.first_days
    rest = n % first.size
    at = ((np.arange(rest) + 0.5) * first.size / max(rest, 1)).astype(np.int64)
    return np.concatenate([np.tile(first, n // first.size), np.sort(first)[at]])

"""Who is due on which day: a wheel of linked lists, one pending day per row.

Scheduling, moving and cancelling a row cost the same whatever the number of rows; a day's due
rows come out in ascending order, because at a million people the order of memory decides speed.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

WHEEL = 1024
"""Number of lists. A row due in more than this many days waits in its list for another turn."""
NEVER = np.int32(2**31 - 1)
"""The day of a row that is not due."""


class Calendar(NamedTuple):
    """Pending days of rows.

    Attributes
    ----------
    head : int32[WHEEL]
        First row of each list, -1 if none.
    after, before : int32[rows]
        Next and previous row in the list, -1 if none.
    day : int32[rows]
        The day a row is due, `NEVER` if it is not.
    """

    head: NDArray[np.int32]
    after: NDArray[np.int32]
    before: NDArray[np.int32]
    day: NDArray[np.int32]


def empty(rows: int) -> Calendar:
    """Return a calendar on which nothing is due."""
    return Calendar(
        np.full(WHEEL, -1, np.int32),
        np.full(rows, -1, np.int32),
        np.full(rows, -1, np.int32),
        np.full(rows, NEVER, np.int32),
    )


def grown(calendar: Calendar, rows: int) -> Calendar:
    """Return the calendar with room for `rows` rows; what is pending stays pending."""
    more = rows - calendar.day.size
    link = np.full(more, -1, np.int32)
    return Calendar(
        calendar.head,
        np.concatenate([calendar.after, link]),
        np.concatenate([calendar.before, link]),
        np.concatenate([calendar.day, np.full(more, NEVER, np.int32)]),
    )


@njit(cache=True)
def cancel(calendar, row):
    """Take `row` off the calendar, if it is on it."""
    day = calendar.day[row]
    if day == NEVER:
        return
    before, after = calendar.before[row], calendar.after[row]
    if before >= 0:
        calendar.after[before] = after
    else:
        calendar.head[day & (WHEEL - 1)] = after
    if after >= 0:
        calendar.before[after] = before
    calendar.day[row] = NEVER


@njit(cache=True)
def schedule(calendar, row, day):
    """Make `row` due on `day`, and on no other day; a day at or beyond `NEVER` cancels it."""
    cancel(calendar, row)
    if day >= NEVER:
        return
    spoke = day & (WHEEL - 1)
    first = calendar.head[spoke]
    calendar.before[row] = -1
    calendar.after[row] = first
    if first >= 0:
        calendar.before[first] = row
    calendar.head[spoke] = row
    calendar.day[row] = day


@njit(cache=True)
def due(calendar, day):
    """Take the rows due on `day` off the calendar.

    Returns
    -------
    int64[k]
        The rows, ascending.
    """
    count = 0
    row = calendar.head[day & (WHEEL - 1)]
    while row >= 0:
        count += calendar.day[row] == day
        row = calendar.after[row]
    rows = np.empty(count, np.int64)
    count = 0
    row = calendar.head[day & (WHEEL - 1)]
    while row >= 0:
        after = calendar.after[row]
        if calendar.day[row] == day:
            rows[count] = row
            count += 1
            cancel(calendar, row)
        row = after
    rows.sort()
    return rows

"""Who is due on which day: a wheel of linked lists, one pending day per row.

Scheduling, moving and cancelling a row cost the same whatever the number of rows; a day's due
rows come out in ascending order, because at a million people the order of memory decides speed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import kernel, rule

WHEEL = 1024
"""Number of lists. A row due in more than this many days waits in its list for another turn."""
NEVER = np.int32(2**31 - 1)
"""The day of a row that is not due."""


LINK = np.dtype(
    (np.record, np.dtype([("after", "i4"), ("before", "i4"), ("day", "i4")], align=True))
)
"""Next and previous row of the list, -1 if none, and the day the row is due."""


class Calendar(NamedTuple):
    """Pending days of rows.

    Attributes
    ----------
    head : int32[WHEEL]
        First row of each list, -1 if none.
    length : int32[WHEEL]
        Rows in each list.
    link : LINK[rows]
        A row's place in its list, and its day: `NEVER` if it is not due.
    """

    head: NDArray[np.int32]
    length: NDArray[np.int32]
    link: NDArray[np.void]


def _unlinked(rows: int) -> NDArray[np.void]:
    link = np.empty(rows, LINK)
    link["after"] = link["before"] = -1
    link["day"] = NEVER
    return link


def empty(rows: int) -> Calendar:
    """Return a calendar on which nothing is due."""
    return Calendar(np.full(WHEEL, -1, np.int32), np.zeros(WHEEL, np.int32), _unlinked(rows))


def grown(calendar: Calendar, rows: int) -> Calendar:
    """Return the calendar with room for `rows` rows; what is pending stays pending."""
    more = _unlinked(rows - calendar.link.size)
    return calendar._replace(link=np.concatenate([calendar.link, more]))


@rule
def cancel(calendar, row):
    """Take `row` off the calendar, if it is on it."""
    link = calendar.link[row]
    if link.day == NEVER:
        return
    spoke = link.day & (WHEEL - 1)
    if link.before >= 0:
        calendar.link[link.before].after = link.after
    else:
        calendar.head[spoke] = link.after
    if link.after >= 0:
        calendar.link[link.after].before = link.before
    calendar.length[spoke] -= 1
    link.day = NEVER


@rule
def schedule(calendar, row, day):
    """Make `row` due on `day`, and on no other day; a day at or beyond `NEVER` cancels it."""
    cancel(calendar, row)
    if day < NEVER:
        _put(calendar, row, day)


@rule
def _put(calendar, row, day):
    spoke = day & (WHEEL - 1)
    link, first = calendar.link[row], calendar.head[spoke]
    link.before, link.after, link.day = -1, first, day
    if first >= 0:
        calendar.link[first].before = row
    calendar.head[spoke] = row
    calendar.length[spoke] += 1


def due(calendar: Calendar, day: int) -> NDArray[np.int64]:
    """Take the rows due on `day` off the calendar.

    Returns
    -------
    int64[k]
        The rows, ascending.
    """
    if not calendar.length[day & (WHEEL - 1)]:  # asking is cheaper than calling the kernel
        return np.empty(0, np.int64)
    rows = _take(calendar, day)
    rows.sort()  # here and not in the kernel: numpy's sort is several times numba's
    return rows


@kernel
def _take(calendar, day):
    spoke = day & (WHEEL - 1)
    rows = np.empty(calendar.length[spoke], np.int64)
    row = calendar.head[spoke]
    calendar.head[spoke], calendar.length[spoke] = -1, 0
    count = 0
    while row >= 0:
        link = calendar.link[row]
        after = link.after
        if link.day == day:
            link.day = NEVER
            rows[count] = row
            count += 1
        else:  # due in a later turn of the wheel
            _put(calendar, row, link.day)
        row = after
    return rows[:count]

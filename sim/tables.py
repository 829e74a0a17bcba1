"""Growing tables: what the core and the mechanisms declare of them, and of what they append.

A kernel works row by row: person by person, order by order. `APPENDS` says for each table the most
rows that one such step appends to it: a number, the name of a table of the world whose size it is,
or a function of the world. Each mechanism declares what its own rules append, to its own tables and
to those of the core, and through whichever rules of the core; a step has room if there is room for
all of it together.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sim import state
from sim.engine.records import Growing
from sim.mechanisms import declarations, declared
from sim.people.limits import MOST_A_DAY, MOST_TALKS_A_DAY

if TYPE_CHECKING:
    from sim.world import World

Most = int | str | Callable[["World"], int]


TOUCHES = "touches"
"""The one table whose rows are used again, so that the free ones are counted."""
TABLES = {
    "orders": Growing(state.ORDER, scheduled=True),
    "messages": Growing(state.MESSAGE),  # today
    "reminded": Growing(np.int32, width=2),  # today: step of a touch, person
    "triggered": Growing(np.int32, width=2),  # today: person, category
    "dropouts": Growing(np.int32, width=2),  # today: person, brand
    "closing": Growing(np.int32),  # today: orders to be looked at when all have bought
    "accruals": Growing(state.ACCRUAL, scheduled=True),
}
"""The growing tables of the core, touches aside."""

_BUYS = MOST_A_DAY + 1


def _posts(world: "World") -> int:
    return int(world.rules[0]["touch_ugc_reach"])


APPENDS: dict[str, Most] = {
    "orders": _BUYS,
    TOUCHES: lambda world: _BUYS * max(1, world.steps.size),
    "messages": lambda world: _BUYS + _posts(world) + MOST_TALKS_A_DAY,
    "reminded": 1,
    "triggered": "products",
    "dropouts": _BUYS,
    "closing": _BUYS,
}
"""The most rows that what one person does at a time appends, mechanisms aside."""


@cache
def growing() -> dict[str, Growing]:
    """Return all growing tables by name, touches aside."""
    return TABLES | declarations.growing()


def most(world: "World") -> dict[str, int]:
    """Return the most rows that one step of a kernel appends to each table.

    Raises
    ------
    ValueError
        If a mechanism appends to a table that nobody declares.
    """
    total = dict.fromkeys((*growing(), TOUCHES), 0)
    for owner, appends in (("the core", APPENDS), *declared("APPENDS")):
        for name, rows in appends.items():
            if name not in total:
                raise ValueError(f"{owner} appends to {name!r}, a table that nobody declares")
            total[name] += _rows(rows, world)
    return total


def _rows(rows: Most, world: "World") -> int:
    if isinstance(rows, str):
        return int(getattr(world, rows).size)
    return rows if isinstance(rows, int) else rows(world)

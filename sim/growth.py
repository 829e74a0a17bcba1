"""Tables that grow: how full they are, and whether they hold what a person does next.

A kernel asks `has_capacity` before each row and stops where a table is full; the market then makes room
and goes on. The tables, and the most rows that the core and each mechanism append, are declared
(`sim.tables`), so no kernel states a number.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.engine import calendar, memory
from sim.engine.hooks import made
from sim.engine.kernels import rule
from sim.engine.records import Growing
from sim.tables import TOUCHES, growing, most
from sim.world import World, used

_LARGE = 1 << 26
"""Bytes of a table from which on it is asked whether there is room for twice as much."""
GROWING = tuple(growing())
"""Names of the growing tables; rows of touches are used again, so they are counted by the free."""


def _numbers(*names: str) -> np.dtype[Any]:
    return np.dtype((np.record, [(name, "i8") for name in names]))


TALLY = _numbers(*GROWING, "touches_free", "claimed")
"""How full the growing tables are; `claimed`: accruals that were there when the day began."""
LIMITS = _numbers(*GROWING, "touches_free")
"""How full each may be (`touches_free`: how many must be free) for a kernel to take a row."""

has_capacity = rule(
    made(
        "has_capacity",
        "w",
        "used, limit = w.tally[0], w.limits[0]\n"
        "return used.touches_free >= limit.touches_free and "
        + " and ".join(f"used.{name} <= limit.{name}" for name in GROWING),
        {},
    )
)
"""Tell whether every growing table holds the most that one row of a kernel appends to it."""


def empty_tables() -> dict[str, Any]:
    """Return all growing tables of a world, their calendars and their tally, with nothing in them.

    Returns
    -------
    dict of str to array or Calendar
        By the names of `World`.
    """
    touches = {TOUCHES: Growing(state.TOUCH, scheduled=True), "free_touches": Growing(np.int32)}
    tables: dict[str, Any] = {}
    for name, table in (growing() | touches).items():
        tables[name] = table.empty()
        if table.scheduled:
            tables[f"{name}_due"] = calendar.empty(0)
    return tables | {"tally": np.zeros(1, TALLY), "limits": np.zeros(1, LIMITS)}


def grow(world: World) -> World:
    """Return the world with every growing table at least half empty; what is in them stays."""
    rows = most(world)
    new: dict[str, Any] = {}
    for name, declared in growing().items():
        table, full = getattr(world, name), used(world, name)
        least = 4096 + 4 * rows[name]
        if len(table) - full < max(len(table), least) / 2:
            new[name] = _more(table, least)
            if declared.scheduled:
                due = getattr(world, f"{name}_due")
                new[f"{name}_due"] = calendar.grown(due, len(new[name]))
    new |= _more_touches(world, 4096 + 4 * rows[TOUCHES])
    world = world._replace(**new)
    for name in GROWING:
        world.limits[0][name] = len(getattr(world, name)) - rows[name]
    world.limits[0]["touches_free"] = rows[TOUCHES]
    return world


def _more_touches(world: World, least: int) -> dict[str, Any]:
    free = used(world, "touches_free")
    if free >= max(len(world.touches), least) / 2:
        return {}
    touches = _more(world.touches, least)
    rows = np.arange(len(touches), dtype=np.int32)
    unused = np.zeros_like(rows)
    known = np.concatenate([world.free_touches[:free], rows[len(world.touches) :]])
    unused[: known.size] = known
    world.tally["touches_free"] = known.size
    return {
        "touches": touches,
        "free_touches": unused,
        "touches_due": calendar.grown(world.touches_due, rows.size),
    }


def _more(table: NDArray[Any], least: int) -> NDArray[Any]:
    if table.nbytes > _LARGE:
        memory.require(
            table.nbytes, f"a further {len(table):,} records of this market", "make it smaller"
        )
    # zeroed pages are only made when they are touched, so the new half costs nothing yet
    new = np.zeros((len(table) + max(least, len(table)), *table.shape[1:]), table.dtype)
    new[: len(table)] = table
    return new

"""Tables that grow: how full they are, and whether they hold what a person does next.

A kernel asks `has_room` before each row and stops where a table is full; the market then makes room
and goes on. What the core and each mechanism append at the most is declared, so no kernel states a
number.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.engine import calendar, memory
from sim.engine.hooks import made
from sim.engine.kernels import rule
from sim.mechanisms import installed
from sim.people.limits import MOST_A_DAY, MOST_TALKS_A_DAY
from sim.world import World

_LARGE = 1 << 26
"""Bytes of a table from which on it is asked whether there is room for twice as much."""
GROWING = tuple(state.GROWING)
"""Names of the growing tables; rows of touches are used again, so they are counted by the free."""

has_room = rule(
    made(
        "has_room",
        "w",
        "used, limit = w.tally[0], w.limits[0]\n"
        "return used.touches_free >= limit.touches_free and "
        + " and ".join(f"used.{name} <= limit.{name}" for name in GROWING),
        {},
    )
)
"""Tell whether every growing table holds the most that one row of a kernel appends to it."""


def _most(world: World) -> dict[str, int]:
    """Return the most rows that what one person does at a time appends to each table."""
    buys = MOST_A_DAY + 1
    posts = int(world.rules[0]["touch_ugc_reach"])
    most = dict.fromkeys(GROWING, 0) | {
        "orders": buys,
        "touches_free": buys * max(1, world.steps.size),
        "said": buys + posts + MOST_TALKS_A_DAY,
        "reminded": 1,
        "woken": world.products.size,
        "leavers": buys,
        "closing": buys,
    }
    for mechanism in installed():
        for name, rows in getattr(mechanism.package, "APPENDS", {}).items():
            number = rows if isinstance(rows, int) else getattr(world, rows).size
            most[name] = most.get(name, 0) + number
    return most


def make_room(world: World) -> World:
    """Return the world with every growing table at least half empty; what is in them stays."""
    most = _most(world)
    new: dict[str, Any] = {}
    for name in GROWING:
        table, used = getattr(world, name), world.tally[0][name]
        least = 4096 + 4 * most[name]
        if len(table) - used < max(len(table), least) / 2:
            new[name] = _more(table, least)
            if state.GROWING[name].scheduled:
                due = getattr(world, f"{name}_due")
                new[f"{name}_due"] = calendar.grown(due, len(new[name]))
    new |= _more_touches(world, 4096 + 4 * most["touches_free"])
    world = world._replace(**new)
    for name in GROWING:
        world.limits[0][name] = len(getattr(world, name)) - most[name]
    world.limits[0]["touches_free"] = most["touches_free"]
    return world


def _more_touches(world: World, least: int) -> dict[str, Any]:
    free = world.tally[0]["touches_free"]
    if free >= max(len(world.touches), least) / 2:
        return {}
    touches = _more(world.touches, least)
    rows = np.arange(len(touches), dtype=np.int32)
    unused = np.zeros_like(rows)
    known = np.concatenate([world.free_touches[:free], rows[len(world.touches) :]])
    unused[: known.size] = known
    world.tally[0]["touches_free"] = known.size
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

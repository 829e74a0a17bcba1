"""Which brands use which mechanisms, and room for what those keep of people."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import memory
from sim.mechanisms import Mechanism, broken, installed
from sim.mechanisms.declarations import fields_of, relationship_tables_of, terms_of

_LARGE = 1 << 26
"""Bytes of a table from which on it is asked whether there is room for it."""


def used_by(mechanism: Mechanism, world: Any) -> NDArray[np.bool_]:
    """bool[brands]: whose terms of a mechanism are set, or who sends its touches.

    Terms of others may bring a mechanism into use, by the fields that it declares (`FIELDS`).
    """
    used = np.zeros(world.brands.size, np.bool_)
    for term in terms_of(mechanism):
        table = getattr(world, term.TABLE)
        used[table["brand"][table["strategy"] >= 0]] = True
    for term, column in fields_of(mechanism):
        table = getattr(world, term.TABLE)
        used[table["brand"][(table["strategy"] >= 0) & (table[column] != 0)]] = True
    used[world.steps["brand"][world.steps["does"] & mechanism.verbs != 0]] = True
    return used


def adopt(world: Any) -> Any:
    """Return the world with each brand's mask, and tables for the mechanisms that a brand uses.

    Raises
    ------
    MemoryError
        If the tables do not fit.
    RuntimeError
        If a brand uses a mechanism of a plug-in that is broken.
    """
    new = {}
    for mechanism in installed():
        used = used_by(mechanism, world)
        if used.any() and (why := broken().get(mechanism.name)):
            raise RuntimeError(why)
        world.brands["mechanisms"][used] |= mechanism.mask
        if used.any():
            for name, table in relationship_tables_of(mechanism).items():
                if not len(getattr(world, name)):
                    new[name] = _table(world.relationships.shape, table.dtype, mechanism.name)
    return world._replace(**new)


def _table(shape: tuple[int, ...], dtype: np.dtype[np.void], name: str) -> NDArray[np.void]:
    size = shape[0] * shape[1] * dtype.itemsize
    if size > _LARGE:
        memory.require(size, f"what {name} keeps of people", "make the market smaller")
    return np.zeros(shape, dtype)

"""What mechanisms declare in their folders, gathered: terms, tables, columns, parameters.

- `terms.py`: classes of terms (`sim.terms.BrandTerm`);
- `state.py`: `TABLES`, by name; `COLUMNS`, what others can ask of a person and a brand, by name;
  `ROWS`, events that brands and analysis can see, by name;
- `behaviour.py`: `BEHAVIOUR`, parameters by the group of `behaviour` in which they stand.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.config.parameters import Parameters
from sim.engine.records import Growing, OfRelationships
from sim.mechanisms import Mechanism, installed
from sim.plugins import ClashError
from sim.terms import BrandTerm, kinds


class Column(NamedTuple):
    """Something that a mechanism keeps of a person and a brand, and that others can ask for.

    Attributes
    ----------
    table, field
        Where it is.
    form
        Its dtype; empty for that of the field.
    shown
        Whether the brand sees it, too, among what it knows of its customers.
    """

    table: str
    field: str
    form: str = ""
    shown: bool = True


class Rows(NamedTuple):
    """Events that a mechanism keeps, and that brands can see.

    Attributes
    ----------
    table
        The growing table; one of its fields is `brand`.
    fields
        Those that the brand sees.
    """

    table: str
    fields: tuple[str, ...]


@cache
def terms_of(mechanism: Mechanism) -> tuple[type[BrandTerm], ...]:
    """Return the classes of terms that a mechanism defines."""
    if not mechanism.has("terms"):
        return ()
    module = mechanism.module("terms")
    classes = (one for one in vars(module).values() if isinstance(one, type))
    own = (one for one in classes if one.__module__ == module.__name__)
    return tuple(one for one in own if issubclass(one, BrandTerm))


@cache
def terms() -> tuple[type[BrandTerm], ...]:
    """Return the classes of terms of all mechanisms, in their order."""
    return tuple(term for mechanism in installed() for term in terms_of(mechanism))


def fields_of(mechanism: Mechanism) -> Iterator[tuple[type[BrandTerm], str]]:
    """Yield where terms have a field that brings a mechanism into use: their class, the column."""
    for term in terms():
        found = kinds(term)
        yield from (
            (term, found[name].column(name)[0]) for name in mechanism.fields if name in found
        )


def names_read(mechanism: Mechanism) -> frozenset[str]:
    """Return the names of the classes of terms that bring a mechanism into use."""
    read = [term for term, _ in fields_of(mechanism)]
    return frozenset(term.__name__ for term in (*terms_of(mechanism), *read))


def _in_state(mechanism: Mechanism, what: str) -> dict[str, Any]:
    return getattr(mechanism.module("state"), what, {}) if mechanism.has("state") else {}


def _gathered(what: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for mechanism in installed():
        for name, thing in _in_state(mechanism, what).items():
            if name in found:
                raise ClashError(what, owners[name], mechanism.name, name)
            found[name], owners[name] = thing, mechanism.name
    return found


def growing_of(mechanism: Mechanism) -> dict[str, Growing]:
    """Return the growing tables that a mechanism declares, by name."""
    tables = _in_state(mechanism, "TABLES")
    return {name: table for name, table in tables.items() if isinstance(table, Growing)}


def relationship_tables_of(mechanism: Mechanism) -> dict[str, OfRelationships]:
    """Return what a mechanism keeps of people and brands, by name of the table."""
    tables = _in_state(mechanism, "TABLES")
    return {name: table for name, table in tables.items() if isinstance(table, OfRelationships)}


@cache
def relationship_tables() -> dict[str, OfRelationships]:
    """Return what all mechanisms keep of people and brands, by name of the table."""
    tables = _gathered("TABLES")
    return {name: table for name, table in tables.items() if isinstance(table, OfRelationships)}


@cache
def growing() -> dict[str, Growing]:
    """Return the growing tables of all mechanisms, by name."""
    tables = _gathered("TABLES")
    return {name: table for name, table in tables.items() if isinstance(table, Growing)}


@cache
def columns() -> dict[str, Column]:
    """Return what others can ask of a person and a brand, by name."""
    return _gathered("COLUMNS")


@cache
def rows() -> dict[str, Rows]:
    """Return the events that brands can see by all mechanisms, by name."""
    return _gathered("ROWS")


def behaviour() -> list[dict[str, type[Parameters]]]:
    """Return what each mechanism declares of behaviour, by group."""
    having = (mechanism for mechanism in installed() if mechanism.has("behaviour"))
    return [mechanism.module("behaviour").BEHAVIOUR for mechanism in having]


def form_of(name: str) -> np.dtype[Any]:
    """Return the dtype of a column."""
    column = columns()[name]
    dtype = relationship_tables()[column.table].dtype
    return np.dtype(column.form) if column.form else dtype[column.field]


def seen(world: Any, name: str, people: NDArray[np.int64], brand: int) -> NDArray[Any]:
    """Return a column for some people and a brand; 0 where no mechanism keeps it.

    Parameters
    ----------
    world : World
    name
        Of the column.
    people : int64[k]
    brand
    """
    column = columns().get(name)
    if column is None:
        return np.zeros(people.size, np.int64)
    table = getattr(world, column.table)
    if not len(table):  # no brand uses the mechanism
        return np.zeros(people.size, form_of(name))
    return table[column.field][people, brand].astype(form_of(name))

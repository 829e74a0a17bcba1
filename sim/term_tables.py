"""The tables of terms, as rules read them: derived from how the terms are declared.

A term of which a brand has one at most has a table with one row a brand, in which `strategy` is -1
where the brand has none. Of others a table `<name>_of` says which rows are a brand's.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import record
from sim.terms import BrandTerm, Nested, OfProduct, Term, kinds

Table = NDArray[np.void]
_IDENTITY = (
    ("key", "i8"),  # identity in draws
    ("brand", "i4"),
    ("strategy", "i4"),  # index into the market's portfolio
    ("share", "f8"),  # share of people in the audience
    ("audience_key", "i8"),  # identity of the audience in draws
    ("who_start", "i4"),  # rows of CONDITION that are its rule; none if both are equal
    ("who_end", "i4"),
)
SPAN = record(("start", "i4"), ("end", "i4"))
"""The rows of a brand in a table of terms that add up."""


class Given(NamedTuple):
    """A term, and who gives it: fields of the same names in its row.

    `strategy` is the place of the strategy in the market's portfolio; `key` and `audience_key` are
    identities in draws; `share` is that of people in the strategy's audience, and `who_start` and
    `who_end` say which conditions are its rule. `products` has the rows of the brand's products, by
    name.
    """

    term: BrandTerm
    brand: int
    strategy: int
    key: int
    audience_key: int
    share: float
    who_start: int = 0
    who_end: int = 0
    products: Mapping[str, int] = MappingProxyType({})


def record_of(term: type[Term]) -> np.dtype[np.void]:
    """Return the record of a class of terms: whose it is, if of a brand, and a field for each."""
    columns = [kind.column(name) for name, kind in kinds(term).items()]
    return record(*(_IDENTITY if issubclass(term, BrandTerm) else ()), *columns)


def tables_of(term: type[BrandTerm], given: Iterable[Given], brands: int) -> dict[str, Table]:
    """Return the tables of a class of terms, by name.

    Parameters
    ----------
    term
        The class.
    given
        Its terms, brand by brand.
    brands
        How many brands there are.
    """
    given = list(given)
    table = np.zeros(brands if term.ALONE else len(given), record_of(term))
    if term.ALONE:
        table["brand"], table["strategy"] = np.arange(brands), -1
    places = [one.brand if term.ALONE else row for row, one in enumerate(given)]
    for place, one in zip(places, given, strict=True):
        _enter(table[place], one.term, one.products)
        for name, _ in _IDENTITY:
            table[name][place] = getattr(one, name)
    tables = {term.TABLE: table}
    if not term.ALONE:
        tables[f"{term.TABLE}_of"] = _spans(table["brand"], brands)
    for name, kind in nested(term):
        terms = [(getattr(one.term, name), one.products) for one in given]
        tables[name] = _within(kind, dict(zip(places, terms, strict=True)), len(table))
    return tables


def names_of(term: type[BrandTerm]) -> list[str]:
    """Return the names of the tables of a class of terms."""
    return list(tables_of(term, (), 0))


def nested(term: type[Term]) -> Iterator[tuple[str, Nested]]:
    """Yield the fields of a class of terms that hold terms, with a table of their own."""
    for name, kind in kinds(term).items():
        if isinstance(kind, Nested):
            yield name, kind


def _enter(row: Any, term: Term, products: Mapping[str, int]) -> None:
    for name, kind in kinds(type(term)).items():
        value, field = getattr(term, name), kind.column(name)[0]
        if isinstance(kind, OfProduct):
            row[field] = kind.row(value, products)
        else:
            row[field] = kind.stored(value)


def _spans(brand: NDArray[np.int32], brands: int) -> Table:
    spans = np.zeros(brands, SPAN)
    spans["start"] = np.searchsorted(brand, np.arange(brands))
    spans["end"] = np.searchsorted(brand, np.arange(brands), side="right")
    return spans


def _within(
    kind: Nested, rows: dict[int, tuple[tuple[Term, ...], Mapping[str, int]]], length: int
) -> Table:
    """Return the terms within terms: a row for each of the latter, as wide as the longest."""
    most = max((len(terms) for terms, _ in rows.values()), default=1)
    table = np.zeros((length, most), record_of(kind.of))
    for place, (terms, products) in rows.items():
        for k, term in enumerate(terms):
            _enter(table[place, k], term, products)
    return table

"""A log as columns of text, whatever file it came from, and where each row stands in the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.config.source_map import nearest, show
from sim.transactions.spec import Column

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Values(NamedTuple):
    """A column of text, without blanks around.

    Attributes
    ----------
    distinct : pyarrow.StringArray
        Each text once.
    codes : int32[rows]
        Which of them a row has.
    """

    distinct: Any
    codes: NDArray[np.int32]

    def match(self, pattern: str) -> Bools:
        """Tell which of the distinct texts match a regular expression (RE2)."""
        return matches(self.distinct, pattern)

    def used(self, rows: Bools) -> Bools:
        """Tell which of the distinct texts are in the rows for which `rows` is true."""
        seen = np.zeros(len(self.distinct), bool)
        seen[self.codes[rows]] = True
        return seen


def counted(n: int, noun: str) -> str:
    """Write a number with its noun: ``1 line``, ``2,000 lines``."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def matches(texts: Any, pattern: str) -> Bools:
    """Tell which texts match a regular expression (RE2)."""
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)


@dataclass(frozen=True)
class Grid:
    """A log as columns of text.

    Attributes
    ----------
    name
        Of the file.
    header
        Names of the columns, if the file has them.
    columns
        A pyarrow column of text each; None for what is no text, number or date.
    place
        From a row, counted from 0, to where it stands: ``log.csv:17``.
    notes
        What there is to say of how the file was read.
    zone
        Time zone that the file itself names.
    """

    name: str
    header: list[str] | None
    columns: Sequence[Any]
    place: Callable[[int], str]
    notes: list[str] = field(default_factory=list)
    zone: str | None = None

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return len(self.columns[0]) if self.columns else 0

    def find(self, column: Column) -> int:
        """Return the number of a column.

        Raises
        ------
        ValueError
            If there is no such column, or there are several of that name.
        """
        if isinstance(column, int):
            if 0 <= column < len(self.columns):
                return column
            raise ValueError(
                f"{self.name}: there is no column {column}; there are {len(self.columns)}, from 0"
            )
        names = self.header or []
        found = [k for k, name in enumerate(names) if name == column]
        if not found:
            near = nearest(column, names)
            hint = f"; did you mean {near!r}?" if near else ""
            listed = ", ".join(show(name) for name in names[:20])
            raise ValueError(f"{self.name}: no column {column!r}{hint} (columns: {listed})")
        if len(found) > 1:
            numbers = " and ".join(map(str, found))
            raise ValueError(
                f"{self.name}: several columns are called {column!r}; "
                f"give the number ({numbers}), and header: true"
            )
        return found[0]

    def label(self, number: int) -> str:
        """Return what a column is called in messages."""
        return repr(self.header[number]) if self.header else str(number)

    def values(self, number: int) -> Values:
        """Return the texts of a column.

        Raises
        ------
        ValueError
            If it has none.
        """
        column = self.columns[number]
        if column is None:
            raise ValueError(f"{self.name}: column {self.label(number)} holds no plain values")
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # of no chunks, or still of several
            column = pa.concat_arrays(column.unify_dictionaries().chunks)
        if not _is_dictionary(column):
            column = column.dictionary_encode()
        codes = column.indices.to_numpy(zero_copy_only=False)
        trimmed = pc.utf8_trim_whitespace(column.dictionary).dictionary_encode()
        again = trimmed.indices.to_numpy(zero_copy_only=False)
        return Values(trimmed.dictionary, again[codes].astype(np.int32))

    def only(self, rows: Ints) -> "Grid":
        """Return some of the rows, as if there were no others.

        Parameters
        ----------
        rows : int64[k]
            Which, ascending.
        """

        def chosen(column: Any) -> Any:
            # plain text: a dictionary would still hold what is in other rows only
            kept = pc.take(column, pa.array(rows))
            return pc.cast(kept, kept.type.value_type) if _is_dictionary(kept) else kept

        columns = [None if column is None else chosen(column) for column in self.columns]
        return replace(self, columns=columns, place=lambda row: self.place(int(rows[row])))

    def refuse(self, rows: Bools | Ints, what: str) -> NoReturn:
        """Refuse the file because of some rows, naming the first.

        Raises
        ------
        ValueError
            Always.
        """
        which = np.flatnonzero(rows) if rows.dtype == bool else rows
        more = f" (and {counted(which.size - 1, 'more line')})" if which.size > 1 else ""
        raise ValueError(f"{self.place(int(which[0]))}: {what}{more}")


def _is_dictionary(column: Any) -> bool:
    return pa.types.is_dictionary(column.type)

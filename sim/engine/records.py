"""Records, and tables of them that are declared where their meaning is known.

A record array has one field a column, so that one row is on one or two cache lines.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray


def record(*fields: tuple[Any, ...]) -> np.dtype[np.void]:
    """Return the dtype of records with these fields: name, dtype, and shape if it is an array."""
    # np.record, so that `row.field` means the same to Python and to numba
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


class Growing(NamedTuple):
    """A table that grows: `tally` tells how full it is, `limits` how full it may be.

    Attributes
    ----------
    dtype
        Of a row, or of each of its numbers.
    width
        How many numbers a row has; 0 for a record or a single number.
    scheduled
        Whether a calendar `<name>_due` says which rows fall due on which day.
    """

    dtype: DTypeLike
    width: int = 0
    scheduled: bool = False

    def empty(self) -> NDArray[Any]:
        """Return the table without any row."""
        return np.zeros((0, self.width) if self.width else 0, self.dtype)


class OfRelationships(NamedTuple):
    """What a mechanism keeps of each person and brand: person x brand, all 0 at first.

    It has no rows as long as no brand uses the mechanism, so what nobody uses costs no memory.

    Attributes
    ----------
    dtype
        Of a record.
    """

    dtype: np.dtype[np.void]

    def empty(self, brands: int) -> NDArray[np.void]:
        """Return the table of a market in which no brand uses the mechanism."""
        return np.zeros((0, brands), self.dtype)

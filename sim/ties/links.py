"""What all readers of networks return: nodes by the names in the file, and ties between them."""

import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

WEIGHTS = ("weight", "strength", "value")
"""Names under which files keep weights, in order of preference; a key may name another."""
_NOBODY = re.compile(
    r"(?i)\s*(#?n/?a|<na>|nan|nat|\(?null\)?|none|nil|undefined|unknown|anonymous|guest|\\n|[-?.]+)?\s*"
)
"""What programs write where a value is missing, as in logs: several people would be one."""


class Links(NamedTuple):
    """Ties as a file gives them, nothing merged and nobody numbered.

    Attributes
    ----------
    ids : array of int64 or str, [k]
        Names of the nodes, each once: ascending if all are whole numbers, else as they appear.
    a, b : int64[m]
        From whom, to whom: positions in `ids`.
    weight : float64[m]
        Not a number where the file gives none.
    line : int64[m]
        Line of the file; 0 where a form has no lines.
    directed : bool or None
        What the file says; `None` if it does not say.
    complete : bool
        Whether the file lists every node, those without ties too.
    weight_name : str
        Column or attribute that the weights come from; empty if none.
    unused : tuple of str
        Columns or attributes that were not read.
    ends : tuple of str
        Titles of the columns of the two ends; empty where there is no header.
    """

    ids: NDArray[Any]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    weight: NDArray[np.float64]
    line: NDArray[np.int64]
    directed: bool | None = None
    complete: bool = True
    weight_name: str = ""
    unused: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


def weight_name(names: Iterable[str], wanted: str | None = None) -> str | None:
    """Return under which of the names weights are kept, whatever its capitals.

    Parameters
    ----------
    names
        What there is.
    wanted
        What the user calls it, exactly; `None`: a usual name.
    """
    there = list(names)
    if wanted is not None:
        return wanted if wanted in there else None
    exact = [name for name in WEIGHTS if name in there]
    return next(iter(exact + [x for key in WEIGHTS for x in there if str(x).lower() == key]), None)


def is_nobody(name: str) -> bool:
    """Tell whether a name is what programs write where there is none."""
    return _NOBODY.fullmatch(name) is not None


def is_whole(text: str) -> bool:
    """Tell whether text is a whole number in plain digits: `1_000` is a name."""
    return text.isascii() and text.removeprefix("-").removeprefix("+").isdigit()


def to_weight(value: Any) -> float:
    """Return a weight as a number, not a number where it is missing.

    Raises
    ------
    ValueError
        If it is there and is no finite number.
    """
    if value is None or value == "":
        return math.nan
    try:
        if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
            raise ValueError
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(
            f"strength must be a number, not {str(value)[:40]!r}: correct it, name another column "
            "or attribute with `weight_column`, or write `weights: ignore`"
        )
    return number


def in_order(ids: list[str], *ends: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
    """Return ids as whole numbers, ascending, if all are; and `ends` as positions in them.

    Raises
    ------
    ValueError
        If two ids are one number, such as 7 and 07.
    """
    if not all(map(is_whole, ids)) or max(map(len, ids), default=0) > 18:
        return np.array(ids, dtype=object), *ends
    numbers = np.array([int(name) for name in ids], np.int64)
    order = np.argsort(numbers, kind="stable")
    same = np.flatnonzero(np.diff(numbers[order]) == 0)
    if same.size:
        one, two = (ids[order[same[0] + k]] for k in (0, 1))
        raise ValueError(f"the ids {one!r} and {two!r} are the same number: write one of them")
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    return numbers[order], *(place[end] for end in ends)

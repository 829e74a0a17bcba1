"""Customers' ids: which lines have none, and ids that cannot be right."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.transactions.grid import Bools, Grid, Values, counted
from sim.transactions.spec import LogFile

_NOTHING = (
    r"(?i)^(#?n/?a|<na>|nan|nat|\(?null\)?|none|nil|undefined|unknown|anonymous|guest|\\n|[-?]+)$"
)
_ROUNDED = r"^[0-9](\.[0-9]+)?E\+[0-9]+$"
_CLOCK = r"^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?([.,][0-9]+)?( ?[AaPp][Mm])?$"
_DATE = r"^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}\b|^[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}\b"
_FRACTION = r"^[0-9]+[.,][0-9]*[1-9]$"
_POINT_ZERO = r"^[0-9]+\.0+$"
Small = NDArray[np.int32]
OFTEN, MANY = 0.05, 100
"""Share of lines above which a customer is remarkable, where there are that many customers."""


def absent(column: Values, source: LogFile) -> Bools:
    """Tell which rows have no customer: blank, or a text that the user says stands for none."""
    none = pa.array(["", *map(str, source.missing or ())])
    return pc.is_in(column.distinct, none).to_numpy(zero_copy_only=False)[column.codes]


def check(grid: Grid, column: Values, rows: Bools, source: LogFile) -> None:
    """Refuse ids that would make one customer of several, or several of one.

    Raises
    ------
    ValueError
        With the first such line, and what to do.
    """
    used = column.used(rows)

    def refuse(which: Bools, what: str) -> None:
        if (which & used).any():
            first = (which & used)[column.codes] & rows
            text = column.distinct[int(column.codes[np.flatnonzero(first)[0]])].as_py()
            grid.refuse(first, f"customer {text[:40]!r}: {what}")

    refuse(column.match("\ufffd"), "a character was lost; export the file again as UTF-8")
    if source.missing is None:
        refuse(
            column.match(_NOTHING),
            "a customer, or does it stand for none? Say missing: with the texts that stand for "
            "none, such as [NULL], or missing: [] if there are none",
        )
    refuse(
        column.match(_ROUNDED),
        "a rounded number, as Excel writes long ones, so that customers cannot be told apart; "
        "export ids as text",
    )
    refuse(
        _of_integers(column, used),
        "others are written without .0, so that one customer would count as two; write ids alike",
    )
    for pattern, what in ((_CLOCK, "times of day"), (_DATE, "dates"), (_FRACTION, "amounts")):
        which = column.match(pattern)
        if 2 * (which & used).sum() > used.sum():
            refuse(which, f"the column of the customer holds {what}; name another column")


def _of_integers(column: Values, used: Bools) -> Bools:
    """Tell which ids are written 17.0 where another is 17."""
    decimals = column.match(_POINT_ZERO) & used
    if not decimals.any():
        return decimals
    whole = pc.replace_substring_regex(column.distinct, r"\.0+$", "")
    plain = pc.filter(column.distinct, pa.array(used & ~decimals))
    return decimals & pc.is_in(whole, plain).to_numpy(zero_copy_only=False)


def remarks(names: list[str], customer: Small, day: Small, first: Small) -> list[str]:
    """Say what may be wrong though it need not be.

    Parameters
    ----------
    names
        The customers.
    customer, day : int32[n]
        Of each purchase.
    first : int32[customers]
        The day of each customer's first purchase.
    """
    out = []
    texts = pc.utf8_lower(pc.utf8_normalize(pa.array(names, pa.string()), "NFKC"))
    if (alike := len(names) - len(texts.unique())) > 0:
        out.append(
            f"{counted(alike, 'customer')} of another's id but for capitals or the way in which "
            "accents are written: each counts as a customer."
        )
    count = np.bincount(customer, minlength=len(names))
    top = int(count.argmax())
    if len(names) >= MANY and count[top] > OFTEN * customer.size:
        out.append(
            f"Customer {names[top]!r} has {count[top] / customer.size:.0%} of the lines; if the id "
            f"stands for no customer, say missing: [{names[top]!r}]."
        )
    if len(names) >= MANY and (day == first[customer]).all():
        out.append("Nobody bought on a second day: the column of the customer may be another.")
    return out

"""Amounts as numbers, whatever the decimal mark, and signs of refunds in columns not named."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.transactions.grid import Bools, Grid, Values, matches
from sim.transactions.spec import LogFile

_PLAIN = r"^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
_THREE = r"^[-+]?[1-9][0-9]{0,2}\.[0-9]{3}$"
_NUMBER = r"^[-−+(]?\s?\p{Sc}?\s?[0-9][0-9.,'’ \x{a0}\x{202f}]*\s?\p{Sc}?\)?-?$"
_NEGATIVE = r"^[-−]\s?\p{Sc}?\s?[0-9]|^\p{Sc}\s?[-−][0-9]|^\(\p{Sc}?[0-9.,' ]+\)$|^[0-9.,' ]+-$"
_REFUND_NAME = r"(?i)refund|return(ed)?\b|cancel|chargeback|storno|退款|退货|取消"
_REFUND_VALUE = (
    r"(?i)refund|chargeback|cancel|^(returns?|returned|void(ed)?|storno)$|退款|退货|取消"
)
_NO = r"(?i)^(|0|0[.,]0+|no|n|false|f|否)$"
_BLANKS = re.compile("[ '\u2019\u00a0\u202f](?=[0-9]{3})")
_SIGNS = re.compile(r"[\s\u00a4$\u00a2-\u00a5\u20a0-\u20cf\uffe5\uffe1]|元|\b[A-Z]{3}\b")
FEW_VALUES = 100
"""A column of so many different values or fewer may say what kind of line it is."""


def numbers(grid: Grid, column: Values, rows: Bools, source: LogFile) -> NDArray[np.float64]:
    """Return the amount of each row, NaN where there is none.

    Raises
    ------
    ValueError
        If one is no number, or the decimal mark cannot be told.
    """
    texts, used = column.distinct, column.used(rows)
    plain, blank = matches(texts, _PLAIN), matches(texts, "^$")
    if (plain | blank | ~used).all() and source.decimal != ",":
        dotted, three = matches(texts, r"\.") & used, matches(texts, _THREE) & used
        if source.decimal or not dotted.any() or (dotted & ~three).any():
            values = pc.cast(pc.if_else(pa.array(plain), texts, "nan"), pa.float64())
            return values.to_numpy(zero_copy_only=False)[column.codes]
    cleaned = [_clean(text) for text in texts.to_pylist()]
    decimal = source.decimal or _decimal(grid, [t for t, u in zip(cleaned, used, strict=True) if u])
    values = np.array([_number(text, decimal) for text in cleaned])
    bad = np.isnan(values) & used & ~blank
    if bad.any():
        first = bad[column.codes] & rows
        text = texts[int(column.codes[np.flatnonzero(first)[0]])].as_py()
        grid.refuse(first, f"{text[:40]!r} is no amount, with {decimal!r} as the decimal mark")
    return values[column.codes]


def _clean(text: str) -> str:
    """Return a number without currency, and with its minus in front."""
    text = _BLANKS.sub("", text.replace("\u2212", "-"))
    text = _SIGNS.sub("", text)
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    if text.endswith("-"):
        text = "-" + text[:-1]
    return text


def _decimal(grid: Grid, texts: list[str]) -> str:
    """Find the decimal mark, from numbers that can be read in one way only."""
    marks = {mark for text in texts if (mark := _mark(text))}
    if len(marks) == 1:
        return marks.pop()
    if marks:
        raise ValueError(
            f"{grid.name}: amounts are written both with a point and with a comma as decimal mark"
        )
    if any(mark in text for text in texts for mark in ".,"):
        raise ValueError(
            f"{grid.name}: in amounts such as "
            f"{next(text for text in texts if '.' in text or ',' in text)!r} the mark may be that "
            "of decimals or of thousands; say decimal: '.' or decimal: ','"
        )
    return "."


def _mark(text: str) -> str:
    """Return the decimal mark that a number must have; nothing if it may be either."""
    found = [letter for letter in text if letter in ".,"]
    if not found:
        return ""
    if len(set(found)) == 2:
        return found[-1]
    other = "," if found[0] == "." else "."
    if len(found) > 1:
        return other
    whole, _, rest = text.lstrip("+-").partition(found[0])
    may_be_thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return "" if may_be_thousands else found[0]


def _number(text: str, decimal: str) -> float:
    thousands = "," if decimal == "." else "."
    d, t = re.escape(decimal), re.escape(thousands)
    if not re.fullmatch(rf"[-+]?([0-9]+|[0-9]{{1,3}}({t}[0-9]{{3}})+)?({d}[0-9]*)?", text):
        return float(text) if re.fullmatch(_PLAIN, text) and decimal == "." else np.nan
    digits = text.replace(thousands, "").replace(decimal, ".")
    return float(digits) if re.search("[0-9]", digits) else np.nan


def refunds(grid: Grid, known: set[int]) -> list[tuple[str, Bools]]:
    """Return signs of refunds in columns that the user does not name.

    Parameters
    ----------
    grid
        The log.
    known
        Numbers of the columns of customer, date and amount.

    Returns
    -------
    list of (str, bool[rows])
        What was seen in which column, and in which rows.
    """
    out = []
    for k, column in enumerate(grid.columns):
        if k in known or column is None:
            continue
        values = grid.values(k)
        if not len(values.distinct):
            continue
        for what, which in _signs(grid, k, values.distinct):
            if (rows := which[values.codes]).any():
                out.append((f"column {grid.label(k)} {what}", rows))
                break
    return out


def _signs(grid: Grid, k: int, texts: Any) -> list[tuple[str, Bools]]:
    """Return what hints at refunds in a column, and in which of its distinct texts."""
    out = []
    filled = ~matches(texts, "^$")
    if 2 * matches(texts, _NUMBER).sum() >= filled.sum():
        out.append(("holds numbers below 0", matches(texts, _NEGATIVE)))
    if len(texts) <= FEW_VALUES:
        out.append(("has a word for refunds", matches(texts, _REFUND_VALUE)))
    if grid.header and re.search(_REFUND_NAME, grid.header[k]):
        out.append(("is not empty", ~matches(texts, _NO)))
    return out

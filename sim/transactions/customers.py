"""Customers' ids: which lines have none, and ids that cannot be right."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.transactions.grid import Bools, Grid, Values, counted, matches
from sim.transactions.spec import LogFile

_NOTHING = (
    r"(?i)^(#?n/?a|<na>|nan|nat|\(?null\)?|none|nil|undefined|unknown|\\n|[-?]+|-1(\.0+)?"
    r"|0{8}-?0{4}-?0{4}-?0{4}-?0{12}"
    r"|guest([ _-]?(user|customer|checkout|order|buyer))?|anonym(ous|e|o|us)?|anónimo|anonimo"
    r"|(customer|user)?[ _-]?walk[ _-]?ins?([ _-]?customer)?|(cash|no|dummy)[ _-]?(customer|user)"
    r"|visitor|gast|gastkunde|laufkunde|laufkundschaft|barverkauf|unbekannt|keine?r?"
    r"|invitée?|invite|inconnue?|passage|client de passage|invitado|desconocido|ninguno"
    r"|散客|匿名(用户|客户|会员)?|游客|访客|未知|无|無|空|未登录|非会员|ゲスト|비회원"
    r"|(grand|sub)?[ _-]?totals?:?|gesamt(summe)?|summe|insgesamt|totaux|suma|合计|總計|总计|小计)$"
)
_ZERO = r"^0+(\.0+)?$"
_ROUNDED = r"(?i)^-?[0-9]([.,][0-9]+)?E\+[0-9]+$|^-?[0-9][.,][0-9]+E[0-9]+$"
_LONG = r"^-?[0-9]{16,}\.0+$"
_CLOCK = r"^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?([.,][0-9]+)?( ?[AaPp][Mm])?$"
_DATE = r"^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}\b|^[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}\b"
_FRACTION = r"^[0-9]+[.,][0-9]*[1-9]$"
_POINT_ZERO = r"^[0-9]+\.0+$"
_INVISIBLE = ("[\"'`´‘’‚“”„«»\u00ad\u200b-\u200f\u2060\ufeff]", "")
_BLANKS = (r"\s+", "")
_THOUSANDS = ((r"^([0-9]{1,3}),([0-9]{3})\b", r"\1\2"), (r"^([0-9]+),([0-9]{3})\b", r"\1\2"),
              (r"^([0-9]+),([0-9]{3})\b", r"\1\2"))  # fmt: skip
_ZEROS = (r"^0+([0-9])", r"\1")
Small = NDArray[np.int32]
OFTEN, MANY = 0.05, 100
"""Share of lines above which a customer is remarkable, where there are that many customers."""
VERY_OFTEN, SOME = 0.2, 5
"""The same where there are fewer."""


def absent(column: Values, source: LogFile) -> Bools:
    """Tell which rows have no customer: blank, or a text that the user says stands for none.

    Capitals do not matter: a shop that writes Guest writes GUEST too.
    """
    none = _folded(pa.array(["", *map(str, source.missing or ())], pa.string()))
    return pc.is_in(_folded(column.distinct), none).to_numpy(zero_copy_only=False)[column.codes]


def _folded(texts: Any) -> Any:
    return pc.utf8_lower(pc.utf8_normalize(texts, "NFKC"))


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
        column.match(_ROUNDED) | column.match(_LONG),
        "a rounded number, as Excel and pandas write long ones, so that customers cannot be told "
        "apart; export ids as text (a column with blanks: as Int64)",
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


def remarks(
    names: list[str], customer: Small, day: Small, first: Small, source: LogFile
) -> list[str]:
    """Say what may be wrong though it need not be.

    Parameters
    ----------
    names
        The customers.
    customer, day : int32[n]
        Of each purchase.
    first : int32[customers]
        The day of each customer's first purchase.
    source
        What the user says.
    """
    ids = pa.array(names, pa.string())
    out = []
    if (alike := len(names) - len(_plain(ids).unique())) > 0:
        out.append(
            f"{counted(alike, 'customer')} of another's id but for capitals, the way in which "
            "accents are written, quotes, blanks, characters that cannot be seen, marks of "
            "thousands or zeros in front: each counts as a customer."
        )
    count = np.bincount(customer, minlength=len(names))
    if source.missing != ():
        out += _perhaps_none(ids, count)
    top = int(count.argmax())
    share = count[top] / customer.size
    if (len(names) >= MANY and share > OFTEN) or (len(names) >= SOME and share > VERY_OFTEN):
        out.append(
            f"Customer {names[top]!r} has {share:.0%} of the lines; if the id "
            f"stands for no customer, say missing: [{names[top]!r}]."
        )
    if len(names) >= MANY and (day == first[customer]).all():
        out.append("Nobody bought on a second day: the column of the customer may be another.")
    return out


def _perhaps_none(ids: Any, count: NDArray[np.int64]) -> list[str]:
    """Name customers who may be none: 0, which may be the first of several numbers too."""
    found = np.flatnonzero(matches(ids, _ZERO) | matches(ids, _NOTHING))
    return [
        f"Customer {ids[int(k)].as_py()!r} ({counted(int(count[k]), 'line')}) counts as a "
        "customer; if the id stands for none, add it to missing."
        for k in found
    ]


def _plain(ids: Any) -> Any:
    """Return ids without what a change of program or an export may have added to them."""
    ids = _folded(ids)
    for pattern, put in (_INVISIBLE, _BLANKS, *_THOUSANDS, _ZEROS):
        ids = pc.replace_substring_regex(ids, pattern, put)
    return ids

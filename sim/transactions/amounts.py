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
_NUMBER = r"^[-+(]?[0-9][0-9.,'’]*([eE][-+]?[0-9]+)?\)?-?$"
_NEGATIVE = r"^-[0-9]|^\([0-9.,'’]+\)$|^[0-9.,'’]+-$"
_REFUND_NAME = (
    r"(?i)refund|return(?!ing|able|_?polic|s?_?window)|cancel|chargeback|storn|retour|gutschrift|"
    r"erstatt|rücksend|ruecksend|rembours|devoluci|reembols|退款|退货|退貨|退单|取消|作废"
)
_REFUND_VALUE = (
    r"(?i)refund|charge[ _-]?back|cancel|\brevers(al|ed)\b|credit[ _-]?(note|memo)|"
    r"^(returns?|returned|product return|return order|void(ed)?|rma)$|"
    r"storn[oi]|retour|gutschrift|erstatt|r(ü|ue)ck(send|gabe|zahl|buch|lauf)|widerruf|"
    r"rembours|annul|^avoir$|note de crédit|devoluci|devuelt|reembols|anulad|^abono$|"
    r"nota de crédito|devolu|estorn|rimbors|^reso$|"
    r"退(款|货|貨|回|单|單|换|換|费|訂|订)|^已?退$|取消|撤销|撤單|作废|冲红|红冲|红字|"
    r"返品|返金|キャンセル|환불|반품|취소"
)
_WEAK_VALUE = r"(?i)^(credit|cr|cn|c|r|ret|rt|gs)$"
_SALE_VALUE = r"(?i)^(sales?|sold|purchased?|order|invoice|buy|(ver)?kauf|rechnung|vente|venta)$"
_KIND_NAME = r"(?i)type|kind|typ\b|art\b|status|transaction|vorgang|beleg|class|类型|状态|种类"
_PAYMENT_NAME = r"(?i)pay|card|tender|zahl|支付|付款"
_DIGITS, _PREFIXED = r"^[0-9]{3,}$", r"^[A-Za-z]{1,3}[-_ ]?[0-9]{3,}$"
_NO = r"(?i)^(|0|0[.,]0+|no|n|nein|non|nan|nat|none|null|false|f|falsch|-|否|无|未退[款货]?)$"
_BLANKS = re.compile("[ '\u2019\u00a0\u202f](?=[0-9]{3})")
_MINUS = "[\u2212\u2013\u2014\uff0d\ufe63]|(?i:minus|moins|menos)|负|負"
_CURRENCY = (
    r"\s|(?i:R?US|HK|NT|AU?|CA?|NZ|S|R|MX)?[¤$¢-¥₠-⃏￥￡￦]|元|圆|圓|块|円|원|"
    r"(?i:USD|EUR|GBP|CNY|RMB|CNH|JPY|KRW|HKD|TWD|SGD|INR|AUD|CAD|NZD|CHF|SEK|NOK|DKK|PLN|CZK|HUF|"
    r"RON|TRY|RUB|UAH|ILS|AED|SAR|ZAR|BRL|MXN|ARS|CLP|COP|PEN|THB|VND|IDR|MYR|PHP|PKR|EGP|NGN|KES|"
    r"euros?|dollars?|yuan|kr\b\.?|zł|kč|ft\b|rs\b\.?|руб\.?|fr\b\.?)"
)
_CODE = re.compile(r"\b[A-Z]{3}\b")
_BRACKETS = str.maketrans("（）", "()")
FEW_VALUES = 100
"""A column of so many different values or fewer may say what kind of line it is."""
RARE = 0.4
"""Share of lines up to which a letter before a number may mark what was cancelled."""


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
    text = _BLANKS.sub("", re.sub(_MINUS, "-", text))
    text = re.sub(_CURRENCY, "", _CODE.sub("", text)).translate(_BRACKETS)
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


def refunds(grid: Grid, known: set[int], rows: Bools) -> list[tuple[str, Bools]]:
    """Return signs of refunds in columns that the user does not name.

    Parameters
    ----------
    grid
        The log.
    known
        Numbers of the columns of customer, date and amount.
    rows : bool[rows]
        The rows that count.

    Returns
    -------
    list of (str, bool[rows])
        What was seen in which column, and in which rows.
    """
    out = []
    for k, column in _others(grid, known):
        for what, which in _signs(grid, k, column.distinct):
            if (seen := which[column.codes] & rows).any():
                out.append((f"column {grid.label(k)} {what}", seen))
                break
    return out


def prefixed(grid: Grid, known: set[int], rows: Bools) -> list[tuple[str, Bools]]:
    """Return columns of numbers where a few have a letter in front, as cancelled invoices may.

    Parameters and result are those of `refunds`.
    """
    out = []
    for k, column in _others(grid, known):
        seen = column.match(_PREFIXED)[column.codes] & rows
        plain = column.match(_DIGITS)[column.codes] & rows
        numbers = seen.sum() + plain.sum()
        if 0 < seen.sum() <= RARE * numbers and 2 * numbers > rows.sum():
            text = column.distinct[int(column.codes[int(seen.argmax())])].as_py()
            what = f"has a letter before the number ({text[:40]!r}), as cancelled invoices may,"
            out.append((f"column {grid.label(k)} {what}", seen))
    return out


def _others(grid: Grid, known: set[int]) -> list[tuple[int, Values]]:
    """Return the columns that the user does not name, if there is text in them."""
    left = [k for k, column in enumerate(grid.columns) if k not in known and column is not None]
    return [(k, column) for k in left if len((column := grid.values(k)).distinct)]


def _signs(grid: Grid, k: int, texts: Any) -> list[tuple[str, Bools]]:
    """Return what hints at refunds in a column, and in which of its distinct texts."""
    out = []
    name = grid.header[k] if grid.header else ""
    filled = ~matches(texts, "^$")
    bare = _bare(texts)
    if 2 * matches(bare, _NUMBER).sum() >= filled.sum():
        out.append(("holds numbers below 0", matches(bare, _NEGATIVE)))
    if len(texts) <= FEW_VALUES:
        words = matches(texts, _REFUND_VALUE)
        kind = re.search(_KIND_NAME, name) and not re.search(_PAYMENT_NAME, name)
        if kind or matches(texts, _SALE_VALUE).any():
            words |= matches(texts, _WEAK_VALUE)
        out.append(("has a word for refunds", words))
    if re.search(_REFUND_NAME, name):
        out.append(("is not empty", ~matches(texts, _NO)))
    return out


def _bare(texts: Any) -> Any:
    """Return texts without currency and blanks, each minus and bracket written in one way."""
    for pattern, put in ((_MINUS, "-"), (_CURRENCY, ""), ("（", "("), ("）", ")")):
        texts = pc.replace_substring_regex(texts, pattern, put)
    return texts

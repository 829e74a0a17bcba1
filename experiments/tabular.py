"""Tables of text, and what their columns and rows are called.

A table is laid out by columns, by rows, or as a whole: what has one unit has one scale, which its
head names, and the cells are numbers without units.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from experiments.metrics import METRICS
from experiments.scales import Amount, Scale, scale

MAX_BRANDS = 10
"""A table that is read has no more columns; the others are in the tables on disk."""
Cell = str | Amount


class View(NamedTuple):
    """A table of text; one of detail is in the report only."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""
    detail: bool = False


class Head(NamedTuple):
    """What a column, a row or a table is of.

    Attributes
    ----------
    name
        What it is called.
    unit
        What its amounts are counted in; none: its cells are text.
    change
        They are differences of such amounts.
    group
        Columns of one group share a scale, so that they can be compared.
    """

    name: str
    unit: str | None = None
    change: bool = False
    group: str = ""


Heads = list[Head | str]
Rows = list[list[Cell]]


def of_metric(name: str, change: bool = False) -> Head:
    """Return the head of a metric."""
    return Head(METRICS[name].label, METRICS[name].unit, change)


def amount(row: Any, key: str = "mean", low: str = "low", high: str = "high") -> Amount:
    """Return a number of a row of a table with half the width of its interval."""
    return Amount(float(row[key]), (float(row[high]) - float(row[low])) / 2)


def by_column(
    title: str,
    heads: Heads,
    rows: Rows,
    *,
    note: str = "",
    detail: bool = False,
) -> View:
    """Return a table with one scale in each column, named in its head.

    Parameters
    ----------
    title
        Above the table.
    heads
        Of the columns; plain text for a column of text.
    rows
        Text or amounts.
    note, detail
        As a view has them.
    """
    own = [head if isinstance(head, Head) else Head(head) for head in heads]
    scales = _scales(own, rows)
    columns = [_headed(head, s) for head, s in zip(own, scales, strict=True)]
    body = [[_text(cell, s) for cell, s in zip(row, scales, strict=True)] for row in rows]
    return View(title, columns, body, note, detail)


def by_row(title: str, columns: list[str], rows: Iterable[tuple[Head, list[Cell]]]) -> View:
    """Return a table with one scale in each row, named in its first cell."""
    body = []
    for head, cells in rows:
        own = _scale([cells], head)
        body.append([_headed(head, own), *(_text(cell, own) for cell in cells)])
    return View(title, columns, body)


def whole(
    title: Head,
    columns: list[str],
    rows: Rows,
    *,
    tail: str = "",
    note: str = "",
    detail: bool = False,
) -> View:
    """Return a table whose amounts all have one scale, named in its title.

    Parameters
    ----------
    title
        What the amounts are.
    columns, rows
        The table.
    tail
        The end of the title, after the unit.
    note, detail
        As a view has them.
    """
    own = _scale(rows, title)
    body = [[_text(cell, own) for cell in row] for row in rows]
    return View(_headed(title, own) + tail, columns, body, note, detail)


def _scales(heads: list[Head], rows: Rows) -> list[Scale | None]:
    groups: dict[str, list[Cell]] = {}
    for k, head in enumerate(heads):
        groups.setdefault(head.group or str(k), []).extend(row[k] for row in rows)
    return [_scale([groups[head.group or str(k)]], head) for k, head in enumerate(heads)]


def _scale(rows: Sequence[Sequence[Cell]], head: Head) -> Scale | None:
    if head.unit is None:
        return None
    own = (cell for row in rows for cell in row if isinstance(cell, Amount))
    return scale(own, head.unit, change=head.change)


def _headed(head: Head, own: Scale | None) -> str:
    return head.name if own is None else own.head(head.name)


def _text(cell: Cell, own: Scale | None) -> str:
    if isinstance(cell, str):
        return cell
    assert own is not None, "an amount stands under a head without a unit"
    return own.text(cell)


def shown_brands(size: pd.Series, of: str) -> tuple[list[str], str]:
    """Return the brands that a table has columns of, in their order, and a note on the others.

    Parameters
    ----------
    size : float[brands]
        What they are chosen by, the largest first, by brand: net revenue.
    of
        The brand of the study, which is always shown.
    """
    brands = [str(brand) for brand in size.index]
    if len(brands) <= MAX_BRANDS:
        return brands, ""
    ranked = size.drop(of, errors="ignore").sort_values(ascending=False, kind="stable").index
    kept = {*([of] if of in brands else []), *ranked[: MAX_BRANDS - (of in brands)]}
    left = len(brands) - len(kept)
    note = (
        f"{len(kept)} of {len(brands)} brands: {of} and those with the most net revenue. "
        f"The other {left} are in the tables on disk."
    )
    return [brand for brand in brands if brand in kept], note


def too_short(frame: pd.DataFrame) -> list[str]:
    """Say which numbers are blank because the run is too short.

    Parameters
    ----------
    frame
        Columns `metric` and `mean`.
    """
    rows = frame[frame["metric"] == "retention"]
    if rows.empty or not rows["mean"].isna().all():
        return []
    return [
        "Annual retention needs two years of orders (burn-in counts as the first): "
        "the market is too short for it."
    ]

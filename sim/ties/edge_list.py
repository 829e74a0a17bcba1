"""Reading networks from edge lists.

networkx's reader leaves out lines that it cannot parse, merges ties that are given twice,
and does not know line numbers. So lines are read here, and every mistake has its line.
"""

import csv
import io
import itertools
import re
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.ties.columns import (
    STRENGTHS,
    Columns,
    pair_of,
    plain_title,
    refuse_row_numbers,
    refuse_unknown,
)
from sim.ties.line_files import Body, Collected, LineError, body_of
from sim.ties.links import Links, is_whole

Split = Callable[[str], list[str]]

_HEAD = re.compile(r"(?:[ \t]*(?:[#%].*)?\n)*")
_NO_NUMBERS = re.compile(r"[^0-9\s,.eE+-]|,\s*,|\t *\t")
_NOT_PLAIN = [  # one by one: together they take ten times as long
    re.compile(pattern)
    for pattern in (
        r"[^0-9\s,.eE+-]",
        r",\s*,",
        r"\t *\t",
        r"\n\s*[\n,]",
        r"\A\s*,",
        r"[\s,]0[0-9]",
    )
]


def read_edge_list(
    text: str, header: bool | None, directed: bool | None, weight_column: str | None
) -> Links:
    """Read lines `from,to`, `from,to,weight`, or `from to {'weight': 0.5}` as networkx writes them.

    Commas, semicolons, tabs or white space separate; a header may name the columns.

    Parameters
    ----------
    text
        The whole file.
    header
        Whether the first line names the columns; `None`: find out.
    directed
        What the user says; asked for if the comments of the file say that ties are directed.
    weight_column
        Column of the weights, by the header, or key of networkx's data; empty: read none.

    Raises
    ------
    LineError
        With the line.
    ValueError
        If the comments say what cannot be read.
    """
    if header is None and not weight_column:
        found = _of_numbers(text, directed, weight_column is None)
        if found:
            return found
    body = body_of(text)
    most = _fields_by_comments(body, directed)
    if not body.lines:
        return Collected().links()
    split_first, split = _splitters(body.lines)
    first = _fields(split_first, body.numbers[0], body.lines[0])
    titles = first if _is_header(first, body, split, header) else []
    _refuse_unsaid(body, split_first, split, titles, weight_column)
    columns = Columns(titles, weight_column, most)
    collected, pick = Collected(), columns.pick
    number = body.numbers[0]
    try:
        if not titles:
            collected.add(number, *pick(first))
        for number, line in zip(body.numbers[1:], body.lines[1:], strict=True):
            collected.add(number, *pick(split(line)))
    except ValueError as error:
        raise LineError(number, str(error)) from None
    _no_names_in_comments(body, split, collected)
    return collected.links(columns.directed, False, columns.name, columns.unused, columns.ends)


def _refuse_unsaid(
    body: Body, split_first: Split, split: Split, titles: list[str], weight_column: str | None
) -> None:
    """Refuse columns of which nothing says that they are two ends and a strength."""
    lines = zip(body.numbers[1:], body.lines[1:], strict=True)
    rows = (_fields(split, number, line) for number, line in lines)
    try:
        if titles:
            refuse_unknown(titles, weight_column, rows)
        else:
            first = _fields(split_first, body.numbers[0], body.lines[0])
            refuse_row_numbers(itertools.chain([first], rows))
    except LineError:
        raise
    except ValueError as error:
        raise LineError(body.numbers[0], str(error)) from None


def _no_names_in_comments(body: Body, split: Split, collected: Collected) -> None:
    """Refuse a comment that may be a tie of somebody whose name begins with its mark."""
    for number, comment in body.comments:
        ends = _fields(split, number, comment)[:2] if comment[1:2].strip() else []
        if len(ends) == 2 and any(end in collected.place for end in ends):
            raise LineError(
                number,
                f"{comment[:60]!r} may be a comment or a tie: put a blank after the mark, or "
                "double quotes around names",
            )


def _of_numbers(text: str, directed: bool | None, weighted: bool) -> Links | None:
    """Return the ties of a plain file of numbers, by NumPy; `None` if there is any doubt."""
    head = _HEAD.match(text)
    start = head.end() if head else 0
    line, _, rest = text[start:].partition("\n")
    titles = re.split(r"[,\s]+", line.strip()) if _NO_NUMBERS.search(line) else []
    if titles:
        known = pair_of([plain_title(title) for title in titles])
        names = all(title and title[0] not in '+-.0123456789"' for title in titles)
        if not names or not 2 <= len(titles) <= 3 or known not in (None, (0, 1)):
            return None
        if len(titles) == 3 and (not known or plain_title(titles[2]) not in STRENGTHS):
            return None  # line by line it is asked what the third column is
    else:
        rest = text[start:]
    rest = rest.rstrip()
    if not rest or any(pattern.search("\n" + rest) for pattern in _NOT_PLAIN):
        return None
    _fields_by_comments(body_of(text[:start]), directed)
    table = _parsed(rest)
    if table is None or (titles and len(titles) < len(table.dtype.names or ())):
        return None
    m = len(table)
    if not titles and m > 1 and np.array_equal(table["a"] - table["a"][0], np.arange(m)):
        return None  # line by line it is asked whether they are row numbers
    ids, ends = np.unique(np.concatenate([table["a"], table["b"]]), return_inverse=True)
    weighted &= "weight" in (table.dtype.names or ())
    weight = table["weight"] if weighted else np.full(m, np.nan)
    name = (titles[2:] or ["column 3"])[0] if weighted else ""
    lines = text.count("\n", 0, start) + 1 + bool(titles) + np.arange(m)
    return Links(ids, ends[:m], ends[m:], weight, lines, None, False, name, (), tuple(titles[:2]))


def _parsed(text: str) -> NDArray[np.void] | None:
    """Return two or three columns of numbers, `None` if there are others."""
    width = len(text.partition("\n")[0].replace(",", " ").split())
    if not 2 <= width <= 3:
        return None
    kinds = [("a", np.int64), ("b", np.int64), ("weight", np.float64)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # it takes 1.0 for a whole number, with a warning
            table = np.loadtxt(io.StringIO(text.replace(",", " ")), kinds[:width], ndmin=1)
    except (ValueError, OverflowError, DeprecationWarning):
        return None
    if len(table) != text.count("\n") + 1:
        return None
    return table if width == 2 or np.isfinite(table["weight"]).all() else None


def _fields_by_comments(body: Body, directed: bool | None) -> int:
    """Return how many fields a line may have; refuse what KONECT's or SNAP's comments rule out."""
    comments = [comment for _, comment in body.comments]
    kinds = {m[1].lower() for c in comments if (m := re.match(r"%\s*(sym|asym|bip)\b", c, re.I))}
    if "bip" in kinds:
        raise ValueError(
            "the comment '% bip' says that both sides are numbered by themselves: "
            "give the two sides different names"
        )
    says = "asym" in kinds or any(re.match(r"#\s*directed graph\b", c, re.I) for c in comments)
    if says and directed is None:
        raise ValueError(
            "the comments say that ties are directed: write `directed: true`, or "
            "`directed: false` to take them both ways"
        )
    return 4 if kinds else 3


def _splitters(lines: list[str]) -> tuple[Split, Split]:
    """Return how the first line is split, and how the others: as numbers if they are all that."""
    ends = lines[0].partition("{")[0]
    mark = next((mark for mark in ";\t," if mark in ends), " ")

    def split(line: str) -> list[str]:
        if line[-1] == "}":
            ends, _, data = line.partition("{")
            return [*split(ends.rstrip().removesuffix(mark)), "{" + data]
        if '"' in line:
            return _quoted(line, mark)
        return line.split() if mark == " " else [field.strip() for field in line.split(mark)]

    if any(_NO_NUMBERS.search(line) or line[0] == "," for line in lines[1:]):
        return split, split
    return (split if _NO_NUMBERS.search(lines[0]) else _numbers), _numbers


def _numbers(line: str) -> list[str]:
    return line.replace(",", " ").split()


def _quoted(line: str, mark: str) -> list[str]:
    try:
        found = next(csv.reader([line], delimiter=mark, strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise ValueError(f"cannot be split at {mark!r}: {error}") from None
    return [field.strip() for field in found if field or mark != " "]


def _is_header(first: list[str], body: Body, split: Split, header: bool | None) -> bool:
    """Tell whether the first line names columns; refuse what could be names of people."""
    if header is not None:
        return header
    if pair_of([plain_title(title) for title in first], sure=True):
        return True
    if any(field[:1].isdigit() or field[:1] in ("+", "-", ".", "") for field in first[:2]):
        return False
    later: set[str] = set()
    for number, line in zip(body.numbers[1:], body.lines[1:], strict=True):
        later.update(_fields(split, number, line)[:2])
    if later & set(first[:2]) or first[-1][:1] == "{":
        return False
    if any(map(is_whole, later)):
        return True
    raise LineError(
        body.numbers[0],
        f"{body.lines[0][:60]!r} may name columns or people: write `header: true` or "
        "`header: false`",
    )


def _fields(split: Split, number: int, line: str) -> list[str]:
    try:
        return split(line)
    except ValueError as error:
        raise LineError(number, str(error)) from None

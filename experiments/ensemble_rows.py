"""The table of an ensemble: from the text of a CSV file to its rows and back, with every mistake."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.markets import loose
from sim.config.yaml_file import ConfigError, Mark, Problem, Tree, nearest, plain_scalar, show

RANGES = ("stated", "doubled")
OWN = ("id", "ranges", "weight", "implausibility")
"""The first columns of the table."""
TARGET = "target."
"""What the names of the columns of targets begin with."""
MOST_MEMBERS = 10_000
MOST_BYTES = 32 << 20
_OFF = 1e-6
"""How far from 1 the sum of weights may be."""
_JSON = ('"', "[", "{")
Line = tuple[int, list[str]]
"""The number of a line, and its cells."""


@dataclass(frozen=True)
class Member:
    """A market that is not ruled out.

    Attributes
    ----------
    id
        Its name, once in an ensemble.
    ranges
        One of `RANGES`.
    weight
        Of those of the same ranges; they add up to 1.
    set
        What it sets in the market that was calibrated: by dotted path, in which a `*` stands for
        every key.
    line
        Of the table, for messages; 0 if it was not read from a file.
    """

    id: str
    ranges: str
    weight: float
    set: dict[str, Any]
    line: int = field(default=0, compare=False)


# -- lines ----------------------------------------------------------------------------------------


def text_of(file: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    ConfigError
        If it cannot be read, is too large, or is no text.
    """
    mark = Mark(str(file), 1, 1)
    try:
        if file.stat().st_size > MOST_BYTES:
            what = f"the file is larger than {MOST_BYTES >> 20} MiB"
            raise ConfigError([Problem(mark, "", what)])
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})"
        raise ConfigError([Problem(None, str(file), what)]) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem(mark, "", "the file is not UTF-8 text")]) from None


def parsed(text: str, file: str) -> tuple[list[str], list[Line]]:
    """Return the names of the columns of a table, and its rows.

    Raises
    ------
    ConfigError
        If it is no table.
    """
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        names = [name.strip() for name in next(lines, [])]
        rows = [(lines.line_num, cells) for cells in lines if cells]
    except csv.Error as error:
        what = f"this is no CSV: {error}"
        raise ConfigError([Problem(Mark(file, lines.line_num, 1), "", what)]) from None
    problems = [
        Problem(
            Mark(file, line, 1), "", f"has {len(cells)} fields, but there are {len(names)} columns"
        )
        for line, cells in rows
        if len(cells) != len(names)
    ]
    if not 1 <= len(rows) <= MOST_MEMBERS:
        what = f"must have from 1 to {MOST_MEMBERS:,} markets (got {len(rows):,})"
        problems.append(Problem(Mark(file, 1, 1), "", what))
    if problems:
        raise ConfigError(problems)
    return names, rows


def columns(names: list[str], about: Tree, file: str) -> Iterator[Problem]:
    """Yield what is wrong with the columns of a table.

    Parameters
    ----------
    names
        Of the columns.
    about
        The YAML file.
    file
        The table, for messages.
    """
    free = about.data.get("free")
    if not isinstance(free, dict) or not free:
        what = "is required: the free parameters, and what each was varied over"
        yield about.problem(("free",), what)
        return
    for name in dict.fromkeys([*OWN, *free]):
        if name not in names:
            yield Problem(Mark(file, 1, 1), name, "there is no such column")
    for k, name in enumerate(names):
        place = Mark(file, 1, k + 1)
        if name in names[:k]:
            yield Problem(place, name, "there are two such columns")
        elif name not in (*OWN, *free) and not name.startswith(TARGET):
            near = nearest(name, [*OWN, *free])
            hint = f"; did you mean '{near}'?" if near else ""
            what = f"is no free parameter of the YAML file, and no {TARGET}NAME{hint}"
            yield Problem(place, name, what)


# -- cells ----------------------------------------------------------------------------------------


def cell(column: str, value: Any) -> str:
    """Write a value so that `_value` reads the same."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return ""
    if value is None and (column in OWN or column.startswith(TARGET)):
        return ""
    if column in ("id", "ranges") and isinstance(value, str):
        return value
    if isinstance(value, str):
        is_plain = value.isprintable() and value == value.strip() and value[:1] not in _JSON
        return value if is_plain and _is_text(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return json.dumps(loose(value), ensure_ascii=False)


def _is_text(value: str) -> bool:
    try:
        return bool(value) and plain_scalar(value) == value
    except ValueError:
        return False


def _value(text: str) -> Any:
    """Read a value; raise ValueError with the reason why it cannot be read."""
    if not text.startswith(_JSON):
        return plain_scalar(text)
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is no JSON ({error.msg} at character {error.pos + 1})") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def members(
    names: list[str], lines: list[Line], free: Mapping[str, Any], file: str
) -> tuple[list[dict[str, Any]], tuple[Member, ...]]:
    """Return the values of each row, and its member.

    Raises
    ------
    ConfigError
        With everything that is wrong with them.
    """
    problems: list[Problem] = []
    rows = [
        _row(file, line, dict(zip(names, cells, strict=True)), free, problems)
        for line, cells in lines
    ]
    if problems:
        raise ConfigError(problems)
    found = tuple(
        Member(row["id"], row["ranges"], row["weight"], {path: row[path] for path in free}, line)
        for row, (line, _) in zip(rows, lines, strict=True)
    )
    problems += _together(found, file)
    if problems:
        raise ConfigError(problems)
    return rows, found


def _row(
    file: str, line: int, cells: Mapping[str, str], free: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    name = cells["id"].strip()
    values: dict[str, Any] = {}
    for place, (column, text) in enumerate(cells.items(), start=1):
        try:
            values[column] = _checked(column, text.strip(), column in free)
        except ValueError as error:
            what = f"{error} (market {name!r})" if name else str(error)
            problems.append(Problem(Mark(file, line, place), column, what))
    return values


def _checked(column: str, text: str, free: bool) -> Any:
    """Return the value of a cell of a column."""
    if column == "id":
        if not text:
            raise ValueError("every market needs a name")
        return text
    if column == "ranges":
        if text not in RANGES:
            raise ValueError(f"must be {' or '.join(RANGES)} (got {show(text)})")
        return text
    if free:
        if not text:
            raise ValueError("a free parameter must have a value")
        value = _value(text)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("must be finite")
        return value
    if not text and column != "weight":
        return float("nan")
    number = plain_scalar(text)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(f"must be a number (got {show(text)})")
    if column == "weight" and not 0 < number <= 1 + _OFF:
        raise ValueError(f"must be above 0 and at most 1 (got {text})")
    return float(number)


def _together(found: tuple[Member, ...], file: str) -> Iterator[Problem]:
    """Yield what is wrong with the members together."""
    first: dict[str, int] = {}
    for own in found:
        if own.id in first:
            what = f"{own.id!r} is the name of the market in line {first[own.id]} too"
            yield Problem(Mark(file, own.line, 1), "id", what)
        first.setdefault(own.id, own.line)
    for ranges in RANGES:
        weights = [own.weight for own in found if own.ranges == ranges]
        if weights and abs(math.fsum(weights) - 1) > _OFF:
            what = f"those of {ranges!r} must add up to 1 (got {math.fsum(weights):.9g})"
            yield Problem(Mark(file, 1, 1), "weight", what)

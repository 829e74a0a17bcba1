"""Ensembles: the markets that a calibration does not rule out, as two files.

`STEM.csv` has a row per market, its *member*:

- `id`, text; `ranges`, `stated` or `doubled`: found in the ranges of the study, or in ranges twice as
  wide; `weight`, adding up to 1 within each of the two; `implausibility`, the largest over targets;
- a column per free parameter, named by its dotted path, with what the market has there: a number,
  true, false, text, or JSON where it is more than that;
- `target.NAME`: what the market gave for each target, empty where that is not defined.

`STEM.yaml` says where they come from: `market`, `market_hash` (of the first member), `code`,
`study`, `free` (each free parameter and its range), `targets`, `waves`, `not_identified`, `missed`.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from experiments.ensemble_rows import Line, Member, cell, columns, members, parsed, text_of
from experiments.files import write_bytes
from experiments.markets import loose
from sim.config import layers, yaml_file
from sim.config.layers import is_file
from sim.config.yaml_file import ConfigError, Mark, Problem, Tree, nearest, plain_scalar


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The markets that a calibration does not rule out.

    Attributes
    ----------
    name
        The stem of its files.
    members
        In the order of the table.
    free
        The free parameters: what each was varied over, by dotted path.
    about
        What the YAML file says, `free` included.
    table
        What the CSV file says: a row per member.
    file
        The table, for messages; empty if it was not read from a file.
    """

    name: str
    members: tuple[Member, ...]
    free: dict[str, dict[str, Any]]
    about: dict[str, Any]
    table: pd.DataFrame
    file: str = ""

    def __eq__(self, other: object) -> bool:
        """Tell whether both say the same."""
        if not isinstance(other, Ensemble):
            return NotImplemented
        mine, theirs = (x.table.astype(object).where(x.table.notna(), None) for x in (self, other))
        return (
            (self.name, self.members, self.about) == (other.name, other.members, other.about)
            and list(mine.columns) == list(theirs.columns)
            and mine.to_numpy().tolist() == theirs.to_numpy().tolist()
        )

    __hash__ = None  # type: ignore[assignment]

    def mark(self, member: Member | None = None, path: str = "") -> Mark | None:
        """Return where a member, or without one a column, is written: line and number of the field."""
        names = list(self.table.columns)
        place = names.index(path) + 1 if path in names else 1
        return Mark(self.file, member.line if member else 1, place) if self.file else None


def shipped() -> dict[str, Path]:
    """Return the tables of the ensembles that come with the program, by name."""
    return layers.shipped("ensembles/*.csv")


def read(source: str | Path, near: Path | None = None) -> Ensemble:
    """Return an ensemble.

    Parameters
    ----------
    source
        The name of one that comes with the program, or the path of its table, of its YAML file, or
        of both without their endings.
    near
        A folder from which a path is looked for before the current one.

    Raises
    ------
    ConfigError
        With everything that is wrong with the two files, by file, line and number of the field.
    """
    file = _find(str(source), near)
    about = yaml_file.read(file.with_suffix(".yaml"))
    names, lines = parsed(text_of(file), str(file))
    return _made(file.stem, str(file), names, lines, about)


def _made(name: str, file: str, names: list[str], lines: list[Line], about: Tree) -> Ensemble:
    if problems := list(columns(names, about, file)):
        raise ConfigError(problems)
    free = about.data["free"]
    rows, found = members(names, lines, free, file)
    return Ensemble(name, found, free, about.data, _table(rows, names), file)


def _table(rows: list[dict[str, Any]], names: list[str]) -> pd.DataFrame:
    """Return the rows as a table, in which no value becomes another: nothing stays nothing."""
    table = pd.DataFrame(rows, columns=names, dtype=object)
    for name in names:
        if {type(value) for value in table[name]} in ({float}, {int}):
            table[name] = pd.Series(table[name].tolist())
    return table


def write(stem: Path, table: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Write an ensemble as `STEM.csv` and `STEM.yaml`, each of them whole or not at all.

    Parameters
    ----------
    stem
        Path without an ending.
    table
        A row per member, with the columns that the module names.
    about
        What the YAML file is to say; `free` at least.

    Raises
    ------
    ConfigError
        If they are no ensemble; then nothing is written.
    StorageError
        If the folder cannot be written.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(table.columns)
    for row in table.to_dict("records"):
        lines.writerow([cell(str(name), value) for name, value in row.items()])
    plain = loose(dict(about))
    written = str(_with(stem, ".csv"))
    _made(stem.name, written, *parsed(text.getvalue(), written), Tree(plain))
    said = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    write_bytes(_with(stem, ".yaml"), said.encode())
    write_bytes(Path(written), text.getvalue().encode())


def _with(stem: Path, ending: str) -> Path:
    return stem.with_name(stem.name + ending)


class _Dumper(yaml.SafeDumper):
    """Writes text in quotes where YAML 1.2 would read something else than that text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    try:
        same = plain_scalar(data) == data
    except ValueError:
        same = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=None if same else '"')


_Dumper.add_representer(str, _text)


def _find(source: str, near: Path | None) -> Path:
    """Return the table of an ensemble."""
    bare = source.removesuffix(".csv").removesuffix(".yaml")
    for folder in (near or Path(), Path()):
        if is_file(found := folder / f"{bare}.csv"):
            return found
    known = shipped()
    if source in known:
        return known[source]
    near_to = nearest(source, known)
    what = "there is no such ensemble" + (f"; did you mean '{near_to}'?" if near_to else "")
    what += f"; a path to its table, or one of: {', '.join(known)}" if known else f": {bare}.csv"
    raise ConfigError([Problem(None, source, what)])


def numbers(values: Any) -> "np.ndarray | None":
    """Return a column of a table as float64[members], or nothing if it holds anything but numbers."""
    raw = list(values)
    if any(
        isinstance(x, bool | np.bool_) or not isinstance(x, int | float | np.number) for x in raw
    ):
        return None
    return np.array(raw, np.float64)

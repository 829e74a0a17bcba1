"""Results for other programs: every table of a study as CSV, as Parquet, or in one workbook."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from experiments.errors import StorageError, UsageError
from experiments.files import TEMPORARY
from experiments.metrics import METRICS
from experiments.results import Results
from experiments.store import KINDS

Form = Literal["csv", "xlsx", "parquet"]
DICTIONARY = "columns"
SHEET_ROWS, SHEET_COLUMNS, CELL = 1_048_576, 16_384, 32_767
"""What a sheet of Excel holds: rows, the head included; columns; characters in a cell."""
EXACT = 2**53
"""A whole number beyond this is text in a workbook: a spreadsheet has 15 digits."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a text in a CSV file for a formula."""


def tables(results: Results) -> Iterator[tuple[str, Callable[[], pd.DataFrame]]]:
    """Yield every table of a study that has rows or might: its name, and what reads it."""
    yield "runs", lambda: results.runs
    yield "design", lambda: results.design
    yield "responses", lambda: results.responses
    for kind in KINDS:
        if kind != "runs" and next(results.store.parts(kind), None) is not None:
            yield kind, lambda kind=kind: results.read(kind)  # type: ignore[misc]
    for name in results.summary:
        yield f"summary_{name}", lambda name=name: results.summary[name]  # type: ignore[misc]
    yield "metrics", lambda: results.metrics.rename_axis("metric").reset_index()


def export(
    results: Results, form: Form, out: Path, *, bom: bool = False, force: bool = False
) -> int:
    """Write every table of a study; a file or folder is there whole, or not at all.

    Parameters
    ----------
    results
        The study.
    form
        csv and parquet: a folder with a file per table; xlsx: one workbook with a sheet per table.
    out
        The folder, or the workbook.
    bom
        csv: begin with a byte-order mark, which Excel needs to read anything but ASCII.
    force
        Replace an earlier export.

    Returns
    -------
    int
        How many tables there are.

    Raises
    ------
    UsageError
        If something else is there, or a table does not go into a sheet.
    StorageError
        If it cannot be written.
    """
    _free(out, form, force)
    temporary = out.parent / f"{TEMPORARY}{uuid.uuid4().hex}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        number = _WRITERS[form](results, temporary, bom)
        _replace(temporary, out)
    except OSError as error:
        raise StorageError.of(error, out) from error
    finally:
        _remove(temporary)
    return number


def _free(out: Path, form: Form, force: bool) -> None:
    if not out.exists() and not out.is_symlink():
        return
    if not force:
        raise UsageError(f"{out} exists; --force replaces it, -o names another place")
    mine = out.is_file() if form == "xlsx" else (out / f"{DICTIONARY}.{form}").is_file()
    if not mine:
        raise UsageError(f"{out} is no earlier export to {form}: name another place with -o")


def _replace(temporary: Path, out: Path) -> None:
    """Put what is written in its place; a folder cannot be renamed over another."""
    if temporary.is_file() or not out.exists():
        os.replace(temporary, out)
        return
    old = out.parent / f"{TEMPORARY}{uuid.uuid4().hex}"
    os.rename(out, old)
    os.rename(temporary, out)
    _remove(old)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


# -- a folder of files ----------------------------------------------------------------------------


def _csv(results: Results, folder: Path, bom: bool) -> int:
    encoding = "utf-8-sig" if bom else "utf-8"

    def write(frame: pd.DataFrame, path: Path) -> None:
        own = _safe(frame)
        own.to_csv(path, index=False, encoding=encoding, lineterminator="\n")

    return _files(results, folder, "csv", write)


def _parquet(results: Results, folder: Path, bom: bool) -> int:
    return _files(
        results, folder, "parquet", lambda frame, path: frame.to_parquet(path, index=False)
    )


def _files(
    results: Results, folder: Path, ending: str, write: Callable[[pd.DataFrame, Path], None]
) -> int:
    folder.mkdir()
    known = []
    for name, read in tables(results):
        frame = read()
        write(frame, folder / f"{name}.{ending}")
        known.append(_described(name, frame))
    write(pd.concat(known, ignore_index=True), folder / f"{DICTIONARY}.{ending}")
    return len(known) + 1


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    out = frame.copy()
    for k in range(out.shape[1]):
        if not pd.api.types.is_numeric_dtype(out.dtypes.iloc[k]):
            out.isetitem(k, out.iloc[:, k].map(_quoted).array)
    return out.set_axis([_quoted(str(name)) for name in out.columns], axis=1)


def _quoted(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


# -- a workbook -----------------------------------------------------------------------------------


def _workbook(results: Results, path: Path, bom: bool) -> int:
    try:
        from openpyxl import Workbook
    except ImportError:
        raise UsageError(
            "a workbook needs the package openpyxl: pip install 'huitou[excel]', or --to csv"
        ) from None
    book = Workbook(write_only=True)
    known = []
    try:
        for name, read in tables(results):
            frame = read()
            _sheet(book, name, frame)
            known.append(_described(name, frame))
        _sheet(book, DICTIONARY, pd.concat(known, ignore_index=True))
        book.save(path)
    finally:
        book.close()
    return len(known) + 1


def _sheet(book: Any, name: str, frame: pd.DataFrame) -> None:
    from openpyxl.cell import WriteOnlyCell

    if len(frame) >= SHEET_ROWS or frame.shape[1] > SHEET_COLUMNS:
        raise UsageError(
            f"{name} has {len(frame):,} rows and {frame.shape[1]:,} columns; a sheet of Excel "
            f"holds {SHEET_ROWS - 1:,} and {SHEET_COLUMNS:,}: use --to csv or --to parquet"
        )
    sheet = book.create_sheet(name[:31])

    def cell(value: Any) -> Any:
        value = _in_cell(value, name)
        if not isinstance(value, str | float):
            return value
        # openpyxl cuts numbers to 16 digits, and takes text that begins with = for a formula.
        made = WriteOnlyCell(sheet, value=value if isinstance(value, str) else repr(value))
        made.data_type = "s" if isinstance(value, str) else "n"
        return made

    sheet.append([cell(str(column)) for column in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([cell(value) for value in row])


def _in_cell(value: Any, table: str) -> Any:
    """Return a value as a cell can have it: blank if it is missing, text if it is too long."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, float) and np.isinf(value):
        return str(value)
    if isinstance(value, int) and abs(value) > EXACT:
        return str(value)
    if not isinstance(value, bool | int | float):
        value = str(value)
        if len(value) > CELL:
            raise UsageError(
                f"{table} has a text of {len(value):,} characters; a cell of Excel holds {CELL:,}: "
                "use --to csv or --to parquet"
            )
    return value


_WRITERS: dict[str, Callable[[Results, Path, bool], int]] = {
    "csv": _csv,
    "parquet": _parquet,
    "xlsx": _workbook,
}

# -- what the columns are -------------------------------------------------------------------------

CENTS = "series"
PLAIN = {
    "run_id": "identity of the run",
    "arm": "the arm, or the number of the point",
    "market_id": "the market of the ensemble",
    "block": "points of one block share their random draws",
    "role": "what the point is for",
    "replicate": "number of the replicate, from 0",
    "config_hash": "identity of the market",
    "seed": "seed of the run",
    "code": "version of the code that computed the run",
    "brand": "the brand",
    "metric": "name of a metric, see the table metrics",
    "day": "day of the run, from 0",
    "mean": "mean over replicates",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "n": "number of replicates",
    "pairs": "number of replicates that finished in both arms",
    "difference": "mean of the paired differences from the baseline",
    "relative": "difference as a share of the baseline's mean",
    "correlation": "of the arm and the baseline over replicates",
    "p": "of the paired t-test of no difference",
    "p_holm": "p adjusted by Holm's method",
}


def _described(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row per column of a table: what it is called, its unit, its type."""
    rows = []
    for name, kind in zip(map(str, frame.columns), frame.dtypes, strict=True):
        metric = METRICS.get(name) if table in ("runs", "responses") else None
        label, unit = (metric.label, metric.unit) if metric else (PLAIN.get(name, ""), "")
        if table == CENTS and name not in PLAIN:
            counted = name.startswith("n_")
            label, unit = name.removeprefix("n_").replace("_", " "), "" if counted else "cents"
        shown = "text" if not pd.api.types.is_numeric_dtype(kind) else str(kind)
        rows.append({"table": table, "column": name, "label": label, "unit": unit, "type": shown})
    return pd.DataFrame(rows, columns=["table", "column", "label", "unit", "type"])

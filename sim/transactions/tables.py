"""Logs that are tables already: Excel and Parquet."""

import datetime
import importlib
import io
import math
import warnings
import zipfile
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.config.source_map import show
from sim.transactions.grid import Grid
from sim.transactions.spec import LogFile
from sim.transactions.text import has_header

MOST_DIGITS = 10**15
"""Excel keeps 15 digits: of larger numbers digits are lost."""
_EXACT = {"double": 2**53, "float": 2**24, "halffloat": 2**11}
"""From which number on a floating-point type of Parquet skips whole numbers."""


def excel(content: bytes, source: LogFile, name: str) -> Grid:
    """Return the columns of a sheet of an Excel file.

    Raises
    ------
    ValueError
        If it cannot be read, or it is not clear which sheet is meant.
    """
    try:
        importlib.import_module("openpyxl")
    except ImportError:
        raise ValueError(
            f"{name}: to read Excel needs openpyxl: pip install 'huitou[excel]'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that do not matter here
            sheets = pd.read_excel(
                io.BytesIO(content), sheet_name=None, header=None, dtype=object, na_filter=False,
                engine="openpyxl",
            )  # fmt: skip
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError) as error:
        raise ValueError(f"{name}: cannot be read as Excel: {error}") from None
    frame = _sheet(sheets, source, name)
    filled = frame.map(lambda cell: _cell(cell, source.decimal))
    filled = filled[(filled != "").any(axis=1)]
    if filled.empty:
        raise ValueError(f"{name}: there is nothing in it")
    header = None
    if has_header(source):
        header, filled = [str(cell).strip() for cell in filled.iloc[0]], filled.iloc[1:]
    numbers = filled.index.to_numpy() + 1
    columns = [pa.array(filled[k].tolist(), pa.string()) for k in filled.columns]
    return Grid(name, header, columns, lambda row: f"{name}: row {numbers[row]}")


def _sheet(sheets: dict[Any, pd.DataFrame], source: LogFile, name: str) -> pd.DataFrame:
    full = {title: frame for title, frame in sheets.items() if not frame.empty}
    wanted, titles = source.sheet, list(sheets)
    if isinstance(wanted, int) and 0 <= wanted < len(titles):
        return sheets[titles[wanted]]
    if wanted in sheets:
        return sheets[wanted]
    listed = ", ".join(show(title) for title in titles)
    if wanted is not None:
        raise ValueError(f"{name}: there is no sheet {show(wanted)}; sheets: {listed}")
    if len(full) > 1:
        raise ValueError(f"{name}: several sheets; say which: sheet: one of {listed}")
    return next(iter(full.values()), pd.DataFrame())


def _cell(value: Any, decimal: str | None = None, most: int = MOST_DIGITS) -> str:
    """Write a cell as a CSV export would: 17, not 17.0.

    Whole numbers from `most` on, which may have been rounded, get an exponent: `customers` refuses
    those as ids, and as amounts they are what they were.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if math.isnan(value):  # what pandas makes of #N/A and other errors
            return "#N/A"
        if not value.is_integer():
            return repr(float(value)).replace(".", decimal or ".")
    if isinstance(value, int | float):
        whole = str(int(value)) if abs(value) < most else f"{value:.16e}"
        return whole.replace(".", decimal or ".")
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value).strip()


def parquet(content: bytes, source: LogFile, name: str) -> Grid:
    """Return the columns of a Parquet file.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{name}: cannot be read as Parquet: {error}") from None
    columns = [_text(column, source.decimal) for column in table.columns]
    asked = source.date
    number = table.column_names.index(asked) if asked in table.column_names else asked
    zone = None
    if isinstance(number, int) and 0 <= number < table.num_columns:
        zone = getattr(table.column(number).type, "tz", None)
    return Grid(name, table.column_names, columns, lambda row: f"{name}: row {row + 1}", zone=zone)


def _text(column: Any, decimal: str | None) -> Any:
    """Return a Parquet column as text, blank for nothing; None if it is neither."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_nested(kind):
        return None
    if pa.types.is_timestamp(kind):
        text = column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
        column = pc.binary_join_element_wise(text, "Z", "") if kind.tz else text
    elif pa.types.is_date(kind) or pa.types.is_integer(kind):
        column = column.cast(pa.string())
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        try:
            column = column.cast(pa.string())
        except pa.ArrowInvalid:
            return None
    else:
        distinct, most = column.unique(), _EXACT.get(str(kind), MOST_DIGITS)
        cells = [_cell(value, decimal, most) for value in distinct.to_pylist()]
        texts = pa.array(cells, pa.string())
        column = texts.take(pc.index_in(column, distinct))
    return pc.fill_null(column, "")

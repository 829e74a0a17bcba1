"""What a user says about a transaction log: where it is, and what its columns mean."""

import codecs
import re
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import field_validator

from sim.config.parameters import Param, Parameters
from sim.config.source_map import show

Delimiter = Literal["comma", "semicolon", "tab", "bar", "space"]
Column = str | int


class LogFile(Parameters):
    """A transaction log: a file with a line per purchase."""

    log: str | None = Param(
        None,
        doc="log: a text file (CSV, tabs, blanks), Excel or Parquet; or package:NAME/PATH for one "
        "that a Python package ships",
    )
    customer: Column = Param("id", doc="log: column of the customer, by name or number from 0")
    date: Column = Param("date", doc="log: column of the date, by name or number from 0")
    amount: Column | None = Param(
        None,
        doc="log: column of the amount; lines of 0 or less are set aside. none: every line counts",
    )
    header: bool | None = Param(
        None, doc="log: whether line 1 names the columns; by default if a column is given by name"
    )
    delimiter: Delimiter | None = Param(
        None, doc="log: what separates values (comma, semicolon, tab, bar, space); found if absent"
    )
    encoding: str | None = Param(
        None, doc="log: encoding of the text, such as cp1252 or gb18030; UTF-8 if absent"
    )
    date_format: str | None = Param(
        None, doc="log: such as '%d/%m/%Y'; by default years come first (2024-01-31, 20240131)"
    )
    time_zone: str | None = Param(
        None, doc="log: where the day of a time stamp with a zone is taken, such as Asia/Shanghai"
    )
    distant_dates: bool = Param(False, doc="log: true: dates far from all others are meant")
    decimal: Literal[".", ","] | None = Param(
        None, doc="log: decimal mark of amounts; found from them if absent"
    )
    missing: tuple[Column, ...] | None = Param(
        None, doc="log: texts that stand for no customer, such as [NULL]; []: there are none"
    )
    sheet: Column | None = Param(
        None, doc="log: sheet of an Excel file, by name or number from 0; the only one if absent"
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            if value is not None and not codecs.lookup(value)._is_text_encoding:
                raise LookupError
        except (LookupError, ValueError):
            raise ValueError(f"must be an encoding that Python knows (got {show(value)})") from None
        return value

    @field_validator("date_format")
    @classmethod
    def _whole_date(cls, value: str | None) -> str | None:
        parts = set(re.findall("%(.)", (value or "").replace("%%", "")))
        month_and_day = parts & set("mbB") and "d" in parts
        if value is not None and not (parts & set("yY") and (month_and_day or "j" in parts)):
            raise ValueError(
                f"must hold a year, a month and a day, such as '%d/%m/%Y' (got {show(value)})"
            )
        if {"H", "p"} <= parts:
            raise ValueError(
                "%H counts hours from 0 to 23 and takes no notice of %p, so that 03:15 PM would be "
                f"in the morning: write %I for %H, or leave %p out (got {show(value)})"
            )
        if "I" in parts and "p" not in parts:
            raise ValueError(
                "%I counts hours from 1 to 12 and needs AM or PM: write %p where they stand, or %H "
                f"for hours from 0 to 23 (got {show(value)})"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                ZoneInfo(value)
        except (OSError, KeyError, ValueError):
            raise ValueError(
                f"must be a time zone such as UTC or Asia/Shanghai (got {show(value)})"
            ) from None
        return value

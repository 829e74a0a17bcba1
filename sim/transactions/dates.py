"""Days from the dates and time stamps of a log."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.transactions.grid import Bools, Grid, Ints, Values, counted, matches
from sim.transactions.spec import LogFile

_YEAR_FIRST = (
    r"^(?P<y>[0-9]{4})(?P<s1>[-/.]?)(?P<m>[0-9]{1,2})(?P<s2>[-/.]?)(?P<d>[0-9]{1,2})"
    r"(?:[T ] ?(?P<H>[0-9]{1,2}):?(?P<M>[0-9]{2})(?::?(?P<S>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(?P<z>Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$"
)
_YEAR_LAST = r"^[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ]([0-9]{4}|[0-9]{2})\b"
_MONTH_ABOVE_12 = r"^(1[3-9]|[23][0-9])[-/. ]"
_DAY_ABOVE_12 = r"^[0-9]{1,2}[-/. ](1[3-9]|[23][0-9])[-/. ]"
DAY = 86_400
ABSURD_DAYS, FAR_DAYS, ODD_DAYS = 25 * 365.25, 180, 90
"""Gaps between dates: always a mistake; a mistake if few lines lie beyond; one to speak of."""
FEW, FEW_LINES = 0.05, 3
"""Share of lines that may be mistakes, or how many, if these are at most a fifth of the lines."""


class _Stamps(NamedTuple):
    """Time stamps: seconds since 1970 as written, and offsets from UTC in seconds.

    Attributes
    ----------
    valid : bool[n]
    seconds, offset : int64[n]
    aware : bool[n]
        Whether there is an offset.
    """

    valid: Bools
    seconds: Ints
    offset: Ints
    aware: Bools


def are_dates(texts: Any, source: LogFile) -> Bools:
    """Tell which texts are dates."""
    return _stamps(texts, source.date_format).valid


def days(grid: Grid, column: Values, rows: Bools, source: LogFile) -> tuple[Ints, list[str]]:
    """Return the day of each row, and what there is to say of time zones.

    Parameters
    ----------
    grid
        The log.
    column
        Of the dates.
    rows : bool[n]
        The rows that count; others have some day or other.
    source
        What the user says.

    Returns
    -------
    int64[n], list of str
        Days since 1970.

    Raises
    ------
    ValueError
        If a date cannot be read, or it is not clear in which time zone its day is meant.
    """
    stamps = _stamps(column.distinct, source.date_format)
    used = column.used(rows)
    if (used & ~stamps.valid).any():
        _refuse_date(grid, column, (~stamps.valid)[column.codes] & rows, source.date_format)
    zone = source.time_zone or grid.zone
    notes = _check_zones(grid, column, rows, used, stamps, zone, source)
    day = _days(stamps, zone)
    if not source.distant_dates:
        _refuse_distant(grid, day[column.codes], rows)
    return day[column.codes], notes


def from_day(grid: Grid, column: Values, source: LogFile, start: date) -> Bools:
    """Tell which rows are of a day or later; those whose date cannot be read are not."""
    stamps = _stamps(column.distinct, source.date_format)
    first = (start - date(1970, 1, 1)).days
    late = stamps.valid & (_days(stamps, source.time_zone or grid.zone) >= first)
    return late[column.codes]


def _days(stamps: _Stamps, zone: str | None) -> Ints:
    """Return the day of each time stamp, in days since 1970."""
    local = np.where(stamps.aware & (zone is not None), _in_zone(stamps, zone), stamps.seconds)
    return local // DAY


def _stamps(texts: Any, form: str | None) -> _Stamps:
    return _declared(texts, form) if form else _year_first(texts)


def _declared(texts: Any, form: str) -> _Stamps:
    """Read dates in a form that the user names; with a zone they become UTC."""
    parsed = pd.to_datetime(
        pd.Series(texts.to_pylist(), dtype=object), format=form, errors="coerce", utc=True
    )
    valid = parsed.notna().to_numpy()
    naive = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    seconds = np.where(valid, naive.astype(np.int64), 0)
    zone = np.full(len(valid), "%z" in form)
    return _Stamps(valid, seconds, np.zeros_like(seconds), zone)


def _year_first(texts: Any) -> _Stamps:
    """Read YYYYMMDD, YYYY-MM-DD and the like, with or without a time and a zone."""
    parts = pc.extract_regex(texts, _YEAR_FIRST)
    part = {name: pc.struct_field(parts, name) for name in parts.type.names}
    valid = parts.is_valid().to_numpy(zero_copy_only=False)
    year, month, day = (_number(part[name]) for name in ("y", "m", "d"))
    hour, minute, second = (_number(part[name]) for name in ("H", "M", "S"))
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    start = first.astype("datetime64[D]").astype(np.int64)
    length = (first + 1).astype("datetime64[D]").astype(np.int64) - start
    valid &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= length)
    valid &= (hour < 24) & (minute < 60) & (second <= 60)
    valid &= _equal(part["s1"], part["s2"])
    solid = _equal(part["s1"], "")
    four = pc.binary_length(pc.binary_join_element_wise(part["m"], part["d"], ""))
    valid &= ~solid | _equal(four, 4)
    offset, aware = _offsets(part["z"])
    seconds = (start + day - 1) * DAY + hour * 3600 + minute * 60 + np.minimum(second, 59)
    return _Stamps(valid, np.where(valid, seconds, 0), offset, aware & valid)


def _number(texts: Any) -> Ints:
    digits = pc.if_else(pc.equal(pc.fill_null(texts, ""), ""), "0", pc.fill_null(texts, ""))
    return pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)


def _equal(texts: Any, others: Any) -> Bools:
    return pc.fill_null(pc.equal(texts, others), False).to_numpy(zero_copy_only=False)


def _offsets(texts: Any) -> tuple[Ints, Bools]:
    """Return offsets from UTC in seconds, and where there is one."""
    coded = pc.fill_null(texts, "").dictionary_encode()
    known = coded.dictionary.to_pylist()
    seconds = np.array([_offset(text) for text in known], np.int64)
    there = np.array([text != "" for text in known], bool)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    return seconds[codes], there[codes]


def _offset(text: str) -> int:
    if text in ("", "Z", "UTC"):
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -size if text[0] == "-" else size


def _in_zone(stamps: _Stamps, zone: str | None) -> Ints:
    """Return the seconds that clocks in a zone show."""
    utc = (stamps.seconds - stamps.offset).astype("datetime64[s]")
    if zone is None or not stamps.aware.any():
        return stamps.seconds
    there = pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return there.to_numpy().astype("datetime64[s]").astype(np.int64)


def _check_zones(
    grid: Grid,
    column: Values,
    rows: Bools,
    used: Bools,
    stamps: _Stamps,
    zone: str | None,
    source: LogFile,
) -> list[str]:
    """Refuse time stamps whose day is not clear; say in which zone days are taken."""
    aware = stamps.aware & used
    if not aware.any():
        if source.time_zone:
            raise ValueError(
                f"{grid.name}: time_zone is given, but the dates have no zone; they are taken as "
                "written, so leave time_zone out"
            )
        return []
    if (naive := used & ~stamps.aware).any():
        grid.refuse(
            naive[column.codes] & rows,
            "a date without a time zone, where others have one; write all with or all without",
        )
    if zone is not None:
        return [f"Days of the time stamps are taken in the time zone {zone}."]
    if source.date_format:
        raise ValueError(
            f"{grid.name}: date_format has a zone (%z); say in which time_zone days begin"
        )
    offsets = np.unique(stamps.offset[aware])
    if offsets.size > 1:
        other = stamps.offset != stamps.offset[column.codes[np.flatnonzero(rows)[0]]]
        grid.refuse(
            (other & used)[column.codes] & rows,
            "a time stamp of another offset from UTC than the first; "
            "say in which time_zone days begin, such as Europe/Berlin",
        )
    hours = f"{offsets[0] / 3600:+g} h" if offsets[0] else "UTC"
    return [f"Days of the time stamps are taken as written, at {hours}; time_zone changes this."]


def _refuse_date(grid: Grid, column: Values, rows: Bools, form: str | None) -> NoReturn:
    """Say what is wrong with the first date that cannot be read."""
    text = column.distinct[int(column.codes[np.flatnonzero(rows)[0]])].as_py()
    shown = repr(text if len(text) <= 40 else text[:40] + " ...")
    if not text:
        grid.refuse(rows, "there is no date")
    if form:
        grid.refuse(rows, f"{shown} is not a date in the date_format {form!r}")
    if matches(pa.array([text]), _YEAR_FIRST)[0]:
        grid.refuse(rows, f"{shown} is no day of the calendar")
    if matches(pa.array([text]), _YEAR_LAST)[0]:
        grid.refuse(rows, f"{shown} can be read in several ways; say {_forms(column)}")
    hint = "write YYYY-MM-DD or YYYYMMDD, or say the date_format, such as '%d/%m/%Y'"
    if grid.header is None and rows[0]:
        hint += "; if line 1 names the columns, say header: true"
    grid.refuse(rows, f"{shown} is not a date; {hint}")


def _forms(column: Values) -> str:
    """Return which formats the dates with the year last may be in."""
    day_first, month_first = "date_format: '%d/%m/%Y'", "date_format: '%m/%d/%Y'"
    can = (bool(column.match(_MONTH_ABOVE_12).any()), bool(column.match(_DAY_ABOVE_12).any()))
    first = {(True, False): f"{day_first}, which fits days above 12",
             (False, True): f"{month_first}, which fits days above 12"}  # fmt: skip
    return first.get(can, f"{day_first} or {month_first}, whichever is meant")


def _refuse_distant(grid: Grid, day: Ints, rows: Bools) -> None:
    """Refuse dates that lie absurdly far from the others."""
    if not rows.any():
        return
    low, high = distant(day[rows])
    far = rows & ((day < low) | (day > high))
    if far.any():
        when = np.datetime64(int(day[np.flatnonzero(far)[0]]), "D")
        grid.refuse(
            far,
            f"{when} lies far from the other dates ({np.datetime64(low, 'D')} to "
            f"{np.datetime64(high, 'D')}); correct it, or say distant_dates: true if it is meant",
        )


def distant(day: NDArray[np.int64]) -> tuple[int, int]:
    """Return the first and last day outside which a day lies absurdly far from the others.

    A gap of 25 years cuts off the side with fewer lines. So does a gap longer than 180 days, and
    longer than all other lines are apart, if few lines lie beyond.

    Parameters
    ----------
    day : int64[n]
        The day of each line.

    Returns
    -------
    int, int
        The first and the last day that are near the others.
    """
    known, count = np.unique(day, return_counts=True)
    low, high = 0, known.size - 1
    before = np.cumsum(count)
    for k in np.flatnonzero(np.diff(known) > ABSURD_DAYS):
        if before[k] <= day.size - before[k]:
            low = max(low, int(k) + 1)
        else:
            high = min(high, int(k))
    near = day[(day >= known[low]) & (day <= known[high])]
    return _joined(near, lambda span: max(FAR_DAYS, span))


def _joined(day: NDArray[np.int64], reach: Callable[[int], int]) -> tuple[int, int]:
    """Return the first and last day of most lines, and of others that no long gap separates.

    Parameters
    ----------
    day : int64[n]
        The day of each line.
    reach
        From how many days lines are apart to the longest gap between them and others.
    """
    day = np.sort(day)
    few = max(int(FEW * day.size), min(FEW_LINES, day.size // 5))
    start = int((day[day.size - few - 1 :] - day[: few + 1]).argmin())
    first, last = int(day[start]), int(day[start + day.size - few - 1])
    before = np.unique(day[day < first]).tolist()
    after = np.unique(day[day > last])[::-1].tolist()
    while True:
        longest = reach(last - first)
        if before and first - before[-1] <= longest:
            first = before.pop()
        elif after and after[-1] - last <= longest:
            last = after.pop()
        else:
            return first, last


def remarks(day: NDArray[np.int64]) -> list[str]:
    """Say so if few lines lie far from all others, though not so far that they are refused.

    Parameters
    ----------
    day : int64[n]
        The day of each line.
    """
    first, last = _joined(day, lambda _: ODD_DAYS)
    far = np.sort(day[(day < first) | (day > last)])
    if not far.size:
        return []
    when = np.datetime64(int(far[0]), "D")
    return [
        f"{counted(far.size, 'line')} more than {ODD_DAYS} days before or after the others "
        f"({np.datetime64(first, 'D')} to {np.datetime64(last, 'D')}), such as of {when}: a log "
        "begins with its first date, and customers come later in a run if this is a mistake."
    ]

"""Transaction logs: in whatever form a shop exports them, the purchases are the same."""

import csv
import datetime
import io
import os
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from sim.transactions import source
from sim.transactions.log import _read, read
from sim.transactions.spec import LogFile

CDNOW = "package:lifetimes/datasets/CDNOW_sample.txt"
ROWS = [
    ("00001", "1997-01-01", "29.33"),
    ("00001", "1997-01-18", "1029.73"),
    ("1", "1997-01-02", "14.96"),
    ("王五", "1997-02-01", "7.00"),
    ("O'Hara, Ann", "1997-01-01", "0.50"),
]
PURCHASES = [("00001", 0), ("00001", 17), ("1", 1), ("王五", 31), ("O'Hara, Ann", 0)]
AMOUNTS = [29.33, 1029.73, 14.96, 7.0, 0.5]


@pytest.fixture
def log(tmp_path):
    """Return a function that writes a log and reads it."""

    def written(content, **given):
        path = tmp_path / "log.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(LogFile(log=str(path), **given))

    return written


def purchases(found):
    return [
        (found.customers[k], int(day)) for k, day in zip(found.customer, found.day, strict=True)
    ]


def written(rows=ROWS, delimiter=",", header=("id", "date", "amount"), **dialect):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, **dialect).writerows([header, *rows])
    return stream.getvalue()


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found(log, delimiter, end):
    found = log(written(delimiter=delimiter, lineterminator=end), amount="amount")
    assert purchases(found) == PURCHASES
    assert found.amount.tolist() == AMOUNTS
    assert found.start == datetime.date(1997, 1, 1)
    assert found.customers == sorted(found.customers)


@pytest.mark.quick
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_of_byte_order_says_the_encoding(log, encoding):
    assert purchases(log(written().encode(encoding), amount="amount")) == PURCHASES


@pytest.mark.quick
@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-16-be"])
def test_an_encoding_without_a_mark_is_declared_or_refused(log, encoding):
    content = written().encode(encoding)
    assert purchases(log(content, encoding=encoding, amount="amount")) == PURCHASES
    with pytest.raises(ValueError, match=r"log.csv:\d: .*encoding"):
        log(content, amount="amount")


@pytest.mark.quick
def test_zero_bytes_are_utf_16_that_does_not_say_so(log):
    with pytest.raises(ValueError, match=r"log.csv:1: holds a zero byte; .*utf-16-le"):
        log("id,date\na,2024-01-01\n".encode("utf-16-le"))


@pytest.mark.quick
def test_a_declared_encoding_that_the_file_contradicts(log):
    with pytest.raises(ValueError, match="begins as utf-16 does"):
        log(written().encode("utf-16"), encoding="cp1252")
    found = log("id,date\nJosé,2024-01-01\n", encoding="latin-1")
    assert any("reads as UTF-8 too" in note for note in found.notes)


@pytest.mark.quick
def test_tabs_before_dates_with_times(log):
    """The case that made customers of clock times, since blanks separated values too."""
    raw = pd.read_csv(files("lifetimes") / "datasets/CDNOW_sample.txt", sep=r"\s+", header=None,
                      dtype=str)  # fmt: skip
    stamps = pd.to_datetime(raw[2]).dt.strftime("%Y-%m-%d 10:22:31")
    frame = pd.DataFrame({"date": stamps, "id": raw[1], "amount": raw[4]})
    found = log(frame.to_csv(sep="\t", index=False))
    known = read(LogFile(log=CDNOW, customer=1, date=2))
    assert purchases(found) == purchases(known)
    assert len(found.customers) == 2357


@pytest.mark.quick
def test_white_space_does_not_separate_a_date_from_its_time(log):
    with pytest.raises(ValueError, match=r"log.csv:2: 4 values, where the first line has 3"):
        log("date id amount\n1997-01-01 10:22:31 7 5\n")
    with pytest.raises(ValueError, match=r"log.csv:1: customer '10:22:31': .* times of day"):
        log("7 1997-01-01 10:22:31 5\n7 1997-01-02 10:22:32 5\n", customer=2, date=1)


@pytest.mark.quick
def test_white_space_as_cdnow_has_it(log):
    text = " 00004 0001 19970101  2   29.33\r\n\r\n 00021 0002 19970113  3   63.34\r\n"
    found = log(text, customer=1, date=2, amount=4)
    assert purchases(found) == [("0001", 0), ("0002", 12)]
    assert found.amount.tolist() == [29.33, 63.34]


@pytest.mark.quick
def test_line_breaks_within_quotes(log):
    text = 'id,date,note\na,2024-01-01,"two\nlines"\nb,2024-01-02,x\n'
    found = log(text)
    assert purchases(found) == [("a", 0), ("b", 1)]
    assert any("1 line break within quotes" in note for note in found.notes)
    with pytest.raises(ValueError, match=r"log.csv:5: '2024-13-02' is no day of the calendar"):
        log(text + "c,2024-13-02,x\n")


@pytest.mark.quick
@pytest.mark.parametrize(
    "then", ["", 'c,2024-01-03,"fine"\n', 'c,2024-01-03,"fine"\nd,2024-01-04,\n']
)
def test_a_quote_that_is_not_closed_takes_in_no_lines(log, then):
    with pytest.raises(ValueError, match=r"log.csv:3: a quote that is not closed"):
        log('id,date,note\na,2024-01-01,x\nb,2024-01-02,"open\n' + then)


@pytest.mark.quick
def test_a_very_long_line(log):
    name = "x" * 3_000_000
    assert purchases(log(f"id,date,note\na,2024-01-01,{name}\n{name},2024-01-02,\n"))[1] == (
        name,
        1,
    )


@pytest.mark.quick
def test_decimal_commas_and_thousands(log):
    text = "id;date;amount\na;2024-01-01;1.234,50\nb;2024-01-02;3,5\nc;2024-01-03;€ 7\n"
    assert log(text, amount="amount").amount.tolist() == [1234.5, 3.5, 7]
    text = 'id,date,amount\na,2024-01-01,"1,234.50"\nb,2024-01-02,$3.5\nc,2024-01-03,"12,000,000"\n'
    assert log(text, amount="amount").amount.tolist() == [1234.5, 3.5, 12e6]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("written", "point", "comma"), [("1,234", 1234, 1.234), ("1.234", 1.234, 1234)]
)
def test_a_mark_that_may_be_either_is_declared(log, written, point, comma):
    text = f"id;date;amount\na;2024-01-01;{written}\nb;2024-01-02;2\n"
    with pytest.raises(ValueError, match="say decimal"):
        log(text, amount="amount")
    assert log(text, amount="amount", decimal=".").amount[0] == point
    assert log(text, amount="amount", decimal=",").amount[0] == comma


@pytest.mark.quick
def test_two_decimal_marks(log):
    with pytest.raises(ValueError, match="both with a point and with a comma"):
        log("id;date;amount\na;2024-01-01;1,5\nb;2024-01-02;1.5\n", amount="amount")
    with pytest.raises(ValueError, match=r"log.csv:3: 'free' is no amount"):
        log("id;date;amount\na;2024-01-01;1,5\nb;2024-01-02;free\n", amount="amount")


# --- Excel and Parquet ----------------------------------------------------------------------------


def workbook(path, sheets, index=False):
    with pd.ExcelWriter(path) as book:
        for name, frame in sheets.items():
            frame.to_excel(book, sheet_name=name, index=index)
    return str(path)


def typed():
    who, when, amount = zip(*ROWS, strict=True)
    return pd.DataFrame(
        {"id": who, "date": pd.to_datetime(when), "amount": [float(a) for a in amount]}
    )


@pytest.mark.quick
def test_excel(tmp_path):
    name = workbook(tmp_path / "log.xlsx", {"orders": typed()})
    found = read(LogFile(log=name, amount="amount"))
    assert purchases(found) == PURCHASES
    assert found.amount.tolist() == AMOUNTS


@pytest.mark.quick
def test_numbers_in_excel_are_ids_as_a_text_file_would_have_them(tmp_path):
    frame = pd.DataFrame({"id": [17.0, None, 18.0], "date": ["20240101", "20240102", "20240103"]})
    found = read(LogFile(log=workbook(tmp_path / "log.xlsx", {"a": frame})))
    assert purchases(found) == [("17", 0), ("18", 2)]
    assert any("Set aside: 1 of 3 lines" in note and "row 3" in note for note in found.notes)


@pytest.mark.quick
def test_the_sheet_is_the_only_one_or_named(tmp_path):
    other = pd.DataFrame({"id": ["z"], "date": ["2024-01-01"]})
    name = workbook(tmp_path / "log.xlsx", {"orders": typed(), "other": other})
    with pytest.raises(ValueError, match=r"several sheets; say which: .*'orders', 'other'"):
        read(LogFile(log=name))
    assert purchases(read(LogFile(log=name, sheet="other"))) == [("z", 0)]
    assert purchases(read(LogFile(log=name, sheet=0))) == PURCHASES
    with pytest.raises(ValueError, match="no sheet 'third'"):
        read(LogFile(log=name, sheet="third"))


@pytest.mark.quick
def test_what_is_wrong_in_excel_has_its_row(tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "date": ["2024-01-01", "soon"]})
    with pytest.raises(ValueError, match=r"log.xlsx: row 3: 'soon' is not a date"):
        read(LogFile(log=workbook(tmp_path / "log.xlsx", {"a": frame})))
    frame = pd.DataFrame({"id": [12345678901234567890.0], "date": ["2024-01-01"]})
    with pytest.raises(ValueError, match=r"row 2: customer .* rounded number"):
        read(LogFile(log=workbook(tmp_path / "log2.xlsx", {"a": frame})))


@pytest.mark.quick
def test_excel_needs_a_package(tmp_path, monkeypatch):
    name = workbook(tmp_path / "log.xlsx", {"orders": typed()})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ValueError, match=r"needs openpyxl: pip install 'huitou\[excel\]'"):
        read(LogFile(log=name))


@pytest.mark.quick
@pytest.mark.parametrize("change", [
    {}, {"date": lambda f: f["date"].dt.date}, {"date": lambda f: f["date"].astype(str)},
    {"id": lambda f: f["id"].astype("category")}, {"id": lambda f: f["id"].str.encode("utf-8")},
])  # fmt: skip
def test_parquet(tmp_path, change):
    frame = typed().assign(**change)
    frame.to_parquet(tmp_path / "log.parquet")
    found = read(LogFile(log=str(tmp_path / "log.parquet"), amount="amount"))
    assert purchases(found) == PURCHASES
    assert found.amount.tolist() == AMOUNTS


@pytest.mark.quick
def test_parquet_with_numbers_nulls_and_lists(tmp_path):
    frame = pd.DataFrame(
        {"id": [17, None, 18], "date": pd.to_datetime(["2024-01-01"] * 3), "x": [[1], [2], [3]]}
    )
    frame.to_parquet(tmp_path / "log.parquet")
    name = str(tmp_path / "log.parquet")
    assert purchases(read(LogFile(log=name))) == [("17", 0), ("18", 0)]
    with pytest.raises(ValueError, match="column 'x' holds no plain values"):
        read(LogFile(log=name, customer="x"))


@pytest.mark.quick
def test_days_of_a_zoned_parquet_column_are_those_of_its_zone(tmp_path):
    stamps = pd.to_datetime(["2024-01-01T23:30:00Z", "2024-01-01T01:00:00Z"])
    frame = pd.DataFrame({"id": ["a", "b"], "date": stamps.tz_convert("Asia/Shanghai")})
    frame.to_parquet(tmp_path / "log.parquet")
    name = str(tmp_path / "log.parquet")
    found = read(LogFile(log=name))
    assert purchases(found) == [("a", 1), ("b", 0)]
    assert any("Asia/Shanghai" in note for note in found.notes)
    assert purchases(read(LogFile(log=name, time_zone="UTC"))) == [("a", 0), ("b", 0)]


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("text", "form"),
    [
        *((text, None) for text in (
            "20240203", "2024-02-03", "2024/2/3", "2024.02.03", "2024-02-03 23:59",
            "2024-02-03T23:59:59.999", "2024-02-03 23:59:59,5", "20240203T101112.5",
        )),
        ("03/02/2024", "%d/%m/%Y"), ("02/03/2024", "%m/%d/%Y"), ("3 Feb 24", "%d %b %y"),
        ("20240203101112", "%Y%m%d%H%M%S"), ("2024年2月3日", "%Y年%m月%d日"), ("2024-034", "%Y-%j"),
    ],
)  # fmt: skip
def test_forms_of_dates(log, text, form):
    found = log(f"id;date\na;{text}\n", date_format=form)
    assert found.start == datetime.date(2024, 2, 3)


@pytest.mark.quick
def test_half_past_eleven_in_the_evening_is_tomorrow_elsewhere(log):
    """The hour moves the day where a zone does: PM must not be lost."""
    text = "id,date\na,01/02/2024 11:30 AM +0000\nb,01/02/2024 11:30 PM +0000\n"
    form = "%d/%m/%Y %I:%M %p %z"
    found = log(text, date_format=form, time_zone="Europe/Berlin")
    assert purchases(found) == [("a", 0), ("b", 1)]


@pytest.mark.quick
def test_the_day_of_a_time_stamp_with_a_zone(log):
    text = "id,date\na,2024-01-01T23:30:00{}\nb,2024-07-01T00:30:00{}\n"
    as_written = log(text.format("+01:00", "+01:00"))
    assert purchases(as_written) == [("a", 0), ("b", 182)]
    assert any("as written, at +1 h" in note for note in as_written.notes)
    with pytest.raises(ValueError, match=r"log.csv:3: a time stamp of another offset"):
        log(text.format("+01:00", "+02:00"))
    berlin = log(text.format("Z", "Z"), time_zone="Europe/Berlin")
    assert (berlin.start, purchases(berlin)) == (datetime.date(2024, 1, 2), [("a", 0), ("b", 181)])
    assert purchases(log(text.format("+0100", "+0200"), time_zone="Europe/Berlin"))[1] == ("b", 182)
    with pytest.raises(ValueError, match=r"log.csv:3: a date without a time zone"):
        log(text.format("Z", ""), time_zone="UTC")
    with pytest.raises(ValueError, match="time_zone is given, but the dates have no zone"):
        log(text.format("", ""), time_zone="UTC")


@pytest.mark.quick
def test_the_example_in_the_docs(log):
    page = (Path(__file__).parents[2] / "docs" / "logs.md").read_text(encoding="utf-8")
    study, text, said = (part.split("```")[0] for part in page.split("```")[1::2][:3])
    entry = yaml.safe_load(study.removeprefix("yaml"))["market"]["set"]["people.entry"]
    keys = {key: value for key, value in entry.items() if key not in ("kind", "log")}
    notes = log(text.strip(), **keys).notes
    assert [note.replace("log.csv", "orders.csv") for note in notes] == said.strip().split("\n")


# --- once -----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_a_log_is_read_once_and_again_if_it_changes(tmp_path, monkeypatch):
    path, real, times = tmp_path / "log.csv", source.grid, []
    monkeypatch.setattr(source, "grid", lambda file: times.append(1) or real(file))
    path.write_text("id,date\na,2024-01-01\n")
    found = [read(LogFile(log=str(path))) for _ in range(3)]
    assert found[0] is found[1] is found[2]
    assert len(times) == 1
    assert read(LogFile(log=str(path), header=True)) is not found[0]
    path.write_text("id,date\nb,2024-01-01\n")
    os.utime(path, ns=(1, 1))  # the same size, another time
    assert purchases(read(LogFile(log=str(path)))) == [("b", 0)]
    assert len(times) == 3


@pytest.mark.quick
def test_what_all_are_given_cannot_be_changed(log):
    found = log(written(), amount="amount")
    for array in (found.customer, found.day, found.amount, found.first_days):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_large_log_costs_seconds_and_a_few_hundred_megabytes(tmp_path):
    rng, n = np.random.default_rng(1), 300_000
    day = np.datetime64("1997-01-01") + rng.integers(0, 546, n).astype("timedelta64[D]")
    frame = pd.DataFrame({"id": rng.integers(0, 100_000, n), "date": day, "amount": 1.5})
    frame.to_csv(tmp_path / "log.csv", index=False)
    _read.cache_clear()
    import time

    begin = time.process_time()
    found = read(LogFile(log=str(tmp_path / "log.csv")))
    assert time.process_time() - begin < 3  # as it was before, 2 s for reading and 0.5 for the rest
    assert len(found.customers) == frame["id"].nunique()
    assert found.customer.nbytes + found.day.nbytes == 8 * n

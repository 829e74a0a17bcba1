"""A random log, written in a random form, is read back as the same purchases."""

import csv
import datetime
import io
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.transactions.log import read
from sim.transactions.spec import LogFile

START = datetime.datetime(1997, 1, 1)
LETTERS = "abz09 .'-é王\U0001f600"
QUOTED = LETTERS + ',;|\t"\n'
DATES = {
    "%Y-%m-%d": None,
    "%Y%m%d": None,
    "%Y/%m/%d": None,
    "%Y-%m-%d %H:%M:%S": None,
    "%Y-%m-%dT%H:%M:%S.%f": None,
    "%Y-%m-%dT%H:%M:%S+08:00": None,
    "%d/%m/%Y": "%d/%m/%Y",
    "%m-%d-%y %H:%M": "%m-%d-%y %H:%M",
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"]


def ids(letters: str) -> st.SearchStrategy[str]:
    """Return ids without blanks around, since those do not count.

    A letter in front keeps them from being numbers, dates, times and words for none.
    """
    return st.text(letters, max_size=6).map(lambda text: ("k" + text).strip())


def purchases(letters: str) -> st.SearchStrategy[list[tuple[str, datetime.datetime, float]]]:
    """Return lines: customer, time, and an amount in whole cents, not always above 0."""
    moment = st.integers(0, 600 * 86_400).map(lambda s: START + datetime.timedelta(seconds=s))
    amount = st.integers(-2_000, 9_999_999).map(lambda cents: cents / 100)
    return st.lists(st.tuples(ids(letters), moment, amount), min_size=1, max_size=30)


def expected(rows: Any) -> tuple[list[tuple[str, int]], list[float]]:
    """Return customers and days, and amounts, of the lines above 0."""
    kept = [(who, when.date(), amount) for who, when, amount in rows if amount > 0]
    start = min((day for _, day, _ in kept), default=None)
    return [(who, (day - start).days) for who, day, _ in kept], [amount for *_, amount in kept]


def check(name: str, content: bytes, rows: Any, **keys: Any) -> None:
    """Hold what is read against what was written."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        file = LogFile(log=str(path), amount="amount", distant_dates=True, **keys)
        want, amounts = expected(rows)
        if not want:
            with pytest.raises(ValueError, match="no purchases"):
                read(file)
            return
        found = read(file)
        got = zip((found.customers[k] for k in found.customer), found.day.tolist(), strict=True)
        assert list(got) == want
        assert found.amount is not None
        assert found.amount.tolist() == amounts
        assert sum("Set aside" in note for note in found.notes) == len(
            {(amount < 0) for *_, amount in rows if amount <= 0}
        )


def money(amount: float, decimal: str, thousands: str) -> str:
    """Write an amount with two decimals."""
    marks = str.maketrans({",": thousands, ".": decimal})
    return f"{amount:,.2f}".translate(marks)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_text_in_any_form(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(DELIMITERS)))
    rows = data.draw(purchases(QUOTED))
    form = data.draw(st.sampled_from(list(DATES)))
    decimal, thousands = data.draw(st.sampled_from([(".", ","), (",", "."), (".", ""), (",", " ")]))
    encoding = data.draw(st.sampled_from(ENCODINGS))
    columns = data.draw(st.permutations(["id", "date", "amount", "note"]))
    cells = [
        {"id": who, "date": f"{when:{form}}", "amount": money(amount, decimal, thousands),
         "note": data.draw(st.sampled_from(["", "x", 'he said "no"']))}
        for who, when, amount in rows
    ]  # fmt: skip
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(
        stream, columns, delimiter=DELIMITERS[name],
        lineterminator=data.draw(st.sampled_from(["\n", "\r\n"])),
        quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )  # fmt: skip
    writer.writeheader()
    writer.writerows(cells)
    keys: dict[str, Any] = {"date_format": DATES[form], "decimal": decimal}
    keys["encoding"] = encoding if encoding in ("utf-16-le", "gb18030") else None
    keys["delimiter"] = data.draw(st.sampled_from([None, name]))
    check("log.csv", stream.getvalue().encode(encoding), rows, **keys)


@settings(max_examples=60, deadline=None)
@given(rows=purchases("abz09.'-é王"), gap=st.sampled_from([" ", "   ", "\t", " \t"]))
def test_white_space(rows: Any, gap: str) -> None:
    lines = [gap.join([who, f"{when:%Y%m%d}", f"{amount:.2f}"]) for who, when, amount in rows]
    text = "\n".join([gap.join(["id", "date", "amount"]), *(f" {line} " for line in lines)])
    check("log.txt", text.encode(), rows, decimal=".")


@settings(max_examples=40, deadline=None)
@given(rows=purchases(LETTERS), zone=st.sampled_from([None, "Asia/Shanghai"]))
def test_parquet(rows: Any, zone: str | None) -> None:
    frame = pd.DataFrame(rows, columns=["id", "date", "amount"])
    frame["date"] = frame["date"].dt.tz_localize(zone)
    stream = io.BytesIO()
    frame.to_parquet(stream)
    check("log.parquet", stream.getvalue(), rows, decimal=".")


@settings(max_examples=15, deadline=None)
@given(rows=purchases(LETTERS))
def test_excel(rows: Any) -> None:
    stream = io.BytesIO()
    pd.DataFrame(rows, columns=["id", "date", "amount"]).to_excel(stream, index=False)
    check("log.xlsx", stream.getvalue(), rows, decimal=".")

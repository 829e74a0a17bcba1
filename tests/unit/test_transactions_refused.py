"""Transaction logs: what is set aside is counted, what is not clear refused with its line."""

import numpy as np
import pandas as pd
import pytest

from sim.config.load import load_market
from sim.config.market import Entry
from sim.config.yaml_file import ConfigError
from sim.transactions.dates import distant
from sim.transactions.log import read
from sim.transactions.spec import LogFile
from tests.markets import CREAMS

NO_CUSTOMER = "with no customer's id"


@pytest.fixture
def log(tmp_path):
    """Return a function that writes a log and reads it."""

    def written(text, **given):
        path = tmp_path / "log.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(LogFile(log=str(path), **given))

    return written


def purchases(found):
    return [
        (found.customers[k], int(day)) for k, day in zip(found.customer, found.day, strict=True)
    ]


# --- set aside ------------------------------------------------------------------------------------


@pytest.mark.quick
def test_what_is_set_aside_is_counted_with_the_reason_and_the_first_line(log):
    found = log(
        "id,date,amount\n a ,2024-01-01,5\n,2024-01-02,5\nb,2024-01-03,-5\nc,2024-01-04,0\n"
        "d,2024-01-05,\n  ,no date,5\na,2024-01-06,5\n",
        amount="amount",
    )
    assert purchases(found) == [("a", 0), ("a", 5)]
    assert list(found.notes) == [
        "log.csv: 2 purchases of 1 customer from 2024-01-01 to 2024-01-06.",
        f"Set aside: 2 of 7 lines, {NO_CUSTOMER} (first: log.csv:3).",
        "Set aside: 1 of 7 lines, with no amount (first: log.csv:6).",
        "Set aside: 1 of 7 lines, with an amount below 0 (first: log.csv:4).",
        "Set aside: 1 of 7 lines, with an amount of 0 (first: log.csv:5).",
    ]


@pytest.mark.quick
@pytest.mark.parametrize("text", ["NA", "null", "NaN", "None", "N/A", "#N/A", "guest", "-", "\\N"])
def test_a_customer_who_may_be_none(log, text):
    """Text stays what it is, as pandas would not have it; but a user says what it means."""
    lines = f"id,date\na,2024-01-01\n{text},2024-01-02\n"
    with pytest.raises(ValueError, match=r"log.csv:3: customer .*Say missing"):
        log(lines)
    assert purchases(log(lines, missing=[])) == [("a", 0), (text, 1)]
    found = log(lines, missing=[text])
    assert purchases(found) == [("a", 0)]
    assert any(NO_CUSTOMER in note for note in found.notes)


@pytest.mark.quick
def test_numbers_that_stand_for_no_customer(log):
    text = "id,date\n0,2024-01-01\n7,2024-01-02\n"
    assert purchases(log(text)) == [("0", 0), ("7", 1)]
    assert purchases(log(text, missing=[0])) == [("7", 0)]


@pytest.mark.quick
def test_a_customer_with_a_remarkable_share_of_the_lines(log):
    lines = [f"c{k},2024-01-{1 + k % 28:02d}" for k in range(200)]
    guests = [f"0,2024-01-{1 + k % 28:02d}" for k in range(40)]
    found = log("\n".join(["id,date", *lines, *guests]))
    assert any("'0' has 17% of the lines" in note for note in found.notes)
    assert not any("lines; if" in note for note in log("\n".join(["id,date", *lines])).notes)


@pytest.mark.quick
def test_ids_that_are_alike_stay_apart_and_are_told(log):
    found = log("id,date\nAnn,2024-01-01\nann,2024-01-02\nJosé,2024-01-01\nJose\u0301,2024-01-01\n")
    assert len(found.customers) == 4
    assert any("2 customers of another's id but for capitals" in note for note in found.notes)


@pytest.mark.quick
def test_an_order_number_in_place_of_the_customer(log):
    lines = [f"order{k},2024-01-{1 + k % 28:02d}" for k in range(200)]
    notes = log("\n".join(["id,date", *lines])).notes
    assert any("Nobody bought on a second day" in note for note in notes)


# --- refunds --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("header", "sale", "refund"),
    [
        ("amount", "5.00", "-5.00"),
        ("amount", "5.00", "(5.00)"),
        ("amount", "5.00", "5.00-"),
        ("amount", "$5.00", "-$5.00"),
        ("amount", "5.00", "\u22125.00"),
        ("quantity", "1", "-1"),
        ("type", "sale", "refund"),
        ("financial_status", "paid", "partially_refunded"),
        ("refunded", "0.00", "5.00"),
        ("状态", "完成", "已退款"),
    ],
)
def test_signs_of_refunds_where_no_amount_is_named(log, header, sale, refund):
    text = f"id,date,{header}\na,2024-01-01,{sale}\nb,2024-01-02,{sale}\na,2024-01-03,{refund}\n"
    with pytest.raises(ValueError, match=rf"log.csv:4: column '{header}' .*amount: none"):
        log(text)
    found = log(text, amount="none")
    assert len(found.day) == 3
    assert any("which count as purchases (first: log.csv:4)" in note for note in found.notes)


@pytest.mark.quick
def test_refunds_in_a_column_other_than_the_amount_are_told(log):
    text = "id,date,price,quantity\na,2024-01-01,5,1\na,2024-01-02,5,-1\n"
    found = log(text, amount="price")
    assert any("'quantity' holds numbers below 0 in 1 line" in note for note in found.notes)
    assert purchases(log(text, amount="quantity")) == [("a", 0)]


@pytest.mark.quick
def test_no_refunds_where_there_are_none(log):
    text = "id,date,note,phone,amount\na,2024-01-01,- fine,(555) 123-4567,5\na,2024-01-02,,+1-5,0\n"
    assert len(log(text).day) == 2


# --- refused --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("id,date\na,2024-01-01\na,yesterday\n", {}, r"csv:3: 'yesterday' is not a date"),
        ("id,date\na,2024-01-01\na,2023-02-29\n", {}, r"csv:3: '2023-02-29' is no day"),
        ("id,date\na,2024-01-01\na,2024-01-01 25:00\n", {}, r"csv:3: .* is no day"),
        ("id,date\na,2024-01-01\na,2024/01-02\n", {}, r"csv:3"),
        ("id,date\na,2024-01-01\na,\n", {}, r"csv:3: there is no date"),
        ("id,date\na,03/04/2024\n", {}, r"csv:2: .*several ways.*%d/%m/%Y' or .*%m/%d/%Y"),
        ("id,date\na,03/04/2024\nb,13/04/2024\n", {}, r"csv:2: .*%d/%m/%Y', which fits"),
        ("id,date\na,03/04/2024\nb,04/13/2024\n", {}, r"csv:2: .*%m/%d/%Y', which fits"),
        ("id,date\na,13/04/2024\n", {"date_format": "%m/%d/%Y"}, r"csv:2: .* date_format '%m"),
        ("id,date\na,1704067200\n", {}, r"csv:2: '1704067200' is not a date"),
        ("id,date\na,2024-01-01\n\na\n", {}, r"csv:4: 1 values, where the first line has 2"),
        ("id,date\na,2024-01-01\n\na,2024-01-02,5\n", {}, r"csv:4: 3 values"),
        (
            "id,date\na,2024-01-01\n",
            {"customer": "who"},
            r"no column 'who' \(columns: 'id', 'date'",
        ),
        ("ids,date\na,2024-01-01\n", {}, r"did you mean 'ids'"),
        ("id,date\na,2024-01-01\n", {"customer": 5}, r"there is no column 5; there are 2"),
        ("id,date\na,2024-01-01\n", {"customer": "date"}, "must be different columns"),
        ("id,date,id\na,2024-01-01,b\n", {}, r"several columns are called 'id'; .*0 and 2"),
        ("id,date\n", {}, r"log.csv: no purchases"),
        ("", {}, r"log.csv: the file is empty"),
        ("\n \n", {}, r"log.csv: there is nothing in it"),
        ("id,date\n,2024-01-01\n", {}, r"no purchases in it. Set aside: 1 of 1 line, "),
        ("id,date\nb,2024-01-01\n", {"customer": 0, "date": 1}, r"csv:1: .*say header: true"),
        ("id,date\n1.0,2024-01-01\n1,2024-01-01\n", {}, r"csv:2: customer '1.0'"),
        ("id,date\n1.23457E+11,2024-01-01\n", {}, r"csv:2: customer .*rounded"),
        ("id,date\nJos\ufffd,2024-01-01\n", {}, r"csv:2: customer .*a character was lost"),
        ("id,x,date\n4.99,1,2024-01-01\n3.25,1,2024-01-01\n", {}, r"holds amounts"),
        ('a "b" 2024-01-01\n', {"customer": 0, "date": 2}, r"csv:1: a quote, where blanks"),
        (b"\x1f\x8b\x08", {}, r"compressed \(gzip\)"),
        (b"\xd0\xcf\x11\xe0", {}, r"save it as .xlsx"),
        (b"PK\x03\x04", {}, r"cannot be read as Excel"),
        (b"PAR1", {}, r"cannot be read as Parquet"),
        (b"id,date\na,2024-01-01\nJos\xe9,2024-01-01\n", {}, r"csv:3: is not text in UTF-8"),
    ],
)
def test_what_is_wrong_with_a_log(log, text, given, message):
    with pytest.raises(ValueError, match=message):
        log(text, **given)


@pytest.mark.quick
def test_columns_of_one_name_are_chosen_by_number(log):
    text = "id,id,date\n1,x,2024-01-01\n2,y,2024-01-02\n"
    assert purchases(log(text, customer=1, date=2, header=True)) == [("x", 0), ("y", 1)]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, "needs the name of one"),
        ("nowhere.csv", "nowhere.csv: cannot be read"),
        (".", "cannot be read"),
        ("package:no_such_package/x.txt", "needs the package no_such_package"),
        ("package:lifetimes/no_such.txt", "cannot be read"),
    ],
)
def test_a_log_that_is_not_there(name, message):
    with pytest.raises(ValueError, match=message):
        read(Entry(kind="log", log=name))


@pytest.mark.quick
@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("encoding", "klingon", "an encoding that Python knows"),
        ("encoding", "rot13", "an encoding that Python knows"),
        ("date_format", "%d/%m", "must hold a year, a month and a day"),
        ("date_format", "", "must hold a year, a month and a day"),
        ("date_format", "%d/%m/%Y %H:%M %p", "takes no notice of %p.*write %I for %H, or leave %p"),
        ("date_format", "%d/%m/%Y %I:%M", "needs AM or PM: write %p where they stand, or %H"),
        ("time_zone", "Mars/Olympus", "must be a time zone"),
        ("delimiter", "colon", "must be 'comma'"),
        ("decimal", ";", "must be '.' or ','"),
    ],
)
def test_what_is_wrong_with_what_is_said_of_a_log(key, value, message):
    with pytest.raises(ConfigError, match=message):
        load_market(CREAMS, {f"people.entry.{key}": value})


# --- dates far from all others --------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("typed", ["1197-05-01", "1987-05-01", "2097-05-01", "1970-01-01"])
def test_a_date_far_from_all_others(log, typed):
    lines = [f"c{k},1997-{1 + k % 12:02d}-01" for k in range(200)]
    text = "\n".join(["id,date", *lines, f"x,{typed}"])
    with pytest.raises(
        ValueError, match=rf"log.csv:202: {typed} lies far .*1997-01-01 to 1997-12-01"
    ):
        log(text)
    assert len(log(text, distant_dates=True).day) == 201


@pytest.mark.quick
def test_which_dates_are_far():
    years = np.arange(0, 3650, 7)
    assert distant(years) == (0, 3647)
    assert distant(np.append(years, 3647 + 3500)) == (0, 3647 + 3500)  # the others take longer
    assert distant(np.append(years, 3647 + 3700)) == (0, 3647)
    assert distant(np.append(np.repeat(9000, 90), np.repeat(0, 10))) == (0, 9000)  # too many
    assert distant(np.append(np.repeat(9200, 90), np.repeat(0, 10))) == (9200, 9200)  # 25 years
    assert distant(np.array([0, 360000])) != (0, 360000)
    assert distant(np.array([5])) == (5, 5)


# --- the cases of CDNOW ---------------------------------------------------------------------------


def repeats(frame):
    """Count later days on which a customer bought, by pandas alone."""
    days = frame.drop_duplicates(["id", "date"])
    later = days["date"] > days.groupby("id")["date"].transform("min")
    since = (pd.to_datetime(days["date"]) - pd.Timestamp("1997-01-01")).dt.days
    return [int((later & (since < 7 * weeks)).sum()) for weeks in (39, 78)]


@pytest.fixture(scope="module")
def cdnow():
    from importlib.resources import files

    raw = pd.read_csv(files("lifetimes") / "datasets/CDNOW_sample.txt", sep=r"\s+", header=None,
                      dtype=str)  # fmt: skip
    raw.columns = ["master", "id", "date", "cds", "amount"]
    return raw[["date", "id", "amount"]]


def in_log(found):
    from experiments.run.observed import repeats_in_log

    real = repeats_in_log(found, 546)
    return [int(real[39 * 7 - 1]), int(real[78 * 7 - 1])]


def test_a_quarter_of_the_ids_blank(log, cdnow):
    blank = np.random.default_rng(1).random(len(cdnow)) < 0.25
    frame = cdnow.assign(id=cdnow["id"].mask(blank, ""))
    found = log(frame.to_csv(index=False))
    assert in_log(found) == repeats(frame[~blank])
    assert f"Set aside: {blank.sum():,} of 6,919 lines, {NO_CUSTOMER}" in found.notes[1]


def test_refund_lines_are_no_purchases(log, cdnow):
    back = cdnow.sample(300, random_state=1)
    later = (pd.to_datetime(back["date"]) + pd.Timedelta(days=9)).dt.strftime("%Y%m%d")
    text = pd.concat([cdnow, back.assign(date=later, amount="-" + back["amount"])])
    assert repeats(text)[0] > 2600, "the refunds would matter"
    with pytest.raises(ValueError, match="is this a refund"):
        log(text.to_csv(index=False))
    found = log(text.to_csv(index=False), amount="amount")
    assert in_log(found) == repeats(cdnow[cdnow["amount"].astype(float) > 0]) == [2457, 4339]


def test_one_date_of_the_twelfth_century(log, cdnow):
    frame = cdnow.assign(date=cdnow["date"].replace({"19970118": "11970118"}, regex=False))
    with pytest.raises(ValueError, match=r"log.csv:3: 1197-01-18 lies far"):
        log(frame.to_csv(index=False))

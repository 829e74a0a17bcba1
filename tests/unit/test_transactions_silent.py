"""Mistakes in logs of which nothing was said: rounded ids, wrong years, refunds, ids of nobody."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.transactions.dates import distant
from sim.transactions.log import read
from sim.transactions.spec import LogFile

DAYS = st.integers(0, 3000)


@pytest.fixture
def log(tmp_path):
    """Return a function that writes a log and reads it."""

    def written(content, **given):
        path = tmp_path / "log.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(LogFile(log=str(path), **given))

    return written


def lines(header, *rows):
    return "\n".join([header, *rows]) + "\n"


# --- ids that were rounded ------------------------------------------------------------------------


def parquet(frame):
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def excel(frame):
    stream = io.BytesIO()
    frame.to_excel(stream, index=False)
    return stream.getvalue()


@pytest.mark.quick
@pytest.mark.parametrize("form", [parquet, excel, lambda frame: frame.to_csv(index=False)])
@pytest.mark.parametrize(("first", "kind"), [(10**16, "float64"), (2**53, "float64")])
def test_long_ids_with_a_blank_that_became_floats(log, form, first, kind):
    ids = pd.array([first + k if k != 7 else None for k in range(100)], dtype="Int64")
    frame = pd.DataFrame({"id": ids.astype(kind), "date": "2024-01-01"})
    with pytest.raises(ValueError, match=r"(csv:2|row [12]): customer .* a rounded number"):
        log(form(frame))


@pytest.mark.quick
def test_floats_that_count_every_customer(log):
    ids = np.arange(2**53 - 100, 2**53).astype(float)
    found = log(parquet(pd.DataFrame({"id": ids, "date": "2024-01-01"})))
    assert found.customers == [str(2**53 - 100 + k) for k in range(100)]
    single = pd.DataFrame({"id": np.float32([2**24, 2**24 + 1]), "date": "2024-01-01"})
    with pytest.raises(ValueError, match="a rounded number"):
        log(parquet(single))
    large = pd.DataFrame({"id": "a", "date": "2024-01-01", "amount": [1.5e11, 2.0**39]})
    assert log(parquet(large), amount="amount").amount.tolist() == [1.5e11, 2.0**39]


@pytest.mark.quick
@pytest.mark.parametrize("text", ["1e+16", "1.5E16", '"1,23E+11"', "1.2e+21", "-1.2e+16"])
def test_rounded_ids_as_programs_write_them(log, text):
    with pytest.raises(ValueError, match=r"csv:2: customer .* a rounded number"):
        log(lines("id,date", f"{text},2024-01-01"))


@pytest.mark.quick
def test_ids_with_an_e_that_are_no_numbers(log):
    found = log(lines("id,date", "12345e67,2024-01-01", "E+1,2024-01-01"))
    assert found.customers == ["12345e67", "E+1"]


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("n", "span", "wrong", "year"),
    [(100, 55, 1, 2023), (50, 170, 1, 2001), (150, 170, 2, 2002), (500, 170, 6, 2001),
     (28, 28, 1, 2042), (2000, 180, 3, 2023), (9, 28, 1, 2025), (100, 364, 5, 2026)],
)  # fmt: skip
def test_a_few_wrong_years(log, n, span, wrong, year):
    day = np.datetime64("2024-01-01") + np.arange(n) * span // n
    text = lines("id,date", *(f"{k},{d}" for k, d in enumerate(day)), *[f"x,{year}-03-01"] * wrong)
    with pytest.raises(ValueError, match=rf"csv:{n + 2}: {year}-03-01 lies far from the other"):
        log(text)
    assert len(log(text, distant_dates=True).day) == n + wrong


@pytest.mark.quick
def test_wrong_years_on_both_sides_do_not_hide_one_another():
    days = np.arange(100)
    assert distant(np.concatenate([days, [-4000, 5000]])) == (0, 99)


@pytest.mark.quick
def test_a_shop_that_sells_in_december_only():
    days = np.concatenate([365 * year + np.arange(31) for year in range(5)])
    assert distant(days) == (0, 4 * 365 + 30)
    growing = np.concatenate([np.repeat(365 * y + np.arange(31), 2**y) for y in range(6)])
    assert distant(growing) == (0, 5 * 365 + 30)


@settings(max_examples=200, deadline=None)
@given(gaps=st.lists(st.integers(0, 180), max_size=60), weight=st.integers(1, 40))
def test_a_log_without_a_long_gap_is_never_refused(gaps, weight):
    day = np.cumsum([0, *gaps])
    for days in (day, np.append(day, np.repeat(day[-1], 60 * weight)), -day):
        assert distant(days) == (days.min(), days.max())


@settings(max_examples=200, deadline=None)
@given(day=st.lists(DAYS, max_size=90), far=st.integers(3001, 9000))
def test_a_line_further_off_than_all_others_are_apart_is_always_found(day, far):
    days = np.array([*range(0, 3001, 100), *day])
    assert distant(np.append(days, 3000 + far)) == (0, 3000)
    assert distant(np.append(days, -far)) == (0, 3000)


@pytest.mark.quick
def test_a_line_off_by_a_year_in_a_log_of_a_year_is_told(log):
    day = np.datetime64("2024-01-01") + np.arange(366)
    text = lines("id,date", *(f"{k % 40},{d}" for k, d in enumerate(day)))
    assert not any("before or after" in note for note in log(text).notes)
    found = log(text + "7,2023-01-05\n")
    assert any("1 line more than 90 days before or after the others" in n for n in found.notes)


# --- refunds --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    "amount",
    ["-10元", "CNY -10", "CNY-10", "-10CNY", "(10 EUR)", "€-5", "\u201310", "￥-5", "R$ -5", "-1e3",
     "10 kr-", "minus 10", "-US$5", "（10）", "- 10.00"],
)  # fmt: skip
def test_amounts_below_0_however_they_are_written(log, amount):
    text = lines("id,date,total", "a,2024-01-01,10", f"b,2024-01-02,{amount}")
    with pytest.raises(ValueError, match=r"csv:3: column 'total' holds numbers below 0"):
        log(text)
    found = log(text, amount="total")
    assert found.customers == ["a"]
    assert any("with an amount below 0" in note for note in found.notes)


@pytest.mark.quick
@pytest.mark.parametrize(
    "word",
    ["Retoure", "Gutschrift", "退款", "退货", "Rücksendung", "CREDIT", "R", "C", "Erstattung",
     "remboursement", "avoir", "devolución", "nota de crédito", "红冲", "Credit memo", "Storniert"],
)  # fmt: skip
def test_words_for_refunds(log, word):
    text = lines("id,date,type,amount", "a,2024-01-01,S,5", f"b,2024-01-02,{word},5")
    with pytest.raises(ValueError, match=r"csv:3: column 'type' has a word for refunds"):
        log(text)
    notes = log(text, amount="amount").notes
    assert any("'type' has a word for refunds in 1 line, which count as" in n for n in notes)


@pytest.mark.quick
def test_a_refund_that_is_set_aside_is_not_said_to_count(log):
    text = lines("id,date,type,amount", "a,2024-01-01,sale,5", "b,2024-01-02,refund,-5")
    assert not any("count as purchases" in note for note in log(text, amount="amount").notes)


@pytest.mark.quick
def test_payment_by_credit_is_no_refund(log):
    text = lines("id,date,payment_type,size", "a,2024-01-01,credit,R", "b,2024-01-02,debit,S")
    assert len(log(text).day) == 2


@pytest.mark.quick
def test_invoice_numbers_with_a_letter(log):
    rows = [f"{536365 + k},2024-01-01,c{k}" for k in range(9)]
    found = log(lines("invoice,date,id", *rows, "C536379,2024-01-02,c1"))
    assert len(found.day) == 10
    assert any("'invoice' has a letter before the number ('C536379')" in n for n in found.notes)
    assert not any("letter" in note for note in log(lines("invoice,date,id", *rows)).notes)


# --- ids that stand for nobody --------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    "text",
    ["散客", "匿名", "游客", "Gast", "walk-in", "Walk-In Customer", "-1", "Guest User", "Total",
     "00000000-0000-0000-0000-000000000000", "合计", "invité", "anónimo"],
)  # fmt: skip
def test_words_for_no_customer(log, text):
    rows = lines("id,date", "a,2024-01-01", f"{text},2024-01-02")
    with pytest.raises(ValueError, match=r"csv:3: customer .*Say missing"):
        log(rows)
    assert log(rows, missing=[text.upper()]).customers == ["a"]
    assert len(log(rows, missing=[]).customers) == 2


@pytest.mark.quick
def test_capitals_do_not_matter_for_what_is_missing(log):
    rows = [f"{text},2024-01-02" for text in ("guest", "GUEST", "Guest", "a", "NULL", "0")]
    found = log(lines("id,date", *rows), missing=["Guest"])
    assert found.customers == ["0", "NULL", "a"]
    told = [note for note in found.notes if "counts as a customer" in note]
    assert [note[:15] for note in told] == ["Customer '0' (1", "Customer 'NULL'"]


@pytest.mark.quick
def test_a_customer_with_many_lines_among_few_customers(log):
    rows = [f"c{k},2024-01-{1 + k:02d}" for k in range(10)]
    found = log(lines("id,date", *rows, *["house,2024-01-03"] * 4))
    assert any("Customer 'house' has 29% of the lines" in note for note in found.notes)
    assert not any("of the lines" in note for note in log(lines("id,date", *rows)).notes)


@pytest.mark.quick
@pytest.mark.parametrize("other", ["'1234'", "1234\u200b", '"1,234"', "01234", "１２３４", "12 34"])
def test_ids_that_an_export_may_have_changed(log, other):
    found = log(lines("id,date", "1234,2024-01-01", f"{other},2024-01-02", "5678,2024-01-01"))
    assert len(found.customers) == 3
    assert any("1 customer of another's id but for" in note for note in found.notes)

"""Tables for other programs: whole or absent, exact, and never a formula."""

import csv

import numpy as np
import odd_names
import openpyxl
import pandas as pd
import pytest

from experiments import export as exporting
from experiments.errors import StorageError, UsageError
from experiments.export import export
from experiments.results import Results

pytestmark = pytest.mark.quick

KINDS_OF_CELLS = {"s", "inlineStr", "n", "b"}
"""All but "f", a formula, and "e", an error."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return odd_names.carried_out(tmp_path_factory.mktemp("odd"))[1].store.folder


@pytest.fixture
def results(folder):
    return Results(folder)


def test_csv_has_every_table_at_full_precision(results, tmp_path):
    number = export(results, "csv", tmp_path / "out")
    files = {path.stem for path in (tmp_path / "out").iterdir()}
    assert number == len(files)
    assert {"runs", "design", "responses", "metrics", "columns", "summary_effects"} <= files
    runs = pd.read_csv(tmp_path / "out" / "runs.csv", dtype={"seed": np.uint64})
    assert runs["gmv"].tolist() == results.runs["gmv"].tolist()  # bit for bit
    assert runs["seed"].tolist() == results.runs["seed"].tolist()
    assert set(runs["arm"]) == {*odd_names.ARMS} - {"=1+1"} | {"'=1+1"}
    with open(tmp_path / "out" / "columns.csv", encoding="utf-8") as stream:
        known = {(row["table"], row["column"]): row for row in csv.DictReader(stream)}
    assert known["runs", "aov"]["label"] == "average order value"
    assert known["runs", "aov"]["unit"] == "CNY" and known["runs", "arm"]["type"] == "text"


@pytest.mark.parametrize("bom", (True, False))
def test_a_byte_order_mark_is_there_if_asked_for(results, tmp_path, bom):
    export(results, "csv", tmp_path / "out", bom=bom)
    start = (tmp_path / "out" / "runs.csv").read_bytes()[:3]
    assert (start == b"\xef\xbb\xbf") == bom


def test_parquet_is_what_the_tables_are(results, tmp_path):
    export(results, "parquet", tmp_path / "out")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out" / "runs.parquet"), results.runs)


def test_a_workbook_has_a_sheet_for_each_table_and_no_formulas(results, tmp_path):
    number = export(results, "xlsx", tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert len(book.sheetnames) == number and book.sheetnames[-1] == "columns"
    head, *rows = book["runs"].iter_rows()
    at = {cell.value: k for k, cell in enumerate(head)}
    assert {row[at["arm"]].value for row in rows} == set(odd_names.ARMS)
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= KINDS_OF_CELLS
    assert [row[at["gmv"]].value for row in rows] == results.runs["gmv"].tolist()
    assert [row[at["seed"]].value for row in rows] == [str(s) for s in results.runs["seed"]]


def test_what_excel_cannot_hold_is_refused_and_nothing_is_left(results, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "SHEET_ROWS", 7)
    with pytest.raises(UsageError, match="a sheet of Excel holds 6 and 16,384: use --to csv"):
        export(results, "xlsx", tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "name"), (("csv", "out"), ("xlsx", "out.xlsx")))
def test_an_earlier_export_is_replaced_if_asked_for_and_nothing_else(results, tmp_path, form, name):
    out = tmp_path / name
    export(results, form, out)
    with pytest.raises(UsageError, match="exists; --force replaces it"):
        export(results, form, out)
    export(results, form, out, force=True)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.doc").write_text("x")
    with pytest.raises(UsageError, match="is no earlier export"):
        export(results, form, other, force=True)
    assert (other / "thesis.doc").read_text() == "x"


@pytest.mark.parametrize("form", ("csv", "xlsx", "parquet"))
def test_a_full_disk_leaves_nothing_and_keeps_the_old_one(results, tmp_path, monkeypatch, form):
    out = tmp_path / "out"
    export(results, form, out)
    before = sorted(path.name for path in tmp_path.rglob("*"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "_replace", full)
    with pytest.raises(StorageError, match="the disk is full"):
        export(results, form, out, force=True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_the_command_names_what_it_wrote(huitou, folder, tmp_path):
    code, out, _ = huitou("export", folder, "--to", "xlsx")
    assert code == 0 and f"wrote {folder.name}.xlsx" in out
    assert (tmp_path / f"{folder.name}.xlsx").is_file()
    code, _, err = huitou("export", folder, "--to", "xlsx")
    assert code == 2 and "--force replaces it" in err
    assert huitou("export", tmp_path)[0] == 2


def test_odd_values_of_a_workbook():
    assert exporting._in_cell(np.nan, "t") is None and exporting._in_cell(pd.NA, "t") is None
    assert exporting._in_cell(float("inf"), "t") == "inf"
    assert exporting._in_cell(np.int64(2**53 + 1), "t") == str(2**53 + 1)
    assert exporting._in_cell(np.bool_(True), "t") is True
    with pytest.raises(UsageError, match="a cell of Excel holds 32,767"):
        exporting._in_cell("x" * 40_000, "t")

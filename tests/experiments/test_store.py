import errno
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments import files
from experiments.errors import StorageError
from experiments.store import KINDS, UNKNOWN, Store
from experiments.studyfile import Record

pytestmark = pytest.mark.quick

PLAIN = Record(series=False)


def tables(run: str, *, config: str = "c", seed: int = 1, code: str = "v", value: float = 1.0):
    """Tables of one run, as a worker signs them."""
    identity = {"run_id": [run] * 2, "config_hash": [config] * 2, "code": [code] * 2}
    identity |= {"metrics_version": ["m"] * 2, "recorded": ["series"] * 2}
    runs = identity | {"seed": pa.array([seed] * 2, pa.uint64())}
    series = {"run_id": [run] * 3, "day": [0, 1, 2], "net_revenue": [value, 2.0, 3.0]}
    return {
        "runs": pa.table(runs | {"brand": ["A", "B"], "gmv": [value, value + 1]}),
        "series": pa.table(series),
    }


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "study-0123abcd")


def rows(store: Store) -> list[tuple[object, ...]]:
    return sorted(store.done(PLAIN).itertuples(index=False, name=None))


def test_what_is_committed_is_done_and_can_be_read(store):
    store.commit([tables("r1"), tables("r2", seed=2**63 + 5)])
    assert rows(store) == [("r1", "c", 1, "v", "m"), ("r2", "c", 2**63 + 5, "v", "m")]
    assert len(store.read("runs")) == 4
    assert list(store.read("series", ["day"], runs=["r2"])["day"]) == [0, 1, 2]
    only_b = store.read("runs", ["gmv"], [("brand", "=", "B")])
    assert list(only_b["gmv"]) == [2, 2]


def test_a_run_is_done_only_if_all_that_is_recorded_is_there(store):
    store.commit([tables("r1")])
    assert list(store.done(Record(series=False))["run_id"]) == ["r1"]
    assert store.done(Record(series=True)).empty  # there are no curves
    assert store.done(Record(series=False, orders=True)).empty


def test_a_run_whose_series_is_damaged_or_gone_is_not_done(store):
    wanted = Record(series=True)
    for k in range(2):
        full = tables(f"r{k}", seed=k)
        full["curves"] = full["series"]
        recorded = pa.array(["curves series"] * 2)
        runs = full["runs"]
        full["runs"] = runs.set_column(runs.column_names.index("recorded"), "recorded", recorded)
        store.commit([full])
    assert len(store.done(wanted)) == 2
    first = next((store.folder / "series").iterdir())
    first.write_bytes(first.read_bytes()[:-20])
    assert len(store.done(wanted)) == 1
    for path in (store.folder / "series").iterdir():
        path.unlink()
    assert store.done(wanted).empty
    assert len(store.done(PLAIN)) == 2


def test_the_commit_mark_is_written_last(store, monkeypatch):
    written = []
    monkeypatch.setattr(
        "experiments.store.write_parquet", lambda path, table: written.append(path.parent.name)
    )
    store.commit([{kind: tables("r1")["runs"] for kind in reversed(KINDS)}])
    assert written[-1] == "runs"
    assert set(written) == set(KINDS)


def test_torn_and_alien_files_are_ignored(store):
    store.commit([tables("r1")])
    whole = next((store.folder / "runs").glob("*.parquet")).read_bytes()
    (store.folder / "runs" / "part-torn-1.parquet").write_bytes(whole[: len(whole) // 2])
    (store.folder / "runs" / "part-empty-1.parquet").write_bytes(b"")
    (store.folder / "runs" / "part-noise-1.parquet").write_bytes(os.urandom(5000))
    (store.folder / "runs" / "notes.txt").write_text("mine")
    (store.folder / "runs" / ".tmp-abc").write_bytes(whole[:100])
    pq.write_table(pa.table({"x": [1]}), store.folder / "runs" / "part-alien-1.parquet")
    assert rows(store) == [("r1", "c", 1, "v", "m")]
    assert len(store.read("runs")) == 2
    names = {path.name for path in store.ignored}
    assert names == {f"part-{x}-1.parquet" for x in ("torn", "empty", "noise", "alien")}


def test_a_run_that_is_there_twice_is_read_once(store):
    store.commit([tables("r1"), tables("r2", seed=2)])
    store.commit([tables("r2", seed=2), tables("r3", seed=3)])
    assert list(store.read("runs")["run_id"].value_counts()) == [2, 2, 2]
    assert len(store.read("series")) == 9


def test_filters_do_not_hide_that_a_run_was_read(store):
    store.commit([tables("r1", value=5)])
    store.commit([tables("r1", value=5)])
    assert len(store.read("runs", ["gmv"], [("brand", "=", "A")])) == 1


def test_compacting_changes_nothing_but_the_number_of_files(store):
    for k in range(30):
        store.commit([tables(f"r{k}", seed=k), tables("r0", seed=0)])
    before = {kind: _sorted(store.read(kind)) for kind in ("runs", "series")}
    store.compact()
    for kind in ("runs", "series"):
        assert len(list((store.folder / kind).iterdir())) == 1
        pd.testing.assert_frame_equal(_sorted(store.read(kind)), before[kind])


def test_a_crash_while_compacting_loses_nothing(store, monkeypatch):
    for k in range(12):
        store.commit([tables(f"r{k}", seed=k)])
    before = _sorted(store.read("runs"))
    monkeypatch.setattr("pathlib.Path.unlink", _crash)
    with pytest.raises(KeyboardInterrupt):
        store.compact()
    monkeypatch.undo()
    pd.testing.assert_frame_equal(_sorted(store.read("runs")), before)


def _crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


def test_reading_while_another_process_puts_files_together_misses_nothing(store, monkeypatch):
    """Between the list of files and their being read, small ones may have become one large one."""
    for k in range(12):
        store.commit([tables(f"r{k:02}", seed=k)])
    other, read_schema = Store(store.folder), pq.read_schema
    monkeypatch.setattr("experiments.store.SMALL_FILES", 2)

    def meanwhile(path):
        monkeypatch.setattr(pq, "read_schema", read_schema)
        other.compact()
        return read_schema(path)

    for look in (lambda: store.done(PLAIN), lambda: store.read("runs")):
        monkeypatch.setattr(pq, "read_schema", meanwhile)
        assert look()["run_id"].nunique() == 12
        assert store.ignored == []
        store.commit([tables("r00", seed=0)])
        store.commit([tables("r01", seed=1)])
        store.commit([tables("r02", seed=2)])


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    files.write_bytes(path, b"old")
    for broken in ("os.fsync", "os.replace"):
        with monkeypatch.context() as patch:
            patch.setattr(broken, _crash)
            with pytest.raises(KeyboardInterrupt):
                files.write_bytes(path, b"new and longer")
        assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the file system is read-only")],
)
def test_a_full_or_read_only_disk_is_one_line(store, monkeypatch, number, words):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(StorageError) as caught:
        store.commit([tables("r1")])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert store.done(PLAIN).empty


def test_a_file_in_the_way_is_one_line(tmp_path):
    (tmp_path / "results").write_text("not a folder")
    with pytest.raises(StorageError, match=r"cannot write to .*: .*(file|folder)"):
        Store(tmp_path / "results" / "x").commit([tables("r1")])


def test_a_folder_that_may_not_be_written():
    with pytest.raises(StorageError, match="cannot write to /proc/nowhere"):
        files.write_bytes(files.Path("/proc/nowhere/file"), b"x")


def test_the_lock_keeps_others_out_and_says_who_holds_it(tmp_path):
    with files.locked(tmp_path):
        code = (
            "import pathlib, sys\nfrom experiments import files\n"
            "with files.locked(pathlib.Path(sys.argv[1])): pass\n"
        )
        path = os.pathsep.join(p for p in sys.path if p)
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
            check=False,
        )
    assert f"is in use by process {os.getpid()} on" in done.stderr
    with files.locked(tmp_path):
        pass  # it was let go


def test_the_lock_of_the_dead_does_not_hold(tmp_path):
    (tmp_path / ".lock").write_text("")
    (tmp_path / ".lock-holder").write_text("process 1 on elsewhere\n")
    with files.locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / ".lock-holder").read_text()


def test_leftovers_are_cleared(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / ".tmp-1").write_bytes(b"half")
    (tmp_path / "keep").write_bytes(b"whole")
    files.clear_temporary(tmp_path)
    assert not (tmp_path / "runs" / ".tmp-1").exists()
    assert (tmp_path / "keep").exists()


def test_failures_survive_a_torn_line(store):
    store.write_failures([{"run_id": "a", "error": "é\nnew line"}])
    path = store.folder / "failures.jsonl"
    path.write_text(path.read_text() + '{"run_id": "b", "err')
    assert [row["run_id"] for row in store.failures()] == ["a"]


def test_integers_and_floats_come_back_exactly(store):
    rng = np.random.default_rng(1)
    table = pa.table(
        {
            "run_id": ["r"] * 500,
            "big": rng.integers(-(2**62), 2**62, 500),
            "number": rng.normal(size=500) * 10.0 ** rng.integers(-300, 300, 500),
        }
    )
    files.write_parquet(store.folder / "series" / "part-x-1.parquet", table)
    back = store.read("series")
    assert (back["big"] == table["big"].to_pandas()).all()
    assert (back["number"] == table["number"].to_pandas()).all()


def test_runs_of_before_there_were_versions_have_an_unknown_one(store):
    old = tables("r1")
    old["runs"] = old["runs"].drop_columns("metrics_version")
    store.commit([old])
    store.commit([tables("r2", seed=2)])
    assert dict(
        zip(*(store.done(PLAIN)[c] for c in ("run_id", "metrics_version")), strict=True)
    ) == {
        "r1": UNKNOWN,
        "r2": "m",
    }
    assert store.metrics_versions(["r1"]) == [UNKNOWN]
    for k in range(3, 12):
        store.commit([tables(f"r{k}", seed=k)])
    store.compact()  # into one file that has the column
    assert store.metrics_versions(["r1"]) == [UNKNOWN]
    assert store.metrics_versions(["r1", "r2"]) == [UNKNOWN, "m"]


def test_a_column_that_runs_lack_is_missing_in_them(store):
    store.commit([tables("r1")])
    found = store.read("runs", ["gmv", "thought_of_later"])
    assert found["gmv"].notna().all()
    assert found["thought_of_later"].isna().all()

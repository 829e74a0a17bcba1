"""The driver, with stand-ins for runs; the real market has `test_resume`."""

import errno
import json
import os
import subprocess
import sys
from collections import deque
from typing import ClassVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tiny_studies
from tiny_studies import Notes, study

from experiments import engines, files, gather
from experiments.conduct import conduct, folder_of
from experiments.errors import Interrupted, StorageError, StudyError
from experiments.store import Store
from sim.config.remarks import Remark
from sim.strategies.interface import Strategy


def go(tmp_path, n, simulate, *, workers=None, mixed=False, **options):
    notes = Notes()
    outcome = conduct(
        study(tmp_path, n, **options),
        tmp_path / "results",
        notes,
        workers=workers,
        allow_mixed=mixed,
        simulate=simulate,
    )
    return outcome, notes


def numbers(outcome) -> pd.DataFrame:
    frame = outcome.store.read("runs").drop(columns="seconds")
    return frame.sort_values(["run_id", "brand"], ignore_index=True)


def test_all_runs_are_computed_once_and_found_again(tmp_path):
    first, notes = go(tmp_path, 5, tiny_studies.fake)
    assert (first.planned, first.done, first.computed) == (10, 10, 10)
    assert notes.updates[-1] == (10, 0)
    again, _ = go(tmp_path, 5, tiny_studies.failing)  # computes nothing, so nothing can fail
    assert (again.done, again.computed) == (10, 0)


def test_more_replicates_reuse_what_is_there(tmp_path):
    go(tmp_path, 4, tiny_studies.fake)
    more, _ = go(tmp_path, 6, tiny_studies.fake)
    assert (more.planned, more.done, more.computed) == (12, 12, 4)
    fewer, _ = go(tmp_path, 3, tiny_studies.fake)
    assert (fewer.planned, fewer.done, fewer.computed) == (6, 6, 0)
    assert len(fewer.store.design()) == 6


def test_recording_more_repeats_the_runs_that_lack_it(tmp_path):
    go(tmp_path, 2, tiny_studies.fake)
    path = tiny_studies.write_study(tmp_path, 2)
    path.write_text(path.read_text().replace("{series: false}", "{orders: true}"))
    from experiments.study import load

    store = Store(folder_of(load(path), tmp_path / "results"))
    assert store.done(load(path).record).empty


def test_arms_with_the_same_market_share_their_runs(tmp_path):
    path = tiny_studies.write_study(tmp_path, 3)
    path.write_text(path.read_text().replace("arms:\n", "arms:\n  same: {}\n"))
    from experiments.study import load

    outcome = conduct(load(path), tmp_path / "results", Notes(), simulate=tiny_studies.fake)
    assert (outcome.planned, len(outcome.design)) == (6, 9)


def test_all_arms_of_a_replicate_share_their_seed(tmp_path):
    outcome, _ = go(tmp_path, 4, tiny_studies.fake)
    seeds = outcome.design.groupby("replicate")["seed"].unique()
    assert all(len(values) == 1 for values in seeds)
    assert len({int(values[0]) for values in seeds}) == 4


def test_a_failing_run_is_a_row_and_does_not_end_the_study(tmp_path):
    outcome, _ = go(tmp_path, 8, tiny_studies.failing)
    assert (outcome.planned, outcome.done) == (16, 14)
    text = (outcome.store.folder / "failures.jsonl").read_text()
    rows = [json.loads(line) for line in text.splitlines()]
    assert {row["arm"] for row in rows} == {"none", "followup"}
    row = rows[0]
    assert row["error"] == f"ValueError: no luck in replicate 1 of {row['arm']}"
    assert "in failing" in row["traceback"]
    assert row["repeat"] == f"huitou repeat {outcome.store.folder} {row['run_id']}"
    manifest = outcome.store.manifest()
    assert manifest["status"] == "incomplete"
    assert manifest["runs"] == {"planned": 16, "done": 14, "failed": 2}


def test_failed_runs_are_tried_again_by_the_same_command(tmp_path):
    go(tmp_path, 8, tiny_studies.failing)
    outcome, _ = go(tmp_path, 8, tiny_studies.fake)
    assert (outcome.done, outcome.computed, outcome.failures) == (16, 2, [])
    assert outcome.store.failures() == []
    assert outcome.store.manifest()["status"] == "complete"


def test_too_many_failures_end_the_study(tmp_path):
    with pytest.raises(StudyError) as caught:
        go(tmp_path, 4, tiny_studies.failing, fraction=0.1)
    assert "1 of 8 runs failed, more than on_failure.max_fraction (0.1) allows" in str(caught.value)
    assert "huitou repeat" in str(caught.value)
    store = Store(next((tmp_path / "results").iterdir()))
    assert store.manifest()["status"] == "stopped"
    assert len(store.failures()) == 1


def test_a_retry_heals_a_passing_trouble(tmp_path, monkeypatch):
    monkeypatch.setenv("FAIL_ONCE", str(tmp_path))
    outcome, _ = go(tmp_path, 3, tiny_studies.failing_once, retry=1)
    assert (outcome.done, outcome.failures) == (6, [])


def test_ctrl_c_keeps_what_is_finished(tmp_path):
    with pytest.raises(Interrupted, match=r"4 of 10 runs are kept in .*same command carries on"):
        go(tmp_path, 5, tiny_studies.interrupting)
    outcome, _ = go(tmp_path, 5, tiny_studies.fake)
    assert (outcome.done, outcome.computed) == (10, 6)


def test_changed_code_is_refused_unless_mixing_is_allowed(tmp_path, monkeypatch):
    go(tmp_path, 2, tiny_studies.fake)
    monkeypatch.setattr("experiments.conduct.code_version", lambda strategies: "other")
    with pytest.raises(StudyError, match=r"4 runs in .* other code than today"):
        go(tmp_path, 3, tiny_studies.fake)
    mixed, _ = go(tmp_path, 3, tiny_studies.fake, mixed=True)
    assert (mixed.done, mixed.computed) == (6, 2)
    assert len(mixed.codes) == 2
    present = set(mixed.store.read("runs")["run_id"])
    assert set(mixed.design["run_id"]) == present


def test_changed_code_can_be_computed_again_in_its_place(tmp_path, monkeypatch):
    go(tmp_path, 2, tiny_studies.fake)
    monkeypatch.setattr("experiments.conduct.code_version", lambda strategies: "other")
    notes = Notes()
    outcome = conduct(
        study(tmp_path, 3), tmp_path / "results", notes, recompute=True, simulate=tiny_studies.fake
    )
    assert (outcome.done, outcome.computed, outcome.codes) == (6, 6, ["other"])
    assert any("4 runs in" in text and "are computed again" in text for text in notes.texts)
    assert set(outcome.store.read("runs", runs=outcome.design["run_id"])["code"]) == {"other"}


@pytest.mark.parametrize("mixed", [False, True])
def test_runs_by_other_definitions_of_metrics_are_computed_again(tmp_path, monkeypatch, mixed):
    go(tmp_path, 2, tiny_studies.fake)
    monkeypatch.setattr("experiments.conduct.metrics_version", lambda: "other")
    outcome, notes = go(tmp_path, 3, tiny_studies.fake, mixed=mixed)
    assert (outcome.planned, outcome.done, outcome.computed) == (6, 6, 6)
    assert any("4 runs in" in text and "are computed again" in text for text in notes.texts)
    assert outcome.metrics == ["other"]
    assert outcome.store.metrics_versions() == ["other"]
    kept = outcome.store.read("runs", runs=outcome.design["run_id"])
    assert len(kept) == 12 and set(kept["metrics_version"]) == {"other"}
    assert outcome.store.manifest()["metrics_version"] == "other"
    again, notes = go(tmp_path, 3, tiny_studies.failing, mixed=mixed)  # there is nothing to do
    assert (again.computed, notes.texts) == (0, [])
    monkeypatch.undo()
    back, _ = go(tmp_path, 2, tiny_studies.failing)  # the old ones are still there
    assert (back.done, back.computed) == (4, 0)


def test_runs_without_a_version_of_metrics_are_computed_again(tmp_path):
    first, _ = go(tmp_path, 2, tiny_studies.fake)
    for path in (first.store.folder / "runs").iterdir():
        old = pq.read_table(path).drop_columns("metrics_version")
        ids = pa.array([f"old-{run}" for run in old["run_id"].to_pylist()])
        files.write_parquet(path, old.set_column(0, "run_id", ids))
    outcome, notes = go(tmp_path, 3, tiny_studies.fake)
    assert (outcome.done, outcome.computed) == (6, 6)
    assert any("4 runs in" in text for text in notes.texts)


def test_numbers_that_mean_different_things_are_never_put_together(tmp_path):
    outcome, _ = go(tmp_path, 2, tiny_studies.fake)
    (path,) = list((outcome.store.folder / "runs").iterdir())[:1]
    table = pq.read_table(path)
    other = pa.array(["other"] * len(table))
    place = table.column_names.index("metrics_version")
    files.write_parquet(path, table.set_column(place, "metrics_version", other))
    asked = study(tmp_path, 2)
    with pytest.raises(StudyError, match="were measured by 2 versions of the definitions"):
        gather.metrics(outcome.store, outcome.design)
    with pytest.raises(StudyError, match="were measured by 2 versions of the definitions"):
        gather.responses(outcome.store, outcome.design, asked.responses, asked.of)


def test_a_study_in_use_is_left_alone(tmp_path):
    from experiments.files import locked

    folder = folder_of(study(tmp_path), tmp_path / "results")
    with locked(folder), pytest.raises(StudyError, match="is in use by process"):
        go(tmp_path, 3, tiny_studies.fake)


def test_a_results_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(StorageError, match="cannot write to"):
        go(tmp_path, 3, tiny_studies.fake)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
    ],
)
def test_a_disk_that_takes_nothing_stops_the_study_in_one_line(
    tmp_path, monkeypatch, number, words
):
    def full(file, *arguments, **options):
        if "x" in arguments[0]:
            raise OSError(number, os.strerror(number))
        return open(file, *arguments, **options)

    go(tmp_path, 1, tiny_studies.fake)
    with monkeypatch.context() as patch:
        patch.setattr(files, "open", full, raising=False)
        with pytest.raises(StorageError, match=f"cannot write to .*: {words}"):
            go(tmp_path, 3, tiny_studies.fake)
    outcome, _ = go(tmp_path, 3, tiny_studies.fake)
    assert outcome.done == 6


def test_the_resolved_study_and_the_manifest_say_what_was_done(tmp_path):
    outcome, _ = go(tmp_path, 2, tiny_studies.fake)
    manifest = outcome.store.manifest()
    assert manifest["versions"]["mesa"]
    assert manifest["host"]["processors"] >= 1
    assert manifest["sessions"][0]["runs"] == 4
    assert manifest["code_versions"] == outcome.codes
    from experiments.study import load

    assert load(outcome.store.folder / "config.resolved.yaml").hash8 == manifest["hash8"]


def test_chunks_grow_with_speed_and_shrink_towards_the_end(tmp_path):
    from experiments.runner import CHUNK_SECONDS, Driver

    driver = Driver(study(tmp_path), Store(tmp_path), Notes(), tiny_studies.fake, 2)
    driver._left, driver._again = 10_000, deque()
    assert driver._size() == 1
    driver.computed, driver.seconds = 2, 0.02
    assert driver._size() == CHUNK_SECONDS / 0.01
    driver._left = 30
    assert driver._size() == 8
    driver.computed, driver.seconds = 1, 60
    assert driver._size() == 1


# -- with worker processes ----------------------------------------------------------------------


def test_the_run_that_kills_its_worker_is_found_and_the_others_finish(tmp_path):
    outcome, _ = go(tmp_path, 12, tiny_studies.killing, workers=2, engine="local")
    assert (outcome.planned, outcome.done) == (24, 23)
    row = outcome.failures[0]
    assert (row["arm"], row["replicate"]) == ("followup", 3)
    assert "the worker process died" in row["error"]


def test_workers_that_always_die_end_the_study(tmp_path):
    with pytest.raises(StudyError):
        go(tmp_path, 2, tiny_studies.killing_all, workers=1, engine="local")
    store = Store(next((tmp_path / "results").iterdir()))
    assert store.manifest()["status"] == "stopped"


def test_two_workers_give_what_this_process_gives(tmp_path):
    here, _ = go(tmp_path / "a", 6, tiny_studies.fake)
    there, _ = go(tmp_path / "b", 6, tiny_studies.fake, workers=2, engine="local")
    pd.testing.assert_frame_equal(numbers(here), numbers(there), check_exact=True)


def test_a_worker_has_one_thread_and_the_driver_keeps_its_own(monkeypatch):
    import os

    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    pool = engines.Local(1)
    try:
        found = pool.submit(os.getenv, "OMP_NUM_THREADS").result()
        numba = pool.submit(os.getenv, "NUMBA_NUM_THREADS").result()
    finally:
        pool.shutdown()
    assert (found, numba) == ("1", "1")
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert "NUMBA_NUM_THREADS" not in os.environ


ORPHAN = """
import os, sys
from experiments import engines
pool = engines.Local(1)
if __name__ == "__main__":
    print(pool.submit(os.getpid).result(), flush=True)
    os.kill(os.getpid(), 9)
"""


def test_workers_die_with_their_parent(tmp_path):
    import os
    import time

    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
        check=False,
    )
    worker = int(done.stdout)
    until = time.monotonic() + 10
    while _alive(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(process: int) -> bool:
    from pathlib import Path

    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_study_says_once_what_is_remarkable_in_its_runs(huitou, known_strategies, tmp_path):
    class Price(Strategy):
        """Set absurd prices."""

        every: ClassVar[int] = 10
        price: float = 10.0

        def decide(self, view, day):
            view.set_price("cream", self.price)

    path = tiny_studies.write_study(tmp_path, 3, strategies="{price: {price: 2000}}")
    code, _, err = huitou("compare", path, "--quiet")
    assert code == 0
    assert err.splitlines() == [
        "remark: brands.A.strategies.price: sets a price of cream below 39.8 or above 995 CNY: "
        "less than 0.2 or more than 5 times the list price at the start, 199 CNY"
    ]


@pytest.mark.parametrize(("engine", "workers"), [("inline", 1), ("local", 2)])
def test_what_is_remarkable_in_a_run_is_reported_by_its_worker(tmp_path, engine, workers):
    with pytest.warns(Remark) as said:
        outcome, _ = go(tmp_path, 3, tiny_studies.remarkable, engine=engine, workers=workers)
    assert outcome.computed == 6
    assert [str(one.message) for one in said] == ["a: b"]

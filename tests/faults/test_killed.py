"""Studies that are killed, and two that want the same folder: in the end the same bits."""

import os
import signal
import subprocess
import time
from collections.abc import Callable

import numpy as np
import pytest
from tiny_studies import Notes, run_as_process, study, write_study
from whole_studies import ALL, N, assert_same, close, done, finished, start, tables

from experiments.conduct import conduct, folder_of
from experiments.store import Store
from experiments.study import load

KILLS, LATEST = 50, 4.0
"""How often, and how many seconds after its start, of which loading takes some three."""


def test_killed_and_carried_on_it_is_the_same(tmp_path, whole):
    process, folder = start(tmp_path)
    process.kill()
    process.wait(30)
    close(process)
    before = len(Store(folder).done(study(tmp_path, **ALL).record))
    assert 0 < before < 2 * N
    again = conduct(study(tmp_path, N, engine="local", **ALL), folder.parent, Notes())
    assert again.computed <= 2 * N - before
    assert_same(tables(folder), whole)


def test_killed_at_random_again_and_again_it_is_the_same(tmp_path, whole):
    rng = np.random.default_rng(8)
    before = 0
    for workers in (1, 2, 2):
        process, folder = start(tmp_path, workers, more=before)
        time.sleep(rng.uniform(0, 0.4))
        process.kill()
        process.wait(30)
        close(process)
        before = len(Store(folder).done(study(tmp_path, **ALL).record))
    assert before > 0
    torn = [path for path in folder.rglob("*") if ".tmp-" in path.name]
    again = conduct(study(tmp_path, N, engine="local", **ALL), folder.parent, Notes())
    assert again.done == again.planned
    assert not [path for path in torn if path.exists()]
    assert_same(tables(folder), whole)


@pytest.mark.slow
def test_killed_fifty_times_it_is_the_same(tmp_path):
    """The driver or all of it, while it starts, computes or ends; longer when it gets through."""
    rng = np.random.default_rng(20261126)
    n, progress, through = 10, [0], 0
    for _ in range(KILLS):
        path = write_study(tmp_path, n, engine="local", **ALL)
        folder = folder_of(load(path), tmp_path / "results")
        process = run_as_process(
            "compare", path, "--workers", 1, folder=tmp_path, start_new_session=True
        )
        if rng.random() < 0.8:
            wait_for(process, lambda: done(folder, path) > progress[-1])  # noqa: B023 - at once
            time.sleep(rng.uniform(0, 0.5))
        else:
            time.sleep(rng.uniform(0, LATEST))
        if process.poll() is None and rng.random() < 0.5:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait(30)
        text = close(process)
        assert "Traceback" not in text and process.returncode in (0, -signal.SIGKILL), text
        progress.append(done(folder, path))
        if progress[-1] == 2 * n:
            n, through = n + 10, through + 1
    assert progress == sorted(progress), "no run was lost"
    assert 0 < through < KILLS
    again = finished(tmp_path, n, engine="local")
    undisturbed = finished(tmp_path / "undisturbed", n)
    assert_same(tables(again.store.folder), tables(undisturbed.store.folder))
    runs = again.store.read("runs", ["run_id", "brand"])
    assert not runs.duplicated().any() and len(runs) == 2 * 2 * n


def wait_for(process: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    """Wait until something has happened or the process has ended."""
    until = time.monotonic() + 120
    while process.poll() is None and not happened() and time.monotonic() < until:
        time.sleep(0.01)


def test_a_second_driver_says_who_is_at_work_and_harms_nothing(tmp_path, whole):
    process, folder = start(tmp_path)
    process.send_signal(signal.SIGSTOP)  # or it might be done before the other has begun
    other = run_as_process("compare", tmp_path / "tiny.yaml", folder=tmp_path)
    out, err = other.communicate(timeout=120)
    process.send_signal(signal.SIGCONT)
    assert other.returncode == 1 and "is in use by process" in err, out + err
    assert process.wait(180) == 0
    close(process)
    assert_same(tables(folder), whole)


def test_two_drivers_that_start_together_compute_nothing_twice(tmp_path):
    """Whoever comes second is refused, or finds all done; no row is lost or doubled."""
    path = write_study(tmp_path, 10, engine="inline", **ALL)
    both = [run_as_process("compare", path, folder=tmp_path) for _ in range(2)]
    said = [process.communicate(timeout=180)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 1]), said
    if codes == [0, 1]:
        refused = said[0] if both[0].returncode else said[1]
        assert "is in use by process" in refused and "Traceback" not in refused
    folder = folder_of(load(path), tmp_path / "results")
    runs = Store(folder).read("runs", ["run_id", "brand"])
    assert not runs.duplicated().any() and len(runs) == 2 * 2 * 10
    assert_same(tables(folder), tables(finished(tmp_path / "alone", 10).store.folder))

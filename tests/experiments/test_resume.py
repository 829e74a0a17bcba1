"""Real markets in real processes: killed, interrupted, carried on, and always the same tables."""

import os
import signal
import time

import numpy as np
import pandas as pd
import pytest
from tiny_studies import Notes, run_as_process, study, write_study

from experiments.conduct import conduct, folder_of
from experiments.results import Results
from experiments.store import Store
from experiments.study import load

N = 60
ALL = {
    "series": "true",
    "strategies": "{service_followup: {}, referral: {ask_day: 3, vest_days: 5, koc_from: 1}, "
    "agency: {referrals_needed: 0, courses: 0, ask_every: 5, vest_days: 5}}",
}
"""Days are kept; in one arm friends are invited and goods resold. All of that must come back."""


def finished(tmp_path, n: int = N, **options):
    outcome = conduct(study(tmp_path, n, **ALL, **options), tmp_path / "results", Notes())
    assert outcome.done == outcome.planned
    return outcome


def tables(folder) -> dict[str, pd.DataFrame]:
    """Everything that a study found, without how long it took."""
    results = Results(folder)
    kinds = {kind: results.store.read(kind) for kind in ("runs", "series", "curves")}
    kinds["runs"] = kinds["runs"].drop(columns="seconds")
    ordered = {
        kind: frame.sort_values(list(frame.columns[:3]), kind="stable", ignore_index=True)
        for kind, frame in kinds.items()
    }
    return ordered | results.summary


def assert_same(a: dict[str, pd.DataFrame], b: dict[str, pd.DataFrame]) -> None:
    assert a.keys() == b.keys()
    for name, table in a.items():
        keys = [c for c in ("run_id", "brand", "curve", "x", "y", "day") if c in table.columns]
        one, two = (t.sort_values(keys, ignore_index=True) if keys else t for t in (table, b[name]))
        pd.testing.assert_frame_equal(one, two, check_exact=True, obj=name)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of a study that nothing happened to, computed in this process."""
    found = tables(finished(tmp_path_factory.mktemp("whole")).store.folder)
    assert (found["runs"][["referred_customers", "distributors_joined"]].sum() > 0).all()
    return found


def start(tmp_path, workers: int = 2, more: int = 0):
    """Start a study as a process; return when it has finished some runs beyond `more`."""
    path = write_study(tmp_path, N, engine="local", **ALL)
    process = run_as_process(
        "compare", path, "--workers", workers, folder=tmp_path, start_new_session=True
    )
    folder = folder_of(load(path), tmp_path / "results")
    until = time.monotonic() + 300
    while len(Store(folder).done(load(path).record)) <= more and time.monotonic() < until:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    return process, folder


def close(process) -> str:
    text = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    return text


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


def test_ctrl_c_says_how_to_carry_on_and_the_same_command_does(tmp_path, whole):
    process, folder = start(tmp_path)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the workers as well
    assert process.wait(180) == 130
    text = close(process)
    assert "the same command carries on" in text
    assert "Traceback" not in text
    store = Store(folder)
    assert store.manifest()["status"] == "interrupted"
    kept = len(store.done(study(tmp_path, **ALL).record))
    assert 0 < kept < 2 * N
    again = finished(tmp_path, engine="local")
    assert again.computed == 2 * N - kept
    assert_same(tables(folder), whole)


def test_extended_bit_by_bit(tmp_path, whole):
    finished(tmp_path, N // 2)
    more = finished(tmp_path, N)
    assert more.computed == N
    assert_same(tables(more.store.folder), whole)


def test_the_notebook_finds_tables_and_plots(tmp_path):
    import experiments

    outcome = finished(tmp_path, 3)
    results = experiments.load(str(outcome.store.folder))
    assert set(results.runs["arm"]) == {"none", "followup"}
    assert len(results.runs) == 3 * 2 * 2
    assert {"seed", "replicate", "brand", "gmv"} <= set(results.runs)
    assert len(results.responses) == 3 * 2
    labels = [response.label for response in results.study.responses]
    assert results.responses[labels].notna().all(axis=None)
    own = results.runs.query("brand == 'A'").set_index("run_id")
    together = results.responses.set_index("run_id")["long_run_revenue"]
    assert together.equals(own["long_run_revenue"].reindex(together.index))
    assert set(results.read("series", ["day", "n_orders"]).columns) >= {"arm", "replicate", "day"}
    assert len(results.series) == len(results.runs) * results.study.base["days"]
    assert results.metrics.loc["gmv", "unit"] == "CNY"
    assert results.metrics["definition"].str.len().min() > 10
    assert "effects" in results.summary
    assert set(results.plots) == {"incremental", "rivals", "cumulative", "retention", "switching"}
    assert results.plots.incremental().axes
    with pytest.raises(AttributeError, match="plots: incremental"):
        results.plots.pie()
    assert results.study.hash8 in outcome.store.folder.name


def test_a_plot_with_nothing_to_draw_says_so(tmp_path):
    import experiments
    from experiments.errors import UsageError

    path = write_study(tmp_path, 1)
    results = experiments.carry_out(str(path), str(tmp_path / "results"), workers=1)
    with pytest.raises(UsageError, match="cumulative: this study has nothing to draw"):
        results.plots.cumulative()  # no series were recorded

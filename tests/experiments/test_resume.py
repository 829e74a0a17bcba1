"""Real markets in real processes: interrupted, extended, carried on, and always the same tables.

What befalls a study against its will is in tests/faults/.
"""

import os
import signal

import pytest
from tiny_studies import study, write_study
from whole_studies import ALL, N, assert_same, close, finished, start, tables

from experiments.store import Store


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of a study that nothing happened to, computed in this process."""
    found = tables(finished(tmp_path_factory.mktemp("whole")).store.folder)
    assert (found["runs"][["referred_customers", "distributors_joined"]].sum() > 0).all()
    return found


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
    with pytest.raises(AttributeError, match=r"plots: .*incremental"):
        results.plots.pie()
    assert results.study.hash8 in outcome.store.folder.name


def test_a_plot_with_nothing_to_draw_says_so(tmp_path):
    import experiments
    from experiments.errors import UsageError

    path = write_study(tmp_path, 1)
    results = experiments.carry_out(str(path), str(tmp_path / "results"), workers=1)
    with pytest.raises(UsageError, match="cumulative: this study has nothing to draw"):
        results.plots.cumulative()  # no series were recorded

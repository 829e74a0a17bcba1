"""What a study will take and how precise it will be, from a few of its own runs."""

import math

import numpy as np
import pytest
import tiny_studies
from tiny_studies import Notes, study, write_study

from experiments import forecast, intervals
from experiments.conduct import conduct
from experiments.designs import Design
from experiments.errors import StudyError
from experiments.study import load


def budgeted(tmp_path, n=40, budget="{}"):
    path = write_study(tmp_path, n)
    path.write_text(path.read_text() + f"budget: {budget}\n")
    return load(path)


def pilot(tmp_path, given, simulate=tiny_studies.fake):
    def run(stage):
        root = tmp_path / "results"
        return conduct(stage, root, Notes(), only=forecast.rows, simulate=simulate)

    return forecast.forecast(given, run)


def test_the_pilot_is_whole_replicates_and_its_runs_are_kept(tmp_path):
    given = budgeted(tmp_path, budget="{pilot: 9}")
    table = Design(given, "code", "metrics").table.iloc[
        forecast.rows(Design(given, "code", "metrics"))
    ]
    assert table.groupby("replicate")["arm"].nunique().tolist() == [2, 2, 2, 2]
    found = pilot(tmp_path, given)
    assert (found.pilot, found.done, found.runs) == (8, 8, 80)
    rest = conduct(given, tmp_path / "results", Notes(), simulate=tiny_studies.fake)
    assert (rest.done, rest.computed) == (80, 72)
    assert rest.store.manifest()["status"] == "complete"


def test_a_finished_study_has_nothing_to_pilot(tmp_path):
    given = budgeted(tmp_path, 3)
    conduct(given, tmp_path / "results", Notes(), simulate=tiny_studies.fake)
    found = pilot(tmp_path, given, tiny_studies.failing)  # computes nothing, so nothing can fail
    assert (found.done, found.runs) == (6, 6)


def test_time_and_room_are_those_of_the_pilot_times_the_runs(tmp_path):
    found = pilot(tmp_path, budgeted(tmp_path), tiny_studies.slow)
    assert 0.05 <= found.seconds.mean < 0.1
    hours = 80 * (found.seconds.mean + forecast.OVERHEAD) / 3600
    assert found.core_hours() == pytest.approx(hours)
    folder = next((tmp_path / "results").iterdir())
    size = sum(path.stat().st_size for path in (folder / "runs").iterdir())
    assert found.disk_gb == pytest.approx(80 / 16 * size / 1e9)
    rows = dict(forecast.view([found], 2).rows)
    assert rows["runs"] == "80" and rows["of them on disk"] == "16"


@pytest.mark.parametrize("budget", ["{max_core_hours: 1e-6}", "{max_disk_gb: 1e-7}"])
def test_a_study_above_its_budget_is_refused(tmp_path, budget):
    found = pilot(tmp_path, budgeted(tmp_path, budget=budget), tiny_studies.slow)
    with pytest.raises(StudyError, match=r"not started: it would take .*80 runs.*allows 1e-0"):
        forecast.refuse_above_budget([found])


def test_a_study_within_its_budget_is_not(tmp_path):
    given = budgeted(tmp_path, budget="{max_core_hours: 1, max_disk_gb: 1}")
    found = pilot(tmp_path, given)
    assert 0 < found.core_hours() < 1 and 0 < found.disk_gb < 1
    forecast.refuse_above_budget([found])  # raises nothing
    without = pilot(tmp_path, study(tmp_path))
    assert (without.study.budget.max_core_hours, without.study.budget.max_disk_gb) == (None, None)
    forecast.refuse_above_budget([without])


def test_a_pilot_in_which_all_fails_says_so(tmp_path):
    given = budgeted(tmp_path).with_replicates(8)
    with pytest.raises(StudyError):
        pilot(tmp_path, given, tiny_studies.failing_all)


def test_the_expected_half_width_is_that_of_as_many_values():
    rng = np.random.default_rng(2)
    halves = [intervals.interval(rng.normal(size=n)).half for n in [10] * 4000 + [40] * 4000]
    expected = [intervals.expected_half(half, 10, 40) for half in halves[:4000]]
    assert np.mean(expected) == pytest.approx(np.mean(halves[4000:]), rel=0.03)
    assert math.isnan(intervals.expected_half(1.0, 1, 40))


def test_precision_is_about_every_arm_and_says_how_many_pairs(tmp_path):
    found = pilot(tmp_path, budgeted(tmp_path))
    assert len(found.precision) == 2
    assert all("followup against none: with 40 pairs" in text for text in found.precision)
    assert all("from 8 pairs" in text for text in found.precision)

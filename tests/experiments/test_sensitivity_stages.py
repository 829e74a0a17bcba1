"""Two stages, a forecast, and the real thing: a sensitivity study from screening to report."""

import math

import numpy as np
import pytest
from driven import (
    COST,
    PRICE,
    RIVAL,
    carried_out,
    go,
    linear,
    noise,
    said,
    study,
)
from tiny_studies import Notes

from experiments import report
from experiments.conduct import conduct
from experiments.errors import StudyError
from experiments.results import Results
from experiments.sensitivity import stages
from experiments.sensitivity.methods import MorrisMethod

# -- two stages -----------------------------------------------------------------------------------

SCREEN = "{name: sobol, n: 16, screen_first: {trajectories: 8}}"


def test_a_screening_leaves_the_inputs_that_matter_and_fixes_the_others(tmp_path):
    given = study(tmp_path, SCREEN)
    last, outcome, tables = carried_out(tmp_path, given)
    assert [f.name for f in last.points.factors] == [PRICE, COST, "inert"]
    assert last.base == given.base
    assert all(
        last.points.market(k)["brands"]["B"]["products"]["cream"]["price"] == 159
        for k in range(len(last.points))
    )
    folders = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert [name.rsplit("-", 1)[0] for name in folders] == ["tiny", "tiny-morris"]
    assert (tmp_path / "results" / folders[1] / "report.html").exists()
    text = said(last, tables, outcome)
    assert f"left 2; fixed at the market’s own values: {RIVAL}." in text
    again = Results(outcome.store.folder).study
    assert again.hash8 == last.hash8 and stages.pending(again) is None
    _, repeated = go(tmp_path, given)
    assert repeated.computed == 0


def test_an_input_far_below_the_largest_is_fixed_even_if_it_is_above_the_floor(tmp_path):
    screen = "{name: sobol, n: 4, screen_first: {trajectories: 8, least: 0.2}}"
    last, _ = go(tmp_path, study(tmp_path, screen))
    assert [f.name for f in last.points.factors] == [PRICE, "inert"]


def test_a_group_is_kept_as_a_whole(tmp_path):
    grouped = [("[100, 300]}", "[100, 300], group: prices}")]
    last, _, tables = carried_out(tmp_path, study(tmp_path, SCREEN, replace=grouped))
    assert [f.name for f in last.points.factors] == [PRICE, COST, RIVAL, "inert"]
    assert list(tables["indices"]["input"]) == ["prices", COST, "inert"]


def test_if_nothing_matters_the_screening_is_the_answer(tmp_path):
    last, outcome, tables = carried_out(tmp_path, study(tmp_path, SCREEN), noise)
    assert isinstance(last.spec.method, MorrisMethod)
    assert tables["verdicts"]["level"][0] == "noise only"
    assert "no input rises above the noise floor" in said(last, tables, outcome)


def test_a_forecast_counts_both_stages(tmp_path):
    before, after = stages.at_most(study(tmp_path, SCREEN))
    assert (len(before.points), len(after.points)) == (8 * 5, 16 * 6)
    assert len(stages.at_most(study(tmp_path))) == 1


# -- a forecast, and the real thing ---------------------------------------------------------------


def test_precision_is_told_from_whole_blocks(tmp_path):
    given = study(tmp_path, "{name: sobol, n: 50}")
    few = conduct(given, tmp_path / "a", Notes(), only=lambda d: np.arange(40), simulate=linear)
    text = given.rules.precision(given, few.store, few.design)
    assert "The pilot has 3 whole blocks of 12 runs" in text[0] and "96 or more" in text[0]
    more = conduct(given, tmp_path / "b", Notes(), only=lambda d: np.arange(144), simulate=linear)
    text = given.rules.precision(given, more.store, more.design)
    assert "GMV of A: from 12 blocks, expect total indices within ± 0." in text[0]
    assert text[0].endswith("with 50.")
    table = given.rules.tables(given, more.store, more.design)["indices"]
    half = ((table["ST_high"] - table["ST_low"]) / 2).max()
    assert f"± {half * math.sqrt(12 / 50):.2f} or less" in text[0]


def test_a_study_with_nothing_computed_says_so(tmp_path):
    def never(job, record):
        raise ValueError("never")

    with pytest.raises(StudyError, match="no run has finished"):
        carried_out(tmp_path, study(tmp_path), never)


def test_a_real_market_from_screening_to_report(tmp_path):
    real = "{name: sobol, n: 6, screen_first: {trajectories: 4, least: 0}}"
    given = study(tmp_path, real, response="response: {name: net_revenues, of: brands.A}")

    def run(stage):
        return conduct(stage, tmp_path / "results", Notes())

    last, outcome = given.rules.carry_out(given, run)
    tables, _ = report.present(last, outcome)
    assert outcome.done == outcome.planned
    table = tables["indices"]
    assert table["input"].iloc[-1] == "inert"
    page = (outcome.store.folder / "report.html").read_text(encoding="utf-8")
    assert "net revenue of A" in page

"""The study kind: its file, its design, its tables, and what it says."""

import sys

import numpy as np
import pytest
from driven import COST, PRICE, RIVAL, carried_out, failing_b, linear, noise, said, study, undefined
from matplotlib.figure import Figure
from pandas.testing import assert_frame_equal
from tiny_studies import Notes

from experiments import report, show
from experiments.conduct import conduct
from experiments.designs import Design
from experiments.results import Results
from sim.config.yaml_file import ConfigError

# -- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (
            {"replace": [("{seed: 3}", "{n: 1}")]},
            [
                "tiny.yaml:12:",
                "replicates.n: must be at least 2 for sobol (got 1): with one, noise",
            ],
        ),
        (
            {"method": "{name: morris}", "replace": [("{seed: 3}", "{n: 1}")]},
            ["replicates.n: must be at least 2 for morris (got 1): the noise floor"],
        ),
        (
            {"method": "{name: pawn}", "more": "  people.n: {integers: [50, 90], group: crowd}"},
            ["tiny.yaml:9:", "factors.people.n.group: pawn has no groups"],
        ),
        (
            {"method": "{name: dgsm}"},
            ["tiny.yaml:7:", f"factors.{COST}: dgsm needs derivatives"],
        ),
        ({"response": ""}, ["response: give `response`, or `responses`, a list"]),
        (
            {"response": "response: gmv\nresponses: [gmv]"},
            ["responses: give `response`, or `responses`, a list, not both"],
        ),
        (
            {"response": "responses: [gmv, {name: gmv, of: C}]"},
            ["responses.1.of: there is no brand 'C'; brands: A, B"],
        ),
        ({"response": "responses: [gmv, gmv]"}, ["responses.1: gmv is there twice"]),
        ({"response": "response: gvm"}, ["there is no metric 'gvm'; did you mean 'gmv'"]),
        ({"method": "{name: sobel}"}, ["method.name: must be", "did you mean 'sobol'"]),
        ({"method": "{name: sobol, m: 9}"}, ["method.m: unknown key"]),
        ({"method": "{name: morris, levels: 5}"}, ["method.levels: must be even (got 5)"]),
        ({"method": "{name: delta, n: 100}"}, ["method.n: must be >= 200 (got 100)"]),
        (
            {"method": "{name: sobol, screen_first: {kept: [talk]}}"},
            ["method.screen_first.kept.0: there is no input 'talk'; inputs: brands.A"],
        ),
        (
            {"more": "  people.n: {integers: [50, 90], group: inert}"},
            ["factors.people.n: 'inert' is the name of the control"],
        ),
        (
            {"more": "  brands.A.products.cream.prices: {range: [1, 2]}"},
            ["did you mean 'price'"],
        ),
    ],
)
def test_a_mistake_in_the_file_is_said_with_its_place(tmp_path, options, places):
    with pytest.raises(ConfigError) as caught:
        study(tmp_path, **options)
    assert all(place in str(caught.value) for place in places), caught.value


def test_all_mistakes_are_said_at_once(tmp_path):
    wrong = {"replace": [("{seed: 3}", "{n: 1}"), ("{range: [100, 300]}", "{range: [-9, 300]}")]}
    with pytest.raises(ConfigError) as caught:
        study(tmp_path, response="response: {name: gmv, of: C}", **wrong)
    assert len(caught.value.problems) == 4


def test_two_replicates_and_no_series_unless_the_file_says_otherwise(tmp_path):
    given = study(tmp_path)
    assert given.replicates.n == 2 and given.replicates.seed == 3
    assert not given.record.series
    assert [f.name for f in given.points.factors] == [PRICE, COST, RIVAL, "inert"]
    without = study(tmp_path, replace=[("method:", "inert_control: false\nmethod:")])
    assert [f.name for f in without.points.factors] == [PRICE, COST, RIVAL]


@pytest.mark.parametrize(
    "method",
    ["{name: sobol, n: %d}", "{name: morris, trajectories: %d}", "{name: pawn, n: %d0}"],
)
def test_a_larger_n_extends_the_study(tmp_path, method):
    small, large = (study(tmp_path, method % n) for n in (4, 9))
    assert small.hash8 == large.hash8
    ids = [set(Design(s, "code", "metrics").table["run_id"]) for s in (small, large)]
    assert ids[0] < ids[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{name: morris}", "{name: sobol, n: 40}"),
        ("{name: morris}", "{name: morris, levels: 6}"),
        ("{name: rbd_fast}", "{name: pawn}"),
        ("{name: sobol}", "{name: sobol, screen_first: {kept: [" + PRICE + "]}}"),
    ],
)
def test_another_method_is_another_study(tmp_path, one, other):
    assert study(tmp_path, one).hash8 != study(tmp_path, other).hash8


def test_points_of_a_block_share_their_luck_but_for_moves_of_the_control(tmp_path):
    table = Design(study(tmp_path), "code", "metrics").table
    table["base"] = table["arm"].astype(int) // 6
    for (_, _), rows in table.groupby(["base", "replicate"]):
        seeds = rows.set_index("role")["seed"]
        assert seeds.drop(["AB:inert", "B"]).nunique() == 1
        assert seeds["AB:inert"] == seeds["B"] != seeds["A"]
    assert table["seed"].nunique() == 8 * 2 * 2


@pytest.mark.parametrize("response", ["response: gmv", "responses: [gmv, retention]"])
def test_the_written_study_is_the_same_study(tmp_path, response):
    given = study(tmp_path, "{name: sobol, n: 4}", response=response)
    outcome = conduct(given, tmp_path / "results", Notes(), simulate=linear)
    again = Results(outcome.store.folder)
    assert again.study.hash8 == given.hash8
    assert again.study.responses == given.responses
    assert len(again.summary["indices"]) == 4 * len(given.responses)


# -- what comes out -------------------------------------------------------------------------------


def test_sobol_finds_what_drives_a_linear_response(tmp_path):
    wide = [("40, 80", "0, 300"), ("method:", "threshold: 0.4\nmethod:")]
    given = study(tmp_path, "{name: sobol, n: 64}", replace=wide, surrogate="true")
    given, outcome, tables = carried_out(tmp_path, given)
    table = tables["indices"].set_index("input")
    assert table["ST"][PRICE] == pytest.approx(0.8, abs=0.08)  # 9 : 2.25, by variances
    assert table["ST"][COST] == pytest.approx(0.2, abs=0.08)
    assert abs(table["ST"][RIVAL]) < 1e-9  # luck is shared
    assert table["ST_low"]["inert"] <= 0 <= table["ST_high"]["inert"] < 0.1
    verdict = tables["verdicts"].iloc[0]
    assert verdict["level"] == "converged"
    share = 400 / (400 + 9 * 200**2 / 12 + 300**2 / 12)
    assert verdict["noise_share"] == pytest.approx(share, abs=0.01)
    text = said(given, tables, outcome)
    assert "GMV of A: what drives it, by ST: A.products.cream.price 0." in text
    assert "cannot be told from inputs that do nothing: B.products.cream.price" in text
    assert "luck makes up" in text and "of the scatter of single runs" in text
    assert "a surrogate fitted to 128 points" in text


def test_morris_ranks_and_says_what_is_not_above_the_floor(tmp_path):
    given = study(tmp_path, "{name: morris, trajectories: 30}")
    given, outcome, tables = carried_out(tmp_path, given)
    table = tables["indices"].set_index("input")
    assert table["mu"][PRICE] == pytest.approx(600)
    assert table["mu_star"][COST] == pytest.approx(40, abs=2)
    assert list(table["above_floor"]) == [True, True, False, False]
    text = said(given, tables, outcome)
    assert "what drives it, by mu* in CNY: A.products.cream.price 600.0 [600.0 to 600.0]; " in text
    assert "Over 30 trajectories 2 of 3 inputs rise above the noise floor" in text


METHODS = {
    "sobol": "{name: sobol, n: 24}",
    "morris": "{name: morris, trajectories: 6}",
    "pawn": "{name: pawn, n: 60}",
    "delta": "{name: delta, n: 200}",
    "rbd_fast": "{name: rbd_fast, n: 80}",
    "fast": "{name: fast, n: 65}",
    "dgsm": "{name: dgsm, n: 20}",
    "hdmr": "{name: hdmr, n: 300}",
}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_runs_and_shows_everything(tmp_path, method):
    replace = [("{integers: [40, 80]}", "{range: [40, 80]}")] if method == "dgsm" else []
    if method in ("delta", "fast", "hdmr"):
        replace = [("{seed: 3}", "{n: 1}")]
    checked = str(method in ("sobol", "rbd_fast")).lower()
    several = "responses: [gmv, orders]" if method != "delta" else "responses: [gmv]"
    given = study(tmp_path, METHODS[method], response=several, replace=replace, surrogate=checked)
    given, outcome, tables = carried_out(tmp_path, given)
    for response in given.responses:
        own = tables["indices"][tables["indices"]["response"] == response.label]
        assert list(own["input"]) == [PRICE, COST, RIVAL, "inert"]
    views = given.rules.views(given, tables)
    assert len(views) == len(given.responses) and all(
        view.rows[0][0] == "A.products.cream.price" for view in views
    )
    assert all(len(row) == len(view.columns) for view in views for row in view.rows)
    figures = show.draw(given, tables)
    expected = {
        "sobol": {"tornado", "convergence", "cross_check"},
        "morris": {"ranking", "effects"},
        "fast": {"tornado"},
        "hdmr": {"tornado"},
        "rbd_fast": {"ranking", "cross_check"},
    }
    assert figures.keys() == expected.get(method, {"ranking"})
    assert all(isinstance(figure, Figure) for _, figure in figures.values())
    text = said(given, tables, outcome)
    assert "what drives it" in text
    if method not in ("sobol", "morris"):
        assert "Groups are not supported" in text
        assert "compare each value with that of the control" in text
    report.present(given, outcome)
    assert (outcome.store.folder / "report.html").exists()


def test_without_a_control_that_is_said(tmp_path):
    given = study(tmp_path, replace=[("method:", "inert_control: false\nmethod:")])
    given, outcome, tables = carried_out(tmp_path, given)
    assert "There is no control (inert_control: false)" in said(given, tables, outcome)


def test_without_the_library_the_cross_check_is_left_out_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    given = study(tmp_path, surrogate="true")
    given, outcome, tables = carried_out(tmp_path, given)
    assert "There is no cross-check by a surrogate: " in said(given, tables, outcome)
    assert tables["verdicts"]["level"][0] == "not yet"


def test_noise_alone_is_called_noise(tmp_path):
    given, outcome, tables = carried_out(tmp_path, study(tmp_path, "{name: sobol, n: 20}"), noise)
    assert tables["verdicts"]["level"][0] == "noise only"
    assert show.draw(given, tables).keys() <= {"tornado", "cross_check", "convergence"}
    assert "cannot be told from noise" in said(given, tables, outcome)


# -- what is missing ------------------------------------------------------------------------------


def test_a_block_that_lacks_a_run_is_left_out_whole_and_named(tmp_path):
    given = study(tmp_path)
    given, outcome, tables = carried_out(tmp_path, given, failing_b)
    gone = tables["missing"]
    assert list(gone.drop(columns="run_id").itertuples(index=False, name=None)) == [(2, "B", 1)]
    assert tables["verdicts"]["blocks"][0] == 7
    text = said(given, tables, outcome)
    assert "1 run of the design is missing (block 2, B, replicate 1)" in text
    assert "1 block is left out as a whole" in text
    assert "The same command again computes what is missing" in text
    _, _, mended = carried_out(tmp_path, given)
    assert mended["missing"].empty and mended["verdicts"]["blocks"][0] == 8


def test_the_blocks_that_are_whole_are_analysed_as_if_they_were_all(tmp_path):
    given = study(tmp_path)
    _, _, tables = carried_out(tmp_path / "gap", given, failing_b)
    _, outcome, _ = carried_out(tmp_path / "whole", given)
    from experiments.sensitivity import sobol
    from experiments.sensitivity.found import Found

    found = Found.of(given, outcome.store, outcome.design)
    y = np.delete(found.values(given.responses[0]), 2, axis=1)
    expected = sobol.analyse(y, found.inputs.names).table
    assert_frame_equal(tables["indices"].drop(columns="response"), expected)


def test_fast_can_spare_no_run_and_says_so(tmp_path):
    given = study(tmp_path, "{name: fast, n: 65}")
    given, outcome, tables = carried_out(tmp_path, given, failing_b)
    assert tables["verdicts"]["level"][0] == "not analysed"
    assert "every block lacks a run" in tables["verdicts"]["sentence"][0]
    assert "the same command again" in said(given, tables, outcome)


def test_a_response_that_is_not_defined_is_not_analysed_and_others_are(tmp_path):
    given = study(tmp_path, response="responses: [retention, gmv]")
    given, outcome, tables = carried_out(tmp_path, given, undefined)
    assert list(tables["verdicts"]["level"]) == ["not analysed", "not yet"]
    text = said(given, tables, outcome)
    assert "Not analysed: 96 of 96 values are missing or not finite" in text
    assert "GMV of A: what drives it" in text
    assert "tornado" in show.draw(given, tables)
    assert given.rules.views(given, tables)[0].rows[0][1] == "–"

"""`huitou targets`: what a market gives of the targets of its calibrate study, beside an ensemble."""

import re
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from calibrated import COST, PRICE, RIVAL, simulate, write
from tiny_studies import Notes, run_as_process

from experiments import ensembles
from experiments.calibrate import presets, ship
from experiments.ensemble_rows import Member
from experiments.errors import UsageError
from experiments.study import load
from sim.config import layers
from sim.config.load import load_market

# The market of the study costs 199 and 56 to make, so that GMV is 653 and AOV 3.55.
GAVE = {"spent": [640.0, 650, 660, 800], "ratio": [3.4, 3.5, np.nan, 3.6]}


def ensemble(folder, **about):
    n = len(GAVE["spent"])
    known = {
        "targets": {
            "spent": {"value": 690, "tolerance": 40, "met": 0.25},
            "ratio": {"low": 3.3, "high": 3.9, "met": 0.75},
            "other": {"low": 0, "high": 1, "met": 1.0},
        },
        "missed": {"spent": {"conflicts_with": "ratio", "why": "2 of the 9 runs give both"}},
    }
    table = {
        "id": [f"s{k}" for k in range(n)],
        "ranges": "stated",
        "weight": 1 / n,
        "implausibility": 1.0,
        PRICE: 200.0,
        COST: 55,
        RIVAL: 100.0,
    }
    table |= {f"target.{name}": values for name, values in GAVE.items()}
    free = {path: {"range": [0, 1000]} for path in (PRICE, COST, RIVAL)}
    ensembles.write(folder / "found", pd.DataFrame(table), {"free": free, **known, **about})
    return ensembles.read(folder / "found")


def table(folder, replace=(), found=None):
    study = load(write(folder, replace))
    y = presets.measured(study, 16, Notes(), simulate=simulate)
    return study, presets.compared(study, y, found).set_index("target")


def test_the_market_is_run_as_it_is_and_held_to_its_targets(tmp_path):
    _, found = table(tmp_path)
    assert found["ours"].tolist() == pytest.approx([653, 199 / 56, 0.5], rel=0.01)
    assert found["met"].all()
    assert found["role"].tolist() == ["fitted", "fitted", "held"]
    assert found[["low", "high"]].loc["spent"].tolist() == [650, 730]
    assert (found["ours_low"] < found["ours"]).tolist() == [True, True, False]  # the last is known
    assert found["members_met"].isna().all()


@pytest.mark.parametrize(
    "interval, said",
    [
        ("low: 600, high: 700", "met"),
        ("low: 700, high: 800", "missed"),
        ("low: 653, high: 800", "not surely"),
    ],
)
def test_what_random_variation_leaves_open_is_not_called_sure(tmp_path, interval, said):
    _, found = table(tmp_path, [("value: 690, tolerance: 40", interval)])
    assert presets.verdict(found.loc["spent"]).endswith(said)


def test_the_ensemble_stands_beside_it_and_conflicts_are_named(tmp_path):
    known = ensemble(tmp_path)
    study, found = table(tmp_path, found=known)
    spent, ratio = found.loc["spent"], found.loc["ratio"]
    assert spent["ensemble_median"] == pytest.approx(655)
    assert (ratio["ensemble_median"], ratio["members_met"]) == (pytest.approx(3.5), 0.75)
    assert np.isnan(found.loc["other", "ensemble_median"])  # of what is held only the share is kept
    assert found.loc["other", "members_met"] == 1
    assert spent["conflicts_with"] == "ratio"
    told = list(presets.findings(study, found.reset_index(), 16, known))
    assert told == [
        "tiny: the market as it is meets 2 of 2 targets (16 runs).",
        "Met here, and missed by most of the ensemble: spent; it conflicts with ratio (2 of the 9 "
        "runs give both).",
    ]
    first, sources = presets.views(study, found.reset_index())
    assert first.rows[0][:2] == ["spent", "650 to 730"]
    assert first.rows[0][-2:] == ["25.0 %", "ratio"]
    assert [row[2] for row in sources.rows] == ["books", "books", "nothing"]


def test_a_missed_target_is_said_to_be_missed(tmp_path):
    known = ensemble(tmp_path)
    study, found = table(
        tmp_path, [("value: 690, tolerance: 40", "value: 790, tolerance: 40")], known
    )
    told = list(presets.findings(study, found.reset_index(), 16, known))
    assert told[0] == "tiny: the market as it is meets 1 of 2 targets (16 runs)."
    assert told[1].startswith("Missed: spent; it conflicts with ratio (")
    assert told[-1] == "The ensemble was made for other targets: spent."


def test_targets_that_the_study_no_longer_has_are_named(tmp_path):
    more = {"targets": {"gone": {"low": 0, "high": 1}}}
    study = load(write(tmp_path))
    assert presets.other_targets(study, ensemble(tmp_path)) == []
    assert presets.other_targets(study, ensemble(tmp_path, **more)) == [
        "spent", "ratio", "other", "gone",
    ]  # fmt: skip


def test_a_number_that_no_run_gives_is_not_defined(tmp_path):
    study = load(write(tmp_path))
    y = np.full((4, 3), np.nan)
    found = presets.compared(study, y, None)
    assert [presets.verdict(row) for row in found.to_dict("records")] == ["not defined"] * 3
    assert presets.views(study, found)[0].rows[0][2:5] == ["–", "–", "not defined"]


def test_an_unknown_study_and_one_of_another_kind_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no calibrate study 'skincar'; did you mean 'skincare'"):
        presets.study_of("skincar")
    (tmp_path / "market.yaml").write_text("use: skincare\n")
    with pytest.raises(UsageError, match="a `run` study has no targets"):
        presets.study_of(str(tmp_path / "market.yaml"))


def test_the_command_prints_target_ours_and_interval(tmp_path):
    path = write(tmp_path, [("engine: inline", "engine: inline, workers: 1")])
    ensemble(tmp_path)
    done = run_as_process("targets", path, "--runs", 2, "--ensemble", "found", folder=tmp_path)
    out, err = done.communicate()
    assert done.returncode == 0, err
    assert "tiny: the market as it is meets " in out.splitlines()[0]
    assert "650 to 730" in out and "books" in out
    assert "tiny: 2 runs" in err


# -- what is shipped ------------------------------------------------------------------------------

CALIBRATED = [name for name in presets.shipped() if name in ensembles.shipped()]


@pytest.mark.parametrize("preset", presets.shipped())
def test_a_preset_without_an_ensemble_says_that_it_is_not_calibrated(preset):
    notice = load_market(preset).notice
    assert ("not calibrated" in notice) is (preset not in CALIBRATED)


@pytest.mark.parametrize("preset", CALIBRATED)
def test_a_preset_has_the_values_of_a_market_of_its_ensemble(preset):
    found = ensembles.read(preset)
    about = found.about["study"]
    assert about == {"name": preset, "hash8": presets.study_of(preset).hash8}
    assert presets.other_targets(presets.study_of(preset), found) == []
    text = layers.presets()[preset].read_text("utf-8")
    (named,) = re.findall(rf"^set:  # market (s\d+) of configs/ensembles/{preset}.csv", text, re.M)
    member = next(member for member in found.members if member.id == named)
    assert ship.with_values(text, member, about) == text


@pytest.mark.parametrize("preset", CALIBRATED)
def test_an_ensemble_goes_with_its_preset_without_a_remark(preset, tmp_path):
    market = f"market: {{use: {preset}, ensemble: {preset}}}\n"
    (tmp_path / "over.yaml").write_text(f"study: compare\n{market}arms: {{a: , b: }}\n")
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        load(tmp_path / "over.yaml")
    assert remarks == []


def test_a_study_s_medoid_is_put_into_a_market_file():
    member = Member("s3", "stated", 1.0, {"people.n": 40, "discount": 0.123456, "brands.*.x": 1e-6})
    once = ship.with_values("# A market.\ndays: 3\n", member, {"name": "tea"})
    assert once.startswith("# A market.\ndays: 3\n\nset:  # market s3 of configs/ensembles/tea.csv")
    set_to = yaml.safe_load(once)["set"]
    assert set_to == {"people.n": 40, "discount": 0.1235, "brands.*.x": 1e-6}
    other = replace(member, id="s4", set={"discount": 0.2})
    twice = ship.with_values(once, other, {"name": "tea"})
    assert yaml.safe_load(twice) == {"days": 3, "set": {"discount": 0.2}}

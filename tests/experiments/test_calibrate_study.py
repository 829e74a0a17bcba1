"""A calibrate study from file to ensemble, on runs of known effects."""

import json
import math
import warnings

import pytest
import yaml
from calibrated import (
    COST,
    PRICE,
    RIVAL,
    carried_out,
    go,
    numbers,
    simulate,
    table,
    undefined,
    write,
)
from tiny_studies import MARKET

from experiments import ensembles, show, worker
from experiments.calibrate import stages
from experiments.calibrate.double import _whole, doubled, wider
from experiments.calibrate.waves import places
from experiments.conduct import reopen
from experiments.errors import Interrupted
from experiments.results import Results
from experiments.study import load
from sim.config.load import load_market
from sim.config.remarks import Remark


@pytest.fixture(autouse=True)
def without_pictures(monkeypatch):
    """Draw nothing: pictures take longer than all the rest. The study done once has them."""
    monkeypatch.setattr("experiments.report._pictures", lambda *_: [])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The study carried out once, for tests that only look at it."""
    folder = tmp_path_factory.mktemp("done")
    return carried_out(folder, load(write(folder)))


# -- from file to ensemble ------------------------------------------------------------------------


def test_three_waves_find_the_markets_that_meet_the_targets(done):
    last, outcome, tables = done
    assert outcome.done == outcome.planned == 3 * 32 * 2
    assert last.points.wave.tolist() == [1] * 32 + [2] * 32 + [3] * 32
    waves = tables["waves"]
    assert waves["met"].iloc[2] > waves["met"].iloc[0]
    assert waves["after"].iloc[2] < 0.05
    targets = tables["targets"].set_index("target")
    assert targets["members_met"][["spent", "ratio"]].tolist() == [1, 1]
    assert targets["met"].all() and (targets["implausibility"][["spent", "ratio"]] < 3).all()
    assert targets["role"].tolist() == ["fitted", "fitted", "held"]
    parameters = tables["parameters"].set_index("parameter")
    assert parameters["narrowed"].tolist() == [True, True, False]
    assert parameters["ratio"][PRICE] < 0.2 and parameters["ratio"][RIVAL] > 0.9
    assert parameters["narrowed_by"][PRICE] == "spent" and parameters["narrowed_by"][RIVAL] == ""
    members = tables["ensemble"]
    assert len(members) == 8 and members["met"].all() and members["medoid"].sum() == 1
    price, cost = members[PRICE], members[COST]
    assert (abs(3 * price + cost - 690) < 45).all() and (abs(price / cost - 3.6) < 0.35).all()


def test_what_is_handed_over_loads_and_says_where_it_comes_from(done):
    last, outcome, tables = done
    found = ensembles.read(outcome.store.folder / "ensemble" / "stated")
    assert [m.id for m in found.members] == [f"s{k:03d}" for k in range(8)]
    assert sum(m.weight for m in found.members) == pytest.approx(1)
    assert set(found.free) == {PRICE, COST, RIVAL} == set(found.members[0].set)
    assert isinstance(found.members[0].set[COST], int)
    about = found.about
    assert about["study"] == {"name": "tiny", "hash8": last.hash8}
    assert about["not_identified"] == [RIVAL] and about["missed"] == {}
    assert about["targets"]["ratio"]["kind"] == "vendor" and about["targets"]["ratio"]["met"] == 1
    assert len(about["waves"]) == 3 and about["waves"][0]["runs"] == 64
    market = load_market(outcome.store.folder / "market.yaml")
    medoid = tables["ensemble"].loc[tables["ensemble"]["medoid"]].iloc[0]
    assert market.brands["A"].products["cream"].price == medoid[PRICE]
    point = int(medoid["point"])
    assert last.points.market(point)["brands"]["A"]["products"]["cream"]["price"] == medoid[PRICE]


OVER = """\
study: compare
market: {use: market.yaml, ensemble: STEM}
arms: {none: , followup: {brands.A.strategies: {service_followup: {}}}}
"""


def test_an_ensemble_knows_the_market_that_it_was_calibrated_in(done, tmp_path):
    (tmp_path / "over.yaml").write_text(
        OVER.replace("STEM", str(done[1].store.folder / "ensemble" / "stated"))
    )
    own = ("price: 199, unit_cost: 56", "price: 250, unit_cost: 60")  # these are free
    with warnings.catch_warnings():
        warnings.simplefilter("error", Remark)
        for market in (MARKET, MARKET.replace(*own)):
            (tmp_path / "market.yaml").write_text(market)
            load(tmp_path / "over.yaml")
    (tmp_path / "market.yaml").write_text(MARKET.replace("fault_rate: 0.1", "fault_rate: 0.2"))
    with pytest.warns(Remark, match="was calibrated in another market"):
        load(tmp_path / "over.yaml")


def test_a_scale_is_handed_over_as_what_comes_out(tmp_path):
    scaled = [("cream.unit_cost: {integers: [40, 80]}", "cream.unit_cost: {scale: [0.7, 1.4]}")]
    _, outcome, _ = carried_out(tmp_path, load(write(tmp_path, scaled)))
    found = ensembles.read(outcome.store.folder / "ensemble" / "stated")
    base = yaml.safe_load(MARKET)["brands"]["A"]["products"]["cream"]["unit_cost"]
    costs = [member.set[COST] for member in found.members]
    assert all(0.7 * base <= cost <= 1.4 * base for cost in costs)


def test_choices_are_handed_over_as_they_are(tmp_path):
    more = [("loguniform}\n", "loguniform}\n  brands.A.strategies: {choices: [{}, {none: {}}]}\n")]
    last, outcome, _ = carried_out(tmp_path, load(write(tmp_path, more)))
    found = ensembles.read(outcome.store.folder / "ensemble" / "stated")
    assert all(m.set["brands.A.strategies"] in ({}, {"none": {}}) for m in found.members)
    assert set(last.points.sample.unit[:, 3]) == {0.25, 0.75}


def test_the_page_says_what_was_found(done):
    last, outcome, tables = done
    text = " ".join(last.rules.findings(last, tables))
    assert "The ensemble has 8 markets, of which 8 meet all targets" in text
    assert "Stay at their range, for no target fixes them: B.products.cream.price." in text
    assert "Held out: other" in text
    assert set(show.draw(last, tables)) == {
        "targets", "marginals", "pairs", "waves", "emulators", "influence",
    }  # fmt: skip
    page = (outcome.store.folder / "report.html").read_text("utf-8")
    assert "Targets against what the markets give" in page and "vendor" in page


def test_targets_that_conflict_are_named_with_each_other(tmp_path):
    against = [("low: 3.3, high: 3.9", "low: 6.8, high: 7.2")]
    last, _, tables = carried_out(tmp_path, load(write(tmp_path, against)))
    targets = tables["targets"].set_index("target")
    missed = targets[targets["missed"].eq(True)]
    assert len(missed)
    assert set(missed["conflicts_with"]) <= {"spent", "ratio"} - {""}
    text = " ".join(last.rules.findings(last, tables))
    assert "Missed:" in text and "conflicts with" in text


def test_a_target_out_of_reach_leaves_nothing_and_the_study_still_ends(tmp_path):
    beyond = [("value: 690, tolerance: 40", "value: 5000, tolerance: 40")]
    last, outcome, tables = carried_out(tmp_path, load(write(tmp_path, beyond)))
    assert tables["waves"]["level"].iloc[-1] > 1
    text = " ".join(last.rules.findings(last, tables))
    assert "Before wave 3 nothing was left" in text
    assert "the targets together say nothing of the parameters" in text
    assert not tables["parameters"]["narrowed"].any()
    assert "Every market that was run is ruled out" in text
    about = yaml.safe_load((outcome.store.folder / "ensemble" / "stated.yaml").read_text())
    assert "spent" in about["missed"]


def test_a_target_that_no_run_gives_a_number_for_leaves_no_ensemble(tmp_path):
    def never(job, record):
        return table(numbers(job) | {"aov": math.nan})

    last, outcome, tables = carried_out(tmp_path, load(write(tmp_path)), never)
    assert tables["ensemble"].empty and not (outcome.store.folder / "ensemble").exists()
    text = " ".join([*last.rules.findings(last, tables), *last.rules.caveats(last, tables)])
    assert "No market gave a number for every target" in text
    assert "Missed: ratio; no run gives it at all." in text and "Missed: spent" not in text
    assert "ratio had too few numbers in wave 1 (0) for an emulator" in text
    assert len(show.draw(last, tables)) == 5


# -- runs that give nothing -----------------------------------------------------------------------


def test_runs_without_a_number_are_counted_and_never_chosen(tmp_path):
    last, outcome, tables = carried_out(tmp_path, load(write(tmp_path)), undefined)
    targets = tables["targets"].set_index("target")
    low = int((last.points.sample.unit[:, 0] < 0.25).sum())
    assert targets["undefined"]["ratio"] == 2 * low > 0 and targets["undefined"]["spent"] == 0
    assert (tables["ensemble"][PRICE] >= 150).all()
    text = " ".join(show.caveats(last, outcome, tables))
    assert f"ratio is not defined in {2 * low} runs" in text


def test_failed_runs_are_missing_and_the_waves_go_on(tmp_path):
    def failing(job, record):
        if job.arm in ("3", "40"):
            raise ValueError("this run fails")
        return simulate(job, record)

    last, outcome, tables = carried_out(tmp_path, load(write(tmp_path)), failing)
    assert tables["waves"]["missing"].tolist() == [2, 2, 0]
    assert len(tables["ensemble"]) == 8
    assert "4 runs of 192 failed" in " ".join(show.caveats(last, outcome, tables))


# -- again, further, and after an interruption ----------------------------------------------------


def _bytes(outcome):
    folder = outcome.store.folder
    names = ["ensemble/stated.csv", "ensemble/stated.yaml", "market.yaml"]
    names += [f"waves/wave-{k}.json" for k in (2, 3)]
    summary = json.loads((folder / "summary.json").read_text())
    tables = {name: table.to_csv() for name, table in outcome.store.tables().items()}
    return [(folder / name).read_bytes() for name in names], summary["targets"], tables


@pytest.mark.parametrize("stop", [5, 64, 70, 158])
def test_a_study_stopped_in_any_wave_carries_on_to_the_same_bits(done, tmp_path, stop):
    _, outcome, _ = done
    asked = [0]

    def until(job, record):
        asked[0] += 1
        if asked[0] > stop:
            raise KeyboardInterrupt
        return simulate(job, record)

    with pytest.raises(Interrupted):
        go(tmp_path, load(write(tmp_path)), until)
    _stages_forget()
    _, resumed, _ = carried_out(tmp_path, load(write(tmp_path)))
    assert resumed.planned == outcome.planned
    assert _bytes(resumed) == _bytes(outcome)


def _stages_forget():
    stages._fitted.clear()


def test_the_same_study_again_computes_nothing_and_fits_nothing(done, monkeypatch):
    _, before, _ = done
    folder = before.store.folder.parent.parent
    _stages_forget()
    monkeypatch.setattr("experiments.calibrate.matching.fit", None)
    _, again = go(folder, load(folder / "tiny.yaml"))
    assert again.computed == 0 and again.done == before.done


def test_more_waves_extend_a_study_in_its_folder(tmp_path):
    two = [("waves: 3", "waves: 2")]
    _, before, _ = carried_out(tmp_path, load(write(tmp_path, two)))
    _, after, _ = carried_out(tmp_path, load(write(tmp_path)))
    assert after.store.folder == before.store.folder
    assert (before.planned, after.planned, after.computed) == (128, 192, 64)


@pytest.mark.parametrize(
    "change",
    [
        ("tolerance: 40", "tolerance: 41"),
        ("low: 0, high: 1", "low: 0, high: 2"),
        ("runs: 32", "runs: 33"),
        ("[100, 300]", "[100, 301]"),
    ],
)
def test_other_targets_or_ranges_are_another_study(tmp_path, change):
    assert load(write(tmp_path)).hash8 != load(write(tmp_path, [change])).hash8


def test_what_the_market_has_for_what_is_free_is_not_part_of_the_study(tmp_path):
    before = load(write(tmp_path)).hash8
    for old, new, same in (("price: 199, u", "price: 150, u", True), ("0.1}", "0.2}", False)):
        (tmp_path / "market.yaml").write_text(MARKET.replace(old, new))
        assert (load(tmp_path / "tiny.yaml").hash8 == before) is same


def test_a_wave_that_is_kept_is_of_the_results_that_led_to_it(done, tmp_path):
    path = done[1].store.folder / "waves" / "wave-2.json"
    assert stages.read(path, "other results") is None
    data = json.loads(path.read_text())
    assert stages.read(path, data["key"]).unit.tolist() == data["unit"]
    torn = tmp_path / "wave-2.json"
    torn.write_text("torn")
    assert stages.read(torn) is None


def test_a_folder_is_read_where_it_is(done):
    last, outcome, tables = done
    study, again = reopen(outcome.store.folder)
    assert (study.kind, again.done) == ("calibrate", outcome.done)
    assert study.hash8 == last.hash8
    unit, wave = places(again.design)
    assert (unit == last.points.sample.unit).all() and wave.tolist() == last.points.wave.tolist()
    made = study.rules.tables(study, again.store, again.design)
    assert made["targets"].equals(tables["targets"])
    assert made["ensemble"][PRICE].tolist() == tables["ensemble"][PRICE].tolist()
    results = Results(outcome.store.folder)
    assert len(results.responses) == 192 and "gmv" in results.responses


# -- ranges twice as wide -------------------------------------------------------------------------


def test_the_same_once_more_with_ranges_twice_as_wide(tmp_path):
    wide = [("ensemble: 8}", "ensemble: 8, doubled: true}")]
    last, outcome, tables = carried_out(tmp_path, load(write(tmp_path, wide)))
    names = sorted(path.name.rsplit("-", 1)[0] for path in (tmp_path / "results").iterdir())
    assert names == ["tiny", "tiny-doubled"]
    folder = outcome.store.folder / "ensemble"
    both, stated = ensembles.read(folder / "both"), ensembles.read(folder / "stated")
    assert [m.ranges for m in both.members] == ["stated"] * 8 + ["doubled"] * 8
    assert both.members[:8] == stated.members
    assert both.about["free_doubled"][COST]["integers"] == [20, 100]
    assert "With ranges twice as wide it has 8 markets." in last.rules.findings(last, tables)


def test_wider_ranges_are_twice_as_wide_as_far_as_bounds_allow(tmp_path):
    free = [
        (
            "free:\n",
            "free:\n  behaviour.awareness.touch: {range: [0.2, 0.9]}\n"
            "  network.mean_degree: {choices: [2, 4]}\n"
            "  behaviour.talk.rate: {scale: [0.5, 2], dist: loguniform}\n",
        )
    ]
    study = load(write(tmp_path, free))
    wide = {f.name: f.spec for f in doubled(study).points.factors}
    assert wide[PRICE].range == (0, 400) or wide[PRICE].range == pytest.approx((0, 400), abs=0.01)
    assert wide[COST].integers == (20, 100)
    assert wide[RIVAL].range == pytest.approx((25, 400))
    assert wide["behaviour.awareness.touch"].range == (0, 1)
    assert wide["network.mean_degree"].choices == [2, 4]
    assert wide["behaviour.talk.rate"].scale == pytest.approx((0.25, 4))
    assert doubled(study).hash8 != study.hash8
    factor = study.points.factors[0]
    assert wider(factor, study.base).paths == factor.paths


def test_a_bound_of_whole_numbers_is_found_in_few_steps():
    asked = []

    def fits(value):
        asked.append(value)
        return value >= 7

    assert _whole(fits, 1000, -(10**9)) == 7 and len(asked) < 40
    assert _whole(fits, 1000, 2000) == 2000


# -- the real thing -------------------------------------------------------------------------------

REAL = """\
schema: 1
study: calibrate
market: {use: market.yaml}
free:
  brands.A.advertising.spend: {range: [5, 400], dist: loguniform}
  categories.cream.usage.mean: {range: [10, 40]}
targets:
  known: {metric: awareness, low: 0.5, high: 0.9, source: a survey}
  gap: {metric: order_gap, low: 5, high: 60, source: books}
lift_tests:
  reminder: {strategies: {service_followup: {}}, low: -40, high: 60, source: an experiment}
method: {waves: 2, runs: 12, ensemble: 4}
execute: {engine: inline}
"""


def test_a_real_market_from_file_to_ensemble(tmp_path):
    (tmp_path / "market.yaml").write_text(MARKET)
    (tmp_path / "real.yaml").write_text(REAL)
    _, outcome, tables = carried_out(tmp_path, load(tmp_path / "real.yaml"), worker.simulate)
    assert outcome.done == outcome.planned == 48
    found = ensembles.read(outcome.store.folder / "ensemble" / "stated")
    assert 1 <= len(found.members) <= 4
    assert tables["targets"].set_index("target")["undefined"]["known"] == 0
    load_market(outcome.store.folder / "market.yaml")

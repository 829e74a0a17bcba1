"""What is computed can be read for ever; what cannot be repeated as it was is not passed off so."""

import dataclasses
import io
import json
import shutil
import warnings
from pathlib import Path

import pytest
import yaml
from tiny_studies import MARKET, Notes, fake, write_study

import experiments
from experiments import console, identity
from experiments.conduct import conduct
from experiments.errors import StorageError, UsageError
from experiments.report import present
from experiments.store import Store
from experiments.study import load
from sim.strategies.interface import Does, Strategy, Touch

SMALL = "network: {kind: small_world, mean_degree: 4, rewire: 0.1}"
EDGES = "network: {kind: edge_list, file: ties.csv}"
TIES = "".join(f"{k},{k + 1}\n" for k in range(79))
OTHER_TIES = "".join(f"{k},{(k + 7) % 80}\n" for k in range(73))
TALK = "behaviour: {talk: {rate: 0.1, trigger: 0.5}}"
"""So much that it matters who knows whom."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A finished comparison in a market whose network is a file, and what was shown of it."""
    folder = tmp_path_factory.mktemp("built")
    write_study(folder, 2)
    (folder / "market.yaml").write_text(MARKET.replace(SMALL, f"{EDGES}\n{TALK}"))
    (folder / "ties.csv").write_text(TIES)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        study = load("tiny.yaml")
        outcome = conduct(study, Path("results"), Notes())
        stream = io.StringIO()
        console.show(console.make(stream), study, outcome, present(study, outcome)[0])
    return folder, stream.getvalue()


@pytest.fixture
def networked(built, huitou, tmp_path):
    """The folder of that study in a place of its own, and what was shown."""
    shutil.copytree(built[0], tmp_path, dirs_exist_ok=True)
    return next((tmp_path / "results").iterdir()), built[1]


def everything(folder):
    """All that a notebook can ask for, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = experiments.load(str(folder))
        assert results.runs["gmv"].notna().all()
        assert len(results.responses) == len(results.design)
        assert results.findings
        assert results.plots.incremental().axes


@pytest.fixture
def gone(networked, tmp_path):
    folder, out = networked
    (tmp_path / "ties.csv").unlink()
    return folder, out


def test_without_its_network(huitou, gone, tmp_path):
    folder, out = gone
    everything(folder)
    code, again, err = huitou("report", folder)
    assert (code, err) == (0, "")
    assert again.replace(str(tmp_path) + "/", "") == out
    (folder / "summary.json").unlink()  # so that all is made afresh
    everything(folder)
    assert huitou("report", folder)[1] == again
    code, _, err = huitou("compare", "tiny.yaml")  # but it cannot be extended
    assert code == 2 and "there is no file 'ties.csv'" in err


def test_in_another_place(networked, tmp_path, monkeypatch):
    (tmp_path / "far").mkdir()
    there = networked[0].rename(tmp_path / "far" / "away")
    (tmp_path / "ties.csv").unlink()
    monkeypatch.chdir(tmp_path / "far")
    everything(there)


def test_in_a_folder_that_cannot_be_written(huitou, networked, monkeypatch):
    folder, out = networked
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    (folder / "summary.json").write_text("{")
    before.pop(folder / "summary.json")

    def refuse(path, content):
        raise StorageError(f"cannot write to {path}: the file system is read-only")

    monkeypatch.setattr("experiments.report.write_bytes", refuse)
    code, again, err = huitou("report", folder)
    assert code == 0
    assert again.splitlines()[:5] == out.splitlines()[:5]
    assert err.startswith("huitou: no report is written: cannot write to")
    everything(folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.fixture
def passing(known_strategies):
    """A strategy that is not known for ever."""

    class Passing(Strategy):
        """Send a touch."""

        strength: float = 1.0

        def journey(self, product):
            yield Touch("visit", Does.DELIGHT, day=2, cost=10 * self.strength)

    return known_strategies


def test_without_its_strategy(huitou, tmp_path, passing):
    path = write_study(tmp_path, 2, strategies="{passing: {strength: 2}}")
    assert huitou("compare", path)[0] == 0
    del passing["passing"]
    folder = next((tmp_path / "results").iterdir())
    everything(folder)
    (folder / "summary.json").unlink()
    everything(folder)
    assert huitou("report", folder)[0] == 0
    code, _, err = huitou("compare", path)
    assert code == 2 and "unknown strategy" in err
    code, out, err = huitou("repeat", folder, Store(folder).design()["run_id"].iloc[0])
    assert (code, out) == (1, "")
    assert "cannot be repeated: its market cannot be made here any more" in err


SWEEP = """\
study: sweep
market: {use: market.yaml, set: {brands.A.strategies: {passing: {}}}}
factors:
  brands.A.strategies.passing.strength: {range: [0, 3]}
  brands.A.products.cream.price: {choices: [150, 199]}
response: long_run_contribution
design: {name: grid, levels: 2}
execute: {engine: inline}
"""


def test_a_sweep_without_its_strategy(huitou, tmp_path, passing):
    write_study(tmp_path)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    code, _, err = huitou("sweep", "sweep.yaml")
    assert code == 0, err
    del passing["passing"]
    folder = next((tmp_path / "results").iterdir())
    code, _, err = huitou("report", folder)
    assert (code, err) == (0, "")
    (folder / "summary.json").unlink()
    assert huitou("report", folder)[0] == 0
    assert experiments.load(str(folder)).summary


def test_after_the_rules_have_changed(huitou, networked, tmp_path):
    """A value that was allowed at the time, and a parameter that there is no more."""
    folder, out = networked
    config = folder / "config.resolved.yaml"
    data = yaml.safe_load(config.read_text())
    data["market"]["people"]["exit_rate"] = -1.0
    data["market"]["moon"] = "full"
    config.write_text(yaml.safe_dump(data))
    everything(folder)
    code, again, _ = huitou("report", folder)
    assert code == 0 and again.splitlines()[:5] == out.splitlines()[:5]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("schema: 1", "schema: 2", "schema"),
        ("long_run_revenue", "revenue_of_old", "there is no metric"),
        ("study: compare", "study: compare_all", "study: must be"),
    ],
)
def test_a_study_that_is_not_understood_is_shown_as_it_was_written(
    huitou, networked, old, new, why
):
    folder, _ = networked
    config = folder / "config.resolved.yaml"
    config.write_text(config.read_text().replace(old, new))
    results = experiments.load(str(folder))
    with pytest.warns(UserWarning, match=f"This is the summary as it was written.*{why}"):
        assert {"effects", "arms"} <= results.summary.keys()
    assert results.findings == json.loads((folder / "summary.json").read_text())["findings"]
    assert len(results.runs) == 8
    code, said, _ = huitou("report", folder)
    assert code == 0
    assert "This is the summary as it was written" in said and why in said
    assert results.findings[0] in said
    (folder / "summary.json").unlink()
    assert huitou("report", folder)[0] == 2


def test_without_a_library_that_its_tables_need(networked, monkeypatch):
    from experiments.errors import MissingLibrary
    from experiments.results import Results

    folder, _ = networked
    assert Results(folder).summary
    monkeypatch.setattr("experiments.summary.fingerprint", lambda *_: "the program has changed")

    def need(*_):
        raise MissingLibrary("this analysis needs SALib: pip install 'huitou[sensitivity]'")

    results = Results(folder)
    rules = dataclasses.replace(results.study.rules, tables=need)
    monkeypatch.setattr("experiments.study.Study.rules", rules)
    with pytest.warns(UserWarning, match="for it cannot be made now: this analysis needs SALib"):
        assert "effects" in results.summary


def test_what_is_missing_or_torn_is_one_clear_error(huitou, networked, tmp_path):
    folder, _ = networked
    (folder / "manifest.json").write_text('{"schema": 1, "na')
    (folder / "summary.json").unlink()
    everything(folder)
    code, out, _ = huitou("report", folder)
    assert code == 0 and "manifest.json cannot be read" in out
    config = (folder / "config.resolved.yaml").read_text()
    (folder / "config.resolved.yaml").write_text(config[: len(config) // 3])
    (folder / "summary.json").unlink()
    assert huitou("report", folder)[0] == 2
    (folder / "config.resolved.yaml").unlink()
    code, _, err = huitou("report", folder)
    assert code == 2 and "has runs, but its config.resolved.yaml is gone" in err
    with pytest.raises(UsageError, match="is gone"):
        experiments.load(str(folder))
    code, _, err = huitou("compare", "tiny.yaml")  # as that says
    assert code == 0 and "0 of" not in err
    assert (folder / "config.resolved.yaml").read_text() == config
    (folder / "design.parquet").write_bytes(b"PAR1")
    code, _, err = huitou("report", folder)
    assert code == 1 and "no readable design.parquet" in err


def test_metrics_by_other_definitions_are_not_read_silently(huitou, networked, monkeypatch):
    folder, _ = networked
    monkeypatch.setattr("experiments.show.metrics_version", lambda: "new")
    with pytest.warns(UserWarning, match=r"computed by other definitions \(version .*\(new\)"):
        results = experiments.load(str(folder))
    assert results.findings
    (folder / "summary.json").unlink()
    code, out, _ = huitou("report", folder)
    assert code == 0 and "computed by other definitions" in out
    assert "computed by other definitions" in (folder / "report.html").read_text()


# -- a run again ----------------------------------------------------------------------------------


def first_run(folder):
    return Store(folder).design()["run_id"].iloc[1]


def test_a_run_is_repeated_bit_by_bit(huitou, networked):
    folder, _ = networked
    code, out, _ = huitou("repeat", folder, first_run(folder)[:8])
    assert code == 0
    assert "equal, bit by bit, to the results on disk" in out
    assert huitou("repeat", folder, "zzzz")[0] == 2


def test_a_run_whose_network_has_changed_is_not_repeated(huitou, networked, tmp_path):
    folder, _ = networked
    (tmp_path / "ties.csv").write_text(OTHER_TIES)
    code, out, err = huitou("repeat", folder, first_run(folder))
    assert (code, out) == (1, "")
    assert "cannot be repeated as it was: the data file ties.csv has changed" in err
    code, out, _ = huitou("repeat", folder, first_run(folder), "--anyway")
    assert code == 0
    assert "NOT as it was: the data file ties.csv has changed" in out
    assert "NOT the results on disk: " in out and " on disk, " in out
    assert "equal, bit by bit" not in out


def test_a_run_whose_network_is_gone_is_not_repeated(huitou, gone):
    folder, _ = gone
    code, out, err = huitou("repeat", folder, first_run(folder), "--anyway")
    assert (code, out) == (1, "")
    assert "its market cannot be made here any more" in err and "ties.csv" in err


@pytest.mark.parametrize(
    ("what", "value", "words"),
    [
        ("code_version", lambda strategies: "other", "the code of the program has changed"),
        ("metrics_version", lambda: "other", "the definitions of metrics have changed (version"),
    ],
)
def test_a_run_of_other_code_is_not_repeated(huitou, networked, monkeypatch, what, value, words):
    folder, _ = networked
    monkeypatch.setattr(identity, what, value)
    code, out, err = huitou("repeat", folder, first_run(folder))
    assert (code, out) == (1, "")
    assert words in err
    code, out, _ = huitou("repeat", folder, first_run(folder), "--anyway")
    assert code == 0
    assert f"NOT as it was: {words}" in out and "equal, bit by bit" in out


def test_numbers_that_differ_though_nothing_has_changed_are_an_error(
    huitou, networked, monkeypatch
):
    from experiments import repeat

    folder, _ = networked

    def shifted(job, record):
        tables = repeat_simulate(job, record)
        runs = tables["runs"].to_pandas()
        runs.loc[0, "gmv"] += 1
        return {**tables, "runs": tables["runs"].from_pandas(runs, preserve_index=False)}

    repeat_simulate = repeat.simulate
    monkeypatch.setattr(repeat, "simulate", shifted)
    code, out, _ = huitou("repeat", folder, first_run(folder))
    assert code == 1
    assert "NOT the results on disk: 1 number differ" in out
    assert "gmv of A: " in out


# -- data that change while a study runs -----------------------------------------------------------


def test_data_that_change_while_a_study_runs_are_not_taken_for_the_old(tmp_path):
    path = write_study(tmp_path, 3, fraction=1)
    (tmp_path / "market.yaml").write_text(MARKET.replace(SMALL, f"{EDGES}\n{TALK}"))
    (tmp_path / "ties.csv").write_text(TIES)

    def meddling(job, record):
        if job.replicate == 1:
            (tmp_path / "ties.csv").write_text(OTHER_TIES)
        return fake(job, record)

    asked = load(path)
    outcome = conduct(asked, tmp_path / "results", Notes(), simulate=meddling)
    assert (outcome.planned, outcome.done) == (6, 2)
    assert {row["replicate"] for row in outcome.failures} == {1, 2}
    assert "ties.csv changed while the study ran" in outcome.failures[0]["error"]

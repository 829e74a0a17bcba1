"""The command line, as a user meets it: words, exit codes, and never a traceback."""

import json
import re
import sys

import pytest
from tiny_studies import MARKET, run_as_process, write_study

from experiments import cli
from sim.config.market import MarketConfig
from sim.config.yaml_file import validate


@pytest.fixture
def market(tmp_path):
    path = tmp_path / "market.yaml"
    path.write_text(MARKET)
    return path


def test_a_market_is_run_and_shown(huitou, market):
    code, out, err = huitou("run", market)
    assert code == 0
    assert "GMV" in out and "90-day repeat rate" in out
    assert "One replicate gives no interval" in out
    assert "market: 1 run" in err
    folder = next((market.parent / "results").iterdir())
    names = {path.name for path in folder.iterdir()}
    assert {"manifest.json", "config.resolved.yaml", "design.parquet", "runs", "series"} <= names
    assert {"curves", "failures.jsonl", "summary", "summary.json", "report.html", "plots"} <= names
    assert f"{folder.name}/report.html" in out


def test_a_complete_study_is_shown_again_without_computing(huitou, market):
    first = huitou("run", market)
    code, out, err = huitou("run", market)
    assert (code, out) == (0, first[1])
    assert "nothing to compute" in err
    assert "1 of 1 run" not in err


def test_arms_are_compared_and_the_summary_says_what_was_found(huitou, tmp_path):
    code, out, _ = huitou("compare", write_study(tmp_path, 3, series="true"))
    assert code == 0
    for words in (
        "Each arm",
        "corr.",
        "p (Holm)",
        "return on spend",
        "long-run contribution profit of brand A",
    ):
        assert words in out
    folder = next((tmp_path / "results").iterdir())
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["runs"] == {"planned": 6, "done": 6}
    assert {row["arm"] for row in summary["effects"]} == {"followup"}
    assert {path.stem for path in (folder / "plots").iterdir()} == {
        "incremental", "rivals", "cumulative", "retention", "switching",
    }  # fmt: skip
    page = (folder / "report.html").read_text()
    assert "data:image/png;base64," in page
    assert "http" not in page.replace("http-equiv", "")  # self-contained


def test_quiet_prints_the_folder_only(huitou, market):
    code, out, err = huitou("run", market, "--quiet")
    assert (code, err) == (0, "")
    assert (market.parent / out.strip() / "report.html").exists()


def test_results_go_where_they_are_told(huitou, market, tmp_path):
    huitou("run", market, "-q", "--results", tmp_path / "else" / "where")
    assert len(list((tmp_path / "else" / "where").iterdir())) == 1
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MARKET.replace("days: 100", "dayz: 100"), "bad.yaml:1:1: dayz: unknown key; did you mean"),
        (MARKET.replace("n: 80", "n: -1"), "bad.yaml:4:10: people.n: must be >= 1 (got -1)"),
        ("a: [1\n", "bad.yaml:2:1: the text is not YAML"),
        ("study: run\nmarket: {use: nowhere}\n", "bad.yaml:2:10:"),
    ],
)
@pytest.mark.parametrize("command", ["run", "compare", "validate"])
def test_a_bad_file_is_explained_and_nothing_is_written(huitou, tmp_path, text, expected, command):
    (tmp_path / "bad.yaml").write_text(text)
    code, out, err = huitou(command, "bad.yaml")
    assert code == 2
    assert expected in err
    assert out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "nowhere.yaml"],
        ["run", "."],
        ["nonsense"],
        ["run", "--nonsense", "x"],
        ["run", "market.yaml", "--workers", "0"],
        ["compare", "market.yaml"],
        ["validate"],
        ["new", "nonsense"],
        ["repeat", "nowhere", "abc"],
    ],
)
def test_bad_usage_is_code_2(huitou, market, arguments):
    code, _, err = huitou(*arguments)
    assert code == 2
    assert err.strip()
    assert [path.name for path in market.parent.iterdir()] == ["market.yaml"]


def test_the_wrong_verb_is_put_right(huitou, tmp_path):
    code, _, err = huitou("run", write_study(tmp_path))
    assert code == 2
    assert "is a `compare` study: use `huitou compare" in err


def test_results_that_cannot_be_written_are_one_line(huitou, market):
    code, _, err = huitou("run", market, "--results", "/proc/nowhere")
    assert code == 1
    assert err.splitlines()[-1].startswith("huitou: cannot write to /proc/nowhere")


def test_validate_goes_through_all_files(huitou, tmp_path, market):
    good = write_study(tmp_path)
    (tmp_path / "bad.yaml").write_text("study: run\nmarket: {use: market.yaml, set: {days: 0}}\n")
    code, out, err = huitou("validate", good, "bad.yaml", market)
    assert code == 2
    assert f"ok  {good}: compare, 2 markets, 3 replicates of each" in out
    assert f"ok  {market}: run, 1 market, 1 replicate of each" in out
    assert "bad.yaml:2:34: market.days: must be >= 1 (got 0)" in err
    assert huitou("validate", good)[0] == 0


def test_strategies_as_a_table_and_for_programs(huitou):
    code, out, _ = huitou("strategies", "--json")
    listed = json.loads(out)
    assert code == 0
    assert {"name": "service_followup", "rows": [1, 2, 3, 4, 5]} in listed
    assert [item["name"] for item in listed] == sorted(item["name"] for item in listed)
    table = huitou("strategies")[1]
    assert "service_followup" in table and "1, 2, 3, 4, 5" in table and "Follow a first" in table


def test_the_version(huitou):
    code, out, _ = huitou("--version")
    assert code == 0
    assert out.startswith("huitou ")


@pytest.mark.parametrize("kind", ["run", "compare"])
def test_a_starter_file_is_explained_and_valid(huitou, tmp_path, kind):
    code, printed, _ = huitou("new", kind)
    assert code == 0
    assert "service_followup" in printed or kind == "run"
    assert "000,000,000,000" not in printed  # where a number has no bound, none is shown
    assert huitou("new", kind, "-o", "study.yaml")[0] == 0
    assert (tmp_path / "study.yaml").read_text() == printed
    assert huitou("validate", "study.yaml")[0] == 0


def test_a_starter_file_explains_each_parameter(huitou):
    printed = huitou("new", "run")[1]
    line = next(line for line in printed.splitlines() if line.strip().startswith("opt_out:"))
    for words in ("0.003", "chance per touch", "0 to 1", "opting out when rested", "Klaviyo"):
        assert words in line
    from sim.config.behaviour import Behaviour
    from sim.config.parameters import describe

    for group in describe(Behaviour):
        for info in describe(group.annotation):
            assert f"{info.name}: " in printed
            assert info.doc in printed


def test_a_starter_file_is_never_written_over_another(huitou, tmp_path):
    (tmp_path / "mine.yaml").write_text("mine")
    code, _, err = huitou("new", "-o", "mine.yaml")
    assert code == 2
    assert "--force" in err
    assert (tmp_path / "mine.yaml").read_text() == "mine"
    assert huitou("new", "-o", "mine.yaml", "--force")[0] == 0


@pytest.mark.parametrize("kind", ["run", "compare"])
def test_a_starter_file_runs(huitou, tmp_path, kind):
    text = (
        huitou("new", kind)[1]
        .replace("people.n: 2000", "people.n: 200")
        .replace("n: 2000", "n: 200")
    )
    text = text.replace("n: 20 ", "n: 2 ")
    if kind == "compare":
        text = text.replace("people.n: 200", "people.n: 200\n    days: 40\n    burn_in: 9")
    else:
        text = text.replace("days: 730", "days: 40").replace("burn_in: 365", "burn_in: 9")
    (tmp_path / "s.yaml").write_text(text.replace("engine: local", "engine: inline"))
    code, out, err = huitou(kind, "s.yaml")
    assert code == 0, err
    assert "Report:" in out


EDGES = "network: {kind: edge_list, file: gone.csv}"


@pytest.fixture
def vanishing(monkeypatch):
    """Let a file that a market names be gone between the check and the run."""
    monkeypatch.setattr("experiments.markets.check", lambda tree: validate(MarketConfig, tree))


def test_the_command_in_failures_jsonl_shows_the_failure(
    huitou, tmp_path, monkeypatch, capsys, vanishing
):
    small = "network: {kind: small_world, mean_degree: 4, rewire: 0.1}"
    (tmp_path / "m.yaml").write_text(MARKET.replace(small, EDGES))
    code, _, err = huitou("run", "m.yaml")
    assert code == 1
    assert "gone.csv" in err
    folder = next((tmp_path / "results").iterdir())
    row = json.loads((folder / "failures.jsonl").read_text())
    assert row["repeat"].startswith("huitou repeat results/")
    arguments = row["repeat"].split()[1:]
    monkeypatch.setattr(sys, "argv", ["huitou", *arguments])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 1
    assert "Traceback" in capsys.readouterr().err  # here it is what was asked for
    (tmp_path / "gone.csv").write_text("0,1\n1,2\n")
    assert huitou("run", "m.yaml")[0] == 0


def test_a_failed_arm_is_said_and_the_rest_is_shown(huitou, tmp_path, vanishing):
    path = write_study(tmp_path, 2, fraction=1, series="true")
    broken = "  broken: {network.kind: edge_list, network.file: gone.csv}\n"
    text = path.read_text().replace("arms:\n", "arms:\n" + broken)
    text = text.replace("arms:", "baseline: none\narms:")
    small = "network: {kind: small_world, mean_degree: 4, rewire: 0.1}"
    (tmp_path / "market.yaml").write_text(MARKET.replace(small, "network: {kind: none}"))
    path.write_text(text)
    code, out, _ = huitou("compare", path)
    assert code == 0
    assert "2 runs of 6 failed or were not computed yet, and are left out" in out
    assert "long-run contribution profit of brand A" in out


def test_one_pair_is_no_proof(huitou, tmp_path):
    code, out, _ = huitou("compare", write_study(tmp_path, 1, series="true"))
    assert code == 0
    assert "one pair gives no interval" in out


def test_a_reader_who_leaves_is_no_error(tmp_path):
    process = run_as_process("new", "run", folder=tmp_path)
    process.stdout.close()
    assert process.wait(60) in (0, 1)
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_terminal_without_our_signs(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    process = run_as_process("strategies", folder=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "service_followup" in out


# -- a folder by itself ---------------------------------------------------------------------------


def test_a_folder_is_shown_again_without_computing_anything(huitou, tmp_path, monkeypatch):
    path = write_study(tmp_path)
    _, out, _ = huitou("compare", path)
    folder = next((tmp_path / "results").iterdir())
    (folder / "report.html").unlink()
    monkeypatch.setattr("experiments.worker.simulate", None)
    code, again, _ = huitou("report", folder)
    assert code == 0
    assert again.replace(str(tmp_path) + "/", "") == out
    assert (folder / "report.html").exists()


def test_an_unfinished_folder_says_what_is_missing(huitou, tmp_path):
    path = write_study(tmp_path, 4)
    huitou("plan", path)  # a pilot of all 8 runs would finish it
    path.write_text(path.read_text().replace("n: 4", "n: 30"))
    assert huitou("plan", path)[0] == 0
    folder = next((tmp_path / "results").iterdir())
    code, out, _ = huitou("report", folder)
    assert code == 0
    assert "44 runs of 60 failed or were not computed yet" in out
    assert "8 of 30 replicates are complete" in out


def test_what_is_no_results_folder_is_said(huitou, tmp_path):
    code, _, err = huitou("report", tmp_path)
    assert code == 2 and "is not a results folder" in err


def test_a_plan_says_what_it_takes_and_a_budget_stops_it(huitou, tmp_path):
    path = write_study(tmp_path, 30)
    code, out, _ = huitou("plan", path)
    assert code == 0
    assert "Forecast from 16 runs" in out and "core-hours in all" in out
    assert "with 30 pairs expect" in out and "carries on" in out
    path.write_text(path.read_text() + "budget: {max_core_hours: 1e-9}\n")
    for command in ("plan", "compare"):
        code, _, err = huitou(command, path)
        assert code == 1
        assert "the study is not started" in err and "budget.max_core_hours allows 1e-09" in err
    assert len(list((tmp_path / "results").iterdir())) == 1  # its budget is no part of a study


def test_a_page_has_question_answer_method_and_origin(huitou, tmp_path):
    path = write_study(tmp_path)
    path.write_text(path.read_text() + "question: Does it pay?\n")
    code, out, _ = huitou("publish", path.name, "-o", "pages/does_it_pay")
    assert code == 0 and "wrote pages/does_it_pay/README.md" in out
    page = (tmp_path / "pages/does_it_pay/README.md").read_text()
    for text in ("# Does it pay", "Does it pay?", "95 % interval", "## Method", "base seed 1",
                 "huitou publish tiny.yaml -o pages/does_it_pay"):  # fmt: skip
        assert text in page
    for name in re.findall(r"\]\((.*?\.png)\)", page):
        assert (tmp_path / "pages/does_it_pay" / name).stat().st_size > 1000
    assert str(tmp_path) not in page


def test_two_studies_make_one_page(huitou, tmp_path):
    files = [write_study(tmp_path, name=f"{name}.yaml") for name in ("one", "two")]
    assert huitou("publish", *files, "-o", "pages/both")[0] == 0
    page = (tmp_path / "pages/both/README.md").read_text()
    assert "## one" in page and "## two" in page and page.count("### Method") == 2
    assert "What changed" not in page


def test_a_page_says_first_what_changed(huitou, tmp_path):
    path = write_study(tmp_path)
    (tmp_path / "new.md").write_text("It paid before: the market was another.\n")
    assert huitou("publish", path.name, "-o", "page", "--changes", "new.md")[0] == 0
    page = (tmp_path / "page/README.md").read_text()
    assert page.index("It paid before") < page.index("## Answer")
    assert "huitou publish tiny.yaml -o page --changes new.md" in page


@pytest.mark.parametrize(("text", "said"), [(None, "cannot read new.md"), ("\n", "is empty")])
def test_what_changed_is_read_before_anything_is_computed(huitou, tmp_path, text, said):
    path = write_study(tmp_path)
    if text is not None:
        (tmp_path / "new.md").write_text(text)
    code, _, err = huitou("publish", path.name, "-o", "page", "--changes", "new.md")
    assert code != 0 and said in err
    assert not (tmp_path / "results").exists() and not (tmp_path / "page").exists()

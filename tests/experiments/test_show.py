"""What is shown: numbers as text, tables, pictures that do not break on strange markets."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from tiny_studies import MARKET, Notes, write_study

from experiments import console, formats, show, tabular
from experiments.conduct import conduct
from experiments.study import load

nan = float("nan")


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (nan, "CNY", "–"),
        (0.0, "CNY", "0"),
        (1.234, "CNY", "1.23"),
        (0.00123, "CNY", "0.0012"),
        (99.96, "CNY", "100"),
        (999.4, "CNY", "999"),
        (999.9, "CNY", "1.00 k"),
        (-1234.5, "CNY", "−1.23 k"),
        (1.2345e6, "CNY", "1.23 M"),
        (4.5e9, "CNY", "4.50 G"),
        (0.12345, "share", "12.3 %"),
        (-0.00987, "share", "−0.99 %"),
        (0.0, "share", "0 %"),
        (12345.0, "people", "12,345"),
        (2.5, "months", "2.5"),
        (1.0, "share of runs", "100 %"),
        (0.4, "share of retail sales", "40.0 %"),
        (1234.0, "invitations", "1,234"),
        (0.00069, "friends per customer", "0.0007"),
        (1.25, "friends per customer", "1.25"),
    ],
)
def test_numbers(number, unit, text):
    assert formats.value(number, unit) == text


def test_p_values_and_durations():
    assert [formats.p_value(p) for p in (0.00003, 0.0012, 0.049, nan)] == [
        "<0.0001", "0.0012", "0.049", "–",
    ]  # fmt: skip
    assert [formats.seconds(x) for x in (1.23, 130, 7325)] == ["1.2 s", "2 min 10 s", "2 h 2 min"]
    assert formats.tick(-20_000) == "−20 k"


def outcome_of(tmp_path, text: str | None = None, n: int = 2):
    path = write_study(tmp_path, n, series="true")
    if text is not None:
        path = tmp_path / "other.yaml"
        path.write_text(text)
    study = load(path)
    outcome = conduct(study, tmp_path / "results", Notes())
    return study, outcome, study.rules.tables(study, outcome.store, outcome.design)


def test_what_a_comparison_says_in_words(tmp_path):
    study, outcome, tables = outcome_of(tmp_path)
    (text,) = study.rules.findings(study, tables)
    row = tables["responses"].iloc[0]
    if row["low"] > 0 or row["high"] < 0:
        start = r"followup (raises|lowers) long-run contribution profit of brand A by \S+( k)? CNY"
        start += r" against none \("
    else:
        start = r"Not distinguishable from zero: the effect of followup on long-run contribution "
        start += r"profit of brand A against none \(mean \S+( k)? CNY, "
    assert re.fullmatch(start + r"95 % interval \S+ to \S+( k)? CNY, 2 pairs[^)]*\)\.", text), text
    retention, horizon = show.caveats(study, outcome, tables)
    assert "Annual retention needs two years" in retention
    assert "Long-run results of" in horizon


def test_an_arm_without_effect_is_said_to_have_none(tmp_path):
    text = write_study(tmp_path).read_text().replace("service_followup: {}", "none: {}")
    text = text.replace("series: false", "series: true")
    study, _, tables = outcome_of(tmp_path, text)
    assert study.rules.findings(study, tables) == [
        "No effect: long-run contribution profit of brand A is exactly the same in followup and "
        "none, in all 3 pairs."
    ]


@pytest.mark.parametrize(
    "change",
    [
        ("awareness: 0.6", "awareness: 0"),  # nobody ever buys
        ("mean: 24, shape: 2}", "mean: 0, shape: 2}"),  # nobody ever needs anything
        ("unit_cost: 56", "unit_cost: 500"),  # every sale loses money
        ("days: 100\nburn_in: 20\nterminal_period: 10", "days: 1\nburn_in: 20\nterminal_period: 0"),
        ("n: 80}\nnetwork: {kind: small_world, mean_degree: 4, rewire: 0.1}", "n: 1}"),
    ],
)
def test_strange_markets_are_shown_all_the_same(tmp_path, change, capsys):
    text = MARKET.replace(*change)
    assert text != MARKET
    if "n: 1}" in text:
        text += "network: {kind: none}\n"
    if "awareness" in change[0]:
        text = text.replace("advertising: {spend: 50}", "share: 0.3")
    for kind, arms in (("run", ""), ("compare", "arms: {x: , y: {brands.A.service: 0.9}}\n")):
        body = text.replace("\n", "\n  ").rstrip()
        study, outcome, tables = outcome_of(
            tmp_path, f"study: {kind}\n{arms}replicates: {{n: 2}}\nmarket:\n  {body}\n"
        )
        figures = show.draw(study, tables)
        assert all(isinstance(figure, Figure) for _, figure in figures.values())
        for _, figure in figures.values():
            figure.savefig(tmp_path / "p.png", dpi=30)
        console.show(console.make(), study, outcome, tables)
    assert "Report:" in capsys.readouterr().out


def test_many_brands_do_not_make_a_table_nobody_can_read(tmp_path):
    one = "    products: {cream: {category: cream, price: 100, unit_cost: 50}}\n"
    many = "".join(f"  X{k}:\n{one}" for k in range(15))
    study, _, tables = outcome_of(tmp_path, MARKET + many)
    assert len(study.rules.views(study, tables)[0].columns) == 1 + tabular.MAX_BRANDS
    assert tables["metrics"]["brand"].nunique() == 17
    assert study.rules.views(study, tables)[0].note.startswith("10 of 17 brands: A and those with")
    assert show.draw(study, tables)


def test_replicates_give_intervals_and_pooled_curves(tmp_path):
    study, _, tables = outcome_of(tmp_path, f"study: run\nreplicates: {{n: 3}}\n{_inline()}")
    frame = tables["metrics"]
    assert (frame[frame["metric"] == "orders"]["n"] == 3).all()
    assert " ± " in study.rules.views(study, tables)[1].rows[0][1]
    single = study.with_replicates(1)
    assert single.hash8 == study.hash8
    from experiments.run.plots import _survival

    curve = _survival(tables["curves"], "A")
    assert np.all(np.diff(curve["survival"]) <= 0)


def _inline() -> str:
    return "market:\n  " + MARKET.replace("\n", "\n  ").rstrip() + "\n"


def test_people_from_a_log_are_held_against_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"c{k},2020-01-{1 + k % 28:02d}\nc{k},2020-02-{1 + k % 28:02d}" for k in range(40)]
    (tmp_path / "log.csv").write_text("\n".join(["id,date", *rows]) + "\n")
    text = MARKET.replace("n: 80", "n: 40, entry: {kind: log, log: log.csv}")
    study, outcome, tables = outcome_of(tmp_path, text)
    table = tables["log"]
    assert len(table) == 100
    assert table["real"].max() == 40
    assert "repeats" in show.draw(study, tables)
    view = study.rules.views(study, tables)[-1]
    assert view.columns[1:4] == ["model", "simulated", "real"]
    assert outcome.done == 1

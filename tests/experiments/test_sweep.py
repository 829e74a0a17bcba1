"""A sweep from its file to its tables, words and pictures, on runs whose means are known."""

import json
import re
import sys

import numpy as np
import pandas as pd
import pytest
import swept
from matplotlib.figure import Figure
from swept import said, truth

from experiments import cli, show
from experiments.conduct import conduct
from experiments.forecast import forecast, rows
from experiments.intervals import interval
from experiments.results import Results
from experiments.starter import starter
from experiments.study import load, resolved
from sim.config.yaml_file import parse

# -- tables ---------------------------------------------------------------------------------------


def test_runs_have_a_row_each_with_factors_and_response(tmp_path):
    own = swept.study(tmp_path)
    runs = swept.tables(own, tmp_path)["runs"]
    assert len(runs) == 40
    columns = ["run_id", "block", "replicate", "done", "point", "role"]
    assert list(runs.columns) == [*columns, "brands.A.late", "people.n", "long_run_revenue"]
    assert runs["done"].all()
    assert list(runs["point"][:3]) == ["base", "0", "1"]
    assert list(runs["replicate"]) == [k for k in range(4) for _ in range(10)]
    means = runs.groupby(["brands.A.late", "people.n"])["long_run_revenue"].mean()
    spread = means - [truth(*place) for place in means.index]
    assert np.ptp(spread) < 4  # shared luck is the same everywhere


def test_points_are_means_of_their_runs_and_are_compared_within_replicates(tmp_path):
    own = swept.study(tmp_path)
    tables = swept.tables(own, tmp_path)
    wide = tables["runs"].pivot(index="point", columns="replicate", values="long_run_revenue")
    table = tables["points"].set_index("point")
    for name in ("base", "0", "7"):
        row, y = table.loc[name], wide.loc[name].to_numpy()
        assert tuple(row[["mean", "low", "high", "n"]]) == pytest.approx(interval(y))
        gain = interval(y - wide.loc["base"].to_numpy())
        measured = ["difference", "difference_low", "difference_high", "pairs"]
        assert tuple(row[measured]) == pytest.approx(gain)
    assert list(table["planned"]) == [4] * 10
    assert (table["difference_high"] - table["difference_low"]).max() < 10  # 50 of luck is shared


def test_main_effects_average_over_the_other_factor(tmp_path):
    own = swept.study(tmp_path)
    tables = swept.tables(own, tmp_path)
    main = tables["main"].set_index(["factor", "level"])
    runs = tables["runs"][tables["runs"]["point"] != "base"]
    late = runs[runs["brands.A.late"] == 0.2].groupby("replicate")["long_run_revenue"].mean()
    everywhere = runs.groupby("replicate")["long_run_revenue"].mean()
    row = main.loc[("brands.A.late", "0.2")]
    assert (row["points"], row["at"]) == (3, pytest.approx(0.2))
    assert tuple(row[["mean", "low", "high"]]) == pytest.approx(interval(late.to_numpy())[:3])
    effect = interval((late - everywhere).to_numpy())
    assert tuple(row[["effect", "effect_low", "effect_high"]]) == pytest.approx(effect[:3])
    assert main.loc["people.n"]["effect"].tolist() == pytest.approx([-15, 0, 15], abs=2)


def test_the_heat_table_has_a_row_for_each_pair_of_levels(tmp_path):
    factors = """
  brands.A.late: {range: [0, 0.4]}
  people.n: {integers: [10, 40], step: 15}
  brands.B.late: {values: [0.1, 0.2]}
"""
    own = swept.study(tmp_path, factors=factors)
    tables = swept.tables(own, tmp_path)
    heat = tables["heat"]
    assert len(heat) == 9 + 6 + 6
    row = heat[(heat["x_level"] == "0.4") & (heat["y_level"] == "25")].iloc[0]
    assert (row["x"], row["y"], row["points"]) == ("brands.A.late", "people.n", 2)
    runs = tables["runs"]
    both = runs[(runs["brands.A.late"] == 0.4) & (runs["people.n"] == 25)]
    mean = both.groupby("replicate")["long_run_revenue"].mean().to_numpy()
    base = runs[runs["point"] == "base"]["long_run_revenue"].to_numpy()
    assert tuple(row[["mean", "low", "high", "n"]]) == pytest.approx(interval(mean))
    measured = ["difference", "difference_low", "difference_high"]
    assert tuple(row[measured]) == pytest.approx(interval(mean - base)[:3])


def test_the_highest_point_is_chosen_on_one_half_and_measured_on_the_other(tmp_path):
    own = swept.study(tmp_path, n=6)
    tables = swept.tables(own, tmp_path)
    best = tables["best"].set_index("end")
    wide = tables["runs"].pivot(index="point", columns="replicate", values="long_run_revenue")
    row = best.loc["highest"]
    assert (row["point"], row["picked"], row["points"], row["candidates"]) == ("8", "8", 9, 1)
    assert row["picked_mean"] == pytest.approx(wide.loc["8", 3:].mean())
    gain = interval((wide.loc["8", 3:] - wide.loc["base", 3:]).to_numpy())
    assert tuple(row[["gain", "gain_low", "gain_high"]]) == pytest.approx(gain[:3])
    lead = interval((wide.loc["8"] - wide.loc["7"]).to_numpy())
    assert row["second"] == "7"
    assert tuple(row[["lead", "lead_low", "lead_high"]]) == pytest.approx(lead[:3])
    assert best.loc["lowest", "point"] == "0"


def test_equal_markets_count_once_where_the_highest_is_sought(tmp_path):
    factors = "{people.n: {integers: [10, 12]}}"
    own = swept.study(tmp_path, factors=factors, design="{name: random, n: 30}")
    assert set(swept.tables(own, tmp_path)["best"]["points"]) == {3}


def test_the_levels_of_a_sample_are_bins_of_equal_probability_or_values(tmp_path):
    factors = """
  brands.A.late: {range: [0.01, 1], dist: loguniform}
  people.n: {integers: [10, 13]}
  brands.B.late: {integers: [0, 1]}
  people.entry.kind: {choices: [start, steady]}
"""
    own = swept.study(tmp_path, factors=factors, design="{name: lhs, n: 40}")
    main = swept.tables(own, tmp_path)["main"]
    late = main[main["factor"] == "brands.A.late"]
    assert list(late["points"]) == [8] * 5
    assert late["at"].is_monotonic_increasing
    ends = [re.fullmatch(r"([\d.]+) to ([\d.]+)", text).groups() for text in late["level"]]
    assert all(float(low) <= float(high) for low, high in ends)
    assert list(main[main["factor"] == "people.n"]["level"]) == ["10", "11", "12", "13"]
    assert list(main[main["factor"] == "people.entry.kind"]["level"]) == ["start", "steady"]


def test_several_responses_of_several_brands(tmp_path):
    path = swept.write(tmp_path)
    both = "responses: [gmv, {name: long_run_revenue, of: B}]"
    path.write_text(path.read_text().replace("response: long_run_revenue", both))
    own = load(path)
    tables = swept.tables(own, tmp_path)
    assert {"gmv", "long_run_revenue[B]"} <= set(tables["runs"].columns)
    best = tables["best"].set_index(["response", "end"])["point"]
    assert best[("gmv", "highest")] == "8"
    assert best[("long_run_revenue[B]", "highest")] == "0"
    assert len(own.rules.findings(own, tables)) == 4


# -- words ----------------------------------------------------------------------------------------


def test_what_a_sweep_says_in_words(tmp_path):
    findings, caveats, _ = said(swept.study(tmp_path, n=6), tmp_path)
    most, highest = findings
    assert re.match(
        r"A.late matters most for long-run net revenue, 368.\d CNY more than people.n \(95 % "
        r"interval \S+ to \S+ CNY\). The effect of A.late on long-run net revenue: 399.\d+ CNY "
        r"more at 0.4 than at 0 \(95 % interval \S+ to \S+ CNY\). By itself it makes 99.4 % of the "
        r"variance between points. Next is people.n: 30.\d CNY more at 40 than at 10 "
        r"\(95 % interval \S+ to \S+ CNY\). It makes 0.5\d %.$",
        most,
    ), most
    assert re.match(
        r"Of 9 different points, point 8 \(A.late = 0.4, people.n = 40\) has the highest mean "
        r"long-run net revenue, \S+ CNY; with 95 % confidence no other is as high. The maximum of "
        r"noisy means is biased upward. Chosen on one half of the replicates, which chooses it "
        r"again, and measured on the other, the highest has \S+ CNY \(95 % interval .* CNY\). That "
        r"is \S+ CNY more than the market as it is \(95 % interval \S+ to \S+ CNY\).$",
        highest,
    ), highest
    assert caveats == []


def test_points_that_do_not_differ_are_not_ranked(tmp_path):
    factors = "{brands.B.late: {range: [0, 1]}, brands.B.misdelivery: {range: [0, 1]}}"
    (text,), _, tables = said(swept.study(tmp_path, factors=factors, n=5), tmp_path)
    assert text.startswith(
        "Not distinguishable from each other: the points of the sweep in long-run net revenue"
    )
    assert tables["factors"]["share"].isna().all()


def test_two_replicates_are_too_few_to_tell(tmp_path):
    (text,), _, _ = said(swept.study(tmp_path, n=2), tmp_path)
    assert text.startswith("Not known: whether the points differ in long-run net revenue.")


def test_missing_runs_and_missing_values_are_said_and_shown_with_their_number(tmp_path):
    own = swept.study(tmp_path, design="{levels: 2}", n=4)  # points 1 and 4 have 25 people
    findings, caveats, tables = said(own, tmp_path, swept.undefined)
    assert caveats == [
        "Of 7 points, so many are without some of their runs: 1 (2); without any: 1 (5). Averages "
        "over points and the search for the highest leave them out, or a replicate that most "
        "points lack.",
        "long-run net revenue has no value in 8 runs of 2 points (1, 4); these runs are left out.",
    ]
    table = tables["points"].set_index("point")["n"]
    assert table.to_dict() == {"base": 4, "0": 4, "1": 0, "2": 3, "3": 4, "4": 0, "5": 0}
    assert set(tables["best"]["points"]) == {2}
    cells = [row for view in own.rules.views(own, tables) for row in view.rows]
    assert any(row[0] == "2" and row[-1] == "3 of 4" for row in cells)
    assert not any(row[0] == "1" for row in cells if len(row) == 6)
    assert findings


def test_a_sweep_of_which_nothing_has_a_value_is_shown_all_the_same(tmp_path):
    factors = "{people.n: {values: [25, 26]}, brands.A.late: {range: [0, 1]}}"
    own = swept.study(tmp_path, factors=factors, design="{levels: 2}")

    def never(job, record):
        tables = swept.made(job, record)
        frame = tables["runs"].to_pandas().assign(long_run_revenue=np.nan)
        tables["runs"] = swept.pa.Table.from_pandas(frame, preserve_index=False)
        return tables

    findings, caveats, tables = said(own, tmp_path, never)
    assert findings == ["long-run net revenue: fewer than two points can be compared."]
    assert "has no value in 20 runs of 5 points (0, 1, 2, 3, base)" in caveats[0]
    assert own.rules.views(own, tables)
    show.draw(own, tables)


def test_many_points_do_not_flood_the_terminal(tmp_path):
    own = swept.study(tmp_path, design="{name: sobol, n: 200}", n=3)
    tables = swept.tables(own, tmp_path)
    views = own.rules.views(own, tables)
    assert sum(len(view.rows) for view in views if not view.detail) < 20
    points = views[0].rows
    assert [row[0] for row in points[5:6]] == ["…"]
    assert points[-1][0] == "as it is"
    shown = [int(row[0]) for row in points if row[0].isdigit()]
    means = tables["points"].set_index("point")["mean"].drop("base")
    ordered = [int(name) for name in means.sort_values(ascending=False).index]
    assert shown == ordered[:5] + ordered[-5:]


# -- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factors", "design", "expected"),
    [
        ("{brands.A.late: {range: [0, 1]}}", "{levels: 4}", {"lines"}),
        (swept.FACTORS, "{levels: 3}", {"heat", "effects"}),
        (swept.FACTORS, "{name: lhs, n: 30}", {"effects", "scatter"}),
        ("{brands.A.late: {range: [0, 1]}}", "{name: random, n: 1}", {"effects", "scatter"}),
        (
            "{people.entry.kind: {choices: [start, steady]}, brands.*.late: {scale: [0.5, 2]},"
            " brands.A.late_days: {integers: [1, 9]}}",
            "{name: random, n: 3}",
            {"effects", "scatter"},
        ),
    ],
)
def test_pictures_of_any_design(tmp_path, factors, design, expected):
    own = swept.study(tmp_path, factors=factors, design=design)
    figures = show.draw(own, swept.tables(own, tmp_path))
    assert set(figures) == expected
    for caption, figure in figures.values():
        assert caption and isinstance(figure, Figure)
        figure.savefig(tmp_path / "p.png", dpi=30)


def test_the_cell_of_the_market_as_it_is_is_framed(tmp_path):
    factors = "{brands.A.late: {values: [0.05, 0.2]}, people.n: {values: [40, 80]}}"
    own = swept.study(tmp_path, factors=factors)
    _, figure = show.draw(own, swept.tables(own, tmp_path))["heat"]
    (frame,) = figure.axes[0].patches
    assert frame.get_xy() == (-0.5, 0.5)


# -- from end to end ------------------------------------------------------------------------------


@pytest.fixture
def huitou(monkeypatch, capsys, tmp_path):
    """Run the command in this process, in an empty folder: code, out, err."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["huitou", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        out, err = capsys.readouterr()
        return int(done.value.code or 0), out, err

    return call


def test_a_sweep_of_real_markets_through_the_command_line(huitou, tmp_path):
    factors = "{brands.A.products.cream.price: {range: [120, 260]}}"
    path = swept.write(tmp_path, factors=factors, design="{levels: 3}", n=3)
    code, out, err = huitou("sweep", path)
    assert code == 0, err
    assert "s: 3 points, a grid over 1 factor, 3 replicates each" in out
    assert (
        "Points with the highest and lowest long-run net revenue, ± 95 %" in out
        and "mean, k CNY" in out
    )
    folder = next((tmp_path / "results").iterdir())
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["runs"] == {"planned": 12, "done": 12}
    assert [row["level"] for row in summary["main"]] == ["120", "190", "260"]
    assert (folder / "plots" / "lines.png").exists()
    names = {path.stem for path in (folder / "summary").iterdir() if path.suffix == ".parquet"}
    assert names == {"runs", "points", "main", "factors", "best", "heat"}

    again = huitou("sweep", path)
    assert again[:2] == (0, out)
    assert "nothing to compute" in again[2]

    results = Results(folder)
    assert results.study.hash8 == load(path).hash8
    pd.testing.assert_frame_equal(
        results.summary["points"], pd.read_parquet(folder / "summary" / "points.parquet")
    )
    code, out, _ = huitou("sweep", folder / "config.resolved.yaml")
    assert code == 0
    assert len(list((tmp_path / "results").iterdir())) == 1


def test_a_study_written_out_is_the_same_study(tmp_path):
    import yaml

    factors = """
  brands.A.late: {range: [0, 0.4], dist: triangular, mode: 0.1}
  brands.B.strategies: {choices: {nothing: {}, followup: {service_followup: {}}}}
  people.n: {integers: [10, 40], step: 15, levels: 2}
"""
    own = swept.study(tmp_path, factors=factors, design="{name: morris, n: 5}")
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(resolved(own), sort_keys=False))
    again = load(tmp_path / "again.yaml")
    assert again.hash8 == own.hash8
    pd.testing.assert_frame_equal(again.points.frame(), own.points.frame())


def test_the_starter_is_a_sweep_that_loads(tmp_path):
    path = tmp_path / "new.yaml"
    path.write_text(starter("sweep"))
    own = load(path)
    assert (own.kind, len(own.points), own.replicates.n) == ("sweep", 26, 5)
    assert set(parse(starter("sweep")).data) >= {"response", "factors", "design", "replicates"}


def test_a_pilot_says_how_precise_points_will_be(tmp_path):
    own = swept.study(tmp_path, factors="{brands.A.late: {range: [0, 0.4]}}", n=10)

    def pilot(study):
        return conduct(study, tmp_path / "results", swept.Notes(), only=rows, simulate=swept.made)

    (text,) = forecast(own, pilot).precision
    assert re.match(
        r"With 10 replicates expect long-run net revenue of a point within ± \S+ CNY, and the "
        r"difference of two points within ± \S+ CNY \(from 16 runs\).$",
        text,
    )
    large = swept.study(tmp_path, design="{name: lhs, n: 90}")
    (text,) = forecast(large, pilot).precision
    assert text.startswith("Too few runs in the pilot")

"""Studies of each kind over an ensemble, with real markets of 80 people and with made-up results."""

import io
import math

import numpy as np
import pandas as pd
import pytest
import tiny_ensembles as tiny
from tiny_ensembles import carried_out, known, said, study, write_ensemble

from experiments import console, show, units
from experiments.between import parts
from experiments.designs import Design
from experiments.responses import Response
from experiments.sweep import markets as sweep_markets
from experiments.worker import simulate

EXTRAS = """\
spend: 2000
spend_shares: [0.5]
pilot: {share: 0.5}
"""


def test_a_real_comparison_with_a_pilot_and_budgets(tmp_path):
    write_ensemble(tmp_path, n=3, doubled=2)
    text = tiny.COMPARE.format(
        ensemble="{file: small, ranges: both}", more="", options=EXTRAS
    ).replace("series: false", "series: true")
    given = study(tmp_path, text)
    last, outcome, tables = carried_out(tmp_path, given, simulate)
    assert outcome.done == outcome.planned == 5 * 2 * 4  # markets, replicates, arms with extras
    first = last.rules.findings(last, tables)[0]
    assert first.startswith("Cannot decide: 3 markets, at least 29 are needed.")
    assert "followup pays in" in first
    assert set(tables["ensemble"]["ranges"]) == {"stated", "doubled"}
    _statement_is_a_mean_over_markets(last, outcome, tables)
    _pilot_is_a_mean_over_markets(last, outcome, tables)
    spent = tables["spent"].set_index(["arm", "budget"])
    assert (spent["n"] == 3).all()
    text = said(last, tables, outcome)
    assert "3 markets" in text
    assert "shares of markets" not in text  # weights are equal
    figures = show.draw(last, tables)
    assert {"shares", "by_market", "incremental"} <= set(figures)


def _runs(outcome, columns):
    runs = outcome.store.read("runs", ["brand", *columns], [("brand", "=", "A")])
    return outcome.design.merge(runs, on="run_id")


def _statement_is_a_mean_over_markets(last, outcome, tables):
    runs = _runs(outcome, ["net_revenues"])
    runs = runs[(runs["arm"] == "followup") & runs["market_id"].str.startswith("s")]
    expected = runs.groupby("market_id")["net_revenues"].mean().mean()
    own = tables["statement"].set_index(["arm", "metric"]).loc[("followup", "net_revenue")]
    assert own["mean"] == pytest.approx(expected)
    assert own["n"] == 3


def _pilot_is_a_mean_over_markets(last, outcome, tables):
    runs = _runs(outcome, ["pilot_naive_contribution", "contribution_profit"])
    runs = runs[runs["market_id"].str.startswith("s")]
    means = runs.groupby(["arm", "market_id"])[
        ["pilot_naive_contribution", "contribution_profit"]
    ].mean()
    naive = means.loc["followup.pilot", "pilot_naive_contribution"].mean()
    profit = means["contribution_profit"]
    own = tables["pilot"].set_index(["metric", "what"]).loc["contribution_profit"]
    assert own.loc["naive", "mean"] == pytest.approx(naive)
    assert own.loc["true", "mean"] == pytest.approx((profit["followup"] - profit["none"]).mean())


@pytest.mark.parametrize("text", [tiny.TOURNAMENT, tiny.SWEEP, tiny.SENSITIVITY])
def test_real_studies_of_other_kinds(tmp_path, text):
    write_ensemble(tmp_path, n=3)
    last, outcome, tables = carried_out(tmp_path, study(tmp_path, text), simulate)
    assert outcome.done == outcome.planned
    assert "market" in said(last, tables, outcome)
    for _, figure in show.draw(last, tables).values():
        assert show.png(figure)


# -- made-up results ------------------------------------------------------------------------------


def test_an_effect_that_differs_by_market_is_told_from_error(tmp_path):
    write_ensemble(tmp_path, n=36)
    last, _outcome, tables = carried_out(tmp_path, study(tmp_path))
    prices = [one.member.set[tiny.PRICE] for one in last.across.members]
    row = tables["ensemble"].iloc[0]
    assert row["mean"] == pytest.approx(10 * (np.mean(prices) - 150) + 10, abs=40)
    assert row["between"] == pytest.approx(10 * np.std(prices, ddof=1), rel=0.2)
    assert row["within"] == pytest.approx(50, rel=0.35)
    assert row["verdict"] == "raises"
    first = tables["unknowns"].iloc[0]
    assert first["parameter"] == tiny.PRICE
    assert first["share"] > 0.9
    text = last.rules.findings(last, tables)
    assert text[0].startswith("Of 36 markets not ruled out, followup pays in 100 %")
    assert "Decided, that it rises in more than 90 % of markets." in text[1]
    means = tables["arms"].set_index(["arm", "metric"])
    assert means.loc[("none", "long_run_contribution"), "n"] == 36


@pytest.mark.parametrize(
    "members, first",
    [
        (36, "Of 36 markets not ruled out, followup pays in 100 % ("),
        (
            4,
            "Cannot decide: 4 markets, at least 29 are needed. So far, as an estimate: followup pa",
        ),
    ],
)
def test_the_terminal_begins_with_the_share_of_markets_in_which_each_arm_pays(
    tmp_path, members, first
):
    write_ensemble(tmp_path, n=members, **{tiny.PRICE: np.linspace(180, 200, members)})
    given = study(tmp_path, options="  same: {brands.A.message_cost: 0.05}")
    last, outcome, tables = carried_out(tmp_path, given)
    told = io.StringIO()
    console.show(console.make(told), last, outcome, tables)
    line = told.getvalue().splitlines()[0]
    assert line.startswith(first)
    assert "same pays in 0 %" in line
    assert line == last.rules.findings(last, tables)[0]
    if members == 36:
        assert "the data do not decide it" in line  # of the arm that does nothing


def test_a_claim_is_told_with_the_share_of_markets_in_which_it_holds(tmp_path):
    write_ensemble(tmp_path, n=36, **{tiny.PRICE: np.linspace(100, 190, 36)})
    claims = (
        "claims:\n  much: {response: long_run_contribution, at_least: 1000}\n"
        "  all: {response: long_run_contribution, at_least: -9000}\n"
    )
    scaled = f"factors:\n  {tiny.PRICE}: {{scale: [0.8, 1.2], levels: 2}}\n"
    given = study(tmp_path, tiny.SWEEP.replace("factors:\n", scaled) + claims)
    last, outcome, tables = carried_out(tmp_path, given)
    found = tables["claimed"]
    own = found[found["claim"] == "much"].merge(tables["points"], on="point")
    assert len(own) == 6 and (own["markets"] == 36).all()
    shares = own.groupby(tiny.PRICE)["share"].mean()
    assert shares.tolist() == pytest.approx([2 / 36, 26 / 36], abs=0.09)  # above 150 when scaled
    assert (found[found["claim"] == "all"]["share"] == 1).all()
    text = said(last, tables, outcome)
    assert "“all” holds in 100 % of markets at every point." in text
    assert "“much” holds in " in text and "depending on the point" in text


def test_a_sign_that_turns_is_open_and_its_unknown_is_named(tmp_path):
    write_ensemble(tmp_path, n=36, **{tiny.PRICE: np.linspace(100, 190, 36)})
    last, _outcome, tables = carried_out(tmp_path, study(tmp_path))
    assert tables["ensemble"]["verdict"].iloc[0] == "open"
    share = tables["ensemble"]["share"].iloc[0]
    assert share == pytest.approx(4 / 9, abs=0.06)
    text = last.rules.findings(last, tables)[1]
    assert "The data do not decide it. What decides" in text
    assert f"{tiny.PRICE} (" in text


def test_weights_of_members_count(tmp_path):
    few = [0.5, 0.5 / 35] + [0.5 / 35] * 34
    write_ensemble(tmp_path, n=36, weights=few, **{tiny.PRICE: [100.0] + [200.0] * 35})
    last, outcome, tables = carried_out(tmp_path, study(tmp_path))
    row = tables["ensemble"].iloc[0]
    assert row["share"] == pytest.approx(0.5)
    assert row["mean"] == pytest.approx(0.5 * -490 + 0.5 * 510, abs=40)
    assert row["verdict"] == "few"
    assert "by their weights as good as 4" in last.rules.findings(last, tables)[0]
    assert "They count all markets alike" in said(last, tables, outcome)


def test_replicates_are_added_until_error_is_small(tmp_path):
    write_ensemble(tmp_path, **{tiny.PRICE: [200.0, 201.0, 202.0, 203.0]})
    given = study(tmp_path, options="stop: {noise: 1, most: 6}")
    last, outcome, _ = carried_out(tmp_path, given)
    assert last.replicates.n == 6  # they hardly differ: as far as it may go
    write_ensemble(tmp_path, name="wide", **{tiny.PRICE: [160.0, 200.0, 240.0, 290.0]})
    given = study(tmp_path, ensemble="wide", options="stop: {noise: 1, most: 6}")
    last, outcome, tables = carried_out(tmp_path, given)
    assert last.replicates.n == 2
    assert "Stopped after 2 replicates of each market" in said(last, tables, outcome)


def test_an_arm_without_effect_is_not_decided(tmp_path):
    write_ensemble(tmp_path, n=30)
    given = study(tmp_path, options="  same: {brands.A.message_cost: 0.05}")
    last, _outcome, tables = carried_out(tmp_path, given)
    own = tables["ensemble"].set_index(["arm", "metric"]).loc["same"].iloc[0]
    assert (own["share"], own["share_low"], own["share_high"]) == (0, 0, 1)
    assert own["verdict"] == "open"
    text = next(x for x in last.rules.findings(last, tables) if x.startswith("same: "))
    assert "It changes nothing in any market." in text


def test_without_a_second_replicate_the_error_is_said_not_to_be_known(tmp_path):
    write_ensemble(tmp_path)
    given = study(tmp_path, options="stop: {noise: 1, most: 3}")
    first = Design(given, "code", "metrics").table
    kept = set(first[first["replicate"] == 0]["seed"])

    def once(job, record):
        if job.seed not in kept:
            raise ValueError("no second replicate")
        return known(job, record)

    last, outcome, tables = carried_out(tmp_path, given, once)
    assert last.replicates.n == 3  # it cannot be said that the error is small
    assert tables["ensemble"]["error"].isna().all()
    assert "error of a market’s mean is not known" in said(last, tables, outcome)
    assert show.draw(last, tables)


def test_a_table_that_some_runs_have_no_rows_of_is_of_all_runs(tmp_path):
    write_ensemble(tmp_path, n=2)
    table = Design(study(tmp_path), "code", "metrics").table
    runs = table[(table["market_id"] == "s00") & (table["replicate"] == 0)]["run_id"]
    rows = pd.DataFrame({"run_id": runs, "x": 0.0, "top": 6.0})
    found = units.by_observation(rows, units.whole(table, set(table["run_id"])), ["x"])
    assert found["top"].tolist() == [3.0, 3.0]  # in each arm, of two replicates


def test_a_sweep_is_the_mean_over_markets(tmp_path):
    write_ensemble(tmp_path, n=5)
    last, outcome, tables = carried_out(tmp_path, study(tmp_path, tiny.SWEEP))
    runs = _runs(outcome, ["long_run_contribution"])
    own = runs[runs["arm"] == "1"].groupby("market_id")["long_run_contribution"].mean()
    points = tables["points"].set_index("point")
    assert points.loc["1", "mean"] == pytest.approx(own.mean())
    assert points.loc["1", "n"] == 5
    spread = tables["spread"].set_index("point")
    base = runs[runs["arm"] == "base"].set_index(["market_id", "replicate"])
    gain = (
        runs[runs["arm"] == "1"].set_index(["market_id", "replicate"])["long_run_contribution"]
        - base["long_run_contribution"]
    )
    by_hand = parts([x.to_numpy() for _, x in gain.groupby(level=0)])
    assert spread.loc["1", "mean"] == pytest.approx(by_hand.mean)
    assert spread.loc["1", "between"] == pytest.approx(by_hand.between, abs=1e-6)
    assert last.rules.findings(last, tables)[0].startswith("Cannot decide: 5 markets")


def test_a_tournament_counts_the_markets_of_an_equilibrium(tmp_path):
    def game(job, record):
        """Following up pays for A in the markets with a price above 175, and never for B."""
        cream = job.market["brands"]["A"]["products"]["cream"]
        tables = known(job, record)["runs"]
        acts = [bool(b["strategies"]) for b in job.market["brands"].values()]
        luck = np.random.default_rng([job.seed % 2**32, 2, *acts]).normal(0, 1, 2)
        pay = [acts[0] * (cream["price"] - 175) + luck[0], -20.0 * acts[1] + luck[1]]
        k = tables.column_names.index("long_run_contribution")
        column = tiny.pa.array(np.array(pay) + 1000)
        return {"runs": tables.set_column(k, "long_run_contribution", column)}

    write_ensemble(tmp_path, n=40, **{tiny.PRICE: np.linspace(150, 250, 40)})
    last, _outcome, tables = carried_out(tmp_path, study(tmp_path, tiny.TOURNAMENT), game)
    own = tables["over_markets"].set_index("profile")
    assert own.index[0] == "followup vs none"
    assert own.loc["followup vs none", "of_mean"]
    assert own.loc["followup vs none", "share"] == pytest.approx(0.75, abs=0.03)
    assert own.loc["none vs none", "share"] == pytest.approx(0.25, abs=0.03)
    assert own.loc["followup vs none", "verdict"] == "open"
    rare = own.loc["none vs followup"]
    assert np.isnan(rare["share_low"])
    assert rare["verdict"] == "rare"
    text = last.rules.findings(last, tables)[0]
    assert text.startswith("Of 40 markets not ruled out, equilibria of the mean payoffs")
    assert "replicate" not in "\n".join(view.title for view in last.rules.views(last, tables))


def test_the_market_is_an_input_of_a_sensitivity_study(tmp_path):
    write_ensemble(tmp_path, **{tiny.PRICE: [160.0, 200.0, 240.0, 280.0]})
    text = tiny.SENSITIVITY.replace("n: 4", "n: 64")
    last, _outcome, tables = carried_out(tmp_path, study(tmp_path, text))
    indices = tables["indices"].set_index("input")
    assert indices["ST"].idxmax() == "market"
    assert indices.loc["market", "ST"] > 0.8
    assert "which of 4 markets it is has a part in" in last.rules.findings(last, tables)[0]


def test_a_screening_keeps_the_markets(tmp_path):
    write_ensemble(tmp_path)
    first = "{name: sobol, n: 4, screen_first: {trajectories: 6, levels: 4}}"
    text = tiny.SENSITIVITY.replace("{name: sobol, n: 4}", first)

    def strong(job, record):
        follow = job.market["brands"]["A"]["strategies"]["service_followup"]
        table = known(job, record)["runs"]
        k = table.column_names.index("long_run_contribution")
        y = 1e6 * follow["coupon"] + table["long_run_contribution"][0].as_py()
        return {"runs": table.set_column(k, "long_run_contribution", tiny.pa.array([y, 0.0]))}

    _last, _outcome, tables = carried_out(tmp_path, study(tmp_path, text), strong)
    assert "market" in tables["indices"]["input"].tolist()
    assert "brands.A.products.cream.unit_cost" not in tables["indices"]["input"].tolist()
    assert isinstance(tables["indices"], pd.DataFrame)


def test_where_the_market_as_it_is_has_no_value_no_share_is_told():
    row = {"point": "3", "markets": 0, "share": math.nan, "verdict": "few"}
    text = sweep_markets._highest(Response(name="win_to_keep"), row)
    assert "has no value in the market as it is" in text and "nan" not in text

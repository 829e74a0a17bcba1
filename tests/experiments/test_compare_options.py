"""Options of a comparison: responses, equal spend, pilots."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from tiny_studies import MARKET, Notes

from experiments.compare import pilot
from experiments.conduct import conduct
from experiments.metrics import METRICS
from experiments.study import load, resolved
from sim.config.yaml_file import ConfigError

ARMS = """\
schema: 1
study: compare
market: {use: market.yaml}
arms:
  none: {}
  one: {brands.A.strategies: {service_followup: {}}}
  two: {brands.A.strategies: {service_followup: {}, referral: {}}}
replicates: {n: 3}
record: {series: false}
execute: {engine: inline}
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "market.yaml").write_text(MARKET)

    def write(more: str = "", text: str = ARMS):
        path = tmp_path / "study.yaml"
        path.write_text(text + more)
        return load(path)

    return write


def problems(write, *arguments) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        write(*arguments)
    return [f"{p.mark.line}: {p.path}: {p.what}" for p in caught.value.problems]


def budgets(found, arm: str, brand: str = "A") -> dict[str, float | None]:
    own = found.arms[arm]["brands"][brand]["strategies"]
    return {name: strategy["budget"] for name, strategy in own.items()}


# -- equal spend ----------------------------------------------------------------------------------


def test_every_arm_has_the_same_money_whatever_it_does(study):
    found = study("spend: 900\n")
    assert budgets(found, "one") == {"service_followup": 900}
    assert budgets(found, "two") == {"service_followup": 450, "referral": 450}
    plain = study()
    assert found.arms["none"] == plain.arms["none"]  # keeps its money
    assert budgets(plain, "one") == {"service_followup": None}
    assert found.hash8 != plain.hash8


def test_an_idle_brand_may_advertise_with_its_money(study):
    found, plain = study("spend: 900\nidle: advertise\n"), study()
    own, before = (s.arms["none"]["brands"] for s in (found, plain))
    more = own["A"]["advertising"]["spend"] - before["A"]["advertising"]["spend"]
    people, days = found.base["people"]["n"], found.base["days"]
    assert more * people / 1000 * days == pytest.approx(900)
    assert own["B"] == before["B"]  # it acts in no arm, and has no such money
    assert found.arms["one"]["brands"]["A"]["advertising"] == before["A"]["advertising"]


def test_advertising_with_it_costs_what_was_to_be_spent(study, tmp_path):
    spent = {}
    for more in ("", "spend: 900\nidle: advertise\n"):
        outcome = conduct(study(more), tmp_path / "results", Notes())
        runs = outcome.store.read("runs").merge(outcome.design[["run_id", "arm"]])
        own = runs[(runs["arm"] == "none") & (runs["brand"] == "A")]
        spent[more] = own["acquisition_spend"].mean()
    plain, more = spent.values()
    assert more - plain == pytest.approx(900, rel=0.05)


def test_a_budget_of_its_own_does_not_go_with_equal_spend(study):
    text = ARMS.replace("{service_followup: {}}", "{service_followup: {budget: 5}}")
    (found,) = problems(study, "spend: 900\n", text)
    assert found.startswith("6: arms.one: A.service_followup has a budget of its own")
    (found,) = problems(study, "idle: advertise\n")
    assert found.endswith("idle: advertise needs `spend`: the money to advertise with")


# -- responses ------------------------------------------------------------------------------------


def test_responses_are_what_is_compared_and_judged_together(study, tmp_path):
    found = study("responses: [orders, {name: gmv, of: B}, {name: net_revenues, discount: .1}]\n")
    outcome = conduct(found, tmp_path / "results", Notes())
    tables = found.rules.tables(found, outcome.store, outcome.design)
    table = tables["responses"]
    assert list(dict.fromkeys(table["metric"])) == ["orders", "gmv[B]", "net_revenues[10 %]"]
    assert len(table) == 6
    assert table["p_holm"].min() == pytest.approx(min(1, 6 * table["p"].min()))
    runs = outcome.store.read("runs").merge(outcome.design[["run_id", "arm", "replicate"]])
    wide = runs[runs["brand"] == "B"].pivot(index="replicate", columns="arm", values="gmv")
    row = table[(table["arm"] == "two") & (table["metric"] == "gmv[B]")].iloc[0]
    assert row["difference"] == pytest.approx((wide["two"] - wide["none"]).mean())
    titles = [view.title for view in found.rules.views(found, tables)]
    assert "Incremental GMV of B, against none, ± 95 %" in titles
    assert all("orders of brand A" in text for text in found.rules.findings(found, tables))


def test_mistakes_in_responses_have_their_places(study):
    wrong = "responses:\n  - orderz\n  - {name: repeat_rate, discount: .1}\n"
    found = problems(study, wrong)
    assert any("12: responses.0" in p and "orders" in p for p in found), found
    assert any("13: responses.1.discount" in p for p in found), found
    found = problems(study, "responses: [{name: gmv, of: Z}]\n")
    assert "11: responses.0.of: there is no brand 'Z'; brands: A, B of arm 'none'" in found


# -- stopping -------------------------------------------------------------------------------------

NOISY = """\
responses: [orders]
stop: {half_width: 2.0, start: 10, growth: 1.5, most: 200}
"""


def noisy(job, record):
    """Differences of an arm and the baseline are normal, with standard deviation 6 for `two`."""
    spread = {"none": 0.0, "one": 1.0, "two": 6.0}[job.arm]
    luck = np.random.default_rng([job.seed % 2**32, 7])
    value = np.random.default_rng(job.seed % 2**32).normal(100, 50) + spread * luck.normal()
    columns = {name: [value, value] for name in METRICS}
    return {"runs": pa.table({"brand": ["A", "B"], **columns})}


def stopped(found, tmp_path, simulate=noisy):
    def go(stage):
        seen.append(stage.replicates.n)
        return conduct(stage, tmp_path / "results", Notes(), simulate=simulate)

    seen: list[int] = []
    return *found.rules.carry_out(found, go), seen


def test_replicates_come_in_rounds_until_the_widest_interval_is_narrow(study, tmp_path):
    last, outcome, seen = stopped(study(NOISY), tmp_path)
    assert seen[:2] == [10, 15]
    assert seen == sorted(set(seen)) and seen[-1] == last.replicates.n < 200
    tables = last.rules.tables(last, outcome.store, outcome.design)
    rows = tables["responses"]
    half = (rows["high"] - rows["low"]) / 2
    assert half.max() <= 2.0
    # One round less was not enough, or there would not have been this one.
    before = study(NOISY).with_replicates(seen[-2])
    again = conduct(before, tmp_path / "results", Notes(), simulate=noisy)
    rows = before.rules.tables(before, again.store, again.design)["responses"]
    assert ((rows["high"] - rows["low"]) / 2).max() > 2.0
    assert any("asked 2: reached" in text for text in last.rules.caveats(last, tables))


def test_a_precision_that_is_never_reached_is_said(study, tmp_path):
    text = NOISY.replace("2.0", "0.01").replace("200", "25")
    last, outcome, seen = stopped(study(text), tmp_path)
    assert seen == [10, 15, 23, 25]
    tables = last.rules.tables(last, outcome.store, outcome.design)
    assert any("NOT reached" in text for text in last.rules.caveats(last, tables))


def test_a_relative_precision_is_a_share_of_the_baseline(study, tmp_path):
    last, outcome, _ = stopped(study(NOISY.replace("2.0", "0.02, relative: true")), tmp_path)
    rows = last.rules.tables(last, outcome.store, outcome.design)["responses"]
    base = rows["difference"] / rows["relative"]
    assert ((rows["high"] - rows["low"]) / 2 / base).max() <= 0.02
    assert last.replicates.n > 10


def test_a_forecast_is_about_the_most_that_it_may_come_to(study):
    (most,) = study(NOISY).rules.at_most(study(NOISY))
    assert most.replicates.n == 200
    assert most.hash8 == study(NOISY).hash8
    (same,) = study().rules.at_most(study())
    assert same.replicates.n == 3


# -- pilots ---------------------------------------------------------------------------------------


def test_a_pilot_is_the_arm_for_some_people(study):
    found = study("pilot: {share: 0.2}\n")
    assert list(found.arms) == ["none", "one", "two", "one.pilot", "two.pilot"]
    strategies = found.arms["two.pilot"]["brands"]["A"]["strategies"].values()
    audience = {"share": 0.2, "group": "pilot"}
    assert [strategy["audience"] | audience for strategy in strategies] == [
        strategy["audience"] for strategy in strategies
    ]
    assert found.rules.title(found).startswith("study: brand A, 3 arms and their pilots")


def test_what_the_baseline_does_too_is_no_part_of_the_pilot(study):
    found = study("pilot: {share: 0.2}\nbaseline: one\n")
    assert list(found.arms)[3:] == ["two.pilot"]  # in `none` the brand does nothing more
    strategies = found.arms["two.pilot"]["brands"]["A"]["strategies"]
    assert strategies["service_followup"]["audience"]["share"] == 1
    assert strategies["referral"]["audience"]["share"] == 0.2


@pytest.mark.parametrize("audience", ["share: 0.5", "group: vip", "share: 0.9, group: vip"])
def test_a_strategy_for_some_people_has_no_pilot(study, audience):
    """Its pilot would reach others than the arm that is the truth."""
    text = ARMS.replace("referral: {}", f"referral: {{audience: {{{audience}}}}}")
    (what,) = problems(study, "pilot: {share: 0.2}\n", text)
    assert "arms.two" in what
    assert "A.referral has a share or a group of people of its own" in what
    assert study("", text).arms


def test_the_resolved_study_has_its_budgets_and_pilots_but_once(study, tmp_path):
    first = study("pilot: {share: 0.2}\nspend: 900\nidle: advertise\n")
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(resolved(first), sort_keys=False))
    second = load(tmp_path / "again.yaml")
    assert second.points == first.points
    assert second.hash8 != study().hash8
    assert resolved(second) == resolved(first)


def test_naive_true_and_error_by_hand():
    def row(arm, replicate, profit, naive=np.nan):
        return {"arm": arm, "replicate": replicate, "contribution_profit": profit,
                "pilot_naive_contribution": naive, "net_revenues": 2 * profit,
                "pilot_naive_revenue": 2 * naive}  # fmt: skip

    found = pd.DataFrame([
        row("none", 0, 100), row("none", 1, 110), row("x", 0, 130), row("x", 1, 150),
        row("x.pilot", 0, 104, 50), row("x.pilot", 1, 117, 80),
    ])  # fmt: skip
    table = pilot.estimates(found, "none", ["none", "x"])
    table = table.set_index(["arm", "metric", "what"])["mean"].sort_index()
    assert table["x", "contribution_profit"].to_dict() == {"naive": 65, "true": 35, "error": 30}
    assert table["x", "net_revenues", "error"] == 60


def test_a_comparison_with_pilots_shows_them_and_nothing_else_changes(study, tmp_path):
    plain, piloted = study(), study("pilot: {share: 0.5}\n")
    one, two = (conduct(s, tmp_path / "results", Notes()) for s in (plain, piloted))
    assert two.planned == one.planned + 2 * 3
    both = ((plain, one), (piloted, two))
    before, after = (s.rules.tables(s, o.store, o.design) for s, o in both)
    for name in ("arms", "effects", "responses", "returns"):
        pd.testing.assert_frame_equal(before[name], after[name])
    assert set(after["pilot"]["arm"]) == {"one", "two"}
    assert after["pilot"]["mean"].notna().all()
    told = [text for text in piloted.rules.findings(piloted, after) if "pilot of" in text]
    errors = after["pilot"][after["pilot"]["what"] == "error"]
    errors = errors[errors["metric"] == "contribution_profit"]
    for text, (_, row) in zip(told, errors.iterrows(), strict=True):
        sure = row["low"] > 0 or row["high"] < 0
        assert text.startswith("Not distinguishable from zero: the error of the pilot of") != sure
        assert "the true effect is" in text
    assert any("Pilots with 50" in view.title for view in piloted.rules.views(piloted, after))

"""Responses: what is measured, at which rate, after which warm-up, and what they are called."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from made_up import BRANDS, made_up
from pydantic import ValidationError

from experiments import flows, metrics
from experiments.errors import StudyError
from experiments.responses import METRICS, Response
from experiments.warmup import mser5
from sim.config.parameters import Param, Parameters
from sim.config.yaml_file import ConfigError, parse, validate

FLOWS = [name for name, metric in METRICS.items() if metric.flow]
OPTIONS = [(discount, "none") for discount in (None, 0, 0.1, 0.1001)]
OPTIONS += [(None, warmup) for warmup in (0, 10, "mser5")]
DISCOUNTED = ["long_run_revenue", "long_run_contribution", "long_run_spend", "terminal_equity"]


class File(Parameters):
    response: Response = Param()


def read(text: str) -> Response:
    return validate(File, parse(f"response: {text}", "study.yaml")).response


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return str(caught.value)


@pytest.fixture(scope="module")
def records():
    return made_up(2)


# -- flows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLOWS)
def test_the_metric_of_a_flow_is_its_sum_over_the_days_of_the_run(records, name):
    daily = METRICS[name].flow(records)
    assert daily.shape == (records.days, BRANDS)
    assert daily.dtype == np.float64
    total = METRICS[name].function(records)
    assert daily.any()
    for brand in range(BRANDS):
        assert total[brand] == pytest.approx(sum(float(day[brand]) for day in daily))


def test_money_is_summed_in_whole_cents(records):
    assert flows.gmv(records)[0] == int(records.account("gross_sales")[:, 0].sum()) / 100


@pytest.mark.parametrize(("name", "rate"), list(product(["net_revenues", "orders"], [0.0, 0.25])))
def test_a_flow_is_discounted_day_by_day(records, name, rate):
    daily = METRICS[name].flow(records)
    response = Response(name=name, of="B", discount=rate)
    by_hand = sum(float(day[1]) * (1 + rate) ** (-k / 365) for k, day in enumerate(daily))
    assert response.value(records) == pytest.approx(by_hand)


@pytest.mark.parametrize("name", DISCOUNTED)
def test_a_rate_replaces_that_of_the_market(records, name):
    assert METRICS[name].discounted
    usual, other = Response(name=name), Response(name=name, discount=0.3)
    assert usual.value(records) == Response(name=name, discount=records.discount).value(records)
    assert usual.value(records) != other.value(records)
    dear = dataclasses.replace(records, discount=0.3)
    assert other.value(records) == pytest.approx(usual.value(dear), rel=1e-12)


def test_what_depends_on_the_rate_says_so(records):
    dear = dataclasses.replace(records, discount=0.9)
    with np.errstate(invalid="ignore"):
        one, two = metrics.table(records), metrics.table(dear)
    changed = one.columns[((one != two) & ~(one.isna() & two.isna())).any()]
    assert set(changed) == {name for name, metric in METRICS.items() if metric.discounted}


def test_after_a_warm_up_a_flow_is_a_mean_per_day(records):
    daily = METRICS["orders"].flow(records)[:, 0]
    assert Response(name="orders", warmup=0).value(records) == pytest.approx(daily.mean())
    assert Response(name="orders", warmup=300).value(records) == pytest.approx(daily[300:].mean())
    assert Response(name="orders", warmup=799).value(records) == daily[-1]


def test_each_brand_has_a_warm_up_of_its_own(records):
    quiet = records.daily.copy()
    quiet[:120, 0] //= 10
    quiet[:10, 1] //= 10
    records = dataclasses.replace(records, daily=quiet)
    daily = METRICS["gmv"].flow(records)
    cuts = [mser5(daily[:, brand]).observations for brand in range(BRANDS)]
    assert cuts[0] >= 120 > cuts[1] >= 10
    found = Response(name="gmv", warmup="mser5").values(records)
    assert found == pytest.approx([daily[cut:, brand].mean() for brand, cut in enumerate(cuts)])


# -- the brand ------------------------------------------------------------------------------------


def test_the_brand_is_the_one_named_or_else_the_first(records):
    both = metrics.table(records)["aov"]
    assert Response(name="aov", of="B").value(records) == both["B"]
    assert Response(name="aov").value(records) == both["A"]
    assert list(Response(name="aov", of="B").values(records)) == list(both)


def test_a_brand_that_a_run_does_not_have_is_named(records):
    with pytest.raises(StudyError, match=r"aov\[C\]: there is no brand 'C' \(brands: A, B\)"):
        Response(name="aov", of="C").value(records)


def test_a_run_shorter_than_the_warm_up_is_refused(records):
    with pytest.raises(StudyError, match=r"gmv\[from day 800\]: the run has only 800 days"):
        Response(name="gmv", warmup=800).value(records)


def test_what_does_not_fit_a_market_is_said_before_it_is_run():
    assert not Response(name="gmv", of="A", warmup=99).problems(["A"], 100)
    assert not Response(name="gmv", warmup="mser5").problems(["A"], 50)
    found = Response(name="gmv", of="C", warmup=100).problems(["A", "B"], 100)
    assert [str(problem) for problem in found] == [
        "of: there is no brand 'C'; brands: A, B",
        "warmup: must be less than the length of a run, 100 days (got 100)",
    ]
    short = Response(name="gmv", warmup="mser5").problems(["A"], 49)
    assert "at least 50 days" in str(short[0])


# -- in files -------------------------------------------------------------------------------------


def test_text_is_the_name_of_a_metric():
    assert read("long_run_revenue") == Response(name="long_run_revenue")
    assert Response.model_validate("orders") == Response(name="orders")


def test_a_brand_may_be_written_as_its_path():
    assert read("{name: gmv, of: brands.A}") == read("{name: gmv, of: A}")


def test_what_is_written_out_reads_the_same():
    given = Response(name="gmv", of="A", warmup=30)
    assert Response.model_validate(given.model_dump()) == given


@pytest.mark.parametrize(
    ("text", "label", "column"),
    [
        ("orders", "orders", "orders"),
        ("{name: orders, of: brands.A}", "orders[A]", "orders"),
        ("{name: gmv, of: A, discount: 0.10}", "gmv[A, 10 %]", "gmv[10 %]"),
        ("{name: gmv, discount: 0.105}", "gmv[10.5 %]", "gmv[10.5 %]"),
        ("{name: gmv, of: B, warmup: mser5}", "gmv[B, mser5]", "gmv[mser5]"),
        ("{name: gmv, warmup: 90}", "gmv[from day 90]", "gmv[from day 90]"),
    ],
)
def test_what_it_is_called(text, label, column):
    assert (read(text).label, read(text).column) == (label, column)


def test_different_responses_are_called_differently():
    kinds = [
        Response(name=name, of=of, discount=discount, warmup=warmup)
        for name, of in product(["gmv", "orders"], [None, "A", "B"])
        for discount, warmup in OPTIONS
    ]
    assert len({kind.label for kind in kinds}) == len(kinds)
    assert len({kind.title for kind in kinds}) == len(kinds)


def test_the_unit_of_a_mean_per_day_says_so():
    assert Response(name="gmv").unit == "CNY"
    assert Response(name="gmv", warmup="mser5").unit == "CNY per day"


def test_an_unknown_metric_is_answered_with_the_nearest():
    expected = "there is no metric 'long_run_revenu'; did you mean 'long_run_revenue'?"
    assert complaint("long_run_revenu") == f"study.yaml:1:1: response: {expected}"
    assert complaint("{name: long_run_revenu}") == f"study.yaml:1:12: response.name: {expected}"
    assert "metrics: gmv, net_revenues" in complaint("qqqqqq")


def test_what_is_no_flow_has_no_rate_and_no_warm_up():
    both = complaint("{name: aov, discount: 0.1, warmup: 5}").splitlines()
    assert len(both) == 2
    assert "response.discount: must be left out: aov is no sum of daily amounts" in both[0]
    assert "allowed with gmv" in both[0] and "long_run_revenue" in both[0]
    assert "response.warmup: must be left out" in both[1]
    assert "long_run_revenue" not in both[1]
    assert "warmup" in complaint("{name: long_run_revenue, warmup: mser5}")


def test_a_mean_per_day_has_no_present_value():
    assert "cannot be combined" in complaint("{name: gmv, warmup: 5, discount: 0.1}")


@pytest.mark.parametrize("warmup", ["welch", "-1", "2.5", "true"])
def test_a_warm_up_is_a_rule_or_days(warmup):
    assert "response.warmup: must be" in complaint(f"{{name: gmv, warmup: {warmup}}}")


def test_unknown_keys_and_values_out_of_bounds_are_errors():
    with pytest.raises(ValidationError):
        Response(name="gmv", brand="A")  # type: ignore[call-arg]
    assert "must be <= 10" in complaint("{name: gmv, discount: 11}")

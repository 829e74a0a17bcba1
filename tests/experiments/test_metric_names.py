"""A word that is no metric's name: what is meant by it."""

import pytest

from experiments.metric_names import OTHER_NAMES, meant, unknown_metric
from experiments.metrics import METRICS
from experiments.responses import Response

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("name", METRICS)
def test_a_label_means_its_metric(name):
    label = METRICS[name].label
    for word in (label, label.upper(), label.replace(" ", "_"), name.upper()):
        assert meant(word) == [name]


@pytest.mark.parametrize(
    ("word", "names"),
    (
        ("long-run contribution profit", ["long_run_contribution"]),
        ("LTV : CAC", ["ltv_to_cac"]),
        ("ltv/cac", ["ltv_to_cac"]),
        ("order value", ["aov"]),  # was: order_gap
        ("acquisition cost", ["cac"]),  # was: acquisition_spend
        ("revenue", ["net_revenues", "long_run_revenue"]),  # was: revenue_gini
        ("profit", ["contribution_profit", "long_run_contribution"]),  # was: old_profit
        ("churn", ["retention", "dropouts"]),
        ("CLV", ["ltv"]),
        ("gini", ["revenue_gini", "earnings_gini"]),
        ("long_run_revenu", ["long_run_revenue"]),
        ("复购率", ["repeat_rate"]),
        ("rate", []),  # was: buy_rate
        ("cac_ratio", []),  # was: click_rate
        ("cat", []),  # was: cac
        ("ARPU", []),
        ("咖啡", []),
    ),
)
def test_what_is_meant_by_a_word(word, names):
    assert meant(word) == names


def test_other_names_are_of_metrics_and_are_none_themselves():
    assert {name for names in OTHER_NAMES.values() for name in names} <= METRICS.keys()
    assert not OTHER_NAMES.keys() & METRICS.keys()


def test_a_response_says_what_may_be_meant():
    with pytest.raises(ValueError, match=r"no metric 'Churn'; did you mean 'retention' \(annual"):
        Response(name="Churn")
    assert "; metrics: gmv, net_revenues" in unknown_metric("ARPU")

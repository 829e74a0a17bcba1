"""A pilot's naive estimate: right where nobody influences anybody, wrong where people talk."""

import dataclasses
import functools
from typing import Any

import numpy as np
import pytest
from made_up import BRANDS, made_up

from experiments import flows, metrics
from experiments import metrics_pilot as m
from experiments.records import Records, observe
from sim.market import Market

MARKET: dict[str, Any] = {
    "days": 240,
    "burn_in": 40,
    "terminal_period": 0,
    "people": {"n": 1000},
    "categories": {"cream": {"usage": 16, "price": 199}},
    "brands": {
        "A": {
            "awareness": 0.6,
            "products": {"cream": {"category": "cream", "price": 199, "unit_cost": 56}},
        }
    },
}
ALONE = {"network": {"kind": "none"}}
TALKING = {
    "brands.A.awareness": 0.03,
    "brands.A.products.cream.fault_rate": 0.4,
    "behaviour.talk": {"rate": 0.1, "awareness": 1, "trigger": 0.5},
    "behaviour.touch.response": 0.9,
}
DEAR = {"service_followup": {"coupon": 0.8}}
HELPFUL = {"service_followup": {"coupon": 0}}
REPLICATES = 30


def market(seed: int, strategies: dict, share: float, rules: dict) -> Market:
    audience = {"audience": {"share": share, "group": "pilot"}}
    given = {name: values | audience for name, values in strategies.items()}
    return Market(MARKET, rng=seed, **rules, **{"brands.A.strategies": given})


@functools.cache
def seen(seed: int, strategy: str, share: float, rules: str) -> Records:
    strategies, given = {"dear": DEAR, "helpful": HELPFUL, "": {}}, {"": ALONE, "talk": TALKING}
    return observe(market(seed, strategies[strategy], share, given[rules]))


def estimates(strategy: str, rules: str):
    """Naive and true effects on net revenue and contribution, float64[replicates] each."""
    rows = []
    for seed in range(REPLICATES):
        none, everybody = seen(seed, "", 1, rules), seen(seed, strategy, 1, rules)
        pilot = seen(seed, strategy, 0.5, rules)
        rows.append(
            (
                m.pilot_naive_revenue(pilot)[0],
                flows.net_revenues(everybody)[0] - flows.net_revenues(none)[0],
                m.pilot_naive_contribution(pilot)[0],
                flows.contribution_profit(everybody)[0] - flows.contribution_profit(none)[0],
            )
        )
    return np.array(rows).T


def error(values) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


# -- in markets -----------------------------------------------------------------------------------


def per_person(records: Records, cost: bool):
    cents = np.zeros(1000)
    rows = records.customers
    np.add.at(cents, rows["person"], rows["net_cents"] - (rows["cost_cents"] if cost else 0))
    return cents / 100


@pytest.mark.parametrize("cost", [False, True], ids=["revenue", "contribution"])
def test_with_nobody_near_the_pilot_tells_what_both_markets_would(cost):
    """People reached are as when all are, people held out as when nobody is: to the cent."""
    none, everybody, pilot = (
        seen(0, name, share, "") for name, share in (("", 1), ("dear", 1), ("dear", 0.5))
    )
    reached = pilot.pilots[0] == 1
    with_it, without = per_person(everybody, cost)[reached], per_person(none, cost)[~reached]
    expected = 1000 * (with_it.mean() - without.mean())
    found = m.pilot_naive_contribution(pilot) if cost else m.pilot_naive_revenue(pilot)
    assert found[0] == pytest.approx(expected, abs=0.01)
    assert 0.4 < m.pilot_share(pilot)[0] == reached.mean() < 0.6


def test_with_nobody_near_the_naive_estimate_is_unbiased():
    naive, true, naive_profit, true_profit = estimates("dear", "")
    assert true.mean() < -10 * error(true), "there is something to estimate"
    assert abs((naive - true).mean()) < 3 * error(naive - true)
    assert abs((naive_profit - true_profit).mean()) < 3 * error(naive_profit - true_profit)
    assert error(naive) < abs(true.mean()) / 3, "and the test could tell"


def test_where_people_talk_the_naive_estimate_misses_most_of_the_effect():
    naive, true, naive_profit, true_profit = estimates("helpful", "talk")
    assert true.mean() > 5 * error(true)
    assert (true - naive).mean() > 5 * error(true - naive)
    assert naive.mean() < true.mean() / 2
    assert (true_profit - naive_profit).mean() > 4 * error(true_profit - naive_profit)


def test_where_nobody_is_reached_or_everybody_there_is_no_pilot():
    for share in (0, 1):
        records = observe(market(1, HELPFUL, share, ALONE))
        assert not records.pilots
        assert metrics.table(records).filter(like="pilot").isna().to_numpy().all()


def test_strategies_for_everybody_are_no_part_of_a_pilot():
    some = {"audience": {"share": 0.5}}
    strategies = {"service_followup": {}, "referral": some}
    both = Market(MARKET, rng=1, days=5, **{"brands.A.strategies": strategies})
    group = observe(both).pilots[0]
    assert ((group == 1) == both.in_audience("A", "referral")).all()
    assert set(group) == {0, 1}


def test_who_is_reached_by_some_strategies_only_is_in_neither_group():
    strategies = {name: {"audience": {"share": 0.5}} for name in ("service_followup", "referral")}
    both = Market(MARKET, rng=1, days=5, **{"brands.A.strategies": strategies})
    one, two = (both.in_audience("A", name) for name in strategies)
    group = observe(both).pilots[0]
    assert ((group == 1) == (one & two)).all()
    assert ((group == 0) == ~(one | two)).all()
    assert ((group == -1) == (one ^ two)).all()


# -- the arithmetic -------------------------------------------------------------------------------


def piloted(group) -> Records:
    return dataclasses.replace(made_up(0), pilots={1: np.array(group, np.int8)})


def test_people_who_are_no_customers_count_with_nothing():
    rng = np.random.default_rng(1)
    group = rng.integers(-1, 2, 90)  # people 60 to 89 never bought
    records = piloted(group)
    net, profit = np.zeros(90), np.zeros(90)
    for row in records.customers:
        if row["brand"] == 1:
            net[row["person"]] += row["net_cents"] / 100
            profit[row["person"]] += (row["net_cents"] - row["cost_cents"]) / 100
    for metric, each in ((m.pilot_naive_revenue, net), (m.pilot_naive_contribution, profit)):
        means = [np.mean([x for x, g in zip(each, group, strict=True) if g == k]) for k in (1, 0)]
        assert metric(records)[1] == pytest.approx(90 * (means[0] - means[1]))
        assert np.isnan(metric(records)[0])
    assert m.pilot_share(records)[1] == np.mean(group == 1)


def test_with_nobody_in_a_group_there_is_no_estimate():
    for only in (1, 0, -1):
        assert np.isnan(m.pilot_naive_revenue(piloted(np.full(90, only)))).all()
    assert np.isnan(m.pilot_naive_contribution(made_up(0))).all() and BRANDS == 2

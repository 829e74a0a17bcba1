"""Metrics of a brand in its market, against plain loops and against markets made for them."""

import dataclasses

import numpy as np
import pytest
from made_up import BRANDS, BURN_IN, DAYS, made_up

from experiments import metrics
from experiments import metrics_market as m
from experiments.records import Records, observe

pytestmark = pytest.mark.quick
YEAR = DAYS - 365


@pytest.fixture(params=range(3), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param)


def check(metric, records: Records, function) -> None:
    expected = [function(brand) for brand in range(BRANDS)]
    assert metric(records) == pytest.approx(expected, nan_ok=True)


def days_by_person(records: Records, brand: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for order in records.orders[records.orders["brand"] == brand]:
        found.setdefault(int(order["person"]), []).append(int(order["day"]))
    return found


def in_year(records: Records, brand: int) -> list[int]:
    """How often each buyer of the year ordered in it."""
    each = (sum(day >= YEAR for day in days) for days in days_by_person(records, brand).values())
    return [orders for orders in each if orders]


def test_penetration_and_how_often_buyers_buy(records):
    people = records.in_category
    check(m.penetration, records, lambda b: len(in_year(records, b)) / people)
    check(m.orders_per_buyer, records, lambda b: np.mean(in_year(records, b)))
    check(m.one_order_share, records, lambda b: np.mean([n == 1 for n in in_year(records, b)]))


def test_new_customers_of_a_year_and_of_the_year_before(records):
    def growth(brand: int) -> float:
        first = [days[0] for days in days_by_person(records, brand).values()]
        return sum(day >= YEAR for day in first) / sum(YEAR - 365 <= day < YEAR for day in first)

    check(m.new_customer_growth, records, growth)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_repeat_rates_by_the_number_of_the_order(records, number):
    def rate(brand: int) -> float:
        found = []
        for days in days_by_person(records, brand).values():
            for k, day in enumerate(days, 1):
                if min(k, 4) == number and day >= 0 and DAYS - 1 - day >= 90:
                    found.append(k < len(days) and days[k] - day <= 90)
        return float(np.mean(found)) if found else float("nan")

    metric = metrics.repeat_rate if number == 1 else getattr(m, f"repeat_after_{number}")
    check(metric, records, rate)


def test_the_year_before_may_be_burn_in(records):
    assert BURN_IN == 30
    within = dataclasses.replace(records, days=2 * 365 - BURN_IN)
    assert np.isfinite(m.new_customer_growth(within)).all()
    beyond = dataclasses.replace(records, days=2 * 365 - BURN_IN - 1)
    assert np.isnan(m.new_customer_growth(beyond)).all()


def test_what_a_new_customer_is_worth_beside_what_one_more_costs(records):
    flows = metrics.flows
    before = flows.contribution_profit(records) + flows.acquisition_spend(records)
    each = before / flows.new_customers(records)
    assert m.contribution_per_new(records) == pytest.approx(each)
    records.prospects["reached"], records.prospects["won"] = (40, 0), (10, 0)
    records.prospects["reached_slope"] = (20, 3)
    found = m.marginal_value_to_cac(records)
    assert found[0] == pytest.approx(each[0] / m.marginal_cac(records)[0]) and np.isnan(found[1])


def test_a_short_run_has_no_year(records):
    short = dataclasses.replace(records, days=300)
    for metric in (m.penetration, m.orders_per_buyer, m.one_order_share, m.new_customer_growth):
        assert np.isnan(metric(short)).all()


def test_costs_of_advertising_are_of_advertising_alone(records):
    spent = records.total("acquisition") / 100
    assert m.advertising_cac(records) == pytest.approx(spent / metrics.flows.new_customers(records))
    ratio = m.advertising_ratio(records)
    assert ratio == pytest.approx(spent / metrics.flows.net_revenues(records))


def test_marginal_cost_by_hand(records):
    records.prospects["reached"], records.prospects["won"] = (40, 0), (10, 0)
    records.prospects["reached_slope"] = (20, 3)
    spent = records.total("acquisition")[0] / 100
    got = m.marginal_cac(records)
    assert got[0] == pytest.approx(spent / (20 * 10 / 40)) and np.isnan(got[1])


def test_awareness_is_of_those_in_the_category_on_the_last_day(still):
    changes = {
        "days": 400,
        "people.n": 400,
        "people.exit_rate": 0.5,
        "people.entry": {"kind": "steady", "later": 0.5, "over_days": 600},
        "brands.A.awareness": 0.4,
    }
    market = still(**changes)
    found = observe(market)
    people = market.world.people
    there = (people["entry_day"] <= 399) & (people["exit_day"] > 399)
    known = market.world.relationships["aware"][there, 0]
    assert 0 < there.sum() < 300
    assert found.aware[0] == known.mean() and m.awareness(found)[0] == known.mean()
    year = range(400 - 365, 400)
    some = [any(p["entry_day"] <= d < p["exit_day"] for d in year) for p in people]
    assert found.in_category == sum(some)

"""Metrics of customers, and the curves of the customer base, against plain loops."""

import dataclasses
from math import erf, sqrt

import numpy as np
import pandas as pd
import pytest
from made_up import BRANDS, made_up
from tiny_studies import social

from experiments import curves, customer_base, flows, metrics
from experiments import metrics_customers as m
from experiments.records import Records


@pytest.fixture(params=range(3), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param)


def active(records: Records, brand: int) -> list[int]:
    """Rows of the customers of the run."""
    rows = enumerate(records.customers)
    return [k for k, row in rows if row["brand"] == brand and row["last_day"] >= 0]


def check(metric, records: Records, function) -> None:
    expected = [function(brand) for brand in range(BRANDS)]
    assert metric(records) == pytest.approx(expected, nan_ok=True)


def below(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


def test_the_promoter_score_is_what_a_survey_would_find(records):
    def score(brand):
        told = [float(records.satisfaction[k]) for k in active(records, brand)]
        promoters = [1 - below((0.75 - felt) / 0.1) for felt in told]
        detractors = [below((0.5 - felt) / 0.1) for felt in told]
        return 100 * (np.mean(promoters) - np.mean(detractors))

    check(m.nps, records, score)


@pytest.mark.parametrize(("felt", "score"), [(1.0, 100), (0.0, -100), (0.625, 0)])
def test_the_promoter_score_is_between_its_ends(felt, score):
    records = made_up(0)
    records = dataclasses.replace(records, satisfaction=np.full_like(records.satisfaction, felt))
    assert m.nps(records) == pytest.approx([score] * BRANDS, abs=2)


def test_the_promoter_score_goes_by_the_gate_of_the_market():
    picky = dataclasses.replace(made_up(0), gate=0.7)
    assert (m.nps(picky) < m.nps(made_up(0))).all()


def test_satisfaction_is_that_of_the_market_before_it_runs_on():
    records = social()
    assert records.gate == 0.5
    assert len(records.satisfaction) == len(records.customers)
    assert np.ptp(records.satisfaction) > 0.1
    assert np.isfinite(m.nps(records)).all()


def spent(records: Records, brand: int) -> list[int]:
    return sorted(int(records.customers["net_cents"][k]) for k in active(records, brand))


def test_gini_and_the_top_twenty(records):
    def gini(brand):
        values = spent(records, brand)
        pairs = [abs(a - b) for a in values for b in values]
        return np.mean(pairs) / 2 / np.mean(values)

    def top(brand):
        values, n = spent(records, brand), len(spent(records, brand))
        whole, part = divmod(n, 5)  # a fifth of the people, of whom the last is cut in parts
        least_of_them = values[n - whole - 1] * part / 5
        return (sum(values[n - whole :]) + least_of_them) / sum(values)

    check(m.revenue_gini, records, gini)
    check(m.top_share, records, top)


def test_gini_by_hand():
    assert customer_base.gini(np.array([5, 5, 5])) == pytest.approx(0)
    assert customer_base.gini(np.array([0, 0, 0, 9])) == pytest.approx(3 / 4)
    assert np.isnan(customer_base.gini(np.array([0, 0])))


def test_a_brand_without_revenue_has_no_concentration():
    quiet = made_up(0)
    nobody = dataclasses.replace(
        quiet, orders=quiet.orders[:0], customers=quiet.customers[:0], satisfaction=np.zeros(0)
    )
    for metric in (m.revenue_gini, m.top_share, m.nps):
        assert np.isnan(metric(nobody)).all()


# -- curves ---------------------------------------------------------------------------------------


def curve(records: Records, name: str, brand: str) -> pd.DataFrame:
    table = curves.table(records)
    return table[(table["curve"] == name) & (table["brand"] == brand)]


def test_the_lorenz_curve_is_what_the_least_have(records):
    for b, brand in enumerate(records.brands):
        rows, values = curve(records, "lorenz", brand).set_index("x"), spent(records, b)
        assert (rows["bottom"] == sum(values) / 100).all()
        for percent in (0, 13, 50, 80, 99, 100):
            people = percent / 100 * len(values)
            whole = int(people)
            rest = values[whole] * (people - whole) if whole < len(values) else 0
            assert rows.loc[percent, "top"] == pytest.approx((sum(values[:whole]) + rest) / 100)
        share = 1 - rows.loc[80, "top"] / rows.loc[80, "bottom"]
        assert m.top_share(records)[b] == pytest.approx(share)


def test_the_rfm_grid(records):
    recency = ((0, 29), (30, 59), (60, 89), (90, 179), (180, 364), (365, 9999))
    frequency = ((1, 1), (2, 2), (3, 5), (6, 10), (11, 9999))
    for b, brand in enumerate(records.brands):
        rows = curve(records, "rfm", brand).set_index(["x", "y"])
        seen = 0
        for x, (near, far) in enumerate(recency):
            for y, (few, many) in enumerate(frequency):
                money = []
                for k in active(records, b):
                    row = records.customers[k]
                    n = sum(
                        order["person"] == row["person"] and order["brand"] == b
                        for order in records.orders[records.own]
                    )
                    if near <= records.days - 1 - row["last_day"] <= far and few <= n <= many:
                        money.append(int(row["net_cents"]))
                if money:
                    found = rows.loc[(x, y)]
                    assert found["bottom"] == len(money)
                    assert found["top"] == pytest.approx(sum(money) / 100)
                    seen += 1
        assert seen == len(rows) > 5


def test_kaplan_meier_to_churn(records):
    found = curves.survival(curve(records, "churn", "A"))
    lives = []
    for row in records.customers:
        if row["brand"] == 0 and row["first_day"] >= 0:
            end = row["dropped_out_day"] if row["dropped_out"] else records.days - 1
            lives.append((int(end) - int(row["first_day"]), bool(row["dropped_out"])))
    alive = 1.0
    for day in sorted({life for life, _ in lives}):
        risk = sum(life >= day for life, _ in lives)
        alive *= 1 - sum(life == day and left for life, left in lives) / risk
        assert found.loc[day, "survival"] == pytest.approx(alive)
    assert 0 < alive < 1


def test_the_customer_base_of_a_market_is_all_of_its_revenue():
    records = social()
    for b, brand in enumerate(records.brands):
        grid, lorenz = curve(records, "rfm", brand), curve(records, "lorenz", brand)
        assert grid["bottom"].sum() == metrics.customers(records)[b]
        assert grid["top"].sum() == pytest.approx(lorenz["bottom"].iloc[0])
        assert grid["top"].sum() == pytest.approx(flows.net_revenues(records)[b], rel=0.01)
        left = curve(records, "churn", brand)["top"].sum()
        assert 0 < left <= flows.dropouts(records)[b]

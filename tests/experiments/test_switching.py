"""Switching between brands, against plain loops and a log that can be counted by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from made_up import made_up

from experiments import curves, metrics_switching, switching
from experiments.records import Records


@pytest.fixture(params=range(4), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param)


def pairs(records: Records) -> list[tuple[int, int, int]]:
    """From brand, to brand, category: each person's consecutive purchases, one by one."""
    last: dict[tuple[int, int], int] = {}
    found = []
    for order in records.orders:
        category = int(records.categories[order["product"]])
        who = int(order["person"]), category
        if who in last and order["day"] >= 0:
            found.append((last[who], int(order["brand"]), category))
        last[who] = int(order["brand"])
    return found


def test_the_matrix_counts_consecutive_purchases(records):
    expected = np.zeros((2, 2, 2), int)
    for before, after, category in pairs(records):
        expected[before, after, category] += 1
    assert (switching.matrix(records) == expected).all()
    assert expected.min() > 0


def test_what_is_lost_and_won(records):
    found = pairs(records)
    for brand in range(2):
        after_own = [b for a, b, _ in found if a == brand]
        before_own = [a for a, b, _ in found if b == brand]
        lost = np.mean([b != brand for b in after_own])
        won = np.mean([a != brand for a in before_own])
        assert metrics_switching.switched_away(records)[brand] == pytest.approx(lost)
        assert metrics_switching.won_over(records)[brand] == pytest.approx(won)
    net = metrics_switching.net_won(records)
    assert net.sum() == 0
    assert net[0] == sum(b == 0 for _, b, _ in found) - sum(a == 0 for a, _, _ in found)


def test_a_log_counted_by_hand():
    base = made_up(0)
    orders = np.zeros(7, base.orders.dtype)
    #                     person: 0 buys A A B in one category, 1 buys B in it and A in the other
    orders["person"] = [0, 1, 0, 1, 0, 2, 2]
    orders["product"] = [0, 2, 0, 1, 2, 2, 0]  # 0 and 1 are A's, 2 and 3 are B's; even: category 0
    orders["brand"] = [0, 1, 0, 0, 1, 1, 0]
    orders["day"] = [-9, -8, 1, 2, 3, 4, 4]  # two on one day: as they stand
    records = dataclasses.replace(base, orders=orders)
    assert switching.matrix(records).sum(axis=2).tolist() == [[1, 1], [1, 0]]
    assert metrics_switching.switched_away(records).tolist() == [0.5, 1.0]


def test_the_curve_pools():
    tables = [curves.table(made_up(seed)) for seed in (0, 1)]
    rows = pd.concat(tables)
    rows = rows[rows["curve"] == "switch"]
    sums = rows.groupby(["brand", "x"])[["top", "bottom"]].sum()
    both = sum(switching.matrix(made_up(seed)).sum(axis=2) for seed in (0, 1))
    for b, brand in enumerate("AB"):
        assert sums.loc[brand, "top"].tolist() == both[b].tolist()
        assert (sums.loc[brand, "bottom"] == both[b].sum()).all()


def test_a_brand_nobody_has_bought_has_no_shares():
    base = made_up(0)
    records = dataclasses.replace(base, orders=base.orders[base.orders["brand"] == 0])
    assert np.isnan(metrics_switching.switched_away(records)[1])
    assert metrics_switching.switched_away(records)[0] == 0
    assert set(pd.DataFrame(curves.switches(records))["brand"]) == {0}

"""What records offer to metrics, against plain loops."""

import numpy as np
import pytest
from made_up import DAYS, made_up

from experiments.records import ascending


@pytest.mark.parametrize("most", [1, 2**16, 2**16 + 1, 2**33, 2**62])
def test_keys_of_any_size_are_put_in_order_and_equals_keep_theirs(most):
    keys = np.random.default_rng(1).integers(0, most, 5_000)
    keys[::7] = keys[0]
    assert (ascending(keys) == np.argsort(keys, kind="stable")).all()


def test_nothing_is_in_order():
    assert ascending(np.zeros(0, np.int64)).shape == (0,)


@pytest.mark.parametrize(("start", "end"), [(0, DAYS), (-30, 0), (100, 101), (790, 900), (5, 5)])
def test_orders_of_some_days_are_a_slice(start, end):
    records = made_up(0)
    day = records.orders["day"]
    rows = np.arange(len(day))[records.between(start, end)]
    assert rows.tolist() == np.flatnonzero((day >= start) & (day < end)).tolist()
    who = {
        (int(order["person"]), int(order["brand"]))
        for order in records.orders
        if start <= order["day"] < end
    }
    customers = records.customers[records.ordered(start, end)]
    assert {(int(x["person"]), int(x["brand"])) for x in customers} == who


def test_rows_are_counted_by_day_and_brand():
    records = made_up(0)
    day, brand = np.array([0, 3, 3, DAYS - 1]), np.array([1, 0, 0, 1])
    count = records.per_day(day, brand)
    assert count.shape == (DAYS, 2)
    assert count[0, 1] == 1 and count[3, 0] == 2 and count[DAYS - 1, 1] == 1
    assert count.sum() == 4

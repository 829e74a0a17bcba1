"""Metrics of staff, against what a market did, touch by touch."""

import dataclasses
import math

import numpy as np
import pytest

from experiments import metrics
from experiments import metrics_staff as m
from experiments.records import Records, observe
from sim.market import Market
from sim.strategies.interface import Does, Touch

pytestmark = pytest.mark.quick
DAYS = 20


@pytest.fixture
def watched(still, follow_up) -> tuple[Records, Market]:
    """Return a market of 100 people who are called a day after an order, 8 a day, for 6 days."""
    call = Touch("call", Does.SELL, day=1, brand_orders=(1, 1))
    write = Touch("write", Does.SELL, day=2, brand_orders=(1, 1), human=False)
    staff = {"capacity": 80, "max_wait": 5}
    strategies = follow_up(call, write)
    market = still(days=DAYS, **{"brands.A.staff": staff, "brands.A.strategies": strategies})
    market.run_model()
    return observe(market), market


def test_what_eight_calls_a_day_come_to(watched):
    """48 are called, 8 each on days 1 to 6; the other 52 are dropped on day 7."""
    records, _ = watched
    assert m.human_touches(records).tolist() == [48, 0]
    assert m.human_capacity(records).tolist() == [8 * DAYS, 0]
    assert m.human_utilisation(records)[0] == 48 / (8 * DAYS)
    assert m.human_wait(records)[0] == pytest.approx(np.mean([0, 1, 2, 3, 4, 5]))
    assert m.human_late_share(records)[0] == pytest.approx(5 / 6)
    assert m.human_dropped_share(records)[0] == pytest.approx(0.52)
    assert m.human_backlog(records)[0] == pytest.approx(
        sum(100 - 8 * k for k in range(1, 7)) / DAYS
    )
    assert m.human_backlog_last(records)[0] == 0
    assert metrics.table(records)["human_wait"].iloc[0] == m.human_wait(records)[0]


def test_without_staff_there_is_nothing_to_say(watched):
    records, _ = watched
    for metric in (m.human_utilisation, m.human_wait, m.human_late_share, m.human_dropped_share):
        assert math.isnan(metric(records)[1])


def test_what_waits_on_the_last_day(watched):
    records, _ = watched
    early = dataclasses.replace(records, counts=records.counts[:4])
    assert m.human_backlog_last(early).tolist() == [76, 0]

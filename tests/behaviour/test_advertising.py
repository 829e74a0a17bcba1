"""Advertising: awareness at a rate with diminishing returns, at a cost."""

import math

import numpy as np
import pytest

from sim.books import Account
from sim.counts import COUNTS
from sim.engine.kernels import plain
from sim.people import advertising

pressure = plain(advertising.pressure)
RULES = {"behaviour.advertising.reach": 0.05, "behaviour.advertising.half_spend": 100}


def campaign(still, spend, days=30, **changes):
    base = {**RULES, "people.n": 2000, "days": days}
    nobody_buys = {"categories.cream.usage": 0, "categories.cream.start": "fresh"}
    market = still(**{**base, **nobody_buys, "brands.B.advertising.spend": spend, **changes})
    market.run_model()
    return market


@pytest.mark.quick
def test_returns_diminish():
    spend = np.array([0.0, 50, 100, 200, 400, 1e12])
    rate = pressure(0.05, 100.0, spend)
    assert rate[0] == 0
    assert rate[2] == pytest.approx(0.025), "half of the reach at the half spend"
    assert rate[-1] == pytest.approx(0.05), "and never more than the reach"
    per_yuan = np.diff(rate) / np.diff(spend)
    assert (per_yuan > 0).all()
    assert (np.diff(per_yuan) < 0).all()


@pytest.mark.parametrize("spend", [50, 100, 200])
def test_awareness_spreads_at_the_rate_paid_for(still, spend):
    market = campaign(still, spend)
    aware = market.world.relationships["aware"]
    rate = 0.05 * spend / (spend + 100)
    assert aware[:, 1].mean() == pytest.approx(1 - math.exp(-rate * 30), abs=0.035)
    assert market.counts[:, 1, COUNTS.index("aware_by_advertising")].sum() == aware[:, 1].sum()
    assert market.counts[:, 0, COUNTS.index("aware_by_advertising")].sum() == 0


@pytest.mark.quick
@pytest.mark.parametrize("reach", [0.05, 0.0])
def test_it_costs_what_is_spent_whatever_it_does(still, reach):
    market = campaign(still, 100, **{"behaviour.advertising.reach": reach})
    cost = market.books.daily[:, :, Account.ACQUISITION]
    assert (cost[:, 1] == 100 * 100 * 2).all()
    assert not cost[:, 0].any()
    assert market.books.unallocated.tolist() == [0, 30 * 100 * 100 * 2]
    assert market.world.relationships["aware"][:, 1].any() == (reach > 0)


@pytest.mark.quick
def test_no_spend_no_awareness_no_cost(still):
    market = campaign(still, 0)
    assert not market.world.relationships["aware"][:, 1].any()
    assert not market.books.daily.any()


@pytest.mark.quick
def test_more_spend_reaches_the_same_people_and_more(still):
    less, more = campaign(still, 30), campaign(still, 300)
    known, better_known = (m.world.relationships["aware"][:, 1] for m in (less, more))
    assert known.any()
    assert (better_known >= known).all()
    assert better_known.sum() > known.sum()


@pytest.mark.quick
def test_everybody_is_reached_in_the_end_and_then_nobody_more(still):
    market = campaign(still, 1e9, **{"behaviour.advertising.reach": 1})
    assert market.world.relationships["aware"][:, 1].all()
    reached = market.counts[:, 1, COUNTS.index("aware_by_advertising")]
    assert reached.sum() == 2000 and reached[-5:].sum() == 0


@pytest.mark.quick
def test_who_is_reached_can_buy_from_that_day_on(still):
    changes = {**RULES, "brands.A.awareness": 0, "brands.B.advertising.spend": 100, "days": 40}
    market = still(**changes, **{"categories.cream.retry_days": 1})
    aware_on = np.full(100, 99)
    for day in range(40):
        market.step()
        new = market.world.relationships["aware"][:, 1] & (aware_on == 99)
        aware_on[new] = day
    first = {int(o["person"]): int(o["day"]) for o in market.orders[market.orders["nth"] == 1]}
    assert len(first) > 50
    assert first == {i: d for i, d in enumerate(aware_on.tolist()) if d < 99}

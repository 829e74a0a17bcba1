"""Needs: regular or not, put off by stock, returning when skipped, in season, only while there."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from sim.engine.kernels import plain
from sim.people import limits, occasion
from sim.state import MESSAGE

INF = math.inf
advance = plain(occasion.advance)
after = plain(occasion.after)


def gaps(market) -> np.ndarray:
    """Return the days between successive orders of the same person."""
    orders = np.sort(market.orders, order=["person", "day"])
    same = np.diff(orders["person"]) == 0
    return np.diff(orders["day"])[same]


# --- regularity -----------------------------------------------------------------------------------


@pytest.mark.parametrize("regularity", [1.0, 4.0, 25.0])
def test_regularity_is_the_shape_of_the_gaps(still, regularity):
    market = still(**{"days": 600, "people.n": 150, "categories.cream.regularity": regularity})
    market.run_model()
    found = gaps(market)
    assert found.mean() == pytest.approx(30, rel=0.07)  # a little less: long gaps are cut off
    assert found.std() / found.mean() == pytest.approx(regularity**-0.5, rel=0.1)


@pytest.mark.quick
def test_a_clockwork_has_gaps_of_one_cycle(still):
    market = still(**{"days": 100})
    market.run_model()
    assert set(gaps(market)) == {30}
    assert len(market.orders) == 4 * 100


def test_each_person_has_a_cycle_of_ones_own(still):
    usage = {"dist": "gamma", "mean": 1, "shape": 4}
    market = still(**{"days": 400, "categories.cream.usage": usage})
    market.run_model()
    number = np.bincount(market.orders["person"], minlength=100)
    cycle = market.world.occasions["cycle"][:, 0]
    np.testing.assert_array_equal(number, np.ceil(400 / cycle))


@pytest.mark.quick
def test_several_needs_on_one_day(still):
    market = still(**{"days": 3, "people.n": 2, "categories.cream.period_days": 0.25})
    market.run_model()
    assert np.bincount(market.orders["day"]).tolist() == [8, 8, 8]


@pytest.mark.quick
def test_needs_that_a_day_cannot_meet_are_met_on_the_next(still):
    """A hundred packs a day are used up, and at most 64 bought."""
    market = still(**{"days": 4, "people.n": 2, "categories.cream.period_days": 0.01})
    market.run_model()
    assert np.bincount(market.orders["day"]).tolist() == [2 * limits.MOST_A_DAY] * 4


@pytest.mark.quick
def test_needs_that_a_day_cannot_meet_are_not_woken(still):
    """They stand anyway, and are met tomorrow."""
    changes = {"categories.cream.period_days": 0.01, "behaviour.talk.trigger": 1}
    market = still(**changes, **{"people.n": 2})
    market._messages = np.zeros(1, MESSAGE)
    market._messages["valence"] = 1
    market.step()
    assert market.orders.size == 2 * limits.MOST_A_DAY


# --- stock ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("regularity", [1.0, 3.0, INF])
def test_buying_several_packs_is_buying_each_when_the_last_runs_out(still, regularity):
    """Who buys in bulk runs out on the day on which he would have run out of single packs."""
    one = still(**{"categories.cream.regularity": regularity}).world
    bulk = still(**{"categories.cream.regularity": regularity}).world
    for i in range(20):
        for _ in range(3):
            advance(one, i, 0, 1, 1.0, float(one.occasions[i, 0]["due"]))
        advance(bulk, i, 0, 3, 1.0, 0.0)
    np.testing.assert_array_equal(one.occasions["due"], bulk.occasions["due"])
    if regularity == INF:
        assert (bulk.occasions["due"][:20] == 90).all()


@pytest.mark.quick
def test_the_size_of_a_pack_and_the_stock_at_hand_count(still):
    world = still(**{"people.n": 1}).world
    advance(world, 0, 0, 1, 2.0, 0.0)
    assert world.occasions[0, 0]["due"] == 60
    advance(world, 0, 0, 2, 0.5, 10.0)  # early: what is left is kept
    assert world.occasions[0, 0]["due"] == 90
    advance(world, 0, 0, 1, INF, 20.0)  # lasts for ever
    assert world.occasions[0, 0]["due"] == INF


@pytest.mark.quick
@pytest.mark.parametrize(("flexibility", "due"), [(0.0, 120), (0.5, 85), (1.0, 50)])
def test_flexible_consumption_uses_up_what_was_bought_early_or_in_bulk(still, flexibility, due):
    world = still(
        **{"people.n": 1, "behaviour.purchase_occasion.consumption_flexibility": flexibility}
    ).world
    world.occasions[0, 0]["due"] = 30
    # on day 20, with 10 days of stock left: three packs, two of them for later
    advance(world, 0, 0, 3, 1.0, 20.0)
    assert world.occasions[0, 0]["due"] == due


# --- skipped needs --------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("retry", "day"), [(4, 12), (11, 11), (0.5, 10), (INF, None)])
def test_a_skipped_need_returns_after_the_retry_time(still, retry, day):
    """Nobody knows a brand until day 10."""
    market = still(**{"brands.A.awareness": 0, "categories.cream.retry_days": retry, "days": 40})
    for _ in range(10):
        market.step()
    assert len(market.orders) == 0
    market.world.relationships["aware"] = True
    market.run_model()
    first = market.orders["day"][:100]
    assert first.tolist() == ([day] * 100 if day else [])


@pytest.mark.quick
def test_a_pack_that_lasts_beyond_all_days_is_never_bought_again(still):
    """Nor can anything trigger a purchase occasion for it."""
    never = {"categories.cream.period_days": 36_500, "categories.cream.usage": 3.65e-6}
    market = still(**{"days": 3, **never})
    market.step()
    assert market.orders.size == 100
    assert (market.world.occasions["due"] == INF).all()


# --- season ---------------------------------------------------------------------------------------


def season(market) -> np.ndarray:
    """Return the orders in the half year around day 100, and in the other half."""
    turn = np.cos(2 * np.pi * (market.orders["day"] - 100) / 365)
    return np.array([(turn > 0).sum(), (turn <= 0).sum()])


def test_orders_cluster_at_the_peak_of_the_season(still):
    common = {"days": 730, "people.n": 300, "categories.cream.regularity": 3}
    common["categories.cream.start"] = "equilibrium"
    even = still(**common)
    seasonal = still(
        **common,
        **{"categories.cream.season_amplitude": 0.8, "categories.cream.season_peak_day": 100},
    )
    even.run_model()
    seasonal.run_model()
    peak, trough = season(seasonal)
    # the mean of 1 + .8 cos over either half: 1 +- .8 x 2 / pi
    share = 0.5 + 0.8 / np.pi
    assert peak / (peak + trough) == pytest.approx(share, abs=0.02)
    assert season(even)[0] / len(even.orders) == pytest.approx(0.5, abs=0.02)
    assert len(seasonal.orders) == pytest.approx(len(even.orders), rel=0.03), "no more in all"


def test_the_clock_of_the_season_runs_at_its_rate(still):
    """Between two needs the rate 1 + a cos(2 pi (day - peak) / 365) adds up to the gap."""
    world = still(
        **{"categories.cream.season_amplitude": 0.9, "categories.cream.season_peak_day": 30}
    ).world
    for start, gap in ((0.0, 10.0), (200.0, 10.0), (-50.0, 400.0), (300.0, 0.5)):
        end = after(world.categories[0], start, gap)
        passed, _ = quad(lambda t: 1 + 0.9 * math.cos(2 * math.pi * (t - 30) / 365), start, end)
        assert passed == pytest.approx(gap, rel=1e-6)
    assert after(world.categories[0], 5.0, INF) == INF


# --- entrants -------------------------------------------------------------------------------------


@pytest.mark.quick
def test_entrants_buy_on_entry_and_leavers_stop(still):
    changes = {"people.entry": {"kind": "steady", "later": 0.5}, "people.exit_rate": 6}
    market = still(**changes)
    market.run_model()
    people, orders = market.world.people, market.orders
    came = np.maximum(people["entry_day"], 0)
    days = [orders["day"][orders["person"] == i] for i in range(100)]
    for i in range(100):
        expected = range(came[i], min(60, people["exit_day"][i]), 30)
        assert days[i].tolist() == list(expected)
    assert sum(len(d) for d in days) < 170

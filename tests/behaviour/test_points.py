"""Points: owed when they vest, spent at an order or lapsed, and an attraction while they are held.

Person 0 refers, and buys when a test lets person 0. What friends buy on day d vests on day d + 11.
"""

import math

import numpy as np
import pytest

from sim.books import Account, contribution
from sim.engine.calendar import schedule
from sim.mechanisms.referral.terms import Referral

A = "brands.A.strategies"
RULES = "behaviour.referral"
OWED, ACCRUAL = Account.POINTS_OWED, Account.REWARDS_PENDING
POINTS = Referral(points=10, points_cost=0.6, points_days=8, vest_days=0)
COST = 600
KEEP, SPEND = {f"{RULES}.redeem": 0}, {f"{RULES}.redeem": 1}


def buying_on(day: int):
    """Return what lets person 0 need a pack on a day, and know A from then on."""

    def watch(market):
        if market.day == day:
            market.world.relationships["aware"][0, 0] = True
            market.world.occasions["due"][0, 0] = day
            schedule(market.world.occasions_due, 0, day)

    return watch


# --- earned, spent, lapsed ------------------------------------------------------------------------


@pytest.mark.quick
def test_points_are_owed_at_cost_when_they_vest_and_lapse_unused(referring, programme, posted):
    """Earned on day 11, held for 8 days, gone on day 20; what they had cost is taken back."""
    market = referring(programme(POINTS), {0: [(0, 1)]}, **KEEP)
    assert posted(market, Account.REFERRAL_POINTS) == {0: COST}
    assert posted(market, ACCRUAL) == {0: COST, 11: -COST}
    assert posted(market, OWED) == {11: COST, 20: -COST}
    assert posted(market, Account.POINTS_BREAKAGE) == {20: -COST}
    assert market.world.relationships["cost_cents"][0, 0] == 0
    plain = referring(programme(Referral(vest_days=0)), {0: [(0, 1)]}, **KEEP)
    np.testing.assert_array_equal(
        contribution(market.books.daily.sum(axis=0)), contribution(plain.books.daily.sum(axis=0))
    )


@pytest.mark.quick
@pytest.mark.parametrize("points_days", [0, 1, 8, 40])
def test_points_hold_as_long_as_the_brand_says(referring, programme, posted, points_days):
    term = Referral(points=10, points_cost=0.6, points_days=points_days, vest_days=0)
    market = referring(programme(term), {0: [(0, 1)]}, **KEEP)
    assert posted(market, OWED) == {11: COST, 11 + points_days + 1: -COST}


@pytest.mark.quick
@pytest.mark.parametrize(
    ("day", "spent"), [(10, None), (12, 12), (19, 19), (20, None), (25, None)], ids="day {}".format
)
def test_points_are_spent_at_an_order_while_they_hold(referring, programme, posted, day, spent):
    """The last day is 19."""
    market = referring(programme(POINTS), {0: [(0, 1)]}, watch=buying_on(day), **SPEND)
    assert market.orders["day"][market.orders["person"] == 0][0] == day
    gone = spent or 20
    assert posted(market, OWED) == {11: COST, gone: -COST}
    assert posted(market, Account.POINTS_BREAKAGE) == ({} if spent else {20: -COST})
    assert posted(market, Account.REFERRAL_POINTS) == {0: COST}, "the cost was accrued before"
    if spent:
        order = 10000 - 4000 - 600
        assert posted(market, Account.CASH)[day] == order - COST, "goods are given for them"


@pytest.mark.parametrize("redeem", [0, 0.3, 1])
def test_points_are_spent_at_their_chance_and_all_at_once(referring, programme, posted, redeem):
    """500 referrers order on day 30, and hold the points of two friends each."""
    friends = [(k, 500 + 2 * k + which) for k in range(500) for which in (0, 1)]
    term = Referral(points=10, points_cost=0.6, vest_days=0)
    changes = {"people.n": 1500, f"{RULES}.redeem": redeem, "days": 31}
    market = referring(programme(term), {0: friends}, customers=range(500), **changes)
    assert posted(market, OWED)[11] == 1000 * COST
    held = market.world.loyalty["points_cents"][:500, 0]
    assert set(held) <= {0, 2 * COST}
    assert (held == 0).mean() == pytest.approx(redeem, abs=0.06)
    assert posted(market, OWED).get(30, 0) == -2 * COST * (held == 0).sum()


@pytest.mark.quick
@pytest.mark.parametrize("later", [1, 8])
def test_earning_more_keeps_all_points_alive(referring, programme, posted, later):
    """Those of day 11 would lapse on day 20; more are earned on day 12 or 19, and all hold on."""
    market = referring(programme(POINTS), {0: [(0, 1)], later: [(0, 2)]}, **KEEP)
    assert posted(market, OWED) == {11: COST, 11 + later: COST, 20 + later: -2 * COST}


@pytest.mark.quick
def test_points_that_have_lapsed_are_not_revived(referring, programme, posted):
    """More are earned on the very day on which the first are gone."""
    market = referring(programme(POINTS), {0: [(0, 1)], 9: [(0, 2)]}, **KEEP)
    assert posted(market, OWED) == {11: COST, 29: -COST}, "earned and lapsed on day 20"
    assert posted(market, Account.POINTS_BREAKAGE) == {20: -COST, 29: -COST}


@pytest.mark.quick
def test_points_earned_after_others_were_spent_hold_as_long(referring, programme, posted):
    friends = {0: [(0, 1)], 4: [(0, 2)]}
    market = referring(programme(POINTS), friends, watch=buying_on(13), **SPEND)
    assert posted(market, OWED) == {11: COST, 13: -COST, 15: COST, 24: -COST}
    assert posted(market, Account.POINTS_BREAKAGE) == {24: -COST}


@pytest.mark.quick
def test_points_earned_after_others_were_spent_hold_for_their_own_time(
    referring, programme, posted
):
    """Those spent on day 13 would have held until day 19; those of day 15 hold for two days."""

    def shorten(market):
        buying_on(13)(market)
        if market.day == 3:
            market.world.programmes["points_days"] = 2

    market = referring(programme(POINTS), {0: [(0, 1)], 4: [(0, 2)]}, watch=shorten, **SPEND)
    assert posted(market, OWED) == {11: COST, 13: -COST, 15: COST, 18: -COST}


@pytest.mark.quick
@pytest.mark.parametrize("first", ["long", "short"])
def test_points_that_hold_for_less_do_not_shorten_the_life_of_others(
    referring, programme, posted, first
):
    """One programme's hold for 30 days, another's for 5, earned on the same day."""
    long = Referral(points=10, points_cost=0.6, points_days=30, vest_days=0)
    short = Referral(points=5, points_cost=0.6, points_days=5, vest_days=0)
    terms = (long, short) if first == "long" else (short, long)
    market = referring(programme(*terms), {0: [(0, 1)]}, **KEEP)
    assert posted(market, OWED) == {11: 900, 42: -900}


@pytest.mark.quick
def test_points_in_the_continuation_are_spent_or_lapse(referring, programme):
    market = referring(programme(POINTS), {0: [(0, 1)]}, customers=[0], days=15, **KEEP)
    market.run_on()
    held = market.books.terminal[:, 0]
    assert np.flatnonzero(held[:, OWED]).tolist() == [20 - 15]
    assert held[5, Account.POINTS_BREAKAGE] == -COST


@pytest.mark.quick
@pytest.mark.parametrize("off", [{"points": 0}, {"points_cost": 0}], ids=str)
def test_points_that_cost_nothing_are_not_in_the_books(referring, programme, posted, off):
    term = Referral(**{"points": 10, "points_cost": 0.6, "vest_days": 0, **off})
    market = referring(programme(term), {0: [(0, 1)]}, **SPEND)
    for account in (Account.REFERRAL_POINTS, ACCRUAL, OWED, Account.POINTS_BREAKAGE):
        assert posted(market, account) == {}


# --- what they are for ----------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [0, 2])
@pytest.mark.parametrize(("days", "held"), [(19, True), (18, False)])
def test_points_held_attract(referring, programme, weight, days, held):
    """1,500 referrers choose between A and B on day 30, the last day of the points or one later."""
    friends = [(k, 1500 + k) for k in range(1500)]
    term = Referral(points=100, points_cost=0.5, points_days=days, vest_days=0)
    changes = {"people.n": 3000, "days": 31, "behaviour.choice.points": weight, **KEEP}
    changes |= {"behaviour.choice.concentration": 1}

    def evenly(market):
        market.world.relationships["log_taste"] = 0
        if market.day == 30:
            market.world.relationships["aware"][:1500] = True

    market = referring(
        programme(term), {0: friends}, customers=range(1500), watch=evenly, **changes
    )
    late = market.orders[(market.orders["day"] == 30) & (market.orders["person"] < 1500)]
    assert len(late) == 1500
    utility = weight * math.log(1 + 50 / 100) if held else 0
    expected = 1 / (1 + math.exp(-utility))
    assert (late["brand"] == 0).mean() == pytest.approx(expected, abs=0.04)

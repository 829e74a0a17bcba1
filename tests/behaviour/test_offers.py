"""Offers to sell that meet others: on the same day, or in the work that one has."""

import math

import numpy as np
import pytest
from staff import ALL, EVEN, RULES, A, at_work, call, count, logistic, steps

from sim.mechanisms.direct_selling.terms import Level
from sim.people.messages import Kind
from sim.state import NO_DAY

RECRUITING = Kind.RECRUITING


def both_sell(still, agency, ours, theirs, n=3000, **changes):
    """A market in which everybody has bought from A and B, who ask on the given days."""
    changes |= {"people.n": n, "brands.B.awareness": 1, "categories.cream.start": "fresh"}
    changes |= {A: agency(**ours), "brands.B.strategies": agency(**theirs, label="theirs")}
    market = still(**changes)
    market.world.relationships["orders"] = 1
    return market


@pytest.mark.quick
def test_offers_of_one_day_race(still, agency):
    """Utilities .8 and 1.2, of neither 0."""
    one, two = {"asked": {1: None}}, {"asked": {1: None}, "levels": (Level(0.6),)}
    changes = {**EVEN, f"{RULES}margin": 2}
    market = steps(both_sell(still, agency, one, two, **changes), 2)
    weights = np.exp([0.8, 1.2, 0])
    a, b = at_work(market, 0), at_work(market, 1)
    assert np.intersect1d(a, b).size == 0
    np.testing.assert_allclose(
        [a.size / 3000, b.size / 3000], (weights / weights.sum())[:2], atol=0.03
    )
    assert count(market, "recruiting_refused", 0).sum() == 3000 - a.size
    assert count(market, "recruiting_refused", 1).sum() == 3000 - b.size


@pytest.mark.quick
@pytest.mark.parametrize(("incumbency", "satisfaction"), [(1.5, 0), (-0.5, 0), (0, 5)])
def test_work_for_another_brand_can_be_left_for_a_better_one(
    still, agency, incumbency, satisfaction
):
    """S is .6 with A and .7 with B: .1 and .2 above the satisfaction threshold."""
    market = both_sell(still, agency, {"asked": {1: None}}, {"asked": {2: None}}, **ALL)
    market.world.relationships["overall"][:, 1] = 0.7
    steps(market, 2)
    assert at_work(market, 0).size == 3000
    rules = market.world.rules
    rules["direct_selling_join_intercept"], rules["direct_selling_incumbency"] = 0, incumbency
    rules["direct_selling_satisfaction"] = satisfaction
    market.step()
    a, b = at_work(market, 0), at_work(market, 1)
    assert np.intersect1d(a, b).size == 0 and a.size + b.size == 3000
    assert b.size / 3000 == pytest.approx(logistic(0.1 * satisfaction - incumbency), abs=0.03)
    assert count(market, "quits", 0)[2] == b.size == count(market, "joins", 1)[2]
    old = market.distributors[market.distributors["brand"] == 0]
    assert set(old["quit_day"][b]) == {2} and set(old["quit_day"][a]) == {NO_DAY}


@pytest.mark.quick
def test_of_two_recruiters_one_becomes_the_upline(still, agency):
    """On a ring everybody at an odd place is asked by both neighbours, to whom ties differ."""
    changes = {**EVEN, f"{RULES}tie": 2, "network": {"kind": "ring"}, "people.n": 3000}
    market = still(**changes, **{A: agency({1: range(0, 3000, 2)})})
    market.world.rules["direct_selling_join_intercept"] = math.inf
    steps(market, 2)
    market.world.rules["direct_selling_join_intercept"] = 0
    odd = np.arange(1, 3000, 2)
    row = market.world.selling["distributor"][:, 0] - 1
    left, right = row[odd - 1], row[(odd + 1) % 3000]
    ties = market.world.neighbours.reshape(-1, 2)
    strength = market.world.strength.reshape(-1, 2)
    strength[:] = np.where(ties == np.arange(3000)[:, None] - 1, 1.0, 0.25)
    call(market, np.concatenate([left, right]), np.concatenate([odd, odd]), RECRUITING)
    agents = market.distributors
    new = agents[agents["joined_day"] == 2]
    weights = np.exp([2, 0.5, 0])
    by_left = new["upline"] == row[new["person"] - 1]
    by_right = new["upline"] == row[(new["person"] + 1) % 3000]
    assert (by_left ^ by_right).all()
    shares = [by_left.sum() / 1500, by_right.sum() / 1500]
    np.testing.assert_allclose(shares, (weights / weights.sum())[:2], atol=0.04)
    at_work(market)  # checks that nobody has two engagements
    bring = np.bincount(new["upline"], minlength=len(agents))
    np.testing.assert_array_equal(agents["recruits"], bring)
    assert count(market, "recruiting_refused").sum() == 1500 - new.size


@pytest.mark.quick
def test_the_brand_and_a_distributor_are_two_offers(still, agency):
    """Of three equal utilities each wins a third of the time, whoever the distributor is."""
    for first in (0, 7):
        changes = {**ALL, "people.n": 3000, "network": {"kind": "complete"}}
        market = steps(still(**changes, **{A: agency({1: [first], 2: range(10, 3000)})}), 2)
        market.world.rules["direct_selling_join_intercept"] = 0
        call(market, 0, np.arange(10, 3000), RECRUITING)
        new = market.distributors[1:]
        assert (new["upline"] == 0).sum() / 2990 == pytest.approx(1 / 3, abs=0.03), first
        assert (new["upline"] == -1).sum() / 2990 == pytest.approx(1 / 3, abs=0.03), first


@pytest.mark.quick
def test_only_who_was_asked_weighs_an_offer(still, agency):
    """Person 3 works for the brand already, as its first distributor; all would like to."""
    market = steps(still(**ALL, **{A: agency({1: [3], 2: [5]})}), 3)
    assert at_work(market).tolist() == [3, 5]
    assert market.distributors["upline"].tolist() == [-1, -1]
    assert count(market, "recruiting_talks").tolist() == [0, 1, 1]


@pytest.mark.quick
def test_the_first_to_work_for_a_brand_is_as_bound_to_it_as_others(still, agency):
    market = both_sell(still, agency, {"asked": {1: [4, 6]}}, {"asked": {2: None}}, n=10, **ALL)
    steps(market, 2)
    market.world.rules["direct_selling_incumbency"] = math.inf
    market.step()
    assert at_work(market, 0).tolist() == [4, 6]
    assert at_work(market, 1).tolist() == [0, 1, 2, 3, 5, 7, 8, 9]


@pytest.mark.quick
def test_an_offer_of_someone_no_longer_at_work_is_none(still, agency):
    """It is neither taken nor refused."""
    market = steps(still(**ALL, **{A: agency({1: [0]})}), 2)
    market.world.distributors["quit_day"][0] = 1
    market.world.selling["distributor"][0, 0] = 0
    call(market, 0, [5, 6], RECRUITING)
    assert len(market.distributors) == 1
    assert count(market, "recruiting_talks").sum() == 3
    assert count(market, "recruiting_refused").sum() == 0
    assert not market.world.selling["pitch_from"][5:7, 0].any()


@pytest.mark.quick
def test_an_offer_of_someone_who_quits_today_stands(still, agency):
    """Who is asked may weigh it before or after that, and it must not matter."""
    market = steps(still(**ALL, **{A: agency({1: [0]})}), 2)
    market.world.distributors["quit_day"][0] = 2
    market.world.selling["distributor"][0, 0] = 0
    call(market, 0, [5, 6], RECRUITING)
    assert market.distributors["person"].tolist() == [0, 5, 6]
    assert market.distributors["upline"].tolist() == [-1, 0, 0]

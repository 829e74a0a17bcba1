"""The motive to invite: delight that fades, benefit by kind, what it costs to be thought paid.

Prices are 100 and the scale is .1, so that a reward of 10 is worth log 2.
"""

import math

import numpy as np
import pytest
from honoured import honoured, offered

from sim.engine.kernels import borrow, kernel
from sim.mechanisms.referral.motive import motive
from sim.mechanisms.referral.terms import Referral
from sim.people.roles import CUSTOMER, DISTRIBUTOR, KOC
from sim.strategies.interface import Does, Touch

A = "brands.A.strategies"
RULES = "behaviour.referral"
CREAM = "brands.A.products.cream"
FREE = {f"{RULES}.{kind}_cost": 0 for kind in ("cash", "goods", "points")}
"""Nobody minds being thought paid."""
LOG2 = math.log(2)


@kernel
def _motives(w, b, day):
    w = borrow(w)
    out = np.empty(w.people.size)
    for i in range(out.size):
        out[i] = motive(w, i, b, day)
    return out


def motives(market, day=0):
    """Return everybody's motive to invite to A."""
    return _motives(market.handle, 0, day)


@pytest.fixture
def moved(still, programme):
    """Return a function that gives one person's motive under programmes, and in a state."""

    def why(*terms, day=0, relationship=None, referring=None, koc=False, **changes):
        market = still(**{"people.n": 1, A: programme(*terms), **changes})
        for field, value in (relationship or {}).items():
            market.world.relationships[field][:, 0] = value
        for field, value in (referring or {}).items():
            market.world.referring[field][:, 0] = value
        if koc:
            market.world.recognition["koc"][:, 0] = True
        return motives(market, day)[0]

    return why


# --- delight --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("emotion", [0, 1, 2.5])
@pytest.mark.parametrize(("day", "left"), [(0, 0.8), (10, 0.4), (20, 0.2), (5, 0.8 * 0.5**0.5)])
def test_delight_moves_and_halves_every_half_life(moved, emotion, day, left):
    changes = {f"{RULES}.emotion": emotion, "behaviour.experience.delight_half_life": 10}
    why = moved(Referral(), day=day, relationship={"delight": 0.8}, **changes)
    assert why == pytest.approx(emotion * left, rel=1e-6)


@pytest.mark.quick
def test_delight_comes_of_quality_above_expectation(still, programme):
    """.7 where .6 was expected, then where .63 was; used on days 6 and 36, a half-life apart."""
    market = still(**{"people.n": 1, A: programme(Referral())})
    expected, first = {}, 0.5 * 0.1
    left = first / 2
    second = left + 0.5 * 0.07 * (1 - left)
    for day in range(50):
        expected[day] = 0 if day < 6 else first * 0.5 ** ((day - 6) / 30)
        if day >= 36:
            expected[day] = second * 0.5 ** ((day - 36) / 30)
        market.step()
        assert motives(market, day)[0] == pytest.approx(expected[day], rel=1e-5), day


@pytest.mark.quick
@pytest.mark.parametrize(
    "off", [{"behaviour.experience.delight": 0}, {f"{CREAM}.quality": 0.6}], ids=str
)
def test_what_was_expected_does_not_delight(still, programme, off):
    market = still(**{"people.n": 1, A: programme(Referral()), **off})
    for day in range(20):
        market.step()
        assert motives(market, day)[0] == 0


@pytest.mark.quick
@pytest.mark.parametrize("does", [Does.DELIGHT, Does.ASK_FEEDBACK])
def test_an_event_that_is_attended_delights(still, programme, does):
    """By 30 % of the way to full delight each time."""
    events = [Touch("one", does, day=1), Touch("two", does, day=2)]
    changes = {"behaviour.experience.delight_half_life": 1e9, "people.n": 1}
    market = still(**{A: programme(Referral(), touches=events), **changes})
    felt = []
    for day in range(3):
        market.step()
        felt.append(motives(market, day)[0])
    expected = [0, 0.3, 0.51] if does == Does.DELIGHT else [0, 0, 0]
    assert felt == pytest.approx(expected, rel=1e-5)


# --- benefit --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"cash": 10}, 1.0 * LOG2),
        ({"cash": 30}, 1.0 * math.log(4)),
        ({"points": 10}, 0.7 * LOG2),
        ({"goods": 10}, 0.8 * LOG2),
        ({"koc_from": 3}, math.log(2.5)),  # a status reward is like 15 % of the price
        ({"koc_from": 1}, math.log(2.5)),
        ({"cash": 5, "points": 10, "goods": 30}, math.log(1.5) + 0.7 * LOG2 + 0.8 * math.log(4)),
        ({}, 0),
        ({"friend_discount": 0.5}, 0),
    ],
    ids=str,
)
def test_benefit_is_the_log_of_what_one_gets(moved, given, expected):
    assert moved(*offered(**given), **FREE) == pytest.approx(expected, rel=1e-6)


@pytest.mark.quick
@pytest.mark.parametrize("kind", ["cash", "points", "goods", "status_reward"])
def test_each_kind_has_a_weight_of_its_own(moved, kind):
    given = {"koc_from": 3} if kind == "status_reward" else {kind: 10}
    other = moved(*offered(**given), **FREE, **{f"{RULES}.{kind}": 0.4})
    assert other == pytest.approx(
        math.log(1 + 0.4 / 0.1) if kind == "status_reward" else 0.4 * LOG2
    )
    assert moved(*offered(**given), **FREE, **{f"{RULES}.{kind}": 0}) == 0


@pytest.mark.quick
@pytest.mark.parametrize(("price", "scale"), [(100, 0.2), (200, 0.1), (50, 0.1)])
def test_a_reward_is_measured_by_the_brands_mean_price(moved, price, scale):
    """Another product, of 300, has no buyer, and counts in the mean."""
    dear = {"category": "cream", "price": 300, "unit_cost": 1}
    changes = {f"{CREAM}.price": price, f"{RULES}.scale": scale, "brands.A.products.dear": dear}
    expected = math.log(1 + 10 / (scale * (price + 300) / 2))
    assert moved(Referral(cash=10), **FREE, **changes) == pytest.approx(expected, rel=1e-6)


@pytest.mark.quick
@pytest.mark.parametrize("gradient", [0, 1, 2])
@pytest.mark.parametrize(
    ("friends", "way"),
    [(0, 0), (1, 0), (2, 1 / 2), (3, 0), (4, 1 / 7), (9, 6 / 7), (10, None), (11, None)],
)
def test_goods_move_the_more_the_nearer_they_are(moved, gradient, friends, way):
    """At 1, 3 and 10 friends; after that there are none."""
    why = moved(
        Referral(goods=10),
        referring={"goods_friends": friends},
        **FREE,
        **{f"{RULES}.gradient": gradient},
    )
    expected = 0 if way is None else 0.8 * LOG2 * (1 + gradient * way)
    assert why == pytest.approx(expected, rel=1e-6)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("at", "friends", "way"), [((4,), 3, 3 / 4), ((4,), 4, None), ((2, 8), 5, 1 / 2)]
)
def test_goods_come_at_the_numbers_that_the_brand_has_set(moved, at, friends, way):
    terms = Referral(goods=10, goods_at=at)
    expected = 0 if way is None else 0.8 * LOG2 * (1 + way)
    assert moved(terms, referring={"goods_friends": friends}, **FREE) == pytest.approx(expected)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("vested", "koc", "way"),
    [(0, False, 0), (2, False, 1 / 2), (3, False, 3 / 4), (6, False, 1), (4, True, None)],
)
def test_the_honour_moves_the_more_the_nearer_it_is_until_it_is_had(moved, vested, koc, way):
    why = moved(honoured(koc_from=4), referring={"vested": vested}, koc=koc)
    expected = 0 if way is None else math.log(2.5) * (1 + way)
    assert why == pytest.approx(expected, rel=1e-6)


# --- standing -------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("given", "benefit", "cost"),
    [
        ({"cash": 90}, math.log(10), 0.35),
        ({"goods": 90}, 0.8 * math.log(10), 0.15),
        ({"points": 90}, 0.7 * math.log(10), 0.1),
        ({"koc_from": 3}, math.log(2.5), 0),
        ({"points": 90, "goods": 90}, 1.5 * math.log(10), 0.15),
        ({"cash": 90, "points": 90}, 1.7 * math.log(10), 0.35),
    ],
    ids=str,
)
def test_the_dearest_kind_costs_standing_less_where_the_friend_gains(moved, given, benefit, cost):
    one_sided, two_sided = offered(**given), offered(**given, friend_discount=0.1)
    assert moved(one_sided) == pytest.approx(benefit - cost, rel=1e-6)
    assert moved(two_sided) == pytest.approx(benefit - 0.4 * cost, rel=1e-6)
    for fairness, left in ((0, cost), (1, 0)):
        why = moved(two_sided, **{f"{RULES}.fairness": fairness})
        assert why == pytest.approx(benefit - left, rel=1e-6)
    assert moved(one_sided, **FREE) == pytest.approx(benefit, rel=1e-6)


@pytest.mark.quick
def test_what_costs_more_standing_than_it_brings_moves_nobody(moved):
    assert moved(Referral(cash=10), **{f"{RULES}.cash_cost": 0.7}) == 0
    assert moved(Referral(cash=10), **{f"{RULES}.cash_cost": 0.69}) == pytest.approx(LOG2 - 0.69)


# --- whose ----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("role", "factor"), [(CUSTOMER, 1), (KOC, 1.5), (DISTRIBUTOR, 1.5)])
def test_kocs_and_distributors_are_moved_more_and_lose_as_much_standing(moved, role, factor):
    relationship = {"role": role, "delight": 0.4}
    expected = factor * (LOG2 + 0.4) - 0.35
    assert moved(Referral(cash=10), relationship=relationship) == pytest.approx(expected, rel=1e-6)
    same = moved(Referral(cash=10), relationship=relationship, **{f"{RULES}.koc": 1})
    assert same == pytest.approx(LOG2 + 0.4 - 0.35, rel=1e-6)


@pytest.mark.quick
def test_programmes_of_one_brand_add_up(still, programme):
    """Benefits add; standing is lost once, by the dearest kind."""
    one = programme(Referral(cash=10), key="one")
    two = programme(Referral(points=30), Referral(goods=10), key="two")
    market = still(**{"people.n": 3, A: {**one, **two}})
    expected = LOG2 + 0.7 * math.log(4) + 0.8 * LOG2 - 0.35
    np.testing.assert_allclose(motives(market), expected, rtol=1e-6)


@pytest.mark.quick
def test_only_programmes_open_to_a_person_count(still, programme):
    all_, some = programme(Referral(points=10), key="one"), programme(Referral(cash=90), key="two")
    some["two"] = {"audience": {"share": 0.3}}
    market = still(**{"people.n": 400, A: {**all_, **some}})
    few, many = 0.7 * LOG2 - 0.1, 0.7 * LOG2 + math.log(10) - 0.35
    got = motives(market)
    np.testing.assert_allclose(np.unique(got.round(6)), [few, many], atol=1e-5)
    assert np.isclose(got, many, atol=1e-5).mean() == pytest.approx(0.3, abs=0.07)


@pytest.mark.quick
@pytest.mark.parametrize(
    "relationship",
    [{"product": 0.49}, {"service": 0.49}, {"dropped_out": True}],
    ids=["product", "service", "left"],
)
def test_neither_delight_nor_money_moves_the_dissatisfied_or_who_left(moved, relationship):
    assert moved(Referral(cash=1000), relationship={"delight": 1, **relationship}) == 0


@pytest.mark.quick
def test_delight_alone_does_not_move_where_there_is_no_programme(still, programme):
    delighted = still(**{"people.n": 3, "brands.B.strategies": programme(Referral(cash=10))})
    delighted.world.relationships["delight"] = 1
    assert (motives(delighted) == 0).all()

"""Rules exactly at their bounds and at the least amounts, each called by itself."""

import math

import numpy as np
import pytest

from sim.engine.kernels import borrow, kernel, plain
from sim.mechanisms.direct_selling.state import DISTRIBUTORSHIP
from sim.mechanisms.direct_selling.work import chance_of_quitting
from sim.mechanisms.loyalty_points.rules import utility as points_utility
from sim.mechanisms.loyalty_points.state import LOYALTY
from sim.mechanisms.referral.motive import social_cost
from sim.mechanisms.referral.terms import Referral
from sim.people.choice import price_utility
from sim.people.hearing import _repeats
from sim.people.purchase import remember_price
from sim.people.rewards import worth
from sim.people.satisfaction import aggregate, be_delighted, delight, satisfied
from sim.people.ties import strength_of_tie
from sim.people.touches import inert
from sim.state import MESSAGE, ORDER, RELATIONSHIP
from sim.term_tables import record_of

pytestmark = pytest.mark.quick


def record(dtype, **fields):
    """Return one row with the given fields; the others are 0."""
    row = np.zeros(1, dtype)
    for name, value in fields.items():
        row[name] = value
    return row[0]


@pytest.fixture
def rules(still):
    """Return a function that makes the rules of the still market, changed by dotted paths."""
    return lambda **changes: still(**changes).world.rules[0]


# --- feeling --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("product", "service"), [(0.5, 0.5), (0.5, 1), (1, 0.5)])
def test_who_is_at_the_gate_is_satisfied(rules, product, service):
    gate = rules(**{"behaviour.experience.satisfaction_threshold": 0.5})
    assert plain(satisfied)(gate, record(RELATIONSHIP, product=product, service=service))
    for less in ({"product": 0.499}, {"service": 0.499}):
        relationship = record(RELATIONSHIP, **{"product": product, "service": service, **less})
        assert not plain(satisfied)(gate, relationship)


def test_nothing_and_something_have_a_mean_above_nothing():
    """(.5 (0 + sqrt .64))^2; the logarithm of 0 is not asked for."""
    assert aggregate(0.0, 0.64, 0.5) == pytest.approx(0.16, rel=1e-12)


def test_full_delight_fades_and_is_never_exceeded(rules):
    fading = rules(**{"behaviour.experience.delight_half_life": 10})
    relationship = record(RELATIONSHIP, delight=1, delight_day=3)
    assert plain(delight)(fading, relationship, 13) == 0.5
    plain(be_delighted)(fading, relationship, 1.5, 13)
    assert (relationship["delight"], relationship["delight_day"]) == (1, 13)


# --- money ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "cents", "expected"),
    [(1, 1, math.log(3)), (100, 1, math.log(1.02)), (100, 0, 0), (0, 100, 0)],
)
def test_a_cent_is_worth_something(rules, price, cents, expected):
    scaled = rules(**{"behaviour.referral.scale": 0.5})
    assert plain(worth)(scaled, price, cents) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), 0),
        (("points",), 0.1),
        (("goods",), 0.2),
        (("cash",), 0.4),
        (("points", "goods"), 0.2),
        (("points", "goods", "cash"), 0.4),
    ],
)
def test_to_be_paid_a_cent_costs_standing_too(rules, given, expected):
    costs = {"points": 0.1, "goods": 0.2, "cash": 0.4}
    minding = rules(**{f"behaviour.referral.{kind}_cost": cost for kind, cost in costs.items()})
    programme = record(record_of(Referral), **{f"{kind}_cents": 1 for kind in given})
    assert plain(social_cost)(minding, programme) == expected


def test_a_price_of_one_cent_is_remembered_and_compared(still):
    changes = {"brands.A.products.cream.price": 0.01, "people.price_sensitivity": 1}
    weights = {"reference_price": 2, "loss_aversion": 1.5}
    market = still(**changes, **{f"behaviour.choice.{k}": v for k, v in weights.items()})
    world = market.world
    order = record(ORDER, paid_cents=1, units=1)
    world.relationships["log_reference"][0, 0] = 0.8
    plain(remember_price)(world, order)
    learning = world.rules["reference_price_learning"][0]
    remembered = world.relationships["log_reference"][0, 0]
    assert remembered == pytest.approx(0.8 * (1 - learning), rel=1e-6)
    assert plain(price_utility)(world, 0, 0, 0.0) == pytest.approx(2 * remembered, rel=1e-6)


@pytest.mark.parametrize(
    ("price", "expected"), [(1, math.log(2)), (0, math.log(2)), (4, math.log(1.25))]
)
def test_a_cent_of_points_attracts(still, price, expected):
    """The more the lower the price; of what is free as if it cost a cent."""
    world = still(**{"behaviour.choice.points": 3}).world
    world = world._replace(loyalty=np.zeros(world.relationships.shape, LOYALTY))
    world.brands["price_cents"][0] = price
    world.loyalty["points_cents"][0, 0], world.loyalty["points_until"][0, 0] = 1, 9
    assert plain(points_utility)(world, 0, 0, 1, 9) == pytest.approx(3 * expected, rel=1e-12)


# --- work -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earned", "missing"),
    [
        ({}, 1),
        ({"margin_cents": 5_000}, 0.75),
        ({"commission_cents": 20_000}, 0),
        ({"bonus_cents": 20_000 * 6}, -5),
        ({"bonus_cents": 20_000 * 8}, -5),
        ({"margin_cents": -20_000 * 4}, 5),
        ({"margin_cents": -20_000 * 9}, 5),
        ({"margin_cents": 20_000, "bonus_cents": 10_000, "reviewed_cents": 30_000}, 1),
    ],
)
def test_the_chance_of_quitting_is_the_logistic_of_what_is_missing(rules, earned, missing):
    """20 hours in 30 days at 20 CNY, so 200 in 15 days; a lack beyond 5 times it is as bad."""
    given = {"hours": 20, "wage": 20, "review_days": 15, "quit_intercept": -0.2, "shortfall": 0.1}
    asked = rules(**{f"behaviour.direct_selling.{name}": value for name, value in given.items()})
    chance = plain(chance_of_quitting)(asked, record(DISTRIBUTORSHIP, **earned))
    assert chance == pytest.approx(1 / (1 + math.exp(0.2 - 0.1 * missing)), rel=1e-9)


# --- silence --------------------------------------------------------------------------------------


def silent(market, day, *, bought=(), orders=0):
    """Tell whether person 0 is inert to A after orders of products on days."""
    world = market.world
    for product, last_day in dict(bought).items():
        world.holdings["orders"][0, product] = 1
        world.holdings["last_day"][0, product] = last_day
    world.orders["units"][0] = 1  # which all holdings name as the last
    world.relationships["orders"][0, 0] = orders
    return plain(inert)(world, 0, 0, day)


@pytest.mark.parametrize(("day", "expected"), [(69, False), (70, False), (71, True)])
def test_who_has_missed_two_cycles_is_inert(still, day, expected):
    """A cycle is 30 days, and the last order was on day 10."""
    market = still(**{"behaviour.touch.inert_cycles": 2})
    assert silent(market, day, bought={0: 10}, orders=1) == expected


def test_only_what_was_bought_of_the_brand_counts(still):
    """Product 0 is A's, product 1 B's."""
    assert silent(still(), 200, bought={0: 10, 1: 200}, orders=1)
    assert not silent(still(), 1, orders=0), "who never bought is not a customer who fell silent"
    assert silent(still(), 1, orders=1), "of a product that is not sold any more"


# --- ties and words -------------------------------------------------------------------------------


@kernel
def _strengths(w):
    w = borrow(w)
    people = w.people.size
    out = np.empty((people, people), np.float32)
    for i in range(people):
        for j in range(people):
            out[i, j] = strength_of_tie(w, i, j, 0)
    return out


def test_each_tie_has_its_strength_and_what_is_no_tie_has_none(still, tied):
    """The first in the table as well."""
    ties = [(0, 1), (0, 2), (2, 3)]
    market = still(**{"people.n": 5, "network": tied(ties)})
    world = market.world
    world.strength[:] = 0.1 * np.arange(1, 7)
    expected = np.zeros((5, 5), np.float32)
    for at, (i, j) in enumerate([(0, 1), (0, 2), (1, 0), (2, 0), (2, 3), (3, 2)]):
        expected[i, j] = world.strength[at]
    np.testing.assert_array_equal(_strengths(market.handle), expected)


@kernel
def _all_repeats(words, order):
    return [_repeats(words, order, k) for k in range(order.size)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([(1, 5, 0)] * 4, [0, 1, 2, 3]),
        ([(1, 5, 0), (1, 5, 1), (1, 5, 0), (1, 5, 1)], [0, 0, 1, 1]),
        ([(1, 5, 0), (2, 5, 0), (2, 5, 0), (2, 6, 0), (2, 6, 0)], [0, 0, 1, 0, 1]),
    ],
    ids=["one pair", "two brands", "three pairs"],
)
def test_words_of_one_to_another_about_a_brand_are_numbered(said, expected):
    words = np.zeros(len(said), MESSAGE)
    words["speaker_id"], words["receiver"], words["brand"] = np.array(said).T
    assert _all_repeats(words, np.arange(len(said))) == expected

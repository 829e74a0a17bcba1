"""Joining: who is asked to sell, who accepts, and what a refusal means.

All coefficients of acceptance are off, so that half accept, but for those that a test switches on.
"""

import math

import numpy as np
import pytest
from staff import ALL, EVEN, NOBODY, RULES, A, at_work, call, count, logistic, steps

from sim.books import Account
from sim.config.load import load_market
from sim.config.yaml_file import ConfigError
from sim.counts import COUNTS
from sim.mechanisms.direct_selling.terms import Level
from sim.mechanisms.referral.terms import Referral
from sim.people.messages import Kind
from sim.strategies.interface import Does
from tests.markets import CREAMS

EVERY_DAY = dict.fromkeys(range(1, 60))
RECRUITING = Kind.RECRUITING


# --- who is asked ---------------------------------------------------------------------------------


@pytest.mark.quick
def test_only_the_satisfied_on_both_counts_are_eligible(still, agency):
    market = steps(still(**ALL, **{A: agency({1: None})}), 1)
    market.world.relationships["product"][:30, 0] = 0.49
    market.world.relationships["service"][20:60, 0] = 0.49
    market.step()
    assert at_work(market).tolist() == list(range(60, 100))
    assert count(market, "recruiting_talks").sum() == 100
    assert count(market, "recruiting_refused").sum() == 0, "who was not eligible has not refused"
    anybody = steps(
        still(**ALL, **{A: agency({1: None}), "behaviour.experience.satisfaction_threshold": 0}), 2
    )
    assert at_work(anybody).size == 100


@pytest.mark.quick
def test_friends_must_have_counted_first(still, agency, programme):
    def joined(needed):
        terms = agency({1: None}, referrals=needed)
        market = still(**ALL, **{A: {**terms, **programme(Referral())}})
        market.world.referring["vested"][:, 0] = np.arange(100) % 4
        market.world.referring["bought"][:, 0] = 9  # those that have not counted do not help
        return at_work(steps(market, 2)) % 4

    assert set(joined(2)) == {2, 3}
    assert set(joined(0)) == {0, 1, 2, 3}


@pytest.mark.quick
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_distributors_find_only_those_in_the_audience_ready(still, agency, share):
    """The audience also holds where it is not the brand that asks."""
    market = still(**ALL, **{A: agency({1: None}, audience=share), "people.n": 1000})
    audience = at_work(steps(market, 2))
    assert audience.size == pytest.approx(share * 1000, abs=45)
    others = np.setdiff1d(np.arange(1000), audience)
    call(market, 0, others, RECRUITING)
    assert at_work(market).tolist() == audience.tolist()
    assert count(market, "recruiting_talks").sum() == 1000


@pytest.mark.quick
def test_who_is_no_customer_or_has_left_is_not_eligible(still, agency):
    market = still(**ALL, **{A: agency({1: [0]}), "categories.cream.start": "fresh"})
    market.world.relationships["orders"][[0, 1, 2], 0] = 1
    market.world.relationships["dropped_out"][1, 0] = True
    steps(market, 2)
    call(market, 0, [1, 2, 3], RECRUITING)
    assert at_work(market).tolist() == [0, 2]


# --- who accepts ----------------------------------------------------------------------------------

LEVELS = (Level(0.4), Level(0.6, 100))
ACCEPTANCE = [
    ({}, {}, 0),
    ({"join_intercept": -1}, {}, -1),
    ({"willingness": 4, "prejudice": 0}, {}, 2),
    ({"willingness": 4, "prejudice": 0.3}, {}, 1.4),
    ({"willingness": 4, "prejudice": 1}, {}, 0),
    ({"cultivation": 0.4}, {}, 1.2),
    ({"satisfaction": -5}, {}, -0.5),
    ({"margin": 2}, {}, 0.8),
    ({"margin": 2}, {"levels": (Level(0.8),)}, 1.6),
    ({"expected_advancement": 3}, {}, 0),  # there is no higher level
    ({"expected_advancement": 3}, {"levels": LEVELS, "peer_bonus": 0.1}, 0.9),
    ({"fee": 1}, {}, 0),  # it costs nothing
    ({"fee": 1}, {"fee": 50, "stock": 200}, -math.log(1 + (50 + 0.6 * 200) / 100)),
    ({"fee": 1}, {"fee": 50, "stock": 400}, -math.log(1 + (50 + 0.6 * 400) / 100)),
    ({"tie": 4}, {}, 0),  # the brand asks, no friend
    ({"join_intercept": -1, "margin": 2, "fee": 0.5}, {"fee": 170}, -0.2 - 0.5 * math.log(2.7)),
]


@pytest.mark.quick
@pytest.mark.parametrize(("rules", "terms", "utility"), ACCEPTANCE)
def test_one_offer_is_taken_with_the_logistic_of_its_utility(still, agency, rules, terms, utility):
    """Willingness .5; P = V = .6, threshold .5; three courses attended; a price of 100."""
    changes = {**EVEN, **{f"{RULES}{name}": value for name, value in rules.items()}}
    changes |= {"people.n": 3000, "people.willingness": 0.5, A: agency({1: None}, **terms)}
    market = still(**changes)
    market.world.selling["attended"][:, 0] = 3
    steps(market, 2)
    assert at_work(market).size / 3000 == pytest.approx(logistic(utility), abs=0.03)
    assert count(market, "joins").sum() + count(market, "recruiting_refused").sum() == 3000


@pytest.mark.quick
def test_a_fee_is_measured_by_the_price_however_low(still, agency):
    """A cent for joining where a pack costs a cent: twice log 2 against it."""
    changes = {**EVEN, f"{RULES}fee": 2, "people.n": 3000, "brands.A.products.cream.price": 0.01}
    market = steps(still(**changes, **{A: agency({1: None}, fee=0.01)}), 2)
    assert at_work(market).size / 3000 == pytest.approx(logistic(-2 * math.log(2)), abs=0.03)


@pytest.mark.quick
@pytest.mark.parametrize(("strength", "weight"), [(0.9, 2), (0.2, 2), (0.9, 0)])
def test_a_friend_is_listened_to_as_a_friend(still, agency, strength, weight):
    network = {"kind": "complete", "strength": strength}
    changes = {**EVEN, f"{RULES}tie": weight, "people.n": 3000, "network": network}
    market = steps(still(**changes, **{A: agency({1: range(10)})}), 2)
    asked = np.setdiff1d(np.arange(10, 3000), at_work(market))
    call(market, 0, asked, RECRUITING)
    joined = market.distributors[market.distributors["joined_day"] == 2]
    assert joined.size / asked.size == pytest.approx(logistic(weight * strength), abs=0.03)
    assert set(joined["upline"]) == {0}
    assert market.distributors["recruits"].tolist() == [joined.size] + [0] * (
        len(market.distributors) - 1
    )


# --- first courses, then the question -------------------------------------------------------------

STAGES = {
    **ALL,
    "days": 80,
    "people.n": 20,
    "behaviour.touch.automation_warmth": 1,
    "behaviour.referral.asked": 0,
}


@pytest.mark.quick
@pytest.mark.parametrize(("courses", "day"), [(0, 1), (1, 41), (2, 71)])
def test_one_is_asked_when_the_courses_have_been_attended(still, courses, day):
    """Orders on days 0, 30 and 60; a course 10 days after all but the first; asked next day."""
    terms = {"courses": courses, "referrals_needed": 0, "ask_every": 10}
    market = still(**STAGES, **{A: {"agent_recruitment": terms}})
    attended = []
    while market.running:
        attended.append(set(market.world.selling["attended"][:, 0]))
        market.step()
    assert set(market.distributors["joined_day"]) == {day}
    if courses:
        assert attended[40] == {0} and attended[41] == {1}
    assert count(market, "recruiting_talks")[day] == 20 == count(market, "recruiting_talks").sum()


@pytest.mark.quick
@pytest.mark.parametrize(("response", "wanted"), [(1, 1), (1, 2), (0, 1)])
def test_a_course_is_attended_and_paid_for_if_it_is_answered(still, response, wanted):
    """20 CNY for each who comes; once there have been enough, no more are offered."""
    terms = {"courses": wanted, "referrals_needed": 0, "ask_every": 10, "pitch": False}
    market = still(
        **STAGES, **{A: {"agent_recruitment": terms}, "behaviour.touch.response": response}
    )
    market.run_model()
    attended = wanted * response
    assert set(market.world.selling["attended"][:, 0]) == {attended}
    paid = market.books.daily[:, 0, Account.TRAINING]
    invited = wanted if response else 2
    assert np.flatnonzero(paid).tolist() == [40, 70][:invited]
    assert paid.sum() == attended * 20 * 2000 + invited * 20 * 5, "with the message"
    assert len(market.distributors) == 0, "nobody is asked"


@pytest.mark.quick
def test_who_works_for_the_brand_gets_no_more_courses_nor_questions(still, agency):
    course = Does.CULTIVATE | Does.PITCH
    market = still(**ALL, **{A: agency({10: range(50), 20: None}, course, courses=9)})
    market.run_model()
    sent = count(market, "touches")
    assert sent[10] == 50 == sent[20] and sent.sum() == 100
    assert market.world.selling["attended"][:, 0].tolist() == [1] * 100


# --- refusing -------------------------------------------------------------------------------------


@pytest.mark.quick
def test_a_refusal_holds_for_its_days_and_then_one_is_asked_again(still, agency):
    market = still(**NOBODY, **{A: agency(EVERY_DAY, refusal_days=10)})
    market.run_model()
    for name in ("recruiting_refused", "recruiting_talks", "touches"):
        assert np.flatnonzero(count(market, name)).tolist() == [1, 11, 21, 31, 41, 51], name
        assert set(count(market, name)) == {0, 100}
    often = still(**NOBODY, **{A: agency(EVERY_DAY, refusal_days=0)})
    often.run_model()
    assert (count(often, "recruiting_refused")[1:] == 100).all()


@pytest.mark.quick
def test_nobody_can_change_a_refusal_meanwhile(still, agency):
    market = still(**ALL, **{A: agency({1: [0]}, refusal_days=10)})
    steps(market, 2)
    rules = market.world.rules
    rules["direct_selling_join_intercept"] = -math.inf
    call(market, 0, [5, 6], RECRUITING)  # on day 2
    rules["direct_selling_join_intercept"] = math.inf
    call(market, 0, [5, 6, 7], RECRUITING)
    assert at_work(market).tolist() == [0, 7]
    assert market.world.selling["pitch_from"][:8, 0].tolist() == [0] * 5 + [12, 12, 0]
    steps(market, 7)
    call(market, 0, [5], RECRUITING)  # on day 11
    assert at_work(market).tolist() == [0, 7]
    call(market, 0, [6], RECRUITING)
    assert at_work(market).tolist() == [0, 6, 7]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_has_refused_is_served_as_if_never_asked(busy, agency, seed):
    """The same contact with something else to say leaves the same orders and feelings, bit for bit.

    Everything else is at work: follow-ups, talk, referral, faults, fatigue.
    """

    def run(does):
        portfolio = {"service_followup": {}, **agency({15: None}, does)}
        changes = {"people.n": 300, "behaviour.touch.response": 0.9, A: portfolio}
        market = busy(seed, **changes, **{f"{RULES}join_intercept": -math.inf})
        market.run_model()
        return market

    asked, never = run(Does.PITCH), run(Does.SELL)
    refused = count(asked, "recruiting_refused").sum()
    assert refused > 20 and count(never, "recruiting_talks").sum() == 0
    assert (asked.world.selling["pitch_from"][:, 0] > 0).sum() == refused
    assert count(asked, "answers")[15:].sum() > 20, "service goes on"
    for table in ("relationships", "occasions", "holdings", "people"):
        one, two = getattr(asked.world, table), getattr(never.world, table)
        for field in one.dtype.names:
            np.testing.assert_array_equal(one[field], two[field], f"{table} {field}")
    np.testing.assert_array_equal(asked.orders, never.orders)
    np.testing.assert_array_equal(asked.books.daily, never.books.daily)
    differs = (asked.counts != never.counts).any(axis=(0, 1))
    assert {COUNTS[k] for k in np.flatnonzero(differs)} == {
        "recruiting_talks",
        "recruiting_refused",
    }


@pytest.mark.quick
@pytest.mark.parametrize(
    ("does", "sent"),
    [
        (Does.PITCH, 0),
        (Does.CULTIVATE, 0),
        (Does.DELIGHT, 70),
        (Does.SELL, 70),
        (Does.CHECK_ARRIVAL, 70),
    ],
)
def test_a_refusal_stops_courses_and_pitches_only(still, agency, does, sent):
    """Nobody who was asked on day 1 gets more of them; who was not, does."""
    market = steps(still(**NOBODY, **{A: agency({1: range(70)})}), 2)
    step = market.world.steps[:1].copy()
    step["does"] = int(does)
    market.plan_touches(step, np.arange(100))
    steps(market, 2)
    assert count(market, "touches").tolist() == [0, 70, 0, 30 + sent]


# --- what joining brings --------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("full_time", "share"), [(0.5, 0.3), (1, 0.6), (0, 0)])
def test_the_willing_make_it_their_only_work(still, agency, full_time, share):
    """Willingness .8, of which prejudice takes a quarter."""
    changes = {**ALL, f"{RULES}full_time": full_time, f"{RULES}prejudice": 0.25}
    changes |= {"people.willingness": 0.8, "people.n": 2000, A: agency({1: None})}
    market = steps(still(**changes), 2)
    assert market.distributors["full_time"].mean() == pytest.approx(share, abs=0.04)


@pytest.mark.quick
@pytest.mark.parametrize(("status", "share"), [(math.log(3), 0.75), (0, 0.5)])
def test_one_buys_from_whom_one_works_for(still, agency, status, share):
    """Two brands alike, but for the status of a distributor of the first."""
    changes = {**ALL, "behaviour.choice.status": status, "people.n": 2000}
    market = still(**changes, **{A: agency({1: None})})
    steps(market, 2)
    market.world.relationships["aware"] = True
    steps(market, 29)
    orders = market.orders[market.orders["day"] == 30]
    assert (orders["brand"] == 0).mean() == pytest.approx(share, abs=0.04)


# --- mistakes in a file ---------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"discounts": [0.5, 0.4, 0.6]}, "discounts of levels must ascend (got 0.5, 0.4, 0.6)"),
        ({"promote_at": [0, 200, 100]}, "sales that lift to levels must ascend"),
        ({"promote_at": [5, 200, 300]}, "the first level is had without sales"),
        ({"discounts": [0.4, 0.5, 1.1]}, "discount must be from 0 to 1 (got 1.1)"),
        ({"discounts": [], "promote_at": []}, "at least one level"),
        ({"discounts": [0.4, 0.5]}, "must name the same number of levels"),
        ({"promote_at": [0, 10, 20, 30]}, "must name the same number of levels"),
    ],
)
def test_levels_that_cannot_be_meant_are_told_where_they_are_written(tmp_path, given, says):
    file = tmp_path / "market.yaml"
    file.write_text(
        f"use: {CREAMS}\n"
        "brands:\n"
        "  A:\n"
        "    strategies:\n"
        f"      agent_recruitment: {given}\n"
        "      referral: {}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_market(file)
    assert len(caught.value.problems) == 1
    said = str(caught.value)
    assert said.startswith(f"{file}:5:7: brands.A.strategies.agent_recruitment: ") and says in said


@pytest.mark.quick
def test_a_brand_has_one_agency(still, agency):
    """It is told before anything runs."""
    with pytest.raises(
        ConfigError, match="selling and more both have a selling plan; only one"
    ) as e:
        still(**{A: agency() | agency(label="more")})
    assert [problem.path for problem in e.value.problems] == [f"{A}.more"]
    still(**{A: agency(), "brands.B.strategies": agency(label="theirs")})

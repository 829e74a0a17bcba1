"""Joining: who is asked to sell, who accepts, what a refusal means, and whose offer is taken.

All coefficients of acceptance are off, so that half accept, but for those that a test switches on.
"""

import math

import numpy as np
import pytest
from staff import ALL, EVEN, NOBODY, RULES, A, at_work, call, count, logistic, steps

from sim.behaviour.words import Kind
from sim.books import Account
from sim.load import load_market
from sim.record import COUNTS
from sim.state import NO_DAY
from sim.strategy import Does
from sim.terms import Level
from sim.yamlfile import ConfigError

EVERY_DAY = dict.fromkeys(range(1, 60))
RECRUITING = Kind.RECRUITING


# --- who is asked ---------------------------------------------------------------------------------


@pytest.mark.quick
def test_only_the_satisfied_on_both_counts_are_eligible(still, agency):
    market = steps(still(**ALL, **{A: agency({1: None})}), 1)
    market.world.bonds["product"][:30, 0] = 0.49
    market.world.bonds["service"][20:60, 0] = 0.49
    market.step()
    assert at_work(market).tolist() == list(range(60, 100))
    assert count(market, "recruiting_talks").sum() == 100
    assert count(market, "recruiting_refused").sum() == 0, "who was not eligible has not refused"
    anybody = steps(still(**ALL, **{A: agency({1: None}), "behaviour.experience.gate": 0}), 2)
    assert at_work(anybody).size == 100


@pytest.mark.quick
def test_friends_must_have_counted_first(still, agency):
    def joined(needed):
        market = still(**ALL, **{A: agency({1: None}, referrals=needed)})
        market.world.allies["vested"][:, 0] = np.arange(100) % 4
        market.world.allies["bought"][:, 0] = 9  # those that have not counted do not help
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
    market.world.bonds["orders"][[0, 1, 2], 0] = 1
    market.world.bonds["left"][1, 0] = True
    steps(market, 2)
    call(market, 0, [1, 2, 3], RECRUITING)
    assert at_work(market).tolist() == [0, 2]


# --- who accepts ----------------------------------------------------------------------------------

LEVELS = (Level(0.4), Level(0.6, 100))
ACCEPTANCE = [
    ({}, {}, 0),
    ({"reluctance": 1}, {}, -1),
    ({"willingness": 4, "prejudice": 0}, {}, 2),
    ({"willingness": 4, "prejudice": 0.3}, {}, 1.4),
    ({"willingness": 4, "prejudice": 1}, {}, 0),
    ({"cultivation": 0.4}, {}, 1.2),
    ({"satisfaction": -5}, {}, -0.5),
    ({"margin": 2}, {}, 0.8),
    ({"margin": 2}, {"levels": (Level(0.8),)}, 1.6),
    ({"hope": 3}, {}, 0),  # there is no higher level
    ({"hope": 3}, {"levels": LEVELS, "peer_bonus": 0.1}, 0.9),
    ({"fee": 1}, {}, 0),  # it costs nothing
    ({"fee": 1}, {"fee": 50, "stock": 200}, -math.log(1 + (50 + 0.6 * 200) / 100)),
    ({"fee": 1}, {"fee": 50, "stock": 400}, -math.log(1 + (50 + 0.6 * 400) / 100)),
    ({"tie": 4}, {}, 0),  # the brand asks, no friend
    ({"reluctance": 1, "margin": 2, "fee": 0.5}, {"fee": 170}, -0.2 - 0.5 * math.log(2.7)),
]


@pytest.mark.quick
@pytest.mark.parametrize(("rules", "terms", "utility"), ACCEPTANCE)
def test_one_offer_is_taken_with_the_logistic_of_its_utility(still, agency, rules, terms, utility):
    """Willingness .5; P = V = .6 over a gate of .5; three courses attended; a price of 100."""
    changes = {**EVEN, **{f"{RULES}{name}": value for name, value in rules.items()}}
    changes |= {"people.n": 3000, "people.willingness": 0.5, A: agency({1: None}, **terms)}
    market = still(**changes)
    market.world.allies["attended"][:, 0] = 3
    steps(market, 2)
    assert at_work(market).size / 3000 == pytest.approx(logistic(utility), abs=0.03)
    assert count(market, "joins").sum() + count(market, "recruiting_refused").sum() == 3000


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
    market = still(**STAGES, **{A: {"agency": terms}})
    attended = []
    while market.running:
        attended.append(set(market.world.allies["attended"][:, 0]))
        market.step()
    assert set(market.distributors["joined_day"]) == {day}
    if courses:
        assert attended[40] == {0} and attended[41] == {1}
    assert count(market, "recruiting_talks")[day] == 20 == count(market, "recruiting_talks").sum()


@pytest.mark.quick
def test_a_course_that_is_not_answered_is_not_attended(still):
    """Nor is it paid for."""
    terms = {"courses": 1, "referrals_needed": 0, "ask_every": 10}
    market = still(**STAGES, **{A: {"agency": terms}, "behaviour.touch.response": 0})
    market.run_model()
    assert not market.world.allies["attended"].any()
    assert len(market.distributors) == 0
    assert count(market, "touches").sum() == 2 * 20 * 2, "courses and questions for friends"
    assert market.books.daily[:, 0, Account.TRAINING].sum() == 0


@pytest.mark.quick
def test_who_works_for_the_brand_gets_no_more_courses_nor_questions(still, agency):
    course = Does.CULTIVATE | Does.PITCH
    market = still(**ALL, **{A: agency({10: range(50), 20: None}, course)})
    market.run_model()
    sent = count(market, "touches")
    assert sent[10] == 50 == sent[20] and sent.sum() == 100
    assert market.world.allies["attended"][:, 0].tolist() == [1] * 100


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
    rules["distribution_reluctance"] = math.inf
    call(market, 0, [5, 6], RECRUITING)  # on day 2
    rules["distribution_reluctance"] = -math.inf
    call(market, 0, [5, 6, 7], RECRUITING)
    assert at_work(market).tolist() == [0, 7]
    assert market.world.allies["pitch_from"][:8, 0].tolist() == [0] * 5 + [12, 12, 0]
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
        market = busy(seed, **changes, **{f"{RULES}reluctance": math.inf})
        market.run_model()
        return market

    asked, never = run(Does.PITCH), run(Does.SELL)
    refused = count(asked, "recruiting_refused").sum()
    assert refused > 20 and count(never, "recruiting_talks").sum() == 0
    assert (asked.world.allies["pitch_from"][:, 0] > 0).sum() == refused
    assert count(asked, "answers")[15:].sum() > 20, "service goes on"
    for table in ("bonds", "needs", "holdings", "people"):
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
        (Does.CULTIVATE | Does.INVITE_FRIENDS, 0),
        (Does.DELIGHT, 100),
        (Does.INVITE_FRIENDS, 100),
        (Does.SELL, 100),
        (Does.CHECK_ARRIVAL, 100),
    ],
)
def test_a_refusal_stops_courses_and_pitches_only(still, agency, does, sent):
    market = steps(still(**NOBODY, **{A: agency({1: None})}), 2)
    step = market.world.steps[:1].copy()
    step["does"] = int(does)
    market.plan_touches(step, np.arange(100))
    steps(market, 2)
    assert count(market, "touches").tolist() == [0, 100, 0, sent]


# --- whose offer is taken -------------------------------------------------------------------------


def both_sell(still, agency, ours, theirs, n=3000, **changes):
    """A market in which everybody has bought from A and B, who ask on the given days."""
    changes |= {"people.n": n, "brands.B.awareness": 1, "categories.cream.start": "fresh"}
    changes |= {A: agency(**ours), "brands.B.strategies": agency(**theirs, label="theirs")}
    market = still(**changes)
    market.world.bonds["orders"] = 1
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
    """S is .6 with A and .7 with B: .1 and .2 above the gate."""
    market = both_sell(still, agency, {"asked": {1: None}}, {"asked": {2: None}}, **ALL)
    market.world.bonds["overall"][:, 1] = 0.7
    steps(market, 2)
    assert at_work(market, 0).size == 3000
    rules = market.world.rules
    rules["distribution_reluctance"], rules["distribution_incumbency"] = 0, incumbency
    rules["distribution_satisfaction"] = satisfaction
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
    market.world.rules["distribution_reluctance"] = -math.inf
    steps(market, 2)
    market.world.rules["distribution_reluctance"] = 0
    odd = np.arange(1, 3000, 2)
    row = market.world.allies["agent"][:, 0] - 1
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
        market.world.rules["distribution_reluctance"] = 0
        call(market, 0, np.arange(10, 3000), RECRUITING)
        new = market.distributors[1:]
        assert (new["upline"] == 0).sum() / 2990 == pytest.approx(1 / 3, abs=0.03), first
        assert (new["upline"] == -1).sum() / 2990 == pytest.approx(1 / 3, abs=0.03), first


@pytest.mark.quick
def test_an_offer_of_someone_no_longer_at_work_is_none(still, agency):
    """It is neither taken nor refused."""
    market = steps(still(**ALL, **{A: agency({1: [0]})}), 2)
    market.world.agents["quit_day"][0] = 1
    market.world.allies["agent"][0, 0] = 0
    call(market, 0, [5, 6], RECRUITING)
    assert len(market.distributors) == 1
    assert count(market, "recruiting_talks").sum() == 3
    assert count(market, "recruiting_refused").sum() == 0
    assert not market.world.allies["pitch_from"][5:7, 0].any()


# --- what joining brings --------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("full_time", "share"), [(0.5, 0.3), (1, 0.6), (0, 0)])
def test_the_willing_make_it_their_only_work(still, agency, full_time, share):
    """Willingness .8, of which prejudice takes a quarter."""
    changes = {**ALL, f"{RULES}full_time": full_time, f"{RULES}prejudice": 0.25}
    changes |= {"people.willingness": 0.8, "people.n": 2000, A: agency({1: None})}
    market = steps(still(**changes), 2)
    assert market.distributors["full_time"].mean() == pytest.approx(share, abs=0.04)


# --- mistakes in a file ---------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"discounts": [0.5, 0.4, 0.6]}, "levels"),
        ({"promote_at": [0, 200, 100]}, "levels"),
        ({"promote_at": [5, 200, 300]}, "levels"),
        ({"discounts": [0.4, 0.5, 1.1]}, "levels"),
        ({"discounts": [], "promote_at": []}, "levels"),
        ({"discounts": [0.4, 0.5]}, "same number of levels (got 2 and 3)"),
        ({"promote_at": [0, 10, 20, 30]}, "same number of levels (got 3 and 4)"),
    ],
)
def test_levels_that_cannot_be_meant_are_told_where_they_are_written(tmp_path, given, says):
    file = tmp_path / "market.yaml"
    file.write_text(
        "use: skincare\n"
        "brands:\n"
        "  A:\n"
        "    strategies:\n"
        f"      agency: {given}\n"
        "      referral: {}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_market(file)
    assert len(caught.value.problems) == 1
    said = str(caught.value)
    assert said.startswith(f"{file}:5:7: brands.A.strategies.agency: ") and says in said


@pytest.mark.quick
def test_a_brand_has_one_agency(still, agency):
    """It is told before anything runs."""
    with pytest.raises(ConfigError, match=r"brands\.A\.strategies: 2 .* agencies; only one can be"):
        still(**{A: agency() | agency(label="more")})
    still(**{A: agency(), "brands.B.strategies": agency(label="theirs")})

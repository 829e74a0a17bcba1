"""Following an invitation: the log odds term by term, who cannot, for how long, and what then."""

import math

import numpy as np
import pytest

from sim.books import Account
from sim.counts import COUNTS
from sim.engine.calendar import schedule
from sim.mechanisms.referral.terms import Referral
from sim.state import NO_DAY

A = "brands.A.strategies"
RULES = "behaviour.referral"
FRIENDS = np.arange(1, 2001)
EVEN = {
    **{
        f"{RULES}.{name}": 0
        for name in ("acceptance_intercept", "tie", "trust", "known", "transparency")
    },
    **{f"{RULES}.{name}": 0 for name in ("offer", "suspicion", "refusal", "trigger")},
    "behaviour.talk.trust": 0,
    "brands.A.awareness": 0,
    "categories.cream.start": "fresh",
}
"""Log odds of 0 for everybody, and a stock for 30 days."""
NEVER = 700
"""Log odds against following; the power of e above 709 is none in plain Python."""
ALL_FOLLOW = {**EVEN, f"{RULES}.acceptance_intercept": math.inf}


def count(market, name: str) -> int:
    return int(market.counts[:, 0, COUNTS.index(name)].sum())


def logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


@pytest.fixture
def followed(still, programme, invite):
    """Return a function that gives the share of 2,000 who follow the invitation of person 0."""

    def share(term=None, *, word=None, relationship=None, referring=None, **changes):
        offered = programme(term or Referral())
        market = still(**{"people.n": 2001, A: offered, **EVEN, **changes})
        for table, given in (("relationships", relationship), ("referring", referring)):
            for field, value in (given or {}).items():
                getattr(market.world, table)[field][:, 0] = value
        invite(market, [(0, friend) for friend in FRIENDS], **(word or {}))
        market.step()
        return count(market, "clicks") / 2000

    return share


# --- the log odds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("acceptance_intercept", [0, -1, 2, -math.inf, math.inf])
def test_the_intercept_is_the_log_odds_of_following(followed, acceptance_intercept):
    expected = {math.inf: 1, -math.inf: 0}.get(acceptance_intercept) or logistic(
        acceptance_intercept
    )
    share = followed(**{f"{RULES}.acceptance_intercept": acceptance_intercept})
    assert share == pytest.approx(0 if acceptance_intercept == -math.inf else expected, abs=0.035)


CASH, BOTH = Referral(cash=10), Referral(cash=10, friend_discount=0.2)
TERMS = {
    "strong tie": ("tie", 2, {"word": {"strength": 0.9}}, 2 * 0.9),
    "weak tie": ("tie", 2, {"word": {"strength": 0.1}}, 2 * 0.1),
    "trusted": ("trust", 3, {"relationship": {"trust": 0.9}}, 3 * 0.4),
    "mistrusted": ("trust", 3, {"relationship": {"trust": 0.2}}, 3 * -0.3),
    "transparent": ("transparency", 2, {"brands.A.transparency": 0.8}, 2 * 0.8),
    "opaque": ("transparency", 2, {"brands.A.transparency": 0}, 0),
    "discount": ("offer", 5, {"term": Referral(friend_discount=0.2)}, 5 * 0.2),
    "no deal hunter": (
        "offer",
        5,
        {"term": Referral(friend_discount=0.2), "people.deal_proneness": 0.5},
        5 * 0.2 * 0.5,
    ),
    "no discount": ("offer", 5, {}, 0),
    "known": ("known", 1, {"relationship": {"aware": True}}, 1),
    "unknown": ("known", 1, {}, 0),
    "paid": ("suspicion", 3, {"term": CASH}, -3 * 0.35),
    "both gain": ("suspicion", 3, {"term": BOTH}, -3 * 0.35 * 0.4),
    "unpaid": ("suspicion", 3, {}, 0),
    "asked before": ("refusal", 0.3, {"referring": {"refused": 4}}, -0.3 * 4),
}


@pytest.mark.parametrize("case", TERMS)
def test_each_term_of_the_log_odds_alone(followed, case):
    rule, weight, state, odds = TERMS[case]
    assert followed(**{f"{RULES}.{rule}": weight, **state}) == pytest.approx(
        logistic(odds), abs=0.035
    )
    if odds:
        off = followed(**{f"{RULES}.{rule}": 0, **state})
        assert off == pytest.approx(0.5, abs=0.035), "without weight nothing of it is left"


def test_all_terms_together(followed):
    weights = {
        "acceptance_intercept": -1.5,
        "tie": 1,
        "trust": 2,
        "known": 0.5,
        "transparency": 0.6,
    }
    weights |= {"offer": 8, "suspicion": 1, "refusal": 0.3}
    odds = -1.5 + 0.4 + 2 * 0.3 + 0.5 + 0.6 * 0.5 + 8 * 0.2 - 0.35 * 0.4 - 0.3 * 2
    share = followed(
        BOTH,
        word={"strength": 0.4},
        relationship={"trust": 0.8, "aware": True},
        referring={"refused": 2},
        **{f"{RULES}.{rule}": weight for rule, weight in weights.items()},
        **{"people.deal_proneness": 1, "brands.A.transparency": 0.5},
    )
    assert share == pytest.approx(logistic(odds), abs=0.035)


def test_an_invitation_is_an_opinion_too(still, programme, invite):
    """What it says of the brand is taken in before it is followed, or not."""
    trust = {"behaviour.talk.trust": 0.5, f"{RULES}.trust": 4}
    market = still(**{"people.n": 2001, A: programme(Referral()), **EVEN, **trust})
    invite(market, [(0, i) for i in FRIENDS], valence=0.8, opinion=0.9, strength=1)
    market.step()
    relationship = market.world.relationships[1:, 0]
    np.testing.assert_allclose(relationship["trust"], 0.5 + 0.5 * 0.8 * 0.5, rtol=1e-6)
    np.testing.assert_allclose(relationship["expectation"], 0.6 + 0.2 * 0.3, rtol=1e-6)
    np.testing.assert_allclose(relationship["word_of_mouth"], 0.8, rtol=1e-6)
    assert count(market, "clicks") / 2000 == pytest.approx(logistic(4 * 0.2), abs=0.035)


@pytest.mark.quick
def test_only_programmes_open_to_the_referrer_speak(still, programme, invite):
    """Friends get what the best of the referrer's programmes gives; cash shows in any of them."""
    one = programme(Referral(friend_discount=0.1, valid_days=9), key="one")
    two = programme(Referral(cash=5, friend_discount=0.3, valid_days=3), key="two")
    two["two"] = {"audience": {"share": 0.5}}
    market = still(**{"people.n": 200, A: {**one, **two}, **ALL_FOLLOW})
    invite(market, [(i, 100 + i) for i in range(100)])
    market.step()
    relationship, until = (
        market.world.relationships[100:, 0],
        market.world.referring["invited_until"][100:, 0],
    )
    assert set(relationship["offer"].round(3)) == {0.1, 0.3}
    assert (relationship["offer"] > 0.2).mean() == pytest.approx(0.5, abs=0.15)
    assert set(until) == {9}


# --- who follows ----------------------------------------------------------------------------------


@pytest.mark.quick
def test_who_is_a_customer_or_has_left_does_not_follow(still, programme, invite):
    market = still(**{"people.n": 40, A: programme(Referral()), **ALL_FOLLOW})
    market.world.relationships["orders"][1:11, 0] = 1
    market.world.relationships["dropped_out"][11:21, 0] = True
    market.world.people["entry_day"][21:26] = 5
    market.world.people["exit_day"][26:31] = 0
    invite(market, [(0, i) for i in range(1, 40)])
    market.step()
    clicked = market.invitations[market.invitations["clicked_day"] != NO_DAY]
    assert clicked["friend"].tolist() == list(range(31, 40))
    assert set(clicked["clicked_day"]) == {0}
    assert not market.world.referring["refused"].any(), "they were not free to refuse"


@pytest.mark.quick
def test_who_holds_an_invitation_follows_no_other_until_it_lapses(still, programme, invite):
    market = still(**{"people.n": 3, A: programme(Referral(valid_days=4)), **ALL_FOLLOW})
    holders = []
    for _ in range(12):
        invite(market, [(0, 2), (1, 2)])
        market.step()
        holders.append(int(market.world.referring["invitation"][2, 0]))
    assert holders == [1] * 5 + [11] * 5 + [21] * 2, "of ten in five days the first"
    assert count(market, "clicks") == 3
    assert market.world.referring["refused"][2, 0] == 0


@pytest.mark.quick
def test_who_does_not_follow_is_harder_to_win(still, programme, invite):
    market = still(
        **{"people.n": 3, A: programme(Referral()), **EVEN, f"{RULES}.acceptance_intercept": -NEVER}
    )
    for day in range(4):
        assert market.world.referring["refused"][2, 0] == 2 * day
        invite(market, [(0, 2), (1, 2)])
        market.step()
    assert count(market, "clicks") == 0


# --- what follows ---------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("follows", [True, False])
def test_following_makes_aware(still, programme, invite, follows):
    """Where the word itself does not."""
    changes = {
        "behaviour.talk.awareness": 0,
        f"{RULES}.acceptance_intercept": math.inf if follows else -NEVER,
    }
    market = still(**{"people.n": 10, A: programme(Referral()), **EVEN, **changes})
    invite(market, [(0, i) for i in range(1, 10)])
    market.step()
    assert (market.world.relationships["aware"][1:, 0] == follows).all()
    assert not market.world.relationships["aware"][0, 0]


@pytest.mark.parametrize("trigger", [0, 0.3, 1])
def test_following_may_wake_a_need(still, programme, invite, trigger):
    market = still(
        **{"people.n": 1001, A: programme(Referral()), **ALL_FOLLOW, f"{RULES}.trigger": trigger}
    )
    invite(market, [(0, i) for i in range(1, 1001)])
    market.step()
    assert len(market.orders) / 1000 == pytest.approx(trigger, abs=0.05)
    assert count(market, "referred_orders") == len(market.orders)


@pytest.mark.quick
def test_a_need_that_an_invitation_woke_is_open_to_all_brands(still, programme, invite):
    changes = {**ALL_FOLLOW, f"{RULES}.trigger": 1, "brands.B.awareness": 1, "people.n": 1001}
    market = still(**{A: programme(Referral()), **changes})
    invite(market, [(0, i) for i in range(1, 1001)])
    market.step()
    ours = market.orders["brand"] == 0
    assert len(ours) == 1000
    assert ours.mean() == pytest.approx(0.5, abs=0.05)
    assert count(market, "referred_orders") == ours.sum()
    assert (market.orders["invitation"] >= 0).tolist() == ours.tolist()


def needing_daily(still, programme, term, **changes):
    """Return a market in which person k, of 1 to 10, needs a pack on day k."""
    market = still(**{"people.n": 11, "days": 20, A: programme(term), **ALL_FOLLOW, **changes})
    for k in range(1, 11):
        market.world.occasions["due"][k, 0] = k
        schedule(market.world.occasions_due, k, k)
    return market


@pytest.mark.quick
@pytest.mark.parametrize("valid_days", [0, 1, 6])
def test_an_invitation_and_its_discount_hold_for_some_days(still, programme, invite, valid_days):
    """Followed on day 1, as is the need of that day."""
    term = Referral(friend_discount=0.2, valid_days=valid_days)
    market = needing_daily(still, programme, term)
    market.step()
    invite(market, [(0, k) for k in range(1, 11)])
    market.run_model()
    first = market.orders[market.orders["nth"] == 1]
    assert first["day"].tolist() == list(range(1, 11))
    in_time = first["day"] <= 1 + valid_days
    assert (first["invitation"] >= 0).tolist() == in_time.tolist()
    assert first["paid_cents"].tolist() == np.where(in_time, 8000, 10000).tolist()
    assert count(market, "referred_orders") == in_time.sum()
    off = market.books.daily[:, 0, Account.FRIEND_DISCOUNTS]
    np.testing.assert_array_equal(np.flatnonzero(off), first["day"][in_time])
    assert set(off) == {0, 2000}
    assert not market.books.daily[:, 0, Account.COUPONS].any()


@pytest.mark.quick
def test_a_better_offer_in_hand_is_kept(still, programme, invite):
    """Followed on day 0, the last day of the offer of person 2; that of others has lapsed.

    Person 3 has one as good in hand, which is renewed.
    """
    market = needing_daily(still, programme, Referral(friend_discount=0.2, valid_days=30))
    relationship = market.world.relationships[:, 0]
    relationship["offer"] = [0.1, 0.3, 0.3, 0.2] + [0.3] * 7
    relationship["offer_until"] = [9, 9, 0, 1] + [-1] * 7
    invite(market, [(0, k) for k in range(1, 11)])
    market.run_model()
    first = market.orders[market.orders["nth"] == 1]
    assert first["paid_cents"].tolist() == [7000, 10000] + [8000] * 8
    coupons, of_friends = market.books.daily[:, 0, [Account.COUPONS, Account.FRIEND_DISCOUNTS]].T
    assert coupons.sum() == 3000, "that of person 2, and day 0 is over for that of person 1"
    assert np.flatnonzero(of_friends).tolist() == list(range(3, 11))
    assert of_friends.sum() == 8 * 2000


@pytest.mark.quick
def test_only_the_first_order_is_referred(still, programme, invite):
    market = needing_daily(still, programme, Referral(valid_days=60), **{"days": 45})
    invite(market, [(0, k) for k in range(1, 11)])
    market.run_model()
    assert len(market.orders) == 20
    assert (market.orders["invitation"] >= 0).tolist() == (market.orders["nth"] == 1).tolist()


@pytest.mark.quick
def test_without_a_discount_friends_pay_the_full_price(still, programme, invite):
    market = needing_daily(still, programme, Referral(cash=10))
    invite(market, [(0, k) for k in range(1, 11)])
    market.run_model()
    assert set(market.orders["paid_cents"]) == {10000}
    assert not market.books.daily[:, 0, [Account.COUPONS, Account.FRIEND_DISCOUNTS]].any()


@pytest.mark.quick
def test_nobody_follows_in_the_continuation(still, programme, invite):
    """Neither what is said on the last day nor what was followed before leads to a claim."""
    changes = {**ALL_FOLLOW, "people.n": 21, "days": 10, "categories.cream.retry_days": 1}
    market = still(**{A: programme(Referral(cash=10, valid_days=60)), **changes})
    while market.day < 9:
        market.step()
    invite(market, [(0, k) for k in range(1, 11)])
    market.step()
    assert count(market, "clicks") == 10
    invite(market, [(0, k) for k in range(11, 21)])
    market.run_on()
    assert (market.invitations["clicked_day"][10:] == NO_DAY).all()
    assert len(market.orders) > 10, "the need of day 30 is met"
    assert (market.orders["invitation"] == -1).all()
    assert market.world.tally[0]["accruals"] == 0

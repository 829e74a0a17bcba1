"""No cost without an audience: nobody is asked who the brand knows cannot answer for it."""

import numpy as np
import pytest
from touched import run, total

from sim.books import Account
from sim.strategies.interface import Does, Touch

ASK = Touch("ask", Does.INVITE_FRIENDS, day=5)
DAILY = dict.fromkeys(range(1, 50))


def assert_absent(market, without) -> None:
    np.testing.assert_array_equal(market.orders, without.orders)
    np.testing.assert_array_equal(market.books.daily, without.books.daily)
    np.testing.assert_array_equal(market.counts, without.counts)
    assert market.world.relationships.tobytes() == without.world.relationships.tobytes()


@pytest.mark.quick
@pytest.mark.parametrize("does", [Does.PITCH, Does.CULTIVATE, Does.CULTIVATE | Does.PITCH])
@pytest.mark.parametrize("nobody", [{"referrals": 1000}, {"audience": 0.0}], ids=str)
def test_a_selling_plan_that_nobody_can_join_costs_nothing(still, agency, does, nobody):
    changes = {"behaviour.direct_selling.join_intercept": float("inf")}
    without = run(still, 50, {}, **changes)
    assert_absent(run(still, 50, agency(DAILY, does, **nobody), **changes), without)
    open_to_all = run(still, 50, agency(DAILY, does), **changes)
    assert total(open_to_all, "touches") > 0


@pytest.mark.quick
def test_neither_courses_nor_pitches_go_to_those_who_have_referred_too_few(busy):
    def spent(needed: int) -> int:
        strategy = {"agent_recruitment": {"referrals_needed": needed, "vest_days": 2}}
        market = busy(**{"brands.A.strategies": strategy, "days": 60})
        market.run_model()
        return market.books.daily[:, 0, [Account.TRAINING, Account.RECRUITING]].sum()

    assert spent(0) > spent(1) > spent(1000) == 0


@pytest.mark.quick
def test_nobody_is_asked_for_friends_without_a_programme(still, follow_up):
    without = run(still, 50, {})
    assert_absent(run(still, 50, follow_up(ASK)), without)
    assert total(run(still, 50, {"referral": {}}), "touches") > 0


@pytest.mark.quick
def test_what_cannot_earn_in_the_terminal_period_is_not_sent(still):
    """Orders come every 30 days; those of the last days would be followed by asks and salons."""
    strategies = {
        "referral": {"ask_day": 5, "ask_stop_after": None},
        "agent_recruitment": {"referrals_needed": 0, "course_after": 1, "refusal_days": 0},
        "service_followup": {},
    }
    market = run(still, 58, strategies, terminal_period=60)
    market.run_on()
    account = [Account.REFERRAL_ASKS, Account.STATUS_REWARDS, Account.TRAINING, Account.RECRUITING]
    assert (market.books.daily[:, 0, [Account.REFERRAL_ASKS, Account.TRAINING]] > 0).any()
    assert not market.books.terminal[:, 0, account].any()
    assert market.books.terminal[:, 0, Account.TOUCHES].any(), "a reminder still can"


@pytest.mark.quick
@pytest.mark.parametrize("does, sent", [(Does.DELIGHT, 0), (Does.DELIGHT | Does.SELL, 100)])
def test_an_event_that_only_delights_is_over_with_the_run(still, follow_up, does, sent):
    market = run(still, 31, follow_up(Touch("feast", does, day=3)), terminal_period=10)
    before = market.world.relationships["answered"][:, 0].sum()
    market.run_on()
    assert before == 100
    assert market.world.relationships["answered"][:, 0].sum() - before == sent


@pytest.mark.quick
@pytest.mark.parametrize("name, part", [("referral", "ask"), ("agent_recruitment", "ask")])
def test_by_default_whoever_does_not_answer_is_asked_three_times(still, name, part):
    asked = {"behaviour.touch.response": 0, "behaviour.talk.rate": 0}
    given = {"course": False, "pitch": False} if name == "agent_recruitment" else {}
    market = run(still, 300, {name: given}, **asked)
    assert total(market, "touches") == 300
    for_ever = run(still, 300, {name: {**given, f"{part}_stop_after": None}}, **asked)
    assert total(for_ever, "touches") > 700

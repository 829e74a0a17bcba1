"""The least amount of money there is: whatever costs a cent is booked."""

import pytest
from staff import A, call, crew, steps

from sim.books import Account
from sim.mechanisms.referral.terms import Referral
from sim.people.messages import Kind
from sim.strategies.interface import Does, Touch

pytestmark = pytest.mark.quick
KEEP, SPEND = {"behaviour.referral.redeem": 0}, {"behaviour.referral.redeem": 1}


def test_of_advertising(still, posted):
    """Spend is for 1,000 people, and there are 100."""
    market = still(**{"brands.A.advertising": {"spend": 0.1}, "days": 3})
    market.run_model()
    assert posted(market, Account.ACQUISITION) == {0: 1, 1: 1, 2: 1}


@pytest.mark.parametrize("kind", ["cash", "points", "goods"])
def test_of_a_reward(referring, programme, posted, kind):
    term = Referral(**{kind: 0.01}, vest_days=0, points_cost=1, goods_cost=1, goods_at=(1,))
    market = referring(programme(term), {0: [(0, 1)]}, **KEEP)
    account = Account[f"REFERRAL_{kind.upper()}"]
    assert posted(market, account) == {0: 1}
    assert posted(market, Account.REWARDS_PENDING) == {0: 1, 11: -1}
    paid = {11: 1} if kind == "points" else {}
    assert posted(market, Account.POINTS_OWED) == paid


@pytest.mark.parametrize(("redeem", "broken"), [(KEEP, {20: -1}), (SPEND, {})])
def test_of_points_that_lapse_or_are_spent(referring, programme, posted, redeem, broken):
    """Person 0 buys on days 0 and 15, when the points hold."""
    term = Referral(points=0.01, points_cost=1, points_days=8, vest_days=0)
    need = {"categories.cream.period_days": 15}
    market = referring(programme(term), {0: [(0, 1)]}, customers=[0], **redeem, **need)
    gone = 20 if broken else 15
    assert posted(market, Account.POINTS_OWED) == {11: 1, gone: -1}
    assert posted(market, Account.POINTS_BREAKAGE) == broken


def test_of_a_bonus_for_recruiting(still, agency, posted):
    market = crew(still, agency, terms={"recruit_bonus": 0.01})
    market.world.relationships["orders"][1, 0] = 1
    call(market, 0, [1], Kind.RECRUITING)
    assert posted(market, Account.RECRUIT_BONUSES) == {2: 1}


def test_of_stock_given_back(still, agency, posted):
    market = crew(still, agency, leaves={0: 5}, terms={"stock": 0.01, "buyback": 1})
    assert posted(market, Account.CHANNEL_DEPOSITS) == {1: 1}
    steps(market, 4)
    assert posted(market, Account.CHANNEL_DEPOSITS) == {1: 1, 5: -1}


def test_of_stock_that_is_short(still, agency):
    """99.99 at hand, and a pack costs 100: another lot is bought."""
    market = crew(still, agency, terms={"stock": 99.99}, **{"people.n": 2})
    market.world.selling["seller"][1, 0] = 1
    steps(market, 29)
    assert market.distributors["stock_cents"].tolist() == [2 * 9_999 - 10_000]
    assert market.distributors["paid_cents"][0] >= 0


def test_of_what_an_event_costs(still, follow_up, posted):
    touch = Touch("event", Does.DELIGHT, day=1, cost=0.01)
    market = still(**{A: follow_up(touch), "days": 3})
    market.run_model()
    assert posted(market, Account.TOUCHES) == {1: 100 * (150 + 1)}

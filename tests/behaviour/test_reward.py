"""Rewards are promised when a friend buys, and kept, or void, when the order cannot be sent back.

Person 0 refers; friends are invited on given days and buy on the same day. A parcel arrives three
days later, is used after three more, and can be sent back for seven from arrival.
"""

import numpy as np
import pytest

from sim.books import Account
from sim.counts import COUNTS
from sim.mechanisms.referral.terms import Referral
from sim.state import NO_DAY

CREAM = "brands.A.products.cream"
COMPLAINT = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}
REGRET = {f"{CREAM}.quality": 0.1, "behaviour.experience.regret": 10}
QUICK = {f"{CREAM}.{what}_days": 0 for what in ("delivery", "effect", "refund")}
"""Used on the day of the order, and not to be sent back from the next day on."""
FRIEND = {0: [(0, 1)]}
ACCRUAL = Account.REWARDS_PENDING


def counted(market, name: str) -> dict[int, int]:
    column = market.counts[:, 0, COUNTS.index(name)]
    return {int(day): int(column[day]) for day in np.flatnonzero(column)}


# --- when -----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("vest_days", "ordered", "vested"),
    [
        (1, "Monday", 1),
        (1, "Thursday", 4),
        (1, "Friday", 7),
        (1, "Saturday", 7),
        (1, "Sunday", 7),
        (4, "Monday", 4),
        (5, "Monday", 7),
        (5, "Friday", 11),
        (5, "Sunday", 11),
        (30, "Monday", 42),
        (30, "Wednesday", 44),
        (30, "Friday", 46),
        (30, "Saturday", 46),  # as from the Friday before
        (30, "Sunday", 46),
    ],
)
def test_rewards_vest_after_working_days(referring, programme, vest_days, ordered, vested):
    """Day 0 is a Monday."""
    week = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    day = week.index(ordered)
    offered = programme(Referral(cash=10, vest_days=vest_days))
    market = referring(offered, {day: [(0, 1)]}, **QUICK)
    assert market.orders["day"][0] == day
    assert counted(market, "rewards_vested") == {vested: 1}


@pytest.mark.parametrize("vest_days", [0, 1, 7, 23])
def test_working_days_are_those_of_any_calendar(referring, programme, vest_days):
    """Held against numpy's, from a Monday on; never on the day of the order itself."""
    friends = {day: [(0, 1 + day)] for day in range(15)}
    offered = programme(Referral(cash=10, vest_days=vest_days))
    market = referring(offered, friends, **QUICK)
    start = np.datetime64("2024-01-01")
    ordered = market.orders["day"][market.orders["nth"] == 1]
    assert ordered.tolist() == list(range(15))
    due = np.busday_offset(start + ordered, vest_days, roll="backward") - start
    expected = np.maximum(due.astype(int), ordered + 1)
    assert market.invitations["vested_day"].tolist() == expected.tolist()


@pytest.mark.quick
@pytest.mark.parametrize(
    ("changes", "vested"),
    [
        ({}, 11),  # arrived on day 3, to be sent back until day 10
        ({f"{CREAM}.refund_days": 0}, 4),
        ({f"{CREAM}.refund_days": 50}, 54),
        ({"brands.A.late": 1}, 14),
        ({"brands.A.misdelivery": 1}, 14),
        ({"brands.A.misdelivery": 1, "brands.A.late": 1}, 17),
        ({f"{CREAM}.delivery_days": 20}, 28),  # still under way when it comes due
    ],
    ids=["as usual", "no returns", "long returns", "late", "astray", "astray and late", "far"],
)
def test_nothing_vests_that_can_still_be_sent_back(referring, programme, changes, vested):
    market = referring(programme(Referral(cash=10, vest_days=2)), FRIEND, **changes)
    assert counted(market, "rewards_vested") == {vested: 1}


@pytest.mark.quick
def test_orders_of_the_burn_in_are_nobodys(referring, programme):
    """A customer of then cannot be referred, but can refer."""
    changes = {"burn_in": 20, "brands.A.awareness": 1, "network": {"kind": "ring"}, "days": 20}
    changes |= {"behaviour.talk.rate": 3, "behaviour.referral.spontaneous": 1e6}
    market = referring(programme(Referral(cash=10)), {}, **changes)
    assert len(market.invitations) > 100
    assert market.invitations["day"].min() == 0
    assert (market.orders["invitation"] == -1).all()
    assert not counted(market, "clicks")


# --- what -----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_cash_is_owed_when_a_friend_buys_and_paid_when_it_vests(referring, programme, posted):
    with_it, without = Referral(cash=12.34, vest_days=30), Referral(vest_days=30)
    market = referring(programme(with_it), FRIEND)
    assert posted(market, Account.REFERRAL_CASH) == {0: 1234}
    assert posted(market, ACCRUAL) == {0: 1234, 42: -1234}
    plain = referring(programme(without), FRIEND)
    difference = market.books.daily - plain.books.daily
    assert {int(day): int(difference[day, 0, Account.CASH]) for day in (0, 42)} == {0: 0, 42: -1234}
    difference[:, 0, [Account.REFERRAL_CASH, ACCRUAL, Account.CASH]] = 0
    assert not difference.any()
    cost = market.world.relationships["cost_cents"] - plain.world.relationships["cost_cents"]
    assert cost[0, 0] == 1234
    assert cost.sum() == 1234, "it is the referrer's"


@pytest.mark.quick
@pytest.mark.parametrize(("vest_days", "due"), [(5, 7), (30, 42)])
@pytest.mark.parametrize("cause", [COMPLAINT, REGRET], ids=["complaint", "regret"])
def test_what_is_sent_back_earns_nothing(referring, programme, posted, cause, vest_days, due):
    """Paid back on day 3 or 6, void when it comes due; what had been accrued is taken back."""
    market = referring(programme(Referral(cash=10, vest_days=vest_days)), FRIEND, **cause)
    assert market.orders["refunded"][0]
    ours = {0: 1000, due: -1000}
    assert posted(market, Account.REFERRAL_CASH) == ours
    assert posted(market, ACCRUAL) == ours
    assert counted(market, "rewards_void") == {due: 1}
    assert not counted(market, "rewards_vested")
    assert market.invitations["void"].tolist() == [True]
    assert market.invitations["vested_day"].tolist() == [NO_DAY]
    assert market.world.referring["vested"][0, 0] == 0


@pytest.mark.quick
def test_a_reward_is_a_promise_kept(referring, programme):
    trust = {}

    def watch(market):
        trust[market.day - 1] = float(market.world.relationships["trust"][0, 0])

    offered = programme(Referral(cash=10, vest_days=2))
    referring(offered, {0: [(0, 1)], 5: [(0, 2)]}, watch=watch)
    one = 0.5 + 0.05 * 0.5
    two = one + 0.05 * (1 - one)
    assert [trust[day] for day in (10, 11, 15, 16, 59)] == pytest.approx([0.5, one, one, two, two])
    referring(offered, FRIEND, watch=watch, **COMPLAINT)
    assert set(trust.values()) == {0.5}, "a void one keeps and breaks nothing"


@pytest.mark.quick
def test_each_friend_pays_and_counts_for_the_own_referrer(referring, programme, posted):
    friends = {0: [(0, 10), (1, 11), (0, 12)], 4: [(1, 13)], 6: [(2, 14)]}
    market = referring(programme(Referral(cash=10, vest_days=0)), friends)
    assert counted(market, "referred_orders") == {0: 3, 4: 1, 6: 1}
    assert counted(market, "rewards_vested") == {11: 3, 15: 1, 17: 1}
    assert market.world.referring["vested"][:4, 0].tolist() == [2, 2, 1, 0]
    assert posted(market, Account.REFERRAL_CASH) == {0: 3000, 4: 1000, 6: 1000}
    assert posted(market, ACCRUAL) == {0: 3000, 4: 1000, 6: 1000, 11: -3000, 15: -1000, 17: -1000}
    assert market.world.relationships["cost_cents"][:4, 0].tolist() == [2000, 2000, 1000, 0]


@pytest.mark.quick
def test_one_friend_counts_once_in_two_programmes(referring, programme, posted):
    """Each pays its own reward at its own time, once."""
    soon = programme(Referral(cash=5, vest_days=5), key="soon")
    later = programme(Referral(cash=7, vest_days=30), key="later")
    market = referring({**soon, **later}, FRIEND)
    assert posted(market, Account.REFERRAL_CASH) == {0: 1200}
    assert posted(market, ACCRUAL) == {0: 1200, 11: -500, 42: -700}
    assert counted(market, "referred_orders") == {0: 1}
    assert counted(market, "rewards_vested") == {11: 1}
    assert market.world.referring["vested"][0, 0] == 1
    void = referring({**soon, **later}, FRIEND, **REGRET)
    assert posted(void, ACCRUAL) == {0: 1200, 7: -500, 42: -700}
    assert posted(void, Account.REFERRAL_CASH) == posted(void, ACCRUAL)
    assert counted(void, "rewards_void") == {7: 1}


@pytest.mark.quick
def test_who_is_outside_the_audience_of_a_programme_earns_nothing_by_it(
    referring, programme, posted
):
    everybody = programme(Referral(cash=1), key="everybody")
    half = programme(Referral(cash=100), key="half", audience={"share": 0.5})
    friends = {0: [(k, 20 + k) for k in range(20)]}
    market = referring({**everybody, **half}, friends)
    cost = market.world.relationships["cost_cents"][:20, 0]
    assert set(cost) == {100, 10100}
    assert 4 <= (cost == 10100).sum() <= 16


# --- after the run --------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("cause", [{}, REGRET], ids=["kept", "void"])
def test_promises_are_kept_or_void_in_the_continuation(referring, programme, cause):
    """The referrer is a customer held at the end of day 9; the order of day 5 vests on day 16."""
    market = referring(
        programme(Referral(cash=10, vest_days=2)), {5: [(0, 1)]}, customers=[0], days=10, **cause
    )
    assert market.books.daily[:, 0, ACCRUAL].sum() == 1000
    market.run_on()
    held = market.books.terminal[:, 0]
    assert np.flatnonzero(held[:, ACCRUAL]).tolist() == [16 - 10]
    assert held[6, ACCRUAL] == -1000
    assert held[6, Account.REFERRAL_CASH] == (-1000 if cause else 0)
    assert market.invitations["void"].tolist() == [bool(cause)]


@pytest.mark.quick
def test_what_is_pending_is_what_the_table_of_promises_says(busy):
    market = busy(**{"days": 120, "people.n": 400})  # with everything at work
    market.run_model()
    world = market.world
    promises = world.accruals[: world.tally[0]["accruals"]]
    accepted = promises[(promises["state"] == 1) & (promises["kind"] != 3)]
    owed = sum(accepted[f"{kind}_cents"].sum() for kind in ("cash", "goods", "points"))
    owed += world.referring["goods_cents"].sum()
    assert market.books.daily[..., ACCRUAL].sum() == owed > 0
    assert market.books.daily[..., Account.POINTS_OWED].sum() == world.loyalty["points_cents"].sum()
    vested = (promises["state"] == 2) & (promises["kind"] == 0)
    assert vested.sum() > 10
    made = market.invitations
    assert not (made["void"] & (made["vested_day"] != NO_DAY)).any()
    assert not market.orders["refunded"][made["order"][made["vested_day"] != NO_DAY]].any()

"""KOCs: who becomes one when, what it costs, what it gives, and how it ends.

Person 0 refers. What friends buy on day d vests on day d + 11.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from honoured import honoured
from staff import discount_of

from sim.books import Account
from sim.counts import COUNTS
from sim.engine.calendar import NEVER, schedule
from sim.mechanisms.referral.terms import Referral
from sim.mesa.agents import KOC, Customer
from sim.people import roles
from sim.strategies.interface import Does, Touch

A = "brands.A.strategies"
CREAM = "brands.A.products.cream"
HONOUR = honoured(koc_from=3, koc_cost=50, koc_privilege=0.1, vest_days=0)
FIRST = honoured(koc_from=1, koc_cost=50, koc_privilege=0.1, vest_days=0)
REFERRED = {0: [(0, 1)]}


def counted(market, name: str) -> dict[int, int]:
    column = market.counts[:, 0, COUNTS.index(name)]
    return {int(day): int(column[day]) for day in np.flatnonzero(column)}


def standing(market, person: int = 0) -> tuple[int, int, float]:
    """Return a person's role with A, highest role, and discount for good."""
    relationship = market.world.relationships[person, 0]
    return (
        int(relationship["role"]),
        int(market.world.people["role"][person]),
        discount_of(market, person),
    )


PLAIN, HONOURED = (0, 0, 0.0), (1, 1, pytest.approx(0.1))

# --- becoming one ---------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("koc_from", [1, 2, 3])
def test_the_friend_who_makes_the_number_full_makes_a_koc(referring, programme, posted, koc_from):
    """One friend a day; the status reward costs once, and is no pending reward."""
    seen = []
    term = honoured(koc_from=koc_from, koc_cost=50, koc_privilege=0.1, vest_days=0)
    friends = {day: [(0, 1 + day)] for day in range(6)}
    market = referring(programme(term), friends, watch=lambda market: seen.append(standing(market)))
    day = koc_from - 1 + 11
    assert seen[day - 1 : day + 1] == [PLAIN, HONOURED]
    assert seen[-1] == HONOURED
    assert counted(market, "kocs") == {day: 1}
    assert posted(market, Account.STATUS_REWARDS) == {day: 5000}
    assert posted(market, Account.REWARDS_PENDING) == {}
    assert market.world.relationships["cost_cents"][0, 0] == 5000
    assert [agent.row for agent in market.agents_by_type[KOC]] == [0]
    assert len(market.agents_by_type[Customer]) == 99


@pytest.mark.quick
def test_an_agent_in_hand_becomes_a_koc(still, programme, invite):
    follow = {"behaviour.referral.acceptance_intercept": math.inf, "brands.A.awareness": 0}
    market = still(**{A: programme(FIRST), **follow})
    person = market.agents[0]
    invite(market, REFERRED[0])
    while market.day < 11:
        market.step()
    assert type(person) is Customer
    market.step()
    assert type(person) is KOC
    assert market.agents[0] is person


@pytest.mark.quick
def test_without_an_honour_nobody_is_a_koc(referring, programme, posted):
    term = Referral(cash=10, vest_days=0)
    market = referring(programme(term), {0: [(0, k) for k in range(1, 6)]})
    assert market.world.referring["vested"][0, 0] == 5
    assert standing(market) == PLAIN
    assert counted(market, "kocs") == posted(market, Account.STATUS_REWARDS) == {}


@pytest.mark.quick
def test_friends_who_send_it_back_do_not_count(referring, programme):
    """Of five friends two do; the fifth makes three."""

    def send_back(market):
        orders = market.orders
        orders["refunded"][np.isin(orders["person"], [1, 3]) & (orders["nth"] == 1)] = True

    friends = {day: [(0, 1 + day)] for day in range(5)}
    market = referring(programme(HONOUR), friends, watch=send_back)
    assert counted(market, "kocs") == {4 + 11: 1}


@pytest.mark.quick
@pytest.mark.parametrize("slow", [1, 2, 3])
def test_it_does_not_matter_whose_order_vests_last(referring, programme, posted, slow):
    """One of three friends gets the parcel ten days late, and is the one who makes it full."""

    def detain(market):
        if market.day == 3:  # when all would arrive
            number = int(np.flatnonzero(market.orders["person"] == slow)[0])
            schedule(market.world.orders_due, number, 13)

    market = referring(programme(HONOUR), {0: [(0, 1), (0, 2), (0, 3)]}, watch=detain)
    assert market.orders["arrived_day"][market.orders["nth"] == 1].max() == 13
    assert counted(market, "rewards_vested") == {11: 2, 21: 1}
    assert counted(market, "kocs") == {21: 1}
    assert posted(market, Account.STATUS_REWARDS) == {21: 5000}


@pytest.mark.quick
def test_an_honour_counts_friends_of_any_programme_of_the_brand_once(referring, programme):
    """The other programme's rewards come sooner; a friend is a friend."""
    honour = programme(honoured(koc_from=2, koc_cost=50, vest_days=30), key="honour")
    cash = programme(Referral(cash=10, vest_days=0), key="cash")
    market = referring({**honour, **cash}, {0: [(0, 1)], 1: [(0, 2)]})
    assert market.world.referring["vested"][0, 0] == 2
    assert counted(market, "rewards_vested") == {11: 1, 12: 1}
    assert counted(market, "kocs") == {42: 1}


# --- what it gives --------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("privilege", [0, 0.1, 1])
def test_a_koc_has_a_discount_for_good(referring, programme, posted, privilege):
    """Person 0 buys on days 0, 30 and 60, and is a KOC from day 11 on."""
    term = honoured(koc_from=1, koc_privilege=privilege, vest_days=0)
    market = referring(programme(term), REFERRED, customers=[0], days=90)
    mine = market.orders[market.orders["person"] == 0]
    full, cut = 10000, round(10000 * privilege)
    assert mine["paid_cents"].tolist() == [full, full - cut, full - cut]
    assert (mine["list_cents"] == full).all()
    assert posted(market, Account.DISCOUNTS) == ({30: cut, 60: cut} if privilege else {})
    assert posted(market, Account.COUPONS) == {}


@pytest.mark.quick
@pytest.mark.parametrize(
    ("offer", "paid", "account", "left"),
    [
        (0.2, 8000, Account.COUPONS, 0),
        (0.1, 9000, Account.COUPONS, 0),  # as good as one's own
        (0.05, 9000, Account.DISCOUNTS, 0.05),  # kept for another time
    ],
)
def test_the_better_of_an_offer_and_the_own_discount_is_used(
    referring, programme, posted, offer, paid, account, left
):
    def hand_over(market):
        if market.day == 29:
            (
                market.world.relationships["offer"][0, 0],
                market.world.relationships["offer_until"][0, 0],
            ) = offer, 59

    market = referring(programme(FIRST), REFERRED, customers=[0], watch=hand_over)
    mine = market.orders[market.orders["person"] == 0]
    assert mine["paid_cents"].tolist() == [10000, paid]
    assert posted(market, account) == {30: 10000 - paid}
    other = {Account.COUPONS, Account.DISCOUNTS} - {account}
    assert posted(market, other.pop()) == {}
    assert market.world.relationships["offer"][0, 0] == left


@pytest.mark.parametrize("status", [0, 1])
def test_status_attracts(referring, programme, status):
    """1,500 referrers, KOCs of A since day 11, choose between A and B on day 30."""
    term = honoured(koc_from=1, vest_days=0)
    friends = {0: [(k, 1500 + k) for k in range(1500)]}
    changes = {"people.n": 3000, "days": 31, "behaviour.choice.status": status}
    changes |= {"behaviour.choice.concentration": 1}

    def evenly(market):
        market.world.relationships["log_taste"] = 0
        if market.day == 30:
            market.world.relationships["aware"][:1500] = True

    market = referring(programme(term), friends, customers=range(1500), watch=evenly, **changes)
    late = market.orders[(market.orders["day"] == 30) & (market.orders["person"] < 1500)]
    assert len(late) == 1500
    expected = 1 / (1 + math.exp(-status))
    assert (late["brand"] == 0).mean() == pytest.approx(expected, abs=0.04)


# --- salons ---------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("salon_days", [20, 0])
def test_salons_are_for_kocs_every_so_many_days(referring, posted, salon_days):
    """Decided on days 0, 20 and 40, sent on the days after; there are KOCs from day 11 on."""
    given = {"koc_from": 1, "salon_days": salon_days, "salon_cost": 15, "koc_cost": 0}
    given |= {"vest_days": 0, "ask_day": 365}
    friends = {0: [(0, 1), (2, 3)]}
    changes = {"behaviour.experience.delight_half_life": 20, "behaviour.experience.delight": 0}
    market = referring({"referral": given}, friends, customers=[0, 2, 4], **changes)
    salons = {21: 2, 41: 2} if salon_days else {}
    assert counted(market, "touches") == salons
    each = {day: number * (1500 + 150) for day, number in salons.items()}
    assert posted(market, Account.STATUS_REWARDS) == each
    assert posted(market, Account.TOUCHES) == {}, "contact and salon are of the programme"
    delight = market.world.relationships["delight"][:, 0]
    assert np.flatnonzero(delight).tolist() == ([0, 2] if salon_days else [])
    once, twice = 0.3, 0.15 + 0.3 * (1 - 0.15)
    assert once < twice
    assert delight[0] == (pytest.approx(twice, rel=1e-5) if salon_days else 0)


@pytest.mark.quick
def test_a_salon_costs_who_comes(referring, posted):
    """Nobody answers: invitations are paid for, the salon is not."""
    given = {"koc_from": 1, "salon_days": 20, "koc_cost": 0, "vest_days": 0, "ask_day": 365}
    changes = {"behaviour.touch.response": 0, "behaviour.experience.delight": 0}
    market = referring({"referral": given}, REFERRED, customers=[0], **changes)
    assert counted(market, "touches") == {21: 1, 41: 1}
    assert posted(market, Account.STATUS_REWARDS) == {21: 150, 41: 150}
    assert market.world.relationships["delight"][0, 0] == 0


@pytest.mark.quick
@pytest.mark.parametrize("koc_from", [0, 2])
def test_there_is_no_salon_without_kocs(referring, koc_from):
    given = {"koc_from": koc_from, "salon_days": 20, "vest_days": 0, "ask_day": 365}
    market = referring({"referral": given}, REFERRED, customers=[0])
    assert counted(market, "touches") == {}


# --- the end of it --------------------------------------------------------------------------------


@pytest.mark.quick
def test_who_leaves_the_brand_is_a_koc_no_more(referring, programme):
    """Person 0 uses a pack on days 6 and 36, and then wants no more of A."""

    def tire_of_it(market):
        market.world.relationships["dropout"][0, 0] = 1.0 if market.day > 30 else 0.0
        seen.append(standing(market))

    seen = []
    market = referring(
        programme(FIRST),
        REFERRED,
        customers=[0],
        watch=tire_of_it,
        **{"behaviour.dropout.satisfaction_effect": 0},
    )
    assert market.world.relationships["dropped_out"][0, 0]
    assert market.world.relationships["dropped_out_day"][0, 0] == 36
    changes = [day for day, (a, b) in enumerate(pairwise(seen), start=1) if a != b]
    assert changes == [11, 36]
    assert seen[-1] == PLAIN
    assert len(market.agents_by_type[KOC]) == 0
    assert counted(market, "kocs") == {11: 1}
    assert (market.world.distributors_due.link["day"] == NEVER).all(), "there is no work to give up"


@pytest.mark.quick
def test_who_left_before_gets_no_role(referring, programme):
    def leave(market):
        if market.day == 5:
            market.world.relationships["dropped_out"][0, 0] = True

    market = referring(programme(FIRST), REFERRED, watch=leave)
    assert standing(market) == PLAIN


@pytest.mark.quick
def test_the_highest_role_with_any_brand_stays(referring, programme):
    """Person 0 is a KOC of both, and leaves one."""
    relationship = {}

    def both(market):
        world = market.world
        if market.day == 12:
            assert world.relationships["role"][0, 0] == roles.KOC
            world.recognition["koc"][0, 1], world.relationships["role"][0, 1] = True, roles.KOC
        world.relationships["dropout"][0, 0] = 1.0 if market.day > 30 else 0.0
        relationship[market.day] = world.relationships["role"][0].tolist()

    market = referring(
        programme(FIRST),
        REFERRED,
        customers=[0],
        watch=both,
        **{"behaviour.dropout.satisfaction_effect": 0},
    )
    assert relationship[36] == [1, 1]
    assert relationship[37] == [0, 1]
    assert market.world.people["role"][0] == roles.KOC


@pytest.mark.quick
def test_a_koc_is_moved_more_to_invite(still, programme, tied):
    """Of 2,000 who are asked, half are KOCs: 1.5 times the motive of log 2."""
    rules = {f"behaviour.referral.{name}": 0 for name in ("emotion", "cash_cost", "invitations")}
    rules["behaviour.referral.asked"] = 1
    ask = Touch("ask", Does.INVITE_FRIENDS, day=8)
    offered = programme(Referral(cash=10), touches=[ask])
    shares = {}
    for factor in (1.5, 1.0):
        market = still(**{"people.n": 2000, A: offered, **rules, "behaviour.referral.koc": factor})
        for _ in range(8):
            market.step()
        market.world.relationships["role"][:, 0] = roles.KOC
        market.step()
        shares[factor] = counted(market, "referral_shared")[8] / 2000
    assert shares[1.5] == pytest.approx(1 - 0.5**1.5, abs=0.035)
    assert shares[1.0] == pytest.approx(0.5, abs=0.035)

"""Goods are earned friend by friend and handed over at numbers of friends; they cost 8 each here.

Person 0 refers. What friends buy on day d arrives on day d + 3, and vests on day d + 11.
"""

import numpy as np
import pytest

from sim.books import Account
from sim.counts import COUNTS
from sim.mechanisms.referral.terms import Referral

CREAM = "brands.A.products.cream"
ACCRUAL = Account.REWARDS_PENDING
GOODS = Referral(goods=20, goods_cost=0.4, vest_days=0)
EACH = 800
LATER = 11
"""Days from the order until it can no longer be sent back."""


def one_a_day(friends: int, first: int = 0) -> dict[int, list[tuple[int, int]]]:
    return {first + k: [(0, 1 + k)] for k in range(friends)}


@pytest.mark.quick
@pytest.mark.parametrize(
    ("at", "handed"),
    [
        ((1, 3, 10), {1: 1, 3: 2, 10: 7}),
        ((2, 5), {2: 2, 5: 3}),
        ((4,), {4: 4}),
        ((1, 2, 3), {1: 1, 2: 1, 3: 1}),
    ],
)
def test_goods_are_handed_over_at_numbers_of_friends(referring, programme, posted, at, handed):
    """Twelve friends, one a day: each up to the last number costs, and waits until its number."""
    term = Referral(goods=20, goods_cost=0.4, goods_at=at, vest_days=0)
    market = referring(programme(term), one_a_day(12))
    accrued = dict.fromkeys(range(max(at)), EACH)
    assert posted(market, Account.REFERRAL_GOODS) == accrued
    expected = dict(accrued)
    for friend, number in handed.items():
        day = friend - 1 + LATER
        expected[day] = expected.get(day, 0) - number * EACH
    assert posted(market, ACCRUAL) == {day: cents for day, cents in expected.items() if cents}
    assert market.world.referring["vested"][0, 0] == 12
    assert market.world.relationships["cost_cents"][0, 0] == max(at) * EACH


@pytest.mark.quick
def test_goods_short_of_the_next_number_stay_pending(referring, programme, posted):
    market = referring(programme(GOODS), one_a_day(5))
    pending = market.books.daily[:, 0, ACCRUAL].cumsum()
    assert pending[[0, 4, 10, 11, 12, 13, 59]].tolist() == [
        1 * EACH, 5 * EACH, 5 * EACH, 4 * EACH, 4 * EACH, 2 * EACH, 2 * EACH
    ]  # fmt: skip
    assert market.world.referring["goods_cents"][0, 0] == 2 * EACH


@pytest.mark.quick
def test_friends_of_one_day_count_one_by_one(referring, programme, posted):
    market = referring(programme(GOODS), {0: [(0, k) for k in range(1, 16)]})
    assert posted(market, Account.REFERRAL_GOODS) == {0: 10 * EACH}
    assert posted(market, ACCRUAL) == {0: 10 * EACH, LATER: -10 * EACH}


@pytest.mark.quick
@pytest.mark.parametrize("returned", [[1], [3], [1, 2], [10]], ids=str)
def test_the_next_friend_takes_the_place_of_one_who_sent_it_back(
    referring, programme, posted, returned
):
    """Ten friends must keep what they bought, whoever they are: all goods go out, none too many."""

    def send_back(market):
        orders = market.orders
        orders["refunded"][np.isin(orders["person"], returned) & (orders["nth"] == 1)] = True

    market = referring(
        programme(GOODS), one_a_day(25, first=0), watch=send_back, **{"people.n": 30}
    )
    counts = market.counts[:, 0].sum(axis=0)
    assert counts[COUNTS.index("rewards_void")] == len(returned)
    assert counts[COUNTS.index("rewards_vested")] == 25 - len(returned)
    assert sum(posted(market, Account.REFERRAL_GOODS).values()) == 10 * EACH
    assert market.books.daily[:, 0, ACCRUAL].sum() == 0
    pending = market.books.daily[:, 0, ACCRUAL].cumsum()
    assert (pending >= 0).all()
    mine = market.world.referring[0, 0]
    assert (mine["goods_friends"], mine["goods_cents"]) == (10, 0)


@pytest.mark.quick
def test_claims_without_money_do_not_use_up_the_goods(referring, programme, posted):
    """A budget of .8 a day, spread over 60 days, has room for the goods of every tenth day."""
    term = Referral(goods=20, goods_cost=0.4, goods_at=(1, 3), vest_days=0)
    market = referring(programme(term, budget=48), one_a_day(40), **{"people.n": 50})
    assert posted(market, Account.REFERRAL_GOODS) == {9: EACH, 19: EACH, 29: EACH}
    assert posted(market, ACCRUAL) == {
        9: EACH, 19: EACH, 29: EACH, 9 + LATER: -EACH, 29 + LATER: -2 * EACH
    }  # fmt: skip


@pytest.mark.quick
@pytest.mark.parametrize("off", [{"goods_cost": 0}, {"goods": 0}], ids=str)
def test_goods_that_cost_nothing_are_not_in_the_books(referring, programme, posted, off):
    market = referring(programme(Referral(**{"goods": 20, "vest_days": 0, **off})), one_a_day(4))
    assert posted(market, Account.REFERRAL_GOODS) == posted(market, ACCRUAL) == {}
    assert market.world.referring["vested"][0, 0] == 4
    assert market.world.referring["goods_friends"][0, 0] == (0 if "goods" in off else 4)


@pytest.mark.quick
def test_goods_and_cash_of_one_friend_are_accounted_apart(referring, programme, posted):
    term = Referral(goods=20, goods_cost=0.4, goods_at=(2,), cash=3, vest_days=0)
    market = referring(programme(term), one_a_day(2))
    assert posted(market, Account.REFERRAL_GOODS) == {0: EACH, 1: EACH}
    assert posted(market, Account.REFERRAL_CASH) == {0: 300, 1: 300}
    paid = {LATER: -300, 1 + LATER: -300 - 2 * EACH}
    assert posted(market, ACCRUAL) == {0: 300 + EACH, 1: 300 + EACH, **paid}

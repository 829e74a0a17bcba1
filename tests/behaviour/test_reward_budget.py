"""Rewards under a budget: by lottery, never beyond what has come in, each at the most it may cost.

Referrers are the even rows, each with one friend who buys on a given day.
"""

import math

import numpy as np
import pytest
from honoured import honoured

from sim.accruals import Kind as Promise
from sim.accruals import price_claims
from sim.books import Account
from sim.counts import COUNTS
from sim.engine.draws import draw
from sim.mechanisms.referral.terms import Referral
from sim.purposes import Purpose
from sim.state import NO_DAY

CREAM = "brands.A.products.cream"
ACCRUAL = Account.REWARDS_PENDING
CASH = Referral(cash=2, vest_days=0)
SPENT = [
    Account.TOUCHES,
    Account.REFERRAL_ASKS,
    Account.REFERRAL_CASH,
    Account.REFERRAL_GOODS,
    Account.REFERRAL_POINTS,
    Account.STATUS_REWARDS,
]


def pairs(first: int, last: int) -> list[tuple[int, int]]:
    return [(2 * k, 2 * k + 1) for k in range(first, last)]


def total(market, name: str) -> int:
    return int(market.counts[:, 0, COUNTS.index(name)].sum())


def paid_for(market) -> np.ndarray:
    """Return for each pair whether the referral counted."""
    counted = np.zeros(len(market.world.people) // 2, bool)
    made = market.invitations[market.invitations["vested_day"] != NO_DAY]
    counted[made["referrer"] // 2] = True
    return counted


@pytest.mark.quick
def test_what_there_is_no_money_for_comes_to_nothing(referring, programme, posted):
    """A budget of 600 gives 10 a day: five rewards of 2 on day 0, of 30 claims."""
    market = referring(programme(CASH, budget=600), {0: pairs(0, 30)})
    assert total(market, "referred_orders") == 30
    assert posted(market, Account.REFERRAL_CASH) == {0: 1000}
    assert posted(market, ACCRUAL) == {0: 1000, 11: -1000}
    assert total(market, "rewards_vested") == 5
    assert total(market, "rewards_void") == 0
    counted = paid_for(market)
    mine = market.world.referring[::2, 0]
    assert mine["vested"][:30].tolist() == counted[:30].astype(int).tolist()
    assert (mine["bought"][:30] == 1).all()
    trust = market.world.relationships["trust"][::2, 0]
    assert ((trust > 0.5) == counted).all(), "no promise was made to the others"


@pytest.mark.quick
def test_money_that_is_not_claimed_waits(referring, programme, posted):
    market = referring(programme(CASH, budget=600), {0: pairs(0, 2), 4: pairs(2, 40)})
    assert posted(market, Account.REFERRAL_CASH) == {0: 400, 4: 5000 - 400 - 5000 % 200}


@pytest.mark.quick
def test_money_of_a_reward_that_is_void_is_there_for_others(referring, programme, posted):
    """All five of day 0 are sent back on day 3 and void on day 5; day 6 has 60 more, not 70."""
    given = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}
    offered = programme(Referral(cash=2, vest_days=5), budget=600)
    market = referring(offered, {0: pairs(0, 5), 8: pairs(5, 50)}, **given)
    assert posted(market, Account.REFERRAL_CASH)[7] == -1000
    assert posted(market, Account.REFERRAL_CASH)[8] == 9000, "nine days of 10"


def test_the_lottery_is_fair_and_drawn_anew(referring, programme):
    """Of 200 claims 100 are accepted; who, says neither the row nor the lot of another day."""
    lots = []
    for rng in (1, 2):
        for day in (0, 7):  # the same friends, on another day
            offered = programme(CASH, budget=200 * 60 / (day + 1))
            changes = {"people.n": 400, "days": 60, "rng": rng}
            market = referring(offered, {day: pairs(0, 200)}, **changes)
            lots.append(paid_for(market))
    for lot in lots:
        assert lot.sum() == 100
        assert np.flatnonzero(lot).mean() == pytest.approx(99.5, abs=14)
    for other in lots[1:]:
        assert (lots[0] & other).sum() == pytest.approx(50, abs=15)


@pytest.mark.quick
def test_the_lottery_does_not_look_at_who_referred(referring, programme):
    """Friends draw the lots: the same ones win whoever sent them."""
    offered = programme(CASH, budget=600)
    friends = range(50, 90)
    one = referring(offered, {0: [(0, friend) for friend in friends]})
    two = referring(offered, {0: [(friend - 40, friend) for friend in reversed(friends)]})
    won = []
    for market in (one, two):
        made = market.invitations
        won.append(sorted(made["friend"][made["vested_day"] != NO_DAY].tolist()))
    assert won[0] == won[1]
    assert len(won[0]) == 5


ALL = honoured(cash=1, goods=2, points=2, koc_from=2, koc_cost=15, vest_days=2)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("term", "most"),
    [
        (CASH, math.inf),
        (Referral(points=3, points_days=9, vest_days=4), math.inf),
        (Referral(goods=5, goods_at=(1, 2, 5), vest_days=0), 10 * 5 * 2.5),
        (ALL, math.inf),
        (honoured(koc_from=2, koc_cost=15, koc_privilege=0.1, vest_days=30), 10 * 15),
    ],
    ids=["cash", "points", "goods", "all", "honour"],
)
@pytest.mark.parametrize("budget", [120, 400])
def test_never_more_than_has_come_in_and_as_much_as_the_books_show(
    referring, programme, term, most, budget
):
    """Ten referrers have new friends every day; one parcel in five comes broken and goes back."""
    friends = {day: [(k, 10 + 10 * day + k) for k in range(10)] for day in range(30)}
    used = []

    def watch(market):
        world, books = market.world, market.books.daily[:, 0]
        spent, reserved = int(world.spent[0]), int(world.reserved[0])
        used.append(spent + reserved)
        assert reserved >= 0
        assert spent == books[:, SPENT].sum()
        assert spent + reserved <= budget * 100 * market.day / 60
        assert books[:, ACCRUAL].sum() >= 0
        assert books[:, Account.POINTS_OWED].sum() >= 0

    changes = {f"{CREAM}.fault_rate": 0.2, "behaviour.experience.complaint": 1}
    market = referring(
        programme(term, budget=budget), friends, watch=watch, **changes, **{"people.n": 310}
    )
    # half has come in while friends come; at the most the dearest claim has to wait
    assert max(used) >= 100 * min(budget / 2, most) - 2000
    assert total(market, "rewards_vested") > 0
    assert total(market, "rewards_void") > 0


@pytest.mark.quick
@pytest.mark.parametrize(("budget", "comes"), [(60 * 49.9, False), (60 * 50, True)])
def test_an_honour_within_reach_needs_its_money_beforehand(
    referring, programme, posted, budget, comes
):
    """The third friend of three, on day 0, needs all the money of the day."""
    term = honoured(koc_from=3, koc_cost=50, vest_days=0)
    market = referring(programme(term, budget=budget), {0: [(0, 1), (0, 2), (0, 3)]})
    assert posted(market, Account.STATUS_REWARDS) == ({11: 5000} if comes else {})
    assert total(market, "kocs") == int(comes)
    assert market.world.referring["vested"][0, 0] == (3 if comes else 2)
    assert market.world.reserved[0] == 0


@pytest.mark.quick
def test_an_honour_is_not_within_reach_by_friends_who_came_to_nothing(referring, programme, posted):
    """10 come in a day, and each friend costs 11, the second who counts 50 more for the status reward."""
    term = honoured(cash=11, koc_from=2, koc_cost=50, vest_days=0)
    friends = {0: [(0, 1)], 1: [(0, 2)], 10: [(0, 3)]}
    market = referring(programme(term, budget=600), friends)
    assert posted(market, Account.REFERRAL_CASH) == {1: 1100, 10: 1100}
    assert posted(market, Account.STATUS_REWARDS) == {21: 5000}


@pytest.mark.quick
def test_money_for_an_honour_is_kept_once_and_until_it_comes(referring, programme):
    """Two of three friends of day 0 keep what they bought; the friend of day 9 makes it full."""
    reserved = []

    def watch(market):
        reserved.append(int(market.world.reserved[0]))
        sent_back = (market.orders["person"] == 1) & (market.orders["nth"] == 1)
        market.orders["refunded"][sent_back] = True

    term = honoured(koc_from=3, koc_cost=50, vest_days=0)
    friends = {0: [(0, 1), (0, 2), (0, 3)], 9: [(0, 4)], 15: [(0, 5)]}
    market = referring(programme(term, budget=60000), friends, watch=watch)
    assert total(market, "kocs") == 1
    assert reserved == [5000] * 20 + [0] * 40


@pytest.mark.quick
def test_money_for_an_honour_that_is_reserved_is_not_asked_for_again(referring, programme, posted):
    """52 have come in by day 9, all that two friends and the status reward take; then 5.2 more."""
    term = honoured(cash=1, koc_from=2, koc_cost=50, vest_days=0)
    market = referring(programme(term, budget=312), {9: [(0, 1), (0, 2)], 10: [(0, 3)]})
    assert posted(market, Account.REFERRAL_CASH) == {9: 200, 10: 100}
    assert posted(market, Account.STATUS_REWARDS) == {20: 5000}


def lots_as_they_should_be(market, day: int) -> dict[int, float]:
    """Return the lot of each claim: the friend's or the buyer's order, or the recruit, says it."""
    world, lots = market.world, {}
    for row, promise in enumerate(world.accruals[: world.tally[0]["accruals"]]):
        key = world.brands[promise["brand"]]["key"] + promise["kind"]
        if promise["kind"] == Promise.EXPIRY:
            continue
        if promise["kind"] == Promise.RECRUIT:
            person, slot = world.distributors[promise["distributor"]]["person"], 0
        else:
            order = world.orders[promise["order"]]
            person, slot = order["person"], order["nth"]
        if promise["kind"] == Promise.REFERRAL:
            key = world.programmes[promise["programme"]]["key"]
        identity = world.people[person]["id"]
        lots[row] = draw(world.seed[0], identity, slot, key, day, Purpose.LOTTERY)
    return lots


@pytest.mark.quick
def test_each_claim_has_a_lot_by_what_it_is_about(busy, referring, programme):
    everything = busy(**{"days": 80})
    everything.run_model()
    for market in (everything, referring(programme(CASH), {0: [(0, 1)]})):
        market.world.tally["claimed"] = 0  # all are claimed once more
        _, _, lots = price_claims(market.handle, 7)
        expected = lots_as_they_should_be(market, 7)
        assert lots[list(expected)].tolist() == list(expected.values())
    assert set(everything.world.accruals["kind"]) == set(Promise)


@pytest.mark.quick
def test_without_a_budget_nothing_is_short(referring, programme, posted):
    market = referring(programme(Referral(cash=1e6, vest_days=0)), {0: pairs(0, 50)})
    assert posted(market, Account.REFERRAL_CASH) == {0: 50 * 10**8}
    assert total(market, "rewards_vested") == 50


@pytest.mark.quick
def test_touches_and_rewards_draw_on_one_budget(busy):
    market = busy(**{"brands.C.strategies.referral.budget": 40, "days": 90})
    market.run_model()
    referral = [run.name for run in market._portfolio].index("referral")
    assert 0 < market.world.spent[referral] + market.world.reserved[referral] <= 4000
    assert math.isinf(market._budgets._total[referral - 1])

"""What distributors earn from others' work: differences of levels, peer and recruiting bonuses."""

import numpy as np
import pytest
from staff import CREAM, RULES, call, count, crew, discount_of, steps

from sim.books import Account, contribution, net_revenue
from sim.mechanisms.direct_selling.terms import Level
from sim.people.messages import Kind
from sim.state import NO_DAY

LEVELS = (Level(0.4), Level(0.5, 1e6), Level(0.65, 2e6))
FAULTY = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}


def chain(still, agency, levels, *, leaves=None, terms=None, **changes):
    """Return a market in which person 0 sells to the last one, and has 1, 2, ... above.

    They are at the given levels. A pack costs 99.99; the brand pays 3 % to peers.
    """
    people = range(len(levels))
    changes = {f"{CREAM}.price": 99.99, "people.n": len(levels) + 1, **changes}
    terms = {"levels": LEVELS, "peer_bonus": 0.03, **(terms or {})}
    market = crew(still, agency, people, leaves=leaves, terms=terms, **changes)
    agents = market.world.distributors
    agents["level"][people] = levels
    agents["upline"][people] = [*people[1:], -1]
    market.world.selling["seller"][len(levels), 0] = 1
    return market


# --- commissions ----------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("levels", "quitters", "paid"),
    [
        ([0, 1, 2], [], [1000, 1500]),  # .10 and .15 of 99.99, to the cent
        ([0, 2, 1], [], [2500, 0]),  # below one who has had it all
        ([0, 0, 1], [], [300, 1000]),  # a peer
        ([0, 0, 0], [], [300, 0]),  # only the first
        ([0, 0, 1, 1], [], [300, 1000, 0]),  # one bonus a sale
        ([0, 1, 1], [], [1000, 300]),  # whom the downline has caught up with
        ([0, 2, 0, 2], [], [2500, 0, 300]),
        ([1, 0, 1, 2], [], [0, 300, 1500]),
        ([2, 1, 0], [], [0, 0]),
        ([2, 2, 1], [], [300, 0]),
        ([0, 1, 2], [1], [0, 2500]),  # the next above stands in the place of who has quit
        ([0, 0, 0, 2], [1], [0, 300, 2500]),
        ([0, 1, 2], [1, 2], [0, 0]),
        ([0, 1, 2], [0], [1000, 1500]),  # the seller's sale stays one
        ([0], [], []),
    ],
)
def test_uplines_get_what_their_level_has_over_all_below(still, agency, levels, quitters, paid):
    """Levels from the seller upwards. Sold on day 30, arrived on 33, and kept until 40."""
    market = chain(still, agency, levels, leaves=dict.fromkeys(quitters, 39))
    steps(market, 38)
    assert set(np.flatnonzero(market.distributors["quit_day"] != NO_DAY)) == set(quitters)
    steps(market, 1)
    assert market.orders["seller"].tolist() == [0] and market.orders["list_cents"] == 9999
    assert not market.distributors["commission_cents"].any()
    assert not market.distributors["team_cents"].any()
    step = market.day
    assert step == 41
    market.step()
    agents = market.distributors
    assert agents["commission_cents"].tolist() == [0, *paid]
    assert agents["team_cents"].tolist() == [9999] * len(levels)
    books = market.books.daily[:, 0]
    peers = 300 if 300 in paid else 0
    assert books[41, Account.PEER_BONUSES] == peers == books[:, Account.PEER_BONUSES].sum()
    assert (
        books[41, Account.COMMISSIONS] == sum(paid) - peers == books[:, Account.COMMISSIONS].sum()
    )
    assert net_revenue(books[41]) == 0 and contribution(books[41]) == -sum(paid)
    market.run_model()
    assert market.distributors["commission_cents"].tolist() == [0, *paid], "once"


def promised(market):
    return market.world.accruals[: market.world.tally[0]["accruals"]]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("uplines", "paid"), [([1, 2, 3, 4, 4], 5), ([4, 4], 3), ([0], 1), ([0, 0, 1], 2)]
)
def test_what_is_paid_is_no_more_than_was_set_aside(still, agency, uplines, paid):
    """A pack costs 4 cents; each difference and the peer bonus are half a cent, rounded up."""
    levels = tuple(Level(0.125 * k, 1e6 * k) for k in range(5))
    terms = {"levels": levels, "peer_bonus": 0.125}
    market = chain(still, agency, [0, *uplines], terms=terms, **{f"{CREAM}.price": 0.04})
    market.run_model()
    (promise,) = promised(market)
    books = market.books.daily[:, 0].sum(axis=0)
    assert books[Account.COMMISSIONS] + books[Account.PEER_BONUSES] == paid
    assert promise["reserve_cents"] >= paid


@pytest.mark.quick
def test_a_resale_of_which_nobody_gets_anything_sets_nothing_aside(still, agency):
    """So it has budget whatever is left, and counts toward rising."""
    market = chain(still, agency, [0])
    market.run_model()
    assert market.distributors["team_cents"].tolist() == [9999]
    assert promised(market)["reserve_cents"].tolist() == [0]


@pytest.mark.quick
def test_without_levels_and_peer_bonus_nobody_earns_from_others(still, agency):
    market = chain(still, agency, [0, 0, 0], terms={"levels": LEVELS[:1], "peer_bonus": 0})
    market.run_model()
    assert market.distributors["team_cents"].tolist() == [9999] * 3
    assert not market.distributors["commission_cents"].any()


@pytest.mark.quick
def test_what_is_sent_back_earns_nobody_anything(still, agency):
    changes = {**FAULTY, "categories.cream.retry_days": float("inf")}
    market = chain(still, agency, [0, 0, 1, 2], **changes)
    market.run_model()
    assert market.orders["refunded"].tolist() == [True]
    for field in ("commission_cents", "team_cents", "margin_cents", "sales_cents"):
        assert not market.distributors[field].any(), field
    books = market.books.daily[:, 0].sum(axis=0)
    assert not books[[Account.COMMISSIONS, Account.PEER_BONUSES]].any()


@pytest.mark.quick
@pytest.mark.parametrize(("refund_days", "waits"), [(0, 4), (7, 11), (20, 24)])
def test_each_resale_is_paid_for_once_when_it_can_no_longer_be_sent_back(
    still, agency, refund_days, waits
):
    """Sold every fifth day, three days under way; paid on the day after the window."""
    changes = {"categories.cream.period_days": 5, f"{CREAM}.refund_days": refund_days}
    market = chain(still, agency, [0, 0, 1, 2], **changes)
    market.run_model()
    books = market.books.daily[:, 0]
    paid = [day for day in range(5, 60, 5) if day + waits < 60]
    for account, cents in ((Account.COMMISSIONS, 2500), (Account.PEER_BONUSES, 300)):
        assert np.flatnonzero(books[:, account]).tolist() == [day + waits for day in paid]
        assert set(books[:, account]) == {0, cents}
    assert set(market.distributors["team_cents"]) == {9999 * len(paid)}


# --- rising ---------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("needed", "levels"),
    [
        ((150, 350), [0, 0, 1, 2, 2, 2]),
        ((150, 300), [0, 0, 2, 2, 2, 2]),
        ((600, 9e5), [0, 0, 0, 0, 1, 1]),
        ((8e5, 9e5), [0, 0, 0, 0, 0, 0]),
    ],
)
def test_one_rises_at_a_review_by_what_the_team_has_sold(still, agency, needed, levels):
    """Sold for 100 every fifth day, which counts 11 days later: 100 on day 16, 200 on day 21.

    Looked at on days 11, 21 and so on, before what counts from that day on.
    """
    steps_up = (Level(0.4), Level(0.5, needed[0]), Level(0.6, needed[1]))
    changes = {"categories.cream.period_days": 5, f"{RULES}review_days": 10, f"{CREAM}.price": 100}
    market = chain(still, agency, [0, 0], terms={"levels": steps_up}, **changes, days=70)
    seen = []
    for day in (11, 21, 31, 41, 51, 61):
        steps(market, day + 1 - market.day)
        level = market.distributors["level"].tolist()
        assert level[0] == level[1], "what is sold below counts like one's own"
        discount = steps_up[level[0]].discount
        assert [discount_of(market, person) for person in range(2)] == [discount] * 2
        seen.append(level[0])
    assert seen == levels
    risen = np.flatnonzero(np.diff([0, *levels]))
    assert np.flatnonzero(count(market, "promotions")).tolist() == [11 + 10 * k for k in risen]
    assert count(market, "promotions").sum() == 2 * risen.size


@pytest.mark.quick
def test_who_rises_gets_the_discount_of_ones_own_level(still, agency):
    """Of three only the second has sold enough."""
    terms = {"levels": (Level(0.4), Level(0.5, 100))}
    market = crew(still, agency, (3, 4, 5), terms=terms, **{f"{RULES}review_days": 10})
    market.world.distributors["team_cents"][1] = 100_00
    steps(market, 10)
    assert market.distributors["level"].tolist() == [0, 1, 0]
    assert [discount_of(market, person) for person in (3, 4, 5)] == [0.4, 0.5, 0.4]


@pytest.mark.quick
def test_who_has_risen_buys_stock_and_for_oneself_at_the_new_price(still, agency):
    changes = {"categories.cream.period_days": 5, f"{RULES}review_days": 10, f"{CREAM}.price": 100}
    terms = {"levels": (Level(0.4), Level(0.55, 150))}
    market = chain(still, agency, [0], terms=terms, **changes)
    steps(market, 30)
    market.world.relationships["aware"][0, 0] = True  # finds it in the shop from day 35 on
    market.run_model()
    margin = dict(zip(market.orders["day"], market.orders["margin_cents"], strict=True))
    assert {margin[day] for day in (5, 10, 15, 20, 25, 30)} == {4000}
    mine = market.orders["person"] == 0
    assert set(market.orders["margin_cents"][~mine & (market.orders["day"] > 31)]) == {5500}
    assert set(market.orders["paid_cents"][mine]) == {4500}


# --- bonuses for recruiting -----------------------------------------------------------------------


def recruited(still, agency, day=2, leaves=None, **terms):
    """Return a market in which person 0 makes a distributor of person 1 on a day; 0 is a Monday."""
    terms = {"recruit_bonus": 30, "vest_days": 3, **terms}
    market = crew(still, agency, (0,), leaves=leaves, terms=terms)
    market.world.relationships["orders"][1, 0] = 1
    steps(market, day - 2)
    call(market, 0, [1], Kind.RECRUITING)
    assert market.distributors["upline"].tolist() == [-1, 0]
    return market


@pytest.mark.quick
@pytest.mark.parametrize(
    ("leaves", "paid"),
    [
        ({}, True),
        ({0: 5}, False),
        ({1: 5}, False),
        ({0: 7}, False),  # on the very day
        ({0: 8, 1: 8}, True),
    ],
)
def test_a_recruit_is_paid_for_once_both_have_stayed(still, agency, leaves, paid):
    """Joined on Wednesday, day 2; three working days later it is Monday, day 7."""
    market = recruited(still, agency, leaves=leaves)
    steps(market, 4)
    assert not market.distributors["bonus_cents"].any()
    books = market.books.daily[:, 0]
    assert books[2, Account.RECRUIT_BONUSES] == 3000 == books[:, Account.REWARDS_PENDING].sum()
    market.run_model()
    books = market.books.daily[:, 0]
    assert market.distributors["bonus_cents"].tolist() == [3000 * paid, 0]
    assert (
        books[7, Account.REWARDS_PENDING] == -3000 and not books[:, Account.REWARDS_PENDING].sum()
    )
    assert books[7, Account.RECRUIT_BONUSES] == (0 if paid else -3000)
    assert contribution(books[:30]).sum() == -3000 * paid - books[1, Account.RECRUITING]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("joined", "working_days", "paid"),
    [(2, 3, 7), (4, 1, 7), (4, 5, 11), (5, 1, 7), (6, 1, 7), (6, 10, 18), (2, 0, 2), (5, 0, 5)],
)
def test_a_recruit_counts_after_working_days(still, agency, joined, working_days, paid):
    market = recruited(still, agency, joined, vest_days=working_days)
    while market.running and not market.distributors["bonus_cents"][0]:
        market.step()
    assert market.day - 1 == paid


@pytest.mark.quick
def test_nobody_is_paid_for_those_whom_the_brand_recruits(still, agency):
    for market in (
        crew(still, agency, range(9), terms={"recruit_bonus": 30}),
        recruited(still, agency, recruit_bonus=0),
    ):
        market.run_model()
        assert not market.books.daily[:, 0, Account.RECRUIT_BONUSES].any()
        assert not market.distributors["bonus_cents"].any()

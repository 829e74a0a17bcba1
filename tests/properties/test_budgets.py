"""Budgets: never overspent, carried on, and short money goes by lot."""

import copy
import pickle

import numpy as np
import pytest

from sim.books import Account
from sim.brands.budgets import Budgets
from sim.counts import COUNTS
from sim.market import Market
from sim.strategies.interface import Does, Touch

A = "brands.A.strategies"
TOUCHES = COUNTS.index("touches")


def spent(market: Market) -> np.ndarray:
    return market.books.daily[:, 0, Account.TOUCHES].cumsum()


def ask(day: int, **given) -> Touch:
    return Touch(f"on day {day}", Does.ASK_FEEDBACK, day=day, **given)


@pytest.mark.quick
@pytest.mark.parametrize("budget", [1.5, 20, 100, 300])
def test_no_more_is_spent_than_has_come_in(busy, budget):
    market = busy(**{A: {"service_followup": {"budget": budget}}})
    market.run_model()
    available = budget * 100 * np.arange(1, 61) / 60
    assert (spent(market) <= available).all()
    assert spent(market)[-1] >= 90 * budget, "and nearly all of it, as there is need"


@pytest.mark.quick
def test_what_is_not_spent_is_carried_on(still, follow_up):
    """Nothing is sent until day 50; then there is money for 50 of 60 parts at once."""
    market = still(**{A: follow_up(ask(50), budget=90)})
    market.run_model()
    assert market.counts[:50, 0, TOUCHES].sum() == 0
    assert market.counts[50, 0, TOUCHES] == 51  # 51 days of 150 cents


@pytest.mark.quick
def test_a_touch_that_was_given_up_is_not_sent_later(still, follow_up):
    market = still(**{A: follow_up(ask(5), budget=90)})
    market.run_model()
    sent = market.counts[:, 0, TOUCHES]
    assert sent[5] == 6
    assert sent[[day for day in range(60) if day not in (5, 35)]].sum() == 0
    assert sent[35] == 30
    assert market.world.tally[0]["touches_free"] == len(market.world.touches), "no row is lost"


@pytest.mark.quick
def test_budgets_are_each_strategys_own(busy):
    both = {"service_followup": {"budget": 30}}
    market = busy(**{A: both, "brands.C.strategies": {"service_followup": {}}})
    alone = busy(**{A: {}, "brands.C.strategies": {"service_followup": {}}})
    for m in (market, alone):
        m.run_model()
    assert 0 < spent(market)[-1] <= 3000
    touches = market.counts[:, 2, TOUCHES].sum()
    assert touches == pytest.approx(alone.counts[:, 2, TOUCHES].sum(), rel=0.2)


@pytest.mark.quick
def test_a_touch_that_the_cap_stops_is_not_paid_for(still, follow_up):
    """Two touches due on one day, one allowed: the other leaves the money for the next week."""
    touches = [ask(50), Touch("too much", Does.SELL, day=50), ask(57)]
    changes = {"brands.A.contact_cap": 1, A: follow_up(*touches, budget=400)}
    market = still(**changes)
    market.run_model()
    assert market.counts[50, 0, TOUCHES] == 100
    # by day 57 there are 386 yuan, and 150 are spent: enough for 100 more
    assert market.counts[57, 0, TOUCHES] == 100


@pytest.mark.quick
def test_a_touch_given_up_for_want_of_money_does_not_count_to_the_cap(still, follow_up):
    """There is no money on day 1; one touch a week is allowed, and day 6 is in the same week."""
    market = still(**{"brands.A.contact_cap": 1, A: follow_up(ask(1), ask(6), budget=40)})
    market.step()
    market.step()
    assert market.counts[1, 0, TOUCHES] == 0
    for _ in range(5):
        market.step()
    assert market.counts[6, 0, TOUCHES] == 3  # 4.66 yuan have come in


@pytest.mark.quick
def test_the_lottery_does_not_look_at_rows(busy):
    market = busy(**{A: {"service_followup": {}}, "people.n": 300, "days": 60})
    while market.day < 30:
        market.step()
    due = np.flatnonzero(market.world.touches_due.link["day"] == market.day)
    assert due.size > 15
    portfolio = copy.deepcopy(market._portfolio)
    object.__setattr__(portfolio[0].strategy, "budget", 1.5 * due.size)  # half is there by now
    lots = []
    for seed in range(4):
        twin = pickle.loads(pickle.dumps(market))
        rows = np.random.default_rng(seed).permutation(due)
        kept = Budgets(portfolio, 60).afford(twin.world, twin.handle, rows, twin.day)
        lots.append(sorted(kept.tolist()))
        assert [row for row in rows if row in set(kept)] == kept.tolist(), "in the order given"
    assert 0 < len(lots[0]) < due.size
    assert all(lot == lots[0] for lot in lots)


def test_the_lottery_is_fair(still, follow_up):
    """Who goes without is not decided by one's number, nor always the same people."""
    market = still(**{"people.n": 400, A: follow_up(ask(29), ask(58), budget=600)})
    chosen = []
    for day in (29, 58):
        while market.day < day:
            market.step()
        before = market.world.relationships["fatigue_day"][:, 0].copy()
        market.step()
        chosen.append(market.world.relationships["fatigue_day"][:, 0] != before)
    one, two = chosen
    assert one.sum() == 200
    assert two.sum() == 193  # 590 yuan have come in, 300 are spent
    for lot in chosen:
        assert np.flatnonzero(lot).mean() == pytest.approx(200, abs=25)
    assert (one & two).sum() == pytest.approx(100, abs=30)


@pytest.mark.quick
def test_a_market_without_budgets_keeps_no_account_of_them(busy):
    market = busy()
    assert not market._budgets.limited
    market.run_model()
    assert spent(market)[-1] > 0


@pytest.mark.quick
def test_what_counts_as_spent_is_what_was_paid(still, follow_up):
    """Half of the people opt out at the first touch of day 5, and are not sent the second."""
    two = follow_up(ask(5), Touch("another", Does.SELL, day=5), budget=6000)
    market = still(**{A: two, "behaviour.touch.opt_out": 0.5})
    market.run_model()
    assert 130 < market.counts[5, 0, TOUCHES] < 170
    assert market.world.spent.tolist() == [spent(market)[-1]]

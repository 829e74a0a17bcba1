"""The market: same seed same bits, days in order, a terminal period that values those held."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.books import Account, contribution
from sim.counts import COUNTS
from sim.market import Market
from sim.state import CUSTOMER
from sim.strategies.interface import Does, Offer, Price, Strategy, Touch


def finished(market: Market) -> Market:
    market.run_model()
    return market


def assert_same(one: Market, two: Market) -> None:
    """Check that two markets did exactly the same."""
    np.testing.assert_array_equal(one.orders, two.orders)
    np.testing.assert_array_equal(one.books.daily, two.books.daily)
    np.testing.assert_array_equal(one.counts, two.counts)
    for name in one.world.relationships.dtype.names:
        np.testing.assert_array_equal(one.world.relationships[name], two.world.relationships[name])


# --- seeds ----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_same_seed_same_bits_another_seed_another_market(busy):
    one, same, other = (finished(busy(rng=seed)) for seed in (3, 3, 4))
    assert len(one.orders) > 200
    assert_same(one, same)
    assert len(other.orders) > 200
    assert one.orders.tobytes() != other.orders.tobytes()
    assert finished(busy(rng=3 + 2**32)).orders.tobytes() != one.orders.tobytes()


@pytest.mark.quick
def test_seeds_of_all_kinds(still):
    assert still(rng=np.int64(5)).seed_used == 5
    assert still(rng=2**64 - 1).seed_used == 2**64 - 1
    drawn = still(rng=np.random.default_rng(5)).seed_used
    assert drawn == still(rng=np.random.default_rng(5)).seed_used
    assert still(rng=None).seed_used != still(rng=None).seed_used
    for wrong in (-1, 2**64):
        with pytest.raises(ValueError, match="rng must be between"):
            still(rng=wrong)


@pytest.mark.quick
def test_two_markets_in_one_process_share_nothing(busy):
    alone = finished(busy(rng=3))
    one, two = busy(rng=3), busy(rng=4)
    while one.running:
        two.step()
        one.step()
    assert_same(one, alone)


@pytest.mark.quick
def test_a_market_can_be_put_away_and_gone_on_with(busy):
    whole, part = finished(busy()), busy()
    for _ in range(25):
        part.step()
    later = pickle.loads(pickle.dumps(part))
    part.step()  # what goes on here must not reach the copy
    assert later.day == 25
    assert_same(finished(later), whole)
    later.run_on()
    whole.run_on()
    np.testing.assert_array_equal(later.books.terminal, whole.books.terminal)


PLAIN_PYTHON = """
import json, sys
sys.path.insert(0, sys.argv[1])
from sim.market import Market
market = Market(json.load(sys.stdin), rng=1)
market.run_model()
print(*market.orders["person"], *market.orders["product"], *market.orders["day"],
      *market.counts.sum(axis=(0, 1)))
"""


def test_the_rules_in_plain_python_make_the_same_market(busy, busy_mapping):
    """Numba only makes it fast: the same orders come out with the compiler off."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", PLAIN_PYTHON, str(root)],
        input=json.dumps(busy_mapping),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    market = finished(busy())
    orders, counts = market.orders, market.counts.sum(axis=(0, 1))
    expected = [*orders["person"], *orders["product"], *orders["day"], *counts]
    assert [int(x) for x in done.stdout.split()] == [int(x) for x in expected]


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_days_go_by_and_end(still):
    market = still(**{"days": 5, "burn_in": 3})
    assert (market.day, market.running, market.steps) == (0, True, 0)
    for day in range(5):
        assert market.running
        market.step()
        assert market.day == market.steps == day + 1
        assert len(market.books.daily) == len(market.counts) == day + 1
    assert not market.running


@pytest.mark.quick
def test_orders_are_in_order_of_day_and_those_of_the_burn_in_negative(busy):
    market = finished(busy())
    days = market.orders["day"]
    assert (np.diff(days) >= 0).all()
    assert days.min() < 0
    assert days.max() == 59
    assert (market.orders["arrived_day"] >= days)[market.orders["arrived_day"] > -(2**31)].all()


@pytest.mark.quick
def test_a_longer_run_begins_as_the_shorter_one(busy):
    short, long = finished(busy(**{"days": 40})), finished(busy(**{"days": 60}))
    first = long.orders[: len(short.orders)]
    for name in ("day", "person", "brand", "product", "nth", "paid_cents"):
        np.testing.assert_array_equal(first[name], short.orders[name])
    np.testing.assert_array_equal(long.counts[:40], short.counts)
    np.testing.assert_array_equal(long.books.daily[:40], short.books.daily)


@pytest.mark.quick
def test_who_buys_on_day_0_uses_it_when_it_has_arrived_and_shown_effect(still):
    """The order of the day: deliver before choose, so that 0 days are today and 3 are day 3."""
    for delivery, effect, used_on in ((3, 3, 6), (0, 0, 0), (0, 2, 2), (2, 0, 2)):
        changes = {"delivery_days": delivery, "effect_days": effect}
        market = still(**{f"brands.A.products.cream.{k}": v for k, v in changes.items()})
        for day in range(used_on + 1):
            assert not market.world.holdings["uses"].any(), day
            market.step()
        assert (market.world.holdings["uses"][:, 0] == 1).all()
        assert set(market.orders["arrived_day"]) == {delivery}


@pytest.mark.quick
def test_people_judge_before_they_choose_and_are_served_in_between(still, follow_up):
    """All on day 30: the first pack is used up and judged, an offer comes, a pack is needed."""
    slow = {f"brands.A.products.cream.{k}_days": 15 for k in ("delivery", "effect")}
    leaving = {"behaviour.dropout.propensity": 1, "behaviour.dropout.satisfaction_effect": 0}
    market = finished(still(**slow, **leaving, **{"days": 31}))
    assert len(market.orders) == 100, "who left in the morning does not buy at noon"
    touch = Touch("offer", Does.SELL, day=30, offer=Offer(0.5, days=0))
    market = finished(still(**{"days": 31, "brands.A.strategies": follow_up(touch)}))
    assert set(market.orders["paid_cents"][market.orders["day"] == 30]) == {5000}


@pytest.mark.quick
def test_customers_are_those_who_ordered(busy):
    market = finished(busy())
    customers, orders = market.customers, market.orders
    assert customers.dtype == CUSTOMER
    pairs, number = np.unique(orders[["person", "brand"]], return_counts=True)
    assert customers[["person", "brand"]].tolist() == pairs.tolist()
    np.testing.assert_array_equal(customers["orders"], number)
    for row in customers[::7]:
        mine = orders[(orders["person"] == row["person"]) & (orders["brand"] == row["brand"])]
        assert (row["first_day"], row["last_day"]) == (mine["day"].min(), mine["day"].max())
    left = market.world.relationships["dropped_out"]
    assert customers["dropped_out"].sum() == left.sum() > 0
    assert (customers["dropped_out_day"][customers["dropped_out"]] > -20).all()
    assert customers["opted_out"].sum() == market.world.relationships["opted_out"].sum() > 0


# --- terms ----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_terms_hold_from_day_0(still, known_strategies):
    class Cheaper(Strategy):
        """Ask 90 from day 0."""

        def terms(self, product):
            return [Price(product.name, 90.0)]

    changes = {"burn_in": 30, "brands.A.strategies": {"cheaper": {}}, "days": 31}
    market = finished(still(**changes))
    paid = {day: set(market.orders["paid_cents"][market.orders["day"] == day]) for day in (-30, 0)}
    assert paid == {-30: {10000}, 0: {9000}}


# --- the terminal period -----------------------------------------------------------------------------


@pytest.mark.quick
def test_the_continuation_books_what_the_customers_held_do(busy):
    market = finished(busy(**{"people.entry": {"kind": "steady", "later": 0.5}}))
    held = market.world.relationships["orders"] > 0
    before, daily = len(market.orders), market.books.daily.copy()
    counts, profit = market.counts.copy(), contribution(market.books.daily.sum(axis=0))
    market.run_on()
    new = market.orders[before:]
    assert new["day"].min() >= 60
    assert new["day"].max() == 79
    mine = held[new["person"], new["brand"]]
    assert 0 < mine.sum() < len(new), "some buy a brand for the first time"
    gross = np.zeros((20, 3), np.int64)
    np.add.at(gross, (new["day"][mine] - 60, new["brand"][mine]), new["list_cents"][mine])
    np.testing.assert_array_equal(market.books.terminal[..., Account.GROSS_SALES], gross)
    assert not market.books.terminal[..., Account.ACQUISITION].any(), "nobody advertises any more"
    # the run itself stays as it was
    np.testing.assert_array_equal(market.books.daily, daily)
    np.testing.assert_array_equal(market.counts, counts)
    np.testing.assert_array_equal(contribution(market.books.daily.sum(axis=0)), profit)


@pytest.mark.quick
def test_a_continuation_is_what_a_longer_run_would_have_been(still):
    """Where nothing is advertised and nobody new comes, it is the same market going on."""
    on, longer = finished(still(**{"days": 40, "terminal_period": 20})), finished(still())
    on.run_on()
    np.testing.assert_array_equal(on.orders, longer.orders)
    np.testing.assert_array_equal(on.books.terminal, longer.books.daily[40:])
    assert not on.running


@pytest.mark.quick
def test_advertising_ends_with_the_run(still):
    reach = {"behaviour.advertising.reach": 0.1, "brands.B.advertising.spend": 100}
    market = finished(still(**reach, **{"days": 5}))
    aware = market.world.relationships["aware"].copy()
    assert 0 < aware[:, 1].sum() < 90
    market.run_on()
    np.testing.assert_array_equal(market.world.relationships["aware"], aware)


@pytest.mark.quick
def test_touches_of_those_held_are_costs_of_the_continuation(busy, debit):
    market = finished(busy())
    market.run_on()
    assert market.books.terminal[:, 0, Account.TOUCHES].sum() > 0
    assert not (market.books.terminal * debit).sum(axis=-1).any()


@pytest.mark.quick
def test_a_continuation_ends_the_market(still):
    market = finished(still(**{"days": 2, "terminal_period": 2}))
    market.run_on()
    with pytest.raises(RuntimeError):
        market.step()
    with pytest.raises(RuntimeError):
        market.run_on()


def test_no_days_of_continuation(still):
    market = finished(still(**{"days": 2, "terminal_period": 0}))
    market.run_on()
    assert market.books.terminal.shape == (0, 2, len(Account))


# --- changes --------------------------------------------------------------------------------------


@pytest.mark.quick
def test_a_checked_market_can_be_changed(market_config):
    config = market_config(**{"categories.cream.retry_days": float("inf")})
    market = Market(config, rng=1, **{"people.n": 50})
    assert len(market.world.people) == 50
    assert market.config.categories["cream"].retry_days == float("inf")
    assert config.people.n == 120
    same = Market(config, rng=1)
    assert same.config is config


def test_counts_have_a_name_each():
    assert len(set(COUNTS)) == len(COUNTS)

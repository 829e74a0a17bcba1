"""Staff has a capacity: touches by a person queue, first come first served, and come late."""

import math
import pickle
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import pytest
from touched import A_STRATEGIES, REMIND, every_day, run, total

from sim.books import Account
from sim.config import remarks
from sim.config.source_map import ConfigError
from sim.config.yaml_file import ConfigError as FileError
from sim.counts import COUNTS
from sim.engine.calendar import NEVER
from sim.market import Market
from sim.strategies.interface import Does, Strategy, Touch

STAFF = "brands.A.staff"
FOLLOWED = {"service_followup": {}}
NO_MOVE = {"behaviour.touch.remind_reach": 0}
PATIENT = {f"{STAFF}.max_wait": None}
OWN = [COUNTS.index("human_capacity")]
"""Counts that a limit that never binds changes."""


def by_day(market: Market, name: str, brand: int = 0) -> np.ndarray:
    return market.counts[:, brand, COUNTS.index(name)]


def of_people(market: Market, a_day: float) -> dict[str, float]:
    """Return the capacity at which a market's staff makes so many touches a day."""
    return {f"{STAFF}.capacity": a_day * 1000 / market.world.people.size}


def waiting(market: Market) -> np.ndarray:
    """Return the touches that wait for A's staff, first come first."""
    return market.world.touches[market._workforce.staff[0].waiting]


def assert_same(one: Market, two: Market, counts: bool = True) -> None:
    np.testing.assert_array_equal(one.orders, two.orders)
    np.testing.assert_array_equal(one.books.daily, two.books.daily)
    np.testing.assert_array_equal(one.books.terminal, two.books.terminal)
    assert one.world.relationships.tobytes() == two.world.relationships.tobytes()
    if counts:
        np.testing.assert_array_equal(
            np.delete(one.counts, OWN, axis=2), np.delete(two.counts, OWN, axis=2)
        )


def finished(market: Market) -> Market:
    market.run_model()
    market.run_on()
    return market


# --- no limit, no staff ---------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("max_wait", [0, None])
@pytest.mark.parametrize("strict", [{}, {"brands.A.contact_cap": 1}], ids=["free", "capped"])
def test_a_capacity_that_never_binds_is_none(busy, max_wait, strict):
    """Not even where touches compete for the last place under the cap, and for money."""
    two = {
        A_STRATEGIES: {"service_followup": {"budget": 60}, "referral": {"human": True}},
        **strict,
    }
    limit = {f"{STAFF}.capacity": 1e5, f"{STAFF}.max_wait": max_wait}
    free, limited = finished(busy(**two)), finished(busy(**two, **limit))
    assert total(free, "human_touches") > 10
    assert total(limited, "human_capacity") > 0 == total(free, "human_capacity")
    assert_same(free, limited)


@pytest.mark.quick
def test_without_staff_nobody_calls_and_messages_go_on(busy):
    """As if all touches by a person were switched off: salons and pitches are such, too."""
    nobody = {f"brands.{name}.staff.capacity": 0 for name in "AC"}
    asks = {"brands.C.strategies.referral.human": True}
    market = finished(busy(**{A_STRATEGIES: FOLLOWED}, **asks, **nobody))
    assert total(market, "human_touches_expired") > 100
    assert total(market, "human_touches") == total(market, "touches") == 0
    assert not market.books.daily[:, 0, Account.TOUCHES].any()
    assert total(market, "touches", 2) > total(market, "human_touches", 2) == 0
    off = ("referral.ask", "referral.salon", "agent_recruitment.pitch")
    without = {A_STRATEGIES: {}} | {f"brands.C.strategies.{part}": False for part in off}
    assert_same(market, finished(busy(**without, **asks)), counts=False)


# --- the queue ------------------------------------------------------------------------------------


@pytest.fixture
def sender(known_strategies):
    """Return a function that makes a portfolio which sends touches to so many customers a day.

    People take turns, so that nobody is in the queue twice as long as it is short enough.
    """

    def portfolio(a_day: int, label: str = "sender") -> dict[str, Any]:
        class Sender(Strategy):
            """Send."""

            name: ClassVar[str] = label
            every: ClassVar[int] = 1

            def decide(self, view: Any, day: int) -> None:
                turn = (day * a_day + np.arange(a_day)) % len(view.people)
                view.send(Touch("hello", Does.SELL, day=0), np.sort(view.people)[turn])

        return {label: {}}

    return portfolio


@pytest.mark.quick
@pytest.mark.parametrize("arrivals, capacity", [(10, 6), (10, 10), (10, 13), (7, 0.5), (3, 2.3)])
def test_constant_arrivals_fill_the_queue_by_what_exceeds_capacity(
    still, sender, arrivals, capacity
):
    """The fluid limit, exact by the day: D/D/1. Nobody waits at or below capacity."""
    people = {"people.n": 400, "days": 30}
    limit = of_people(still(**people), capacity)
    market = still(**people, **PATIENT, **limit, **{A_STRATEGIES: sender(arrivals)})
    market.run_model()
    days = np.arange(30)
    came = arrivals * days  # the first are sent on day 0 and due on day 1
    per_day = limit[f"{STAFF}.capacity"] * 400 / 1000
    turns = np.floor((days + 1) * per_day) - np.floor(days * per_day)
    queue, expected = 0.0, []
    for day in days:
        queue = max(0.0, queue + arrivals * (day > 0) - turns[day])
        expected.append(queue)
    np.testing.assert_array_equal(by_day(market, "human_touches_waiting"), expected)
    np.testing.assert_array_equal(by_day(market, "human_touches").cumsum(), came - expected)
    np.testing.assert_array_equal(by_day(market, "human_capacity"), turns)
    if capacity == int(capacity):
        growth = max(0, arrivals - capacity)
        np.testing.assert_array_equal(by_day(market, "human_touches_waiting"), growth * days)
    if capacity >= arrivals:
        assert total(market, "human_touches_late") == 0
    assert (np.diff(waiting(market)["due"]) >= 0).all(), "first come, first served"


@pytest.mark.quick
@pytest.mark.parametrize("capacity", [3, 6, 9.4])
def test_the_queue_follows_lindley_and_waits_follow_little(still, follow_up, capacity):
    """For whatever arrivals there are: length by the recursion, total wait by the area under it."""
    changes = {"people.n": 300, "days": 150, "categories.cream.regularity": 1, **PATIENT}
    changes |= {"categories.cream.start": "equilibrium", "categories.cream.period_days": 40}
    changes |= {A_STRATEGIES: follow_up(Touch("call", Does.SELL, day=2))}
    market = still(**changes)
    market = still(**changes, **of_people(market, capacity))
    arrivals = np.zeros(150, int)
    while market.running:
        arrivals[market.day] = (market.world.touches_due.link["day"] == market.day).sum()
        market.step()
    turns = by_day(market, "human_capacity")
    queue, lengths = 0, []
    for came, could in zip(arrivals, turns, strict=True):
        queue = max(0, queue + came - could)
        lengths.append(queue)
    assert arrivals.std() > 1.5 and max(lengths) > 5
    np.testing.assert_array_equal(by_day(market, "human_touches_waiting"), lengths)
    still_there = (149 - waiting(market)["due"] + 1).sum()
    assert total(market, "human_wait_days") + still_there == sum(lengths)


def test_poisson_arrivals_at_one_a_day_wait_as_in_m_d_1(still, follow_up):
    """Served one a day: the mean number waiting is rho^2 / (2 (1 - rho)), as in M/D/1.

    The recursion Q = max(0, Q + A - 1) with A Poisson has the mean E[A (A - 1)] / (2 (1 - rho)).
    """
    rho, days, people = 0.6, 9000, 20
    changes = {"people.n": people, "days": days, "categories.cream.regularity": 1, **PATIENT}
    changes |= {"categories.cream.start": "equilibrium", f"{STAFF}.capacity": 1000 / people}
    changes |= {"categories.cream.period_days": people / rho, "brands.B.awareness": 0}
    changes |= {A_STRATEGIES: follow_up(Touch("call", Does.SELL, day=1))}
    market = still(**changes)
    market.run_model()
    lengths = by_day(market, "human_touches_waiting")[1000:]
    blocks = lengths.reshape(40, -1).mean(axis=1)
    error = blocks.std(ddof=1) / math.sqrt(blocks.size)
    expected = rho**2 / (2 * (1 - rho))
    assert error < 0.1 * expected
    assert abs(lengths.mean() - expected) < 3.5 * error
    mean_wait = total(market, "human_wait_days") / total(market, "human_touches")
    assert mean_wait == pytest.approx(expected / rho, rel=0.2), "Little's law"


@pytest.mark.quick
def test_half_the_capacity_waits_longer(busy):
    def waits(capacity: float) -> tuple[float, ...]:
        market = busy(**{f"{STAFF}.capacity": capacity, **PATIENT})
        market.run_model()
        sent = total(market, "human_touches")
        late, days = total(market, "human_touches_late"), total(market, "human_wait_days")
        return late / sent, days / sent, by_day(market, "human_touches_waiting").mean(), -sent

    ample, full, half, quarter = (waits(capacity) for capacity in (400, 40, 20, 10))
    assert ample[1] == 0
    for less, more in ((ample, full), (full, half), (half, quarter)):
        assert all(a < b for a, b in zip(less, more, strict=True)), (less, more)


@pytest.mark.quick
def test_strategies_of_a_brand_share_its_staff(still, sender):
    both = sender(4) | sender(4, "other")
    people = {"people.n": 400, "days": 20, **PATIENT}
    market = still(**people, **of_people(still(**people), 5), **{A_STRATEGIES: both})
    market.run_model()
    assert by_day(market, "human_touches").tolist() == [0, *[5] * 19]
    assert by_day(market, "human_touches_waiting").tolist() == [3 * day for day in range(20)]


@pytest.mark.quick
def test_who_is_first_on_a_day_is_drawn_for_each_day_and_not_by_rows(still, sender):
    people = {"people.n": 40, "days": 10, f"{STAFF}.max_wait": 0}
    market = still(**people, **of_people(still(**people), 10), **{A_STRATEGIES: sender(40)})
    firsts = []
    while market.running:
        known = market.world.relationships["unanswered"][:, 0].copy()
        known += market.world.relationships["answered"][:, 0]
        market.step()
        now = market.world.relationships["unanswered"] + market.world.relationships["answered"]
        firsts.append(np.flatnonzero(now[:, 0] > known))
    assert [len(who) for who in firsts] == [0, *[10] * 9]
    assert len({tuple(who) for who in firsts[1:]}) == 9
    assert len(np.unique(np.concatenate(firsts))) > 30


@pytest.mark.quick
def test_nobody_queues_twice_for_a_touch_that_no_order_planned(still, sender):
    people = {"people.n": 20, "days": 12, **PATIENT}
    market = still(**people, **of_people(still(**people), 5), **{A_STRATEGIES: sender(20)})
    market.run_model()
    them = waiting(market)["person"]
    assert len(them) == len(np.unique(them)) == 15
    assert by_day(market, "human_touches").tolist() == [0, *[5] * 11]
    assert by_day(market, "human_touches_moot").tolist() == [0, 0, *[15] * 10]


@pytest.mark.quick
def test_a_market_can_be_kept_and_goes_on_with_its_queue(busy):
    market = busy(**{f"{STAFF}.capacity": 40})
    while market.day < 30:
        market.step()
    assert market._workforce.staff[0].waiting.size > 5
    copy = pickle.loads(pickle.dumps(market))
    assert_same(finished(market), finished(copy))


@pytest.mark.quick
def test_no_row_of_a_touch_is_lost(still, follow_up):
    journey = follow_up(*every_day(Does.SELL, 1, 6), REMIND)
    market = run(still, 59, journey, **{f"{STAFF}.capacity": 30, f"{STAFF}.max_wait": 4})
    pending = (market.world.touches_due.link["day"] != NEVER).sum() + len(waiting(market))
    assert len(market.world.touches) - market.world.tally[0]["touches_free"] == pending
    assert total(market, "human_touches_expired") > 100 < total(market, "human_touches")


# --- lateness -------------------------------------------------------------------------------------


@pytest.mark.quick
def test_an_address_is_confirmed_in_vain_once_the_parcel_has_arrived(still, follow_up):
    """All order on day 0; 10 a day are asked from day 1, and parcels arrive on day 3."""
    confirm = follow_up(Touch("confirm", Does.CONFIRM_ADDRESS, day=1, brand_orders=(1, 1)))
    wrong = {"brands.A.misdelivery": 1, f"{STAFF}.capacity": 100, **PATIENT}
    market = run(still, 12, confirm, **wrong)
    assert total(market, "answers") == total(market, "human_touches") == 100
    assert total(market, "human_touches_late") == 90
    assert total(market, "human_wait_days") == sum(10 * k for k in range(10))
    assert market.books.daily[:, 0, Account.SHIPPING].sum() == 600 * (100 + 80)


@pytest.mark.quick
def test_a_reminder_that_waits_until_the_order_has_come_is_dropped(still, follow_up):
    """One a day is reminded from day 23 on; all order again on day 30."""
    limit = {f"{STAFF}.capacity": 10, **PATIENT, **NO_MOVE}
    market = run(still, 40, follow_up(REMIND), **limit)
    assert by_day(market, "human_touches")[23:31].tolist() == [1] * 8
    assert total(market, "human_touches") == 8
    assert by_day(market, "human_touches_moot").nonzero()[0].tolist() == [31]
    assert total(market, "human_touches_moot") == 92
    assert market.books.daily[:, 0, Account.TOUCHES].sum() == 8 * 150, "only those are paid for"


@pytest.mark.quick
@pytest.mark.parametrize("max_wait", [0, 3])
def test_who_has_waited_too_long_is_dropped(still, follow_up, max_wait):
    limit = {f"{STAFF}.capacity": 100, f"{STAFF}.max_wait": max_wait, **NO_MOVE}
    market = run(still, 30, follow_up(REMIND), **limit)
    assert total(market, "human_touches") == 10 * (max_wait + 1)
    expired = by_day(market, "human_touches_expired")
    assert expired.nonzero()[0].tolist() == [23 + max_wait + 1]
    assert expired.sum() == 100 - 10 * (max_wait + 1)


@pytest.mark.quick
def test_who_opts_out_or_leaves_the_audience_while_waiting_is_dropped_and_takes_no_time(
    still, follow_up
):
    call = Touch("call", Does.SELL, day=1, brand_orders=(1, 1))
    changes = {f"{STAFF}.capacity": 100, **PATIENT}
    market = still(days=20, **changes, **{A_STRATEGIES: follow_up(call)})
    market.step()
    market.step()
    relationships = market.world.relationships
    away = waiting(market)["person"][::2]  # every other of the queue
    relationships["opted_out"][away, 0] = True
    market.run_model()
    assert (relationships["unanswered"][away, 0] == 0).all()
    assert by_day(market, "human_touches")[:8].tolist() == [0, *[10] * 5, 5, 0]
    assert total(market, "human_touches_moot") == 45


@pytest.mark.quick
def test_a_rule_of_an_audience_is_looked_at_when_the_turn_comes(still, follow_up):
    call = Touch("call", Does.SELL, day=1, brand_orders=(1, 1))
    few_days = {"who": {"recency": [0, 4]}}
    changes = {f"{STAFF}.capacity": 100, **PATIENT}
    market = run(still, 20, follow_up(call, audience=few_days), **changes)
    assert by_day(market, "human_touches")[:7].tolist() == [0, 10, 10, 10, 10, 0, 0]
    assert total(market, "human_touches_moot") == 60


@pytest.mark.quick
def test_a_turn_without_money_is_not_used(still, follow_up):
    """30 CNY over 60 days are .5 a day, a call costs 1.5: money for one every third day."""
    call = Touch("call", Does.SELL, day=1, brand_orders=(1, 1))
    market = still(**{f"{STAFF}.capacity": 20, **PATIENT, A_STRATEGIES: follow_up(call, budget=30)})
    market.run_model()
    assert total(market, "human_touches") == 17  # the 2 of day 1 cost 3, 1 CNY has come in
    assert by_day(market, "human_touches_waiting")[:51].tolist() == [
        0, *[100 - 2 * day for day in range(1, 51)]
    ]  # fmt: skip


@pytest.mark.quick
def test_late_calls_are_made_in_the_terminal_period_too(still, follow_up):
    call = Touch("call", Does.SELL, day=1, brand_orders=(1, 1))
    market = still(
        days=5, terminal_period=3, **{f"{STAFF}.capacity": 100, A_STRATEGIES: follow_up(call)}
    )
    finished(market)
    assert market.books.terminal[:, 0, Account.TOUCHES].tolist() == [1500] * 3


# --- what is said of it ---------------------------------------------------------------------------


def remarked(told: Iterable[Any]) -> list[str]:
    found = [str(w.message) for w in told if issubclass(w.category, remarks.Remark)]
    return [text for text in found if "dropped" in text]


@pytest.mark.quick
@pytest.mark.parametrize("capacity, said", [(1, 1), (10, 0)])
def test_staff_too_small_for_most_is_remarked_on(still, follow_up, capacity, said):
    call = Touch("call", Does.SELL, day=1, brand_orders=(1, 1))
    limit = of_people(still(), capacity)
    with pytest.warns() as told:
        remarks.pass_on("something else is said")
        run(still, 30, follow_up(call), **limit, **{f"{STAFF}.max_wait": 9})
    assert len(remarked(told)) == said
    if said:
        assert remarked(told)[0].startswith("brands.A.staff.capacity: most touches by a person")


@pytest.mark.quick
@pytest.mark.parametrize("key, value", [("capacity", -1), ("max_wait", -1), ("capacity", "many")])
def test_what_cannot_be_is_refused(still, key, value):
    with pytest.raises((ConfigError, FileError), match=f"staff.{key}"):
        still(**{f"{STAFF}.{key}": value})

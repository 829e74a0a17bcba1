"""Refunds: of what came faulty, of what is regretted in time; the need returns."""

import numpy as np
import pytest

from sim.books import Account
from sim.counts import COUNTS

CREAM = "brands.A.products.cream"
FAULTY = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1, "people.n": 1000}


def refunded_by_day(market) -> list[int]:
    return market.counts[:, 0, COUNTS.index("refunded")].tolist()


@pytest.mark.quick
@pytest.mark.parametrize("complaint", [0.0, 0.4, 1.0])
def test_who_complains_of_a_fault_is_paid_back_on_arrival(still, complaint):
    market = still(**{**FAULTY, "behaviour.experience.complaint": complaint, "days": 8})
    market.run_model()
    share = market.orders["refunded"].mean()
    assert share == pytest.approx(complaint, abs=0.05)
    by_day = refunded_by_day(market)
    assert by_day[3] == sum(by_day) == round(share * 1000)
    assert market.books.daily[:, 0, Account.REFUNDS].sum() == sum(by_day) * 10000


@pytest.mark.quick
def test_a_refund_given_is_a_promise_kept(still):
    kept, not_kept = still(**FAULTY), still(**FAULTY, **{"behaviour.trust.kept": 0})
    for market in (kept, not_kept):
        for _ in range(4):
            market.step()
    np.testing.assert_allclose(not_kept.world.relationships["trust"][:, 0], 0.35, rtol=1e-6)
    np.testing.assert_allclose(
        kept.world.relationships["trust"][:, 0], 0.35 + 0.05 * 0.65, rtol=1e-6
    )


@pytest.mark.quick
@pytest.mark.parametrize("effect_days", [3, 0])
def test_what_was_sent_back_is_not_used(still, effect_days):
    market = still(**FAULTY, **{f"{CREAM}.effect_days": effect_days})
    for _ in range(9):
        market.step()
    np.testing.assert_allclose(market.world.relationships["product"][:, 0], 0.6)
    assert not market.world.holdings["uses"].any()


def test_what_was_sent_back_is_needed_again(still):
    market = still(**FAULTY, **{"categories.cream.retry_days": 4, "days": 30})
    market.run_model()
    days, number = np.unique(market.orders["day"], return_counts=True)
    assert days.tolist() == [0, 7, 14, 21, 28]  # 3 days of delivery, 4 to think it over
    assert set(number) == {1000}


@pytest.mark.quick
@pytest.mark.parametrize("regret", [0.0, 1.0])
def test_who_expected_more_regrets_in_proportion(still, regret):
    """Quality .2 where .6 was expected: a chance of .4 per unit of regret."""
    changes = {"behaviour.experience.regret": regret, f"{CREAM}.quality": 0.2}
    market = still(**changes, **{"people.n": 2000, "days": 8})
    market.run_model()
    assert market.orders["refunded"].mean() == pytest.approx(regret * 0.4, abs=0.04)
    assert refunded_by_day(market)[6] == market.orders["refunded"].sum()


@pytest.mark.quick
def test_who_expected_less_regrets_nothing(still):
    market = still(**{"behaviour.experience.regret": 10, f"{CREAM}.quality": 0.61})
    market.run_model()
    assert not market.orders["refunded"].any()


@pytest.mark.quick
@pytest.mark.parametrize(("window", "some"), [(3, True), (2, False), (0, False)])
def test_regret_after_the_window_comes_too_late(still, window, some):
    """An effect shows three days after arrival."""
    changes = {"behaviour.experience.regret": 10, f"{CREAM}.quality": 0.2, "days": 10}
    market = still(**changes, **{f"{CREAM}.refund_days": window})
    market.run_model()
    assert market.orders["refunded"].any() == some


@pytest.mark.quick
def test_nothing_is_paid_back_twice(still):
    changes = {**FAULTY, "behaviour.experience.regret": 10, f"{CREAM}.effect_days": 0}
    market = still(**changes, **{"categories.cream.retry_days": 50, "days": 20})
    market.run_model()
    assert sum(refunded_by_day(market)) == 1000 == len(market.orders)
    assert not market.world.relationships["net_cents"].any()

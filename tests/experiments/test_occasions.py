"""Repeat buying in a window, against plain loops and an outside estimator."""

import warnings

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from experiments.occasions import LAST, Occasions, kaplan_meier

pytestmark = pytest.mark.quick
DAYS = 365


def purchases(seed: int, n: int = 900):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 150, n) ** 2 // 150, rng.integers(0, DAYS, n)


def by_buyer(buyer, day) -> list[list[int]]:
    return [sorted({int(d) for d in day[buyer == who]}) for who in np.unique(buyer)]


@pytest.mark.parametrize("seed", range(4))
def test_numbers_waits_and_gaps(seed):
    buyer, day = purchases(seed)
    found, days = Occasions.of(buyer, day, DAYS), by_buyer(buyer, day)
    assert found.day.tolist() == [d for each in days for d in each]
    assert found.number.tolist() == [k + 1 for each in days for k in range(len(each))]
    waits = [b - a for each in days for a, b in zip(each, [*each[1:], None], strict=True) if b]
    assert found.gaps.tolist() == waits
    assert (found.wait == -1).sum() == len(days)
    assert found.orders().tolist() == [len(each) for each in days]


@pytest.mark.parametrize("seed", range(4))
def test_repeat_rates_by_number_of_those_new_after_the_washout(seed):
    buyer, day = purchases(seed)
    again, seen = np.zeros(LAST, int), np.zeros(LAST, int)
    for days in by_buyer(buyer, day):
        if days[0] < 90:
            continue
        for k, each in enumerate(days):
            if DAYS - 1 - each >= 90:
                seen[min(k, LAST - 1)] += 1
                again[min(k, LAST - 1)] += k + 1 < len(days) and days[k + 1] - each <= 90
    found = Occasions.of(buyer, day, DAYS).repeats_by_number()
    assert found[0].tolist() == again.tolist() and found[1].tolist() == seen.tolist()
    assert seen.min() > 0


@pytest.mark.parametrize("seed", range(3))
def test_kaplan_meier_is_what_statsmodels_says(seed):
    rng = np.random.default_rng(seed)
    duration, event = rng.integers(1, 60, 200), rng.uniform(size=200) < 0.6
    found = kaplan_meier(duration, event)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it divides by zero where all have had the event
        other = SurvfuncRight(duration, event)
    for day, alive, error in zip(
        other.surv_times, other.surv_prob, other.surv_prob_se, strict=True
    ):
        share, se = found.by(int(day))
        assert share == pytest.approx(1 - alive)
        assert not np.isfinite(error) or se == pytest.approx(error)
    assert found.median() == other.quantile(0.5)


def test_what_was_not_observed_is_not_known():
    found = kaplan_meier(np.array([5, 7]), np.array([True, False]))
    assert found.by(4)[0] == 0 and found.by(6)[0] == 0.5 and np.isnan(found.by(8)[0])
    assert found.median() == 5 and np.isnan(kaplan_meier(np.array([3]), np.array([False])).median())
    nothing = kaplan_meier(np.array([], int), np.array([], bool))
    assert np.isnan(nothing.by(90)[0]) and np.isnan(nothing.median())


def test_two_purchases_of_a_day_are_one():
    found = Occasions.of(np.array([3, 3, 3]), np.array([200, 100, 100]), DAYS)
    assert found.day.tolist() == [100, 200] and found.orders().tolist() == [2]

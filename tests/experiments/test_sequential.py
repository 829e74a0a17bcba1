"""When replicates are enough, what stopping does to coverage, and what a pilot can foresee."""

import numpy as np
import pytest
from scipy import stats

from experiments.errors import StudyError
from experiments.sequential import (
    Forecast,
    Precision,
    expected_half_width,
    expected_need,
    half_width,
    looks,
    needed,
)


def normal(n: int, seed: int = 0):
    return np.random.default_rng(seed).normal(size=n)


# -- the interval ---------------------------------------------------------------------------------


def test_the_half_width_is_that_of_the_t_interval():
    values = normal(12)
    low, high = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert half_width(values) == pytest.approx((high - low) / 2)


def test_one_value_says_nothing_and_equal_ones_leave_nothing_open():
    assert half_width([3.0]) == half_width([]) == np.inf
    assert half_width([0.1] * 7) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_refused_by_place(bad):
    values = [1.0, 2.0, bad, 4.0]
    calls = [
        lambda: half_width(values),
        lambda: needed([1.0, 2.0], values, rule=Precision(half_width=1)),
        lambda: expected_need(values, 1),
        lambda: expected_half_width(values, 9),
    ]
    for call in calls:
        with pytest.raises(StudyError, match=f"value 2 of 4 is {bad}"):
            call()


# -- the rule -------------------------------------------------------------------------------------


RULE = Precision(half_width=0.5, start=10, growth=1.5, most=100)


def test_nothing_is_looked_at_before_the_first_look():
    assert needed(rule=RULE) == needed([], rule=RULE) == 10
    assert needed([1.0] * 9, rule=RULE) == 10
    assert needed([1.0] * 10, rule=RULE) == 10


def test_what_is_precise_needs_no_more():
    values = normal(40)
    assert half_width(values) < 0.5
    assert needed(values, rule=RULE) == 40


def test_what_is_not_precise_needs_so_many_times_more():
    assert needed(10 * normal(10), rule=RULE) == 15
    assert needed(10 * normal(15), rule=RULE) == 23
    assert needed(10 * normal(90), rule=RULE) == 100
    assert needed(10 * normal(100), rule=RULE) == 100
    assert needed(10 * normal(10), rule=RULE.model_copy(update={"growth": 1.0})) == 11


def test_all_series_must_be_precise():
    assert needed(normal(40), 10 * normal(40), rule=RULE) == 60
    assert needed(normal(40), normal(40, 1), rule=RULE) == 40
    assert needed([1.0], normal(40), rule=RULE) == 60  # nothing is known of the first


def test_a_relative_half_width_is_a_share_of_the_mean_or_of_the_baseline():
    values = 100 + 10 * normal(25)
    share = half_width(values) / abs(values.mean())
    wide, narrow = (
        Precision(half_width=share * x, relative=True, start=5, most=99) for x in (1.01, 0.99)
    )
    assert needed(values, rule=wide) == needed(-values, rule=wide) == 25
    assert needed(values, rule=narrow) == 38
    assert needed(values - values.mean(), rule=wide, base=float(values.mean())) == 25
    assert needed(values, rule=wide, base=50.0) == 38


def test_a_share_of_nothing_is_never_precise():
    rule = Precision(half_width=0.1, relative=True, most=30)
    assert needed([0.0] * 20, rule=rule) == 30
    assert needed([1.0] * 20, rule=rule) == 20
    assert needed([1.0] * 20, rule=rule, base=0.0) == 30


def test_looks_are_those_of_a_series_that_is_never_precise():
    for rule in (RULE, Precision(half_width=1, start=2, growth=1.0, most=9)):
        n, found = needed(rule=rule), []
        while not found or found[-1] < rule.most:
            found.append(n)
            n = needed(1e9 * normal(n), rule=rule)
        assert looks(rule) == found
    assert looks(Precision(half_width=1, start=50, most=20)) == [20]


# -- coverage -------------------------------------------------------------------------------------


def stopped(values, target: float, rule: Precision):
    """For each row: after how many values it stops, its mean then, and half its interval then."""
    n, mean, half = (np.zeros(len(values)) for _ in range(3))
    sums, squares = values.cumsum(axis=1), (values**2).cumsum(axis=1)
    for look in looks(rule):
        average = sums[:, look - 1] / look
        spread = np.sqrt(np.maximum(squares[:, look - 1] / look - average**2, 0) / (look - 1))
        width = stats.t.ppf(0.975, look - 1) * spread
        stops = (n == 0) & ((width <= target) | (look == rule.most))
        n[stops], mean[stops], half[stops] = look, average[stops], width[stops]
    return n, mean, half


def by_the_rule(row, rule: Precision) -> int:
    n = needed(rule=rule)
    while (more := needed(row[:n], rule=rule)) > n:
        n = more
    return n


def test_a_vectorised_rule_stops_where_the_rule_does():
    rule = Precision(half_width=0.4, most=60)
    values = np.random.default_rng(3).exponential(size=(60, 60))
    n, mean, half = stopped(values, 0.4, rule)
    assert n.tolist() == [by_the_rule(row, rule) for row in values]
    assert len(set(n)) > 2
    rows = [row[: int(k)] for row, k in zip(values, n, strict=True)]
    assert mean == pytest.approx([row.mean() for row in rows])
    assert half == pytest.approx([half_width(row) for row in rows])


@pytest.mark.parametrize(
    ("draw", "mean", "spread", "covered"),
    [
        (lambda rng, shape: rng.normal(size=shape), 0.0, 1.0, (0.935, 0.957)),
        (lambda rng, shape: rng.exponential(size=shape), 1.0, 1.0, (0.885, 0.93)),
    ],
    ids=["normal", "skewed"],
)
@pytest.mark.parametrize("values", [20, 60])
def test_the_interval_at_stopping_covers_as_often_as_said(draw, mean, spread, covered, values):
    """The docstring's figures, of which sampling error here is .004 at most."""
    target = 1.96 * spread / np.sqrt(values)
    rule = Precision(half_width=target, most=300)
    sequences = draw(np.random.default_rng(4), (6_000, rule.most))
    n, average, half = stopped(sequences, target, rule)
    assert (half <= target).mean() > 0.99
    assert covered[0] < (abs(average - mean) <= half).mean() < covered[1]
    assert values * 0.7 < n.mean() < values * 1.6


def test_looking_early_and_often_is_what_costs_coverage():
    sequences = np.random.default_rng(5).normal(size=(6_000, 200))
    target = 1.96 / np.sqrt(15)
    covered = []
    for start, growth in ((2, 1.0), (20, 1.5)):
        rule = Precision(half_width=target, start=start, growth=growth, most=200)
        _, mean, half = stopped(sequences, target, rule)
        covered.append((abs(mean) <= half).mean())
    assert covered[0] < 0.9 < 0.94 < covered[1]


# -- forecasts ------------------------------------------------------------------------------------


def test_a_forecast_of_the_half_width_is_that_of_the_pilots_spread():
    pilot = normal(8)
    forecast = expected_half_width(pilot, 50)
    spread = pilot.std(ddof=1)
    assert forecast.expected == pytest.approx(stats.t.ppf(0.975, 49) * spread / np.sqrt(50))
    assert forecast.low < forecast.expected < forecast.high
    assert expected_half_width(pilot, 8).expected == pytest.approx(half_width(pilot))


def test_a_forecast_of_the_need_is_the_least_number_that_will_do():
    pilot = 3 * normal(10)
    spread = pilot.std(ddof=1)
    for target in (0.05, 0.4, 2.0, 50.0):
        n = expected_need(pilot, target).expected
        widths = stats.t.ppf(0.975, np.arange(1, 20_000)) * spread / np.sqrt(np.arange(2, 20_001))
        assert n == 2 + np.flatnonzero(widths <= target)[0]


def test_forecasts_hold_for_as_many_pilots_as_they_say():
    """For normal values: the bounds hold in 95 of 100 pilots, and half of these expect too few."""
    pilots = np.random.default_rng(6).normal(size=(400, 10))
    true = stats.t.ppf(0.975, 29) / np.sqrt(30)
    found = [expected_half_width(pilot, 30) for pilot in pilots]
    assert np.mean([f.low <= true <= f.high for f in found]) == pytest.approx(0.95, abs=0.03)
    assert np.mean([f.expected for f in found]) == pytest.approx(true, rel=0.05)
    needs = [expected_need(pilot, true) for pilot in pilots]
    assert np.mean([f.low <= 30 <= f.high for f in needs]) == pytest.approx(0.95, abs=0.03)


def test_without_spread_two_values_will_do():
    assert expected_need([0.1] * 5, 0.1) == Forecast(2, 2, 2)
    assert expected_half_width([0.1] * 5, 9) == Forecast(0, 0, 0)


def test_a_pilot_of_one_foresees_nothing():
    for forecast in (lambda: expected_need([1.0], 1), lambda: expected_half_width([1.0], 9)):
        with pytest.raises(StudyError, match=r"at least two values \(got 1\)"):
            forecast()


@pytest.mark.parametrize("target", [0.0, -1.0, float("nan")])
def test_a_half_width_to_reach_is_above_zero(target):
    with pytest.raises(StudyError, match="must be above zero"):
        expected_need([1.0, 2.0], target)

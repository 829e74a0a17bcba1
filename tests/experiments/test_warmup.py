"""MSER-5 against its definition, and on series whose transient is known."""

import numpy as np
import pytest

from experiments.errors import StudyError
from experiments.warmup import LEAST, mser5


def by_definition(series) -> int:
    means = [np.mean(series[k : k + 5]) for k in range(0, len(series) - 4, 5)]
    m = len(means)
    errors = [np.var(means[d:]) / (m - d) for d in range(m // 2 + 1)]
    return 5 * errors.index(min(errors))


def autoregressive(coefficient: float, start: float, *, days=730, series=400, seed=1):
    """float64[series, days]: standard deviation 1 and mean 0 once they have forgotten the start."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, np.sqrt(1 - coefficient**2), (days, series))
    out, last = np.empty((days, series)), np.full(series, start)
    for day in range(days):
        out[day] = last = coefficient * last + noise[day]
    return out.T


@pytest.mark.parametrize("length", [50, 53, 200, 731])
def test_it_is_the_rule_as_published(length):
    for series in autoregressive(0.8, 4.0, days=length, series=20):
        assert mser5(series).observations == by_definition(series)


@pytest.mark.parametrize(
    ("coefficient", "start", "biased", "left", "cut"),
    [(0.5, 10.0, 0.02, 0.012, (5, 20)), (0.9, 10.0, 0.12, 0.025, (20, 60))],
)
def test_the_bias_of_a_bad_start_is_removed(coefficient, start, biased, left, cut):
    found = autoregressive(coefficient, start)
    cuts = [mser5(series).observations for series in found]
    kept = [series[cut:].mean() for series, cut in zip(found, cuts, strict=True)]
    assert abs(found.mean() - biased) < 0.6 * biased
    assert abs(np.mean(kept)) < left
    assert cut[0] < np.mean(cuts) < cut[1]
    assert all(mser5(series).settled for series in found[:100])


def test_a_step_is_cut_where_it_is():
    series = np.concatenate([np.full(40, 7.0), np.tile([1.0, 2.0], 100)])
    assert mser5(series).observations == 40


def test_a_series_that_never_settles_is_said_not_to():
    assert mser5(np.arange(200.0)) == (100, False)
    assert mser5(np.random.default_rng(1).normal(size=200)).settled


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9])
def test_of_a_constant_nothing_is_left_out(constant):
    assert mser5(np.full(123, constant)) == (0, True)


def test_more_than_half_is_never_left_out():
    late = np.concatenate([np.random.default_rng(2).normal(size=150), np.zeros(50)])
    assert mser5(late).observations <= 100


def test_a_short_series_is_refused():
    with pytest.raises(StudyError, match=r"at least 50 observations \(got 49\)"):
        mser5(np.zeros(LEAST - 1))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused_by_place(bad):
    series = np.zeros(100)
    series[7] = bad
    with pytest.raises(StudyError, match=f"observation 7 is {bad}"):
        mser5(series)

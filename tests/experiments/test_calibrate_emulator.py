"""Emulators: polynomials are recovered, and leaving one out is what it says."""

import numpy as np
import pytest
from scipy.stats import qmc

from experiments.calibrate.basis import Basis, Box, every_term, stepwise
from experiments.calibrate.emulator import Options, _assemble, fit

pytestmark = pytest.mark.quick


def points(n, inputs, seed=1):
    return qmc.Sobol(inputs, rng=seed).random(256)[:n]


def quadratic(unit):
    t = 2 * unit - 1
    return 3 + 2 * t[:, 0] - 1.5 * t[:, 1] + t[:, 0] * t[:, 2] + 0.8 * t[:, 3] ** 2


def test_terms_are_all_of_degree_two_and_orthogonal():
    terms = every_term(4)
    assert len(terms) == 1 + 4 + 10
    unit = qmc.Sobol(4, rng=3).random(1 << 14)
    columns = Basis(terms, Box.around(unit))(unit)
    moments = columns.T @ columns / len(columns)
    assert np.allclose(moments - np.diag(np.diag(moments)), 0, atol=5e-3)


def test_stepwise_finds_the_terms_of_a_polynomial_and_no_others():
    unit = points(100, 8)
    luck = np.random.default_rng(1).normal(0, 0.05, 100)
    found = stepwise(unit, quadratic(unit) + luck)
    assert set(found.terms) == {(), (0,), (1,), (0, 2), (3, 3)}
    assert found.inputs == (0, 1, 2, 3)


def test_stepwise_takes_nothing_from_noise():
    luck = np.random.default_rng(2).normal(size=120)
    assert len(stepwise(points(120, 10), luck).terms) <= 2


def test_a_polynomial_is_recovered_to_the_last_digits():
    unit = points(80, 5)
    emulator = fit(unit, quadratic(unit))
    new = points(50, 5, seed=9)
    mean, variance = emulator.predict(new)
    assert np.allclose(mean, quadratic(new), atol=1e-4)
    assert emulator.r2 > 1 - 1e-6
    assert (variance < 1e-6).all()


def test_a_process_takes_what_no_polynomial_can():
    unit = points(200, 4)
    y = np.sin(6 * unit[:, 0]) + 0.5 * unit[:, 1]
    emulator = fit(unit, y)
    new = points(100, 4, seed=5)
    truth = np.sin(6 * new[:, 0]) + 0.5 * new[:, 1]
    mean, variance = emulator.predict(new)
    assert emulator.r2 > 0.98
    assert np.sqrt(((mean - truth) ** 2).mean()) < 0.05
    assert np.mean(np.abs(mean - truth) <= 3 * np.sqrt(variance)) > 0.95


@pytest.mark.parametrize("with_process", [True, False])
def test_leaving_one_out_is_fitting_without_it(with_process):
    unit = points(40, 3)
    rng = np.random.default_rng(4)
    y = np.sin(4 * unit[:, 0]) + unit[:, 1] ** 2 + rng.normal(0, 0.1, 40)
    whole = fit(unit, y)
    kernel = whole.kernel if with_process else None
    whole = _assemble(whole.basis, whole.active, unit, y, kernel, whole.nugget)
    for k in (0, 7, 39):
        rest = np.arange(40) != k
        own = _assemble(whole.basis, whole.active, unit[rest], y[rest], kernel, whole.nugget)
        mean, variance = own.predict(unit[k : k + 1])
        assert y[k] - mean[0] == pytest.approx(whole.errors[k], abs=1e-8)
        assert variance[0] / own.inflation == pytest.approx(whole.spread[k] ** 2, rel=1e-6)


def test_variances_are_raised_if_errors_are_larger_than_they_say():
    unit = points(60, 2)
    y = np.random.default_rng(3).normal(size=60)
    small = _assemble(Basis(((),), Box.around(unit)), np.zeros(0, np.int64), unit, y, None, 1e-4)
    assert small.inflation > 1000
    assert (small.predict(unit)[1] > 0.5).all()


def test_luck_is_in_the_nugget():
    unit = points(200, 3)
    luck = np.random.default_rng(8).normal(0, 0.3, 200)
    emulator = fit(unit, quadratic(np.hstack([unit, unit[:, :1]])) + luck)
    assert emulator.nugget == pytest.approx(0.09, rel=0.3)
    mean, variance = emulator.predict(points(20, 3, seed=2))
    assert (variance >= emulator.nugget).all() and np.isfinite(mean).all()


def test_at_most_so_many_inputs_are_active():
    unit = points(200, 10)
    emulator = fit(unit, unit @ np.arange(1, 11), Options(active=3))
    assert list(emulator.active) == [7, 8, 9]


def test_points_that_are_close_together_or_all_alike_are_no_trouble():
    unit = points(60, 4) * [1e-3, 1e-9, 1.0, 0.0] + [0.5, 0.2, 0.0, 0.3]
    y = 1e3 * (unit[:, 0] - 0.5) ** 2 + unit[:, 2] + np.random.default_rng(1).normal(0, 1e-3, 60)
    emulator = fit(unit, y)
    assert emulator.r2 > 0.99 and np.isfinite(emulator.inflation) and emulator.inflation < 5
    assert set(emulator.basis.inputs) <= {0, 2}
    alike = fit(np.full((20, 2), 0.5), np.random.default_rng(2).normal(size=20))
    assert alike.basis.terms == ((),) and np.isfinite(alike.predict(np.full((1, 2), 0.5))[0]).all()


def test_a_constant_has_no_variance_and_no_r2():
    emulator = fit(points(20, 2), np.full(20, 5.0))
    mean, _ = emulator.predict(points(5, 2, seed=3))
    assert np.allclose(mean, 5) and np.isnan(emulator.r2)


def test_shares_say_what_a_number_depends_on():
    unit = points(200, 4)
    shares = fit(unit, 3 * unit[:, 0] + unit[:, 2]).shares(4)
    assert np.allclose(shares, [0.9, 0, 0.1, 0], atol=1e-3)


def test_missing_numbers_and_few_points_are_refused():
    unit = points(20, 2)
    with pytest.raises(ValueError, match="missing numbers"):
        fit(unit, np.r_[np.nan, np.ones(19)])
    with pytest.raises(ValueError, match="at least 12 points"):
        fit(unit[:5], np.ones(5))

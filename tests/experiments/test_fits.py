"""Fits by maximum likelihood: published estimates, an outside fitter, brute force, and coverage."""

import warnings

import numpy as np
import pytest
from lifetimes import BetaGeoFitter, ParetoNBDFitter
from lifetimes.datasets import load_cdnow_summary
from scipy.integrate import quad

from experiments.fits import (
    Histories,
    bgnbd,
    dirichlet,
    fit_bgnbd,
    fit_dirichlet,
    fit_pareto_nbd,
    histories,
    pareto_nbd,
)
from experiments.fits.bgnbd import BgNbd
from experiments.fits.pareto_nbd import ParetoNbd
from sim.transactions.log import Log, read
from sim.transactions.spec import LogFile

CDNOW = LogFile(log="package:lifetimes/datasets/CDNOW_sample.txt", customer=1, date=2)
WEEKS = 39
END = 7 * WEEKS


@pytest.fixture(scope="module")
def log() -> Log:
    return read(CDNOW)


@pytest.fixture(scope="module")
def given(log) -> Histories:
    return histories(log, END)


@pytest.fixture(scope="module")
def both(given):
    return fit_bgnbd(given), fit_pareto_nbd(given)


# -- CDNOW ----------------------------------------------------------------------------------------


def test_histories_are_those_that_lifetimes_ships(given):
    theirs = load_cdnow_summary()
    rows = [given.repeats, given.recency, given.observed]
    for own, name in zip(rows, ("frequency", "recency", "T"), strict=True):
        assert np.sort(own) == pytest.approx(np.sort(theirs[name].to_numpy()), abs=0.005)


def test_what_comes_later_is_not_looked_at(log, given):
    late = np.flatnonzero(log.day >= END)
    cut = Log(log.name, log.customers, np.delete(log.customer, late), np.delete(log.day, late),
              None, log.start, ())  # fmt: skip
    for own, other in zip((given.repeats, given.recency), _rows(histories(cut, END)), strict=True):
        assert (own == other).all()


def _rows(given: Histories):
    return given.repeats, given.recency


def test_published_estimates(both):
    bg, pareto = both
    published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert bg.parameters == pytest.approx(published, abs=6e-4)
    assert bg.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    published = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    assert pareto.parameters == pytest.approx(published, abs=1.5e-3)
    assert pareto.log_likelihood == pytest.approx(-9595.0, abs=0.05)


def test_published_predictions_for_the_next_39_weeks(both, given):
    bg, pareto = both
    for fit, model, known in ((bg, BgNbd, 1653), (pareto, ParetoNbd, 1666)):
        found = model(fit.values).later(given, WEEKS).sum()
        assert found == pytest.approx(known, abs=1)
    for fit, model, known in ((bg, BgNbd, 1666), (pareto, ParetoNbd, 1745)):
        expected = model(fit.values)
        more = expected.repeats(given.observed + WEEKS) - expected.repeats(given.observed)
        assert more.sum() == pytest.approx(known, abs=1)


def test_an_outside_fitter_agrees(given, both):
    args = given.repeats, given.recency, given.observed
    bg = BetaGeoFitter()
    bg.params_ = both[0].parameters
    assert BgNbd(both[0].values).later(given, 39.0) == pytest.approx(
        bg.conditional_expected_number_of_purchases_up_to_time(39, *args), rel=1e-6
    )
    alive = BgNbd(both[0].values).alive(given)
    assert alive == pytest.approx(bg.conditional_probability_alive(*args), rel=1e-9)
    pareto = ParetoNBDFitter()
    pareto.params_ = both[1].parameters
    found = ParetoNbd(both[1].values)
    some = slice(0, 300)
    few = Histories(*(each[some] for each in args))
    theirs = pareto.conditional_expected_number_of_purchases_up_to_time(39, *_args(few))
    assert found.later(few, 39.0) == pytest.approx(np.asarray(theirs), rel=1e-6)
    alive = pareto.conditional_probability_alive(*_args(few))
    assert found.alive(few) == pytest.approx(np.asarray(alive), rel=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the optimiser tries values of which it takes bad logs
        theirs = BetaGeoFitter().fit(*args).params_.to_dict()
    assert both[0].parameters == pytest.approx(theirs, rel=1e-3)


def _args(given: Histories):
    return given.repeats, given.recency, given.observed


# -- the likelihoods ------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("values", [(0.5, 10, 0.6, 12), (2, 3, 0.3, 80), (0.4, 200, 3, 0.5)])
@pytest.mark.parametrize("history", [(0, 0, 39), (1, 0.2, 39), (29, 38, 38.9), (5, 30, 30)])
def test_the_pareto_likelihood_is_the_integral_over_lifetimes(values, history):
    r, alpha, s, beta = values
    x, last, end = history
    from scipy.special import gamma

    def stays(u):
        return (alpha / (alpha + u)) ** r / (alpha + u) ** x

    def density(u):
        return stays(u) * s / (beta + u) * (beta / (beta + u)) ** s

    expected = quad(density, last, end, epsrel=1e-11)[0] + stays(end) * (beta / (beta + end)) ** s
    one = Histories(*(np.array([float(v)]) for v in history))
    found = pareto_nbd.log_likelihoods(np.array(values, float), one)[0]
    assert found == pytest.approx(np.log(gamma(r + x) / gamma(r) * expected), rel=1e-9)


@pytest.mark.quick
@pytest.mark.parametrize("module", [bgnbd, pareto_nbd])
def test_likelihoods_are_finite_wherever_they_are_searched(module):
    rng = np.random.default_rng(1)
    x = rng.integers(0, 400, 50).astype(float)
    last = np.where(x > 0, rng.uniform(0.1, 50, 50), 0)
    given = Histories(x, last, last + rng.uniform(0, 30, 50))
    for logs in rng.uniform(-10, 10, (200, 4)):
        assert np.isfinite(module.log_likelihoods(np.exp(logs), given)).all()


# -- the Dirichlet --------------------------------------------------------------------------------

WEIGHTS = {"A": 0.5, "B": 0.3, "C": 0.15, "D": 0.6}


def panel(rng, people: int, mean: float, shape: float, weights):
    rate = rng.gamma(shape, mean / shape, people)
    taste = rng.dirichlet(list(weights.values()), people)
    return rng.poisson(rate[:, None] * taste)


@pytest.mark.quick
def test_a_panel_is_recovered_and_predicted():
    rng = np.random.default_rng(5)
    bought = panel(rng, 40_000, 2.0, 0.8, WEIGHTS)
    fit = fit_dirichlet(bought, list(WEIGHTS))
    true = {"mean": 2.0, "shape": 0.8} | WEIGHTS
    assert fit.parameters == pytest.approx(true, rel=0.05)
    expected = dirichlet.model(fit)
    assert expected.penetration("A") == pytest.approx((bought[:, 0] > 0).mean(), abs=0.01)
    frequency = bought[:, 0].sum() / (bought[:, 0] > 0).sum()
    assert expected.frequency("A") == pytest.approx(frequency, rel=0.03)
    assert fit.parameters["mean"] == pytest.approx(bought.sum() / len(bought), rel=1e-4)


@pytest.mark.quick
def test_a_panel_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing to fit"):
        fit_dirichlet(np.array([[1, 0], [0, 0]]), ["A", "B"])
    with pytest.raises(ValueError, match="nothing to fit"):
        fit_dirichlet(np.array([[1, 1], [1, 0]])[:, [0]], ["A"])


# -- coverage -------------------------------------------------------------------------------------


def bgnbd_histories(rng, n: int, r, alpha, a, b) -> Histories:
    rate, p, observed = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), rng.uniform(26, 39, n)
    repeats, recency, time, alive = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, bool)
    while alive.any():
        time[alive] += rng.exponential(1 / rate[alive])
        alive &= time <= observed
        repeats[alive] += 1
        recency[alive] = time[alive]
        alive &= rng.uniform(size=n) >= p
    return Histories(repeats, recency, observed)


def pareto_histories(rng, n: int, r, alpha, s, beta) -> Histories:
    rate, observed = rng.gamma(r, 1 / alpha, n), rng.uniform(26, 39, n)
    life = np.minimum(rng.exponential(1 / rng.gamma(s, 1 / beta, n)), observed)
    repeats = rng.poisson(rate * life)
    last = life * rng.uniform(size=n) ** (1 / np.maximum(repeats, 1))  # the latest of so many
    return Histories(repeats.astype(float), np.where(repeats > 0, last, 0.0), observed)


def bgnbd_truth(rng):
    return np.exp(rng.uniform(np.log([0.3, 3, 0.5, 1.5]), np.log([1.2, 12, 1.5, 5])))


def pareto_truth(rng):
    return np.exp(rng.uniform(np.log([0.4, 4, 0.5, 6]), np.log([1.5, 15, 1.5, 20])))


def dirichlet_truth(rng):
    return np.exp(rng.uniform(np.log([0.8, 0.4, *[0.15] * 4]), np.log([4, 2, *[1.0] * 4])))


def covered(model: str, seed: int, n: int):
    """Whether the 90 % interval of each parameter holds its true value, in one invented log."""
    rng = np.random.default_rng([seed, 17])
    if model == "dirichlet":
        true = dirichlet_truth(rng)
        weights = dict(zip("ABCD", true[2:], strict=True))
        fit = fit_dirichlet(panel(rng, n, true[0], true[1], weights), list(weights))
    elif model == "bgnbd":
        true = bgnbd_truth(rng)
        fit = fit_bgnbd(bgnbd_histories(rng, n, *true))
    else:
        true = pareto_truth(rng)
        fit = fit_pareto_nbd(pareto_histories(rng, n, *true))
    ends = np.array(list(fit.intervals(0.9).values())).T
    return (ends[0] <= true) & (true <= ends[1])


@pytest.mark.parametrize("model", ["bgnbd", "dirichlet"])
def test_nine_in_ten_intervals_hold_the_truth_roughly(model):
    found = np.array([covered(model, seed, 1500) for seed in range(25)])
    assert 0.8 <= found.mean() <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("model", ["bgnbd", "pareto", "dirichlet"])
def test_nine_in_ten_intervals_hold_the_truth(model):
    found = np.array([covered(model, seed, 2000) for seed in range(120)])
    assert 0.84 <= found.mean() <= 0.96
    assert found.mean(axis=0).min() >= 0.78

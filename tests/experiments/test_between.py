"""Effects over markets: variance between and within, shares of markets, what decides."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments import between
from experiments.between import none_positive, parts, shrunk
from experiments.unknowns import unknowns
from experiments.verdicts import verdict


def simulated(rng, markets, replicates, mu, tau, eps):
    true = rng.normal(mu, tau, markets)
    return [x + rng.normal(0, eps, replicates) for x in true]


def test_the_parts_of_a_balanced_design_by_hand():
    # means 2, 4, 9: variance 13; inside: 2, 2, 2 -> s_eps^2 = 2, of means 1; s_tau^2 = 12
    found = parts([np.array([1.0, 3.0]), np.array([3.0, 5.0]), np.array([8.0, 10.0])])
    assert found.mean == pytest.approx(5)
    assert found.within**2 == pytest.approx(2)
    assert found.between**2 == pytest.approx(12)
    assert found.error == pytest.approx(1)
    half = stats.t.ppf(0.975, 2) * np.sqrt(13 / 3)
    assert (found.low, found.high) == pytest.approx((5 - half, 5 + half))


def test_an_unbalanced_design_is_right_on_average():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(3000):
        true = rng.normal(1, 2, 12)
        found.append(between._moments(*_arrays(rng, true)))
    mu, tau2, eps2 = np.array(found)[:, :, 0].T
    assert mu.mean() == pytest.approx(1, abs=0.05)
    assert eps2.mean() == pytest.approx(9, rel=0.02)
    assert tau2.mean() == pytest.approx(4, rel=0.08)  # cut off at 0, which adds a little


def _arrays(rng, true):
    data = [x + rng.normal(0, 3, 1 + k % 4) for k, x in enumerate(true)]
    means, counts, squares, w = between._summed(data, None)
    return means[None], counts[None], squares[None], w[None]


def test_weights_count_as_copies_do():
    rng = np.random.default_rng(2)
    data = simulated(rng, 3, 2, 1, 1, 1)
    weighted = parts(data, np.array([0.5, 0.25, 0.25]))
    assert weighted.mean == pytest.approx(
        0.5 * data[0].mean() + 0.25 * (data[1].mean() + data[2].mean())
    )
    assert weighted.effective == pytest.approx(1 / 0.375)
    alike = parts(data, np.array([2.0, 2.0, 2.0]))
    assert alike == parts(data)


@pytest.mark.parametrize(("replicates", "eps"), [(2, 1.0), (2, 4.0), (6, 1.0)])
def test_the_interval_of_the_mean_covers(replicates, eps, monkeypatch):
    monkeypatch.setattr(between, "RESAMPLES", 2)
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(600):
        found = parts(simulated(rng, 16, replicates, 0.7, 1.0, eps))
        inside.append(found.low <= 0.7 <= found.high)
    assert 0.93 <= np.mean(inside) <= 0.985


@pytest.mark.parametrize("true", [0.5, 0.8, 0.98])
def test_the_share_is_unbiased_where_raw_signs_are_not(true, monkeypatch):
    """The error of a market's mean is as large as the mean effect (or as the spread, at .5)."""
    monkeypatch.setattr(between, "RESAMPLES", 2)
    rng = np.random.default_rng(4)
    mu = stats.norm.ppf(true)
    error = max(abs(mu), 1.0)
    shares, raw = [], []
    for _ in range(400):
        found = parts(simulated(rng, 40, 2, mu, 1.0, error * np.sqrt(2)))
        shares.append(found.share)
        raw.append(found.raw)
    assert np.mean(shares) == pytest.approx(true, abs=0.03)
    if true > 0.5:
        assert np.mean(raw) < true - 0.06


def test_bounds_hold_what_is_true_and_little_is_decided_by_mistake(monkeypatch):
    monkeypatch.setattr(between, "RESAMPLES", 200)
    rng = np.random.default_rng(5)
    mu = stats.norm.ppf(0.9)
    found = [parts(simulated(rng, 32, 2, mu, 1.0, np.sqrt(2))) for _ in range(250)]
    assert np.mean([x.share_low <= 0.9 for x in found]) >= 0.92
    assert np.mean([x.share_low > between.DECIDED for x in found]) <= 0.08


@pytest.mark.parametrize("n", [3, 28, 29, 60])
def test_bounds_are_never_inside_the_binomial_ones(n):
    rng = np.random.default_rng(n)
    for mu, eps in ((10.0, 0.1), (0.5, 1.0), (-10.0, 0.1)):
        found = parts(simulated(rng, n, 2, mu, 1.0, eps))
        low, high = between.binomial(found.share, n)
        assert found.share_low <= low + 1e-9
        assert low <= found.share <= high
        assert high <= found.share_high + 1e-9


def test_the_binomial_bounds_are_those_of_clopper_and_pearson():
    low, high = between.binomial(0.75, 40)
    exact = stats.binomtest(30, 40).proportion_ci(0.9, "exact")
    assert (low, high) == pytest.approx((exact.low, exact.high))
    assert between.binomial(1.0, 29)[0] == pytest.approx(0.05 ** (1 / 29))


def test_29_markets_are_needed():
    assert between.ENOUGH == 29
    sure = [np.array([1.0, 1.01]) + k / 100 for k in range(60)]
    for n, expected in ((28, "few"), (29, "raises"), (60, "raises")):
        found = parts(sure[:n])
        assert verdict(found.share_low, found.share_high, found.effective) == expected
    down = parts([-x for x in sure])
    assert verdict(down.share_low, down.share_high, down.effective) == "lowers"


def test_nothing_known_and_nothing_varying():
    assert parts([]).markets == 0
    assert parts([np.array([np.nan])]).markets == 0
    same = parts([np.zeros(2)] * 30)
    assert (same.mean, same.between, same.error, same.share) == (0, 0, 0, 0)
    one = parts([np.array([1.0, 2.0])])
    assert np.isnan(one.low)
    assert one.share == 1


def test_shrunk_means_have_the_scatter_of_true_effects():
    rng = np.random.default_rng(6)
    pulled = [shrunk(simulated(rng, 200, 2, 1, 2, 3)).std() for _ in range(40)]
    assert np.mean(pulled) == pytest.approx(2, rel=0.05)
    gone = shrunk([np.array([1.0, 2.0]), np.array([np.nan]), np.array([3.0, 5.0])])
    assert np.isnan(gone[1])
    assert np.isfinite(gone[[0, 2]]).all()


def test_several_effects_together_are_one_where_there_is_one():
    rng = np.random.default_rng(7)
    data = simulated(rng, 35, 3, 0.3, 1, 1)
    w = rng.uniform(0.5, 1.5, 35)
    one = parts(data, w)
    share, low, high = none_positive([x[:, None] for x in data], w)
    assert (share, low, high) == pytest.approx(
        (1 - one.share, 1 - one.share_high, 1 - one.share_low)
    )
    both = none_positive([np.stack([x, x - 1], axis=1) for x in data], w)
    assert both[0] == pytest.approx(share)


# -- unknowns -------------------------------------------------------------------------------------


def test_the_unknown_that_decides_is_found_and_noise_is_not():
    rng = np.random.default_rng(8)
    n = 40
    values = {f"x{k}": list(rng.uniform(size=n)) for k in range(12)}
    effects = 3 * np.array(values["x3"]) + rng.normal(0, 0.4, n)
    found = unknowns(values, effects, 1.0)
    assert found["parameter"][0] == "x3"
    assert found["p"][0] < 0.01
    assert found["share"][0] > 0.6
    assert (found["p"][1:] > 0.05).all()


def test_noise_alone_is_seldom_called_an_unknown_that_decides():
    rng = np.random.default_rng(9)
    wrong = 0
    for _ in range(100):
        values = {f"x{k}": list(rng.uniform(size=30)) for k in range(15)}
        wrong += (unknowns(values, rng.normal(size=30), 0.8)["p"] <= 0.05).any()
    assert wrong <= 11  # 5 expected


def test_a_bend_and_a_choice_are_seen():
    rng = np.random.default_rng(10)
    x = rng.uniform(-1, 1, 60)
    kind = rng.choice(["a", "b"], 60)
    bend = unknowns({"x": list(x), "y": list(rng.uniform(size=60))}, x**2, 1.0)
    assert bend["p"][0] < 0.01
    choice = unknowns({"kind": list(kind)}, (kind == "a") + rng.normal(0, 0.3, 60), 1.0)
    assert choice["p"][0] < 0.01
    assert np.isnan(choice["direction"][0])


def test_of_few_or_equal_markets_nothing_is_said():
    assert unknowns({"x": [1.0, 2.0]}, np.array([1.0, 2.0]), 1.0).empty
    assert unknowns({"x": list(range(20))}, np.zeros(20), 1.0).empty
    assert unknowns({"x": list(range(20))}, np.arange(20.0), 0.0).empty
    assert isinstance(unknowns({"x": [1.0] * 20}, np.arange(20.0), 1.0), pd.DataFrame)

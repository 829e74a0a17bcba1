"""The market with only needs and tastes is the NBD-Dirichlet (Goodhardt et al. 1984)."""

import numpy as np
import pytest
from scipy.special import betaln, gammaln

from experiments import limits
from sim.config.load import load_market

SHARES = (0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.02, 0.14)
TOOTHPASTE = limits.Dirichlet(
    1.456, 0.78, {name: 1.55 * share for name, share in zip("ABCDEFGHO", SHARES, strict=True)}
)
MOST = 4.5
"""Standard errors that a right market exceeds by chance once in 150,000 times."""


# --- the oracle -----------------------------------------------------------------------------------


def test_the_oracle_gives_the_published_numbers_of_toothpaste():
    assert TOOTHPASTE.penetration() == pytest.approx(0.56, abs=0.001)
    assert TOOTHPASTE.frequency() == pytest.approx(2.6, abs=0.005)
    assert TOOTHPASTE.penetration("A") == pytest.approx(0.205, abs=0.0005)
    assert TOOTHPASTE.frequency("A") == pytest.approx(1.77, abs=0.005)
    assert TOOTHPASTE.sole("A") == pytest.approx(0.43, abs=0.005)
    assert TOOTHPASTE.penetration("H") == pytest.approx(0.019, abs=0.0005)
    assert TOOTHPASTE.frequency("H") == pytest.approx(1.55, abs=0.005)
    assert TOOTHPASTE.sole("H") == pytest.approx(0.33, abs=0.005)


def nbd(n, mean, shape):
    """P(n purchases) of the NBD."""
    odds = mean / shape
    log = gammaln(shape + n) - gammaln(shape) - gammaln(n + 1)
    return np.exp(log + n * np.log(odds) - (shape + n) * np.log1p(odds))


def none_of(n, weight, rest):
    """P(none of n purchases is of a brand) of the beta-binomial."""
    return np.exp(betaln(weight, rest + n) - betaln(weight, rest))


@pytest.mark.parametrize("mean", [0.05, 1.456, 20.0])
@pytest.mark.parametrize("shape", [0.05, 0.78, 5.0])
@pytest.mark.parametrize("weights", [(0.4, 0.2, 0.3), (0.78, 0.5, 0.27), (2.0, 4.0, 8.0)])
def test_the_oracle_is_the_sum_over_all_numbers_of_purchases(mean, shape, weights):
    model = limits.Dirichlet(mean, shape, dict(zip("ABC", weights, strict=True)))
    n = np.arange(100_000)
    p, total = nbd(n, mean, shape), sum(weights)

    def buyers(weight):
        return 1 - (p * none_of(n, weight, total - weight)).sum()

    only = (p * none_of(n, total - weights[0], weights[0])).sum() - p[0]
    both = buyers(weights[0]) + buyers(weights[1]) - buyers(weights[0] + weights[1])
    assert model.penetration() == pytest.approx(1 - p[0], rel=1e-9)
    assert model.penetration("A") == pytest.approx(buyers(weights[0]), rel=1e-9)
    frequency = mean * weights[0] / total / buyers(weights[0])
    assert model.frequency("A") == pytest.approx(frequency, rel=1e-9)
    assert model.sole("A") == pytest.approx(only / buyers(weights[0]), rel=1e-8)
    assert model.duplication("A", "B") == pytest.approx(both / buyers(weights[0]), rel=1e-8)


# --- the market -----------------------------------------------------------------------------------


def errors(market):
    """Standard errors of what `Dirichlet.measured` counts."""
    orders, n = market.orders, market.config.people.n
    bought = np.zeros((n, len(market.brand_names)), np.int64)
    np.add.at(bought, (orders["person"], orders["brand"]), 1)
    brands, everything = (bought > 0).sum(axis=1), bought.sum(axis=1)

    def of_mean(values):
        return values.std() / np.sqrt(values.size)

    out = {
        "penetration": of_mean(everything > 0),
        "purchases per buyer": of_mean(everything[everything > 0]),
    }
    for name, own in zip(market.brand_names, bought.T, strict=True):
        out[f"{name}: penetration"] = of_mean(own > 0)
        out[f"{name}: purchases per buyer"] = of_mean(own[own > 0])
        out[f"{name}: buy no other"] = of_mean(brands[own > 0] == 1)
    return out


def deviations(market, model):
    """How many standard errors each number is from what the model says."""
    expected, measured, error = model.expected(), model.measured(market), errors(market)
    return {name: (measured[name] - expected[name]) / error[name] for name in expected}


def assert_is(market, model):
    z = deviations(market, model)
    assert max(np.abs(list(z.values()))) < MOST, z


def test_toothpaste(limit):
    """200,000 people: .01 is 10 standard errors of a penetration, 5 % at least 4 of a frequency.

    Of the share of sole buyers .01 is 4 standard errors for A, but only 1.6 for H, which few buy:
    ten times as many people in the slow test below make that 5.
    """
    market = limit("dirichlet", **{"people.n": 200_000})
    got = TOOTHPASTE.measured(market)
    assert got["penetration"] == pytest.approx(0.56, abs=0.01)
    assert got["purchases per buyer"] == pytest.approx(2.6, rel=0.05)
    assert got["A: penetration"] == pytest.approx(0.205, abs=0.01)
    assert got["A: purchases per buyer"] == pytest.approx(1.77, rel=0.05)
    assert got["A: buy no other"] == pytest.approx(0.43, abs=0.01)
    assert got["H: penetration"] == pytest.approx(0.019, abs=0.01)
    assert got["H: purchases per buyer"] == pytest.approx(1.55, rel=0.05)
    assert got["H: buy no other"] == pytest.approx(0.33, abs=0.025)
    assert_is(market, limits.of(market.config))


@pytest.mark.slow
def test_the_smallest_brand_of_toothpaste(limit):
    runs = []
    for seed in range(8):
        market = limit("dirichlet", seed, **{"people.n": 250_000})
        runs.append(limits.of(market.config).measured(market))
    mean = {name: np.mean([run[name] for run in runs]) for name in runs[0]}
    assert mean["H: penetration"] == pytest.approx(0.0188, abs=0.0005)
    assert mean["H: purchases per buyer"] == pytest.approx(1.55, rel=0.02)
    assert mean["H: buy no other"] == pytest.approx(0.33, abs=0.01)


OTHERS = {
    "long and loyal": {
        "behaviour.choice.concentration": 0.4,
        "categories.toothpaste.usage": {"dist": "gamma", "shape": 2.0, "rate": 0.5},
        "days": 200,
        "categories.toothpaste.period_days": 100,
    },
    "rare and fickle": {
        "behaviour.choice.concentration": 12.0,
        "categories.toothpaste.usage": {"dist": "gamma", "mean": 0.4, "shape": 0.3},
        "brands.A.share": 0.05,
        "brands.H.share": 0.22,
    },
    "many needs a day": {
        "categories.toothpaste.usage": {"dist": "gamma", "mean": 6.0, "shape": 1.5},
        "days": 2,
        "categories.toothpaste.period_days": 2,
    },
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_other_parameters(limit, changes):
    market = limit("dirichlet", 3, **{"people.n": 60_000, **changes})
    assert_is(market, limits.of(market.config))


def test_double_jeopardy_and_duplication_of_purchase(limit):
    """Small brands lose twice; and buyers of any brand buy B in proportion to B's penetration."""
    market = limit("dirichlet", 2, **{"people.n": 100_000})
    model, got = limits.of(market.config), limits.of(market.config).measured(market)
    reach = [got[f"{b}: penetration"] for b in market.brand_names]
    often = [got[f"{b}: purchases per buyer"] for b in market.brand_names]
    assert np.corrcoef(reach, often)[0, 1] > 0.9
    bought = np.zeros((100_000, 9), bool)
    bought[market.orders["person"], market.orders["brand"]] = True
    for own, other in [("A", "B"), ("B", "A"), ("H", "A"), ("A", "C")]:
        theirs = bought[bought[:, market.brand_names.index(own)], market.brand_names.index(other)]
        error = theirs.std() / np.sqrt(theirs.size)
        assert abs(theirs.mean() - model.duplication(own, other)) < MOST * error


TEETH = {
    "habit": ({"behaviour.choice.habit": 1.0}, "A: buy no other", 1),
    "satisfaction": (
        {"behaviour.choice.satisfaction": 8.0, "brands.A.products.tube.quality": 0.1},
        "A: purchases per buyer",
        -1,
    ),
    "outside": ({"behaviour.choice.outside_weight": 0.5}, "purchases per buyer", -1),
    "regular": ({"categories.toothpaste.regularity": 4}, "purchases per buyer", -1),
    "unknown": ({"brands.A.awareness": 0.8}, "A: penetration", -1),
    "price": (
        {"behaviour.choice.price": 2.0, "brands.A.products.tube.price": 15},
        "A: penetration",
        -1,
    ),
    "dropout": ({"behaviour.dropout.propensity": 0.5}, "A: purchases per buyer", -1),
    "refunds": (
        {"behaviour.experience.complaint": 1.0, "brands.A.products.tube.fault_rate": 0.5},
        "purchases per buyer",
        1,
    ),
    "stock": ({"brands.A.products.tube.supply_days": 200}, "A: purchases per buyer", -1),
}


@pytest.mark.parametrize(("changes", "name", "sign"), TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, presets, changes, name, sign):
    model = limits.of(load_market(presets / "dirichlet.yaml"))
    market = limit("dirichlet", 4, **{"people.n": 30_000, **changes})
    assert sign * deviations(market, model)[name] > 2 * MOST
    with pytest.raises(limits.NotALimit, match=next(iter(changes)).split(".")[-1]):
        limits.dirichlet(market.config)

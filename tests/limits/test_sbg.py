"""The market with renewals at fixed gaps is the shifted beta-geometric (Fader and Hardie 2007)."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from experiments import limits
from experiments.limits.contracts import Term
from experiments.metrics import ratio
from sim.config.load import load_market

PUBLISHED = (0.627, 0.474, 0.388, 0.332, 0.292, 0.262, 0.239)
DATA = (0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241)
"""The customers to whose retention alpha = .704 and beta = 1.182 were fitted."""
MOST = 4.5
"""Standard errors within which one of some dozens of checks may miss."""


def series(values, what):
    """The survival or the retention in what a model expects or measures, renewal after renewal."""
    return np.array([value for name, value in values.items() if name.endswith(what)])


# --- the oracle -----------------------------------------------------------------------------------


def test_the_oracle_gives_the_published_numbers_and_fits_the_data():
    model = limits.ShiftedBetaGeometric(0.704, 1.182, Term(365, 7))
    assert model.survival() == pytest.approx(PUBLISHED, abs=6e-4)
    assert model.survival() == pytest.approx(DATA, abs=0.0065)


@pytest.mark.parametrize(("a", "b"), [(0.704, 1.182), (1, 1), (0.2, 0.3), (30, 70)])
def test_the_oracle_is_the_mean_over_people(a, b):
    model = limits.ShiftedBetaGeometric(a, b, Term(365, 12))
    left = [lambda p, t=t: (1 - p) ** t * beta.pdf(p, a, b) for t in range(13)]
    mean = [quad(share, 0, 1)[0] for share in left]
    assert model.survival() == pytest.approx(mean[1:], rel=1e-5)
    assert model.retention() == pytest.approx(np.divide(mean[1:], mean[:-1]), rel=1e-5)


def test_the_oracle_holds_where_all_are_alike():
    model = limits.ShiftedBetaGeometric(3e5, 7e5, Term(365, 5))
    assert model.retention() == pytest.approx(0.7, abs=1e-5)
    assert model.survival() == pytest.approx(0.7 ** np.arange(1, 6), abs=1e-5)


# --- the market -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(limit):
    """The preset, with so many people that .005 is 4.5 standard errors."""
    return limit("sbg", 1, **{"people.n": 200_000})


def test_published_numbers(published):
    got = limits.of(published.config).measured(published)
    assert series(got, "survival") == pytest.approx(PUBLISHED, abs=0.005)
    assert got == pytest.approx(limits.of(published.config).expected(), abs=0.006)


def test_all_orders_are_on_the_days_of_renewal(published):
    assert np.array_equal(np.unique(published.orders["day"]), 365 * np.arange(8))
    assert (published.orders["nth"] == 1 + published.orders["day"] // 365).all()


def test_cohort_retention_rises(published):
    kept = series(limits.of(published.config).measured(published), "retention")
    assert (np.diff(kept) > 0.005).all()
    assert kept[-1] > kept[0] + 0.25


def constancy(market):
    """How far retention at each renewal is from people's own chances, by tenths of the chances.

    Returns standard errors, renewals x tenths with people enough for one, and the mean chance of
    those who could renew.
    """
    churn = market.world.relationships["dropout"][:, 0].astype(float)
    tenth = np.minimum((10 * churn).astype(int), 9)
    there = np.zeros((8, churn.size), bool)
    there[market.orders["nth"] - 1, market.orders["person"]] = True
    misses, means = [], []
    for before, after in pairwise(there):
        surprise = np.bincount(tenth, before * (after - (1 - churn)), 10)
        variance = np.bincount(tenth, before * churn * (1 - churn), 10)
        misses.append(ratio(surprise, np.sqrt(np.where(variance > 10, variance, 0))))
        means.append(1 - churn[before].mean())
    return np.array(misses), np.array(means)


def test_every_individuals_retention_is_constant(published, limit):
    """In each tenth, from the most to the least loyal, the same share renews year after year."""
    misses, means = constancy(published)
    assert np.isfinite(misses).sum() >= 50
    assert np.nanmax(np.abs(misses)) < MOST
    assert means[-1] > means[0] + 0.25  # who leaves is what changes, not those who stay
    tilted = limit("sbg", 1, **{"behaviour.dropout.satisfaction_effect": 1})
    assert np.nanmax(np.abs(constancy(tilted)[0])) > 2 * MOST


@pytest.mark.parametrize("churn", [0.1, 0.4])
def test_where_all_churn_alike_retention_is_flat(limit, churn):
    """.01 is at least 4 standard errors of a year's retention, but for the last few customers."""
    market = limit("sbg", 2, **{"people.n": 200_000, "behaviour.dropout.propensity": churn})
    years = 7 if churn < 0.2 else 4
    kept = series(limits.ShiftedBetaGeometric(1, 1, Term(365, years)).measured(market), "retention")
    assert kept == pytest.approx(1 - churn, abs=0.01)


OTHERS = {
    "polarised": {"behaviour.dropout.propensity": {"dist": "beta", "a": 0.2, "b": 0.3}},
    "nearly alike": {"behaviour.dropout.propensity": {"dist": "beta", "a": 12, "b": 60}},
    "any chance": {"behaviour.dropout.propensity": {"dist": "beta", "a": 1, "b": 1}},
    "monthly": {"categories.subscription.usage": 12, "days": 366},
    "every three days": {"categories.subscription.period_days": 3, "days": 40},
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_other_parameters(limit, changes):
    market = limit("sbg", 3, **{"people.n": 60_000, **changes})
    model = limits.of(market.config)
    expected, got = model.expected(), model.measured(market)
    assert len(expected) >= 14
    left = series(expected, "survival")
    error = np.sqrt(left * (1 - left) / 60_000)
    assert (np.abs(series(got, "survival") - left) < MOST * error).all()


TEETH = {
    "no coin after the first": {"behaviour.dropout.after_first": False},
    "satisfaction_effect": {"behaviour.dropout.satisfaction_effect": 3},
    "exponential": {"categories.subscription.regularity": 1},
    "outside": {"behaviour.choice.outside_weight": 0.5},
    "late coin": {
        "brands.publisher.products.magazine.delivery_days": 300,
        "brands.publisher.products.magazine.effect_days": 100,
    },
    "longer contracts": {"brands.publisher.products.magazine.supply_days": 730},
    "season": {"categories.subscription.season_amplitude": 0.9, "days": 2000},
    "refunds": {
        "behaviour.experience.complaint": 1,
        "brands.publisher.products.magazine.fault_rate": 0.3,
        "categories.subscription.retry_days": 7,
    },
    "leave the category": {"people.exit_rate": 0.1},
    "entrants": {"people.entry": {"kind": "steady", "later": 0.5}},
    "contagion": {
        "network": {"kind": "random_regular", "degree": 4},
        "behaviour.dropout.contagion": 4,
        "behaviour.dropout.contagion_half_life": 365,
        "behaviour.talk.rate": 0,
    },
}


@pytest.mark.parametrize("changes", TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, presets, changes):
    """.015 is 5 standard errors."""
    model = limits.of(load_market(presets / "sbg.yaml"))
    market = limit("sbg", 4, **{"people.n": 30_000, **changes})
    got = series(model.measured(market), "survival")
    assert np.abs(got - model.survival()).max() > 0.015
    what = next(iter(changes)).split(".")[-1]
    with pytest.raises(limits.NotALimit, match=what):
        limits.shifted_beta_geometric(market.config)
    with pytest.raises(limits.NotALimit):
        limits.of(market.config)


# --- which of the models of dropout it is ---------------------------------------------------------

SUBSCRIPTION = "categories.subscription"
NEAREST = {
    "sbg": [
        ({"behaviour.dropout.after_first": False}, "behaviour.dropout.after_first must be True"),
        ({f"{SUBSCRIPTION}.regularity": 1}, f"{SUBSCRIPTION}.regularity must be inf"),
        ({f"{SUBSCRIPTION}.start": "fresh"}, f"{SUBSCRIPTION}.start must be immediate"),
        ({f"{SUBSCRIPTION}.period_days": 1}, "it needs renewals two days or more apart"),
        ({f"{SUBSCRIPTION}.usage": 0}, "it needs renewals two days or more apart"),
        ({"brands.publisher.products.magazine.sizes": [1, 3]}, "it needs orders of one pack"),
    ],
    "cdnow": [
        ({"behaviour.dropout.after_first": True}, "behaviour.dropout.after_first must be False"),
        ({"categories.music.regularity": math.inf}, "categories.music.regularity must be 1"),
    ],
}


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [(name, *case) for name, cases in NEAREST.items() for case in cases],
)
def test_neither_is_taken_for_the_other(presets, name, changes, reason):
    """Where one thing is missing, it is said of the model from which one thing is missing."""
    with pytest.raises(limits.NotALimit) as error:
        limits.of(load_market(presets / f"{name}.yaml", changes))
    assert error.value.reasons == [reason]


def test_a_bg_nbd_made_into_an_sbg_is_one(presets):
    changes = {
        "people.entry.kind": "start",
        "categories.music.usage": 1,
        "categories.music.regularity": math.inf,
        "behaviour.dropout.after_first": True,
    }
    model = limits.of(load_market(presets / "cdnow.yaml", changes))
    assert model == limits.ShiftedBetaGeometric(0.793, 2.426, Term(7, 77))

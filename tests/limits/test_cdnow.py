"""The market with only needs and dropout, one brand, is the BG/NBD (Fader et al. 2005)."""

import warnings

import numpy as np
import pytest
from lifetimes import BetaGeoFitter
from scipy.special import hyp2f1

from experiments import limits
from experiments.run import observed
from tests.limits.histories import histories
from tests.limits.repeat_buying import COLD, assert_near_the_log, deviation, replicates

PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
"""Fader, Hardie and Lee's estimates for CDNOW; alpha in weeks."""
SLOW_AND_STEADY = {"r": 1.5, "alpha": 12.0, "a": 0.4, "b": 1.6}
QUICK_TO_LEAVE = {"r": 0.6, "alpha": 2.0, "a": 1.0, "b": 1.5}


# --- the oracle -----------------------------------------------------------------------------------


def oracle(r, alpha, a, b):
    """The model of one customer, in weeks."""
    return limits.BetaGeometric(r, alpha, a, b, np.zeros(1, np.int64), 1)


def equation_9(t, r, alpha, a, b):
    """E X(t) as the paper writes it."""
    f = hyp2f1(r, b, a + b - 1, t / (alpha + t))
    return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * f)


@pytest.mark.parametrize("given", [PUBLISHED, SLOW_AND_STEADY, {**QUICK_TO_LEAVE, "a": 3.3}])
def test_the_oracle_is_the_equation_of_the_paper_and_what_lifetimes_computes(given):
    fitter = BetaGeoFitter()
    fitter.params_ = given
    for t in (0.1, 5, 39, 78):
        ours = oracle(**given).repeats(t)
        assert ours == pytest.approx(equation_9(t, **given), rel=1e-8)
        theirs = fitter.expected_number_of_purchases_up_to_time(t)
        assert ours == pytest.approx(theirs, rel=1e-8)


def test_the_oracle_holds_where_the_equation_cannot_be_evaluated():
    at_one = oracle(**QUICK_TO_LEAVE).repeats(30)
    around = [equation_9(30, **{**QUICK_TO_LEAVE, "a": a}) for a in (0.999, 1.001)]
    assert at_one == pytest.approx(np.mean(around), rel=1e-5)
    # nobody leaves: an NBD, of mean r t / alpha; all leave at the first repeat: its penetration
    assert oracle(0.5, 2, 1e-6, 10).repeats(7) == pytest.approx(0.5 * 7 / 2, rel=1e-5)
    assert oracle(0.5, 2, 10, 1e-6).repeats(7) == pytest.approx(1 - (1 + 7 / 2) ** -0.5, rel=1e-5)


# --- CDNOW ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cdnow(presets):
    """The preset's market, and the repeats by day in the replicates of `huitou run`."""
    return replicates(presets / "cdnow.yaml")


def test_people_come_on_the_days_of_the_real_first_purchases(cdnow):
    config, runs = cdnow
    assert runs.shape == (50, 546)
    entry = limits.beta_geometric(config).entry
    assert entry.size == 2357
    assert (entry.min(), entry.max()) == (0, 83)  # the first quarter, less its last week


def test_the_mean_of_fifty_replicates_is_what_the_model_expects(cdnow):
    """2 % is 3 standard errors of either mean."""
    _, runs = cdnow
    mean = runs.mean(axis=0)
    assert mean[39 * 7 - 1] == pytest.approx(2505, rel=0.02)
    assert mean[78 * 7 - 1] == pytest.approx(4171, rel=0.02)


def test_the_model_expects_what_it_should(cdnow):
    expected = limits.of(cdnow[0]).expected()
    assert expected["repeats by week 39"] == pytest.approx(2505, abs=0.5)
    assert expected["repeats by week 78"] == pytest.approx(4171, abs=0.5)


def test_the_real_log_beside_it(cdnow):
    table = observed.compare(*cdnow)
    assert table["real"][39 * 7 - 1] == 2457
    assert table["real"][78 * 7 - 1] == 4339
    assert table["model"][39 * 7 - 1] == pytest.approx(2505, abs=0.5)
    assert_near_the_log(table)


# --- an outside fitter ----------------------------------------------------------------------------


def fitted(market, by_day=False):
    """Estimate the four parameters from the orders, in weeks, as a user of `lifetimes` would."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the optimiser tries values of which it takes bad logs
        fit = BetaGeoFitter().fit(*histories(market, by_day))
    return dict(fit.params_)


@pytest.fixture(scope="module")
def many(limit):
    """A hundred thousand customers, on the real dates again and again."""
    return limit("cdnow", 5, **{"people.n": 100_000})


@pytest.mark.parametrize("by_day", [False, True], ids=["every order", "days with orders"])
def test_an_outside_fitter_recovers_all_four(many, by_day):
    """10 % is 3 standard errors of b, which is the least certain, 5 of a, 13 or more of the others.

    Of days with orders alpha is 5 % high, since orders of one day are then taken for one.
    """
    assert fitted(many, by_day) == pytest.approx(PUBLISHED, rel=0.10)


def test_the_fitter_notices_what_is_not_the_model(limit):
    """A dropout coin after the first purchase too looks like far more dropout."""
    market = limit("cdnow", 5, **{"people.n": 50_000, "behaviour.dropout.after_first": True})
    assert fitted(market) != pytest.approx(PUBLISHED, rel=0.10)


# --- other parameters -----------------------------------------------------------------------------


def preset_of(r, alpha, a, b):
    """The changes that put parameters, with alpha in weeks, into the preset."""
    return {
        "categories.music.usage": {"dist": "gamma", "shape": r, "rate": alpha},
        "behaviour.dropout.propensity": {"dist": "beta", "a": a, "b": b},
    }


@pytest.mark.parametrize("given", [PUBLISHED, SLOW_AND_STEADY, QUICK_TO_LEAVE])
def test_other_parameters(limit, given):
    """4.5 standard errors are 3 % of the repeats, or less."""
    market = limit("cdnow", 6, **COLD, **preset_of(**given))
    assert abs(deviation(market, oracle(**given), 26)) < 4.5
    assert abs(deviation(market, oracle(**given), 78)) < 4.5


def test_the_fitter_recovers_other_parameters(limit):
    market = limit("cdnow", 7, **{**COLD, "people.n": 100_000}, **preset_of(**SLOW_AND_STEADY))
    assert fitted(market) == pytest.approx(SLOW_AND_STEADY, rel=0.10)


TEETH = {
    "coin after the first": ({"behaviour.dropout.after_first": True}, -1),
    "satisfaction_effect": ({"behaviour.dropout.satisfaction_effect": 3}, 1),
    "nobody leaves": ({"behaviour.dropout.propensity": 0}, 1),
    "regular": ({"categories.music.regularity": float("inf")}, -1),
    "slow delivery": ({"brands.CDNOW.products.CD.delivery_days": 60}, 1),
    "outside": ({"behaviour.choice.outside_weight": 1.0}, -1),
    "refunds": (
        {
            "behaviour.experience.complaint": 1,
            "brands.CDNOW.products.CD.fault_rate": 0.5,
            "categories.music.retry_days": 7,
        },
        1,
    ),
    "leave the category": ({"people.exit_rate": 0.5}, -1),
}


@pytest.mark.parametrize(("changes", "sign"), TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, changes, sign):
    market = limit("cdnow", 8, **COLD, **changes)
    assert sign * deviation(market, oracle(**PUBLISHED), 78) > 6, "4.5 is what chance is allowed"
    with pytest.raises(limits.NotALimit, match=next(iter(changes)).split(".")[-1]):
        limits.beta_geometric(market.config)

"""The market with needs and dropout per unit of time, one brand, is the Pareto/NBD (1987)."""

import math
import warnings

import numpy as np
import pytest
from lifetimes import ParetoNBDFitter
from scipy.integrate import quad

from experiments import limits
from experiments.run import observed
from tests.limits.histories import histories
from tests.limits.repeat_buying import COLD, assert_near_the_log, deviation, replicates

PUBLISHED = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
"""Estimates for CDNOW in Fader, Hardie and Lee (2005); alpha and beta in weeks."""
STEADY = {"r": 1.5, "alpha": 12.0, "s": 1.5, "beta": 60.0}
SHORT_LIVED = {"r": 0.6, "alpha": 2.0, "s": 1.0, "beta": 8.0}


# --- the oracle -----------------------------------------------------------------------------------


def oracle(r, alpha, s, beta):
    """The model of one customer, in weeks."""
    return limits.ParetoNBD(r, alpha, s, beta, np.zeros(1, np.int64), 1)


@pytest.mark.parametrize("given", [PUBLISHED, STEADY])
def test_the_oracle_is_what_lifetimes_computes(given):
    fitter = ParetoNBDFitter()
    fitter.params_ = given
    for t in (0.1, 5, 39, 78):
        theirs = fitter.expected_number_of_purchases_up_to_time(t)
        assert oracle(**given).repeats(t) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("given", [PUBLISHED, STEADY, SHORT_LIVED])
def test_the_oracle_is_the_rate_times_the_mean_life(given):
    """At s = 1 too, where the closed form of the paper cannot be evaluated."""
    r, alpha, s, beta = given.values()
    life, _ = quad(lambda t: (beta / (beta + t)) ** s, 0, 30, epsabs=1e-12)
    assert oracle(**given).repeats(30) == pytest.approx(r / alpha * life, rel=1e-9)


# --- CDNOW ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cdnow(presets):
    """The preset's market, and the repeats by day in the replicates of `huitou run`."""
    return replicates(presets / "pareto_nbd.yaml")


def test_the_mean_of_fifty_replicates_is_what_the_model_expects(cdnow):
    """2 % is 3 standard errors of either mean."""
    _, runs = cdnow
    mean = runs.mean(axis=0)
    assert mean[39 * 7 - 1] == pytest.approx(2524, rel=0.02)
    assert mean[78 * 7 - 1] == pytest.approx(4269, rel=0.02)


def test_the_model_expects_what_is_published(cdnow):
    """Within .5 %: a day more or less of each customer's time, as days are counted."""
    expected = limits.of(cdnow[0]).expected()
    assert expected["repeats by week 39"] == pytest.approx(2524, rel=0.005)
    assert expected["repeats by week 78"] == pytest.approx(4269, rel=0.005)


def test_the_real_log_beside_it(cdnow):
    table = observed.compare(*cdnow)
    assert table["real"][39 * 7 - 1] == 2457
    assert table["model"][39 * 7 - 1] == pytest.approx(2532, abs=0.5)
    assert_near_the_log(table)


# --- an outside fitter ----------------------------------------------------------------------------


def fitted(market):
    """Estimate the four parameters from the orders, in weeks, as a user of `lifetimes` would."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the optimiser tries values of which it takes bad logs
        fit = ParetoNBDFitter().fit(*histories(market))
    return dict(fit.params_)


@pytest.mark.slow
def test_an_outside_fitter_recovers_all_four_from_a_hundred_thousand(limit):
    market = limit("pareto_nbd", 5, **{"people.n": 100_000})
    assert fitted(market) == pytest.approx(PUBLISHED, rel=0.10)


def test_an_outside_fitter_recovers_all_four(limit):
    """Of 12,000 customers, of whom all enter on day 0."""
    market = limit("pareto_nbd", 5, **{**COLD, "people.n": 12_000})
    assert fitted(market) == pytest.approx(PUBLISHED, rel=0.25)


# --- other parameters -----------------------------------------------------------------------------


def preset_of(r, alpha, s, beta):
    """The changes that put parameters, with alpha and beta in weeks, into the preset."""
    return {
        "categories.music.usage": {"dist": "gamma", "shape": r, "rate": alpha},
        "behaviour.dropout.rate": {"dist": "gamma", "shape": s, "rate": beta},
    }


@pytest.mark.parametrize("given", [PUBLISHED, STEADY, SHORT_LIVED])
def test_other_parameters(limit, given):
    """4.5 standard errors are 3 % of the repeats, or less."""
    market = limit("pareto_nbd", 6, **COLD, **preset_of(**given))
    assert abs(deviation(market, oracle(**given), 26)) < 4.5
    assert abs(deviation(market, oracle(**given), 78)) < 4.5


def test_lifetimes_are_pareto(limit):
    """4.5 standard errors of a share are .009 at the most."""
    market = limit("pareto_nbd", 7, **COLD)
    relationships = market.world.relationships[:, 0]
    days = np.where(relationships["dropped_out"], relationships["dropped_out_day"], 10**6)
    for week in (4, 13, 39, 78):
        alive = (PUBLISHED["beta"] / (PUBLISHED["beta"] + week)) ** PUBLISHED["s"]
        assert (days >= 7 * week).mean() == pytest.approx(alive, abs=0.009)


TEETH = {
    "per order too": ({"behaviour.dropout.propensity": 0.1}, -1),
    "satisfaction_effect": ({"behaviour.dropout.satisfaction_effect": 3}, 1),
    "comeback": ({"behaviour.dropout.comeback": 2, "categories.music.retry_days": 7}, 1),
    "never_left": ({"brands.CDNOW.never_left": True}, 1),
    "disappointment": ({"behaviour.dropout.disappointment": 0.3}, -1),
    "regular": ({"categories.music.regularity": math.inf}, -1),
    "outside": ({"behaviour.choice.outside_weight": 1.0}, -1),
    "exit_rate": ({"people.exit_rate": 0.5}, -1),
}


@pytest.mark.parametrize(("changes", "sign"), TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, changes, sign):
    market = limit("pareto_nbd", 8, **COLD, **changes)
    assert sign * deviation(market, oracle(**PUBLISHED), 78) > 6, "4.5 is what chance is allowed"
    with pytest.raises(limits.NotALimit, match=next(iter(changes)).split(".")[-1]):
        limits.pareto_nbd(market.config)

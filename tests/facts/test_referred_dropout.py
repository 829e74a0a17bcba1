"""Referred customers drop out less often where friends are alike in that, and only there.

Schmitt, Skiera and Van den Bulte (2011) find 18 % less churn of referred customers. Here nothing
treats them otherwise: contagion of dropout and effects of opinions are off, so that what is left is
whom a customer refers. Dropout is compared order by order, so that how fast people buy is no matter.
"""

from typing import Any

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.stats.contingency_tables import StratifiedTable

from experiments.facts.referred import dropout_ratio, referred_customers
from experiments.hazards import hazard_ratio
from experiments.intervals import Interval
from experiments.records import Records, observe
from sim.market import Market
from tests.markets import CREAMS

ALIKE = {"common": 1.0, "homophily_dropout": 1.0, "matching": 1.0}
STRANGERS = {"common": 0.0, "homophily_dropout": 0.0, "matching": 0.0}
TABLES = np.array([[[30, 10], [170, 120]], [[12, 9], [60, 70]], [[0, 3], [4, 40]]])
"""Events and no events, of exposed and others, by stratum."""


def rows(tables: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a row for each exposure in tables of counts: event, exposed, stratum."""
    found = []
    for stratum, table in enumerate(tables):
        for missed, line in enumerate(table):
            for other, count in enumerate(line):
                found += [(missed == 0, other == 0, stratum)] * int(count)
    event, exposed, strata = map(np.array, zip(*found, strict=True))
    return event, exposed, strata


def grown_by_referral(n: int, seed: int, **likeness: float) -> Records:
    """Return what a market that grows by referral leaves behind."""
    brands = {
        f"brands.{name}.{key}": value
        for name in "ABC"
        for key, value in {
            "strategies": {"referral": {"reward": 20}},
            "awareness": 0.05,
            "advertising.spend": 40,
        }.items()
    }
    changes: dict[str, Any] = {
        **{"people.n": n, "burn_in": 0, "terminal_period": 0},
        "network.homophily_dropout": likeness["homophily_dropout"],
        "behaviour.dropout": {
            **{"contagion": 1, "satisfaction_effect": 0, "common": likeness["common"]}
        },
        "behaviour.talk": {"expectation": 0, "trust": 0},
        "behaviour.choice.social_proof": 0,
        "behaviour.touch.inert_dropout": 0,
        "behaviour.referral": {
            **{"asked": 2, "acceptance_intercept": 0, "trigger": 1, "invitations": 8},
            "matching": likeness["matching"],
        },
    }
    return observe(Market(CREAMS, rng=seed, **brands, **changes))


def newly_referred(n: int, seed: int, **likeness: float) -> Interval:
    """Return the hazard of dropout of referred customers of that market over that of others."""
    return dropout_ratio(grown_by_referral(n, seed, **likeness))


def bought_once(records: Records) -> float:
    """Return the share with one order among referred customers of a year, over that of others."""
    chosen = records.newcomer & (records.followed >= 365)
    referred, once = referred_customers(records)[chosen], records.customers["orders"][chosen] == 1
    return float(once[referred].mean() / once[~referred].mean())


# --- the estimator --------------------------------------------------------------------------------


@pytest.mark.quick
def test_the_ratio_is_that_of_mantel_and_haenszel():
    found = hazard_ratio(*rows(TABLES))
    assert found.mean == pytest.approx(
        StratifiedTable(list(TABLES.transpose(0, 2, 1))).riskratio_pooled
    )
    assert found.low < found.mean < found.high
    assert found.n == TABLES[:, 0].sum()


@pytest.mark.quick
def test_one_stratum_is_a_ratio_of_risks_with_its_usual_interval():
    found = hazard_ratio(*rows(TABLES[:1]))
    (a, b), (c, d) = TABLES[0]
    assert found.mean == pytest.approx((a / (a + c)) / (b / (b + d)))
    error = np.sqrt(1 / a - 1 / (a + c) + 1 / b - 1 / (b + d))
    assert np.log(found.high / found.mean) == pytest.approx(1.959964 * error, rel=1e-6)


@pytest.mark.quick
def test_without_an_event_on_either_side_nothing_can_be_said():
    event, exposed, strata = rows(TABLES)
    assert np.isnan(hazard_ratio(event & exposed, exposed, strata).low)
    assert np.isnan(hazard_ratio(event, np.zeros_like(exposed), strata).mean)


def discrete_lives(rng, ratio: float, n: int = 1500) -> tuple[np.ndarray, ...]:
    """Return lives with hazards that differ between people and fall with age; a third is exposed."""
    exposed = rng.random(n) < 1 / 3
    hazard = rng.beta(1, 8, n) * np.where(exposed, ratio, 1)
    length = np.minimum(rng.geometric(np.maximum(hazard, 1e-9)), 12)
    dropped = rng.random(n) < 0.9
    subject = np.repeat(np.arange(n), length)
    age = np.concatenate([np.arange(k) for k in length])
    last = (age == length[subject] - 1) & (length[subject] < 12) & dropped[subject]
    return last, exposed[subject], age


@pytest.mark.quick
def test_its_interval_covers_and_people_that_differ_do_not_bias_no_effect():
    rng = np.random.default_rng(1)
    found = [hazard_ratio(*discrete_lives(rng, 1.0)) for _ in range(400)]
    covered = np.mean([each.low < 1 < each.high for each in found])
    assert 0.92 < covered < 0.98
    assert np.mean([np.log(each.mean) for each in found]) == pytest.approx(0, abs=0.015)


@pytest.mark.quick
def test_it_is_near_to_coxs_model():
    event, exposed, age = discrete_lives(np.random.default_rng(2), 0.7, 6000)
    cox = PHReg(age + 1, exposed[:, None].astype(float), event, entry=age, ties="efron").fit()
    found = hazard_ratio(event, exposed, age.astype(np.int64))
    assert np.log(found.mean) == pytest.approx(cox.params[0], abs=0.02)
    assert np.log(found.high / found.mean) / 1.96 == pytest.approx(cox.bse[0], rel=0.1)


# --- the market -----------------------------------------------------------------------------------


def test_referred_customers_drop_out_less_where_friends_are_alike():
    alike, strangers = (newly_referred(10_000, 1, **arm) for arm in (ALIKE, STRANGERS))
    assert alike.high < 1
    assert alike.mean < strangers.mean
    assert strangers.low < 1 < strangers.high


def test_matching_keeps_referred_customers_buying_and_does_not_change_their_hazard():
    """A taste for the brand brings orders, and each is as likely to be the last."""
    matched, blind = (
        grown_by_referral(10_000, 1, **(STRANGERS | {"matching": power})) for power in (2.0, 0.0)
    )
    assert bought_once(matched) < bought_once(blind) - 0.1
    found = dropout_ratio(matched)
    assert found.low < 1 < found.high


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_likeness_and_matching_they_drop_out_as_often(seed):
    found = newly_referred(40_000, seed, **STRANGERS)
    assert found.half <= 0.05
    assert found.low < 1 < found.high


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("common", [0.7, 1.0])
def test_with_both_they_drop_out_less_often(seed, common):
    assert newly_referred(40_000, seed, **(ALIKE | {"common": common})).high < 1

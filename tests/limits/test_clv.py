"""At constant churn a customer is worth m r / (1 + i - r) (Gupta, Lehmann and Stuart 2004)."""

import math

import pytest

from experiments import limits, metrics
from experiments.limits.contracts import Term
from experiments.records import observe
from sim.config.load import load_market
from sim.market import Market

PUBLISHED = {0.7: 1.67, 0.8: 2.50, 0.9: 4.09}
PRODUCT = "brands.publisher.products.magazine"


def churn(retention):
    """The change that puts a retention rate into the preset."""
    return {"behaviour.dropout.propensity": 1 - retention}


def worth(market):
    """Margins per customer in the books, and what the model expects."""
    model = limits.lifetime_value(market.config)
    return model.measured(market)["value in margins"], model.multiple


# --- the oracle -----------------------------------------------------------------------------------


def model_of(r, i, renewals=40, gap=365.0, margin=180.0):
    return limits.LifetimeValue(margin, r, i, Term(gap, renewals))


@pytest.mark.parametrize("r", PUBLISHED)
def test_the_oracle_gives_the_published_numbers(r):
    model = model_of(r, 0.12)
    assert model.forever == pytest.approx(r / (1.12 - r), rel=1e-12)
    assert model.forever == pytest.approx(PUBLISHED[r], abs=0.005)


@pytest.mark.parametrize(("r", "i"), [(0.7, 0.12), (0.95, 0.02), (0, 0.1), (1, 0.05), (1, 0)])
def test_the_oracle_is_the_sum(r, i):
    model = model_of(r, i, renewals=9)
    assert model.multiple == pytest.approx(sum((r / (1 + i)) ** t for t in range(1, 10)))
    if r < 1 + i:
        rest = (r / (1 + i)) ** 9 * model.forever
        assert model.multiple + rest == pytest.approx(model.forever)
    else:
        assert model.forever == math.inf


def test_the_oracle_discounts_by_the_year_however_often_contracts_are_renewed():
    monthly = model_of(0.99, 0.12, gap=36.5, renewals=3)
    assert monthly.multiple == pytest.approx(sum((0.99 / 1.12**0.1) ** t for t in (1, 2, 3)))


# --- the market -----------------------------------------------------------------------------------


@pytest.mark.parametrize("r", PUBLISHED)
def test_published_numbers(limit, r):
    """3 % is at least 6 standard errors."""
    market = limit("clv", 1, **churn(r))
    model = limits.of(market.config)
    assert model.multiple == pytest.approx(model.forever, rel=1e-3)
    got = model.measured(market)
    assert got["value in margins"] == pytest.approx(PUBLISHED[r], rel=0.03)
    assert got["value in CNY"] == pytest.approx(180 * PUBLISHED[r], rel=0.03)


def test_the_metric_of_a_study_is_the_same_value(presets):
    """Long-run contribution is the first margin and these; how much of it comes after the end of
    the run makes no difference."""
    n, values = 20_000, []
    for days in (14601, 3651):
        changes = {"people.n": n, "days": days, "terminal_period": 14601 - days}
        records = observe(Market(load_market(presets / "clv.yaml", changes), rng=2))
        values.append(metrics.long_run_contribution(records)[0] / (180 * n))
    # each is continued beyond day 14,600, by millionths
    assert values[0] == pytest.approx(values[1], rel=1e-5)
    assert values[0] == pytest.approx(1 + 2.5, rel=0.03)


OTHERS = {
    "patient": {**churn(0.85), "discount": 0.03},
    "impatient": {**churn(0.95), "discount": 0.8},
    "no discount": {**churn(0.6), "discount": 0},
    "short": {"days": 1200},
    "monthly": {**churn(0.97), "categories.subscription.usage": 12, "days": 7300},
    "costs of shipping": {"brands.publisher.shipping_cost": 30, f"{PRODUCT}.price": 170},
    "faulty, and kept": {f"{PRODUCT}.fault_rate": 0.5},
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_other_parameters(limit, changes):
    """2 % is at least 4 standard errors."""
    market = limit("clv", 3, **{"people.n": 100_000, **changes})
    model = limits.of(market.config)
    assert model.measured(market) == pytest.approx(model.expected(), rel=0.02)


def test_nobody_leaves_and_everybody_leaves(limit):
    """An annuity, to the cent; and nothing."""
    got, expected = worth(limit("clv", 4, **{"people.n": 50}, **churn(1)))
    assert got == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx((1 - 1.12**-40) / 0.12)
    assert worth(limit("clv", 4, **{"people.n": 50}, **churn(0))) == (0, 0)


# --- elasticities ---------------------------------------------------------------------------------


def gain(limit, n, r, **changes):
    """The relative change of value in the market, with the same luck, and in the formula."""
    before = worth(limit("clv", 5, **{"people.n": n, **churn(r)}))
    after = worth(limit("clv", 5, **{"people.n": n, **churn(r), **changes}))
    return tuple(new / old - 1 for new, old in zip(after, before, strict=True))


@pytest.mark.parametrize("r", [0.8, 0.9])
def test_one_per_cent_better_retention_is_worth_far_more_than_one_per_cent(limit, r):
    """(1 + i) / (1 + i - r): 3.5 % and 5.1 %. .0025 is 5 standard errors."""
    got, formula = gain(limit, 200_000, r, **churn(1.01 * r))
    assert got == pytest.approx(formula, abs=0.0025)
    assert formula == pytest.approx(0.01 * 1.12 / (1.12 - r), rel=0.05)


@pytest.mark.parametrize("r", [0.8, 0.9])
def test_one_per_cent_less_discount_is_worth_far_less_than_one_per_cent(limit, r):
    """i / (1 + i - r): .4 % and .5 %. The orders are the same, so that there is little luck."""
    got, formula = gain(limit, 50_000, r, discount=0.99 * 0.12)
    assert got == pytest.approx(formula, abs=5e-5)
    assert formula == pytest.approx(0.01 * 0.12 / (1.12 - r), rel=0.01)


def test_one_per_cent_more_margin_is_worth_one_per_cent(limit):
    values = []
    for price in (300, 301.8):
        market = limit("clv", 5, **{f"{PRODUCT}.price": price})
        values.append(limits.of(market.config).measured(market))
    assert values[1]["value in CNY"] / values[0]["value in CNY"] == pytest.approx(1.01, rel=1e-12)
    assert values[1]["value in margins"] == pytest.approx(values[0]["value in margins"], rel=1e-12)


# --- teeth ----------------------------------------------------------------------------------------

CNY, MARGINS = "value in CNY", "value in margins"
TEETH = {
    "churn differs": ({"behaviour.dropout.propensity": {"dist": "beta", "a": 1, "b": 4}}, CNY, 1),
    "no coin after the first": ({"behaviour.dropout.after_first": False}, CNY, 1),
    "satisfaction_effect": ({"behaviour.dropout.satisfaction_effect": 2}, CNY, 1),
    "irregular": ({"categories.subscription.regularity": 0.2}, CNY, 1),
    "outside": ({"behaviour.choice.outside_weight": 0.3}, CNY, -1),
    "advertising": ({"brands.publisher.advertising": {"spend": 100}}, CNY, -1),
    "follow-up": (
        {"brands.publisher.strategies": {"service_followup": {}}, "people.n": 2000},
        CNY,
        -1,
    ),
    # the second parcel is paid for on day 0, so that the first margin is too low a unit
    "wrong addresses": ({"brands.publisher.misdelivery": 0.9}, MARGINS, 1),
    "refunds": ({"behaviour.experience.complaint": 1, f"{PRODUCT}.fault_rate": 0.2}, CNY, -1),
    "leave the category": ({"people.exit_rate": 0.1}, CNY, -1),
    "longer contracts": ({f"{PRODUCT}.supply_days": 730}, CNY, -1),
}


@pytest.mark.parametrize(("changes", "name", "sign"), TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, changes, name, sign):
    """5 % is 5 standard errors; shipping costs something here."""
    common = {"people.n": 20_000, "days": 7301, "brands.publisher.shipping_cost": 30}
    market = limit("clv", 6, **{**common, **changes})
    model = model_of(0.8, 0.12, renewals=20, margin=150)
    assert sign * (model.measured(market)[name] / model.expected()[name] - 1) > 0.05
    with pytest.raises(limits.NotALimit, match=next(iter(changes)).split(".")[-1]):
        limits.lifetime_value(market.config)


def test_it_says_what_is_missing(presets):
    for changes, reason in [
        ({"behaviour.dropout.after_first": False}, "behaviour.dropout.after_first must be True"),
        (
            {"brands.publisher.advertising": {"spend": 1}},
            "brands.publisher.advertising.spend must be 0",
        ),
        (
            {
                "brands.publisher.products.book": {
                    "category": "subscription",
                    "price": 9,
                    "unit_cost": 2,
                }
            },
            "it needs one product",
        ),
    ]:
        with pytest.raises(limits.NotALimit) as error:
            limits.lifetime_value(load_market(presets / "clv.yaml", changes))
        assert reason in error.value.reasons


def test_churn_that_differs_makes_it_a_shifted_beta_geometric_and_the_other_way_round(presets):
    differs = {"behaviour.dropout.propensity": {"dist": "beta", "a": 1, "b": 4}}
    model = limits.of(load_market(presets / "clv.yaml", differs))
    assert model == limits.ShiftedBetaGeometric(1, 4, Term(365, 40))
    alike = limits.of(load_market(presets / "sbg.yaml", {"behaviour.dropout.propensity": 0.25}))
    assert isinstance(alike, limits.LifetimeValue)
    assert (alike.retention, alike.term) == (0.75, Term(365, 7))

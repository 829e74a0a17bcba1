"""The market with referral alone is a Galton-Watson process; cascades are Borel distributed."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import exp1
from scipy.stats import poisson

from experiments import limits
from sim.config.load import load_market

STRATEGY = "brands.maker.strategies.referral"
PRODUCT = "brands.maker.products.durable"
AWARE, RATE = "brands.maker.awareness", "behaviour.talk.rate"
FEW = {"people.n": 50_000, AWARE: 0.001}
MOST = 4.0
"""Standard errors: 1 of 16,000 such numbers is further off by chance."""


def misses(market, model, share=0.0):
    """How far each number is from the model's, in standard errors.

    The mean is held against that of a population in which this share begin a cascade.
    """
    mu, got, cascades = model.offspring, model.measured(market), roots(market)
    expected = model.expected() | {"mean cascade": model.mean_cascade_among(share)}
    variance = {name: p * (1 - p) for name, p in expected.items()}
    variance["mean cascade"] = mu / (1 - mu) ** 3
    return {
        name: (got[name] - expected[name]) / math.sqrt(variance[name] / cascades)
        for name in expected
    }


def roots(market):
    """How many bought without being invited."""
    return np.count_nonzero(market.orders["invitation"] < 0)


# --- the preset -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(limit):
    """The preset, with 4,000 cascades; saturation takes 1.3 % from the mean."""
    return limit("cascade", 1, **{"people.n": 800_000, AWARE: 0.005})


def test_published_numbers(published):
    """.032 is 4 standard errors, or more; so is 8 % of the mean, beside saturation."""
    got = limits.of(published.config).measured(published)
    assert got["mean cascade"] == pytest.approx(2.5, rel=0.09)
    assert got["cascades of 1"] == pytest.approx(0.549, abs=0.032)
    assert got["cascades of 2"] == pytest.approx(0.181, abs=0.032)
    assert got["cascades of 3"] == pytest.approx(0.089, abs=0.032)


@pytest.mark.slow
def test_published_numbers_within_two_per_cent(over_runs):
    """2 % are 3 to 5 standard errors, less the .5 % that saturation takes from the mean."""
    mean, _ = over_runs("cascade", range(1, 121))
    assert mean["mean cascade"] == pytest.approx(2.5, rel=0.02)
    assert mean["cascades of 1"] == pytest.approx(0.5488, rel=0.02)
    assert mean["cascades of 2"] == pytest.approx(0.1807, rel=0.02)


def test_everybody_buys_once_and_whoever_was_invited_the_day_after(published):
    orders = published.orders
    assert (orders["nth"] == 1).all()
    assert np.unique(orders["person"]).size == orders.size
    invited = orders[orders["invitation"] >= 0]
    invitations = published.invitations[invited["invitation"]]
    assert (invitations["friend"] == invited["person"]).all()
    assert (invited["day"] == invitations["day"] + 1).all()
    assert set(orders["day"][orders["invitation"] < 0]) == {0}
    assert roots(published) == np.count_nonzero(orders["day"] == 0)


def test_invitations_that_come_to_nothing_went_to_buyers(published):
    """At most 1.2 % of people are buyers."""
    wasted = published.invitations[published.invitations["order"] < 0]
    heard = wasted[wasted["day"] < published.config.days - 1]
    assert np.isin(heard["friend"], published.orders["person"]).all()
    assert 0 < wasted.size / len(published.invitations) < 0.0125


def test_generations_shrink_by_mu(published):
    """Generation g has mu**g as many as the first: 4 standard errors, less saturation of 1 %."""
    invitation, row = published.orders["invitation"], np.full(published.config.people.n, -1)
    row[published.orders["person"]] = np.arange(invitation.size)
    generation = np.zeros(invitation.size, int)
    for k in np.flatnonzero(invitation >= 0):
        referrer = published.invitations["referrer"][invitation[k]]
        generation[k] = generation[row[referrer]] + 1
    sizes = np.bincount(generation)
    for before, after in pairwise(sizes[:7]):
        assert after / before == pytest.approx(0.6, abs=MOST * math.sqrt(0.6 / before) + 0.007)


# --- what a buyer brings, and other parameters ----------------------------------------------------


@pytest.mark.parametrize("half_life", [3, 10, 60])
@pytest.mark.parametrize("spontaneous", [0.5, 2, 10])
def test_friends_brought_are_the_integral_over_fading_delight(presets, half_life, spontaneous):
    """talk rate x h / ln 2 x Ein(k), and half of the first day's rate for the sum over days."""
    fades = {"behaviour.experience.delight_half_life": half_life, "days": 2000, RATE: 0.002}
    changes = {**FEW, **fades, "behaviour.referral.spontaneous": spontaneous}
    k = 0.5 * spontaneous
    ein = np.euler_gamma + math.log(k) + exp1(k)
    integral = 0.002 * half_life / math.log(2) * ein
    model = limits.of(load_market(presets / "cascade.yaml", changes))
    assert model.offspring == pytest.approx(integral - 0.001 * math.expm1(-k), rel=0.005)


OTHERS = {
    "the preset": ({}, 0.6),
    "fewer friends": ({RATE: 0.0254}, 0.3),
    "more friends": ({RATE: 0.0677, "days": 900}, 0.8),
    "talk by the week": ({RATE: 0.3556, "behaviour.talk.period_days": 7}, 0.6),
    "twice as sociable": ({"people.sociability": 2}, None),
    "delight of two days": (
        {
            "behaviour.experience.delight_half_life": 2,
            "behaviour.referral.spontaneous": 6,
            RATE: 0.1,
        },
        None,
    ),
    "delight of a season": (
        {"behaviour.experience.delight_half_life": 60, "days": 1500, RATE: 0.005},
        None,
    ),
    "little delight": ({f"{PRODUCT}.quality": 0.5, RATE: 0.2}, None),
    "all the delight there is": (
        {"behaviour.experience.delight": 9, "behaviour.referral.emotion": 0.3, RATE: 0.04},
        None,
    ),
}


@pytest.fixture(params=OTHERS.values(), ids=OTHERS)
def other(request, presets):
    """Changes to the preset, and the model that they make of it."""
    changes, mu = request.param
    if "people.sociability" in changes:
        changes = {**changes, RATE: 0.02}
    model = limits.of(load_market(presets / "cascade.yaml", {**FEW, **changes}))
    if mu is not None:
        assert model.offspring == pytest.approx(mu, abs=0.001)
    assert model.offspring < 0.85
    return changes, model


def test_a_buyer_invites_a_poisson_number(limit, other):
    """All buy on day 0 here, so that there are many to look at, and invite others in vain."""
    changes, model = other
    everybody = {"people.n": 60_000, AWARE: 1, "days": changes.get("days", 365)}
    market = limit("cascade", 2, **{**changes, **everybody})
    assert market.orders.size == 60_000
    invited = np.bincount(market.invitations["referrer"], minlength=60_000)
    mu = model.offspring
    assert abs(invited.mean() - mu) <= MOST * math.sqrt(mu / 60_000)
    for k in range(4):
        share = poisson.pmf(k, mu)
        error = math.sqrt(share * (1 - share) / 60_000)
        assert abs((invited == k).mean() - share) <= MOST * error


def test_other_parameters(limit, other):
    """1,000 cascades; saturation moves shares by half a standard error at the most."""
    changes, model = other
    market = limit("cascade", 3, **{**changes, "people.n": 200_000, AWARE: 0.005})
    assert max(map(abs, misses(market, model, 0.005).values())) < MOST + 0.5


def test_without_delight_nobody_invites(limit):
    as_expected = {f"{PRODUCT}.quality": 0.7, "behaviour.experience.expectation": 0.7}
    market = limit("cascade", 3, **{**FEW, **as_expected})
    model = limits.of(market.config)
    assert model.offspring == market.invitations.size == 0
    assert model.measured(market) == model.expected()


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "mu", "tolerance"), [(0.0254, 0.3, 0.02), (0.0677, 0.8, 0.06)])
def test_other_means_in_large_markets(over_runs, rate, mu, tolerance):
    """4 standard errors; saturation takes .4 % and 1.2 %."""
    changes = {RATE: rate, "days": 900, "people.n": 500_000, AWARE: 0.001}
    mean, model = over_runs("cascade", range(40), **changes)
    assert model.offspring == pytest.approx(mu, abs=0.001)
    assert mean["mean cascade"] == pytest.approx(1 / (1 - mu), rel=tolerance)


# --- where the population ends, and days do -------------------------------------------------------


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_in_a_small_population_cascades_are_those_of_an_epidemic(limit, presets, share):
    """3 % is 4 standard errors; the limit is further off."""
    model = limits.of(load_market(presets / "cascade.yaml"))
    market = limit("cascade", 4, **{"people.n": 400_000 if share < 0.1 else 60_000, AWARE: share})
    got = model.measured(market)["mean cascade"]
    assert got == pytest.approx(model.mean_cascade_among(share), rel=0.03)
    assert got < 0.92 * model.mean_cascade
    with pytest.raises(limits.NotALimit, match="it needs more people for each who begins"):
        limits.of(market.config)


def test_days_must_do_for_cascades_to_end(limit, presets):
    """The days that are too few for the preset do for delight that does not last so long."""
    short = {"people.n": 300_000, "days": 60, AWARE: 0.002}
    with pytest.raises(limits.NotALimit, match=r"the mean cascade is 2\.\d+, not 2\.\d+"):
        limits.of(load_market(presets / "cascade.yaml", short))
    brief = {**short, "behaviour.experience.delight_half_life": 1, RATE: 0.4}
    market = limit("cascade", 5, **brief)
    model = limits.of(market.config)
    assert 0.4 < model.offspring < 0.8
    assert max(map(abs, misses(market, model).values())) < MOST


def test_where_each_brings_more_than_one_there_is_no_limit(presets):
    with pytest.raises(limits.NotALimit, match=r"it needs fewer friends than 1\.18"):
        limits.of(load_market(presets / "cascade.yaml", {RATE: 0.1}))


# --- teeth ----------------------------------------------------------------------------------------

SMALL = {"people.n": 100_000, AWARE: 0.01}
TEETH = {
    "a little cash": {f"{STRATEGY}.kind": "cash", f"{STRATEGY}.reward": 20},
    "much cash": {f"{STRATEGY}.kind": "cash", f"{STRATEGY}.reward": 500, "days": 120},
    "status_reward": {f"{STRATEGY}.koc_from": 1, "days": 120},
    "half of the people": {f"{STRATEGY}.audience.share": 0.5},
    "no money for it": {f"{STRATEGY}.budget": 0},
    "the brand asks": {
        "brands.maker.contact_cap": 7,
        "behaviour.referral.asked": 1,
        "behaviour.touch.response": 1,
    },
    "cautious": {"behaviour.referral.acceptance_intercept": 0},
    "asleep": {"behaviour.referral.trigger": 0.5},
    "never needed": {"categories.durable.retry_days": math.inf},
    "opinions sell": {
        "behaviour.talk.awareness": 1,
        "behaviour.talk.trigger": 0.1,
        "days": 120,
    },
    "shy": {"behaviour.talk.constant": 0.2},
    "some more sociable": {"people.sociability": {"dist": "gamma", "mean": 1, "shape": 0.3}},
    "uneven quality": {f"{PRODUCT}.spread": 0.5},
    "faults": {f"{PRODUCT}.fault_rate": 0.3},
    "wrong use": {"behaviour.experience.misuse": 0.5},
    "disappointing": {"behaviour.experience.satisfaction_threshold": 0.95},
    "buyers leave": {"behaviour.dropout.propensity": 0.5},
    "people leave": {"people.exit_rate": 12},
    "advertising": {"brands.maker.advertising": {"spend": 100}, "categories.durable.retry_days": 9},
    "in a circle": {"network": {"kind": "ring"}},
}


@pytest.mark.parametrize("changes", TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, presets, changes):
    """The mean or a share is more than 6 standard errors off, those of 1,000 cascades or so."""
    model = limits.of(load_market(presets / "cascade.yaml"))
    market = limit("cascade", 6, **{**SMALL, **changes})
    assert max(map(abs, misses(market, model).values())) > 6
    what = next(iter(changes)).split(".")[-1]
    words = {
        "satisfaction_threshold": "at or above the satisfaction threshold",
        "retry_days": "needs that return",
    }
    with pytest.raises(limits.NotALimit, match=words.get(what, what)):
        limits.galton_watson(market.config)
    with pytest.raises(limits.NotALimit):
        limits.of(market.config)


def test_a_little_cash_ends_cascades_and_much_makes_them_endless(limit):
    """2 % of the price are worth less than asking for them costs in standing, half of it more."""
    cash = {**SMALL, f"{STRATEGY}.kind": "cash", "days": 200}
    means = []
    for reward in (20, 500):
        market = limit("cascade", 8, **cash, **{f"{STRATEGY}.reward": reward})
        means.append(limits.GaltonWatson(0.6).measured(market)["mean cascade"])
    assert means[0] < 1.4
    assert means[1] > 40


SAME = {
    "friend's discount": {f"{STRATEGY}.friend_discount": 0.5},
    "conditions": {
        f"{STRATEGY}.valid_days": 0,
        f"{STRATEGY}.vest_days": 0,
        f"{STRATEGY}.ask_day": 1,
    },
    "price": {f"{PRODUCT}.price": 10, "brands.maker.transparency": 1},
    "usage": {"categories.durable.usage": 9, "categories.durable.regularity": 1},
    "suspicion": {"behaviour.referral.tie": -5, "behaviour.referral.known": -5},
}


@pytest.mark.parametrize("changes", SAME.values(), ids=SAME)
def test_what_does_not_matter_changes_nobody(limit, changes):
    runs = [limit("cascade", 7, **{**SMALL, AWARE: 0.005, **more}) for more in ({}, changes)]
    limits.galton_watson(runs[1].config)
    for field in ("referrer", "friend", "day"):
        assert np.array_equal(*(market.invitations[field] for market in runs))
    assert np.array_equal(*(market.orders["person"] for market in runs))


def test_a_market_without_referral_is_told_so(presets):
    for strategies in (
        {},
        {"agent_recruitment": {}},
        {"referral": {"kind": "none", "koc_from": 0}, "none": {}},
    ):
        with pytest.raises(limits.NotALimit) as error:
            limits.galton_watson(
                load_market(presets / "cascade.yaml", {"brands.maker.strategies": strategies})
            )
        assert "it needs referral as the only strategy" in error.value.reasons


def test_the_nearest_limit_is_named(presets):
    almost = load_market(presets / "cascade.yaml", {"behaviour.talk.awareness": 1})
    with pytest.raises(limits.NotALimit) as error:
        limits.of(almost)
    assert str(error.value) == "not a Galton-Watson process: behaviour.talk.awareness must be 0"

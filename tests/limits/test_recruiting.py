"""The market in which distributors recruit, and nothing else, is the pure birth process of Yule."""

import math

import numpy as np
import pytest
from scipy import stats

from experiments import limits
from sim.config.load import load_market

STRATEGY = "brands.maker.strategies.agent_recruitment"
PRODUCT = "brands.maker.products.durable"
WORK = "behaviour.direct_selling"
FOUNDERS, CALLS, PERIOD = "behaviour.touch.response", f"{WORK}.calls", f"{WORK}.period_days"
TEAM = "mean team of founders"
MOST = 4.0
"""Standard errors: 1 of 16,000 such numbers is further off by chance."""


def errors(market, model):
    """Standard errors of the numbers of a model, in a market of this size."""
    members, founders = len(market.distributors), np.count_nonzero(founding(market))
    out = {name: math.sqrt(p * abs(1 - p) / members) for name, p in model.expected().items()}
    return out | {TEAM: model.mean_team * math.sqrt((1 - model.founders) / founders)}


def misses(market, model, share=0.0):
    """How far each number is from the model's, in standard errors.

    The mean is held against that of a market in which this share of all people are founders.
    """
    got, error = model.measured(market), errors(market, model)
    expected = model.expected() | {TEAM: model.mean_team_among(share)}
    return {name: (got[name] - expected[name]) / error[name] for name in expected}


def founding(market):
    """Which of the distributors the brand itself has won."""
    return market.distributors["upline"] < 0


# --- the preset -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(limit):
    """The preset, with 800 founders; .5 % of people are members in the end."""
    return limit("recruiting", 1, **{"people.n": 800_000, FOUNDERS: 0.001})


def test_published_numbers(published):
    """.028 is 4 standard errors, or more; so is 13 % of the mean, less 1 % for people and days."""
    got = limits.of(published.config).measured(published)
    assert got[TEAM] == pytest.approx(7.389, rel=0.14)
    shares = [got[f"members with {k} recruits"] for k in range(4)]
    assert shares == pytest.approx([0.509, 0.264, 0.132, 0.060], abs=0.028)
    shares = [got[f"members with a team of {s}"] for s in (1, 2, 3)]
    assert shares == pytest.approx([0.509, 0.174, 0.089], abs=0.028)


@pytest.mark.slow
def test_published_numbers_of_the_whole_study(over_runs):
    """4 standard errors, less .7 % of the mean for people and days."""
    mean, model = over_runs("recruiting", range(1, 41))
    assert mean[TEAM] == pytest.approx(7.389, rel=0.045)
    for name in mean.keys() - {TEAM}:
        assert mean[name] == pytest.approx(model.expected()[name], abs=0.008)


def test_founders_join_on_day_1_and_others_the_day_after_they_are_called(published):
    agents = published.distributors
    assert (agents["joined_day"][founding(published)] == 1).all()
    later = agents[~founding(published)]
    assert (later["joined_day"] > agents["joined_day"][later["upline"]]).all()
    assert np.unique(agents["person"]).size == agents.size
    assert not (agents["quit_day"] >= 0).any()


def test_the_age_of_members_is_exponential(published):
    """As members multiply exp(lam t): a share exp(-lam a) of all has been there for a days."""
    model = limits.of(published.config)
    age = published.config.days - 1 - published.distributors["joined_day"]
    for days in (100, 300, 500, 700):
        share = math.exp(-model.rate * days)
        assert (age >= days).mean() == pytest.approx(share, abs=0.03)


def test_the_team_of_a_founder_is_geometric(published):
    """.07 is 4 standard errors."""
    model = limits.of(published.config)
    upline = published.distributors["upline"]
    top = np.arange(upline.size)
    while (upline[top] >= 0).any():
        top = np.where(upline[top] >= 0, upline[top], top)
    team = np.bincount(top, minlength=top.size)[founding(published)]
    for size in (1, 3, 6, 12, 20):
        share = model.founder_team(np.arange(1, size + 1)).sum()
        assert (team <= size).mean() == pytest.approx(share, abs=0.07)


# --- other parameters -----------------------------------------------------------------------------

OTHERS = {
    "the preset": ({}, 2.0),
    "half a recruit": ({CALLS: 0.25}, 0.5),
    "three recruits": ({CALLS: 1.5}, 3.0),
    "half a year": ({"days": 184, PERIOD: 91}, 2.0),
    "calls by the week": ({CALLS: 0.03, PERIOD: 7, "days": 352}, 1.5),
    "some calls are to sell": ({CALLS: 4, f"{WORK}.recruiting": 0.25}, 2.0),
    "nobody calls": ({CALLS: 0}, 0.0),
}


@pytest.mark.parametrize(("changes", "grown"), OTHERS.values(), ids=OTHERS)
def test_other_parameters(limit, presets, changes, grown):
    """The mean is held against that of a population of this size."""
    model = limits.of(load_market(presets / "recruiting.yaml", {**changes, FOUNDERS: 1e-4}))
    assert model.rate * model.days == pytest.approx(grown)
    market = limit("recruiting", 2, **{**changes, "people.n": 200_000, FOUNDERS: 0.002})
    assert np.count_nonzero(founding(market)) == pytest.approx(400, abs=80)
    if grown == 0:
        assert model.measured(market) == model.expected()
        return
    got = misses(market, model, 0.002)
    assert abs(got.pop(TEAM)) < MOST
    assert max(map(abs, got.values())) < MOST + 1  # saturation, and members of a team are alike


# --- where people end, and days are long ----------------------------------------------------------


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_in_a_small_population_teams_grow_logistically(limit, presets, share):
    """3 % are 4 standard errors in the smaller; the limit is further off."""
    model = limits.of(load_market(presets / "recruiting.yaml"))
    market = limit("recruiting", 3, **{"people.n": 300_000, FOUNDERS: share})
    got = model.measured(market)[TEAM]
    assert got == pytest.approx(model.mean_team_among(share), rel=0.06 if share < 0.1 else 0.03)
    assert got < 0.95 * model.mean_team
    with pytest.raises(limits.NotALimit, match="it needs more people for each who begins"):
        limits.of(market.config)


def test_where_many_are_recruited_in_a_day_the_lag_shows(limit, presets):
    """Two recruits of each in ten days: 15 % fewer than without the day that a call takes."""
    quick = {"days": 12, PERIOD: 5}
    with pytest.raises(limits.NotALimit, match=r"the mean team of founders is 6\.\d+, not 7\.389"):
        limits.of(load_market(presets / "recruiting.yaml", quick))
    market = limit("recruiting", 4, **quick, **{"people.n": 200_000, FOUNDERS: 0.01})
    model = limits.Yule(0.2, 10)
    team, without = model.measured(market)[TEAM], model.mean_team / (1 + 0.01 * model.mean_team)
    assert team == pytest.approx(model.mean_team_among(0.01), rel=0.08)
    assert team < 0.91 * without


# --- teeth ----------------------------------------------------------------------------------------

SMALL = {"people.n": 150_000, FOUNDERS: 0.002}
TEETH = {
    "quitting": {f"{WORK}.quit_intercept": -3},
    "refusal": {f"{WORK}.join_intercept": -2},
    "full time": {f"{WORK}.full_time": 1},
    "referrals first": {f"{STRATEGY}.referrals_needed": 1},
    "courses first": {f"{STRATEGY}.courses": 1},
    "asked again": {f"{STRATEGY}.ask_every": 60, f"{STRATEGY}.pitch_stop_after": None},
    "half of the people": {f"{STRATEGY}.audience.share": 0.5},
    "no money for it": {f"{STRATEGY}.budget": 0},
    "never contacted": {"brands.maker.contact_cap": 0},
    "annoyed": {"behaviour.touch.annoyance": 1, "behaviour.touch.commercial_load": 4},
    "half are customers": {"brands.maker.awareness": 0.5},
    "customers leave": {"behaviour.dropout.propensity": 0.5},
    "people leave": {"people.exit_rate": 1},
    "disappointing": {"behaviour.experience.satisfaction_threshold": 0.65},
    "uneven quality": {f"{PRODUCT}.spread": 0.5},
    "faults": {f"{PRODUCT}.fault_rate": 0.4},
    "few acquaintances": {"network": {"kind": "random_regular", "degree": 4}},
}


@pytest.mark.parametrize("changes", TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_on_leaves_the_limit(limit, presets, changes):
    """20 % of the mean team are 4 standard errors; where nobody joins there is no such mean."""
    model = limits.of(load_market(presets / "recruiting.yaml"))
    market = limit("recruiting", 5, **{**SMALL, **changes})
    assert model.measured(market)[TEAM] != pytest.approx(model.mean_team, rel=0.2)
    what = next(iter(changes)).split(".")[-1]
    words = {
        "satisfaction_threshold": "at or above the satisfaction threshold",
        "ask_every": "one round of asking",
    }
    with pytest.raises(limits.NotALimit, match=words.get(what, what)):
        limits.yule(market.config)
    with pytest.raises(limits.NotALimit):
        limits.of(market.config)


def test_the_shares_alone_hardly_notice_that_members_quit(limit, presets):
    """The mean team does: a third of it is missing."""
    model = limits.of(load_market(presets / "recruiting.yaml"))
    market = limit(
        "recruiting", 6, **{**SMALL, f"{WORK}.quit_intercept": -4, f"{WORK}.shortfall": 0.5}
    )
    assert 0.2 < (market.distributors["quit_day"] >= 0).mean() < 0.4
    got, expected = model.measured(market), model.expected()
    assert got.pop(TEAM) < 0.75 * expected.pop(TEAM)
    assert got == pytest.approx(expected, abs=0.05)


def test_whoever_works_full_time_recruits_more(limit, presets):
    """Members then differ, and no one rate makes the market the limit again."""
    market = limit("recruiting", 7, **{**SMALL, f"{WORK}.full_time": 1, CALLS: 0.7})
    agents = market.distributors
    full = agents["full_time"]
    assert 0.05 < full.mean() < 0.25
    assert agents["recruits"][full].mean() > 2 * agents["recruits"][~full].mean()


SAME = {
    "price of entry": {f"{STRATEGY}.fee": 5000, f"{STRATEGY}.first_stock": 1e5, f"{WORK}.fee": 3},
    "pay": {
        f"{STRATEGY}.discounts": [0.1],
        f"{STRATEGY}.promote_at": [0],
        f"{STRATEGY}.recruit_bonus": 100,
        f"{STRATEGY}.apprentice_reward": 0,
    },
    "talk": {"behaviour.talk.rate": 0.002, "behaviour.talk.trigger": 1},
    "opting out": {"behaviour.touch.opt_out": 1},
    "tie_erosion": {f"{WORK}.tie_erosion": 1},
    "willingness": {"people.willingness": 0, f"{WORK}.prejudice": 1},
}


@pytest.mark.parametrize("changes", SAME.values(), ids=SAME)
def test_what_does_not_matter_changes_nobody(limit, changes):
    runs = [
        limit("recruiting", 8, **{"people.n": 40_000, FOUNDERS: 0.002, **more})
        for more in ({}, changes)
    ]
    limits.yule(runs[1].config)
    for field in ("person", "upline", "joined_day"):
        assert np.array_equal(*(market.distributors[field] for market in runs))


def test_a_market_without_an_agency_is_told_so(presets):
    for strategies in ({}, {"referral": {}}):
        with pytest.raises(limits.NotALimit) as error:
            limits.yule(
                load_market(presets / "recruiting.yaml", {"brands.maker.strategies": strategies})
            )
        assert "it needs agency as the only strategy" in error.value.reasons


def test_the_nearest_limit_is_named(presets):
    almost = load_market(presets / "recruiting.yaml", {f"{WORK}.quit_intercept": -3})
    with pytest.raises(limits.NotALimit) as error:
        limits.of(almost)
    assert str(error.value) == f"not the Yule process: {WORK}.quit_intercept must be -inf"


@pytest.mark.quick
@pytest.mark.parametrize("days", [1, 2, 5, 10, 20, 50, 100, 730])
@pytest.mark.parametrize("lam", [0.003, 0.01, 0.02, 0.04, 0.08, 0.15])
def test_where_days_cost_little_of_the_mean_they_cost_little_of_the_shares(lam, days):
    """Who is recruited today recruits from tomorrow on: members grow by 1 + lam a day."""
    growth = (1 + lam) ** days / math.exp(lam * days)
    if growth < 0.98 or lam * days > 6:
        return
    joined = np.arange(1, days + 1)
    members = np.append(lam * (1 + lam) ** (joined - 1.0), 1) / (1 + lam) ** days
    age = np.append(days - joined, days)
    expected = limits.Yule(lam, days).expected()
    for k in range(4):
        share = float((members * stats.poisson.pmf(k, lam * age)).sum())
        assert share == pytest.approx(expected[f"members with {k} recruits"], abs=0.009)

"""The market with only spontaneous adoption and word of mouth is the Bass model, on any graph."""

import math

import numpy as np
import pytest

from experiments import limits
from sim.config.lag import lag
from sim.config.load import load_market
from sim.config.remarks import Remark

P, Q = 0.03 / 365, 0.38 / 365
YEARS = np.array([5, 10, 15, 20])
PUBLISHED = {
    "bass": (0.3312, 0.8128, 0.9716, 0.9963),
    "bass_ring": (0.2485, 0.5583, 0.7899, 0.9167),
    "bass_regular": (0.2834, 0.6922, 0.9246, 0.9873),
}


def adopted(market, days):
    """Share of people who had adopted after so many days."""
    day = np.sort(market.orders["day"])
    return np.searchsorted(day, days) / market.config.people.n


# --- the oracle -----------------------------------------------------------------------------------


def on_the_ring(t, p, q):
    """Fibich and Gibori (2010), one neighbour on each side."""
    return 1 - np.exp(-(p + q) * t + q * (1 - np.exp(-p * t)) / p)


def on_the_complete_graph(t, p, q):
    """Bass (1969)."""
    e = np.exp(-(p + q) * t)
    return (1 - e) / (1 + e * q / p)


def in_pairs(t, p, q):
    """People in pairs: neither has adopted, or one of the two, who then talks to the other."""
    neither = np.exp(-2 * p * t)
    one = p / (q - p) * (neither - np.exp(-(p + q) * t))
    return 1 - neither - one


def test_the_oracle_gives_the_published_numbers():
    degrees = {"bass": math.inf, "bass_ring": 2, "bass_regular": 4}
    for name, shares in PUBLISHED.items():
        model = limits.Bass(P, Q, degrees[name], 7300)
        assert model.adopted(365 * YEARS) == pytest.approx(shares, abs=5e-5)


@pytest.mark.parametrize(("p", "q"), [(0.03, 0.38), (0.001, 1.0), (0.2, 0.1)])
def test_the_oracle_has_the_closed_forms_at_its_ends(p, q):
    t = np.linspace(0.1, 30, 40)
    assert limits.Bass(p, q, 1, 1).adopted(t) == pytest.approx(in_pairs(t, p, q), abs=1e-8)
    assert limits.Bass(p, q, 2, 1).adopted(t) == pytest.approx(on_the_ring(t, p, q), abs=1e-8)
    complete = limits.Bass(p, q, math.inf, 1).adopted(t)
    assert complete == pytest.approx(on_the_complete_graph(t, p, q), abs=1e-8)
    assert limits.Bass(p, q, 1e6, 1).adopted(t) == pytest.approx(complete, abs=1e-4)


@pytest.mark.parametrize("degree", [3, 4, 7])
def test_the_oracle_solves_the_equation_of_a_tie(degree):
    """By another route: y, the chance that a tie to a non-adopter is silent, in small steps."""
    p, q, n = 0.03, 0.38, 100_000
    time, y = np.linspace(0, 20, n + 1), np.ones(n + 1)
    for k, t in enumerate(time[:-1]):
        y[k + 1] = y[k] - 20 / n * q / degree * (y[k] - math.exp(-p * t) * y[k] ** (degree - 1))
    shares = 1 - np.exp(-p * time) * y**degree
    assert limits.Bass(p, q, degree, 1).adopted(time[1:]) == pytest.approx(shares[1:], abs=1e-4)


# --- the market -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_numbers(limit, name):
    """.01 is at least 4 standard errors."""
    market = limit(name, 1, **{"people.n": 200_000})
    assert adopted(market, 365 * YEARS) == pytest.approx(PUBLISHED[name], abs=0.01)
    got, model = limits.of(market.config).measured(market), limits.of(market.config).expected()
    assert got == pytest.approx(model, abs=0.01)


def preset_of(p, q, **network):
    """The changes that put yearly rates and a graph into the preset, and run it to saturation."""
    return {
        "categories.durable.usage": p,
        "behaviour.talk.rate": q,
        "network": network,
        "people.n": 200_000,
        "days": 1825,
    }


OTHERS = {
    "complete": preset_of(0.15, 1.5, kind="complete"),
    "complete, no imitation": preset_of(0.4, 0.0, kind="complete"),
    "ring": preset_of(0.1, 2.0, kind="ring"),
    "in pairs": preset_of(0.2, 3.0, kind="random_regular", degree=1),
    "three ties": preset_of(0.15, 2.0, kind="random_regular", degree=3),
    "seven ties": preset_of(0.1, 1.2, kind="random_regular", degree=7),
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_other_parameters(limit, changes):
    """.015 is at least 4 standard errors, less .001 that a word takes until the next day."""
    market = limit("bass", 2, **changes)
    days = np.arange(1, 21) * 1825 // 20
    model = limits.of(market.config)
    assert adopted(market, days) == pytest.approx(model.adopted(days), abs=0.015)


# --- a message takes a day ------------------------------------------------------------------------


@pytest.mark.parametrize("degree", [math.inf, 1, 2, 3, 10])
@pytest.mark.parametrize("ratio", [2, 36, 1200, 10_000])
@pytest.mark.parametrize("q", [0.003, 0.027])
def test_the_bound_of_the_lag(q, ratio, degree):
    """Close on the complete graph; on graphs of few ties the market is less late."""
    days = int(min(3 * ratio / q, (12 + 2 * math.log(ratio)) / q))
    late, bound = limits.Bass(q / ratio, q, degree, days).lag(), lag(q / ratio, q)
    assert 0 < late <= bound
    if math.isinf(degree):
        assert late == pytest.approx(bound, rel=0.02)
    if ratio <= 1200:
        assert bound <= 0.81 * q


FAST = [10 / 365, 0.1, 0.3]
NETWORKS = {"complete": math.inf, "ring": 2, "random_regular": 4}


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("q", FAST)
def test_the_market_is_late_by_what_a_day_costs(limit, q, kind):
    """Twenty-five to three hundred times the talk of the preset; .01 is 4 standard errors."""
    p, days = q / 20, int(9 / q)
    changes = preset_of(365 * p, 365 * q, kind=kind) | {"days": days}
    market = limit("bass", 5, **changes)
    model = limits.Bass(p, q, NETWORKS[kind], days)
    day = np.arange(1, days + 1)
    assert adopted(market, day) == pytest.approx(model.by_days()[1:], abs=0.01)
    late = np.abs(adopted(market, day) - model.adopted(day)).max()
    assert late <= lag(p, q) + 0.01
    if kind == "complete" and q > 0.05:
        assert late > lag(p, q) - 0.01


def test_talk_that_is_too_fast_for_days_is_no_bass_model(presets):
    """With q = 10 a year the market is .018 behind; with 2 it is .002."""
    slow = {"behaviour.talk.rate": 2.0}
    assert limits.of(load_market(presets / "bass.yaml", slow)).lag() < 0.005
    with pytest.warns(Remark, match=r"late by 1\.8% of all people"):
        fast = load_market(presets / "bass.yaml", {"behaviour.talk.rate": 10.0})
    with pytest.raises(limits.NotALimit, match=r"behind by up to 0\.018 of all people"):
        limits.of(fast)
    with pytest.raises(limits.NotALimit, match=r"talk\.rate must be lower"):
        limits.bass(fast)


def test_the_presets_differ_by_their_graphs_alone(presets):
    configs = {name: load_market(presets / f"{name}.yaml") for name in PUBLISHED}
    plain = {
        name: config.model_dump(exclude={"network"}, mode="json")
        for name, config in configs.items()
    }
    assert plain["bass"] == plain["bass_ring"] == plain["bass_regular"]
    assert len({config.network.kind for config in configs.values()}) == 3


SMALL = {"people.n": 20_000, "days": 3650}


def test_without_talk_there_is_no_s_curve(limit):
    """Adoptions a year rise to a peak in year 7 with word of mouth, and only fall without."""
    a_year = 365 * np.arange(11)
    talking = np.diff(adopted(limit("bass", 3, **SMALL), a_year))
    silent = limit("bass", 3, **SMALL, **{"behaviour.talk.rate": 0})
    assert 4 <= talking.argmax() <= 7
    assert talking.max() > 2.5 * talking[0]
    assert np.diff(adopted(silent, a_year)).argmax() == 0
    assert adopted(silent, 3650) == pytest.approx(1 - math.exp(-0.3), abs=0.015)


TEETH = {
    "silent": {"behaviour.talk.rate": 0},
    "deaf": {"behaviour.talk.trigger": 0.5},
    "shy": {"behaviour.talk.constant": 0.2},
    "slow delivery": {"brands.maker.products.durable.delivery_days": 180},
    "adopters leave": {"behaviour.dropout.propensity": 0.5},
    "unknown": {"brands.maker.awareness": 0.2, "behaviour.talk.awareness": 0.2},
    "outside": {"behaviour.choice.outside_weight": 0.5},
    "regular needs": {"categories.durable.regularity": 5, "categories.durable.start": "fresh"},
    "disappointing": {
        "brands.maker.products.durable.quality": 0.1,
        "behaviour.experience.prior": 0.3,
    },
}


@pytest.mark.parametrize("changes", TEETH.values(), ids=TEETH)
def test_a_mechanism_that_is_changed_leaves_the_limit(limit, changes):
    """.03 is 5 standard errors or more."""
    market = limit("bass", 4, **SMALL, **changes)
    model = limits.Bass(P, Q, math.inf, 3650)
    miss = np.abs(adopted(market, [1825, 3650]) - model.adopted([1825, 3650]))
    assert miss.max() > 0.03
    if "behaviour.talk.rate" not in changes:  # another rate is another Bass model
        with pytest.raises(limits.NotALimit):
            limits.bass(market.config)


def test_a_graph_that_is_not_in_the_theory_is_not_taken_for_one(presets):
    for network in (
        {"kind": "ring", "neighbours_each_side": 2},
        {"kind": "small_world", "mean_degree": 4, "rewire": 0.1},
        {"kind": "none"},
    ):
        config = load_market(presets / "bass.yaml", {"network": network})
        with pytest.raises(limits.NotALimit):
            limits.of(config)

"""The market on its first day: people differ as the file says, and each is who he is by his id."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.config.market import MarketConfig
from sim.config.parameters import Beta, Constant, Gamma, LogNormal
from sim.growth import grow
from sim.people.population import build_world, cents, log_gamma_quantile, quantile
from sim.state import NO_DAY
from sim.ties.homophily import assortativity
from sim.ties.network import Ties

U = np.linspace(0.001, 0.999, 999)


# --- distributions --------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("dist", "expected"),
    [
        (Gamma(mean=3, shape=2), stats.gamma(2, scale=1.5).ppf(U)),
        (Gamma(rate=4.414, shape=0.243), stats.gamma(0.243, scale=1 / 4.414).ppf(U)),
        (Beta(a=0.8, b=6.0), stats.beta(0.8, 6.0).ppf(U)),
        (LogNormal(mean=2, sigma=0.5), stats.lognorm(0.5, scale=2 * math.exp(-0.125)).ppf(U)),
        (Constant(value=0.7), np.full(U.size, 0.7)),
        (0.7, np.full(U.size, 0.7)),
    ],
    ids=str,
)
def test_quantiles(dist, expected):
    np.testing.assert_allclose(quantile(dist, U), expected, rtol=1e-9)


@pytest.mark.quick
def test_tastes_of_tiny_brands_do_not_underflow():
    """Gamma of shape .001 is below 1e-300 half the time; its logarithm must stay a number."""
    logs = log_gamma_quantile(0.001, U)
    assert np.isfinite(logs).all()
    assert (np.diff(logs) > 0).all()
    u = 0.5  # F(x) = x**shape / Gamma(shape + 1) near zero
    expected = (math.log(u) + math.lgamma(1.001)) / 0.001
    assert log_gamma_quantile(0.001, np.array([u]))[0] == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(
        log_gamma_quantile(2.5, U), np.log(stats.gamma(2.5).ppf(U)), rtol=1e-9, atol=1e-12
    )


@pytest.mark.quick
def test_cents_round_to_the_nearest():
    assert [cents(x) for x in (0, 0.05, 1.5, 79.99, 0.29, 1e7)] == [0, 5, 150, 7999, 29, 10**9]


# --- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trait", ["price_sensitivity", "sociability", "deal_proneness", "contact_sensitivity"]
)
def test_traits_follow_the_file_and_are_each_ones_own(market_config, trait):
    law = stats.gamma(3, scale=2 / 3)
    dist = {"dist": "gamma", "mean": 2, "shape": 3}
    if trait == "deal_proneness":  # a share
        law, dist = stats.beta(2, 5), {"dist": "beta", "a": 2, "b": 5}
    config = market_config(**{"people.n": 2000, f"people.{trait}": dist})
    people = build_world(config, 5).people
    drawn = people[trait]
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-3
    others = {"price_sensitivity", "sociability", "deal_proneness", "contact_sensitivity"} - {trait}
    assert all(abs(np.corrcoef(drawn, people[other])[0, 1]) < 0.1 for other in others)
    assert (build_world(config, 6).people[trait] != drawn).any()


@pytest.mark.quick
def test_needs_are_drawn_from_usage(market_config):
    config = market_config(**{"people.n": 2000})
    needs = build_world(config, 5).occasions
    for c, (mean, shape) in enumerate(((20, 2), (30, 1))):
        usage = 365 / needs[:, c]["cycle"]
        assert stats.kstest(usage, stats.gamma(shape, scale=mean / shape).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(needs[:, 0]["cycle"], needs[:, 1]["cycle"])[0, 1]) < 0.1


@pytest.mark.quick
@pytest.mark.parametrize("start", ["equilibrium", "fresh", "immediate"])
def test_who_does_not_use_a_category_never_needs_it(market_config, start):
    never = market_config(**{"categories.soap.usage": 0, "categories.soap.start": start})
    needs = build_world(never, 5).occasions[:, 1]
    assert np.isinf(needs["cycle"]).all()
    assert np.isinf(needs["due"]).all()


FIRST_WAITS = {
    ("equilibrium", math.inf): stats.uniform(0, 1),  # anywhere in a fixed cycle
    ("equilibrium", 1.0): stats.expon(),  # no memory
    ("fresh", 1.0): stats.expon(),
    ("fresh", 4.0): stats.gamma(4, scale=1 / 4),
}


@pytest.mark.parametrize(("start", "regularity"), FIRST_WAITS)
def test_the_wait_for_the_first_need(market_config, start, regularity):
    changes = {"people.n": 2000, "burn_in": 0, "categories.cream.usage": 10}
    changes |= {"categories.cream.start": start, "categories.cream.regularity": regularity}
    due = build_world(market_config(**changes), 5).occasions[:, 0]["due"]
    assert stats.kstest(due / 36.5, FIRST_WAITS[start, regularity].cdf).pvalue > 1e-3


def test_the_equilibrium_wait_is_the_residual_life():
    """Mean residual life of a Gamma renewal process: half a cycle times (1 + 1 / shape)."""
    shape = 3.0
    base = {
        "categories": {"tea": {"usage": 1, "period_days": 1, "regularity": shape}},
        "brands": {"A": {"products": {"tea": {"category": "tea", "price": 1, "unit_cost": 1}}}},
        "people": {"n": 4000},
        "network": {"kind": "none"},
        "burn_in": 0,
    }
    due = build_world(MarketConfig.model_validate(base), 5).occasions[:, 0]["due"]
    assert due.mean() == pytest.approx(0.5 * (1 + 1 / shape), abs=0.03)


@pytest.mark.quick
def test_immediate_and_fixed_first_needs(market_config):
    changes = {"burn_in": 20, "categories.cream.usage": 10, "categories.cream.start": "immediate"}
    assert set(build_world(market_config(**changes), 5).occasions[:, 0]["due"]) == {-20.0}
    changes |= {"categories.cream.start": "fresh", "categories.cream.regularity": math.inf}
    assert set(build_world(market_config(**changes), 5).occasions[:, 0]["due"]) == {16.5}


@pytest.mark.quick
def test_bonds_begin_as_the_file_says(market_config):
    config = market_config(**{"people.n": 2000})
    relationships = build_world(config, 5).relationships
    for b, brand in enumerate(config.brands.values()):
        column = relationships[:, b]
        assert column["aware"].mean() == pytest.approx(brand.awareness, abs=0.05)
        taste = stats.gamma(brand.share * config.behaviour.choice.concentration)
        assert stats.kstest(np.exp(column["log_taste"]), taste.cdf).pvalue > 1e-3
        assert stats.kstest(column["dropout"], stats.beta(0.8, 6.0).cdf).pvalue > 1e-3
    for one, other in ((0, 1), (0, 2), (1, 2)):  # a taste for one says nothing of another
        correlation = np.corrcoef(
            relationships[:, one]["log_taste"], relationships[:, other]["log_taste"]
        )
        assert abs(correlation[0, 1]) < 0.1
        assert (
            abs(np.corrcoef(relationships[:, one]["aware"], relationships[:, other]["aware"])[0, 1])
            < 0.1
        )
    for field in ("product", "service", "overall", "expectation"):
        np.testing.assert_allclose(relationships[field], 0.6, rtol=1e-6)
    assert (relationships["trust"] == 0.5).all()
    for field in ("first_day", "last_day", "dropped_out_day", "word_of_mouth_day", "contagion_day"):
        assert (relationships[field] == NO_DAY).all()
    assert not relationships["orders"].any()
    assert not relationships["dropped_out"].any()


@pytest.mark.quick
def test_products_and_brands_are_in_cents(market_config):
    world = build_world(market_config(), 5)
    assert world.products["price_cents"].tolist() == [10000, 2200, 8000, 15000, 1800]
    assert world.products["base_cents"].tolist() == [10000, 2200, 8000, 15000, 1800]
    assert world.products["cost_cents"].tolist() == [4000, 900, 3000, 6000, 800]
    assert world.products["brand"].tolist() == [0, 0, 1, 1, 2]
    assert world.products["category"].tolist() == [0, 1, 0, 0, 1]
    # two products of one brand and category share its weight
    np.testing.assert_allclose(np.exp(world.products["log_share"]), [1, 1, 0.5, 0.5, 1])
    assert world.brands["ad_cents"].tolist() == [600, 0, 1200]  # a day, for 120 people
    # 40 days of a cycle of 365 / 20 days
    assert world.products["cycles"][3] == pytest.approx(40 / 18.25)
    assert world.products["cycle_days"].tolist() == pytest.approx(
        [18.25, 365 / 30, 18.25, 40, 365 / 30]
    )
    assert world.products["promised_days"].tolist() == [3, 1, 3, 3, 0]


@pytest.mark.quick
def test_a_person_is_the_same_in_a_larger_market(market_config):
    small = build_world(market_config(**{"network": {"kind": "none"}}), 5)
    large = build_world(market_config(**{"network": {"kind": "none"}, "people.n": 150}), 5)
    np.testing.assert_array_equal(large.people[:120], small.people)
    np.testing.assert_array_equal(large.occasions[:120], small.occasions)
    for field in small.relationships.dtype.names:
        np.testing.assert_array_equal(large.relationships[:120][field], small.relationships[field])


# --- ties -----------------------------------------------------------------------------------------


def test_ties_depend_on_the_seed(market_config):
    one, same, two = (build_world(market_config(), seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.neighbours, same.neighbours)
    assert one.neighbours.size == 120 * 6
    assert (one.neighbours != two.neighbours).any()


@pytest.mark.parametrize("homophily", [0.0, 0.9])
def test_homophily_makes_ties_alike(market_config, homophily):
    changes = {"people.n": 1000, "network.homophily": homophily}
    world = build_world(market_config(**changes), 5)
    ties = Ties(world.indptr, world.neighbours, world.strength, 6.0, False)
    usage = np.log(world.occasions[:, 0]["cycle"])
    found = {
        "usage": assortativity(ties, usage),
        "taste": assortativity(ties, world.relationships[:, 0]["log_taste"].astype(float)),
    }
    if homophily:
        assert min(found.values()) > 0.4, found
    else:
        assert max(map(abs, found.values())) < 0.08, found
    # alike or not, usage is spread over people as the file says
    assert stats.kstest(365 / np.exp(usage), stats.gamma(2, scale=10).cdf).pvalue > 1e-3


# --- room -----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_making_room_keeps_what_is_there(busy):
    market = busy()
    for _ in range(30):
        market.step()
    full = market.world
    orders, touches = len(full.orders), len(full.touches)
    pending = full.touches_due.link["day"].copy()
    full.tally[0]["orders"] = orders  # as if they were full
    full.tally[0]["touches_free"] = 0
    roomy = grow(full)
    assert len(roomy.orders) >= 2 * orders
    assert len(roomy.orders_due.link) == len(roomy.orders)
    np.testing.assert_array_equal(roomy.orders[:orders], full.orders)
    np.testing.assert_array_equal(roomy.orders_due.link[:orders], full.orders_due.link)
    assert len(roomy.touches_due.link) == len(roomy.touches) >= 2 * touches
    np.testing.assert_array_equal(roomy.touches_due.link["day"][:touches], pending)
    free = roomy.free_touches[: roomy.tally[0]["touches_free"]]
    assert sorted(free) == list(range(touches, len(roomy.touches)))
    assert grow(roomy).orders is roomy.orders, "there is room enough"


def test_tables_that_grow_change_nothing(still):
    """More orders in a day than the tables have room for at the start."""
    market = still(**{"people.n": 5000, "days": 40, "categories.cream.period_days": 10})
    room = len(market.world.orders)
    market.run_model()
    assert len(market.orders) == 4 * 5000 > 2 * room
    for day in (0, 10, 20, 30):
        buyers = market.orders["person"][market.orders["day"] == day]
        np.testing.assert_array_equal(buyers, np.arange(5000))
    assert (market.orders["arrived_day"][:15000] == market.orders["day"][:15000] + 3).all()
    assert market.world.touches_due.link.size == len(market.world.touches)

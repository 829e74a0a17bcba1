"""Traits in common and alike across ties: who has what changes, how much there is does not."""

import numpy as np
import pytest
from scipy import special, stats

from sim.people.population import build_world
from sim.people.traits import in_common
from sim.ties.homophily import assortativity
from sim.ties.network import Ties

BETA = {"dist": "beta", "a": 3.0, "b": 2.0}
PROPENSITY = stats.beta(0.8, 6.0)


def made(market_config, seed=5, **changes):
    return build_world(market_config(**{"people.n": 4000, **changes}), seed)


def likeness(world, trait) -> float:
    ties = Ties(world.indptr, world.neighbours, world.strength, 6.0, False)
    return assortativity(ties, np.asarray(trait, float))


@pytest.mark.quick
@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_what_is_in_common_leaves_each_uniform_and_correlates_scores(share):
    rng = np.random.default_rng(1)
    common, one, two = rng.random((3, 50_000))
    first, second = (in_common(own, common, share) for own in (one, two))
    for found in (first, second):
        assert stats.kstest(found, stats.uniform.cdf).pvalue > 1e-3
    scores = special.ndtri([first, second])
    assert np.corrcoef(scores)[0, 1] == pytest.approx(share, abs=0.02)
    if share == 0:
        assert first is one
    if share == 1:
        np.testing.assert_allclose(first, common, rtol=1e-12)


@pytest.mark.quick
@pytest.mark.parametrize("homophily", [0.0, 1.0])
@pytest.mark.parametrize("common", [0.0, 0.6, 1.0])
def test_propensity_keeps_its_distribution(market_config, common, homophily):
    changes = {"behaviour.dropout.common": common, "network.homophily_dropout": homophily}
    world = made(market_config, **changes)
    dropout = world.relationships["dropout"]
    for column in dropout.T:
        assert stats.kstest(column, PROPENSITY.cdf).pvalue > 1e-3
    scores = special.ndtri(np.clip(PROPENSITY.cdf(dropout.T), 1e-12, 1 - 1e-7))
    between = np.corrcoef(scores)[np.triu_indices(3, 1)]
    np.testing.assert_allclose(between, common, atol=0.06)
    across = [likeness(world, score) for score in scores]
    if homophily and common:
        assert min(across) > 0.7 * common
    else:
        assert max(map(abs, across)) < 0.05


@pytest.mark.quick
def test_a_standard_is_a_persons_own_and_alike_across_ties(market_config):
    spread = {"behaviour.experience.expectation": BETA}
    apart, alike = (
        made(market_config, **spread, **{"network.homophily_dropout": homophily})
        for homophily in (0.0, 1.0)
    )
    for world in (apart, alike):
        expected = world.relationships["expectation"]
        assert (expected == expected[:, :1]).all(), "the same with every brand"
        assert stats.kstest(expected[:, 0], stats.beta(3, 2).cdf).pvalue > 1e-3
    assert abs(likeness(apart, apart.relationships["expectation"][:, 0])) < 0.05
    assert likeness(alike, alike.relationships["expectation"][:, 0]) > 0.7


@pytest.mark.quick
def test_where_nothing_differs_or_is_in_common_likeness_changes_nothing(market_config):
    one, two = (
        made(market_config, **{"network.homophily_dropout": homophily}) for homophily in (0.0, 0.9)
    )
    assert one.relationships.tobytes() == two.relationships.tobytes()
    assert one.occasions.tobytes() == two.occasions.tobytes()


@pytest.mark.quick
def test_what_is_in_common_moves_no_other_trait(market_config):
    one, two = (
        made(market_config, **{"behaviour.dropout.common": common}) for common in (0.0, 0.9)
    )
    for name in set(one.relationships.dtype.names) - {"dropout"}:
        np.testing.assert_array_equal(one.relationships[name], two.relationships[name])
    assert one.people.tobytes() == two.people.tobytes()
    assert (one.relationships["dropout"] != two.relationships["dropout"]).any()

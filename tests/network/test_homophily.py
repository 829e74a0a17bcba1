"""Homophily: friends are alike, and nobody else is changed by it."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import kstest
from ties import KINDS, degrees, draws, make, matrix, scores

from sim.ties.homophily import alike, assortativity
from sim.ties.network import Ties


@pytest.mark.parametrize("kind", KINDS)
def test_likeness_is_nothing_at_zero_and_grows_in_proportion(kind: str) -> None:
    ties = make(kind, 5000)
    found = [assortativity(ties, scores(ties, h)) for h in (0, 0.25, 0.5, 0.75, 1)]
    assert abs(found[0]) < 0.04
    assert found == sorted(found)
    assert found[-1] > 0.4
    assert found == pytest.approx(np.linspace(0, found[-1], 5), abs=0.06)


@pytest.mark.parametrize(
    ("kind", "given", "most"),
    [
        ("ring", {"neighbours_each_side": 2}, 0.95),
        ("small_world", {"mean_degree": 10, "rewire": 0.1}, 0.88),
        ("random_regular", {"degree": 4}, 0.77),
        ("random_regular", {"degree": 10}, 0.5),
        ("erdos_renyi", {"mean_degree": 10.0}, 0.5),
        ("scale_free", {"mean_degree": 10, "clustering": 0.5}, 0.55),
        ("scale_free", {"mean_degree": 10, "clustering": 0}, 0.46),
        ("blocks", {"sizes": [0.05] * 20, "mean_degree_within": 9.0}, 0.76),
    ],
)
def test_likeness_reaches_what_is_documented(kind: str, given: dict[str, Any], most: float) -> None:
    ties = make(kind, 10_000, **given)
    found = [assortativity(ties, scores(ties, 1, seed)) for seed in range(3)]
    assert np.mean(found) == pytest.approx(most, abs=0.025)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("homophily", [0.3, 0.7, 1])
def test_traits_stay_uniform_over_the_people(kind: str, homophily: float) -> None:
    trait = alike(make(kind, 5000), *draws(5000), homophily)
    assert kstest(trait, "uniform").pvalue > 0.001
    assert trait.mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("kind", ["ring", "scale_free", "erdos_renyi"])
def test_traits_stay_uniform_for_each_person(kind: str) -> None:
    """The hub, the loner and the rest each have an ordinary spread over many markets."""
    ties = make(kind, 300)
    found = np.array([scores(ties, 1, seed) for seed in range(300)])
    assert found.mean(axis=0) == pytest.approx(0, abs=0.3)  # five standard errors
    hub = found[:, np.argmax(degrees(ties))]
    assert hub.std() == pytest.approx(1, abs=0.35)
    assert np.mean(np.abs(hub) < 0.5) > 0.2  # not always just as far from the average
    assert np.median(found.std(axis=0)) == pytest.approx(1, abs=0.05)


def test_without_homophily_traits_are_the_peoples_own() -> None:
    own, field = draws(2000)
    for kind in KINDS:
        assert np.array_equal(alike(make(kind), own, field, 0), own)


def test_without_ties_or_with_all_of_them_traits_are_the_peoples_own() -> None:
    for n in (1, 2, 50):
        own, field = draws(n)
        for kind in ("none", "complete"):
            assert np.array_equal(alike(make(kind, n), own, field, 0.7), own)
    own, field = draws(50)
    assert np.array_equal(alike(make("erdos_renyi", 50, mean_degree=0), own, field, 1), own)


@pytest.mark.parametrize("kind", KINDS)
def test_two_traits_on_one_graph_are_uncorrelated(kind: str) -> None:
    ties = make(kind, 500)
    many = np.array([scores(ties, 1, seed) for seed in range(60)])
    found = np.corrcoef(many)[np.triu_indices(60, 1)]
    assert np.mean(found) == pytest.approx(0, abs=0.02)
    assert np.abs(found).max() < 0.8


def test_a_further_trait_changes_no_other() -> None:
    ties, arrays = make("scale_free"), draws(2000)
    kept = [array.copy() for array in (*ties[:3], *arrays)]
    first = alike(ties, *arrays, 0.5)
    alike(ties, *draws(2000, 8), 0.5)
    assert np.array_equal(alike(ties, *arrays, 0.5), first)
    assert all(map(np.array_equal, kept, (*ties[:3], *arrays))), "what is given is left as it was"


def test_homophily_makes_hubs_no_more_average_than_others() -> None:
    ties = make("scale_free", 20_000)
    hubs = np.argsort(degrees(ties))[-500:]
    found = np.array([scores(ties, 1, seed)[hubs] for seed in range(5)])
    assert found.std() == pytest.approx(1, abs=0.15)
    assert found.mean() == pytest.approx(0, abs=0.3)


def test_the_lonely_keep_their_own_field() -> None:
    ties = make("erdos_renyi", 20_000, mean_degree=1.5)
    own, field = draws(20_000)
    alone = degrees(ties) == 0
    assert alone.sum() > 1000
    trait = alike(ties, own, field, 1)[alone]
    assert trait == pytest.approx(field[alone], abs=0.05)
    assert np.array_equal(np.argsort(trait), np.argsort(field[alone]))


@pytest.mark.parametrize("kind", ["small_world", "scale_free", "erdos_renyi"])
def test_renumbering_the_people_renumbers_their_traits(kind: str) -> None:
    ties, (own, field) = make(kind), draws(2000)
    order = np.random.default_rng(2).permutation(2000)  # person order[k] becomes person k
    moved = csr_array(matrix(ties)[order][:, order])
    moved.sort_indices()
    renumbered = Ties(moved.indptr, moved.indices, moved.data, ties.mean_degree, False)
    found = alike(renumbered, own[order], field[order], 0.6)
    # sums in another order round differently, which may swap neighbouring ranks
    assert found == pytest.approx(alike(ties, own, field, 0.6)[order], abs=0.01)


def test_likeness_of_pairs() -> None:
    """Partners have one field, whose rank they share but for one; of the two the noise decides."""
    ties = make("random_regular", degree=1)
    trait = alike(ties, *draws(2000), 1)
    assert trait == pytest.approx(trait[ties.neighbours], abs=1.01 / 2000)
    lone_pair = make("random_regular", 2, degree=1)
    half, low, high = np.full(2, 0.5), [0.2, 0.6], [0.6, 0.2]
    assert alike(lone_pair, half, np.array(low), 1) == pytest.approx([0.25, 0.75])
    assert alike(lone_pair, half, np.array(high), 1) == pytest.approx([0.75, 0.25])


def test_traits_stay_inside_at_the_ends_of_the_draws() -> None:
    ends = np.tile([5e-324, np.nextafter(1, 0)], 50)
    for homophily in (0.001, 0.5, 0.999):
        trait = alike(make("ring", 100), ends, ends, homophily)
        assert np.all((trait > 0) & (trait < 1))


def test_assortativity_of_known_cases() -> None:
    ring = make("ring", 8, neighbours_each_side=1)
    assert assortativity(ring, np.array([1.0, -1] * 4)) == pytest.approx(-1)
    assert assortativity(make("complete", 5), np.arange(5.0)) == pytest.approx(-1 / 4)
    assert np.isnan(assortativity(make("none", 5), np.arange(5.0)))
    assert np.isnan(assortativity(ring, np.ones(8)))

"""Ties: each graph has the properties that its paper gives it, and wrong settings say so."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.stats import chisquare
from ties import (
    CONFIG,
    KINDS,
    check,
    clustering,
    degrees,
    draws,
    make,
    same,
    sources,
)

from sim.ties import graphs
from sim.ties.homophily import alike
from sim.ties.network import Ties

# Every kind


@pytest.mark.parametrize("kind", KINDS)
def test_is_well_formed(kind: str) -> None:
    ties = make(kind, strength_spread=0.3)
    check(ties)
    assert not ties.complete


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_ties_other_seed_others(kind: str) -> None:
    def one(seed: int) -> Ties:
        return make(kind, 500, seed, strength_spread=0.2)

    assert same(one(3), one(3))
    assert not same(one(3), one(4))


@pytest.mark.parametrize("kind", KINDS)
def test_pickles(kind: str) -> None:
    ties = make(kind, 100)
    assert same(pickle.loads(pickle.dumps(ties)), ties)


@pytest.mark.parametrize("kind", [*KINDS, "none", "complete"])
def test_config_survives_a_round_trip(kind: str) -> None:
    config = CONFIG.validate_python({"kind": kind, **KINDS.get(kind, {})})
    assert CONFIG.validate_json(CONFIG.dump_json(config)) == config


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(list(KINDS)),
    n=st.integers(1, 60),
    half=st.integers(1, 6),
    chance=st.floats(0, 1),
    homophily=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_any_setting_makes_a_simple_graph_and_traits_or_says_why_not(
    kind: str, n: int, half: int, chance: float, homophily: float, seed: int
) -> None:
    fields: dict[str, dict[str, Any]] = {
        "ring": {"neighbours_each_side": half},
        "small_world": {"mean_degree": 2 * half, "rewire": chance},
        "scale_free": {"mean_degree": 2 * half, "clustering": chance},
        "random_regular": {"degree": half},
        "erdos_renyi": {"mean_degree": 12 * chance},
        "blocks": {"mean_degree_within": 6 * chance, "mean_degree_between": chance},
    }
    try:
        ties = make(kind, n, seed, **fields[kind])
    except ValueError as error:
        assert n <= 2 * half or n * half % 2 or kind in ("erdos_renyi", "blocks")
        assert any(word in str(error) for word in ("lower", "raise", "make", "split"))
    else:
        check(ties)
        trait = alike(ties, *draws(n, seed), homophily)
        assert trait.shape == (n,)
        assert np.all((trait > 0) & (trait < 1))


# Each kind


def test_none_and_complete_store_nothing() -> None:
    none, complete = make("none", 50), make("complete", 50)
    for ties in (none, complete):
        check(ties._replace(mean_degree=0.0))
        assert ties.neighbours.size == 0
        assert ties.indptr.size == 51
    assert (none.mean_degree, none.complete) == (0, False)
    assert (complete.mean_degree, complete.complete) == (49, True)


def test_ring_knows_the_nearest() -> None:
    ties = make("ring", 10, neighbours_each_side=2)
    assert np.all(degrees(ties) == 4)
    assert ties.neighbours[:4].tolist() == [1, 2, 8, 9]


def test_small_world_without_rewiring_is_a_ring() -> None:
    assert same(
        make("small_world", 100, mean_degree=6, rewire=0),
        make("ring", 100, neighbours_each_side=3),
    )


def test_small_world_clustering_falls_with_rewiring() -> None:
    found = [clustering(make("small_world", rewire=p)) for p in (0, 0.01, 0.1, 0.5, 1)]
    assert found[0] == pytest.approx(3 * (8 - 2) / (4 * (8 - 1)))  # Watts & Strogatz, degree 8
    assert found == sorted(found, reverse=True)
    assert found[2] == pytest.approx(found[0] * 0.9**3, rel=0.05)  # Barrat & Weigt 2000
    assert found[-1] < 0.02


def test_small_world_keeps_the_number_of_ties_even_when_full() -> None:
    ties = make("small_world", 9, mean_degree=8, rewire=1)
    assert np.all(degrees(ties) == 8)
    assert make("small_world", rewire=0.7).mean_degree == 8


def test_scale_free_has_hubs_and_the_exponent_of_its_paper() -> None:
    ties = make("scale_free", 20_000, mean_degree=10)
    degree = degrees(ties)
    assert degree.min() == 5
    assert degree.max() > 30 * degree.mean()
    m, k = 5, np.array([5, 6, 8, 10, 20, 40])
    tail = (degree[:, None] >= k).mean(axis=0)
    exact = m * (m + 1) / (k * (k + 1))  # P(degree >= k), Dorogovtsev, Mendes & Samukhin 2000
    assert tail == pytest.approx(exact, rel=0.1)
    assert ties.neighbours.size == 2 * (15 + 5 * (20_000 - 6))


def test_scale_free_clusters_with_triads() -> None:
    found = [clustering(make("scale_free", clustering=p)) for p in (0, 0.5, 1)]
    assert found[0] < 0.1 < found[1] < found[2]
    assert found[1] > 2 * found[0]


def test_scale_free_triads_close_on_the_node_chosen_by_degree() -> None:
    n, m = 300, 4
    older, newcomer = graphs.scale_free(n, 2 * m, 1.0, np.random.default_rng(1))
    tied = set(zip(older.tolist(), newcomer.tolist(), strict=True))
    for u in range(m + 1, n):
        hub, *others = older[newcomer == u].tolist()
        assert len(others) == m - 1
        assert all((min(hub, v), max(hub, v)) in tied for v in others)


@pytest.mark.parametrize(("n", "degree"), [(10, 1), (1001, 4), (20, 15), (8, 7), (50, 24), (40, 3)])
def test_random_regular_is_exact(n: int, degree: int) -> None:
    ties = make("random_regular", n, degree=degree)
    check(ties)
    assert np.all(degrees(ties) == degree)


def test_random_regular_is_uniform() -> None:
    """There are 70 labelled graphs of 6 people with 2 ties each: 60 hexagons, 10 pairs of rings."""
    rng = np.random.default_rng(11)
    found: dict[bytes, int] = {}
    for _ in range(7000):
        a, b = graphs.random_regular(6, 2, rng)
        key = np.sort(a * 6 + b).tobytes()
        found[key] = found.get(key, 0) + 1
    assert len(found) == 70
    assert chisquare(list(found.values())).pvalue > 0.001


def test_erdos_renyi_degrees_are_binomial() -> None:
    degree = degrees(make("erdos_renyi", 50_000, mean_degree=5))
    assert degree.mean() == pytest.approx(5, abs=0.06)
    assert degree.var() == pytest.approx(5, rel=0.03)
    assert (degree == 0).mean() == pytest.approx(np.exp(-5), rel=0.25)


def test_erdos_renyi_reaches_every_pair_alike() -> None:
    rng = np.random.default_rng(5)
    count = np.zeros((6, 6), np.int64)
    for _ in range(4000):
        count[graphs.erdos_renyi(6, 2.0, rng)] += 1
    pairs = count[np.triu_indices(6, 1)]
    assert count.sum() == pairs.sum()
    assert pairs == pytest.approx(1600, abs=4 * 31)


def test_erdos_renyi_at_its_ends() -> None:
    assert make("erdos_renyi", 20, mean_degree=0).neighbours.size == 0
    assert make("erdos_renyi", 20, mean_degree=1e-15).neighbours.size == 0
    assert np.all(degrees(make("erdos_renyi", 20, mean_degree=19)) == 19)


def test_blocks_have_their_ties_within_and_between() -> None:
    n = 20_000
    ties = make("blocks", n)
    block = np.repeat([0, 1, 2], [4000, 6000, 10_000])
    inside = block[sources(ties)] == block[ties.neighbours]
    for k in range(3):
        mine = block[sources(ties)] == k
        assert (mine & inside).sum() / (block == k).sum() == pytest.approx(6, abs=0.2)
    assert (~inside).sum() / n == pytest.approx(1, abs=0.05)


# Strength


def test_strength_is_constant_or_spreads_around_its_mean() -> None:
    assert np.all(make("ring", strength=0.25).strength == np.float32(0.25))
    spread = make("erdos_renyi", 20_000, strength=0.3, strength_spread=0.5).strength
    assert spread.mean() == pytest.approx(0.3, abs=0.005)
    assert spread.std() == pytest.approx(0.5 * np.sqrt(0.3 * 0.7), rel=0.02)
    assert np.all(make("ring", strength=1, strength_spread=0.5).strength == 1)


def test_changing_strength_leaves_the_topology_and_the_other_way_round() -> None:
    plain, spread = make("small_world"), make("small_world", strength_spread=0.5)
    assert np.array_equal(plain.neighbours, spread.neighbours)

    def drawn(rewire: float) -> NDArray[np.float32]:
        return np.sort(make("small_world", strength_spread=0.5, rewire=rewire).strength)

    assert np.array_equal(drawn(0.1), drawn(0.9))


@pytest.mark.parametrize("kind", KINDS)
def test_homophily_leaves_the_ties(kind: str) -> None:
    assert same(make(kind, homophily=1, strength_spread=0.3), make(kind, strength_spread=0.3))


# Settings that no graph has


@pytest.mark.parametrize(
    ("kind", "n", "given", "message"),
    [
        ("ring", 4, {}, "needs at least 5 people, not 4"),
        ("small_world", 8, {}, "needs at least 9 people, not 8"),
        ("scale_free", 4, {}, "needs at least 5 people, not 4"),
        ("random_regular", 6, {}, "needs at least 7 people, not 6"),
        ("random_regular", 9, {"degree": 3}, "9 x 3 is odd"),
        ("erdos_renyi", 5, {}, "lower mean_degree to at most 4"),
        ("blocks", 20, {}, r"block 1 of 3 has 4 of 20 people"),
        ("blocks", 9, {"sizes": [1], "mean_degree_between": 2}, "split the blocks"),
        ("ring", 0, {}, "at least one person"),
    ],
)
def test_impossible_settings_say_what_to_change(
    kind: str, n: int, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make(kind, n, **given)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "star"},
        {"kind": "ring", "neighbours_each_side": 0},
        {"kind": "small_world", "mean_degree": 5},
        {"kind": "scale_free", "clustering": 1.1},
        {"kind": "ring", "strength": 0},
        {"kind": "ring", "homophily": -0.1},
        {"kind": "complete", "homophily": 0.5},
        {"kind": "blocks", "sizes": [0.5, 0.6]},
        {"kind": "blocks", "sizes": []},
        {"kind": "edge_list"},
    ],
)
def test_config_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CONFIG.validate_python(wrong)

"""Ties: each graph has the properties that its paper gives it, and wrong settings say so."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from scipy.sparse import csr_array
from scipy.special import ndtri
from scipy.stats import chisquare, kstest

from sim import graphs
from sim.network import NetworkConfig, Ties, alike, assortativity, build

CONFIG: TypeAdapter[Any] = TypeAdapter(NetworkConfig)

KINDS: dict[str, dict[str, Any]] = {
    "ring": {"neighbours_each_side": 2},
    "small_world": {"mean_degree": 8, "rewire": 0.1},
    "scale_free": {"mean_degree": 8, "clustering": 0.5},
    "random_regular": {"degree": 6},
    "erdos_renyi": {"mean_degree": 6.0},
    "blocks": {"sizes": [0.2, 0.3, 0.5], "mean_degree_within": 6.0, "mean_degree_between": 1.0},
}


def make(kind: str, n: int = 2000, seed: int = 1, **given: Any) -> Ties:
    config = CONFIG.validate_python({"kind": kind, **KINDS.get(kind, {}), **given})
    return build(config, n, np.random.default_rng(seed))


def matrix(ties: Ties) -> Any:
    n = ties.indptr.size - 1
    return csr_array((ties.strength, ties.neighbours, ties.indptr), shape=(n, n))


def degrees(ties: Ties) -> NDArray[np.int64]:
    return np.diff(ties.indptr)


def sources(ties: Ties) -> NDArray[np.int64]:
    return np.repeat(np.arange(ties.indptr.size - 1), degrees(ties))


def clustering(ties: Ties) -> float:
    """Mean local clustering coefficient."""
    linked = matrix(ties).astype(bool).astype(np.int64)
    closed = (linked @ linked).multiply(linked).sum(axis=1)
    degree = degrees(ties)
    return float(np.mean(closed / np.maximum(degree * (degree - 1), 1)))


def draws(n: int, seed: int = 7) -> NDArray[np.float64]:
    """Two uniforms for each person: own, field."""
    return np.random.default_rng(seed).random((2, n))


def scores(ties: Ties, homophily: float, seed: int = 7) -> NDArray[np.float64]:
    return ndtri(alike(ties, *draws(ties.indptr.size - 1, seed), homophily))


def same(one: Ties, two: Ties) -> bool:
    pairs: Any = zip(one, two, strict=True)
    return all(np.array_equal(x, y) for x, y in pairs)


def check(ties: Ties, directed: bool = False) -> None:
    """Whatever the graph: well-formed rows, simple, and symmetric unless directed."""
    n = ties.indptr.size - 1
    assert ties.indptr.dtype == np.int64
    assert ties.neighbours.dtype == np.int32
    assert ties.strength.dtype == np.float32
    assert ties.indptr[0] == 0
    assert ties.indptr[-1] == ties.neighbours.size == ties.strength.size
    assert ties.mean_degree == pytest.approx(ties.neighbours.size / n)
    key = sources(ties) * n + ties.neighbours
    assert np.all(np.diff(key) > 0), "rows ascend without repeats"
    assert np.all(sources(ties) != ties.neighbours), "nobody knows themselves"
    assert np.all((ties.neighbours >= 0) & (ties.neighbours < n))
    assert np.all((ties.strength > 0) & (ties.strength <= 1))
    if not directed:
        assert abs(matrix(ties) - matrix(ties).T).nnz == 0, "both directions, equally strong"


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


# Homophily


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


# Edge lists


def listed(folder: Path, text: str, n: int = 5, **given: Any) -> Ties:
    path = folder / "ties.csv"
    path.write_text(text, encoding="utf-8")
    return make("edge_list", n, file=str(path), **given)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("separator", [",", " ", "\t", ", "])
def test_edge_list_round_trip(tmp_path: Path, directed: bool, separator: str) -> None:
    ties = make("erdos_renyi", 200, strength_spread=0.4)
    a, b, s = sources(ties), ties.neighbours, ties.strength
    keep = slice(None) if directed else a < b
    rows = zip(a[keep], b[keep], s[keep].astype(float), strict=True)
    text = "\n".join(separator.join(map(repr_of, row)) for row in rows)
    assert same(listed(tmp_path, text, 200, directed=directed), ties)


def repr_of(value: Any) -> str:
    return repr(value.item())


def test_edge_list_directed_stores_one_direction(tmp_path: Path) -> None:
    ties = listed(tmp_path, "0,1\n1,0\n0,2\n4,3", directed=True, strength_spread=0.5)
    check(ties, directed=True)
    assert degrees(ties).tolist() == [2, 1, 0, 0, 1]
    assert ties.strength[0] == ties.strength[2], "both directions of a tie start equally strong"


def test_edge_list_takes_headers_comments_and_both_directions(tmp_path: Path) -> None:
    ties = listed(tmp_path, "\ufeff# seen\n% kept\n\nfrom,to,strength\n0,1,.9\n1,0,.9\n2,3\n")
    assert ties.neighbours.tolist() == [1, 0, 3, 2]
    assert ties.strength == pytest.approx([0.9, 0.9, 0.5, 0.5])
    check(ties)


def test_edge_list_may_be_empty(tmp_path: Path) -> None:
    assert listed(tmp_path, "from,to\n").neighbours.size == 0


def test_edge_list_makes_traits_alike_whatever_its_directions(tmp_path: Path) -> None:
    text = "\n".join(f"{i},{(i + 1) % 500}" for i in range(500))
    one_way, both_ways = (listed(tmp_path, text, 500, directed=d) for d in (True, False))
    assert assortativity(one_way, scores(one_way, 0.8)) > 0.6
    assert np.array_equal(scores(one_way, 0.8), scores(both_ways, 0.8))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,1\n0", r"ties.csv:2: .*found 1 fields"),
        ("0,1,.5,7", r"ties.csv:1: .*found 4 fields"),
        ("from,to\n0,one", r"ties.csv:2: .*whole numbers, not '0' and 'one'"),
        ("0,1.5", r"ties.csv:1: .*whole numbers"),
        ("0,1\n\n# so\n1,5", r"ties.csv:4: there is no person 5 among 5 people numbered 0 to 4"),
        ("-1,1", r"ties.csv:1: there is no person -1"),
        ("2,2", r"ties.csv:1: person 2 is tied to themselves"),
        ("0,1,0", r"ties.csv:1: strength must be above 0 and at most 1, not '0'"),
        ("0,1,nan", r"ties.csv:1: strength"),
        ("0,1,weak", r"ties.csv:1: strength .* not 'weak'"),
        ("0,1\n2,3\n0,1", r"ties.csv:3: the tie of line 1 is given again"),
        ("0,1,.5\n1,0,.6", r"ties.csv:2: the tie of line 1 is given again"),
        ("a,b\nc,d", r"ties.csv:2: "),
    ],
)
def test_edge_list_errors_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        listed(tmp_path, text)


def test_edge_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing\.csv: cannot be read"):
        make("edge_list", 5, file=str(tmp_path / "missing.csv"))
    (tmp_path / "latin.csv").write_bytes(b"0,1\n\xff\xfe,2")
    with pytest.raises(ValueError, match=r"latin\.csv: is not a text file in UTF-8"):
        make("edge_list", 5, file=str(tmp_path / "latin.csv"))

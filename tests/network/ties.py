"""What tests of ties share: graphs of every kind, how to look at them, and what all must be."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy.sparse import csr_array
from scipy.special import ndtri

from sim.ties.homophily import alike
from sim.ties.network import NetworkConfig, Ties, build

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

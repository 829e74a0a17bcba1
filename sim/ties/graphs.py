"""Generators of graph topologies: who could know whom, before anybody lives there.

Each function returns an undirected simple graph as two arrays `(a, b)`, one entry per edge, nodes
0..n-1, without self-loops or repeated edges. Each uses only the generator it is handed, so equal
seeds give equal graphs; none depends on hash order or on the number of threads.

Independent edges come from numpy. The three models whose draws depend on the edges before them
(rewiring, growth, pairing with repair) are numba kernels: networkx takes up to a minute for a
million people; python-igraph has no Holme-Kim, draws from a global generator, and is no faster.
"""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sim.engine.kernels import kernel

Edges = tuple[NDArray[np.int32], NDArray[np.int32]]

MIXING_SWAPS = 200_000
REPAIR_TRIES = 1_000


def require(possible: bool, sentence: str) -> None:
    """Raise `ValueError(sentence)` unless the setting is possible."""
    if not possible:
        raise ValueError(sentence)


def ring(n: int, each_side: int) -> Edges:
    """Circle on which everyone knows the `each_side` nearest people on both sides.

    Parameters
    ----------
    n
        Number of nodes, at least `2 * each_side + 1`.
    each_side
        Neighbours on each side, at least 1.

    Returns
    -------
    a, b : int32[n * each_side]
        Edges `i - (i + j) mod n`.
    """
    require(
        n > 2 * each_side,
        f"a ring with {each_side} neighbours on each side needs at least {2 * each_side + 1} "
        f"people, not {n}: lower neighbours_each_side or add people",
    )
    a = np.repeat(np.arange(n), each_side)
    b = (a + np.tile(np.arange(1, each_side + 1), n)) % n
    return a.astype(np.int32), b.astype(np.int32)


def small_world(n: int, mean_degree: int, rewire: float, rng: Generator) -> Edges:
    """Ring whose edges are rewired at random with probability `rewire`.

    The procedure of Watts & Strogatz (1998, Nature 393:440-442): lap by lap around the ring, each
    edge keeps its near end and, with probability `rewire`, moves its far end to a node drawn
    uniformly among those that give neither a self-loop nor a repeated edge.

    Parameters
    ----------
    n
        Number of nodes, more than `mean_degree`.
    mean_degree
        Even; kept exactly by rewiring.
    rewire
        Probability, 0 (a ring) to 1.
    rng
        Source of the draws.

    Returns
    -------
    a, b : int32[n * mean_degree / 2]
    """
    require(mean_degree % 2 == 0, f"mean_degree of a small world must be even, not {mean_degree}")
    require(
        n > mean_degree,
        f"a small world with mean_degree {mean_degree} needs at least {mean_degree + 1} people, "
        f"not {n}: lower mean_degree or add people",
    )
    a, b = ring(n, mean_degree // 2)
    if rewire > 0:
        _rewire(b.reshape(n, -1), rewire, rng)
    return a, b


@kernel
def _rewire(owned: Any, rewire: float, rng: Generator) -> None:
    """Move far ends in place. Node `u` owns the edges to `owned[u]`: `int32[n, half]`."""
    n, half = owned.shape
    degree = np.full(n, 2 * half)
    for lap in range(half):
        for u in range(n):
            if rng.random() >= rewire or degree[u] == n - 1:
                continue
            w = int(rng.random() * n)
            while w == u or _among(owned[u], w) or _among(owned[w], u):
                w = int(rng.random() * n)
            degree[owned[u, lap]] -= 1
            degree[w] += 1
            owned[u, lap] = w


@kernel
def _among(row: Any, wanted: int) -> bool:
    found = False
    for other in row:
        found |= other == wanted
    return found


def scale_free(n: int, mean_degree: int, clustering: float, rng: Generator) -> Edges:
    """Grow by preferential attachment with triad formation.

    Holme & Kim (2002, Phys. Rev. E 65:026107). Each newcomer makes `m = mean_degree / 2` edges: the
    first to a node drawn in proportion to its degree; each further one, with probability
    `clustering`, to a uniformly drawn neighbour of the node last chosen by degree, else again by
    degree. `clustering = 0` is Barabasi & Albert (1999, Science 286:509-512); degrees have a tail
    with exponent 3 either way. The seed is a complete graph of `m + 1` nodes, so that a triad can
    always be closed.

    Parameters
    ----------
    n
        Number of nodes, at least `m + 1`.
    mean_degree
        Even. The achieved mean is `mean_degree - m * (m + 1) / n`.
    clustering
        Probability of a triad step, 0 to 1; not the clustering coefficient, which it raises.
    rng
        Source of the draws.

    Returns
    -------
    a, b : int32[m * (m + 1) / 2 + m * (n - m - 1)]
    """
    require(mean_degree % 2 == 0, f"mean_degree of scale_free must be even, not {mean_degree}")
    m = mean_degree // 2
    require(
        n > m,
        f"scale_free with mean_degree {mean_degree} needs at least {m + 1} people, not {n}: "
        "lower mean_degree or add people",
    )
    ends = _grow(n, m, clustering, rng)
    return ends[1::2].copy(), ends[::2].copy()


@kernel
def _grow(n: int, m: int, triad: float, rng: Generator) -> Any:
    """Return the ends of all edges in turn, `int32[2 * edges]`, newcomer first.

    A uniform draw from `ends` is a draw by degree. The neighbours of `v` are
    `pool[start[v] : start[v] + size[v]]`; a list that outgrows its room moves to the end of `pool`
    into twice the room, which in total cannot exceed the allocation (untouched pages cost nothing).
    """
    ends = np.empty(m * (m + 1) + 2 * m * max(n - m - 1, 0), np.int32)
    pool = np.empty(10 * m * n + 2 * m, np.int32)
    start = np.arange(n) * 2 * m
    size = np.zeros(n, np.int64)
    room = np.full(n, 2 * m)
    free = 2 * m * n
    chosen = np.empty(m, np.int32)
    filled = 0
    for u in range(1, n):
        made = min(u, m)
        hub = -1
        for k in range(made):
            w = k
            if u > m:
                close = hub >= 0 and rng.random() < triad
                while True:
                    if close:
                        w = pool[start[hub] + int(rng.random() * size[hub])]
                    else:
                        w = ends[int(rng.random() * filled)]
                    if not _among(chosen[:k], w):
                        break
                if not close:
                    hub = w
            chosen[k] = w
        for k in range(made):
            ends[filled] = u
            ends[filled + 1] = chosen[k]
            filled += 2
            for end in range(2):
                v, other = ends[filled - 2 + end], ends[filled - 1 - end]
                if size[v] == room[v]:
                    for i in range(size[v]):
                        pool[free + i] = pool[start[v] + i]
                    start[v] = free
                    room[v] *= 2
                    free += room[v]
                pool[start[v] + size[v]] = other
                size[v] += 1
    return ends


def random_regular(n: int, degree: int, rng: Generator) -> Edges:
    """Draw a graph in which everyone has exactly `degree` neighbours.

    The pairing of Bollobas (1980, Eur. J. Combin. 1:311-316): `degree` points per node are matched
    at random. Self-loops and repeated edges, about `degree**2 / 4` of them whatever `n`, are
    repaired by switching ends with random edges (McKay & Wormald 1990, J. Algorithms 11:52-67).
    Then up to `MIXING_SWAPS` random switches, ten per edge end, remove what bias the repair leaves
    in small graphs; in large ones it is of the order of the share of edges repaired. Above half of
    the possible degree the complement is drawn instead.

    Parameters
    ----------
    n
        Number of nodes; `n * degree` must be even.
    degree
        Exact degree, less than `n`.
    rng
        Source of the draws.

    Returns
    -------
    a, b : int32[n * degree / 2]
    """
    require(
        degree < n,
        f"random_regular with degree {degree} needs at least {degree + 1} people, not {n}: "
        "lower degree or add people",
    )
    require(
        n * degree % 2 == 0,
        f"no graph has {n} people with {degree} ties each, because {n} x {degree} is odd: "
        "make the number of people or degree even",
    )
    if 2 * degree > n - 1:
        missing = random_regular(n, n - 1 - degree, rng)
        present = np.triu(np.ones((n, n), bool), 1)
        present[missing] = False
        a, b = np.nonzero(present)
        return a.astype(np.int32), b.astype(np.int32)
    points = rng.permutation(n * degree)
    mate = np.empty_like(points)
    mate[points[::2]] = points[1::2]
    mate[points[1::2]] = points[::2]
    if degree:
        _repair(mate, degree, min(10 * mate.size, MIXING_SWAPS), rng)
    first = np.flatnonzero(mate > np.arange(mate.size))
    a, b = first // max(degree, 1), mate[first] // max(degree, 1)
    return np.minimum(a, b).astype(np.int32), np.maximum(a, b).astype(np.int32)


@kernel
def _repair(mate: Any, degree: int, swaps: int, rng: Generator) -> None:
    """Make a pairing simple, then mix it, in place. Point `p` belongs to node `p // degree`."""
    dirty = True
    while dirty:
        dirty = False
        for p in range(mate.size):
            u, w = p // degree, mate[p] // degree
            if u != w and _ties(mate, degree, u, w) == 1:
                continue
            dirty = True
            for _ in range(REPAIR_TRIES):
                if _switch(mate, degree, p, int(rng.random() * mate.size)):
                    break
            else:  # cornered, which needs a tiny graph: shake it and look again
                for q in range(mate.size):
                    _exchange(mate, q, int(rng.random() * mate.size))
    for _ in range(swaps):
        _switch(mate, degree, int(rng.random() * mate.size), int(rng.random() * mate.size))


@kernel
def _switch(mate: Any, degree: int, p: int, q: int) -> bool:
    """Turn edges p-r and q-s into p-q and r-s if both are then simple."""
    u, w, x, y = p // degree, mate[p] // degree, q // degree, mate[q] // degree
    if u == x or w == y or (u == y and w == x) or (u == w and x == y):
        return False
    if _ties(mate, degree, u, x) or _ties(mate, degree, w, y):
        return False
    _exchange(mate, p, q)
    return True


@kernel
def _exchange(mate: Any, p: int, q: int) -> None:
    r, s = mate[p], mate[q]
    if p != q and r != q:
        mate[p], mate[q], mate[r], mate[s] = q, p, s, r


@kernel
def _ties(mate: Any, degree: int, u: int, w: int) -> int:
    """Count the edges between nodes `u` and `w`."""
    count = 0
    for p in range(u * degree, (u + 1) * degree):
        count += mate[p] // degree == w
    return count


def erdos_renyi(n: int, mean_degree: float, rng: Generator) -> Edges:
    """G(n, p): each pair is tied independently with probability `mean_degree / (n - 1)`.

    Gilbert (1959, Ann. Math. Stat. 30:1141-1144), Erdos & Renyi (1959). Drawn exactly and in time
    proportional to the edges by skipping geometric gaps between them (Batagelj & Brandes 2005,
    Phys. Rev. E 71:036113).

    Parameters
    ----------
    n
        Number of nodes.
    mean_degree
        Expected degree, at most `n - 1`.
    rng
        Source of the draws.

    Returns
    -------
    a, b : int32[edges]
    """
    require(
        mean_degree <= n - 1,
        f"erdos_renyi with mean_degree {mean_degree:g} needs more than {n} people: "
        f"lower mean_degree to at most {n - 1} or add people",
    )
    return _gnp(n, mean_degree / max(n - 1, 1), rng)


def blocks(
    n: int, shares: tuple[float, ...], within: float, between: float, rng: Generator
) -> Edges:
    """Communities: ties inside a block and ties across blocks, each pair independent.

    The planted partition, the simplest stochastic block model (Holland, Laskey & Leinhardt 1983,
    Social Networks 5:109-137). Block `k` holds the next `shares[k]` of the nodes.

    Parameters
    ----------
    n
        Number of nodes.
    shares
        Share of the nodes in each block, summing to 1.
    within
        Expected ties to one's own block, the same in every block.
    between
        Expected ties to all other blocks, averaged over nodes: all pairs across blocks have one
        probability, so that a small block has more ties outward than a big one.
    rng
        Source of the draws.

    Returns
    -------
    a, b : int32[edges]
    """
    bounds = np.rint(np.cumsum((0.0, *shares)) * n).astype(np.int64)
    sizes = np.diff(bounds)
    for k, size in enumerate(sizes):
        require(
            size > 0 and within <= size - 1,
            f"block {k + 1} of {len(sizes)} has {size} of {n} people, too few for "
            f"mean_degree_within {within:g}: raise its share, lower mean_degree_within or add "
            "people",
        )
    across = n * n - int((sizes * sizes).sum())
    require(
        between * n <= across,
        f"mean_degree_between {between:g} is more than the {across / n:g} people a person finds "
        "outside the own block on average: lower it or split the blocks more evenly",
    )
    inside = [_gnp(int(size), within / max(size - 1, 1), rng) for size in sizes]
    a, b = _gnp(n, between * n / max(across, 1), rng) if between else (np.empty(0, np.int32),) * 2
    block = np.repeat(np.arange(sizes.size), sizes)
    cross = block[a] != block[b]
    placed = [(x + start, y + start) for (x, y), start in zip(inside, bounds[:-1], strict=True)]
    a = np.concatenate([x for x, _ in placed] + [a[cross]])
    b = np.concatenate([y for _, y in placed] + [b[cross]])
    return a.astype(np.int32), b.astype(np.int32)


def _gnp(n: int, p: float, rng: Generator) -> Edges:
    """Draw G(n, p). Pair number `k` is `(a, b)`, a < b, with `k = b (b - 1) / 2 + a`."""
    k = _successes(n * (n - 1) // 2, p, rng)
    b = ((1 + np.sqrt(1 + 8 * k.astype(np.float64))) / 2).astype(np.int64)
    b -= b * (b - 1) // 2 > k  # the square root may round across a whole number
    b += b * (b + 1) // 2 <= k
    return (k - b * (b - 1) // 2).astype(np.int32), b.astype(np.int32)


def _successes(trials: int, p: float, rng: Generator) -> NDArray[np.int64]:
    """Return which of `trials` independent trials succeed, in ascending order."""
    if p <= 0 or trials <= 0:
        return np.empty(0, np.int64)
    parts, last = [], -1
    while last < trials:
        expected = (trials - last) * p
        gaps = rng.geometric(min(p, 1.0), int(expected + 4 * np.sqrt(expected)) + 16)
        parts.append(last + np.cumsum(np.minimum(gaps, trials + 1)))
        last = int(parts[-1][-1])
    hits = np.concatenate(parts)
    return hits[hits < trials]

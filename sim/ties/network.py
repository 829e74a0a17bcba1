"""Ties between people: which graph, how strong, and how alike the people they join.

`build` makes the ties of a market in two independent steps: a topology (`sim.ties.graphs`), and a
strength for each tie. `alike` then makes a trait alike across ties (`homophily`), each trait by
itself, so that one trait more changes no other.
"""

import os
from typing import Annotated, Literal, NamedTuple, Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator
from scipy.sparse import coo_array, csr_array
from scipy.special import ndtr, ndtri

from sim.config.parameters import Param, Parameters
from sim.ties import graphs
from sim.ties.graphs import Edges, require
from sim.ties.network_file import NetworkFile, read_network

SMOOTHING_ROUNDS = 10
LEAST_CLASS = 10
LEAST_STRENGTH = LEAST_SPREAD = 1e-6
A_LINE = 4
"""Bytes of the shortest line of an edge list."""


class Ties(NamedTuple):
    """Who knows whom: a directed graph by rows. Undirected ties are stored in both directions.

    The people `i` can talk to are `neighbours[indptr[i]:indptr[i + 1]]`, ascending, at most once
    each, never `i` itself; `strength` is parallel to `neighbours`.

    Attributes
    ----------
    indptr : int64[n + 1]
    neighbours : int32[m]
    strength : float32[m]
        In (0, 1]. An undirected tie has the same strength in both directions at the start.
    mean_degree : float
        Mean number of people one can talk to: `m / n`, or `n - 1` if complete.
    complete : bool
        Everyone knows everyone: nothing is stored (`m = 0`), partners are sampled, and the one
        strength is the configuration's.
    """

    indptr: NDArray[np.int64]
    neighbours: NDArray[np.int32]
    strength: NDArray[np.float32]
    mean_degree: float
    complete: bool


# --- what a file may say ------------------------------------------------------------------------


class NoTies(Parameters):
    """Nobody knows anybody."""

    kind: Literal["none"] = "none"


class Complete(Parameters):
    """Everybody knows everybody: the mixing of the Bass model."""

    kind: Literal["complete"] = "complete"
    strength: float = Param(0.5, bounds=(0.01, 1), unit="0-1", doc="strength of every tie")


class Tied(Parameters):
    """What all stored graphs have in common."""

    homophily: float = Param(
        0.0,
        bounds=(0, 1),
        unit="share",
        doc="how alike tied people are, as a share of the likeness the graph can hold",
    )
    strength: float = Param(0.5, bounds=(0.01, 1), unit="0-1", doc="mean strength of a tie")
    strength_spread: float = Param(
        0.0,
        bounds=(0, 0.9),
        unit="share",
        doc="standard deviation of strength, as a share of sqrt(mean (1 - mean)); Beta distributed",
    )


class Ring(Tied):
    """A circle of neighbours."""

    kind: Literal["ring"] = "ring"
    neighbours_each_side: int = Param(
        1,
        bounds=(1, 1_000_000),
        unit="people",
        doc="neighbours on each side",
        source="Fibich 2010",
        usual=(1, 500),
    )


class Even(Tied):
    """A graph whose mean degree is twice the edges each person brings."""

    mean_degree: int = Param(
        10, bounds=(2, 1_000_000), unit="ties", doc="mean ties per person; even", usual=(2, 1000)
    )

    @field_validator("mean_degree")
    @classmethod
    def _even(cls, value: int) -> int:
        require(value % 2 == 0, f"mean_degree must be even here, not {value}")
        return value


class SmallWorld(Even):
    """A ring with some ties rewired at random: clustered, yet short paths."""

    kind: Literal["small_world"] = "small_world"
    rewire: float = Param(
        0.1,
        bounds=(0, 1),
        unit="probability",
        doc="chance that a tie of the ring is rewired",
        source="Watts & Strogatz 1998",
    )


class ScaleFree(Even):
    """Growth by preferential attachment: hubs, and clusters by closing triads."""

    kind: Literal["scale_free"] = "scale_free"
    clustering: float = Param(
        0.5,
        bounds=(0, 1),
        unit="probability",
        doc="chance that a further tie closes a triad; 0 is Barabasi-Albert",
        source="Holme & Kim 2002",
    )


class RandomRegular(Tied):
    """Everybody has the same number of ties, otherwise random."""

    kind: Literal["random_regular"] = "random_regular"
    degree: int = Param(
        4,
        bounds=(1, 1_000_000),
        unit="ties",
        doc="ties of every person",
        source="Bollobas 1980",
        usual=(1, 1000),
    )


class ErdosRenyi(Tied):
    """Each pair is tied with the same probability."""

    kind: Literal["erdos_renyi"] = "erdos_renyi"
    mean_degree: float = Param(
        10.0,
        bounds=(0, 1e6),
        unit="ties",
        doc="expected ties per person",
        source="Gilbert 1959",
        usual=(0, 1000),
    )


class Blocks(Tied):
    """Communities with many ties inside and few across."""

    kind: Literal["blocks"] = "blocks"
    sizes: tuple[float, ...] = Param(
        (0.5, 0.5), unit="share", doc="share of the people in each block; they sum to 1"
    )
    mean_degree_within: float = Param(
        9.0, bounds=(0, 1e6), unit="ties", doc="expected ties to one's own block", usual=(0, 1000)
    )
    mean_degree_between: float = Param(
        1.0,
        bounds=(0, 1e6),
        unit="ties",
        doc="expected ties to other blocks, mean over people",
        usual=(0, 1000),
    )

    @model_validator(mode="after")
    def _shares(self) -> Self:
        require(
            all(share > 0 for share in self.sizes) and abs(sum(self.sizes) - 1) < 1e-6,
            f"sizes must be positive shares that sum to 1, not {sum(self.sizes):g}",
        )
        return self


class FromFile(Tied, NetworkFile):
    """A network from a file: an edge list, GraphML, GML, Pajek, ... (docs/networks.md)."""

    kind: Literal["file", "edge_list"] = "file"


NetworkConfig = Annotated[
    NoTies
    | Complete
    | Ring
    | SmallWorld
    | ScaleFree
    | RandomRegular
    | ErdosRenyi
    | Blocks
    | FromFile,
    Field(discriminator="kind"),
]
"""The ties of a market: one of the kinds above, told apart by `kind`."""


def ties(config: NetworkConfig, n: int) -> float:
    """Return how many ties `n` people will have, each direction for itself; about, if by chance."""
    match config:
        case Ring():
            return 2.0 * config.neighbours_each_side * n
        case Even() | ErdosRenyi():
            return float(config.mean_degree * n)
        case RandomRegular():
            return float(config.degree * n)
        case Blocks():
            return (config.mean_degree_within + config.mean_degree_between) * n
        case FromFile():
            return os.path.getsize(config.file) / A_LINE if os.path.isfile(config.file) else 0.0
    return 0.0


# --- building -----------------------------------------------------------------------------------


def build(config: NetworkConfig, n: int, rng: Generator) -> Ties:
    """Make the ties of `n` people.

    Person `i` lives on node `i`. Numbers mean something in most graphs: the oldest in a scale-free
    one, its hubs, come first, and near numbers are near on a ring or in one block. So traits must
    not depend on the numbers other than by draws of their own.

    Parameters
    ----------
    config
        Which graph.
    n
        Number of people.
    rng
        Seeded by the caller and used for nothing else. Topology and strengths each get a stream of
        their own from it, so that changing one leaves the other as it was.

    Returns
    -------
    Ties

    Raises
    ------
    ValueError
        If no such graph exists or the file is wrong; the message says what to change.
    """
    require(n >= 1, f"a network needs at least one person, not {n}")
    if isinstance(config, NoTies | Complete):
        complete = isinstance(config, Complete)
        empty = np.zeros(n + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32)
        return Ties(*empty, float(n - 1) if complete else 0.0, complete)
    of_topology, of_strength = map(np.random.default_rng, rng.integers(2**63, size=2))
    directed, given = False, np.empty(0)
    if isinstance(config, FromFile):
        a, b, given, directed = read_network(config, n)[:4]
    else:
        a, b = _topology(config, n, of_topology)
    strength = _strengths(config, n, a, b, directed, of_strength)
    if given.size:
        strength = np.where(np.isnan(given), strength, given)
    if not directed:
        a, b, strength = np.concatenate([a, b]), np.concatenate([b, a]), np.tile(strength, 2)
    rows = coo_array((strength.astype(np.float32), (a, b)), shape=(n, n)).tocsr()
    return Ties(
        rows.indptr.astype(np.int64),
        rows.indices.astype(np.int32, copy=False),
        rows.data,
        rows.nnz / n,
        False,
    )


def _topology(config: NetworkConfig, n: int, rng: Generator) -> Edges:
    match config:
        case Ring():
            return graphs.ring(n, config.neighbours_each_side)
        case SmallWorld():
            return graphs.small_world(n, config.mean_degree, config.rewire, rng)
        case ScaleFree():
            return graphs.scale_free(n, config.mean_degree, config.clustering, rng)
        case RandomRegular():
            return graphs.random_regular(n, config.degree, rng)
        case ErdosRenyi():
            return graphs.erdos_renyi(n, config.mean_degree, rng)
        case Blocks():
            within, between = config.mean_degree_within, config.mean_degree_between
            return graphs.blocks(n, config.sizes, within, between, rng)
    raise TypeError(f"no generator for {config!r}")


def _strengths(
    config: Tied,
    n: int,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    directed: bool,
    rng: Generator,
) -> NDArray[np.float64]:
    """Draw one strength per pair of people: Beta with the configured mean and spread."""
    mean, spread = config.strength, config.strength_spread
    if spread < LEAST_SPREAD or mean == 1:
        return np.full(a.size, mean)
    size, count, of_tie = spread**-2 - 1, a.size, np.arange(a.size)
    if directed:  # both directions may be there
        pair = np.minimum(a, b).astype(np.int64) * n + np.maximum(a, b)
        unique, of_tie = np.unique(pair, return_inverse=True)
        count = unique.size
    drawn = rng.beta(mean * size, (1 - mean) * size, count)
    return np.clip(drawn, LEAST_STRENGTH, 1.0)[of_tie]


def alike(
    ties: Ties, own: NDArray[np.float64], field: NDArray[np.float64], homophily: float
) -> NDArray[np.float64]:
    """Make a trait alike across ties, given its draws.

    The normal score of the trait is `sqrt(1 - homophily)` times that of `own` plus
    `sqrt(homophily)` times a field that varies slowly over the graph: the normal scores of `field`,
    averaged with the neighbours' mean `SMOOTHING_ROUNDS` times, scaled to the same spread at every
    degree, so that hubs are no more average than others, and ranked. So the correlation across ties
    is in expectation `homophily` times what the graph can hold.

    What it can hold depends on the graph: about 0.95 on a ring, 0.88 in a small world with a tenth
    of its 10 ties rewired, 0.75 and 0.5 at degrees 4 and 10 in a random regular or Erdos-Renyi
    graph, 0.55 in a clustered scale-free one with mean degree 10, 0.46 without triads. Likeness is
    local, it does not make big blocks differ: with 9 ties in ten inside, blocks hold 0.84 where
    twenty have 200 people each, 0.76 at 500, and 0.5 where there are two large ones. On a regular
    graph no score can exceed the second eigenvalue of its random walk, 0.6 on a random one of
    degree 10. This is the correlation of normal scores; that of the uniforms is about 0.02 lower,
    that of a skewed trait more: a Gamma of shape 0.3 has 0.39 where its scores have 0.5, and 0.68
    where they have 0.77. Measure with `assortativity`.

    Two traits with draws of their own are uncorrelated. But the spread is made even by degree, not
    person by person: near homophily 1 it differs by a tenth or two between people of one degree in
    irregular graphs, so that one who is far from average in one trait is so slightly more often in
    another.

    Parameters
    ----------
    ties
        Ties of `n` people. Directions do not matter, nor strengths; a tie both ways counts twice as
        much as a tie one way.
    own, field : float64[n]
        Independent uniforms in (0, 1), drawn for this trait and nothing else.
    homophily
        0: `own` itself. 1: as alike as this method makes them.

    Returns
    -------
    float64[n]
        In (0, 1), uniform over the people. `own` itself if nobody is tied or everybody to all.
    """
    if homophily == 0 or ties.neighbours.size == 0:
        return own
    score = np.sqrt(1 - homophily) * ndtri(own) + np.sqrt(homophily) * _smooth(ties, ndtri(field))
    return np.clip(ndtr(score), np.nextafter(0, 1), np.nextafter(1, 0))


def _smooth(ties: Ties, noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal scores that vary slowly over the graph. The noise decides between equals."""
    n = noise.size
    knows = csr_array((np.ones(ties.neighbours.size), ties.neighbours, ties.indptr), shape=(n, n))
    known = knows.T
    degree = np.diff(ties.indptr) + np.bincount(ties.neighbours, minlength=n)
    divisor, field = np.maximum(degree, 1), noise
    for _ in range(SMOOTHING_ROUNDS):
        mean = (knows @ field + known @ field) / divisor
        field = np.where(degree > 0, (field + mean) / 2, field)
    field = field - field.mean()
    like = _degree_classes(degree / 2)
    scale = np.sqrt(np.bincount(like, field**2) / np.bincount(like))[like]
    field = np.divide(field, scale, out=np.zeros(n), where=scale > 0)
    ranked = np.empty(n)
    ranked[np.lexsort((noise, field))] = ndtri((np.arange(n) + 0.5) / n)
    return ranked


def _degree_classes(degree: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return a class for each person: degrees within a tenth, or more where those are few.

    The spread of a class is taken from its members: alone in it, one would always be just as far
    from the average.
    """
    tenth = np.rint(4 * np.log2(1 + degree)).astype(np.int64)
    count = np.bincount(tenth)
    merged, current, held = np.zeros(count.size, np.int64), 0, 0
    for k in range(count.size - 1, -1, -1):
        merged[k] = current
        held += count[k]
        if held >= LEAST_CLASS:
            current, held = current + 1, 0
    return np.minimum(merged, max(current - 1, 0))[tenth]


def assortativity(ties: Ties, score: NDArray[np.float64]) -> float:
    """Return the Pearson correlation of `score` over all directed ties.

    Newman (2003, Phys. Rev. E 67:026126). Not a number where there are no ties or nothing varies.

    Parameters
    ----------
    ties
        Ties of `n` people.
    score : float64[n]
        Any trait.
    """
    if ties.complete:
        n = score.size
        return -1 / (n - 1) if n > 1 and np.ptp(score) > 0 else float("nan")
    left = np.repeat(score, np.diff(ties.indptr))
    right = score[ties.neighbours]
    if left.size == 0 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    return float(np.corrcoef(left, right)[0, 1])

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
from scipy.sparse import coo_array

from sim.config.parameters import Param, Parameters
from sim.ties import graphs
from sim.ties.graphs import Edges, require
from sim.ties.network_file import NetworkFile, read_network

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
        doc="how alike tied people are in usage and tastes, as a share of the likeness the graph can hold",
    )
    homophily_dropout: float = Param(
        0.0,
        bounds=(0, 1),
        unit="share",
        doc="likewise, in what a person's propensity to drop out has in common with all brands "
        "(`behaviour.dropout.common`), and in the quality expected",
    )
    contacts: int = Param(
        0,
        bounds=(0, 10_000),
        unit="people",
        doc="weak ties of each person beside the close ones; even",
        source="100-200: Dunbar 1992; 45 % of WeChat's users had more than 200 in 2016",
        usual=(0, 1000),
    )
    contact_strength: float = Param(
        0.1,
        bounds=(0.01, 1),
        unit="0-1",
        doc="strength of a weak tie, toward which close ones fade when they are not used",
    )
    strength: float = Param(0.5, bounds=(0.01, 1), unit="0-1", doc="mean strength of a tie")
    strength_spread: float = Param(
        0.0,
        bounds=(0, 0.9),
        unit="share",
        doc="standard deviation of strength, as a share of sqrt(mean (1 - mean)); Beta distributed",
    )

    @field_validator("contacts")
    @classmethod
    def _even_contacts(cls, value: int) -> int:
        require(value % 2 == 0, f"contacts must be even, not {value}: they are mutual")
        return value


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

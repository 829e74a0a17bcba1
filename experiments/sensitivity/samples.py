"""Where in the unit cube the points of a design are, one column per factor.

An *input* is what gets an index: a factor, or a group of factors that are varied together. A
*block* is what shares its luck: within a replicate, the points of a block get the same random
numbers. What a block is depends on what a method compares:

- Saltelli: the base point with all its recombinations; Morris: a trajectory; finite differences:
  a base point with its steps. Their effects are differences between points of a block.
- Latin hypercube, random and Sobol' points: each point is its own block, because these methods
  look at the scatter of the output, and shared luck would make all noise one common shift.
- FAST: each point too. Along its search curve, independent luck is white noise, which raises
  every frequency alike; shared luck would be a smooth curve and pass for an effect.
- grid: all points are one block, since the cells of a table are compared with each other.

Roles are `A`, `AB:<input>`, `B`; `morris`, and `morris:<input>` once that input has moved; `base`,
`step:<input>`; else the name of the design. All points lie in [0, 1).

The control input, `INERT`, is mapped to nothing. If its moves kept the luck as well, they would
repeat a run exactly and control nothing, so in designs with differences a move of the control
changes the luck and only the luck: it stands for a parameter that merely reshuffles the draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from experiments.errors import UsageError
from experiments.factors import INERT
from experiments.points import Sample

Unit = NDArray[np.float64]
BELOW_ONE = float(np.nextafter(1.0, 0.0))


@dataclass(frozen=True)
class Inputs:
    """The inputs, and which columns belong to each.

    Attributes
    ----------
    names
        In the order of their first columns.
    of : int64[columns]
        The input of each column.
    """

    names: tuple[str, ...]
    of: NDArray[np.int64]

    @classmethod
    def named(cls, labels: Sequence[str]) -> "Inputs":
        """Return the inputs of columns: columns with equal labels are one group.

        Parameters
        ----------
        labels
            Of each column, the group or else the factor that it belongs to.

        Raises
        ------
        ValueError
            If there is none, or the control is not the last one.
        """
        names = tuple(dict.fromkeys(labels))
        if not names:
            raise ValueError("a design needs at least one input")
        if INERT in names[:-1]:
            raise ValueError(f"{INERT!r} must come last: its moves change the luck of what follows")
        return cls(names, np.array([names.index(label) for label in labels], np.int64))

    def __len__(self) -> int:
        """Return how many inputs there are."""
        return len(self.names)

    @property
    def columns(self) -> int:
        """Return how many columns there are."""
        return len(self.of)

    @property
    def single(self) -> NDArray[np.bool_]:
        """bool[inputs]: whether the input is one factor and no group."""
        return np.bincount(self.of, minlength=len(self)) == 1


# -- designs with differences ---------------------------------------------------------------------


def saltelli(inputs: Inputs, n: int, seed: int) -> Sample:
    """Return `n` blocks of A, AB of each input, and B, from a scrambled Sobol' sequence.

    AB of an input is A with the columns of that input from B. The first blocks are the same
    whatever `n`. Source: Saltelli et al. (2010), Computer Physics Communications 181, 259-270.
    """
    k, g = inputs.columns, len(inputs)
    both = _sobol_points(2 * k, n, seed)
    a, b = both[:, :k], both[:, k:]
    unit = np.repeat(a[:, None, :], g + 2, axis=1)
    for column, own in enumerate(inputs.of):
        unit[:, own + 1, column] = b[:, column]
    unit[:, -1] = b
    roles = ["A", *(f"AB:{name}" for name in inputs.names), "B"]
    return _blocks(inputs, unit, [roles] * n)


def morris(inputs: Inputs, n: int, seed: int, levels: int = 4) -> Sample:
    """Return `n` trajectories: a start, then the inputs moved one by one in random order.

    The levels are the middles of equal parts of [0, 1], so that none is 0 or 1, where an unbounded
    distribution has no value; the move is the usual one, half of the levels, up from the lower half
    and down from the upper, so that all levels are equally likely everywhere. Each trajectory comes
    from its own number: the first ones are the same whatever `n`. Sources: Morris (1991),
    Technometrics 33, 161-174; groups: Campolongo et al. (2007), Environ. Model. Softw. 22, 1509.

    Raises
    ------
    UsageError
        If the number of levels is not even.
    """
    if levels < 2 or levels % 2:
        raise UsageError(f"Morris needs an even number of levels, at least 2 (got {levels})")
    unit = np.empty((n, len(inputs) + 1, inputs.columns))
    roles = []
    for trajectory in range(n):
        rng = np.random.default_rng([seed, trajectory])
        start = rng.integers(levels, size=inputs.columns)
        end = (start + levels // 2) % levels
        order = rng.permutation(len(inputs))
        moved = np.argsort(order)[inputs.of] < np.arange(len(inputs) + 1)[:, None]
        unit[trajectory] = (np.where(moved, end, start) + 0.5) / levels
        roles.append(["morris", *(f"morris:{inputs.names[own]}" for own in order)])
    return _blocks(inputs, unit, roles)


def finite_differences(inputs: Inputs, n: int, seed: int, step: float = 0.05) -> Sample:
    """Return `n` blocks of a base point and a step from it in each input, inwards at the edge.

    The first blocks are the same whatever `n`. SALib's own sampler steps by a share of x, so that
    its steps vanish near 0, and has no seed.
    """
    g = len(inputs)
    base = _sobol_points(inputs.columns, n, seed)
    to = np.where(base + step < 1, base + step, base - step)
    unit = np.repeat(base[:, None, :], g + 1, axis=1)
    for column, own in enumerate(inputs.of):
        unit[:, own + 1, column] = to[:, column]
    return _blocks(inputs, unit, [["base", *(f"step:{name}" for name in inputs.names)]] * n)


def _blocks(inputs: Inputs, unit: Unit, roles: list[list[str]]) -> Sample:
    """Lay out `unit`, float64[blocks, points, columns]; a move of the control is a new block."""
    n, size, k = unit.shape
    block = np.repeat(np.arange(n), size)
    if inputs.names[-1] == INERT:
        control = unit[:, :, np.flatnonzero(inputs.of == len(inputs) - 1)[0]]
        block = 2 * block + (control != control[:, :1]).ravel()
    return Sample(unit.reshape(n * size, k), block, [role for own in roles for role in own])


# -- designs of independent points ----------------------------------------------------------------


def sobol(columns: int, n: int, seed: int) -> Sample:
    """Return `n` points of a scrambled Sobol' sequence; the first are the same whatever `n`."""
    return _points(_sobol_points(columns, n, seed), "sobol")


def random(columns: int, n: int, seed: int) -> Sample:
    """Return `n` independent uniform points; the first are the same whatever `n`."""
    return _points(np.random.default_rng(seed).random((n, columns)), "random")


def latin(columns: int, n: int, seed: int) -> Sample:
    """Return a Latin hypercube of `n` points; another `n` gives other points."""
    return _points(qmc.LatinHypercube(columns, rng=seed).random(n), "latin")


def fast(columns: int, n: int, seed: int, harmonics: int = 4) -> Sample:
    """Return the search curves of FAST, `n` points for each column; another `n` gives others.

    Source: Saltelli, Tarantola & Chan (1999), Technometrics 41, 39-56.

    Raises
    ------
    UsageError
        If `n` is too small for the frequencies.
    """
    from experiments.sensitivity.salib import fast_points

    if n <= 4 * harmonics**2:
        raise UsageError(f"FAST needs n above {4 * harmonics**2} (got {n})")
    return _points(np.minimum(fast_points(columns, n, harmonics, seed), BELOW_ONE), "fast")


def grid(levels: Sequence[int]) -> Sample:
    """Return all combinations of the middles of `levels` equal parts, the last column fastest."""
    axes = [(np.arange(count) + 0.5) / count for count in levels]
    unit = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(levels))
    return Sample(unit, np.zeros(len(unit), np.int64), ["grid"] * len(unit))


def _points(unit: Unit, role: str) -> Sample:
    return Sample(unit, np.arange(len(unit)), [role] * len(unit))


def _sobol_points(columns: int, n: int, seed: int) -> Unit:
    """Return float64[n, columns]: the beginning of a scrambled Sobol' sequence."""
    power = max(n - 1, 0).bit_length()  # scipy warns of numbers that are no power of two
    return qmc.Sobol(columns, scramble=True, rng=seed).random_base2(power)[:n]

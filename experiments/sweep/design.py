"""Where the points of a sweep are: a grid, or a sample.

All points are of one block, so that within a replicate all share their luck.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from experiments.errors import StudyError
from experiments.factors import Factor
from experiments.identity import digest
from experiments.points import Sample
from experiments.sweep import salib
from sim.config.parameters import Param, Parameters
from sim.config.yaml_file import Problem, Tree, nearest

MOST_POINTS = 100_000
"""A sweep has no more points: each is a market that is checked before the first run."""
OWN = ("grid", "lhs", "sobol", "random")
"""Designs that need no further package."""

Unit = NDArray[np.float64]


class DesignSpec(Parameters):
    """Where the points are."""

    name: str = Param(
        "grid",
        doc="grid: all combinations; lhs: Latin hypercube; sobol: scrambled Sobol' sequence; "
        "random: independent points; or a sampler of SALib",
    )
    n: int | None = Param(
        None,
        bounds=(1, MOST_POINTS),
        unit="points",
        doc="of a sample: how many; SALib: its N, from which some samplers make more points",
    )
    levels: int = Param(
        5,
        bounds=(2, 10_000),
        unit="values",
        doc="of a grid: how many of a factor whose values cannot be counted",
    )
    options: dict[str, Any] = Param({}, doc="of a sampler of SALib: its own parameters, by name")


@dataclass(frozen=True)
class Axis:
    """What a design varies by one coordinate: a factor, or a group of them in step.

    Attributes
    ----------
    name
        Of the factor or the group.
    factors
        At least one.
    columns
        Where they are among all factors.
    """

    name: str
    factors: tuple[Factor, ...]
    columns: tuple[int, ...]

    @property
    def first(self) -> Factor:
        """The factor by whose values the axis is drawn."""
        return self.factors[0]


def axes(factors: Sequence[Factor]) -> tuple[Axis, ...]:
    """Return the axes of a design, in the order of their first factors."""
    members: dict[str, list[int]] = {}
    for k, factor in enumerate(factors):
        members.setdefault(factor.group, []).append(k)
    return tuple(
        Axis(name, tuple(factors[k] for k in columns), tuple(columns))
        for name, columns in members.items()
    )


def place(
    spec: DesignSpec, factors: Sequence[Factor], seed: int, tree: Tree
) -> tuple[Sample | None, list[Problem]]:
    """Return where the points of a sweep are, or what is wrong with its design.

    Parameters
    ----------
    spec
        The design.
    factors
        What is varied.
    seed
        The study's base seed.
    tree
        The study file, for the places of mistakes.
    """
    problems = list(_mistakes(spec, factors, tree))
    if problems:
        return None, problems
    try:
        unit = _unit(spec, axes(factors), seed)
    except StudyError as error:
        return None, [tree.problem(("design", "name"), str(error))]
    if len(unit) > MOST_POINTS:
        what = f"makes {len(unit):,} points; at most {MOST_POINTS:,} are allowed"
        return None, [tree.problem(("design", "n"), what)]
    block = np.zeros(len(unit), np.int64)
    return Sample(unit, block, [spec.name] * len(unit)), []


def _mistakes(spec: DesignSpec, factors: Sequence[Factor], tree: Tree) -> list[Problem]:
    found = []
    if spec.name == "grid":
        found += [tree.problem(path, what) for path, what in _grid_mistakes(spec, axes(factors))]
    elif spec.n is None:
        found.append(tree.problem(("design", "n"), f"is required for {spec.name}: how many points"))
    if spec.name not in OWN:
        found += [tree.problem(path, what) for path, what in _salib_mistakes(spec)]
    elif spec.options:
        what = f"must be left out: {spec.name} has none; they are for the samplers of SALib"
        found.append(tree.problem(("design", "options"), what))
    return found


def _grid_mistakes(spec: DesignSpec, axes: Sequence[Axis]) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = []
    if spec.n is not None:
        found.append((("design", "n"), "must be left out: a grid has as many points as it has"))
    sizes = [[factor.grid_size(spec.levels) for factor in axis.factors] for axis in axes]
    for axis, own in zip(axes, sizes, strict=True):
        if len(set(own)) > 1:
            each = ", ".join(f"{f.name}: {n}" for f, n in zip(axis.factors, own, strict=True))
            what = f"in a grid, factors of one group need the same number of values ({each})"
            found.append((("factors", axis.factors[-1].name, "group"), what))
    points = math.prod(own[0] for own in sizes)
    if points > MOST_POINTS:
        product = " x ".join(f"{own[0]:,}" for own in sizes)
        what = (
            f"the grid would be {points:,} markets ({product}); at most {MOST_POINTS:,} are "
            "allowed: give factors fewer `levels`, or take a sample (lhs, sobol) with `n`"
        )
        found.append((("design",), what))
    return found


def _salib_mistakes(spec: DesignSpec) -> list[tuple[tuple[str, ...], str]]:
    try:
        known = salib.samplers()
    except StudyError as error:
        if spec.name in salib.COMMON:
            return [(("design", "name"), str(error))]
        known = dict.fromkeys(salib.COMMON, ())
    if spec.name not in known:
        what = f"there is no design {spec.name!r}" + _hint(spec.name, [*OWN, *known], "designs")
        return [(("design", "name"), what)]
    own = known[spec.name]
    return [
        (("design", "options", option), f"{spec.name} has none" + _hint(option, own, "options"))
        for option in spec.options
        if option not in own
    ]


def _hint(word: str, known: Sequence[str], what: str) -> str:
    near = nearest(word, known)
    guess = f"; did you mean '{near}'?" if near else ";"
    return f"{guess} {what}: {', '.join(known) or 'none'}"


def _unit(spec: DesignSpec, axes: Sequence[Axis], base: int) -> Unit:
    """Return float64[points, factors]: all coordinates."""
    if spec.name == "grid":
        return _grid(axes, spec.levels)
    assert spec.n is not None
    seed = int(digest("huitou design", str(base), spec.name), 16)
    if spec.name in OWN:
        return _spread(_SAMPLES[spec.name](len(axes), spec.n, seed), axes)
    return _spread(salib.sample(spec.name, len(axes), spec.n, seed, spec.options), axes)


def _grid(axes: Sequence[Axis], levels: int) -> Unit:
    """Return all combinations, the last axis fastest."""
    steps = [
        list(zip(*(factor.grid(levels) for factor in axis.factors), strict=True)) for axis in axes
    ]
    rows = [list(itertools.chain(*row)) for row in itertools.product(*steps)]
    unit = np.empty((len(rows), sum(len(axis.columns) for axis in axes)))
    unit[:, [column for axis in axes for column in axis.columns]] = rows
    return unit


def _spread(sample: Unit, axes: Sequence[Axis]) -> Unit:
    """Give every factor the coordinate of its axis."""
    unit = np.empty((len(sample), sum(len(axis.columns) for axis in axes)))
    for k, axis in enumerate(axes):
        unit[:, list(axis.columns)] = sample[:, [k]]
    return unit


def _lhs(columns: int, n: int, seed: int) -> Unit:
    return qmc.LatinHypercube(columns, rng=seed).random(n)


def _sobol(columns: int, n: int, seed: int) -> Unit:
    power = (n - 1).bit_length()  # the first n points of the next power of two are those of n
    return qmc.Sobol(columns, rng=seed).random_base2(power)[:n]


def _random(columns: int, n: int, seed: int) -> Unit:
    return np.random.default_rng(seed).random((n, columns))


_SAMPLES = {"lhs": _lhs, "sobol": _sobol, "random": _random}

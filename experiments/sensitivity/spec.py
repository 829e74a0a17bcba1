"""What a file of a sensitivity study says, and the markets that it means."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from experiments import balance, factors
from experiments.choosing import Asked
from experiments.factors import INERT, Factor, FactorSpecs
from experiments.measured import MeasuredStudy
from experiments.points import Rows, Sample
from experiments.responses import misfits
from experiments.sensitivity.markets import MarketFactor, MarketRows, bases
from experiments.sensitivity.markets import misfits as misfits_of_ensemble
from experiments.sensitivity.markets import over as again
from experiments.sensitivity.methods import AnyMethod, DgsmMethod, MorrisMethod, SobolMethod
from experiments.sensitivity.samples import Inputs
from experiments.sensitivity.verdict import THRESHOLD
from experiments.study import Study, one_market
from sim.config.parameters import Param
from sim.config.yaml_file import Problem, Tree


class SensitivityStudy(MeasuredStudy):
    """A study of which parameters drive a response."""

    times = 2
    series = False
    study: Literal["sensitivity"] = Param("sensitivity", doc="the kind of study")
    factors: FactorSpecs = Param(doc="what is varied: by dotted path in the market, and over what")
    method: AnyMethod = Param(SobolMethod(), doc="how effects are measured")
    inert_control: bool = Param(
        True, doc="adds an input that changes nothing but luck: what is found of it is noise"
    )
    surrogate: bool = Param(True, doc="cross-check by a Gaussian process, where points allow it")
    threshold: float = Param(
        THRESHOLD, bounds=(1e-3, 1), doc="converged means that total indices are this close"
    )


def points(spec: SensitivityStudy | None, tree: Tree) -> tuple[Rows | None, list[Problem]]:
    """Return the markets of the design."""
    market, problems = one_market(tree)
    if spec is None or market is None:
        return None, problems
    found, wrong = factors.read(spec.factors, market, tree)
    problems += [*wrong, *misfits(spec.measured, market, tree), *_method(spec, found, tree)]
    if problems:
        return None, problems
    nowhere = Sample(np.empty((0, 0)), np.empty(0, np.int64), [])
    return design(spec, Rows(market, (), nowhere, ""), _kept(spec, found)), []


def over(
    spec: SensitivityStudy | None, tree: Tree, asked: Asked
) -> tuple[Rows | None, list[Problem]]:
    """Return the markets of the design, with the markets of an ensemble as one more input."""
    one, problems = points(spec, tree)
    if spec is None or one is None:
        return None, problems
    varied = tuple(factor for factor in one.factors if factor.name != INERT)
    problems += misfits_of_ensemble(tree, asked, spec.method, {f.group for f in varied})
    found, wrong = bases(tree, asked, one.base, varied)
    problems += wrong
    if problems:
        return None, problems
    rows = MarketRows(one.base, one.factors, one.sample, one.method, asked=asked, bases=found)
    return design(spec, rows, varied), []


def _method(spec: SensitivityStudy, found: Sequence[Factor], tree: Tree) -> Iterator[Problem]:
    """Say what the method cannot do, or what it is told and cannot be."""
    method, n = spec.method, spec.replicates.n
    if n < method.replicates:
        what = f"must be at least {method.replicates} for {method.name} (got {n}): {method.why}"
        yield tree.problem(("replicates", "n"), what)
    for factor in found:
        for key, what in method.misfits(factor):
            yield tree.problem(("factors", factor.name, *([key] if key else [])), what)
        if INERT in (factor.name, factor.group):
            yield tree.problem(("factors", factor.name), f"{INERT!r} is the name of the control")
    groups = {factor.group for factor in found}
    first = method.screen_first if isinstance(method, SobolMethod) else None
    for k, name in enumerate((first.kept or ()) if first else ()):
        if name not in groups:
            what = f"there is no input {name!r}; inputs: {', '.join(sorted(groups))}"
            yield tree.problem(("method", "screen_first", "kept", k), what)
    if method.name == "hdmr" and len(found) + spec.inert_control < 2:
        yield tree.problem(("factors",), "hdmr needs at least two factors")


def remarks(study: Study) -> list[str]:
    """Say what is unusual about the size of a method."""
    assert isinstance(study.spec, SensitivityStudy)
    method, found = study.spec.method, []
    if isinstance(method, SobolMethod | DgsmMethod):
        found += balance.power_of_two("method.n", method.n)
    if isinstance(method, MorrisMethod):
        found += balance.trajectories("method.trajectories", method.trajectories)
    if isinstance(method, SobolMethod) and method.screen_first and not method.screen_first.kept:
        where = "method.screen_first.trajectories"
        found += balance.trajectories(where, method.screen_first.trajectories)
    return found


def _kept(spec: SensitivityStudy, found: tuple[Factor, ...]) -> tuple[Factor, ...]:
    first = spec.method.screen_first if isinstance(spec.method, SobolMethod) else None
    if first is None or first.kept is None:
        return found
    return tuple(factor for factor in found if factor.group in first.kept)


def design(spec: SensitivityStudy, rows: Rows, varied: tuple[Factor, ...]) -> Rows:
    """Return the points of a study's method.

    Parameters
    ----------
    spec
        The file.
    rows
        Other rows of the study: its market, or its markets.
    varied
        The factors that are varied, without the control and the markets of an ensemble.
    """
    if isinstance(rows, MarketRows):
        varied = (*varied, MarketFactor.of(rows.asked.members))
    if spec.inert_control:
        varied = (*varied, Factor.inert())
    sample = spec.method.sample(inputs(varied), spec.replicates.seed)
    return again(rows, sample, spec.method.design, varied)


def inputs(varied: Sequence[Factor]) -> Inputs:
    """Return the inputs of factors: groups, and factors that belong to none."""
    return Inputs.named([factor.group for factor in varied])

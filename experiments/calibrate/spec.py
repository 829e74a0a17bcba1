"""What a file of a calibrate study says, and the markets that it begins with."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from experiments import factors, lift_tests
from experiments.calibrate.aims import Aim
from experiments.calibrate.basis import every_term
from experiments.calibrate.log_spec import HoldOut, located, log_problems, log_text
from experiments.calibrate.method import Method
from experiments.calibrate.waves import Plan, Waves, first_wave
from experiments.factors import INERT, Factor, FactorSpecs
from experiments.formats import is_share
from experiments.identity import digest
from experiments.lift_tests import Lift
from experiments.markets import Market, Stored
from experiments.responses import Response
from experiments.side_runs import WithStrategies
from experiments.study import Study, one_market
from experiments.studyfile import ArmName, StudyFile
from sim.config.market import MarketConfig
from sim.config.parameters import Param, Parameters
from sim.config.yaml_file import ConfigError, Problem, Tree, validate
from sim.transactions.spec import LogFile

_CENTRE = "give low and high, or value with tolerance or factor"
LEAST_REPLICATES = 2
"""Fewest runs of a market: the difference between them is the random variation."""
Measure = Response | Lift | WithStrategies
NUMBER = (None, None)
"""Bounds of a number of either sign."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must say how one knows")
    return text


Source = Annotated[str, AfterValidator(_said)]


class Interval(Parameters):
    """What a number is to be, and how one knows."""

    low: float | None = Param(None, bounds=NUMBER, doc="lowest value that will do")
    high: float | None = Param(None, bounds=NUMBER, doc="highest value that will do")
    value: float | None = Param(None, bounds=NUMBER, doc="its middle, in place of low and high")
    tolerance: float | None = Param(
        None, bounds=NUMBER, doc="with value: value ± tolerance will do"
    )
    factor: float | None = Param(
        None, bounds=(1, 1e6), doc="with value: value / factor to value x factor will do"
    )
    source: Source = Param(doc="how one knows; free text")
    kind: str | None = Param(None, doc="what kind of source it is, such as vendor; only shown")

    @model_validator(mode="after")
    def _one_interval(self) -> Self:
        ends, width = (self.low, self.high), (self.tolerance, self.factor)
        if self.value is None:
            if None in ends or width != (None, None):
                raise ValueError(_CENTRE)
        elif ends != (None, None) or (self.tolerance is None) == (self.factor is None):
            raise ValueError(_CENTRE)
        if self.factor is not None and (self.factor <= 1 or (self.value or 0) <= 0):
            raise ValueError("factor must be above 1, and its value above 0")
        if self.tolerance is not None and self.tolerance <= 0:
            raise ValueError("tolerance must be above 0")
        low, high = self.ends
        if not low < high:
            raise ValueError(f"low must be below high (got {low:g} and {high:g})")
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest value that will do."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        value = self.value or 0.0
        if self.factor is not None:
            return value / self.factor, value * self.factor
        return value - (self.tolerance or 0.0), value + (self.tolerance or 0.0)


class Target(Interval):
    """An interval for a metric."""

    metric: str = Param(doc="what is measured: the name of a metric")
    of: str | None = Param(None, doc="the brand, as A or brands.A; none: the study's")
    discount: float | None = Param(None, doc="as of a response")
    warmup: Literal["none", "mser5"] | int = Param("none", doc="as of a response")
    strategies: Annotated[dict[str, dict[str, Any] | None], Field(min_length=1)] | None = Param(
        None, doc="strategies that the study's brand uses while it is measured; none: as it is"
    )

    @model_validator(mode="after")
    def _can_be_measured(self) -> Self:
        try:
            unit = self.response.unit
        except ConfigError as error:
            named = (Problem(None, _KEYS.get(p.path, p.path), p.what) for p in error.problems)
            raise ConfigError(named) from None
        low, high = self.ends
        if is_share(unit) and (low > 1 or high < 0):
            what = f"{self.metric} is a share, 0 to 1: 12 % is 0.12"
            raise ValueError(f"{what} (got {low:g} to {high:g})")
        return self

    @property
    def response(self) -> Response:
        """What is measured."""
        data = {"name": self.metric, "of": self.of, "discount": self.discount}
        return validate(Response, Tree({**data, "warmup": self.warmup}))


_KEYS = {"name": "metric"}


class LiftTest(Interval):
    """An interval for what a randomised experiment with touches measures."""

    strategies: Annotated[dict[str, dict[str, Any] | None], Field(min_length=1)] = Param(
        doc="what the treated get: strategies of the brand by name, as in a market file"
    )
    of: str | None = Param(None, doc="the brand, as A or brands.A; none: the study's")
    share: float = Param(
        0.5, bounds=(0.001, 0.999), unit="share of people", doc="the treated; others are held out"
    )
    after: int = Param(
        0, bounds=(0, None), unit="days", doc="first touches before this day do not count"
    )
    until: int | None = Param(
        None, bounds=(1, None), unit="days", doc="nor do those from this day on; none: to the end"
    )
    window: int = Param(
        14, bounds=(1, 3650), unit="days", doc="orders from a first touch on count for so long"
    )
    metric: Literal["extra_orders_per_100_touches"] = Param(
        lift_tests.METRIC, doc="what is measured"
    )


class CalibrateStudy(StudyFile):
    """A study of which markets the data do not rule out."""

    times = 2
    series = False
    study: Literal["calibrate"] = Param("calibrate", doc="the kind of study")
    free: FactorSpecs = Param(doc="what is not known: by dotted path in the market, and over what")
    targets: Annotated[dict[ArmName, Target], Field(min_length=1)] = Param(
        doc="what the market is to give, by name"
    )
    held: dict[ArmName, Target] = Param({}, doc="what is held against the result, never fitted")
    lift_tests: dict[ArmName, LiftTest] = Param(
        {}, doc="randomised experiments that the market is to reproduce, by name"
    )
    log: LogFile | None = Param(None, doc="a transaction log of the brand, as of people.entry")
    hold_out: HoldOut | None = Param(
        None, doc="the end of the log, kept from all that is fitted: {start: 2024-10-01, weeks: 13}"
    )
    method: Method = Param(Method(), doc="how")

    @model_validator(mode="after")
    def _defaults_of_the_kind(self) -> Self:
        """Put what `method` says of replicates and seed where every study has it."""
        said = {"n": self.method.replicates, "seed": self.method.seed}
        given = {key: value for key, value in said.items() if value is not None}
        for key in given.keys() & self.replicates.model_fields_set:
            if (own := getattr(self.replicates, key)) != given[key]:
                where = "method.replicates" if key == "n" else "method.seed"
                what = f"is {own} in replicates.{key}: say it once"
                raise ConfigError([Problem(None, where, what)])
        for part, own in (
            ("replicates", given),
            ("method", {"replicates": None, "seed": None}),
        ):
            object.__setattr__(self, part, getattr(self, part).model_copy(update=own))
        return super()._defaults_of_the_kind()  # type: ignore[operator]  # pydantic leaves it callable

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        taken: set[str] = set()
        for part in ("targets", "held", "lift_tests"):
            own = getattr(self, part)
            for name in own:
                if name in taken:
                    what = f"{name!r} is the name of another target already"
                    raise ConfigError([Problem(None, f"{part}.{name}", what)])
            taken.update(own)
        return self

    def lifts(self) -> dict[str, Lift]:
        """Return the lift tests by name."""
        return {name: _lift(name, test, self.of) for name, test in self.lift_tests.items()}

    def fitted(self) -> dict[str, tuple[Measure, Interval]]:
        """Return what is fitted, by name."""
        lifts = self.lifts()
        found: dict[str, tuple[Measure, Interval]] = {
            name: (_measure(target, self.of), target) for name, target in self.targets.items()
        }
        return found | {name: (lifts[name], test) for name, test in self.lift_tests.items()}

    def shown(self) -> dict[str, tuple[Measure, Interval]]:
        """Return what is only held against the result, by name."""
        return {name: (_measure(target, self.of), target) for name, target in self.held.items()}


def aims_of(asked: Mapping[str, tuple[Measure, Interval]]) -> tuple[Aim, ...]:
    """Return the intervals of what is asked."""
    return tuple(
        Aim.of(name, *interval.ends, measure.unit) for name, (measure, interval) in asked.items()
    )


def _measure(target: Target, of: str | None) -> Response | WithStrategies:
    if target.strategies is None:
        return target.response
    brand = (of or "").removeprefix("brands.") or None
    strategies = {key: dict(own or {}) for key, own in target.strategies.items()}
    said = json.dumps([brand, strategies], sort_keys=True, default=str)
    column = f"{target.response.column}[with {', '.join(strategies)}, {digest(said, size=4)}]"
    return WithStrategies(target.response, column, brand, strategies)


def _lift(name: str, test: LiftTest, of: str | None) -> Lift:
    brand = (test.of or of or "").removeprefix("brands.") or None
    strategies = {key: dict(own or {}) for key, own in test.strategies.items()}
    until = 10**6 if test.until is None else test.until
    said = json.dumps(
        [brand, strategies, test.share, test.after, until, test.window], sort_keys=True, default=str
    )
    column = f"lift[{name}, {digest(said, size=4)}]"
    return Lift(name, brand, column, strategies, test.share, test.after, until, test.window)


def responses(spec: CalibrateStudy) -> tuple[Measure, ...]:
    """Return what is computed of every run."""
    every = [measure for measure, _ in (*spec.fitted().values(), *spec.shown().values())]
    return tuple({measure.label: measure for measure in every}.values())


def points(spec: CalibrateStudy | None, tree: Tree) -> tuple[Waves | None, list[Problem]]:
    """Return the markets of the first wave."""
    market, problems = one_market(tree)
    if spec is None or market is None:
        return None, problems
    found, wrong = factors.read(spec.free, market, tree, "free")
    problems += [*wrong, *_free(found, tree), *_misfits(spec, market, tree)]
    problems += [*_tests(spec, market, tree), *_one_run(spec, tree)]
    if not isinstance(market, Stored):  # a log was read at the time
        log, wrong = located(spec.log, tree)
        problems += [*wrong, *log_problems(log, spec.hold_out, tree)]
        object.__setattr__(spec, "log", log)  # whose file can be opened from here
    if problems:
        return None, problems
    return first_wave(market, found, plan(spec), log_text(spec.log, spec.hold_out)), []


def plan(spec: CalibrateStudy) -> Plan:
    """Return how a study goes about it: what its waves depend on besides their results."""
    m = spec.method
    aims, held, seed = aims_of(spec.fitted()), aims_of(spec.shown()), spec.replicates.seed
    return Plan(aims, m.runs, m.waves, m.cutoff, m.spare, m.options, seed, held)


def _one_run(spec: CalibrateStudy, tree: Tree) -> Iterator[Problem]:
    if spec.replicates.n < LEAST_REPLICATES:
        what = f"must be at least {LEAST_REPLICATES}: one run does not show its random variation"
        yield tree.problem(("replicates", "n"), what)


def _free(found: Sequence[Factor], tree: Tree) -> Iterator[Problem]:
    for factor in found:
        if factor.spec.group is not None:
            what = "must be left out: every free parameter is judged by itself"
            yield tree.problem(("free", factor.name, "group"), what)
        if factor.name == INERT:
            yield tree.problem(("free", factor.name), "is no parameter of a market")


def _misfits(spec: CalibrateStudy, market: Market, tree: Tree) -> Iterator[Problem]:
    """Say which targets cannot be measured in this market."""
    for key, targets in (("targets", spec.targets), ("held", spec.held)):
        for name, target in targets.items():
            for problem in target.response.problems(market["brands"], market["days"]):
                yield tree.problem((key, name, problem.path), problem.what)
            measure = _measure(target, spec.of)
            if isinstance(measure, WithStrategies) and not isinstance(market, Stored):
                of = measure.brand or next(iter(market["brands"]))
                if of in market["brands"]:
                    yield from _used((key, name), measure.strategies, of, market, tree)
                    yield from _invalid((key, name), measure.market(market), of, tree)


def _tests(spec: CalibrateStudy, market: Market, tree: Tree) -> Iterator[Problem]:
    """Say which lift tests cannot be carried out in this market."""
    if isinstance(market, Stored):
        return  # it was checked at the time
    lifts = spec.lifts()
    for name, test in spec.lift_tests.items():
        path, brands = ("lift_tests", name), list(market["brands"])
        of = lifts[name].of or brands[0]
        if of not in brands:
            what = f"there is no brand {of!r}; brands: {', '.join(brands)}"
            yield tree.problem((*path, "of"), what)
            continue
        if test.after + test.window > market["days"]:
            what = f"leaves no room for a window in a run of {market['days']} days"
            yield tree.problem((*path, "after" if test.after else "window"), what)
        if test.until is not None and test.until <= test.after:
            yield tree.problem((*path, "until"), f"must be above after, {test.after}")
        yield from _refused(lifts[name], of, market, tree)


def _refused(lift: Lift, of: str, market: Market, tree: Tree) -> Iterator[Problem]:
    """Say what is wrong with the strategies of a lift test, and where that stands in the file."""
    for name, own in lift.strategies.items():
        audience = own.get("audience") or {}
        if not isinstance(audience, Mapping):
            yield tree.problem(
                ("lift_tests", lift.name, "strategies", name, "audience"), "must be a mapping"
            )
            return
        if "share" in audience or "group" in audience:
            what = "has a share of people, `share`, already: audience.share and group stay out"
            yield tree.problem(("lift_tests", lift.name, "strategies", name, "audience"), what)
    yield from _used(("lift_tests", lift.name), lift.strategies, of, market, tree)
    yield from _invalid(("lift_tests", lift.name), lift.market(market), of, tree)


def _used(
    path: tuple[str, str], strategies: Mapping[str, Any], of: str, market: Market, tree: Tree
) -> Iterator[Problem]:
    """Name the strategies that the brand uses already."""
    for name in strategies:
        if name in market["brands"][of]["strategies"]:
            what = "the market's brand uses it already: nobody would be without it"
            yield tree.problem((*path, "strategies", name), what)


def _invalid(path: tuple[str, str], made: Market, of: str, tree: Tree) -> Iterator[Problem]:
    """Say what is wrong with the strategies that a market was made with."""
    stem = f"brands.{of}.strategies"
    try:
        validate(MarketConfig, Tree(dict(made)))
    except ConfigError as error:
        for problem in error.problems:
            rest = problem.path.removeprefix(stem).strip(".")
            where = rest.split(".") if problem.path.startswith(stem) and rest else []
            yield tree.problem((*path, "strategies", *where), problem.what)


def remarks(study: Study) -> list[str]:
    """Say what is unusual about the size of a study."""
    assert isinstance(study.spec, CalibrateStudy)
    inputs, runs = len(study.spec.free), study.spec.method.runs
    if runs >= 10 * inputs:
        return []
    return [
        f"method.runs: {runs} for {inputs} free parameters are few; ten for each are usual "
        "(Loeppky, Sacks and Welch 2009). A polynomial of degree two in them has "
        f"{len(every_term(inputs))} terms."
    ]

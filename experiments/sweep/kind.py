"""A study of how results change over a grid or a sample of parameters."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from experiments import balance, starter, units
from experiments.across import each
from experiments.conduct import Outcome
from experiments.factors import FactorSpec, read
from experiments.formats import count
from experiments.kinds import Go, Kind
from experiments.markets import base, brand_names, resolve
from experiments.measured import MeasuredStudy, responses
from experiments.points import Rows
from experiments.responses import misfits
from experiments.study import Study, unknown_brand
from experiments.sweep import claims, design, findings, markets, plots, scenarios, tables, views
from experiments.sweep.claims import Claim
from experiments.sweep.design import DesignSpec
from experiments.sweep.points import Sweep, impossible
from experiments.sweep.scenarios import Discover
from sim.config.load import load_market
from sim.config.parameters import Param, Parameters, describe
from sim.config.yaml_file import ConfigError, Problem, Tree, validate

P = TypeVar("P", bound=Parameters)


class SweepStudy(MeasuredStudy):
    """A study of how results change over a grid or a sample of parameters."""

    times = 5
    series = False
    study: Literal["sweep"] = Param("sweep", doc="the kind of study")
    factors: Annotated[dict[str, FactorSpec], Field(min_length=1)] = Param(
        doc="what is varied: {dotted.path: over what}; a * in a path stands for every key there"
    )
    design: DesignSpec = Param(DesignSpec(), doc="where the points are")
    discover: Discover | None = Param(
        None, doc="scenario discovery: {at_least, at_most or top: ...}; none: nothing"
    )

    claims: dict[str, Claim] = Param(
        {}, doc="{name: {response: ..., at_least: ..., at_most: ...}}: where does each hold?"
    )

    @model_validator(mode="after")
    def _about_the_measured(self) -> "SweepStudy":
        if self.discover and self.discover.measured(self.measured) is None:
            known = ", ".join(response.label for response in self.measured)
            what = f"there is no response {self.discover.response!r}; responses: {known}"
            raise ConfigError([Problem(None, "discover.response", what)])
        claims.check(self.claims, self.measured)
        return self


def points(spec: SweepStudy | None, tree: Tree) -> tuple[Sweep | None, list[Problem]]:
    """Return the base and the points around it."""
    layers, problems = base(tree)
    if layers is None:
        return None, problems
    market, problems = resolve(layers)
    problems += unknown_brand(tree, {"market": brand_names(layers)})
    if market is None:
        return None, problems
    given = tree.data.get("factors")
    names = given if isinstance(given, dict) else {}
    specs = {name: _part(FactorSpec, names[name]) for name in names}
    factors, more = read({name: s for name, s in specs.items() if s}, market, tree)
    problems += more
    place = _part(DesignSpec, tree.data.get("design", {}))
    if place is None or not factors:
        return None, problems
    seed = spec.replicates.seed if spec else 1
    sample, more = design.place(place, factors, seed, tree)
    problems += more
    if spec is None or sample is None or problems:
        return None, problems
    rows = Rows(market, factors, sample, _name(place))
    problems = _unanswerable(spec, rows, tree)
    problems += [tree.problem(("factors",), p.what) for p in impossible(rows)]
    return (None if problems else Sweep(rows)), problems


def _part(model: type[P], data: Any) -> P | None:
    """Return a part of the file if it is right; what is wrong with it, the whole has complained."""
    try:
        return validate(model, Tree(data)) if isinstance(data, dict) else None
    except ConfigError:
        return None


def _name(place: DesignSpec) -> str:
    return f"{place.name} {place.options}" if place.options else place.name


def _unanswerable(spec: SweepStudy, rows: Rows, tree: Tree) -> list[Problem]:
    """Return what is wrong with the responses, for the shortest run of the sweep."""
    days = min(market["days"] for market in rows.samples())
    return misfits(spec.measured, {**rows.base, "days": days}, tree)


def resolved(study: Study) -> dict[str, Any]:
    """Return the responses in the one form that says all."""
    measured = [response.model_dump(mode="json") for response in study.responses]
    return {"response": None, "responses": measured}


def title(study: Study) -> str:
    """Return the line above the tables."""
    sweep, place = _sweep(study), _spec(study).design
    over = f", in {count(len(study.across.members), 'market')}" if study.across else ""
    made = "a grid" if place.name == "grid" else f"a sample ({place.name})"
    return (
        f"{study.name}: {count(len(sweep.rows), 'point')}, {made} over "
        f"{count(len(sweep.axes), 'factor')}{over}, {count(study.replicates.n, 'replicate')} each"
    )


def _sweep(study: Study) -> Sweep:
    assert isinstance(study.points, Sweep)
    return study.points


def _spec(study: Study) -> SweepStudy:
    assert isinstance(study.spec, SweepStudy)
    return study.spec


def method(study: Study) -> list[str]:
    """Say how the numbers come about."""
    grid = _spec(study).design.name == "grid"
    shared = study.replicates.crn == "block"
    luck = (
        "All points of a replicate share their random numbers, so that points are compared within "
        "replicates."
        if shared
        else "Every run has random numbers of its own (`crn: none`)."
    )
    drawn = (
        "Averages are over all points of the grid."
        if grid
        else "The points are a sample: intervals of averages over points also cover which points "
        "were drawn, as if each had been drawn by itself. Where a factor has many values, its "
        "levels are bins of equal probability."
    )
    return markets.method(study) + units.worded(study, _method(study, luck, drawn))


def _method(study: Study, luck: str, drawn: str) -> list[str]:
    grid = _spec(study).design.name == "grid"
    return [
        f"{luck} ± is half of a 95 % Student t interval over replicates. {drawn} “As it is” is the "
        "market without any factor changed; it is run beside the points and counts in no average.",
        "What is highest of many is so by luck too. Therefore the highest point, and the highest "
        "and lowest level of a factor, are chosen on the first half of the replicates"
        f"{'' if grid else ' (levels: and of the points)'} and measured on the other, which makes "
        "the result free of that bias, and less precise. “Share” is the variance between the true "
        "means of a factor’s levels as a share of the variance between the true means of points, "
        "both without the part of luck, and blank unless points surely differ; what the shares "
        "leave to 100 % is "
        f"{'' if grid else 'scatter within bins, and '}what factors do only together. "
        "The set that contains the truly highest point with 95 % confidence leaves out each point "
        "that another surely exceeds: paired one-sided t-tests at 5 % over the number of others.",
        *scenarios.method(study),
    ]


def carry_out(study: Study, go: Go) -> tuple[Study, Outcome]:
    """Compute a sweep; what its analysis needs must be there before."""
    if scenarios.sought(study):
        scenarios.require()
    return study, go(study)


def lines() -> Iterator[str]:
    """Yield the lines of a starter file."""
    yield from starter.head(
        "sweep", "How does a result change over a grid or sample of parameters?"
    )
    first = next(iter(load_market(starter.PRESET).brands))
    yield from starter.market()
    yield f"    brands.{first}.strategies: {{service_followup: {{}}}}  # to be varied, it has to be"
    yield from starter.ensemble()
    yield ""
    yield f"of: {first}  # the brand whose results are measured"
    yield "response: long_run_contribution  # a metric, or {name: ..., of: BRAND, discount: ...};"
    yield "# or several: `responses: [long_run_revenue, long_run_contribution]`"
    yield ""
    yield "# What is varied, by dotted path; a * stands for every key there. Each is one of"
    for info in describe(FactorSpec):
        yield f"#   {info.name}: {info.doc}"
    yield "factors:"
    path = f"brands.{first}.strategies.service_followup"
    yield f"  {path}.coupon: {{range: [0, 0.3]}}"
    yield f"  {path}.lead_days: {{integers: [1, 13], step: 3}}"
    yield "  # behaviour.talk.rate: {range: [0.005, 0.05], dist: loguniform}"
    yield f"  # {path}.automated: {{choices: [true, false]}}"
    yield ""
    yield "design:  # where the points are"
    yield from starter.block(DesignSpec(), 1)
    yield ""
    yield "# Where the response is high, by PRIM and CART: needs at least 50 points, so a sample."
    yield "# discover: {top: 0.2}  # or at_least, at_most: an amount"
    yield ""
    yield from starter.parts(SweepStudy)


def remarks(study: Study) -> list[str]:
    """Say what is unusual about the size of a design."""
    assert isinstance(study.spec, SweepStudy) and isinstance(study.points, Sweep)
    design = study.spec.design
    return balance.sample(design.name, design.n, design.options, study.points.axes)


KIND = Kind(
    schema=SweepStudy,
    points=points,
    tables=tables.tables,
    views=views.views,
    main="main",
    title=title,
    method=method,
    starter=lines,
    findings=findings.findings,
    caveats=findings.caveats,
    responses=responses,
    plots=plots.PLOTS,
    carry_out=carry_out,
    resolved=resolved,
    over=partial(each, points),
    remarks=remarks,
    precision=tables.precision,
)

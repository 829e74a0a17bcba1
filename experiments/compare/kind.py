"""A study of which strategy is better, by how much, and how sure that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from experiments import starter, units
from experiments.across import Across, each
from experiments.choosing import Asked
from experiments.compare import equal_spend, findings, plots, shares, stopping, tables, views
from experiments.compare.pilot import Pilot, narrow, pilots
from experiments.formats import count
from experiments.kinds import Kind, Tables
from experiments.markets import Market, changed
from experiments.points import Arms
from experiments.responses import Response, misfits
from experiments.sequential import Precision
from experiments.spend import Idle, acting_brands, budgeted
from experiments.study import Study, unknown_brand
from experiments.studyfile import ArmName, StudyFile
from experiments.tabular import too_short
from sim.config import layers
from sim.config.load import load_market
from sim.config.parameters import Param
from sim.config.yaml_file import Problem, Tree
from sim.strategies.interface import strategies


@dataclass(frozen=True, kw_only=True)
class Compared(Arms):
    """The arms of a comparison.

    Attributes
    ----------
    asked
        The arms as the file has them, without equal budgets and pilots.
    """

    asked: Mapping[str, Market]


Share = Annotated[float, Field(gt=0, lt=1)]
MONEY = (Response(name="long_run_contribution"), Response(name="long_run_revenue"))


class CompareStudy(StudyFile):
    """A study of which strategy is better, by how much, and how sure that is."""

    times = 20
    study: Literal["compare"] = Param("compare", doc="the kind of study")
    arms: dict[ArmName, dict[str, Any] | None] = Param(
        doc="what differs, by arm: {dotted.path: value} sets, nested mappings are merged"
    )
    baseline: str | None = Param(None, doc="arm that the others are compared to; none: the first")
    responses: Annotated[tuple[Response, ...], Field(min_length=1, max_length=100)] = Param(
        MONEY, doc="what is compared, the main thing first; p is adjusted over all of them"
    )
    spend: float | None = Param(
        None,
        bounds=(0.01, None),
        unit="CNY over the run",
        doc="equal budgets: in each arm every brand that acts in any may spend this much, in equal "
        "parts for its strategies; none: as the arms say",
    )
    idle: Idle = Param(
        "keep", doc="what a brand does with `spend` in an arm without strategies: keep or advertise"
    )
    spend_shares: tuple[Share, ...] = Param(
        (),
        unit="shares of `spend`",
        doc="[.1, .3]: lower budgets at which each arm is run too, so that arms can be compared at "
        "a spend that all of them reach",
    )
    stop: Precision | stopping.Noise | None = Param(
        None,
        doc="{half_width: 5000}: replicates in rounds until every arm's difference in the first "
        "response is so well known; replicates.n is then not looked at. Over an ensemble {noise: 1}: "
        "until the error of a market's mean is no larger than what markets differ by",
    )
    pilot: Pilot | None = Param(
        None,
        doc="{share: .1}: run each arm as a pilot too, and hold its naive estimate to the truth",
    )


def points(spec: CompareStudy | None, tree: Tree) -> tuple[Arms | None, list[Problem]]:
    """Return the market of each arm."""
    markets, brands, problems = changed(tree, "arms")
    problems += unknown_brand(tree, brands)
    arms, baseline = tree.data.get("arms"), tree.data.get("baseline")
    if isinstance(baseline, str) and isinstance(arms, dict) and baseline not in arms:
        what = f"there is no arm {baseline!r}; arms: {', '.join(arms)}"
        problems.append(tree.problem(("baseline",), what))
    if spec and len(spec.arms) < 2:
        problems.append(tree.problem(("arms",), "a comparison needs at least two arms"))
    for arm, market in markets.items():
        problems += misfits(spec.responses if spec else (), market, tree, f" of arm {arm!r}")
    problems += _equal_spend(tree, markets)
    if spec is None or not markets or problems:
        return None, problems
    if spec.pilot is not None:
        problems += [
            tree.problem(("arms", arm), what)
            for arm, what in narrow(markets, *_about(spec, markets))
        ]
        if problems:
            return None, problems
    further = _further(spec, markets)
    taken = [name for name in further if name in markets]
    if taken:
        what = f"{taken[0]!r} is the name that a pilot or a lower budget of another arm has"
        return None, [tree.problem(("arms", taken[0]), what)]
    every = {**_budgets(spec, markets), **further}
    return Compared(every, baseline or next(iter(markets)), asked=markets), []


def _budgets(spec: CompareStudy, markets: Mapping[str, Market]) -> Mapping[str, Market]:
    """Return the arms with their budgets."""
    if spec.spend is not None:
        for brand in acting_brands(markets):
            markets = {
                arm: budgeted(market, brand, spec.spend, spec.idle)
                for arm, market in markets.items()
            }
    return markets


def _further(spec: CompareStudy, markets: Mapping[str, Market]) -> dict[str, Market]:
    """Return the arms at lower budgets, and the pilots."""
    found = equal_spend.steps(markets, spec) if spec.spend is not None else {}
    if spec.pilot is None:
        return found
    return {**found, **pilots(_budgets(spec, markets), *_about(spec, markets), spec.pilot)}


def _about(spec: CompareStudy, markets: Mapping[str, Market]) -> tuple[str, str]:
    """Return the arm compared to, and the brand that the comparison is about."""
    baseline = spec.baseline or next(iter(markets))
    return baseline, spec.of or next(iter(markets[baseline]["brands"]))


def _equal_spend(tree: Tree, markets: Mapping[str, Market]) -> Iterator[Problem]:
    """Yield what does not go with equal budgets, or needs them."""
    if tree.data.get("spend") is None:
        if tree.data.get("idle") == "advertise":
            yield tree.problem(("idle",), "advertise needs `spend`: the money to advertise with")
        if tree.data.get("spend_shares"):
            what = "lower budgets need `spend`, of which they are shares"
            yield tree.problem(("spend_shares",), what)
        return
    for arm, market in markets.items():
        for brand, own in market["brands"].items():
            for name, strategy in own["strategies"].items():
                if strategy["budget"] is not None:
                    what = (
                        f"{brand}.{name} has a budget of its own; with `spend`, every strategy "
                        "gets its part of that"
                    )
                    yield tree.problem(("arms", arm), what)


def in_one(spec: CompareStudy | None, tree: Tree) -> tuple[Arms | None, list[Problem]]:
    """Return the market of each arm of a study of one market."""
    found, problems = points(spec, tree)
    if spec and isinstance(spec.stop, stopping.Noise):
        what = "is about markets of an ensemble, and there is none; `half_width` is meant"
        problems = [*problems, tree.problem(("stop", "noise"), what)]
    return (None if problems else found), problems


def over(
    spec: CompareStudy | None, tree: Tree, asked: Asked
) -> tuple[Across | None, list[Problem]]:
    """Return the arms in each market of an ensemble."""
    found, problems = each(points, spec, tree, asked)
    if spec and isinstance(spec.stop, Precision):
        what = "more replicates do not narrow what markets differ by; `stop: {noise: 1}` is meant"
        problems = [*problems, tree.problem(("stop", "half_width"), what)]
    return (None if problems else found), problems


def responses(spec: CompareStudy) -> tuple[Response, ...]:
    """Return what is compared."""
    return spec.responses


def resolved(study: Study) -> dict[str, Any]:
    """Return the arms as what they set in the market of the baseline."""
    assert isinstance(study.points, Compared)
    asked, baseline = study.points.asked, study.baseline
    arms = {arm: layers.difference(asked[baseline], market) for arm, market in asked.items()}
    return {"market": asked[baseline], "arms": arms, "baseline": baseline}


def title(study: Study) -> str:
    """Return the line above the tables."""
    times = count(study.replicates.n, "replicate")
    assert isinstance(study.points, Compared)
    arms = len(study.points.asked)
    spec: Any = study.spec
    more = " and their pilots" if spec.pilot is not None else ""
    more += f" at {len(spec.spend_shares) + 1} budgets" if spec.spend_shares else ""
    if study.across:
        more += f" in {count(len(study.across.members), 'market')}"
    return f"{study.name}: brand {study.of}, {arms} arms{more}, {times} each"


def method(study: Study) -> list[str]:
    """Say how the numbers come about."""
    return shares.method(study) + units.worded(study, _method(study.baseline))


def _method(base: str) -> list[str]:
    return [
        "All arms of a replicate share every random draw that they have in common (common random "
        f"numbers), so each arm is compared to {base} within the replicate. Differences are means "
        "over pairs with 95 % Student t intervals, shown as ±. “± unpaired” is what the interval "
        "would be without pairing; the ratio of the two is what pairing gained, as measured, and "
        f"“corr.” is the correlation of the arm and {base} over replicates. p is from the paired "
        "t-test of no difference, adjusted by Holm’s method over all arms and responses.",
        "Return on spend is incremental long-run contribution profit, which is after the spend, "
        "per CNY of extra discounts, coupons, friends’ discounts, margins of distributors, "
        "contacts, gifts and events, advertising, rewards, honours, commissions, bonuses and "
        "training; it is blank unless the arm surely spent more. "
        "Where several brands have the same strategies in turn, the mean over those brands tells "
        "what these bring, whoever has them, while the rivals do what they do in the same arms.",
    ]


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say what a reader must know."""
    stopped = stopping.verdict(study, tables["responses"])
    return [*stopped, *findings.incomplete(study, tables), *too_short(tables["arms"])]


def lines() -> Iterator[str]:
    """Yield the lines of a starter file."""
    yield from starter.head(
        "compare", "Which arm earns a brand more, by how much, and how sure is that?"
    )
    first = next(iter(load_market(starter.PRESET).brands))
    yield from starter.market()
    yield from starter.ensemble()
    yield ""
    yield f"of: {first}  # the brand whose results are compared"
    yield ""
    yield "# What each arm changes. A dotted path sets, a nested mapping is merged."
    yield f"# Strategies: {', '.join(strategies())}; see `huitou strategies`."
    yield "arms:"
    yield "  none: {}"
    for name, strategy in strategies().items():
        if strategy.rows:
            yield f"  {name}:"
            yield f"    brands.{first}.strategies:"
            yield f"      {name}:  # {starter.idea(strategy)}"
            yield from starter.block(strategy(), 4)
    yield ""
    yield "baseline: none  # the arm that the others are compared to"
    yield ""
    yield from starter.parts(CompareStudy)


KIND = Kind(
    schema=CompareStudy,
    points=in_one,
    tables=tables.tables,
    views=views.views,
    main="effects",
    title=title,
    method=method,
    starter=lines,
    findings=findings.findings,
    caveats=caveats,
    responses=responses,
    plots=plots.PLOTS,
    carry_out=stopping.carry_out,
    at_most=stopping.at_most,
    resolved=resolved,
    over=over,
    precision=tables.precision,
)

"""A study of which strategy is better, by how much, and how sure that is."""

from collections.abc import Iterator
from typing import Any, Literal

from experiments import starter
from experiments.compare import findings, plots, tables, views
from experiments.formats import count
from experiments.kinds import Kind, Tables
from experiments.markets import changed
from experiments.points import Arms
from experiments.study import Study, unknown_brand
from experiments.studyfile import ArmName, Replicates, StudyFile
from experiments.tabular import too_short
from sim import layers
from sim.load import load_market
from sim.parameters import Param
from sim.strategy import strategies
from sim.yamlfile import Problem, Tree


class CompareStudy(StudyFile):
    """A study of which strategy is better, by how much, and how sure that is."""

    study: Literal["compare"] = Param("compare", doc="the kind of study")
    arms: dict[ArmName, dict[str, Any] | None] = Param(
        doc="what differs, by arm: {dotted.path: value} sets, nested mappings are merged"
    )
    baseline: str | None = Param(None, doc="arm that the others are compared to; none: the first")
    replicates: Replicates = Param(Replicates(n=20), doc="how often")


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
    if not markets or problems:
        return None, problems
    return Arms(markets, baseline or next(iter(markets))), []


def resolved(study: Study) -> dict[str, Any]:
    """Return the arms as what they set in the market of the baseline."""
    arms = {arm: layers.difference(study.base, market) for arm, market in study.arms.items()}
    return {"arms": arms, "baseline": study.baseline}


def title(study: Study) -> str:
    """Return the line above the tables."""
    times = count(study.replicates.n, "replicate")
    return f"{study.name}: brand {study.of}, {len(study.arms)} arms, {times} each"


def method(study: Study) -> list[str]:
    """Say how the numbers come about."""
    base = study.baseline
    return [
        "All arms of a replicate share every random draw that they have in common (common random "
        f"numbers), so each arm is compared to {base} within the replicate. Differences are means "
        "over pairs with 95 % Student t intervals, shown as ±. “± unpaired” is what the interval "
        "would be without pairing; the ratio of the two is what pairing gained, as measured, and "
        f"“corr.” is the correlation of the arm and {base} over replicates. p is from the paired "
        "t-test of no difference, adjusted by Holm’s method over the arms of each table.",
        "Return on spend is incremental long-run contribution profit, which is after the spend, "
        "per CNY of extra discounts, coupons, margins of distributors, touches, acquisition, "
        "rewards, commissions, bonuses and training; it is blank unless the arm surely spent more. "
        "Where several brands have the same strategies in turn, the mean over those brands tells "
        "what these bring, whoever has them, while the rivals do what they do in the same arms.",
    ]


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say what a reader must know."""
    return [*findings.incomplete(study, tables), *too_short(tables["arms"])]


def lines() -> Iterator[str]:
    """Yield the lines of a starter file."""
    yield from starter.head(
        "compare", "Which arm earns a brand more, by how much, and how sure is that?"
    )
    first = next(iter(load_market(starter.PRESET).brands))
    yield from starter.market()
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
    yield from starter.parts(CompareStudy, Replicates(n=20))


KIND = Kind(
    schema=CompareStudy,
    points=points,
    tables=tables.tables,
    views=views.views,
    main="effects",
    title=title,
    method=method,
    starter=lines,
    findings=findings.findings,
    caveats=caveats,
    plots=plots.PLOTS,
    resolved=resolved,
    precision=tables.precision,
)

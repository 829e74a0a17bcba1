"""A study of what happens in a market."""

from collections.abc import Iterator
from typing import Literal

from experiments import starter
from experiments.formats import count
from experiments.kinds import Kind, Tables
from experiments.points import Arms
from experiments.run import customers, plots, social, tables, views
from experiments.study import Study, one_market
from experiments.studyfile import StudyFile
from experiments.tabular import too_short
from sim.config.load import load_market
from sim.config.parameters import Param
from sim.config.yaml_file import Problem, Tree

ONLY_ARM = "market"
"""Name of the one arm of a run."""


class RunStudy(StudyFile):
    """A study of what happens in a market."""

    study: Literal["run"] = Param("run", doc="the kind of study")


def points(spec: RunStudy | None, tree: Tree) -> tuple[Arms | None, list[Problem]]:
    """Return the one market of the study."""
    market, problems = one_market(tree)
    return (Arms({ONLY_ARM: market}, ONLY_ARM) if market else None), problems


def title(study: Study) -> str:
    """Return the line above the tables."""
    return f"{study.name}: {count(study.replicates.n, 'run')}"


def method(study: Study) -> list[str]:
    """Say how the numbers come about."""
    return [
        "Numbers are means over runs, with 95 % Student t intervals where there is more than one "
        "run. Curves are pooled over runs."
    ]


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say what a reader must know."""
    entry = study.base["people"]["entry"]
    if entry["kind"] == "log" and "daily" in tables and "log" not in tables:
        return [
            f"Repeat purchases are not shown beside those of the log: {entry['log']} is not there, "
            "or not as it was.",
            *too_short(tables["metrics"]),
        ]
    return too_short(tables["metrics"])


def lines() -> Iterator[str]:
    """Yield the lines of a starter file."""
    yield from starter.head("run", "What happens in a market?")
    market = load_market(starter.PRESET, {"people.n": starter.PEOPLE})
    yield ""
    yield f"# The market {starter.PRESET!r} with everything written out;"
    yield f"# `market: {{use: {starter.PRESET}}}` is the short form, and takes"
    yield "# `set: {dotted.path: value}` for what differs."
    yield "market:"
    yield from starter.block(market, 1)
    yield ""
    yield from starter.parts(RunStudy)


KIND = Kind(
    schema=RunStudy,
    points=points,
    tables=tables.tables,
    views=views.views,
    main="metrics",
    title=title,
    method=method,
    starter=lines,
    caveats=caveats,
    precision=tables.precision,
    plots=(*plots.PLOTS, *customers.PLOTS, *social.PLOTS),
)

"""What a study file may say, and how it is read: layers, arms, and every mistake at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from experiments.identity import config_hash, digest
from sim import layers
from sim.config import MarketConfig
from sim.load import check
from sim.parameters import Param, Parameters
from sim.yamlfile import ConfigError, Problem, Tree, nearest, read, show, validate

ArmName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+.-]*$", max_length=60)]
StudyName = Annotated[str, Field(pattern=r"^\w[\w.+-]*$", max_length=80)]
ONLY_ARM = "market"
"""Name of the one arm of a study that has no others."""


class Replicates(Parameters):
    """How often each arm is run, and with which luck."""

    n: int = Param(1, bounds=(1, 10_000_000), unit="runs per arm", doc="replicates")
    seed: int = Param(1, bounds=(0, 2**63 - 1), doc="base seed; another one is other luck")
    crn: Literal["block"] = Param(
        "block", doc="common random numbers: all arms of a replicate share their draws"
    )


class Record(Parameters):
    """What is kept of each run besides its results."""

    series: bool = Param(True, doc="daily books and counts, cohorts, survival: needed for plots")
    orders: bool = Param(False, doc="every single order (large)")


class Execute(Parameters):
    """Where the runs are computed. This never changes a result."""

    engine: Literal["local", "inline"] = Param(
        "local", doc="local: worker processes on this machine; inline: this process, to debug"
    )
    workers: int | None = Param(
        None, bounds=(1, 4096), unit="processes", doc="none: one for each processor"
    )


class OnFailure(Parameters):
    """What to do about runs that fail."""

    max_fraction: float = Param(
        0.25, bounds=(0, 1), unit="share of runs", doc="a study stops when more than this failed"
    )
    retry: int = Param(0, bounds=(0, 10), unit="times", doc="how often a failed run is repeated")


class StudyFile(Parameters):
    """What all kinds of study have in common."""

    schema_version: Literal[1] = Field(1, alias="schema")
    name: StudyName | None = Param(None, doc="name of the results folder; none: the file's name")
    market: dict[str, Any] = Param(doc="{use: NAME or path, set: {dotted.path: value}}, or inline")
    of: str | None = Param(None, doc="brand whose results come first; none: the first brand")
    replicates: Replicates = Param(Replicates(), doc="how often")
    record: Record = Param(Record(), doc="what is kept")
    execute: Execute = Param(Execute(), doc="where")
    on_failure: OnFailure = Param(OnFailure(), doc="what if runs fail")


class RunStudy(StudyFile):
    """A study of what happens in a market."""

    study: Literal["run"] = Param("run", doc="the kind of study")


class CompareStudy(StudyFile):
    """A study of which strategy is better, by how much, and how sure that is."""

    study: Literal["compare"] = Param("compare", doc="the kind of study")
    arms: dict[ArmName, dict[str, Any] | None] = Param(
        doc="what differs, by arm: {dotted.path: value} sets, nested mappings are merged"
    )
    baseline: str | None = Param(None, doc="arm that the others are compared to; none: the first")
    replicates: Replicates = Param(Replicates(n=20), doc="how often")


KINDS: dict[str, type[StudyFile]] = {"run": RunStudy, "compare": CompareStudy}


@dataclass(frozen=True)
class Study:
    """A study whose every market is known in full.

    Attributes
    ----------
    kind
        `"run"` or `"compare"`.
    name
        Of the results folder.
    arms
        The resolved market of each arm, as plain data; a run study has one arm, `ONLY_ARM`.
    of
        The brand whose results are compared.
    baseline
        The arm that the others are compared to.
    """

    kind: str
    name: str
    arms: Mapping[str, Mapping[str, Any]]
    of: str
    baseline: str
    replicates: Replicates
    record: Record
    execute: Execute
    on_failure: OnFailure

    @property
    def hash8(self) -> str:
        """Return what names the folder: all that decides a result, but not how many there are."""
        arms = (part for arm, market in self.arms.items() for part in (arm, config_hash(market)))
        return digest(self.kind, self.of, self.baseline, str(self.replicates.seed), *arms, size=4)

    @property
    def strategies(self) -> set[str]:
        """Return the names of the strategies in use in any arm."""
        brands = (brand for market in self.arms.values() for brand in market["brands"].values())
        return {name for brand in brands for name in brand["strategies"]}


def load(path: str | Path) -> Study:
    """Read a study file, or a bare market file as a study of one run.

    Raises
    ------
    ConfigError
        With everything that is wrong with the file, its layers and its arms.
    """
    tree = read(path)
    bare = is_market(tree)
    if bare:
        marks = {("market", *place): mark for place, mark in tree.marks.items()}
        tree = Tree({"study": "run", "market": tree.data}, {(): tree.marks[()]} | marks)
    model, problems = _model(tree)
    arms, brands, more = _arms(tree)
    problems += _prefixed(more, tree, "" if bare else "market")
    problems += _references(tree, brands)
    if model is None or problems:
        raise ConfigError(problems)
    return _study(model, arms, _name(Path(path)))


def is_market(tree: Tree) -> bool:
    """Tell a bare market file from a study file whose author forgot a key."""
    return not tree.data.keys() & {"study", "schema", *CompareStudy.model_fields}


def _prefixed(problems: list[Problem], tree: Tree, prefix: str) -> list[Problem]:
    """Say where in the study file the market stands, for mistakes that are in that file."""
    file = getattr(tree.mark(()), "file", None)
    return [
        Problem(p.mark, f"{prefix}.{p.path}".strip("."), p.what)
        if prefix and p.mark and p.mark.file == file and not p.path.startswith("arms.")
        else p
        for p in problems
    ]


def _name(path: Path) -> str:
    stem = path.stem.removesuffix(".resolved")
    return re.sub(r"^\W+|[^\w.+-]+", "-", stem).strip("-.")[:80] or "study"


def _model(tree: Tree) -> tuple[StudyFile | None, list[Problem]]:
    """Build the study model; markets and arms are still plain data in it."""
    kind = tree.data.get("study")
    if not isinstance(kind, str) or kind not in KINDS:
        return None, [tree.problem(("study",), _unknown_kind(kind))]
    try:
        model = validate(KINDS[kind], tree)
    except ConfigError as error:
        return None, error.problems
    if isinstance(model, CompareStudy) and len(model.arms) < 2:
        return None, [tree.problem(("arms",), "a comparison needs at least two arms")]
    return model, []


def _unknown_kind(kind: Any) -> str:
    allowed = " or ".join(KINDS)
    if kind is None:
        return f"is required: {allowed}"
    near = nearest(kind, KINDS)
    return f"must be {allowed} (got {show(kind)})" + (f"; did you mean '{near}'?" if near else "")


def _arms(tree: Tree) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]], list[Problem]]:
    """Resolve the arms, even of a study which is itself wrong, so that no mistake is held back.

    A mistake in what the arms share is reported once. The shared market need not be complete by
    itself if every arm completes it.

    Returns
    -------
    dict, dict, list
        The resolved market of each arm; the names of its brands, right or wrong; the mistakes.
    """
    if not isinstance(tree.data.get("market"), dict):
        return {}, {}, []
    try:
        base = layers.market(tree, ("market",))
    except ConfigError as error:
        return {}, {}, error.problems
    given = tree.data.get("arms")
    if not isinstance(given, dict) or not given:
        market, shared = _resolve(base)
        return {ONLY_ARM: market} if market else {}, {ONLY_ARM: _brands(base)}, shared
    shared = _resolve(base)[1]
    resolved: dict[str, dict[str, Any]] = {}
    brands: dict[str, list[str]] = {}
    found: dict[Problem, None] = {}
    for arm, changes in given.items():
        if not isinstance(changes, dict | None):
            continue  # the model of the study has complained
        try:
            tree_of_arm = layers.over(base, tree, ("arms", arm)) if changes else base
        except ConfigError as error:
            found |= dict.fromkeys(error.problems)
            continue
        market, problems = _resolve(tree_of_arm)
        found |= dict.fromkeys(_attribute(arm, problems, shared))
        brands[arm] = _brands(tree_of_arm)
        if market:
            resolved[arm] = market
    return resolved, brands, list(found)


def _resolve(tree: Tree) -> tuple[dict[str, Any] | None, list[Problem]]:
    try:
        return plain(check(tree)), []
    except ConfigError as error:
        return None, error.problems


def _brands(tree: Tree) -> list[str]:
    brands = tree.data.get("brands")
    return list(brands) if isinstance(brands, dict) else []


def _attribute(arm: str, problems: list[Problem], shared: list[Problem]) -> Iterator[Problem]:
    """Put the arm's name before the path of each mistake that is not the shared market's."""
    for problem in problems:
        if problem in shared:
            yield problem
        else:
            yield Problem(problem.mark, f"arms.{arm}.{problem.path}".rstrip("."), problem.what)


def plain(config: MarketConfig) -> dict[str, Any]:
    """Return a market as plain data, with every default written out."""
    # Without serialize_as_any, a strategy would be cut down to what all strategies share.
    return config.model_dump(mode="python", serialize_as_any=True)


def _references(tree: Tree, brands: Mapping[str, list[str]]) -> list[Problem]:
    """Check the names that refer to something else in the file."""
    problems = []
    of, baseline, arms = (tree.data.get(key) for key in ("of", "baseline", "arms"))
    if isinstance(baseline, str) and isinstance(arms, dict) and baseline not in arms:
        what = f"there is no arm {baseline!r}; arms: {', '.join(arms)}"
        problems.append(tree.problem(("baseline",), what))
    for arm, names in brands.items():
        if isinstance(of, str) and names and of not in names:
            elsewhere = any(of in others for others in brands.values())
            where = f" in arm {arm!r}" if elsewhere else ""
            what = f"there is no brand {of!r}{where}; brands: {', '.join(names)}"
            problems.append(tree.problem(("of",), what))
            break
    return problems


def _study(model: StudyFile, arms: dict[str, dict[str, Any]], stem: str) -> Study:
    baseline = getattr(model, "baseline", None) or next(iter(arms))
    return Study(
        kind="compare" if isinstance(model, CompareStudy) else "run",
        name=model.name or stem,
        arms=arms,
        of=model.of or next(iter(arms[baseline]["brands"])),
        baseline=baseline,
        replicates=model.replicates,
        record=model.record,
        execute=model.execute,
        on_failure=model.on_failure,
    )


def resolved(study: Study) -> dict[str, Any]:
    """Return a study as the data of a file that says the same, with every default written out."""
    base = study.arms[study.baseline]
    data: dict[str, Any] = {"schema": 1, "study": study.kind, "name": study.name}
    data |= {"of": study.of, "market": base}
    if study.kind == "compare":
        arms = {arm: layers.difference(base, market) for arm, market in study.arms.items()}
        data |= {"arms": arms, "baseline": study.baseline}
    for part in ("replicates", "record", "execute", "on_failure"):
        data[part] = getattr(study, part).model_dump()
    return data

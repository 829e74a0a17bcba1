"""A study file becomes a study: its kind, its markets, and every mistake at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from experiments import across, kinds
from experiments.across import Across
from experiments.choosing import WHERE, Asked, asked, without
from experiments.conflicts import settled
from experiments.identity import digest
from experiments.kinds import Kind, kind
from experiments.markets import Market, as_stored
from experiments.points import Arms, Points
from experiments.responses import Response
from experiments.studyfile import (
    MOST_RUNS,
    Budget,
    Execute,
    OnFailure,
    Record,
    Replicates,
    StudyFile,
)
from sim.config.market import MarketConfig
from sim.config.yaml_file import ConfigError, Problem, Tree, nearest, read, show, validate


@dataclass(frozen=True)
class Study:
    """A study whose every market is known in full.

    Attributes
    ----------
    kind
        One of `kinds.NAMES`.
    name
        Of the results folder.
    spec
        The validated file; what is special to its kind is here.
    points
        Its markets; over an ensemble, those in the market without a member's values.
    of
        The brand whose results come first.
    responses
        What is computed of each run besides all metrics.
    across
        Its markets in each market of an ensemble, if it is over one.
    """

    kind: str
    name: str
    spec: StudyFile
    points: Points
    of: str
    responses: tuple[Response, ...] = ()
    across: Across | None = None

    @property
    def planned(self) -> Points:
        """All markets that are run."""
        return self.across or self.points

    @property
    def rules(self) -> Kind:
        """What its kind does with it."""
        return kind(self.kind)

    @property
    def base(self) -> Market:
        """The market that all others vary."""
        return self.points.base

    @property
    def notice(self) -> str:
        """What a reader of any result must know of the market first; empty if nothing."""
        return " ".join(str(self.base.get("notice", "")).split())

    @property
    def arms(self) -> Mapping[str, Market]:
        """The resolved market of each arm, of a study that has arms."""
        assert isinstance(self.points, Arms)
        return self.points.markets

    @property
    def baseline(self) -> str:
        """The arm that the others are compared to, of a study that has arms."""
        assert isinstance(self.points, Arms)
        return self.points.baseline

    @property
    def replicates(self) -> Replicates:
        """How often each market is run."""
        return self.spec.replicates

    @property
    def observations(self) -> int:
        """How many of each market of the study are averaged: replicates, or markets of an ensemble."""
        return len(self.across.of(self.across.shown)) if self.across else self.replicates.n

    @property
    def record(self) -> Record:
        """What is kept of each run."""
        return self.spec.record

    @property
    def execute(self) -> Execute:
        """Where the runs are computed."""
        return self.spec.execute

    @property
    def on_failure(self) -> OnFailure:
        """What is done about runs that fail."""
        return self.spec.on_failure

    @property
    def budget(self) -> Budget:
        """What the study may cost."""
        return self.spec.budget

    @property
    def hash8(self) -> str:
        """Return what names the folder: all that decides a result, but not how many there are."""
        luck = (str(self.replicates.seed), self.replicates.crn)
        measured = (response.column for response in self.responses)
        return digest(self.kind, self.of, *luck, *measured, *self.planned.identity(), size=4)

    @property
    def strategies(self) -> set[str]:
        """Return the names of the strategies in use in any market."""
        brands = (brand for market in self.planned.samples() for brand in market["brands"].values())
        return {name for brand in brands for name in brand["strategies"]}

    def with_replicates(self, n: int) -> Self:
        """Return the same study with another number of replicates."""
        replicates = self.replicates.model_copy(update={"n": n})
        return replace(self, spec=self.spec.model_copy(update={"replicates": replicates}))


def load(path: str | Path) -> Study:
    """Read a study file, or a bare market file as a study of one run.

    Raises
    ------
    ConfigError
        With everything that is wrong with the file, its layers and its markets.
    """
    tree = read(path)
    bare = is_market(tree)
    if bare:
        marks = {("market", *place): mark for place, mark in tree.marks.items()}
        tree = Tree({"study": "run", "market": tree.data}, {(): tree.marks[()]} | marks)
    name = tree.data.get("study")
    if not isinstance(name, str) or name not in kinds.NAMES:
        raise ConfigError([tree.problem(("study",), _unknown_kind(name))])
    rules = kind(name)
    ensemble, tree, problems = _ensemble(rules, name, tree)
    spec, more = _validated(rules.schema, tree)
    problems += more
    spec = _few_replicates(spec, tree) if ensemble else spec
    planned, more = _planned(rules, spec, tree, ensemble)
    problems += _prefixed(more, tree, "" if bare else "market")
    if spec is None or planned is None or problems:
        raise ConfigError(problems)
    if (runs := len(planned) * spec.replicates.n) > MOST_RUNS:
        what = f"makes {runs:,} runs of {len(planned):,} markets; {MOST_RUNS:,} are possible"
        raise ConfigError([tree.problem(("replicates", "n"), what)])
    of = spec.of or next(iter(planned.base["brands"]))
    stem = spec.name or _name(Path(path))
    over = planned if isinstance(planned, Across) else None
    points = over.one if over else planned
    return Study(name, stem, spec, points, of, rules.responses(spec), over)


def _ensemble(rules: Kind, name: str, tree: Tree) -> tuple[Asked | None, Tree, list[Problem]]:
    """Return the ensemble of a study, and its file without that."""
    try:
        found = asked(tree)
    except ConfigError as error:
        return None, without(tree), error.problems
    if found is None:
        return None, without(tree), []
    problems = []
    if rules.over is None:
        what = (
            f"a study of kind {name!r} is of one market; over an ensemble there are "
            f"{', '.join(kind for kind in kinds.NAMES if kinds.kind(kind).over)}"
        )
        problems.append(tree.problem(WHERE, what))
    bare = without(tree)
    return settled(found, bare), bare, problems


def _planned(
    rules: Kind, spec: StudyFile | None, tree: Tree, ensemble: Asked | None
) -> tuple[Across | Points | None, list[Problem]]:
    """Return the markets of a study, in each market of its ensemble if it has one."""
    if ensemble is None or rules.over is None:
        return rules.points(spec, tree)
    found, problems = rules.over(spec, tree, ensemble)
    if spec and spec.replicates.n < across.LEAST:
        what = f"must be at least {across.LEAST} over an ensemble: one cannot be told from error"
        problems = [*problems, tree.problem(("replicates", "n"), what)]
    if spec and spec.replicates.crn != "block":
        what = "must be block over an ensemble: arms are compared within each market"
        problems = [*problems, tree.problem(("replicates", "crn"), what)]
    return found, problems


def _few_replicates(spec: StudyFile | None, tree: Tree) -> StudyFile | None:
    """Return the file of a study over an ensemble: two replicates of each market by default."""
    given = tree.data.get("replicates")
    if spec is None or (isinstance(given, dict) and "n" in given):
        return spec
    few = spec.replicates.model_copy(update={"n": across.LEAST})
    return spec.model_copy(update={"replicates": few})


def reread(path: str | Path) -> Study:
    """Read the study of a results folder, only to know what its runs are.

    Its markets are not checked, so their data files and strategies need not be there.

    Raises
    ------
    ConfigError
        If it is not a study that this program knows.
    """
    with as_stored():
        return load(path)


def is_market(tree: Tree) -> bool:
    """Tell a bare market file from a study file whose author forgot a key."""
    keys = {"study", "schema"}
    if tree.data.keys() <= {*MarketConfig.model_fields, "use", "set"}:
        return True  # without loading every kind there is
    if not tree.data.keys() & keys:
        keys.update(key for name in kinds.NAMES for key in kind(name).schema.model_fields)
    return not tree.data.keys() & keys


def _validated(schema: type[StudyFile], tree: Tree) -> tuple[StudyFile | None, list[Problem]]:
    try:
        return validate(schema, tree), []
    except ConfigError as error:
        return None, error.problems


def _prefixed(problems: Iterable[Problem], tree: Tree, prefix: str) -> list[Problem]:
    """Say where in the study file the market stands, for mistakes that are in that file."""
    file = getattr(tree.mark(()), "file", None)
    return [
        Problem(p.mark, f"{prefix}.{p.path}".strip("."), p.what)
        if prefix and p.mark and p.mark.file == file and p.path.split(".")[0] not in tree.data
        else p
        for p in problems
    ]


def _name(path: Path) -> str:
    stem = path.stem.removesuffix(".resolved")
    return re.sub(r"^\W+|[^\w.+-]+", "-", stem).strip("-.")[:80] or "study"


def _unknown_kind(name: Any) -> str:
    allowed = " or ".join(kinds.NAMES)
    if name is None:
        return f"is required: {allowed}"
    near = nearest(name, kinds.NAMES)
    return f"must be {allowed} (got {show(name)})" + (f"; did you mean '{near}'?" if near else "")


def unknown_brand(tree: Tree, brands: Mapping[str, list[str]]) -> list[Problem]:
    """Return a problem if the brand that a study is about is not in all of its markets.

    Parameters
    ----------
    tree
        The study file.
    brands
        The brands of each market, by the name of the market.
    """
    of = tree.data.get("of")
    for arm, names in brands.items():
        if isinstance(of, str) and names and of not in names:
            elsewhere = any(of in others for others in brands.values())
            where = f" in arm {arm!r}" if elsewhere else ""
            what = f"there is no brand {of!r}{where}; brands: {', '.join(names)}"
            return [tree.problem(("of",), what)]
    return []


def resolved(study: Study) -> dict[str, Any]:
    """Return a study as the data of a file that says the same, with every default written out."""
    data: dict[str, Any] = {"schema": 1, "study": study.kind, "name": study.name, "of": study.of}
    spec = study.spec.model_dump(mode="json", exclude={"schema_version", *data})
    data |= spec | {"market": study.base} | study.rules.resolved(study)
    if study.across:
        return across.resolved(study, data)
    written = getattr(study.points, "ensemble", None)  # one market's points, of which it is a part
    return data | {"market": {**data["market"], "ensemble": written()}} if written else data

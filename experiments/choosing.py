"""Which ensemble a study file asks for, and which of its members."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from experiments import ensembles
from experiments.ensemble_rows import MOST_MEMBERS, RANGES, Member
from experiments.ensembles import Ensemble
from experiments.identity import digest
from sim.config.parameters import Param, Parameters
from sim.config.yaml_file import ConfigError, Mark, Problem, Tree, validate

WHERE = ("market", "ensemble")
Ranges = Literal["stated", "doubled", "both"]


class Written(Parameters):
    """A member as a study file writes it out."""

    id: str = Param(doc="its name")
    ranges: Literal["stated", "doubled"] = Param("stated", doc="in which ranges it was found")
    weight: float = Param(1.0, bounds=(1e-12, None), doc="beside the others of the same ranges")
    set: dict[str, Any] = Param(doc="{dotted.path: value}")
    free: dict[str, Any] | None = Param(
        None, doc="{dotted.path: value} of the free parameters, for reports; none: as `set`"
    )


class Inline(Parameters):
    """An ensemble as a study file writes it out."""

    name: str = Param("inline", doc="of the ensemble")
    study: Any = Param(None, doc="the calibration that it comes from")
    members: list[Written] = Param(doc="its markets")


class Choice(Parameters):
    """Which ensemble, and how much of it."""

    file: str | None = Param(None, doc="name of one that is shipped, or the path of its table")
    members: int | None = Param(
        None, bounds=(1, MOST_MEMBERS), unit="markets", doc="the first so many by `id`"
    )
    ranges: Ranges = Param(
        "stated", doc="those found in the stated ranges, in ranges twice as wide, or both"
    )
    inline: Inline | None = Param(None, doc="the ensemble itself, in place of a file")


@dataclass(frozen=True)
class Placed:
    """A member in a study.

    Attributes
    ----------
    member
        With its weight among the members of the study that have the same ranges.
    changes
        What it sets, with the places where that is written.
    free
        Its values of the free parameters that the study does not set itself.
    mark
        Where it is written.
    """

    member: Member
    changes: Tree
    free: Mapping[str, Any]
    mark: Mark | None

    @property
    def block(self) -> int:
        """The number from which its draws derive: it depends on its name alone."""
        return int(digest("market of an ensemble", self.member.id, size=6), 16)


@dataclass(frozen=True)
class Asked:
    """What a study file asks for.

    Attributes
    ----------
    choice
        As the file has it.
    ensemble
        All of it.
    members
        Those chosen.
    """

    choice: Choice
    ensemble: Ensemble
    members: tuple[Placed, ...]


def asked(tree: Tree) -> Asked | None:
    """Return the ensemble that a study file asks for, if it does.

    Raises
    ------
    ConfigError
        With everything that is wrong with it.
    """
    market = tree.data.get("market")
    if not isinstance(market, dict) or market.get("ensemble") is None:
        return None
    choice = _choice(tree, market["ensemble"])
    if choice.inline:
        return Asked(choice, *_inline(choice, choice.inline, tree))
    mark = tree.mark(WHERE)
    near = Path(mark.file).parent if mark else None
    try:
        ensemble = ensembles.read(choice.file or "", near)
    except ConfigError as error:
        raise ConfigError(
            p if p.mark else Problem(mark, ".".join(WHERE), f"{p.path}: {p.what}")
            for p in error.problems
        ) from None
    members = _first(ensemble.members, choice, tree)
    return Asked(choice, ensemble, tuple(_placed(ensemble, member) for member in members))


def _choice(tree: Tree, given: Any) -> Choice:
    if isinstance(given, str):
        return Choice(file=given)
    if not isinstance(given, dict):
        what = "must be the name of an ensemble, or {file: ..., members: ..., ranges: ...}"
        raise ConfigError([tree.problem(WHERE, what)])
    marks = {path[2:]: mark for path, mark in tree.marks.items() if path[:2] == WHERE}
    try:
        choice = validate(Choice, Tree(given, marks))
    except ConfigError as error:
        where = ".".join(WHERE)
        named = (Problem(p.mark, f"{where}.{p.path}".strip("."), p.what) for p in error.problems)
        raise ConfigError(named) from None
    if (choice.file is None) == (choice.inline is None):
        raise ConfigError([tree.problem(WHERE, "needs one of `file` and `inline`")])
    return choice


def _inline(choice: Choice, inline: Inline, tree: Tree) -> tuple[Ensemble, tuple[Placed, ...]]:
    members = tuple(Member(m.id, m.ranges, m.weight, m.set) for m in inline.members)
    ids = [m.id for m in members]
    if twice := [name for k, name in enumerate(ids) if name in ids[:k]]:
        what = f"two markets have the name {twice[0]!r}"
        raise ConfigError([tree.problem((*WHERE, "inline", "members"), what)])
    free: dict[str, Any] = {
        path: {} for m in inline.members for path in (m.free if m.free is not None else m.set)
    }
    about = {"study": inline.study, "free": free}
    table = pd.DataFrame([{"id": m.id, "ranges": m.ranges, "weight": m.weight} for m in members])
    ensemble = Ensemble(inline.name, members, free, about, table)
    placed = []
    for member in _first(members, choice, tree):
        k = ids.index(member.id)
        place: tuple[str | int, ...] = (*WHERE, "inline", "members", k)
        where = (*place, "set")
        marks = {p[len(where) :]: m for p, m in tree.marks.items() if p[: len(where)] == where}
        own = inline.members[k].free
        values = member.set if own is None else own
        placed.append(Placed(member, Tree(dict(member.set), marks), values, tree.mark(place)))
    return ensemble, tuple(placed)


def _first(members: Sequence[Member], choice: Choice, tree: Tree) -> Iterator[Member]:
    """Yield the members chosen, their weights adding up to 1 within the same ranges."""
    wanted = RANGES if choice.ranges == "both" else (choice.ranges,)
    for ranges in wanted:
        own = sorted((m for m in members if m.ranges == ranges), key=lambda m: m.id)
        if len(own) < (least := choice.members or 1):
            what = f"has {len(own)} markets with `ranges: {ranges}`, and {least} are asked for"
            raise ConfigError([tree.problem(WHERE, what)])
        own = own[: choice.members]
        total = sum(m.weight for m in own)
        for m in own:
            yield Member(m.id, m.ranges, m.weight / total, m.set, m.line)


def _placed(ensemble: Ensemble, member: Member) -> Placed:
    marks: dict[tuple[str | int, ...], Mark] = {
        (path,): mark for path in member.set if (mark := ensemble.mark(member, path))
    }
    return Placed(member, Tree(dict(member.set), marks), member.set, ensemble.mark(member))


def without(tree: Tree) -> Tree:
    """Return a study file without its ensemble."""
    if not isinstance(tree.data.get("market"), dict) or "ensemble" not in tree.data["market"]:
        return tree
    market = {key: value for key, value in tree.data["market"].items() if key != "ensemble"}
    marks = {path: mark for path, mark in tree.marks.items() if path[:2] != WHERE}
    return Tree({**tree.data, "market": market}, marks)

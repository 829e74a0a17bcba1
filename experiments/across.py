"""A study over an ensemble: the same study in each of several markets.

`market: {use: skincare, ensemble: ...}` names the ensemble. In each of its markets, the *members*,
values lie over one another in this order: what the study's `market` uses and says, what the member
sets, what the study sets (`market.set`), and what an arm, a portfolio or a factor sets. So the
study's own word counts, and where it meets a member's there is a remark.

Within a market all points of a block share their draws; no two markets do. Which draws a market has
depends on its name alone, so that more markets, or more replicates, add runs and change none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.choosing import Asked, Placed, Ranges
from experiments.formats import count, is_number
from experiments.identity import digest
from experiments.markets import Market
from experiments.points import Points
from sim.config import layers, remarks
from sim.config.yaml_file import Problem, Tree

if TYPE_CHECKING:
    from experiments.study import Study

ID = "market_id"
"""The column of a design that says in which market a run is."""
LEAST = 2
"""Replicates of each market: one cannot be told from error."""


@dataclass
class MemberTree(Tree):
    """A study file in one market of an ensemble.

    Attributes
    ----------
    member
        What the market sets, with the places where that is written.
    """

    member: Tree = field(default_factory=lambda: Tree({}))


@dataclass(frozen=True)
class Across:
    """The points of a study in each market of an ensemble.

    Attributes
    ----------
    name, source
        Of the ensemble, and of the calibration that it comes from.
    ranges
        What was asked for.
    one
        The points in the market without a member's values: they are not run.
    members, points
        The markets, and the points of the study in each.
    """

    name: str
    source: Any
    ranges: Ranges
    one: Points
    members: tuple[Placed, ...]
    points: tuple[Points, ...]

    @property
    def base(self) -> Market:
        """The market without a member's values."""
        return self.one.base

    @cached_property
    def hashes(self) -> NDArray[np.str_]:
        """str[points]: identity of each market."""
        return np.concatenate([own.hashes for own in self.points])

    def __len__(self) -> int:
        """Return how many points there are in all markets."""
        return sum(map(len, self.points))

    def market(self, point: int) -> Market:
        """Return a resolved market."""
        for own in self.points:
            if point < len(own):
                return own.market(point)
            point -= len(own)
        raise IndexError(point)

    def frame(self) -> pd.DataFrame:
        """Return a row per point and market: those of `Points`, and `market_id`."""
        parts = []
        for placed, own in zip(self.members, self.points, strict=True):
            part = own.frame()
            part["block"] = [_block(placed.block, int(block)) for block in part["block"]]
            part.insert(list(part.columns).index("role") + 1, ID, placed.member.id)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def samples(self) -> Iterator[Market]:
        """Yield a few markets which between them use every mechanism.

        A number does not change which mechanisms those are; anything else may.
        """
        yield from self.one.samples()
        seen = set()
        for placed, own in zip(self.members, self.points, strict=True):
            odd = {k: v for k, v in placed.changes.data.items() if not is_number(v)}
            if odd and repr(odd) not in seen:
                seen.add(repr(odd))
                yield from own.samples()

    def identity(self) -> Iterator[str]:
        """Yield what distinguishes the study, but not how many markets there are."""
        yield from ("ensemble", self.name, repr(self.source))
        yield from self.one.identity()

    @property
    def shown(self) -> str:
        """The ranges that tables and pictures are about."""
        return "doubled" if self.ranges == "doubled" else "stated"

    def of(self, ranges: str) -> list[Placed]:
        """Return the members of some ranges."""
        return [placed for placed in self.members if placed.member.ranges == ranges]

    def main(self, design: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a design that tables and pictures are about."""
        return design[design[ID].isin([placed.member.id for placed in self.of(self.shown)])]


def _block(market: int, block: int) -> int:
    """Return the number of a block in a market; the first is the market's own."""
    return market if block == 0 else int(digest(str(market), str(block), size=6), 16)


def each(
    points: Callable[[Any, Tree], tuple[Points | None, list[Problem]]],
    spec: Any,
    tree: Tree,
    asked: Asked,
) -> tuple[Across | None, list[Problem]]:
    """Return the points of a study in each market, or what is wrong with them.

    Parameters
    ----------
    points
        From the validated file and its tree to the points in one market.
    spec, tree
        The file, without its ensemble.
    asked
        The ensemble.
    """
    one, problems = points(spec, tree)
    if one is None or problems:
        return None, problems
    found: list[Points] = []
    members = []
    mistakes: list[tuple[Placed, Problem]] = []
    for placed in asked.members:
        with remarks.silent():  # what is unusual in one market is so in many
            own, wrong = points(spec, MemberTree(tree.data, tree.marks, placed.changes))
        mistakes += [(placed, problem) for problem in wrong]
        if own is not None:
            found.append(own)
            members.append(placed)
    source = asked.ensemble.about.get("study")
    made = Across(
        asked.ensemble.name, source, asked.choice.ranges, one, tuple(members), tuple(found)
    )
    return (None, list(attributed(mistakes))) if mistakes else (made, [])


def attributed(mistakes: Iterable[tuple[Placed, Problem]]) -> Iterator[Problem]:
    """Name the market in problems, which the market without its values has not.

    What is wrong in several markets alike is said of the first of them.
    """
    alike: dict[tuple[str, str], list[tuple[Placed, Problem]]] = {}
    for placed, problem in mistakes:
        alike.setdefault((problem.path, problem.what), []).append((placed, problem))
    for (path, what), (first, *others) in alike.items():
        placed, problem = first
        more = f" and {count(len(others), 'other')}" if others else ""
        where = f", {placed.mark.file}:{placed.mark.line}" if placed.mark else ""
        named = f"(market {placed.member.id!r}{more} of the ensemble{where})"
        yield Problem(problem.mark or placed.mark, path, f"{what} {named}")


# -- to a file ------------------------------------------------------------------------------------


def resolved(study: "Study", data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's data with its ensemble written out in the market.

    A member is what it sets in the resolved market of all, and an arm what it sets in any of them:
    read again, every market comes out the same, and the files of the ensemble need not be there.

    Parameters
    ----------
    study
        Over an ensemble.
    data
        What it is in the market without a member's values.
    """
    over = study.across
    assert over is not None
    changes, arms = [], dict(data.get("arms") or {})
    for points in over.points:
        own = study.rules.resolved(replace(study, points=points))
        changes.append(layers.difference(data["market"], own.get("market", points.base)))
        arms = {arm: {**changed, **own["arms"][arm]} for arm, changed in arms.items()}
    written = inline(over.name, over.source, over.ranges, over.members, changes)
    market = {**data["market"], "ensemble": written}
    return {**data, "market": market, **({"arms": arms} if arms else {})}


def inline(
    name: str,
    source: Any,
    ranges: Ranges,
    members: Sequence[Placed],
    changes: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return an ensemble as a study file writes it out, with what each member sets."""
    said = [
        {"id": m.member.id, "ranges": m.member.ranges, "weight": m.member.weight}
        | {"set": dict(own), "free": dict(m.free)}
        for m, own in zip(members, changes, strict=True)
    ]
    return {"ranges": ranges, "inline": {"name": name, "study": source, "members": said}}

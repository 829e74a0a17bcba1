"""A sensitivity study over an ensemble: which market it is, is one more input, `market`.

The alternative is a study in each market, whose indices are then averaged. It takes as many times the
runs, so each study could afford few blocks; and an average hides that one parameter drives one market
and another the next. As an input the market shares the design: the first-order index of a parameter
is of the response averaged over markets, what it does in some markets only is in its total index, and
the total index of `market` is the share of the variance that the data leave open.

A market is drawn by its weight. Blocks share their draws, so a move from one market to another is
paired as any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from experiments import across, markets
from experiments.across import MemberTree
from experiments.choosing import WHERE, Asked, Placed
from experiments.factors import Factor, FactorSpec, place
from experiments.identity import config_hash
from experiments.kinds import Tables
from experiments.markets import Market
from experiments.points import Rows, Sample
from experiments.sensitivity.methods import MorrisMethod, SobolMethod
from experiments.statements import Estimate
from experiments.study import Study
from sim.config import layers, remarks
from sim.config.yaml_file import ConfigError, Problem, Tree

MARKET = "market"
"""Name of the input."""


@dataclass(frozen=True)
class MarketFactor(Factor):
    """The input whose values are markets.

    Attributes
    ----------
    ends_at
        Up to where in [0, 1] each market reaches.
    """

    ends_at: tuple[float, ...] = ()

    @classmethod
    def of(cls, members: tuple[Placed, ...]) -> "MarketFactor":
        """Return the input of some markets, drawn by their weights."""
        names = [placed.member.id for placed in members]
        weights = np.cumsum([placed.member.weight for placed in members])
        ends = np.round(weights / weights[-1], 12)  # the same after it was written and read
        return cls(MARKET, (), FactorSpec(choices=names), tuple(ends.tolist()))

    def value(self, u: float) -> Any:
        """Return the name of the market at `u`."""
        assert self.options is not None
        k = int(np.searchsorted(self.ends_at, u, side="right"))
        return self.options[min(k, len(self.options) - 1)]

    def ends(self) -> list[float]:
        """Return a place within each market."""
        starts = (0.0, *self.ends_at[:-1])
        return [(low + high) / 2 for low, high in zip(starts, self.ends_at, strict=True)]


@dataclass(frozen=True, kw_only=True)
class MarketRows(Rows):
    """The markets that factors span in the members of an ensemble.

    Attributes
    ----------
    asked
        The ensemble.
    bases
        The resolved market of each member, by its name.
    """

    asked: Asked
    bases: Mapping[str, Market]

    @property
    def _column(self) -> int:
        return [factor.name for factor in self.factors].index(MARKET)

    def market(self, point: int) -> Market:
        """Return the market of a member with the values of one point in it."""
        k = self._column
        own = self.bases[self.factors[k].value(float(self.sample.unit[point, k]))]
        return Rows(own, self.factors, self.sample, self.method).market(point)

    @cached_property
    def hashes(self) -> NDArray[np.str_]:
        """str[points]: identity of each market."""
        return np.array([config_hash(self.market(point)) for point in range(len(self))])

    def samples(self) -> Iterator[Market]:
        """Yield those of the market without a member's values, and every member."""
        yield from super().samples()
        yield from self.bases.values()

    def identity(self) -> Iterator[str]:
        """Yield the base, the members, the factors and the method."""
        yield from super().identity()
        yield from (config_hash(own) for own in self.bases.values())

    def ensemble(self) -> dict[str, Any]:
        """Return the ensemble as a study file writes it out."""
        changes = [layers.difference(self.base, own) for own in self.bases.values()]
        about, choice = self.asked.ensemble, self.asked.choice
        source = about.about.get("study")
        return across.inline(about.name, source, choice.ranges, self.asked.members, changes)


def bases(
    tree: Tree, asked: Asked, base: Market, factors: tuple[Factor, ...]
) -> tuple[dict[str, Market], list[Problem]]:
    """Return the resolved market of each member, or what is wrong with it, with a factor's value too."""
    found: dict[str, Market] = {}
    problems: list[Problem] = []
    for placed in asked.members:
        layered, wrong = markets.base(MemberTree(tree.data, tree.marks, placed.changes))
        market = None
        if layered is not None:
            with remarks.silent():
                market, wrong = markets.resolve(layered)
        problems += across.attributed(wrong, placed)
        if market is None:
            continue
        found[placed.member.id] = market
        for factor in factors:
            try:
                place(market, (factor,), [factor.value(0.5)])
            except (ConfigError, KeyError, IndexError) as error:
                what = f"cannot be set ({error})"
                wrong = [tree.problem(("factors", factor.name), what)]
                problems += across.attributed(wrong, placed)
    return found, problems


def misfits(tree: Tree, asked: Asked, method: Any, groups: set[str]) -> Iterator[Problem]:
    """Yield what does not go with an ensemble."""
    n = len(asked.members)
    if asked.choice.ranges == "both":
        what = "both cannot be one input; ask for stated or doubled"
        yield tree.problem((*WHERE, "ranges"), what)
    if n < 2:
        yield tree.problem(WHERE, "needs two markets at least, for `market` to be an input")
    if method.smooth:
        yield tree.problem(
            ("method", "name"), f"{method.name} has no place for a market; use sobol"
        )
    if MARKET in groups:
        yield tree.problem(("factors",), f"{MARKET!r} is the name of the input of the ensemble")
    first = method.screen_first if isinstance(method, SobolMethod) else None
    for own, where in ((method, ("method",)), (first, ("method", "screen_first"))):
        if isinstance(own, MorrisMethod) and own.levels % n:
            what = (
                f"must be a multiple of {n}, the markets, so that each is drawn (got {own.levels})"
            )
            yield tree.problem((*where, "levels"), what)


def over(rows: Rows, sample: Sample, method: str, factors: tuple[Factor, ...]) -> Rows:
    """Return the same rows with other factors and points."""
    if isinstance(rows, MarketRows):
        return MarketRows(rows.base, factors, sample, method, asked=rows.asked, bases=rows.bases)
    return Rows(rows.base, factors, sample, method)


def method(study: Study) -> list[str]:
    """Say how markets are varied; nothing of another study."""
    rows = study.points
    if not isinstance(rows, MarketRows):
        return []
    return [
        f"The input `market` is which of {len(rows.bases)} markets of the ensemble "
        f"{rows.asked.ensemble.name} it is, drawn by weight: its index is what the data leave open. "
        "Indices of the other inputs are of all markets together; what an input does in some of them "
        "only is in its interactions."
    ]


def findings(study: Study, tables: Tables) -> list[str]:
    """Say how much of the variance goes with which market it is, where there is such an index."""
    if not isinstance(study.points, MarketRows) or "ST" not in tables["indices"]:
        return []
    out = []
    for response in study.responses:
        frame = tables["indices"]
        own = frame[(frame["response"] == response.label) & (frame["input"] == MARKET)]
        if len(own) and np.isfinite(own["ST"].iloc[0]):
            row = cast(Any, own.iloc[0])
            share = Estimate(row["ST"], row["ST_low"], row["ST_high"], "share", change=False)
            out.append(
                f"{response.title}: which of {len(study.points.bases)} markets it is has a part in "
                f"{share.size_signed} of the variance ({share.interval()}); that much the data leave "
                "open."
            )
    return out

"""The markets of a sweep: the market as it stands, and the points of the design around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.factors import Factor, lookup, place
from experiments.identity import config_hash
from experiments.markets import Market
from experiments.points import Rows
from experiments.sweep.design import Axis, axes
from sim.config.yaml_file import ConfigError, Problem

BASE = "base"
"""Arm and role of the market as it stands."""
NAMED = 5
"""So many impossible points are named."""


@dataclass(frozen=True)
class Sweep:
    """The base market, and the points of a design.

    Attributes
    ----------
    rows
        The points of the design. Point k of the design is arm `k`, and is point k + 1 here.
    """

    rows: Rows

    @property
    def base(self) -> Market:
        """The market that all points vary; it is point 0."""
        return self.rows.base

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """What the design varies, one coordinate each."""
        return axes(self.rows.factors)

    @cached_property
    def hashes(self) -> NDArray[np.str_]:
        """str[points]: identity of each market."""
        return np.concatenate([[config_hash(self.base)], self.rows.hashes])

    def __len__(self) -> int:
        """Return how many points there are, the base included."""
        return len(self.rows) + 1

    def market(self, point: int) -> Market:
        """Return a resolved market."""
        return self.rows.market(point - 1) if point else self.base

    def frame(self) -> pd.DataFrame:
        """Return a row per point, the base first: as `Rows.frame`."""
        rest = self.rows.frame()
        values = {factor.name: [value_in(self.base, factor)] for factor in self.rows.factors}
        first = pd.DataFrame({"arm": [BASE], "block": [0], "role": [BASE], **values})
        filled = first.dropna(axis=1, how="all")  # a column of nothing has no type to agree on
        return pd.concat([filled, rest], ignore_index=True)[list(rest.columns)]

    def samples(self) -> Iterator[Market]:
        """Yield a few markets which between them use every mechanism."""
        yield from self.rows.samples()

    def identity(self) -> Iterator[str]:
        """Yield the base, the factors and the design, but not how many points there are."""
        yield from self.rows.identity()


def value_in(base: Market, factor: Factor) -> Any:
    """Return what a factor is in a market, as a table shows it; nothing if no word fits."""
    if factor.spec.scale:
        return 1.0
    values = [lookup(base, path) for path in factor.paths]
    if any(value != values[0] for value in values):
        return None
    if factor.spec.choices is None:
        return values[0] if isinstance(values[0], int | float) else None
    for u in factor.grid(2):
        if place(base, (factor,), [factor.value(u)]) == base:
            return factor.label(u)
    shown = factor.shown(values[0])
    return None if isinstance(factor.spec.choices, dict) or factor.has_numbers else shown


def impossible(rows: Rows) -> list[Problem]:
    """Return what is wrong with points whose values do not go together, a few of them named."""
    found: list[Problem] = []
    wrong = 0
    for point in range(len(rows)):
        try:
            rows.market(point)
        except ConfigError as error:
            wrong += 1
            found += error.problems if wrong <= NAMED else []
    if wrong > NAMED:
        what = f"{wrong - NAMED:,} more of the {len(rows):,} points make no market either"
        found.append(Problem(None, "factors", what))
    return found

"""The markets of a study: a few with names, or the many that factors span.

A *point* is one market of the design. Points of one *block* share their random draws within a
replicate, so that they can be compared pair by pair.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.factors import Factor, place
from experiments.identity import config_hash
from experiments.markets import Market
from sim.config.yaml_file import ConfigError, Problem


class Points(Protocol):
    """What a design needs to know of the markets of a study."""

    @property
    def base(self) -> Market:
        """The market that all of them vary."""

    @property
    def hashes(self) -> NDArray[np.str_]:
        """str[points]: identity of each market."""

    def __len__(self) -> int:
        """Return how many there are."""

    def market(self, point: int) -> Market:
        """Return a resolved market."""

    def frame(self) -> pd.DataFrame:
        """Return a row per point: `arm`, `block`, `role`, and what tells the points apart."""

    def samples(self) -> Iterator[Market]:
        """Yield a few markets which between them use every mechanism."""

    def identity(self) -> Iterable[str]:
        """Yield what distinguishes these points from those of another study, however many."""


@dataclass(frozen=True)
class Arms:
    """Markets with names.

    Attributes
    ----------
    markets
        The resolved market of each arm.
    baseline
        The arm that the others are compared to.
    columns
        More columns of `frame`, by name: a value per arm.
    """

    markets: Mapping[str, Market]
    baseline: str
    columns: Mapping[str, list[Any]] | None = None

    @property
    def base(self) -> Market:
        """The market of the baseline."""
        return self.markets[self.baseline]

    @cached_property
    def hashes(self) -> NDArray[np.str_]:
        """str[arms]: identity of each market."""
        return np.array([config_hash(market) for market in self.markets.values()])

    def __len__(self) -> int:
        """Return how many arms there are."""
        return len(self.markets)

    @cached_property
    def names(self) -> list[str]:
        """The arms in order."""
        return list(self.markets)

    def market(self, point: int) -> Market:
        """Return a resolved market."""
        return self.markets[self.names[point]]

    def frame(self) -> pd.DataFrame:
        """Return a row per arm; all are of one block."""
        roles = ["baseline" if arm == self.baseline else "arm" for arm in self.names]
        columns = {"arm": self.names, "block": 0, "role": roles, **(self.columns or {})}
        return pd.DataFrame(columns)

    def samples(self) -> Iterator[Market]:
        """Yield every market."""
        yield from self.markets.values()

    def identity(self) -> Iterator[str]:
        """Yield the names of the arms and the identities of their markets."""
        for arm, own in zip(self.markets, self.hashes, strict=True):
            yield from (self.baseline, arm, own)


@dataclass(frozen=True)
class Sample:
    """Where in the unit cube the points of a design are.

    Attributes
    ----------
    unit : float64[points, factors]
        Each in [0, 1].
    block : int64[points]
        Blocks in ascending order.
    role : list of str
        What each point is for.
    """

    unit: NDArray[np.float64]
    block: NDArray[np.int64]
    role: list[str]


@dataclass(frozen=True)
class Rows:
    """The markets that factors span: the base with other values in it.

    Attributes
    ----------
    base
        The resolved market that is varied.
    factors
        What is varied, in the order of the sample's columns.
    sample
        Where the points are.
    method
        Name of the design; part of a study's identity.
    """

    base: Market
    factors: tuple[Factor, ...]
    sample: Sample
    method: str

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.sample.unit)

    def market(self, point: int) -> Market:
        """Return the base with the values of one point in it.

        Raises
        ------
        sim.config.yaml_file.ConfigError
            If these values do not go together, though each does by itself.
        """
        unit = list(zip(self.factors, self.sample.unit[point].tolist(), strict=True))
        try:
            return place(self.base, self.factors, [factor.value(u) for factor, u in unit])
        except ConfigError as error:
            where = ", ".join(f"{factor.name} = {factor.label(u)}" for factor, u in unit)
            problems = (
                Problem(None, "factors", f"no market has {where}: {p.path}: {p.what}")
                for p in error.problems
            )
            raise ConfigError(problems) from None

    @cached_property
    def hashes(self) -> NDArray[np.str_]:
        """str[points]: identity of each market."""
        return np.array([config_hash(self.market(point)) for point in range(len(self))])

    def frame(self) -> pd.DataFrame:
        """Return a row per point: its number as `arm`, its block and role, a column per factor."""
        unit = self.sample.unit
        columns: dict[str, Any] = {
            "arm": [str(point) for point in range(len(self))],
            "block": self.sample.block,
            "role": self.sample.role,
        }
        for k, factor in enumerate(self.factors):
            columns[factor.name] = [factor.label(u) for u in unit[:, k]]
        return pd.DataFrame(columns)

    def samples(self) -> Iterator[Market]:
        """Yield the base, and the markets at both ends of each factor, or at all its choices."""
        yield self.base
        for factor in self.factors:
            for u in factor.ends():
                yield place(self.base, (factor,), [factor.value(u)])

    def identity(self) -> Iterator[str]:
        """Yield the base, the factors and the method, but not how many points there are."""
        yield config_hash(self.base)
        yield self.method
        for factor in self.factors:
            yield repr(factor)

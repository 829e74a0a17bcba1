"""The identities as a linear program: products are linear in logarithms."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from experiments.identities.catalogue import AGAIN, IDENTITIES, SHARES, TWO_OR_MORE, Identity

Interval = tuple[float, float]
Floats = NDArray[np.float64]
LEAST, MOST = 1e-9, 1e9
"""Limits of quantities of which nothing is said."""
TANGENTS = np.geomspace(1e-4, 1, 60)
"""Shares of buyers with two orders or more where 1 + share is touched from below."""
SLIP = 1e-9
"""How far an inequality may be missed, in logarithms."""


@dataclass(frozen=True)
class Program:
    """Which values of all quantities obey some identities.

    Attributes
    ----------
    identities
        Products that hold.
    two_or_more
        Whether `TWO_OR_MORE` holds.
    """

    identities: Sequence[Identity] = IDENTITIES
    two_or_more: bool = True

    def without(self, name: str) -> "Program":
        """Return the program without the identities of a name."""
        left = [identity for identity in self.identities if identity.name != name]
        return Program(left, self.two_or_more and name != TWO_OR_MORE)

    @cached_property
    def names(self) -> list[str]:
        """The quantities, in order of columns."""
        found = {name for identity in IDENTITIES for name in identity.powers}
        return sorted(found | {AGAIN})

    def _rows(self, equal: bool) -> Floats:
        rows = [
            [float(identity.powers.get(name, 0)) for name in self.names]
            for identity in self.identities
            if identity.equal is equal
        ]
        return np.array(rows).reshape(-1, len(self.names))

    @cached_property
    def _at_most(self) -> tuple[Floats, Floats]:
        """Rows and limits; log O >= log(1 + w), convex in log w, is added as its tangents."""
        rows = self._rows(equal=False)
        if not self.two_or_more:
            return rows, np.full(len(rows), SLIP)
        tangents = np.zeros((len(TANGENTS), len(self.names)))
        slope = TANGENTS / (1 + TANGENTS)
        tangents[:, self.names.index("orders_per_buyer")] = -1
        tangents[:, self.names.index(AGAIN)] = slope
        limit = slope * np.log(TANGENTS) - np.log1p(TANGENTS)
        return np.vstack([rows, tangents]), np.append(np.zeros(len(rows)), limit) + SLIP

    def _limits(self, given: Mapping[str, Interval]) -> list[Interval]:
        """Return the limits of the logarithm of each quantity."""
        out = []
        for name in self.names:
            low, high = given.get(name, default(name))
            out.append((math.log(max(low, LEAST)), math.log(max(high, LEAST))))
        return out

    def _solve(self, aim: Floats, limits: list[Interval]) -> float | None:
        if any(low > high for low, high in limits):
            return None
        rows, most = self._at_most
        equal = self._rows(equal=True)
        both = {"A_ub": rows, "b_ub": most, "A_eq": equal, "b_eq": np.zeros(len(equal))}
        found = linprog(aim, bounds=limits, **both)
        return float(found.fun) if found.success else None

    def holds(self, given: Mapping[str, Interval]) -> bool:
        """Tell whether there are values within limits that obey the identities."""
        return self._solve(np.zeros(len(self.names)), self._limits(given)) is not None

    def span(self, given: Mapping[str, Interval], name: str) -> Interval:
        """Return what the limits of all leave of one quantity, if they leave anything."""
        aim = np.array([float(name == other) for other in self.names])
        limits = self._limits(given)
        low, high = self._solve(aim, limits), self._solve(-aim, limits)
        if low is None or high is None:
            return math.nan, math.nan
        return math.exp(low), math.exp(-high)

    def must_give(self, given: Mapping[str, Interval], among: Sequence[str]) -> float:
        """Return the least factor by which the limits of some quantities must all give way."""
        n, limits = len(self.names), self._limits(given)
        chosen = [self.names.index(name) for name in among]
        elastic = np.zeros((2 * len(chosen), n + 1))
        for row, k in enumerate(chosen):
            elastic[2 * row : 2 * row + 2, k] = -1, 1
        elastic[:, n] = -1
        ends = np.array([end for k in chosen for end in (-limits[k][0], limits[k][1])])
        rows, most = self._at_most
        equal = self._rows(equal=True)
        found = linprog(
            np.append(np.zeros(n), 1),
            A_ub=np.vstack([np.pad(rows, ((0, 0), (0, 1))), elastic]),
            b_ub=np.append(most, ends),
            A_eq=np.pad(equal, ((0, 0), (0, 1))),
            b_eq=np.zeros(len(equal)),
            bounds=[*((None, None) if k in chosen else limits[k] for k in range(n)), (0, None)],
        )
        return math.exp(found.fun) if found.success else math.inf


def default(name: str) -> Interval:
    """Return the limits of a quantity of which nothing is said."""
    return LEAST, 1.0 if name in SHARES else MOST

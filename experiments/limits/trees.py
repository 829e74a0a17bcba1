"""Models of who brought whom: cascades of referral, and downlines of recruitment."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaln, xlogy

Floats = NDArray[np.float64]
SMALLEST = 3
"""Sizes of cascades and teams, and numbers of recruits beside none, that are compared."""


@dataclass(frozen=True)
class GaltonWatson:
    """The branching process of Galton and Watson, in which each person brings a Poisson number.

    Attributes
    ----------
    offspring : float
        mu, how many each person brings on average.
    """

    offspring: float

    def cascade(self, size: Any) -> Floats:
        """Return the share of cascades of a size, the one who began it included.

        That is the Borel distribution, exp(-mu n) (mu n)**(n - 1) / n!. For n people bring
        Poisson(mu n) others in all, which must be the n - 1 who were brought; and of the n ways to
        go round such people in a circle, one is that of a tree (Otter 1949, Dwass 1969).
        """
        n = np.asarray(size, float)
        mean = self.offspring * n
        return np.asarray(np.exp(xlogy(n - 1, mean) - mean - gammaln(n + 1)))

    @property
    def mean_cascade(self) -> float:
        """Mean size of a cascade: 1 + mu + mu**2 + ... for the generations."""
        return 1 / (1 - self.offspring) if self.offspring < 1 else math.inf

    def expected(self) -> dict[str, float]:
        """Return the mean size of a cascade and the shares of the smallest sizes."""
        sizes = range(1, SMALLEST + 1)
        return {"mean cascade": self.mean_cascade} | {
            f"cascades of {n}": float(self.cascade(n)) for n in sizes
        }


@dataclass(frozen=True)
class Yule:
    """The pure birth process of Yule (1925): every member recruits at the same rate, for ever.

    Founders are there from the start; nobody quits, and there is no end of people to recruit. What
    is said of a member is said of one drawn at random among all members at the end: the ratio of
    the expected number of members of whom it is true to that of all. Such a member has been one for
    A = min(X, T) days, X exponential of rate lam. For members are exp(lam t) times the founders on
    day t, so that at the end a share exp(-lam a) of all has been there for longer than a, down to
    the founders' exp(-lam T).

    Attributes
    ----------
    rate : float
        lam, recruits of a member per day.
    days : float
        T, from the start to the end.
    """

    rate: float
    days: float

    @property
    def founders(self) -> float:
        """Share of members who are founders: exp(-lam T)."""
        return math.exp(-self.rate * self.days)

    @property
    def mean_team(self) -> float:
        """Mean size of a founder's team, self included: exp(lam T), members per founder."""
        return math.exp(self.rate * self.days)

    def founder_team(self, size: Any) -> Floats:
        """Return the share of founders with a team of a size: geometric, of chance exp(-lam T)."""
        return np.asarray(self.founders * self._grown ** (np.asarray(size, float) - 1))

    @property
    def _grown(self) -> float:
        return -math.expm1(-self.rate * self.days)

    def recruits(self, number: Any) -> Floats:
        """Return the share of members with a number of recruits of their own.

        Given A = a they are Poisson(lam a), and the mean over A is a founder's part and the rest:

            exp(-2 lam T) (lam T)**k / k!  +  2**-(k + 1) P(Poisson(2 lam T) > k)

        When T grows the first part vanishes, and 2**-(k + 1) is left.
        """
        k, mean = np.asarray(number, float), self.rate * self.days
        founders = np.exp(xlogy(k, mean) - 2 * mean - gammaln(k + 1))
        return np.asarray(founders + 0.5 ** (k + 1) * gammainc(k + 1, 2 * mean))

    def team(self, size: Any) -> Floats:
        """Return the share of members with a team of a size, self included.

        Given A = a it is geometric, of chance exp(-lam a), which is uniform over members but for
        the founders' part; with q = 1 - exp(-lam T) the mean over A is

            (1 - q)**2 q**(s - 1)  +  q**s / s - q**(s + 1) / (s + 1)

        When T grows q becomes 1, and 1 / (s (s + 1)) is left: a power law, without a mean.
        """
        s, q = np.asarray(size, float), self._grown
        founders = self.founders**2 * q ** (s - 1)
        return np.asarray(founders + q**s / s - q ** (s + 1) / (s + 1))

    def expected(self) -> dict[str, float]:
        """Return a founder's mean team, and shares of members by recruits and by size of team."""
        out = {"mean team of founders": self.mean_team}
        for k in range(SMALLEST + 1):
            out[f"members with {k} recruits"] = float(self.recruits(k))
        for s in range(1, SMALLEST + 1):
            out[f"members with a team of {s}"] = float(self.team(s))
        return out

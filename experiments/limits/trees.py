"""Models of who brought whom: cascades of referral, and downlines of recruitment."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaln, lambertw, xlogy

from experiments.metrics import ratio

if TYPE_CHECKING:
    from sim.market import Market

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

    def mean_cascade_among(self, share: float) -> float:
        """Return the mean size of a cascade if this share of a finite population begins one.

        Who is invited and has been brought already comes to nothing. So all who are ever brought, a
        share c, are those of an epidemic (Kermack and McKendrick 1927),

            1 - c = (1 - share) exp(-mu c),

        whatever the order of events. Without end of people it is `mean_cascade`.
        """
        if self.offspring == 0 or share == 0:
            return self.mean_cascade
        left = -lambertw(-self.offspring * (1 - share) * math.exp(-self.offspring)).real
        return float((1 - left / self.offspring) / share)

    def expected(self) -> dict[str, float]:
        """Return the mean size of a cascade and the shares of the smallest sizes."""
        sizes = np.arange(1, SMALLEST + 1)
        return _of_cascades(self.mean_cascade, self.cascade(sizes))

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same, counted, of the cascades that buyers without an invitation began."""
        referrer = _referrers(market)
        sizes = below(referrer)[referrer < 0]
        return _of_cascades(_mean(sizes), _shares(sizes, 1))


def _of_cascades(mean: float, shares: Floats) -> dict[str, float]:
    return {"mean cascade": mean} | _named("cascades of {}", shares, 1)


def _referrers(market: "Market") -> NDArray[np.int64]:
    """Return for each first order the number of the referrer's, -1 where nobody invited."""
    orders = market.orders[market.orders["nth"] == 1]
    number = np.full(market.config.people.n, -1)
    number[orders["person"]] = np.arange(orders.size)
    referrer = np.full(orders.size, -1)
    invited = orders["invitation"] >= 0
    invitation = market.invitations[orders["invitation"][invited]]
    referrer[invited] = number[invitation["referrer"]]
    return referrer


def below(above: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the number of people below each in a forest, self included.

    Parameters
    ----------
    above : int[k]
        The number of the one directly above, -1 at the top of a tree.

    Returns
    -------
    int64[k]
    """
    size, up = np.ones(above.size, np.int64), above
    while (up := up[up >= 0]).size:  # first the parents of all, then the grandparents ...
        size += np.bincount(up, minlength=above.size)
        up = above[up]
    return size


def _mean(numbers: NDArray[np.integer]) -> float:
    return float(numbers.mean()) if numbers.size else math.nan


def _shares(numbers: NDArray[np.integer], first: int) -> Floats:
    """Return the shares of numbers that are `first`, `first` + 1, ... up to `SMALLEST`."""
    found = np.bincount(numbers, minlength=SMALLEST + 1)[first : SMALLEST + 1]
    return ratio(found, np.asarray(numbers.size))


def _named(name: str, shares: Floats, first: int) -> dict[str, float]:
    return {name.format(n): float(share) for n, share in enumerate(shares, first)}


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

    def mean_team_among(self, share: float) -> float:
        """Return a founder's mean team in a market, where this share of all people are founders.

        Two things are different there. Who is called today works from tomorrow on, so members
        multiply by 1 + lam a day. And a call on a member comes to nothing, so that they grow
        logistically (Verhulst 1838). Without end of people and days it is `mean_team`.
        """
        grown = (1 + self.rate) ** self.days
        return grown / (1 + share * (grown - 1))

    def expected(self) -> dict[str, float]:
        """Return a founder's mean team, and shares of members by recruits and by size of team."""
        recruits, sizes = np.arange(SMALLEST + 1), np.arange(1, SMALLEST + 1)
        return _of_members(self.mean_team, self.recruits(recruits), self.team(sizes))

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same, counted, of all who ever were distributors."""
        upline = market.distributors["upline"]
        recruits, team = np.bincount(upline[upline >= 0], minlength=upline.size), below(upline)
        return _of_members(_mean(team[upline < 0]), _shares(recruits, 0), _shares(team, 1))


def _of_members(mean: float, recruits: Floats, teams: Floats) -> dict[str, float]:
    return (
        {"mean team of founders": mean}
        | _named("members with {} recruits", recruits, 0)
        | _named("members with a team of {}", teams, 1)
    )

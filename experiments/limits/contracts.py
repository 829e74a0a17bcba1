"""Models of customers under contract: who renews at fixed gaps, and what a customer is worth."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from experiments.metrics import YEAR, discounted, ratio
from sim.books import contribution

if TYPE_CHECKING:
    from sim.market import Market

Floats = NDArray[np.float64]
CENTS = 100


@dataclass(frozen=True)
class Term:
    """How long a contract runs.

    Attributes
    ----------
    gap : float
        Days from one renewal to the next.
    renewals : int
        How many can be made in the run.
    """

    gap: float
    renewals: int

    @property
    def numbers(self) -> NDArray[np.int64]:
        """int64[renewals]: 1, 2, ... up to the last renewal of the run."""
        return np.arange(1, self.renewals + 1)

    def left(self, market: "Market") -> Floats:
        """Return the share of people who order at the start and at each renewal of a run.

        Returns
        -------
        float64[1 + renewals]
        """
        nearest = np.rint(market.orders["day"] / self.gap).astype(np.int64)
        orders = np.bincount(nearest, minlength=1 + self.renewals)
        return orders[: 1 + self.renewals] / market.config.people.n


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """The shifted beta-geometric of Fader and Hardie (2007).

    Attributes
    ----------
    a, b : float
        Of the Beta mixing of churn, the chance not to renew; alpha and beta in the paper.
    term : Term
    """

    a: float
    b: float
    term: Term

    def survival(self) -> Floats:
        """Return the share of customers who are left after each renewal.

        Of those who churn with chance p a share (1 - p)**t is left after t renewals; the mean over
        the Beta is the survivor function of the paper, B(a, b + t) / B(a, b).
        """
        left = betaln(self.a, self.b + self.term.numbers) - betaln(self.a, self.b)
        return np.asarray(np.exp(left))

    def retention(self) -> Floats:
        """Return the share of those left before each renewal who make it.

        It is the ratio of two survivals, (b + t - 1) / (a + b + t - 1), and rises with t: who is
        left was, more and more, unlikely to leave from the start.
        """
        kept = self.b + self.term.numbers - 1
        return np.asarray(kept / (self.a + kept))

    def expected(self) -> dict[str, float]:
        """Return the share of customers left after each renewal, and of those before it."""
        return _by_renewal(self.survival(), self.retention())

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same, counted."""
        left = self.term.left(market)
        return _by_renewal(left[1:] / left[0], ratio(left[1:], left[:-1]))


def _by_renewal(survival: Floats, retention: Floats) -> dict[str, float]:
    out = {}
    for t, (left, kept) in enumerate(zip(survival, retention, strict=True), 1):
        out[f"renewal {t}: survival"] = float(left)
        out[f"renewal {t}: retention"] = float(kept)
    return out


@dataclass(frozen=True)
class LifetimeValue:
    """The value of a customer who churns at a constant rate: Gupta, Lehmann and Stuart (2004).

    Attributes
    ----------
    margin : float
        m, what an order contributes, in CNY.
    retention : float
        r, the chance to renew.
    discount : float
        i, per year.
    term : Term
    """

    margin: float
    retention: float
    discount: float
    term: Term

    @property
    def kept(self) -> float:
        """What is left, after discounting, of a margin one renewal later: r / (1 + i)."""
        return float(self.retention * (1 + self.discount) ** (-self.term.gap / YEAR))

    @property
    def multiple(self) -> float:
        """How many margins a customer is worth by the end of the run, without the first order."""
        return float((self.kept**self.term.numbers).sum())

    @property
    def forever(self) -> float:
        """How many margins without end: r / (1 + i - r), if renewals are a year apart."""
        return self.kept / (1 - self.kept) if self.kept < 1 else math.inf

    def expected(self) -> dict[str, float]:
        """Return the value of a customer after the first order, in margins and in CNY."""
        return _value(self.multiple, self.margin)

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same from the books: discounted contribution less the first order's."""
        daily = contribution(market.books.daily)[:, 0]
        margin = daily[0] / np.count_nonzero(market.orders["day"] == 0)
        value = discounted(daily, market.config.discount) / len(market.customers) - margin
        return _value(float(ratio(value, margin)), float(margin / CENTS))


def _value(multiple: float, margin: float) -> dict[str, float]:
    return {"value in margins": multiple, "value in CNY": multiple * margin}

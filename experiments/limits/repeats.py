"""Models of repeat buying until dropout: per order, and per unit of time."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

if TYPE_CHECKING:
    from sim.market import Market

Floats = NDArray[np.float64]
WEEK = 7
FAR = 60.0
"""Logit beyond which a chance is 0 or 1 for all that matters."""


class RepeatBuying(ABC):
    """What both models share: customers who enter on their days, and buy again until dropout.

    Attributes
    ----------
    entry : int64[n]
        Day of each customer's first purchase.
    days : int
        Length of the run.
    """

    entry: NDArray[np.int64]
    days: int

    @abstractmethod
    def repeats(self, time: Any) -> Floats:
        """Return the expected repeat purchases of one customer in `time` days after the first."""

    def cumulative(self) -> Floats:
        """Return the expected repeat purchases of all customers by the end of each day.

        Returns
        -------
        float64[days]
        """
        since_first = self.repeats(np.arange(1, self.days + 1))
        entrants = np.bincount(self.entry[self.entry < self.days], minlength=self.days)
        return np.convolve(entrants, since_first)[: self.days]

    def expected(self) -> dict[str, float]:
        """Return all customers' repeat purchases by half of the run and by its end."""
        curve = self.cumulative()
        return {name: float(curve[day - 1]) for name, day in _halves(self.days).items()}

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same, counted."""
        repeats = market.orders["day"][market.orders["nth"] > 1]
        return {name: float((repeats < day).sum()) for name, day in _halves(self.days).items()}


def _halves(days: int) -> dict[str, int]:
    return {f"repeats by week {day / WEEK:.3g}": day for day in (days // 2, days)}


@dataclass(frozen=True)
class BetaGeometric(RepeatBuying):
    """The BG/NBD of Fader, Hardie and Lee (2005).

    Attributes
    ----------
    r, alpha : float
        Shape and rate of the Gamma mixing of purchase rates; alpha in days.
    a, b : float
        Of the Beta mixing of dropout.
    entry : int64[n]
        Day of each customer's first purchase.
    days : int
        Length of the run.
    """

    r: float
    alpha: float
    a: float
    b: float
    entry: NDArray[np.int64]
    days: int

    def repeats(self, time: Any) -> Floats:
        """Return the expected repeat purchases of one customer in `time` days after the first.

        Given rate x and dropout p they are (1 - exp(-x p t)) / p. The mean over the Gamma is
        (1 - (1 + p t / alpha)**-r) / p, and that over the Beta is equation (9) of the paper. It is
        summed up here, because that equation cannot be evaluated where a = 1, nor the
        hypergeometric function in it reliably where many purchases are expected.
        """
        p, weight = self._dropout()
        grown = np.multiply.outer(np.asarray(time, float) / self.alpha, p)
        return np.asarray((-np.expm1(-self.r * np.log1p(grown)) / p) @ weight)

    def _dropout(self) -> tuple[Floats, Floats]:
        """Return nodes and weights of the Beta: equal steps of the logit, which converge fast."""
        spread = math.sqrt(1 / self.a + 1 / self.b)
        middle = math.log(self.a / self.b)
        low = max(middle - 40 / self.a - 10 * spread, -FAR)
        high = min(middle + 40 / self.b + 10 * spread, FAR)
        step = min(0.25, 0.25 * spread)
        logit = np.arange(low, high, step)
        log_weight = self.a * log_expit(logit) + self.b * log_expit(-logit)
        weight = np.exp(log_weight - log_weight.max())
        # beyond the ends weights fall geometrically, and dropout is 0 or 1 for all that matters
        weight[0] /= -math.expm1(-self.a * step)
        weight[-1] /= -math.expm1(-self.b * step)
        return expit(logit), weight / weight.sum()


@dataclass(frozen=True)
class ParetoNBD(RepeatBuying):
    """The Pareto/NBD of Schmittlein, Morrison and Colombo (1987).

    Attributes
    ----------
    r, alpha : float
        Shape and rate of the Gamma mixing of purchase rates; alpha in days.
    s, beta : float
        The same of rates of dropout.
    entry : int64[n]
        Day of each customer's first purchase.
    days : int
        Length of the run.
    """

    r: float
    alpha: float
    s: float
    beta: float
    entry: NDArray[np.int64]
    days: int

    def repeats(self, time: Any) -> Floats:
        """Return the expected repeat purchases of one customer in `time` days after the first.

        Purchases and lifetimes are independent: the mean rate r / alpha times the mean life within
        `time`, the integral of the share alive (beta / (beta + t))**s. It is equation (17) of the
        paper, written so that it holds at s = 1 too.
        """
        grown = np.log1p(np.asarray(time, float) / self.beta)
        power = 1.0 - self.s
        life = grown if abs(power) < 1e-9 else np.expm1(power * grown) / power
        return np.asarray(self.r / self.alpha * self.beta * life)

"""What a market is asked to give: an interval for a number, on the scale on which it is judged.

A number is judged on a scale on which emulators fit it well: shares as log odds, other positive
numbers as logarithms, the rest as they are. The middle of an interval, and its tolerance, are taken
on that scale. The ends of an interval are three standard deviations from its middle (Pukelsheim
1994, The American Statistician 48, 88-91: nineteen in twenty values of any unimodal distribution
lie so close), so that with no other doubt a cutoff of 3 is met exactly inside the interval.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments import lift_tests
from experiments.formats import is_share

Form = Literal["logit", "log", "identity"]
SIGMAS = 3.0
"""How many standard deviations the ends of an interval are from its middle."""
FAR = 20.0
"""A number this many times beyond an interval is not told from one that is farther still."""


@dataclass(frozen=True)
class Aim:
    """An interval for a number.

    Attributes
    ----------
    name
        What it is called.
    low, high
        The interval.
    form
        The scale on which it is judged.
    """

    name: str
    low: float
    high: float
    form: Form = "identity"

    @classmethod
    def of(cls, name: str, low: float, high: float, unit: str) -> "Aim":
        """Return an interval on the scale that suits numbers of a unit."""
        return cls(name, low, high, form_of(unit, low, high))

    @property
    def middle(self) -> float:
        """The middle of the interval, on the scale."""
        return (self._end(self.low) + self._end(self.high)) / 2

    @property
    def sd(self) -> float:
        """The standard deviation that the interval stands for, on the scale."""
        return (self._end(self.high) - self._end(self.low)) / 2 / SIGMAS

    def scaled(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return numbers on the scale; those far beyond the interval count as that far."""
        if self.form == "identity":
            return np.asarray(y, float)
        y = np.maximum(y, self.low / FAR)
        if self.form == "log":
            return np.log(np.minimum(y, self.high * FAR))
        y = np.minimum(y, 1 - (1 - self.high) / FAR)
        return np.log(y) - np.log1p(-y)

    def unscaled(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return numbers from their places on the scale."""
        if self.form == "identity":
            return np.asarray(z, float)
        return np.exp(z) if self.form == "log" else 1 / (1 + np.exp(-z))

    def met(self, y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which numbers lie in the interval; NaN does not."""
        return (self.low <= y) & (y <= self.high)

    def _end(self, value: float) -> float:
        if self.form == "identity":
            return value
        return math.log(value) if self.form == "log" else math.log(value / (1 - value))


def form_of(unit: str, low: float, high: float) -> Form:
    """Return the scale that suits numbers of a unit with this interval."""
    if unit == lift_tests.UNIT:
        return "identity"  # an effect, of either sign
    if is_share(unit) and low > 0 and high < 1:
        return "logit"
    return "log" if low > 0 and not is_share(unit) else "identity"

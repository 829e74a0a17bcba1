"""Sentences on estimates: what cannot be told from zero is said to be so, before anything else.

An estimate whose 95 % interval holds 0, or whose p-value is not significant once it is adjusted for
the other comparisons, is *not distinguishable from zero*; no sentence says then that something is
raised or lowered.
"""

import math
from typing import NamedTuple

from experiments import formats
from experiments.formats import count
from experiments.intervals import LEVEL
from experiments.responses import Response
from experiments.scales import Amount, Scale, scale

ALPHA = 1 - LEVEL
NOT_ZERO = "Not distinguishable from zero"
NOT_DECIDED = "Not decided"


class Estimate(NamedTuple):
    """A number with its 95 % interval.

    Attributes
    ----------
    mean, low, high
        NaN bounds where there is no interval.
    unit
        What it is counted in.
    change
        It is a difference of such numbers.
    """

    mean: float
    low: float
    high: float
    unit: str = ""
    change: bool = True

    @property
    def known(self) -> bool:
        """Whether it has an interval."""
        return not math.isnan(self.low) and not math.isnan(self.high)

    @property
    def decided(self) -> bool:
        """Whether it has an interval, and 0 is not in it."""
        return self.low > 0 or self.high < 0

    @property
    def scale(self) -> Scale:
        """The scale of all three numbers: the interval is written as finely as it is wide."""
        half = (self.high - self.low) / 2
        ends = [Amount(x, half) for x in (self.mean, self.low, self.high) if not math.isnan(x)]
        return scale(ends, self.unit, change=self.change)

    @property
    def size(self) -> str:
        """How large it is, without its sign."""
        return self.scale.with_unit(abs(self.mean))

    @property
    def size_signed(self) -> str:
        """The number with its unit."""
        return self.scale.with_unit(self.mean)

    def told(self, more: str = "") -> str:
        """Return `mean m, 95 % interval a to b`."""
        mean = f"mean {self.size_signed}"
        return ", ".join(part for part in (mean, self.interval(), more) if part)

    def interval(self) -> str:
        """Return `95 % interval a to b`; nothing if there is none."""
        return f"95 % interval {self.scale.between(self.low, self.high)}" if self.known else ""


def of_brand(response: Response, brand: str) -> str:
    """Return what a response is, with the brand that it is of: `orders of brand A, per day`."""
    own = f" of {response.of}" if response.of else ""
    rest = response.title.removeprefix(response.metric.label + own)
    return f"{response.metric.label} of brand {response.of or brand}{rest}"


def not_distinguishable(what: str, estimate: Estimate, more: str = "") -> str:
    """Return the sentence on an estimate whose interval holds 0, or that has none.

    Parameters
    ----------
    what
        What is estimated: `the effect of x on y`.
    estimate
        The estimate.
    more
        What else stands in the brackets: `20 pairs`.
    """
    return f"{NOT_ZERO}: {what} ({estimate.told(more)})."


def effect(
    cause: str,
    what: str,
    base: str,
    estimate: Estimate,
    pairs: int,
    *,
    p_adjusted: float = math.nan,
    comparisons: int = 1,
    each: str = "pair",
) -> str:
    """Return a sentence on what one arm does to a response, against another.

    Parameters
    ----------
    cause, what, base
        The arm, the response, the arm it is compared to.
    estimate
        The mean of the paired differences.
    pairs
        How many there are.
    p_adjusted, comparisons
        p adjusted for all comparisons (Holm), and how many these are; NaN: there is no such p.
    each
        What a pair is: `market` over an ensemble.
    """
    if pairs == 0:
        return (
            f"Not known: the effect of {cause} on {what} against {base}. No replicate has a value "
            "in both arms."
        )
    thing = f"the effect of {cause} on {what} against {base}"
    if not estimate.known:
        return (
            f"Not known: whether {thing} differs from zero. It is "
            f"{estimate.size_signed} in {count(pairs, 'pair')} of runs; one "
            "pair gives no interval: raise replicates.n."
        )
    if estimate.low == estimate.high == 0:
        return (
            f"No effect: {what} is exactly the same in {cause} and {base}, in all {pairs} {each}s."
        )
    if not estimate.decided:
        return not_distinguishable(thing, estimate, count(pairs, each))
    if p_adjusted >= ALPHA:
        adjusted = (
            f"{count(pairs, 'pair')}; of {comparisons} comparisons together, p = "
            f"{formats.p_value(p_adjusted)} by Holm’s method"
        )
        return not_distinguishable(thing, estimate, adjusted)
    verb = "raises" if estimate.mean > 0 else "lowers"
    return (
        f"{cause} {verb} {what} by {estimate.size} against {base} "
        f"({estimate.interval()}, {count(pairs, 'pair')})."
    )

"""What a fact of the field is here: numbers that a study's runs show, and when they agree with it.

The ranges of agreement were fixed before anything was run, but for what the page lists as changed
afterwards. A check is made in an arm with the mechanism on and in one with it off: a fact that is
still there when its mechanism is off is not explained by it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from experiments.intervals import Interval, interval, ratio_of_means
from experiments.records import Records

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Worlds = Mapping[str, Records]
"""The runs of one replicate, by arm; the points of a sweep are named by their levels."""
Measured = Mapping[str, Mapping[str, float]]
"""Numbers by name, by arm or by whatever tells a mechanism on from off."""

EMERGES = "emerges"
NOT = "does not emerge"
PARTLY = "emerges in part"
OPEN = "cannot be said"
GONE = 0.1
"""Of an effect, so much may be left with the mechanism off, and it is gone: an assumption."""


@dataclass(frozen=True)
class Check:
    """One number of a fact.

    Attributes
    ----------
    name
        What it is.
    published
        What the literature says.
    quantity
        Its name in what is measured.
    on, off
        Where in what is measured the mechanism is on, and off.
    low, high
        It agrees strictly between the two.
    over
        Another quantity, if the number is the ratio of two means.
    share
        Whether it is shown in per cent.
    null
        What it is when there is nothing, if that is a number: with the mechanism off the fact is
        gone if less than a tenth of its distance from there is left.
    condition
        Whether it says under which condition the fact holds: it is shown, and counts for nothing.
    """

    name: str
    published: str
    quantity: str
    on: str
    off: str
    low: float = -math.inf
    high: float = math.inf
    over: str | None = None
    share: bool = False
    null: float | None = None
    condition: bool = False

    def estimate(self, table: pd.DataFrame, arm: str) -> Interval:
        """Return the number in one arm, with its 95 % interval over replicates."""
        own = table[table["arm"] == arm].pivot(
            index="replicate", columns="quantity", values="value"
        )
        top = own[self.quantity].to_numpy(float)
        if self.over is None:
            return interval(top)
        return ratio_of_means(top, own[self.over].to_numpy(float))

    def verdict(self, found: Interval) -> str:
        """Tell whether the whole interval agrees, none of it does, or some of it."""
        if math.isnan(found.low):
            return OPEN
        if self.low < found.low and found.high < self.high:
            return EMERGES
        if found.high <= self.low or found.low >= self.high:
            return NOT
        return OPEN


@dataclass(frozen=True)
class Fact:
    """A fact of the field, and how a study shows whether it emerges.

    Attributes
    ----------
    name
        Of its file in `configs/facts`, without the suffix.
    title
        The fact in a line.
    source
        Who published it.
    mechanism
        What is switched off, in words that go on from "with".
    checks
        Its numbers.
    measure
        From the runs of one replicate to numbers.
    remark
        What the outcome means; where the fact does not emerge, what in the model would have to be
        different. It is of the outcome that is published, to which a test holds the model.
    draw
        From all that was measured (`replicate`, `arm`, `quantity`, `value`) to a picture; the first
        line of its docstring is the caption.
    finish
        From all that was measured to what needs all replicates at once.
    """

    name: str
    title: str
    source: str
    mechanism: str
    checks: tuple[Check, ...]
    measure: Callable[[Worlds], Measured]
    remark: str
    draw: Callable[[pd.DataFrame], "Figure"]
    finish: Callable[[pd.DataFrame], pd.DataFrame] | None = None


@dataclass(frozen=True)
class Finding:
    """What came out of one check: the number and the verdict, mechanism on and off."""

    check: Check
    on: Interval
    off: Interval

    @property
    def verdict(self) -> str:
        """The verdict with the mechanism on."""
        return self.check.verdict(self.on)

    @property
    def verdict_off(self) -> str:
        """The verdict with the mechanism off."""
        null = self.check.null
        if null is not None and not math.isnan(self.off.low):
            left = max(abs(self.off.low - null), abs(self.off.high - null))
            if left < GONE * abs(self.on.mean - null):
                return NOT
        return self.check.verdict(self.off)


def findings(fact: Fact, table: pd.DataFrame) -> list[Finding]:
    """Return what came out of each check of a fact."""
    return [
        Finding(check, check.estimate(table, check.on), check.estimate(table, check.off))
        for check in fact.checks
    ]


def verdict(found: Sequence[Finding]) -> str:
    """Return the verdict on a fact: it emerges if all its numbers do, and by its mechanism only.

    In part, if some do; a number that is there without the mechanism too does not count as one.
    """
    counted = [each for each in found if not each.check.condition]
    own = [e.verdict == EMERGES and e.verdict_off != EMERGES for e in counted]
    if all(own):
        return EMERGES
    if any(own):
        return PARTLY
    return OPEN if any(each.verdict == OPEN for each in counted) else NOT


def rows(measured: Measured, replicate: int) -> list[dict[str, object]]:
    """Return what was measured of one replicate as rows of a table."""
    return [
        {"replicate": replicate, "arm": arm, "quantity": name, "value": float(value)}
        for arm, numbers in measured.items()
        for name, value in numbers.items()
    ]


def means(table: pd.DataFrame, arm: str) -> dict[str, float]:
    """Return the mean over replicates of each quantity of an arm."""
    own = table[table["arm"] == arm].groupby("quantity", sort=False)["value"].mean()
    return {str(name): float(value) for name, value in own.items()}

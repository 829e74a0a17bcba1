"""Awareness under constant advertising, with forgetting: Vidale and Wolfe (1957)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.limits.models import Floats
from sim.counts import COUNTS

if TYPE_CHECKING:
    from sim.market import Market


@dataclass(frozen=True)
class VidaleWolfe:
    """People learn of a brand at one constant rate, and forget it at another.

    Vidale and Wolfe (1957, "An operations-research study of sales response to advertising") have it
    of sales: x' = gain (1 - x) - forgetting x.

    Attributes
    ----------
    gain, forgetting : float
        Rates, per day.
    start : float
        Share who know the brand on day 0.
    days : int
        Length of the run.
    """

    gain: float
    forgetting: float
    start: float
    days: int

    @property
    def steady(self) -> float:
        """Share who know the brand in the end: gain / (gain + forgetting)."""
        return self.gain / (self.gain + self.forgetting)

    @property
    def settling(self) -> float:
        """Days in which the distance from the steady state falls to a part of e."""
        return 1 / (self.gain + self.forgetting)

    def aware(self, time: float) -> float:
        """Return the share who know the brand after some days."""
        return self.steady + (self.start - self.steady) * math.exp(-time / self.settling)

    def by_days(self) -> float:
        """Return the steady state of a market that has days: at their ends, forgetting first."""
        learn, forget = -math.expm1(-self.gain), -math.expm1(-self.forgetting)
        return learn / (learn + forget - learn * forget)

    def expected(self) -> dict[str, float]:
        """Return awareness after one, two and three settling times, and in the steady state."""
        times = {k: self.aware(k * self.settling) for k in (1, 2, 3)}
        return {f"aware after {k} settling times": x for k, x in times.items()} | {
            "aware in the steady state": self.steady
        }

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same of a market; the steady state is the mean from ten settling times on.

        What a run is too short for is NaN.
        """
        share = awareness_by_day(market)
        after = {k: share[round(k * self.settling) - 1 :][:1] for k in (1, 2, 3)}
        found = {f"aware after {k} settling times": _mean(x) for k, x in after.items()}
        return found | {"aware in the steady state": _mean(share[self.settled :])}

    @property
    def settled(self) -> int:
        """Day from which on the market is taken to be in the steady state."""
        return math.ceil(10 * self.settling)


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else math.nan


def awareness_by_day(market: "Market") -> Floats:
    """Return float64[days]: the share who know the first brand at the end of each day."""
    columns = {name: market.counts[:, 0, k] for k, name in enumerate(COUNTS)}
    gained = sum(x for name, x in columns.items() if name.startswith("aware_by_"))
    net = np.cumsum(gained - columns["forgotten"])
    known = market.world.relationships["aware"][:, 0]
    return (known.sum() - net[-1] + net) / known.size

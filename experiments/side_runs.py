"""What is measured of a run in a second one: the same market and draws, and a brand does more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.lift_tests import Lift, with_strategies
from experiments.responses import Response

if TYPE_CHECKING:
    from experiments.designs import Job
    from experiments.records import Records

_last: dict[tuple[str, int], "Records"] = {}
"""The second run made last: targets of one programme follow each other."""


@dataclass(frozen=True)
class WithStrategies:
    """A response in the market in which a brand uses strategies besides its own.

    Attributes
    ----------
    response
        What is measured.
    column
        What its numbers are called on disk.
    brand
        The brand that uses the strategies; `None`: the first.
    strategies
        Their parameters, by name.
    """

    response: Response
    column: str
    brand: str | None
    strategies: Mapping[str, Any] = field(hash=False)

    @property
    def of(self) -> str | None:
        """The brand that is looked at; `None`: the study's."""
        return self.response.of

    @property
    def label(self) -> str:
        """What tells it from all other responses."""
        return self.column if self.of is None else f"{self.column} of {self.of}"

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"{self.response.title}, with {' and '.join(self.strategies)}"

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return self.response.unit

    def market(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """Return a resolved market with the strategies."""
        return with_strategies(base, self.brand or next(iter(base["brands"])), self.strategies)

    def measure(
        self, base: Mapping[str, Any], seed: int, records: "Records"
    ) -> NDArray[np.float64]:
        """Return float64[brands]: the response of each brand in the second run.

        Parameters
        ----------
        base, seed
            The run's market without the strategies, resolved, and its seed.
        records
            The records of that run; not looked at.
        """
        from experiments.beginnings import begin
        from experiments.identity import config_hash
        from experiments.records import observe

        market = self.market(base)
        key = config_hash(market), seed
        if key not in _last:
            _last.clear()
            _last[key] = observe(begin(market, seed))
        return self.response.values(_last[key])


def measured(job: "Job", records: "Records") -> dict[str, NDArray[np.float64]]:
    """Return float64[brands] of each response of a run that takes another run, by its column."""
    try:
        return {
            response.column: response.measure(job.market, job.seed, records)
            for response in job.responses
            if isinstance(response, Lift | WithStrategies)
        }
    finally:
        _last.clear()

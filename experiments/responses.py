"""Responses: what a study measures of each run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records
from experiments.registry import METRICS
from sim.parameters import Param, Parameters


class Response(Parameters):
    """A metric of one brand."""

    name: str = Param("long_run_revenue", doc="a metric")
    of: str | None = Param(None, doc="brand; none: the brand of the study")

    @property
    def column(self) -> str:
        """Name of its column in the table of runs, in which there is a row per brand."""
        return self.name

    @property
    def label(self) -> str:
        """Name of its column in tables of a study."""
        return f"{self.name}[{self.of}]" if self.of else self.name

    def values(self, records: Records) -> NDArray[np.float64]:
        """Return float64[brands]: the response of every brand in a run."""
        return METRICS[self.name].function(records)


def computed(responses: tuple[Response, ...], records: Records) -> dict[str, Any]:
    """Return the columns of responses that are not metrics as they are, by name."""
    return {r.column: r.values(records) for r in responses if r.column not in METRICS}

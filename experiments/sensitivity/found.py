"""What the runs of a design have found, arranged for the analyses."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import gather
from experiments.errors import StudyError
from experiments.points import Rows
from experiments.responses import Response
from experiments.sensitivity.blocks import Values, arrange
from experiments.sensitivity.samples import Inputs, Unit
from experiments.sensitivity.spec import SensitivityStudy, inputs
from experiments.store import Store
from experiments.study import Study


@dataclass(frozen=True)
class Found:
    """The runs that are there, by replicate and point.

    Attributes
    ----------
    spec
        The file.
    rows
        The points.
    inputs
        The inputs.
    table : pandas.DataFrame
        The design, with a column per response.
    there : bool[replicates, points]
        Which runs have finished.
    """

    spec: SensitivityStudy
    rows: Rows
    inputs: Inputs
    table: pd.DataFrame
    there: NDArray[np.bool_]

    @classmethod
    def of(cls, study: Study, store: Store, design: pd.DataFrame) -> "Found":
        """Read what the runs of a study have found."""
        rows = cast(Rows, study.points)
        table = gather.responses(store, design, study.responses, study.of)
        done = set(store.read("runs", ["run_id"], runs=design["run_id"])["run_id"])
        found = cls(
            cast(SensitivityStudy, study.spec),
            rows,
            inputs(rows.factors),
            table,
            np.zeros((study.replicates.n, len(rows)), bool),
        )
        found.there[found._place] = table["run_id"].isin(done)
        return found

    @property
    def _place(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.table["replicate"].to_numpy(), self.table["arm"].to_numpy().astype(np.int64)

    @property
    def size(self) -> int:
        """Return how many points are analysed together."""
        return self.spec.method.size(self.inputs)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """bool[blocks]: whether every run of the block has finished."""
        there = self.there.reshape(len(self.there), -1, self.size)
        return np.asarray(there.all(axis=(0, 2)))

    def values(self, response: Response) -> Values:
        """Return float64[replicates, blocks, size] of a response, whole blocks only.

        Raises
        ------
        StudyError
            If no block is whole.
        """
        y = np.full(self.there.shape, np.nan)
        y[self._place] = self.table[response.label].to_numpy(float)
        if not self.whole.any():
            raise StudyError(
                "every block lacks a run, and none can be analysed without; the same command "
                "again computes what is missing"
            )
        return arrange(y, self.size)[:, self.whole]

    def unit(self) -> Unit:
        """Return float64[blocks, size, columns]: where the points of whole blocks are."""
        unit = self.rows.sample.unit
        return unit.reshape(-1, self.size, unit.shape[1])[self.whole]

    def missing(self) -> pd.DataFrame:
        """Return the runs that are missing: `block` as analysed, `role`, `replicate`, `run_id`."""
        point = self._place[1]
        gone = ~self.there[self._place]
        columns = {
            "block": point[gone] // self.size,
            "role": self.table["role"].to_numpy()[gone],
            "replicate": self.table["replicate"].to_numpy()[gone],
            "run_id": self.table["run_id"].to_numpy()[gone],
        }
        return pd.DataFrame(columns)

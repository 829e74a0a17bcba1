"""Which runs a study consists of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.identity import run_id, seed
from experiments.responses import Response
from experiments.study import Study

KEY = ["config_hash", "seed"]
"""What a run computes, whatever the code."""


@dataclass(frozen=True)
class Job:
    """One run to be computed: all that a worker needs to know.

    Attributes
    ----------
    run_id, config_hash, code, metrics
        Identities, see `experiments.identity`.
    arm, replicate
        Where it stands in the design; points with equal markets share their runs.
    seed
        64 bits.
    market
        The resolved market.
    responses
        What is to be computed besides all metrics.
    """

    run_id: str
    config_hash: str
    code: str
    metrics: str
    arm: str
    replicate: int
    seed: int
    market: Mapping[str, Any]
    responses: tuple[Response, ...] = ()


class Design:
    """All runs of a study, as columns; and the job of any of them when it is needed.

    Parameters
    ----------
    study
        The study.
    code, metrics
        Versions of the code that would compute them, and of the definitions of metrics.

    Attributes
    ----------
    table : pandas.DataFrame
        A row per point and replicate: `run_id`, `block`, `replicate`, the columns of the points,
        `config_hash`, `seed`. By block, then replicate, so that early runs make whole pairs.
    """

    def __init__(self, study: Study, code: str, metrics: str) -> None:
        self.study, self.code, self.metrics = study, code, metrics
        points = study.planned.frame()
        n, times = len(points), study.replicates.n
        order = np.lexsort(
            (
                np.tile(np.arange(n), times),
                np.repeat(np.arange(times), n),
                np.tile(pd.factorize(points["block"])[0], times),  # as they come first
            )
        )
        self._point: NDArray[np.int64] = np.tile(np.arange(n), times)[order]
        replicate = np.repeat(np.arange(times), n)[order]
        seeds = self._seeds(points["block"].to_numpy()[self._point], replicate)
        hashes = study.planned.hashes[self._point]
        ids = (run_id(h, int(s), code, metrics) for h, s in zip(hashes, seeds, strict=True))
        table = points.iloc[self._point].reset_index(drop=True)
        table.insert(0, "run_id", list(ids))
        block = table.pop("block")
        table.insert(1, "block", block)
        table.insert(2, "replicate", replicate)
        table["config_hash"], table["seed"] = hashes, seeds
        self.table = table

    def _seeds(self, block: NDArray[np.int64], replicate: NDArray[np.int64]) -> NDArray[np.uint64]:
        shared = self.study.replicates.crn == "block"
        base = self.study.replicates.seed
        places = zip((block if shared else self._point).tolist(), replicate.tolist(), strict=True)
        known: dict[tuple[int, int], int] = {}
        found = np.empty(len(block), np.uint64)
        for row, (where, k) in enumerate(places):
            if (where, k) not in known:
                known[where, k] = seed(base, k, where)
            found[row] = known[where, k]
        return found

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.table)

    @cached_property
    def different(self) -> NDArray[np.int64]:
        """int64[runs]: the first row of each run; points with equal markets share theirs."""
        return np.flatnonzero(~self.table["run_id"].duplicated().to_numpy())

    def job(self, row: int) -> Job:
        """Return the run of a row."""
        line = self.table.iloc[row]
        point = int(self._point[row])
        return Job(
            run_id=line["run_id"],
            config_hash=line["config_hash"],
            code=self.code,
            metrics=self.metrics,
            arm=line["arm"],
            replicate=int(line["replicate"]),
            seed=int(line["seed"]),
            market=self.study.planned.market(point),
            responses=self.study.responses,
        )

    def jobs(self, rows: Iterable[int]) -> Iterator[Job]:
        """Yield the runs of some rows, each made when it is asked for."""
        return (self.job(int(row)) for row in rows)

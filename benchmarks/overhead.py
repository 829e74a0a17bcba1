"""What a study costs besides its runs: `python -m benchmarks.overhead [RUNS]`.

Runs are stand-ins that take no time; what is left is design, dispatch, storage, bookkeeping. Peak
memory is that of the driver.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.conduct import conduct
from experiments.designs import Job
from experiments.factors import FactorSpec, read
from experiments.markets import plain
from experiments.metrics import METRICS
from experiments.points import Rows, Sample
from experiments.progress import Silent
from experiments.run.kind import RunStudy
from experiments.study import Study
from experiments.studyfile import Record, Replicates
from sim.config.load import load_market
from sim.config.yaml_file import Tree
from tests.markets import CREAMS

FACTORS = {
    "brands.A.products.cream.quality": FactorSpec(range=(0.6, 0.8)),
    "brands.*.service": FactorSpec(range=(0.4, 0.8)),
    "people.price_sensitivity.mean": FactorSpec(scale=(0.5, 2.0)),
}


def stand_in(job: Job, record: Record) -> dict[str, pa.Table]:
    """Return results as large as those of a run, at once."""
    columns = {name: [float(job.seed % 97), 2.0, 3.0] for name in METRICS}
    return {"runs": pa.table({"brand": ["A", "B", "C"], **columns})}


def study(runs: int) -> Study:
    """Return a study of so many different runs."""
    market = plain(load_market(CREAMS))
    factors, _ = read(FACTORS, market, Tree({}))
    unit = np.random.default_rng(1).random((runs // 2, len(factors)))
    sample = Sample(unit, np.arange(len(unit)), ["row"] * len(unit))
    spec = RunStudy(
        schema=1, market={}, record=Record(series=False), replicates=Replicates(n=2, seed=1)
    )
    return Study("run", "overhead", spec, Rows(market, factors, sample, "random"), "A")


def main(runs: int, workers: int = 2) -> None:
    """Carry out a study of stand-ins and print what it took."""
    from benchmarks.overhead import stand_in as importable

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        conduct(study(runs), Path(folder), Silent(), workers=workers, simulate=importable)
        took = time.perf_counter() - start
        start = time.perf_counter()
        conduct(study(runs), Path(folder), Silent(), workers=workers, simulate=importable)
        again = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{runs:,} runs: {1000 * took / runs:.2f} ms a run with {workers} workers, "
        f"{again:.1f} s to find them all there, driver's peak memory {memory:.0f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

"""One run: its market is simulated, and everything that is kept of it is put into tables.

What stored numbers mean depends on this module and on all that it imports, and on nothing else in
this package: `experiments.identity.metrics_version` is the hash of their code.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from experiments.designs import Job
    from experiments.studyfile import Record

Tables = dict[str, pa.Table]


def simulate(job: "Job", record: "Record") -> Tables:
    """Run one market and return its tables: `runs`, and what else is to be recorded.

    Columns of `runs` are those of `metrics.METRICS` and the job's responses, a row per brand.
    """
    from experiments import curves, metrics, responses, side_runs
    from experiments.beginnings import begin
    from experiments.records import observe
    from sim.config import remarks

    with remarks.silent():  # they were made when the study was read
        market = begin(job.market, job.seed)
    records = observe(market)
    results = metrics.columns(records) | responses.computed(job.responses, records)
    results |= side_runs.measured(job, records)
    tables = {"runs": pa.table({"brand": pa.array(records.brands, pa.string()), **results})}
    if record.series:
        tables["series"] = _series(records)
        tables["curves"] = _table(curves.table(records))
    if record.orders:
        fields = records.orders.dtype.names or ()
        tables["orders"] = pa.table(
            {name: np.ascontiguousarray(records.orders[name]) for name in fields}
        )
    return tables


def _table(frame: pd.DataFrame) -> pa.Table:
    """Return a table whose columns have the same types whatever is in it, even nothing."""
    types = {"brand": pa.string(), "curve": pa.string(), "x": pa.int32(), "y": pa.int32()}
    fields = [(str(name), types.get(str(name), pa.float64())) for name in frame.columns]
    return pa.Table.from_pandas(frame, pa.schema(fields), preserve_index=False)


def _series(records: Any) -> pa.Table:
    """Return the daily books and counts: a row per brand and day, money in cents."""
    from sim.books import ACCOUNTS, contribution, net_revenue
    from sim.counts import COUNTS

    days, brands = records.daily.shape[:2]

    def column(values: Any) -> Any:
        return np.ascontiguousarray(values.T).ravel()

    columns: dict[str, Any] = {
        "brand": pa.array(np.repeat(np.array(records.brands, dtype=object), days), pa.string()),
        "day": np.tile(np.arange(days, dtype=np.int32), brands),
        "net_revenue": column(net_revenue(records.daily)),
        "contribution": column(contribution(records.daily)),
    }
    for k, name in enumerate(ACCOUNTS):
        columns[name] = column(records.daily[..., k])
    for k, name in enumerate(COUNTS):
        # Some counts and accounts share a name: money spent on touches, and touches sent.
        columns[f"n_{name}"] = column(records.counts[..., k]).astype(np.int32)
    return pa.table(columns)

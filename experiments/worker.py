"""What a worker does: compute a chunk of runs, commit it to disk, and report back."""

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from experiments.designs import Job
from experiments.studyfile import Record

Tables = dict[str, pa.Table]
Simulate = Callable[[Job, Record], Tables]
MAX_TRACEBACK = 20_000


@dataclass(frozen=True)
class Chunk:
    """Some runs, and where their results go. Self-contained: any engine can carry it."""

    jobs: tuple[Job, ...]
    record: Record
    folder: Path
    simulate: Simulate


@dataclass
class Report:
    """What became of a chunk: seconds by run, and failures."""

    seconds: dict[str, float] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)


def execute(chunk: Chunk) -> Report:
    """Compute the runs of a chunk and commit those that worked, even if interrupted.

    Raises
    ------
    experiments.errors.StorageError
        If the results cannot be written.
    """
    from experiments.store import Store

    report, finished = Report(), []
    try:
        for job in chunk.jobs:
            started = time.perf_counter()
            try:
                tables = chunk.simulate(job, chunk.record)
            except Exception as error:
                report.failures.append(failure(job, chunk.folder, error))
                continue
            report.seconds[job.run_id] = time.perf_counter() - started
            finished.append(_signed(tables, job, report.seconds[job.run_id]))
    finally:
        Store(chunk.folder).commit(finished)
    return report


def _signed(tables: Tables, job: Job, seconds: float) -> Tables:
    """Put the run's identity before the columns of each of its tables."""
    identity: dict[str, Any] = {"run_id": pa.scalar(job.run_id)}
    full = identity | {
        "config_hash": pa.scalar(job.config_hash),
        "seed": pa.scalar(job.seed, pa.uint64()),
        "code": pa.scalar(job.code),
        "status": pa.scalar("ok"),
        "recorded": pa.scalar(" ".join(sorted(tables.keys() - {"runs"}))),
        "seconds": pa.scalar(seconds),
    }
    return {
        kind: _prepend(table, full if kind == "runs" else identity)
        for kind, table in tables.items()
    }


def _prepend(table: pa.Table, constants: Mapping[str, Any]) -> pa.Table:
    columns = {name: pa.repeat(value, table.num_rows) for name, value in constants.items()} | dict(
        zip(table.column_names, table.columns, strict=True)
    )
    return pa.table(columns)


def failure(job: Job, folder: Path, error: BaseException | str) -> dict[str, Any]:
    """Return the row of `failures.jsonl` for a run that failed."""
    if isinstance(error, BaseException):
        trace = "".join(traceback.format_exception(error))[-MAX_TRACEBACK:]
        error = f"{type(error).__name__}: {error}"
    else:
        trace = ""
    return {
        "run_id": job.run_id,
        "arm": job.arm,
        "replicate": job.replicate,
        "seed": job.seed,
        "error": error,
        "repeat": f"huitou repeat {_quoted(folder)} {job.run_id}",
        "traceback": trace,
    }


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


def simulate(job: Job, record: Record) -> Tables:
    """Run one market and return its tables: `runs`, and what else is to be recorded.

    Columns of `runs` are those of `metrics.METRICS` and the job's responses, a row per brand.
    """
    from experiments import curves, metrics, responses
    from experiments.records import observe
    from sim import remarks
    from sim.config import MarketConfig
    from sim.market import Market

    with remarks.silent():  # they were made when the study was read
        market = Market(MarketConfig.model_validate(dict(job.market)), rng=job.seed)
    records = observe(market)
    results = metrics.columns(records) | responses.computed(job.responses, records)
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
    from sim.record import COUNTS

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

"""What a worker does: compute a chunk of runs, commit it to disk, and report back."""

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from experiments import beginnings, identity
from experiments.designs import Job
from experiments.errors import StudyError
from experiments.simulate import Tables, simulate
from experiments.studyfile import Record

__all__ = ["Chunk", "Report", "Simulate", "Tables", "execute", "failure", "simulate"]

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
    """What became of a chunk: seconds by run, failures, and what was remarkable in its runs."""

    seconds: dict[str, float] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def execute(chunk: Chunk) -> Report:
    """Compute the runs of a chunk and commit those that worked, even if interrupted.

    Raises
    ------
    experiments.errors.StorageError
        If the results cannot be written.
    """
    from experiments.store import Store
    from sim.config import remarks

    report, finished = Report(), []
    try:
        for job in chunk.jobs:
            started = time.perf_counter()
            try:
                with remarks.written(report.remarks.append):
                    tables = chunk.simulate(job, chunk.record)
                _see_that_its_data_stayed(job)
            except Exception as error:
                report.failures.append(failure(job, chunk.folder, error))
                continue
            report.seconds[job.run_id] = time.perf_counter() - started
            finished.append(_signed(tables, job, report.seconds[job.run_id]))
    finally:
        beginnings.forget()
        Store(chunk.folder).commit(finished)
    return report


def _see_that_its_data_stayed(job: Job) -> None:
    """Refuse a run whose network or log is no longer the one that its identity says.

    Raises
    ------
    experiments.errors.StudyError
        If a file has changed since the study was planned.
    """
    names = identity.data_files(job.market)
    if names and identity.config_hash(job.market) != job.config_hash:
        raise StudyError(f"{' or '.join(names)} changed while the study ran; carry it out again")


def _signed(tables: Tables, job: Job, seconds: float) -> Tables:
    """Put the run's identity before the columns of each of its tables."""
    identity: dict[str, Any] = {"run_id": pa.scalar(job.run_id)}
    full = identity | {
        "config_hash": pa.scalar(job.config_hash),
        "seed": pa.scalar(job.seed, pa.uint64()),
        "code": pa.scalar(job.code),
        "metrics_version": pa.scalar(job.metrics),
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

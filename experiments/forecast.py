"""What a study will cost and how precise it will be, from a pilot: a few of its own runs.

The runs of the pilot are kept and count when the study is carried out, so nothing is spent twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments import formats
from experiments.conduct import Outcome
from experiments.designs import Design
from experiments.errors import StudyError
from experiments.intervals import Interval, interval
from experiments.store import KINDS
from experiments.study import Study
from experiments.tabular import View

Pilot = Callable[[Study], Outcome]
"""Computes the pilot of a study."""
OVERHEAD = 0.003
"""Seconds per run for all but the run itself; see `make bench`."""


@dataclass(frozen=True)
class Forecast:
    """What a study needs, as a pilot of its own runs tells.

    Attributes
    ----------
    study
        The study.
    runs, done, pilot
        Different runs in all, those on disk now, those measured.
    seconds
        Of one run: mean and interval over the runs measured.
    bytes_per_run
        Room on disk. Small files take more room per run than the large ones at the end.
    precision
        Sentences on how precise the results will be.
    """

    study: Study
    runs: int
    done: int
    pilot: int
    seconds: Interval
    bytes_per_run: float
    precision: list[str]

    def core_hours(self, seconds: float | None = None) -> float:
        """Return how long all runs take on one core, in hours."""
        each = self.seconds.mean if seconds is None else seconds
        return self.runs * (each + OVERHEAD) / 3600

    @property
    def disk_gb(self) -> float:
        """Room that all results take, in GB."""
        return self.runs * self.bytes_per_run / 1e9


def rows(design: Design) -> NDArray[np.int64]:
    """Return the rows of the pilot: whole replicates of whole blocks as far as they go.

    Where not even one block fits, points at even distances, since runs differ in length.
    """
    wanted = design.study.budget.pilot
    points = len(design.study.planned)
    table = design.table
    block = int((table["block"] == table["block"].iloc[0]).sum())
    if points <= wanted or block <= wanted:
        unit = points if points <= wanted else block
        # Two at least, where there are two: one says nothing about how much they differ.
        units = max(wanted // unit, min(2, design.study.replicates.n if unit == points else 1))
        return np.arange(min(unit * units, len(table)))
    return np.unique(np.linspace(0, len(table) - 1, wanted).astype(np.int64))


def forecast(study: Study, pilot: Pilot) -> Forecast:
    """Compute the pilot of a study, and say what the whole needs.

    Raises
    ------
    StudyError
        If no run of the pilot has finished.
    """
    outcome = pilot(study)
    runs = outcome.store.read("runs", ["run_id", "seconds"], runs=outcome.design["run_id"])
    seconds = runs.drop_duplicates("run_id")["seconds"].to_numpy(float)
    if not len(seconds):
        raise StudyError(f"no run of the pilot has finished; see {outcome.store.folder}")
    return Forecast(
        study=study,
        runs=outcome.planned,
        done=outcome.done,
        pilot=len(seconds),
        seconds=interval(seconds),
        bytes_per_run=_size(outcome.store.folder) / len(seconds),
        precision=study.rules.precision(study, outcome.store, outcome.design),
    )


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for kind in KINDS for p in (folder / kind).glob("part-*.parquet"))


def refuse_above_budget(forecasts: list[Forecast]) -> None:
    """Stop a study that would cost more than its budget allows.

    Raises
    ------
    StudyError
        If it would.
    """
    budget = forecasts[0].study.budget
    for what, unit, most, needs in (
        ("max_core_hours", "core-hours", budget.max_core_hours, _sum(forecasts, "core_hours")),
        ("max_disk_gb", "GB on disk", budget.max_disk_gb, _sum(forecasts, "disk_gb")),
    ):
        if most is not None and needs > most:
            raise StudyError(
                f"the study is not started: it would take {needs:.3g} {unit} "
                f"({formats.count(sum(f.runs for f in forecasts), 'run')}), and "
                f"budget.{what} allows {most:g}. Ask for less, or raise it; "
                "`huitou plan` shows the forecast"
            )


def _sum(forecasts: list[Forecast], name: str) -> float:
    values = (getattr(forecast, name) for forecast in forecasts)
    return float(sum(value() if callable(value) else value for value in values))


def view(forecasts: list[Forecast], workers: int) -> View:
    """Return the forecast as a table: a column per stage of the study."""
    rows = [
        ["runs", *(f"{f.runs:,}" for f in forecasts)],
        ["of them on disk", *(f"{f.done:,}" for f in forecasts)],
        ["seconds a run", *(_seconds(f.seconds) for f in forecasts)],
        ["core-hours in all", *(_hours(f) for f in forecasts)],
        [f"time with {formats.count(workers, 'worker')}", *(_time(f, workers) for f in forecasts)],
        ["room on disk, at most", *(_room(f.disk_gb) for f in forecasts)],
    ]
    names = [f.study.name for f in forecasts]
    measured = formats.count(sum(f.pilot for f in forecasts), "run")
    return View(f"Forecast from {measured}", ["", *names], rows)


def _seconds(seconds: Interval) -> str:
    if np.isnan(seconds.low):
        return f"{seconds.mean:.3g}"
    return f"{seconds.mean:.3g} ± {seconds.half:.2g}"


def _hours(forecast: Forecast) -> str:
    middle = forecast.core_hours()
    if np.isnan(forecast.seconds.low):
        return f"{middle:.3g}"
    low = max(forecast.seconds.low, 0.0)
    ends = (forecast.core_hours(low), forecast.core_hours(forecast.seconds.high))
    return f"{middle:.3g} ({ends[0]:.3g} to {ends[1]:.3g})"


def _time(forecast: Forecast, workers: int) -> str:
    """Return how long what is missing takes."""
    left = (forecast.runs - forecast.done) * (forecast.seconds.mean + OVERHEAD)
    return formats.seconds(left / min(workers, max(forecast.runs, 1)))


def _room(gb: float) -> str:
    return f"{1000 * gb:.3g} MB" if gb < 1 else f"{gb:.3g} GB"

"""One run of a study again: the same market, the same seed, in this process."""

import sys
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from experiments import console
from experiments.designs import Design, Job
from experiments.errors import UsageError
from experiments.identity import code_version
from experiments.metrics import METRICS
from experiments.scales import Amount
from experiments.store import Store
from experiments.study import Study, load
from experiments.studyfile import Record
from experiments.tabular import Cell, Head, View, by_row, of_metric
from experiments.worker import simulate


def repeat(folder: Path, run_id: str) -> int:
    """Repeat a run and print its results, or the traceback of its failure.

    Returns
    -------
    int
        Exit code: 1 if the run failed again.

    Raises
    ------
    UsageError
        If there is no such folder or run.
    """
    store = Store(folder)
    if not (folder / "config.resolved.yaml").is_file():
        raise UsageError(f"{folder} is not a results folder: it has no config.resolved.yaml")
    study = load(folder / "config.resolved.yaml")
    job = _find(study, store, run_id)
    out = console.make()
    out.print(f"{job.arm}, replicate {job.replicate}, seed {job.seed}", soft_wrap=True)
    try:
        tables = simulate(job, Record(series=False))
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return 1
    again = tables["runs"].to_pandas()
    out.print(console.table(_view(again)))
    _compare(out, store, job, again)
    return 0


def _find(study: Study, store: Store, run_id: str) -> Job:
    """Return the job of a run id or of the beginning of one."""
    design = store.design()
    rows = design[design["run_id"].str.startswith(run_id)]
    if rows["run_id"].nunique() != 1 or not run_id:
        problem = "is not one" if rows.empty else "begins more than one"
        raise UsageError(f"{run_id!r} {problem} of the {len(design)} runs in {store.folder}")
    again = Design(study, code_version(study.strategies))
    same = (again.table["arm"] == rows["arm"].iloc[0]) & (
        again.table["replicate"] == rows["replicate"].iloc[0]
    )
    return again.job(int(same.to_numpy().argmax()))


def _view(result: pd.DataFrame) -> View:
    rows: list[tuple[Head, list[Cell]]] = [
        (of_metric(name), [Amount(float(x)) for x in result[name]]) for name in METRICS
    ]
    return by_row("", ["", *result["brand"]], rows)


def _compare(out: Console, store: Store, job: Job, again: pd.DataFrame) -> None:
    """Say whether the run on disk, if there is one, has the same results bit by bit."""
    kept = store.read("runs")
    if kept.empty:
        return
    own = kept[(kept["config_hash"] == job.config_hash) & (kept["seed"] == job.seed)]
    if own.empty:
        return
    names = [name for name in METRICS if name in own.columns]
    own = own.drop_duplicates("brand").set_index("brand").loc[again["brand"], names]
    same = np.array_equal(own.to_numpy(), again[names].to_numpy(), equal_nan=True)
    text = "equal, bit by bit, to the results on disk" if same else "NOT the results on disk"
    if set(kept["code"]) != {job.code}:
        text += " (which other code has computed)"
    out.print(text, soft_wrap=True)

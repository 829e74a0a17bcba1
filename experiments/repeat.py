"""One run of a study again: the same market, the same seed, in this process."""

import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from rich.console import Console

from experiments import console, formats, identity, provenance
from experiments.across import ID
from experiments.designs import Design, Job
from experiments.errors import StudyError, UsageError
from experiments.metrics import METRICS
from experiments.scales import Amount
from experiments.simulate import Tables, simulate
from experiments.store import UNKNOWN, Store
from experiments.study import Study, load
from experiments.tabular import Cell, Head, View, by_row, of_metric
from sim.config.yaml_file import ConfigError

SHOWN = 12
"""So many numbers that differ are shown."""
ROW = {"runs": ["brand"], "series": ["brand", "day"], "curves": ["brand", "curve", "x", "y"]}
"""What tells the rows of a run apart in its tables; orders are in an order of their own."""


def repeat(folder: Path, run_id: str, anyway: bool = False) -> int:
    """Repeat a run, print its results, and say whether they are those on disk to the bit.

    Parameters
    ----------
    folder, run_id
        The results folder, and the run or the beginning of its id.
    anyway
        Compute it though what it depends on has changed since.

    Returns
    -------
    int
        Exit code: 1 if the run failed again, or its numbers are others though nothing has changed.

    Raises
    ------
    UsageError
        If there is no such folder or run.
    StudyError
        If what the run depends on has changed since, or is gone.
    """
    store = Store(folder)
    asked = _asked(store, run_id)
    study = _study(store, asked)
    job = _job(study, asked)
    kept = store.read("runs", runs=[asked.run_id])
    changes = list(_changes(store, study, asked, job, kept))
    if changes and not kept.empty and not anyway:
        raise StudyError(
            f"{asked.name} cannot be repeated as it was: {'; '.join(changes)}. "
            "--anyway computes it with what is there now"
        )
    out = console.make()
    out.print(f"{asked.name}, seed {job.seed}", soft_wrap=True)
    for change in changes:
        out.print(f"NOT as it was: {change}", soft_wrap=True)
    try:
        tables = simulate(job, study.record)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return 1
    out.print(console.table(_view(tables["runs"].to_pandas())))
    same = kept.empty or _compare(out, store, asked, tables)
    return 0 if same or changes else 1


@dataclass(frozen=True)
class _Asked:
    """The run to be repeated, as the design has it."""

    run_id: str
    arm: str
    replicate: int
    config_hash: str
    market: str | None

    @property
    def name(self) -> str:
        where = f"market {self.market}, " if self.market else ""
        return f"run {self.run_id} ({where}{self.arm}, replicate {self.replicate})"


def _asked(store: Store, run_id: str) -> _Asked:
    """Return the run of an id or of the beginning of one."""
    store.config()
    design = store.design()
    rows = design[design["run_id"].str.startswith(run_id)]
    if rows["run_id"].nunique() != 1 or not run_id:
        problem = "is not one" if rows.empty else "begins more than one"
        raise UsageError(f"{run_id!r} {problem} of the {len(design)} runs in {store.folder}")
    row = rows.iloc[0]
    where = (row["run_id"], row["arm"], int(row["replicate"]), row["config_hash"])
    return _Asked(*where, row.get(ID))


def _study(store: Store, asked: _Asked) -> Study:
    try:
        return load(store.config())
    except ConfigError as error:
        raise StudyError(
            f"{asked.name} cannot be repeated: its market cannot be made here any more. "
            f"What was found can still be read, by `huitou report {store.folder}`.\n{error}"
        ) from error


def _job(study: Study, asked: _Asked) -> Job:
    """Return the same run as it would be computed today."""
    code, metrics = identity.code_version(study.strategies), identity.metrics_version()
    design = Design(study, code, metrics)
    same = (design.table["arm"] == asked.arm) & (design.table["replicate"] == asked.replicate)
    if asked.market is not None:
        same &= design.table[ID] == asked.market
    if not same.any():
        raise StudyError(f"{asked.name} is no run of the study as this program reads it")
    return design.job(int(same.to_numpy().argmax()))


def _changes(
    store: Store, study: Study, asked: _Asked, job: Job, kept: pd.DataFrame
) -> Iterator[str]:
    """Yield what is not as it was when the run was computed."""
    manifest = store.manifest()
    if job.config_hash != asked.config_hash:
        now = identity.data_files(job.market)
        then = {name: manifest.get("data_files", {}).get(name) for name in now}
        changed = provenance.differences(then if any(then.values()) else {}, now)
        yield (
            f"the data file {' or '.join(changed)} has changed"
            if changed
            else "its market is another (a parameter, or the name of a data file)"
        )
    if kept.empty:
        return
    if kept["code"].iloc[0] != job.code:
        parts = identity.code_parts(study.strategies)
        changed = provenance.differences(manifest.get("code_parts"), parts)
        yield f"the code of {' and '.join(changed) or 'the program'} has changed"
    version = kept.get("metrics_version", pd.Series(UNKNOWN)).iloc[0]
    if version != job.metrics:
        yield f"the definitions of metrics have changed (version {version or 'unknown'})"


def _view(result: pd.DataFrame) -> View:
    rows: list[tuple[Head, list[Cell]]] = [
        (of_metric(name), [Amount(float(x)) for x in result[name]]) for name in METRICS
    ]
    return by_row("", ["", *result["brand"]], rows)


def _compare(out: Console, store: Store, asked: _Asked, again: Tables) -> bool:
    """Say whether all that is on disk of the run is the same bit by bit, or what differs."""
    found = [text for kind in again for text in _different(store, asked, kind, again[kind])]
    if not found:
        out.print("equal, bit by bit, to the results on disk", soft_wrap=True)
        return True
    out.print(f"NOT the results on disk: {formats.count(len(found), 'number')} differ")
    for text in found[:SHOWN]:
        out.print(f"  {text}", soft_wrap=True)
    if len(found) > SHOWN:
        out.print(f"  and {len(found) - SHOWN:,} more")
    return False


def _different(store: Store, asked: _Asked, kind: str, table: pa.Table) -> Iterator[str]:
    """Yield what of a table of a run is not as it is on disk."""
    new, old = table.to_pandas(), store.read(kind, runs=[asked.run_id])
    if old.empty and kind != "runs":
        return  # it was not recorded
    keys = ROW.get(kind, [])
    if len(new) != len(old):
        yield f"{kind}: {len(old):,} rows on disk, {len(new):,} now"
        return
    if keys:
        new, old = (x.sort_values(keys, ignore_index=True, kind="stable") for x in (new, old))
    for column in new.columns:
        if column not in old:
            yield f"{column}: not on disk"
            continue
        a, b = old[column], new[column]
        for row in (~((a == b) | (a.isna() & b.isna()))).to_numpy().nonzero()[0]:
            where = " ".join(str(new[key][row]) for key in keys)
            yield f"{column} of {where or row}: {a[row]} on disk, {b[row]} now"

"""A study from beginning to end: what is on disk already, the rest, the summary."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import engines, provenance, worker
from experiments.designs import KEY, Design
from experiments.errors import Interrupted, StudyError, UsageError
from experiments.files import clear_temporary, locked, write_bytes
from experiments.formats import count
from experiments.identity import SEED_SCHEME, code_version
from experiments.networks import IDS, ids_table, reports
from experiments.progress import Progress
from experiments.room import refuse_too_large
from experiments.runner import Driver
from experiments.store import Store
from experiments.study import Study, load, resolved
from experiments.warm import warm

Rows = Callable[[Design], NDArray[np.int64]]
"""From a design to some of its rows."""


@dataclass(frozen=True)
class Outcome:
    """How a study stands.

    Attributes
    ----------
    store, design
        Its folder, and its design with the runs that answer for it.
    planned, done, computed
        Different runs: in all, on disk now, computed just now.
    failures
        Rows of runs that failed and are not on disk.
    codes
        Code versions of the runs on disk.
    """

    store: Store
    design: pd.DataFrame
    planned: int
    done: int
    computed: int
    failures: list[dict[str, Any]]
    codes: list[str]


def folder_of(study: Study, root: Path) -> Path:
    """Return the results folder of a study."""
    return root / f"{study.name}-{study.hash8}"


def conduct(
    study: Study,
    root: Path,
    progress: Progress,
    *,
    workers: int | None = None,
    allow_mixed: bool = False,
    command: str = "",
    only: Rows | None = None,
    simulate: worker.Simulate = worker.simulate,
) -> Outcome:
    """Compute what is missing of a study, and leave its folder complete but for the summary.

    Parameters
    ----------
    study
        What is to be computed.
    root
        The folder in which it has its folder.
    progress
        Told how far it is.
    workers
        How many processes; as the study says if not given.
    allow_mixed
        Whether runs that other code has computed will do.
    command
        What was typed, for the manifest.
    only
        From the design to the rows that are to be computed now; all of them if not given.
    simulate
        What computes a run.

    Raises
    ------
    StudyError
        If it does not fit into memory, or the folder is in use, or was computed by other code, or
        too many runs fail.
    Interrupted
        On Ctrl-C.
    StorageError
        If the folder cannot be written.
    """
    number = workers or study.execute.workers or engines.processors()
    refuse_too_large(study, number)
    code = code_version(study.strategies)
    store = Store(folder_of(study, root))
    session = _Session(study, store, Design(study, code), code, allow_mixed, command, only)
    found = session.found()
    if session.complete(found):
        return session.outcome(found, 0)
    with locked(store.folder):
        clear_temporary(store.folder)
        # Asked again: another process may just have finished.
        return session.run(session.found(), progress, number, simulate)


def reopen(folder: Path) -> tuple[Study, Outcome]:
    """Return a study as its folder has it, whole or not, without computing anything.

    Raises
    ------
    UsageError
        If it is no results folder.
    StorageError
        If its design cannot be read.
    """
    if not (folder / "config.resolved.yaml").is_file():
        raise UsageError(f"{folder} is not a results folder: it has no config.resolved.yaml")
    study, store = load(folder / "config.resolved.yaml"), Store(folder)
    design, done = store.design(), store.done(study.record)
    there = done[done["run_id"].isin(design["run_id"])]
    return study, Outcome(
        store=store,
        design=design,
        planned=design["run_id"].nunique(),
        done=len(there),
        computed=0,
        failures=[row for row in store.failures() if row["run_id"] not in set(there["run_id"])],
        codes=sorted(there["code"].unique()),
    )


@dataclass
class _Session:
    """One go at a study, by the holder of the lock."""

    study: Study
    store: Store
    design: Design
    code: str
    allow_mixed: bool
    command: str
    only: Rows | None

    def __post_init__(self) -> None:
        self.planned = len(self.design.different)
        self.wanted = self.design.different
        if self.only:
            self.wanted = np.intersect1d(self.wanted, self.only(self.design))
        self.codes: list[str] = []
        self.networks: list[str] = []
        self.started, self.began = time.time(), time.monotonic()  # a clock may be set

    def found(self) -> pd.Series:
        """Return the run on disk that answers for each row of the design, missing where none does.

        Raises
        ------
        StudyError
            If other code computed some, and that is not allowed.
        """
        done = self.store.done(self.study.record)
        rows = self.design.table[KEY]
        # Where today's code and other code have computed the same run, today's counts.
        done = done.sort_values("code", key=lambda code: code != self.code, kind="stable")
        done = done.drop_duplicates(KEY)
        answers = rows.merge(done, on=KEY, how="left")
        self.codes = sorted(answers["code"].dropna().unique())
        foreign = answers["run_id"].notna() & (answers["code"] != self.code)
        if foreign.any() and not self.allow_mixed:
            runs = count(answers["run_id"][foreign].nunique(), "run")
            raise StudyError(
                f"{runs} in {self.store.folder} were computed by other code than today's. "
                "Remove the folder or choose another with --results to compute them afresh; "
                "--allow-mixed keeps them"
            )
        return answers["run_id"]

    def done(self, found: pd.Series) -> int:
        """Return how many different runs are on disk."""
        return int(found.iloc[self.design.different].notna().sum())

    def complete(self, found: pd.Series) -> bool:
        """Tell whether there is nothing to compute and nothing to write."""
        return (
            not len(self.missing(found))
            and self.store.has_design(len(self.design))
            and self.store.has_config(resolved(self.study))
            and (self.only is not None or self.store.manifest().get("status") == "complete")
        )

    def missing(self, found: pd.Series) -> NDArray[np.int64]:
        """Return the rows of the runs that are still to be computed."""
        return self.wanted[found.iloc[self.wanted].isna().to_numpy()]

    def run(
        self,
        found: pd.Series,
        progress: Progress,
        workers: int,
        simulate: worker.Simulate,
    ) -> Outcome:
        """Compute what is not found, whatever happens leaving a folder that says how it stands."""
        missing = self.missing(found)
        self.store.write_config(resolved(self.study))
        self.networks = reports(self.study)
        if self.networks:
            write_bytes(self.store.folder / IDS, ids_table(self.study))
        self.store.write_design(self._answered(found))
        driver = Driver(self.study, self.store, progress, simulate, workers)
        self._manifest("running", found, driver)
        status = "stopped"
        try:
            if len(missing):
                if simulate is worker.simulate:
                    warm(self.study, self.code, progress.note)
                progress.start(self.study.name, len(self.wanted), len(self.wanted) - len(missing))
                driver.run(self.design.jobs(missing), len(missing), len(self.wanted))
            status = "planned" if self.only else "incomplete" if driver.failed else "complete"
        except (Interrupted, KeyboardInterrupt):
            status = "interrupted"
        finally:
            progress.stop()
            found = self._finish(status, driver)
        if status == "interrupted":
            raise Interrupted(
                f"interrupted: {self.done(found)} of {self.planned} runs are kept in "
                f"{self.store.folder}, and the same command carries on"
            )
        return self.outcome(found, driver.computed)

    def _finish(self, status: str, driver: Driver) -> pd.Series:
        """Tidy up and say how far it is; never hide the reason for stopping."""
        stopping = sys.exc_info()[0] is not None
        found = pd.Series(dtype="str")
        try:
            found = self.found()
            if status in ("complete", "incomplete"):
                self.store.compact()
            self.store.write_failures(self._outstanding(found))
            self._manifest(status, found, driver)
        except StudyError:
            if not stopping:
                raise
        return found

    def _outstanding(self, found: pd.Series) -> list[dict[str, Any]]:
        """Return the last failure of each run that is still not on disk."""
        on_disk = set(found.dropna())
        rows = {r["run_id"]: r for r in self.store.failures() if r["run_id"] not in on_disk}
        return list(rows.values())

    def outcome(self, found: pd.Series, computed: int) -> Outcome:
        """Say how the study stands."""
        return Outcome(
            store=self.store,
            design=self._answered(found),
            planned=self.planned,
            done=self.done(found),
            computed=computed,
            failures=self._outstanding(found),
            codes=self.codes,
        )

    def _answered(self, found: pd.Series) -> pd.DataFrame:
        """Return the design, with the runs on disk in place of those that other code would do."""
        ids = found.fillna(self.design.table["run_id"])
        return self.design.table.assign(run_id=ids)

    def _manifest(self, status: str, found: pd.Series, driver: Driver) -> None:
        sessions = self.store.manifest().get("sessions", [])
        runs = {"planned": self.planned, "done": self.done(found), "failed": len(driver.failed)}
        manifest: dict[str, Any] = {
            "schema": 1,
            "name": self.study.name,
            "study": self.study.kind,
            "hash8": self.study.hash8,
            "status": status,
            "runs": runs,
            "base_seed": self.study.replicates.seed,
            "seed_scheme": SEED_SCHEME,
            "code_versions": sorted({*self.codes, self.code}),
            "git": provenance.git(),
            "networks": self.networks,
            "versions": provenance.versions(),
            "host": provenance.host(),
            "sessions": [s for s in sessions if s["started"] != provenance.stamp(self.started)],
        }
        manifest["sessions"].append(
            {
                "started": provenance.stamp(self.started),
                "seconds": round(time.monotonic() - self.began, 3),
                "workers": driver.workers,
                "runs": driver.computed,
                "run_seconds": round(driver.seconds, 3),
                "command": self.command,
            }
        )
        self.store.write_manifest(manifest)

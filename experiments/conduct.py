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
from experiments.errors import Interrupted, StudyError
from experiments.files import clear_temporary, locked, write_bytes
from experiments.formats import count
from experiments.identity import SEED_SCHEME, code_parts, code_version, metrics_version
from experiments.networks import IDS, ids_table, reports
from experiments.progress import Progress
from experiments.room import refuse_too_large
from experiments.runner import Driver
from experiments.store import Store
from experiments.study import Study, reread, resolved
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
    codes, metrics
        Versions of the code and of the definitions of metrics of the runs on disk.
    """

    store: Store
    design: pd.DataFrame
    planned: int
    done: int
    computed: int
    failures: list[dict[str, Any]]
    codes: list[str]
    metrics: list[str]


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
    recompute: bool = False,
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
    allow_mixed, recompute
        What becomes of runs that other code has computed: they will do, or are computed again;
        they stop the study if neither is said.
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
        too many runs fail, or code has changed since this process loaded it.
    Interrupted
        On Ctrl-C.
    StorageError
        If the folder cannot be written.
    """
    number = workers or study.execute.workers or engines.processors()
    refuse_too_large(study, number)
    code, metrics = code_version(study.strategies), metrics_version()
    store, design = Store(folder_of(study, root)), Design(study, code, metrics)
    rule = _Rule(code, metrics, allow_mixed, recompute)
    session = _Session(study, store, design, rule, command, only)
    found = session.found()
    if session.complete(found):
        return session.outcome(found, 0)
    with locked(store.folder):
        clear_temporary(store.folder)
        # Asked again: another process may just have finished.
        return session.run(session.found(), progress, number, simulate)


def reopen(folder: Path) -> tuple[Study, Outcome]:
    """Return a study as its folder has it, whole or not, without computing anything.

    It can be read wherever the folder is: without the files and the strategies of its markets.

    Raises
    ------
    UsageError
        If it is no results folder.
    ConfigError
        If the study in it is not one that this program knows.
    StorageError
        If its design cannot be read.
    """
    store = Store(folder)
    study = reread(store.config())
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
        metrics=sorted(there["metrics_version"].unique()),
    )


@dataclass(frozen=True)
class _Rule:
    """Which stored runs will do."""

    code: str
    metrics: str
    allow_mixed: bool
    recompute: bool

    def choose(self, done: pd.DataFrame) -> pd.DataFrame:
        """Return the best of the runs that compute the same, with `own` code, and if it `will_do`.

        Numbers by different definitions are never put together, whatever is allowed.
        """
        own, alike = done["code"] == self.code, done["metrics_version"] == self.metrics
        done = done.assign(own=own, will_do=alike & (own | self.allow_mixed))
        best = done.sort_values(["will_do", "own"], ascending=False, kind="stable")
        return best.drop_duplicates(KEY)


@dataclass
class _Session:
    """One go at a study, by the holder of the lock."""

    study: Study
    store: Store
    design: Design
    rule: _Rule
    command: str
    only: Rows | None

    def __post_init__(self) -> None:
        self.planned = len(self.design.different)
        self.wanted = self.design.different
        if self.only:
            self.wanted = np.intersect1d(self.wanted, self.only(self.design))
        self.codes: list[str] = []
        self.networks: list[str] = []
        self.stale = 0  # runs on disk whose numbers have another meaning than today's
        self.started, self.began = time.time(), time.monotonic()  # a clock may be set

    def found(self) -> pd.Series:
        """Return the run on disk that answers for each row of the design, missing where none does.

        Raises
        ------
        StudyError
            If other code computed some, and that is not allowed.
        """
        done = self.rule.choose(self.store.done(self.study.record))
        answers = self.design.table[KEY].merge(done, on=KEY, how="left")
        there = answers["run_id"].notna()
        will_do = there & answers["will_do"].eq(True)
        foreign = there & answers["own"].eq(False)
        if foreign.any() and not self.rule.allow_mixed and not self.rule.recompute:
            self._refuse(answers["run_id"][foreign].nunique())
        self.codes = sorted(answers["code"][will_do].unique())
        self.stale = answers["run_id"][there & ~will_do].nunique()
        return answers["run_id"].where(will_do)

    def _refuse(self, number: int) -> None:
        then, now = self.store.manifest().get("code_parts"), code_parts(self.study.strategies)
        what = ", ".join(provenance.differences(then, now))
        raise StudyError(
            f"{count(number, 'run')} in {self.store.folder} were computed by other code than "
            f"today's{f' (changed: {what})' if what else ''}. --recompute computes them again, "
            "--allow-mixed keeps them, and --results puts the study into another folder; "
            f"`huitou report {self.store.folder}` shows what is there"
        )

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
        if self.stale:
            progress.note(
                f"{count(self.stale, 'run')} in {self.store.folder} were measured or computed by "
                "other code than today's, and are computed again: numbers that mean different "
                "things are not put together"
            )
        self._manifest("running", found, driver)
        status = "stopped"
        try:
            if len(missing):
                if simulate is worker.simulate:
                    warm(self.study, self.rule.code, progress.note)
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
            metrics=[self.rule.metrics] if self.done(found) else [],
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
            "code_versions": sorted({*self.codes, self.rule.code}),
            "code_parts": code_parts(self.study.strategies),
            "metrics_version": self.rule.metrics,
            "data_files": provenance.data_files(self.study),
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

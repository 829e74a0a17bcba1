"""A study from beginning to end: what is on disk already, the rest, the summary."""

import datetime
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

import sim
from experiments import engines, worker
from experiments.designs import Job, Key, design, plan
from experiments.errors import Interrupted, StudyError
from experiments.files import clear_temporary, locked
from experiments.identity import SEED_SCHEME, code_version
from experiments.progress import Progress
from experiments.runner import Driver
from experiments.store import Store
from experiments.study import Study, resolved
from experiments.warm import warm

PACKAGES = ("huitou", "mesa", "numpy", "numba", "scipy", "pandas", "pyarrow", "pydantic")


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
    simulate: worker.Simulate = worker.simulate,
) -> Outcome:
    """Compute what is missing of a study, and leave its folder complete but for the summary.

    Raises
    ------
    StudyError
        If the folder is in use, or was computed by other code, or too many runs fail.
    Interrupted
        On Ctrl-C.
    StorageError
        If the folder cannot be written.
    """
    code = code_version(study.strategies)
    jobs = plan(study, code)
    store = Store(folder_of(study, root))
    session = _Session(study, store, jobs, code, allow_mixed, command)
    found = session.found()
    if session.complete(found):
        return session.outcome(found, 0)
    with locked(store.folder):
        clear_temporary(store.folder)
        # Asked again: another process may just have finished.
        return session.run(session.found(), progress, workers, simulate)


@dataclass
class _Session:
    """One go at a study, by the holder of the lock."""

    study: Study
    store: Store
    jobs: list[Job]
    code: str
    allow_mixed: bool
    command: str

    def __post_init__(self) -> None:
        self.unique = {job.key: job for job in self.jobs}
        self.codes: list[str] = []
        self.started = time.time()

    def found(self) -> dict[Key, str]:
        """Return the run on disk for each job that has one.

        Raises
        ------
        StudyError
            If other code computed some, and that is not allowed.
        """
        on_disk = self.store.done(self.study.record)
        found: dict[Key, str] = {}
        codes: set[str] = set()
        foreign = 0
        for key in self.unique:
            runs = {made_by: run for run, made_by in sorted(on_disk.get(key, ()))}
            made_by = self.code if self.code in runs else next(iter(runs), None)
            if made_by is not None:
                found[key] = runs[made_by]
                codes.add(made_by)
                foreign += made_by != self.code
        self.codes = sorted(codes)
        if foreign and not self.allow_mixed:
            raise StudyError(
                f"{foreign} runs in {self.store.folder} were computed by other code than today's. "
                "Remove the folder or choose another with --results to compute them afresh; "
                "--allow-mixed keeps them"
            )
        return found

    def complete(self, found: Mapping[Key, str]) -> bool:
        """Tell whether there is nothing to compute and nothing to write."""
        return (
            found.keys() == self.unique.keys()
            and self.store.manifest().get("status") == "complete"
            and self.store.has_design(len(self.jobs))
        )

    def run(
        self,
        found: dict[Key, str],
        progress: Progress,
        workers: int | None,
        simulate: worker.Simulate,
    ) -> Outcome:
        """Compute what is not found, whatever happens leaving a folder that says how it stands."""
        missing = [job for key, job in self.unique.items() if key not in found]
        number = workers or self.study.execute.workers or engines.processors()
        self.store.write_config(resolved(self.study))
        self.store.write_design(design(self.jobs, self.study.baseline, found))
        driver = Driver(self.study, self.store, progress, simulate, number)
        self._manifest("running", found, driver)
        status = "stopped"
        try:
            if missing:
                if simulate is worker.simulate:
                    warm(self.study, self.code, progress.note)
                progress.start(self.study.name, len(self.unique), len(found))
                driver.run(missing, len(self.unique))
            status = "incomplete" if driver.failed else "complete"
        except (Interrupted, KeyboardInterrupt):
            status = "interrupted"
        finally:
            progress.stop()
            found = self._finish(status, driver)
        if status == "interrupted":
            raise Interrupted(
                f"interrupted: {len(found)} of {len(self.unique)} runs are kept in "
                f"{self.store.folder}, and the same command carries on"
            )
        return self.outcome(found, len(driver.seconds))

    def _finish(self, status: str, driver: Driver) -> dict[Key, str]:
        """Tidy up and say how far it is; never hide the reason for stopping."""
        stopping = sys.exc_info()[0] is not None
        found: dict[Key, str] = {}
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

    def _outstanding(self, found: Mapping[Key, str]) -> list[dict[str, Any]]:
        """Return the last failure of each run that is still not on disk."""
        on_disk = set(found.values())
        rows = {r["run_id"]: r for r in self.store.failures() if r["run_id"] not in on_disk}
        return list(rows.values())

    def outcome(self, found: Mapping[Key, str], computed: int) -> Outcome:
        """Say how the study stands."""
        return Outcome(
            store=self.store,
            design=design(self.jobs, self.study.baseline, found),
            planned=len(self.unique),
            done=len(found),
            computed=computed,
            failures=self._outstanding(found),
            codes=self.codes,
        )

    def _manifest(self, status: str, found: Mapping[Key, str], driver: Driver) -> None:
        sessions = self.store.manifest().get("sessions", [])
        runs = {"planned": len(self.unique), "done": len(found), "failed": len(driver.failed)}
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
            "git": _git(),
            "versions": _versions(),
            "host": _host(),
            "sessions": [s for s in sessions if s["started"] != _stamp(self.started)],
        }
        manifest["sessions"].append(
            {
                "started": _stamp(self.started),
                "seconds": round(time.time() - self.started, 3),
                "workers": driver.workers,
                "runs": len(driver.seconds),
                "run_seconds": round(sum(driver.seconds.values()), 3),
                "command": self.command,
            }
        )
        self.store.write_manifest(manifest)


# -- the manifest's facts -------------------------------------------------------------------------


def _stamp(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a checkout that is not installed
            found[name] = "not installed"
    return found


def _host() -> dict[str, Any]:
    return {
        "name": platform.node(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "processors": engines.processors(),
    }


def _cpu() -> str:
    """Return the processor's model: results are the same bit by bit on one model."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), "")


def _git() -> dict[str, Any] | None:
    """Return the commit that `sim` is at, None outside a checkout."""
    folder = Path(sim.__path__[0])

    def ask(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()

    try:
        return {
            "commit": ask("rev-parse", "HEAD"),
            "dirty": bool(ask("status", "--porcelain", ".")),
        }
    except (OSError, subprocess.SubprocessError):
        return None

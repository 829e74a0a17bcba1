"""A study from beginning to end: what is on disk already, the rest, the summary."""

import datetime
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

import sim
from experiments import engines, worker
from experiments.designs import KEY, Design
from experiments.errors import Interrupted, StudyError
from experiments.files import clear_temporary, locked
from experiments.formats import count
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
    store = Store(folder_of(study, root))
    session = _Session(study, store, Design(study, code), code, allow_mixed, command)
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
    design: Design
    code: str
    allow_mixed: bool
    command: str

    def __post_init__(self) -> None:
        self.planned = len(self.design.different)
        self.codes: list[str] = []
        self.started = time.time()

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
            bool(found.notna().all())
            and self.store.manifest().get("status") == "complete"
            and self.store.has_design(len(self.design))
        )

    def run(
        self,
        found: pd.Series,
        progress: Progress,
        workers: int | None,
        simulate: worker.Simulate,
    ) -> Outcome:
        """Compute what is not found, whatever happens leaving a folder that says how it stands."""
        different = self.design.different
        missing = different[found.iloc[different].isna().to_numpy()]
        number = workers or self.study.execute.workers or engines.processors()
        self.store.write_config(resolved(self.study))
        self.store.write_design(self._answered(found))
        driver = Driver(self.study, self.store, progress, simulate, number)
        self._manifest("running", found, driver)
        status = "stopped"
        try:
            if len(missing):
                if simulate is worker.simulate:
                    warm(self.study, self.code, progress.note)
                progress.start(self.study.name, self.planned, self.planned - len(missing))
                driver.run(self.design.jobs(missing), len(missing), self.planned)
            status = "incomplete" if driver.failed else "complete"
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
                "runs": driver.computed,
                "run_seconds": round(driver.seconds, 3),
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

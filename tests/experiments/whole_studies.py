"""Studies with everything in them, what they find, and how two of them are held together."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pandas as pd
from tiny_studies import Notes, run_as_process, study, write_study

from experiments.conduct import Outcome, conduct, folder_of
from experiments.results import Results
from experiments.store import Store
from experiments.study import load

N = 60
ALL = {
    "series": "true",
    "strategies": "{service_followup: {}, referral: {ask_day: 3, vest_days: 5, koc_from: 1}, "
    "agent_recruitment: {referrals_needed: 0, courses: 0, ask_every: 5, vest_days: 5}}",
}
"""Days are kept; in one arm friends are invited and goods resold. All of that must come back."""


def finished(folder: Path, n: int = N, results: Path | None = None, **options: Any) -> Outcome:
    """Carry a study out, in this process unless told otherwise."""
    asked = study(folder, n, **ALL, **options)
    outcome = conduct(asked, results or folder / "results", Notes())
    assert outcome.done == outcome.planned
    return outcome


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Everything that a study found, without how long it took."""
    results = Results(folder)
    kinds = {kind: results.store.read(kind) for kind in ("runs", "series", "curves")}
    kinds["runs"] = kinds["runs"].drop(columns="seconds")
    ordered = {
        kind: frame.sort_values(list(frame.columns[:3]), kind="stable", ignore_index=True)
        for kind, frame in kinds.items()
    }
    return ordered | results.summary


def assert_same(a: dict[str, pd.DataFrame], b: dict[str, pd.DataFrame]) -> None:
    """See that two studies found the same to the bit."""
    assert a.keys() == b.keys()
    for name, table in a.items():
        keys = [c for c in ("run_id", "brand", "curve", "x", "y", "day") if c in table.columns]
        one, two = (t.sort_values(keys, ignore_index=True) if keys else t for t in (table, b[name]))
        pd.testing.assert_frame_equal(one, two, check_exact=True, obj=name)


def done(folder: Path, path: Path) -> int:
    """Return how many runs of a study are on disk."""
    return len(Store(folder).done(load(path).record))


def start(folder: Path, workers: int = 2, more: int = 0) -> tuple[subprocess.Popen[str], Path]:
    """Start a study as a process; return when it has finished some runs beyond `more`."""
    path = write_study(folder, N, engine="local", **ALL)
    process = run_as_process(
        "compare", path, "--workers", workers, folder=folder, start_new_session=True
    )
    results = folder_of(load(path), folder / "results")
    until = time.monotonic() + 300
    while done(results, path) <= more and time.monotonic() < until:
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.01)
    return process, results


def close(process: subprocess.Popen[str]) -> str:
    """Let go of a process that has ended; return what it said."""
    assert process.stdout is not None and process.stderr is not None
    text = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    return text

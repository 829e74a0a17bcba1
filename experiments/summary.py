"""When a summary has to be made afresh."""

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

import experiments
from experiments import sources
from experiments.identity import digest
from experiments.kinds import Tables
from experiments.store import Store
from experiments.study import Study, resolved


def stored(study: Study, store: Store, design: pd.DataFrame) -> tuple[str, Tables | None]:
    """Return what a summary would be made from now, and its tables if they are that on disk."""
    present = set(store.read("runs", ["run_id"])["run_id"]) & set(design["run_id"])
    mark = fingerprint(study, design, present)
    return mark, store.tables() if store.summary().get("fingerprint") == mark else None


def fingerprint(study: Study, design: pd.DataFrame, present: Iterable[str]) -> str:
    """Return what a summary is made from: runs, question, and the code that makes it."""
    folder = Path(experiments.__path__[0])
    files = sorted([*folder.rglob("*.py"), *folder.rglob("*.j2")])
    code = (sources.content(path) for path in files)
    kept = {k: v for k, v in resolved(study).items() if k not in ("execute", "budget")}
    asked = json.dumps(kept, default=str)  # in which a tuple is a list, as in a file
    return digest(study.kind, study.of, asked, str(len(design)), *sorted(present), *code)

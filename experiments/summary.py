"""When a summary has to be made afresh."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

import experiments
from experiments.identity import digest, essence
from experiments.study import Study, resolved


def fingerprint(study: Study, design: pd.DataFrame, present: Iterable[str]) -> str:
    """Return what a summary is made from: runs, question, and the code that makes it."""
    folder = Path(experiments.__path__[0])
    sources = sorted([*folder.rglob("*.py"), *folder.rglob("*.j2")])
    texts = ((p.suffix, p.read_text(encoding="utf-8")) for p in sources)
    code = (essence(text) if suffix == ".py" else text for suffix, text in texts)
    asked = repr({k: v for k, v in resolved(study).items() if k not in ("execute", "budget")})
    return digest(study.kind, study.of, asked, str(len(design)), *sorted(present), *code)

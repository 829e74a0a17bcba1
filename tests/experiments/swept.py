"""What the tests of sweeps share: a study file, and a stand-in for a run whose means are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from tiny_studies import MARKET, Notes

from experiments.conduct import Outcome, conduct
from experiments.designs import Job
from experiments.study import Study, load
from experiments.studyfile import Record
from experiments.worker import Tables

SWEEP = """\
schema: 1
study: sweep
market: {{use: market.yaml, set: {{{sets}}}}}
of: A
response: long_run_revenue
factors: {factors}
design: {design}
replicates: {{n: {n}, seed: {seed}, crn: {crn}}}
execute: {{engine: inline}}
on_failure: {{max_fraction: 1}}
{more}
"""
FACTORS = "{brands.A.late: {range: [0, 0.4]}, people.n: {integers: [10, 40], step: 15}}"


def write(
    folder: Path,
    factors: str = FACTORS,
    design: str = "{name: grid, levels: 3}",
    n: int = 4,
    seed: int = 1,
    crn: str = "block",
    sets: str = "",
    more: str = "",
) -> Path:
    (folder / "market.yaml").write_text(MARKET)
    path = folder / "s.yaml"
    values = {"factors": factors, "design": design, "n": n, "seed": seed, "crn": crn}
    path.write_text(SWEEP.format(**values, sets=sets, more=more))
    return path


def study(folder: Path, **options: object) -> Study:
    return load(write(folder, **options))  # type: ignore[arg-type]


def truth(late: float, people: int) -> float:
    """Return the mean of the stand-in's response."""
    return 1000 * late + people


def made(job: Job, record: Record) -> Tables:
    """Return a response of known mean, with luck that points of a replicate share."""
    luck = np.random.default_rng(job.seed % 2**32)
    own = np.random.default_rng([job.seed % 2**32, *job.arm.encode()])
    mean = truth(job.market["brands"]["A"]["late"], job.market["people"]["n"])
    y = mean + 50 * luck.normal() + own.normal()
    frame = pd.DataFrame({"brand": ["A", "B"], "long_run_revenue": [y, -y], "gmv": [2 * y, 0.0]})
    return {"runs": pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()}


def undefined(job: Job, record: Record) -> Tables:
    """Fail in replicate 1 of point 2 and in all of point 5; have no value for 25 people."""
    if job.arm == "5" or (job.replicate == 1 and job.arm == "2"):
        raise ValueError("no luck")
    tables = made(job, record)
    if job.market["people"]["n"] == 25:
        frame = tables["runs"].to_pandas().assign(long_run_revenue=np.nan)
        tables["runs"] = pa.Table.from_pandas(frame, preserve_index=False)
    return tables


def carry_out(own: Study, folder: Path, simulate=made) -> Outcome:  # type: ignore[no-untyped-def]
    return conduct(own, folder / "results", Notes(), simulate=simulate)


def tables(own: Study, folder: Path, simulate=made):  # type: ignore[no-untyped-def]
    outcome = carry_out(own, folder, simulate)
    return own.rules.tables(own, outcome.store, outcome.design)


def said(own, folder, simulate=made) -> tuple[list[str], list[str], dict]:
    """Return findings, caveats and tables."""
    found = tables(own, folder, simulate)
    return own.rules.findings(own, found), own.rules.caveats(own, found), found

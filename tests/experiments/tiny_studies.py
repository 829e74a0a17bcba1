"""What the tests of studies share: a tiny market, stand-ins for a run. Workers import it too."""

import functools
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from experiments.designs import Job
from experiments.metrics import METRICS
from experiments.progress import Silent
from experiments.records import Records, observe
from experiments.study import Study, load
from experiments.studyfile import Record
from experiments.worker import Tables
from sim.config.remarks import Remark
from sim.config.yaml_file import parse
from sim.market import Market

MARKET = """\
days: 100
burn_in: 20
terminal_period: 10
people: {n: 80}
network: {kind: small_world, mean_degree: 4, rewire: 0.1}
categories:
  cream: {usage: {dist: gamma, mean: 24, shape: 2}, price: 199}
brands:
  A:
    awareness: 0.6
    advertising: {spend: 50}
    products: {cream: {category: cream, price: 199, unit_cost: 56, fault_rate: 0.1}}
  B:
    awareness: 0.6
    products: {cream: {category: cream, price: 159, unit_cost: 50}}
"""

SOCIAL = """\
days: 240
burn_in: 60
terminal_period: 30
people: {n: 400, entry: {kind: steady, later: 0.5}}
network: {kind: small_world, mean_degree: 8, rewire: 0.1}
behaviour:
  touch: {response: 0.9}
  referral: {asked: 2, acceptance_intercept: -0.5, trigger: 0.5}
  direct_selling: {join_intercept: -0.5, quit_intercept: -1.5, trigger: 0.5}
categories:
  cream: {usage: {dist: gamma, mean: 24, shape: 2}, price: 199}
brands:
  A:
    awareness: 0.4
    products: {cream: {category: cream, price: 199, unit_cost: 56, fault_rate: 0.1}}
    strategies:
      referral: {kind: points, points_days: 40, koc_from: 2}
      agent_recruitment: {referrals_needed: 0, first_stock: 600, recruit_bonus: 30}
  B:
    awareness: 0.6
    products: {cream: {category: cream, price: 159, unit_cost: 50}}
"""
"""A market in which one brand has friends brought and goods resold, and both happen a lot."""

COMPARE = """\
schema: 1
study: compare
market: {{use: market.yaml}}
arms:
  none:
  followup: {{brands.A.strategies: {strategies}}}
replicates: {{n: {n}, seed: {seed}}}
record: {{series: {series}}}
execute: {{engine: {engine}}}
on_failure: {{max_fraction: {fraction}, retry: {retry}}}
"""


@functools.cache
def social() -> Records:
    """Return what `SOCIAL` left behind."""
    return observe(Market(parse(SOCIAL).data, rng=3))


def write_study(
    folder: Path,
    n: int = 3,
    *,
    seed: int = 1,
    engine: str = "inline",
    fraction: float = 0.25,
    retry: int = 0,
    series: str = "false",  # stand-ins give no series
    strategies: str = "{service_followup: {}}",
    name: str = "tiny.yaml",
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "market.yaml").write_text(MARKET)
    path = folder / name
    values = {"n": n, "seed": seed, "engine": engine, "fraction": fraction, "retry": retry}
    path.write_text(COMPARE.format(series=series, strategies=strategies, **values))
    return path


def study(folder: Path, n: int = 3, **options: object) -> Study:
    return load(write_study(folder, n, **options))  # type: ignore[arg-type]


class Notes(Silent):
    """Remembers what a driver says."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.updates: list[tuple[int, int]] = []

    def note(self, text: str) -> None:
        self.texts.append(text)

    def update(self, done: int, failed: int) -> None:
        self.updates.append((done, failed))


def run_as_process(*arguments: object, folder: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the command as a user would, in `folder`."""
    path = os.pathsep.join(p for p in sys.path if p)
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


# -- stand-ins for a run, none of them with a market --------------------------------------------


def fake(job: Job, record: Record) -> Tables:
    """Numbers that depend on arm and seed alone."""
    luck = np.random.default_rng(job.seed % 2**32)
    base = luck.normal(100, 10)
    gain = 0.0 if job.arm == "none" else luck.normal(5, 1)
    columns = {name: [base + gain + k, base - gain + k] for k, name in enumerate(METRICS)}
    return {"runs": pa.table({"brand": ["A", "B"], **columns})}


def slow(job: Job, record: Record) -> Tables:
    time.sleep(0.05)
    return fake(job, record)


def remarkable(job: Job, record: Record) -> Tables:
    warnings.warn(Remark("a: b"), stacklevel=1)
    return fake(job, record)


def failing(job: Job, record: Record) -> Tables:
    """Fails in replicate 1."""
    if job.replicate == 1:
        raise ValueError(f"no luck in replicate 1 of {job.arm}")
    return fake(job, record)


def failing_all(job: Job, record: Record) -> Tables:
    raise ValueError("never any luck")


def failing_once(job: Job, record: Record) -> Tables:
    """Fails in replicate 1, the first time; the environment says where it notes that."""
    note = Path(os.environ["FAIL_ONCE"]) / job.run_id
    if job.replicate == 1 and not note.exists():
        note.touch()
        raise OSError("a passing trouble")
    return fake(job, record)


def killing(job: Job, record: Record) -> Tables:
    """Kills its worker in replicate 3 of the arm `followup`."""
    if job.replicate == 3 and job.arm == "followup":
        os.kill(os.getpid(), signal.SIGKILL)
    return fake(job, record)


def killing_all(job: Job, record: Record) -> Tables:
    """Kills every worker."""
    os.kill(os.getpid(), signal.SIGKILL)
    return fake(job, record)


def interrupting(job: Job, record: Record) -> Tables:
    """Presses Ctrl-C in replicate 2."""
    if job.replicate == 2:
        raise KeyboardInterrupt
    return fake(job, record)

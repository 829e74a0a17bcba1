"""Tournaments whose payoffs are known: a stand-in for a run looks them up in a table."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from tiny_studies import MARKET, Notes

from experiments.conduct import Outcome, conduct
from experiments.designs import Job
from experiments.metrics import METRICS
from experiments.study import Study, load
from experiments.studyfile import Record
from experiments.worker import Tables

ALIKE = MARKET.replace("price: 159, unit_cost: 50", "price: 199, unit_cost: 56, fault_rate: 0.1")
ALIKE = ALIKE.replace("    advertising: {spend: 50}\n", "")
THIRD = (
    ALIKE
    + """\
  C:
    awareness: 0.6
    products: {cream: {category: cream, price: 199, unit_cost: 56}}
"""
)
NAMES = ("rock", "paper", "scissors", "well", "hawk", "dove", "stag", "hare")


class Table:
    """Computes a run by looking up what each brand earns against the others.

    Parameters
    ----------
    payoffs : float[own, opponent]
        What a strategy earns against each other; with several opponents, the mean over them.
    luck
        Standard deviation of what each brand earns by luck that goes with its name, and of what
        all earn by the luck of the replicate.
    missing
        Profiles, by what A and B play, that fail in replicate 1.
    """

    def __init__(
        self, payoffs: Any, luck: float = 0.0, noise: float = 0.0, missing: Any = ()
    ) -> None:
        self.payoffs = np.array(payoffs, float)
        self.luck, self.noise, self.missing = luck, noise, missing

    def __call__(self, job: Job, record: Record) -> Tables:
        brands = job.market["brands"]
        plays = [self._plays(brand) for brand in brands.values()]
        if job.replicate == 1 and tuple(plays) in self.missing:
            raise ValueError("no luck")
        rng = np.random.default_rng(job.seed % 2**32)
        shared, own = rng.normal(0, self.luck), rng.normal(0, self.luck, len(brands))
        chance = np.random.default_rng([job.seed % 2**32, *(p + 1 for p in plays)])
        earned = shared + own + chance.normal(0, self.noise, len(brands))
        for k, mine in enumerate(plays):
            others = [p for q, p in enumerate(plays) if q != k and p >= 0]
            if mine >= 0 and others:
                earned[k] += self.payoffs[mine, others].mean()
        columns: dict[str, Any] = dict.fromkeys(METRICS, np.zeros(len(brands)))
        columns |= {
            "brand": list(brands),
            "long_run_contribution": earned,
            "spend": [100.0 * (p + 1) for p in plays],
        }
        frame = pd.DataFrame(columns)
        return {"runs": pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()}

    @staticmethod
    def _plays(brand: Any) -> int:
        strategy = brand["strategies"].get("service_followup")
        return strategy["coupon_days"] - 1 if strategy else -1


def file(folder: Path, k: int = 2, *, market: str = ALIKE, n: int = 4, more: str = "") -> Path:
    """Write a tournament of `k` portfolios, told apart by how long a coupon holds."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "market.yaml").write_text(market)
    names = (*NAMES, *(f"other{i}" for i in range(8, k)))
    lines = [f"  {names[i]}: {{service_followup: {{coupon_days: {i + 1}}}}}\n" for i in range(k)]
    text = (
        "schema: 1\nstudy: tournament\nmarket: {use: market.yaml}\n"
        f"portfolios:\n{''.join(lines)}"
        f"replicates: {{n: {n}}}\nexecute: {{engine: inline}}\n{more}"
    )
    path = folder / "game.yaml"
    path.write_text(text)
    return path


def play(folder: Path, table: Table, k: int | None = None, **options: Any) -> tuple[Study, Outcome]:
    """Carry out a tournament whose payoffs are those of a table."""
    study = load(file(folder, len(table.payoffs) if k is None else k, **options))
    return study, conduct(study, folder / "results", Notes(), simulate=table)

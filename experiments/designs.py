"""Which runs a study consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.identity import config_hash, run_id, seed
from experiments.study import Study

Key = tuple[str, int]
"""Configuration hash and seed: what a run computes, whatever the code."""


@dataclass(frozen=True)
class Job:
    """One run to be computed: all that a worker needs to know.

    Attributes
    ----------
    run_id, config_hash, code
        Identities, see `experiments.identity`.
    arm, replicate
        Where it stands in the design; arms with equal markets share their runs.
    seed
        64 bits.
    market
        The resolved market.
    """

    run_id: str
    config_hash: str
    code: str
    arm: str
    replicate: int
    seed: int
    market: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Return what the run computes, whatever the code."""
        return self.config_hash, self.seed


def plan(study: Study, code: str) -> list[Job]:
    """Return all runs of a study, replicate by replicate, so that early ones make whole pairs."""
    hashes = {arm: config_hash(market) for arm, market in study.arms.items()}
    jobs = []
    for replicate in range(study.replicates.n):
        luck = seed(study.replicates.seed, replicate)
        for arm, market in study.arms.items():
            identity = run_id(hashes[arm], luck, code)
            jobs.append(Job(identity, hashes[arm], code, arm, replicate, luck, market))
    return jobs


def design(jobs: list[Job], baseline: str, found: Mapping[Key, str]) -> pd.DataFrame:
    """Return the design: a row per arm and replicate, with the run that answers for it.

    Parameters
    ----------
    jobs
        All runs of the study.
    baseline
        The arm with the role of baseline.
    found
        Runs on disk which were computed by other code and are accepted in place of a job's own.
    """
    return pd.DataFrame(
        {
            "run_id": [found.get(job.key, job.run_id) for job in jobs],
            "block": 0,
            "replicate": [job.replicate for job in jobs],
            "arm": [job.arm for job in jobs],
            "role": ["baseline" if job.arm == baseline else "arm" for job in jobs],
            "config_hash": [job.config_hash for job in jobs],
            "seed": pd.array([job.seed for job in jobs], dtype="uint64"),
        }
    )

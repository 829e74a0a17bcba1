"""Runs whose outcome follows a known rule, for scenario discovery to find."""

import numpy as np
import pandas as pd

from experiments.discovery import Cases

FACTORS = ["talk", "reward", "lead", "kind", "asked", "inert"]
MANY = Cases(at_least=50)


def runs(n: int = 1200, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "talk": rng.uniform(0.001, 0.05, n),
            "reward": rng.uniform(0, 60, n),
            "lead": rng.integers(1, 15, n),
            "kind": rng.choice(["cash", "goods", "points"], n),
            "asked": rng.uniform(size=n) < 0.5,
            "inert": rng.uniform(size=n),
        }
    )


def planted(inside, seed: int = 2, wrong: float = 0.0) -> np.ndarray:
    """Outcomes of about 100 inside and 0 outside; for a share of all runs the other way round."""
    rng = np.random.default_rng(seed)
    flip = rng.uniform(size=len(inside)) < wrong
    return np.where(inside ^ flip, 100.0, 0.0) + rng.normal(0, 10, len(inside))


def box_of(frame: pd.DataFrame):
    return (frame["talk"] > 0.03) & frame["lead"].between(3, 8) & (frame["kind"] != "cash")

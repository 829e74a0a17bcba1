"""The presets, run through the same code as everything else."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from experiments import limits
from sim.config.load import load_market
from sim.market import Market

PRESETS = Path(__file__).parents[2] / "configs" / "limits"


@pytest.fixture(scope="session")
def presets() -> Path:
    """Return the folder of the presets."""
    return PRESETS


@pytest.fixture(scope="session")
def limit() -> Callable[..., Market]:
    """Return a function that runs a preset, changed by dotted paths, to its last day."""

    def run(name: str, rng: int = 1, **dotted: Any) -> Market:
        market = Market(load_market(PRESETS / f"{name}.yaml", dotted), rng=rng)
        market.run_model()
        return market

    return run


@pytest.fixture(scope="session")
def over_runs(limit: Callable[..., Market]) -> Callable[..., tuple[dict[str, float], limits.Limit]]:
    """Return a function that gives means over runs of what a limit measures, and the limit."""

    def means(name: str, seeds: Iterable[int], **dotted: Any) -> tuple[dict[str, float], Any]:
        model = limits.of(load_market(PRESETS / f"{name}.yaml", dotted))
        runs = [model.measured(limit(name, seed, **dotted)) for seed in seeds]
        return {key: sum(run[key] for run in runs) / len(runs) for key in runs[0]}, model

    return means

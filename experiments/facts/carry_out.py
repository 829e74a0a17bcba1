"""Carry out the study of a fact: run all its markets, replicate by replicate, and measure them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from experiments import study as studies
from experiments.engines import Inline, Local
from experiments.facts.fact import Fact, Worlds, rows
from experiments.identity import seed
from experiments.points import Arms
from experiments.records import observe
from experiments.study import Study
from experiments.sweep.points import BASE
from sim.config import layers, remarks
from sim.config.market import MarketConfig
from sim.market import Market

FOLDER = "facts"


def file(fact: Fact) -> Path:
    """Return the study file of a fact."""
    return layers.shipped(f"{FOLDER}/{fact.name}.yaml")[fact.name]


def carry_out(
    fact: Fact,
    study: Study,
    workers: int = 1,
    note: Callable[[str], None] = lambda text: None,
) -> pd.DataFrame:
    """Return what a fact's study shows: columns `replicate`, `arm`, `quantity`, `value`.

    Parameters
    ----------
    fact
        What is measured.
    study
        Its study, whose seeds are those of `huitou`.
    workers
        Processes.
    note
        Told of each replicate that is done.
    """
    found = []
    with Local(workers) if workers > 1 else Inline() as engine:
        todo = range(study.replicates.n)
        for k, part in enumerate(engine.map(partial(one_replicate, fact.name, study), todo)):
            found += part
            note(f"{fact.name}: {k + 1} of {study.replicates.n}")
    table = pd.DataFrame(found)
    return fact.finish(table) if fact.finish else table


def one_replicate(name: str, study: Study, replicate: int) -> list[dict[str, object]]:
    """Run every market of a study once, all with the same luck, and measure them together."""
    from experiments.facts import FACTS

    return rows(FACTS[name].measure(worlds(study, replicate)), replicate)


def worlds(study: Study, replicate: int) -> Worlds:
    """Return the runs of one replicate by arm, all with the same luck."""
    luck = seed(study.replicates.seed, replicate)
    configs = {
        name: MarketConfig.model_validate(dict(study.points.market(k)))
        for name, k in arms(study).items()
    }
    with remarks.silent():  # they were made when the study was read
        return {name: observe(Market(config, rng=luck)) for name, config in configs.items()}


def arms(study: Study) -> dict[str, int]:
    """Return the markets of a study by name: arms, or points of a sweep as `harmless, none`.

    A sweep's market as it stands is none of its points.
    """
    frame = study.points.frame()
    if isinstance(study.points, Arms):
        return {str(name): k for k, name in enumerate(frame["arm"])}
    points = frame[frame["role"] != BASE]
    levels = points.drop(columns=["arm", "block", "role"])
    return {
        ", ".join(f"{x:g}" if isinstance(x, float) else str(x) for x in row): int(k)
        for k, *row in levels.itertuples()
    }


def load(fact: Fact, other: Path | None = None, replicates: int | None = None) -> Study:
    """Return the study of a fact, or of another file with the same arms.

    Raises
    ------
    sim.config.yaml_file.ConfigError
        If the file is wrong.
    """
    study = studies.load(other or file(fact))
    return study if replicates is None else study.with_replicates(replicates)

"""Results for a notebook: tables as data frames, and plots."""

from functools import cached_property
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from experiments import gather, show
from experiments.errors import UsageError
from experiments.store import Store
from experiments.study import Study, load


class Results:
    """What is in the results folder of a study.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    experiments.errors.UsageError
        If it is not one.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        if not (folder / "config.resolved.yaml").is_file():
            raise UsageError(f"{folder} is not a results folder: it has no config.resolved.yaml")

    def __repr__(self) -> str:
        return f"Results({str(self.store.folder)!r})"

    @cached_property
    def study(self) -> Study:
        """The study, with every default filled in."""
        return load(self.store.folder / "config.resolved.yaml")

    @cached_property
    def design(self) -> pd.DataFrame:
        """A row per arm and replicate."""
        return self.store.design()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row per arm, replicate and brand; a column per metric."""
        return gather.metrics(self.store, self.design)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the summary, made from the runs on disk."""
        return self.study.rules.tables(self.study, self.store, self.design)

    def read(self, kind: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Return `series`, `curves` or `orders` of all runs, with arm and replicate.

        Parameters
        ----------
        kind
            Which table; `series` is in cents, a row per run, brand and day.
        columns
            Only these columns.
        """
        rows = self.store.read(kind, columns, runs=self.design["run_id"])
        return gather.by_replicate(rows, self.design)

    def plots(self) -> dict[str, Figure]:
        """Return all figures by name."""
        return {name: figure for name, (_, figure) in show.draw(self.study, self.tables).items()}

"""Results for a notebook: tables as data frames, and plots."""

import sys
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from experiments import gather, logs, show
from experiments import summary as summaries
from experiments.errors import MissingLibrary, UsageError
from experiments.kinds import Plot, Tables
from experiments.metrics import METRICS
from experiments.store import Store
from experiments.study import Study, reread
from sim.config.yaml_file import ConfigError


class Results:
    """What is in the results folder of a study.

    It can be read wherever the folder is: without the data files and strategies of its markets, and
    if the program has changed since. Where that matters a warning says so.

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
        self.store.config()
        if note := show.measured_otherwise(self.store.metrics_versions()):
            warnings.warn(note, stacklevel=3)

    def __repr__(self) -> str:
        return f"Results({str(self.store.folder)!r})"

    @cached_property
    def study(self) -> Study:
        """The study, with every default filled in."""
        return reread(self.store.config())

    @cached_property
    def design(self) -> pd.DataFrame:
        """A row per planned run: where it stands in the study, and its factors if there are any."""
        return self.store.design()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row per finished run and brand: the columns of the design, then one per metric."""
        found = gather.metrics(self.store, self.design)
        more = self.design.columns.difference(found.columns.drop("run_id"), sort=False)
        front = self.design[["run_id", *more.drop("run_id")]]
        first = [*front.columns, *found.columns.drop("run_id")]
        return found.merge(front, on="run_id", how="left")[first]

    @cached_property
    def responses(self) -> pd.DataFrame:
        """A row per planned run: the design, and what the study measures; NaN if it is missing."""
        return gather.responses(self.store, self.design, self.study.responses, self.study.of)

    @cached_property
    def series(self) -> pd.DataFrame:
        """A row per run, brand and day: daily books in cents and counts, if they were recorded."""
        return self.read("series")

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """A row per metric: what it is called, its unit, and its definition."""
        rows = {
            name: (metric.label, metric.unit, " ".join((metric.function.__doc__ or "").split()))
            for name, metric in METRICS.items()
        }
        return pd.DataFrame.from_dict(rows, "index", columns=["label", "unit", "definition"])

    @cached_property
    def summary(self) -> Tables:
        """The tables of the summary by name, made from the runs on disk.

        Where they cannot be made now, those that were written at the time, with a warning.
        """
        try:
            _, tables = summaries.stored(self.study, self.store, self.design)
            return tables or self._tables()
        except (ConfigError, MissingLibrary) as error:
            if not self.store.summary():
                raise
            warnings.warn(show.as_written(error), stacklevel=2)
            return self.store.tables()

    def _tables(self) -> Tables:
        made = self.study.rules.tables(self.study, self.store, self.design)
        return made | logs.tables(self.study)

    @property
    def notice(self) -> str:
        """What a reader must know of the market before any result; empty if nothing."""
        return self.study.notice

    @property
    def findings(self) -> list[str]:
        """What was found, in sentences."""
        tables = self.summary
        try:
            return self.study.rules.findings(self.study, tables)
        except ConfigError:
            return list(self.store.summary().get("findings", []))

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

    @property
    def plots(self) -> "Plots":
        """The plots of the report, each a function without arguments that returns a figure."""
        return Plots(self)


class Plots:
    """The plots of a study: `plots.incremental()`; `list(plots)` gives their names.

    Parameters
    ----------
    results
        Whose plots.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        self._all = {plot.__name__: plot for plot in results.study.rules.plots}

    def __iter__(self) -> Iterator[str]:
        return iter(show.draw(self._results.study, self._results.summary))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._all]

    def __getattr__(self, name: str) -> "Drawing":
        if name.startswith("_") or name not in self._all:
            raise AttributeError(f"there is no plot {name!r}; plots: {', '.join(self._all)}")
        return Drawing(self._all[name], self._results)


class Drawing:
    """One plot of a study; call it for the figure.

    Parameters
    ----------
    plot, results
        What to draw, and of what.
    """

    def __init__(self, plot: Plot, results: Results) -> None:
        self._plot, self._results = plot, results
        self.__doc__ = plot.__doc__

    def __call__(self) -> Figure:
        """Return the figure.

        Raises
        ------
        UsageError
            If the study has nothing to draw here.
        """
        _show_figures()
        figure = show.drawn(self._plot, self._results.study, self._results.summary)
        if figure is None:
            raise UsageError(f"{self._plot.__name__}: this study has nothing to draw here")
        return figure


def _show_figures() -> None:
    """In a notebook, let a figure show itself; by default only pyplot's own figures do."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        from IPython.core.pylabtools import select_figure_formats

        select_figure_formats(shell, {"png"})

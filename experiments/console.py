"""What the terminal shows of a study."""

import sys
from pathlib import Path
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table

from experiments import formats
from experiments import show as showing
from experiments.conduct import Outcome
from experiments.kinds import Tables
from experiments.plaintext import plain
from experiments.store import Store
from experiments.study import Study
from experiments.tabular import View

WIDE = 100
"""A narrower terminal gets tables without rules."""
PIPE_WIDTH = 160
"""A pipe has no width of its own; tables should not be cut for it."""


def make(stream: TextIO | None = None) -> Console:
    """Return a console for results, on standard output unless told otherwise."""
    stream = stream or sys.stdout
    return Console(
        file=stream, width=None if stream.isatty() else PIPE_WIDTH, highlight=False, markup=False
    )


def show(console: Console, study: Study, outcome: Outcome, tables: Tables) -> None:
    """Print the notice of the market, tables, findings, caveats, and where everything is."""
    rules = study.rules
    findings = rules.findings(study, tables)
    if study.across and findings:  # in what share of markets: before anything else
        console.print(findings[0], style="bold", soft_wrap=True)
    console.print(rules.title(study), style="bold")
    if study.notice:
        console.print(f"Note: {study.notice}", soft_wrap=True)
    for view in rules.views(study, tables):
        if view.rows and not view.detail:
            console.print(table(view, console.width < WIDE, console.encoding))
            if view.note:
                console.print(view.note, style="dim", soft_wrap=True)
    console.print()
    for text in [*findings, *showing.caveats(study, outcome, tables)]:
        console.print(text, soft_wrap=True)
    console.print(_where(outcome), soft_wrap=True)


def show_as_written(console: Console, store: Store, error: Exception) -> None:
    """Print what a summary said when it was written, where it cannot be made now.

    Raises
    ------
    Exception
        The reason, if there is no summary either.
    """
    summary = store.summary()
    if not summary:
        raise error
    console.print(showing.as_written(error), soft_wrap=True)
    for text in [*summary.get("findings", []), *summary.get("caveats", [])]:
        console.print(text, soft_wrap=True)
    console.print(f"Report: {store.folder / 'report.html'}, tables: {store.folder / 'summary'}")


def _where(outcome: Outcome) -> str:
    folder = outcome.store.folder
    plots = len(list((folder / "plots").glob("*.png")))
    return f"Report: {folder / 'report.html'} ({formats.count(plots, 'plot')} beside it in plots/)"


def table(view: View, narrow: bool = False, encoding: str = "utf-8") -> Table:
    """Return a view as a table: names to the left, numbers to the right.

    Parameters
    ----------
    view
        What it says.
    narrow
        Without rules.
    encoding
        Of the terminal: what it lacks is replaced here, so that columns stay straight.
    """
    grid = Table(
        title=f"\n{plain(view.title, encoding)}" if view.title else None,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None if narrow else box.SIMPLE_HEAD,
        padding=(0, 1 if narrow else 2, 0, 0),
        pad_edge=False,
    )
    for k, name in enumerate(view.columns):
        names = {"justify": "left", "no_wrap": not narrow} if k == 0 else {"justify": "right"}
        grid.add_column(plain(name, encoding), overflow="fold", **names)
    for row in view.rows:
        grid.add_row(*(plain(cell, encoding) for cell in row))
    return grid


def already(outcome: Outcome, folder: Path) -> str:
    """Say that there was nothing to compute."""
    return f"nothing to compute: {folder} has {formats.count(outcome.done, 'run')}, all there are"

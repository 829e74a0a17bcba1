"""Studies on the market: design, run, store, compare and show."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.results import Results

__all__ = ["load"]


def load(folder: str) -> "Results":
    """Open the results folder of a study: tables as data frames, and plots.

    Parameters
    ----------
    folder
        Such as `results/quickstart-1a2b3c4d`.
    """
    from pathlib import Path

    from experiments.results import Results

    return Results(Path(folder))

"""Studies on the market: design, run, store, compare and show."""

from typing import TYPE_CHECKING

from sim.engine.cache import provide_home

if TYPE_CHECKING:
    from experiments.results import Results

__all__ = ["carry_out", "load"]

provide_home()  # before anything imports Matplotlib


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


def carry_out(file: str, results: str = "results", workers: int | None = None) -> "Results":
    """Carry out a study, as the command line does, and open its results.

    Runs that are on disk already are not repeated.

    Parameters
    ----------
    file
        The study, a YAML file.
    results
        Folder in which it has its folder.
    workers
        How many processes; one for each processor if not given.
    """
    from pathlib import Path

    from experiments import progress, report
    from experiments.session import Session
    from experiments.study import load as read

    session = Session(Path(results), progress.make(quiet=False), workers)
    study, outcome = session.carry_out(read(file))
    report.present(study, outcome)
    return load(str(outcome.store.folder))

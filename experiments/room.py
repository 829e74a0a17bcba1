"""Whether a study fits into the memory of this machine: asked before anything is computed."""

from experiments.errors import StudyError
from experiments.study import Study
from sim.config.market import MarketConfig
from sim.engine import memory
from sim.size import needed

A_ROW = 600
"""Bytes of a run in the table of the design, as measured with a million."""


def refuse_too_large(study: Study, workers: int) -> None:
    """Stop a study that this machine could not hold.

    Raises
    ------
    StudyError
        If its design, or as many of its largest market as there are workers, would not fit.
    """
    runs = len(study.planned) * study.replicates.n
    largest = max(map(_needed, study.planned.samples()), default=0)
    at_once = min(workers, runs)
    try:
        memory.require(runs * A_ROW, f"a study of {runs:,} runs", "ask for fewer")
        memory.require(largest, "a market of this study", "make it smaller")
        memory.require(
            at_once * largest, f"computing {at_once} markets at once", "use fewer --workers"
        )
    except MemoryError as error:
        raise StudyError(f"the study is not started: {error}") from None


def _needed(market: object) -> int:
    return needed(MarketConfig.model_validate(market))

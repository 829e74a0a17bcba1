"""A study carried out as it was asked for: its forecast if it has a budget, then its stages."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from experiments import forecast
from experiments.conduct import Outcome, conduct
from experiments.forecast import Forecast
from experiments.kinds import Go
from experiments.progress import Progress
from experiments.study import Study


@dataclass(frozen=True)
class Session:
    """How studies are to be carried out.

    Attributes
    ----------
    root, progress, workers, allow_mixed, recompute, command
        As in `experiments.conduct.conduct`.
    """

    root: Path
    progress: Progress
    workers: int | None = None
    allow_mixed: bool = False
    recompute: bool = False
    command: str = ""

    @property
    def _go(self) -> "partial[Outcome]":
        return partial(
            conduct,
            root=self.root,
            progress=self.progress,
            workers=self.workers,
            allow_mixed=self.allow_mixed,
            recompute=self.recompute,
            command=self.command,
        )

    def carry_out(self, study: Study) -> tuple[Study, Outcome]:
        """Compute a study; one with a budget only if its forecast is within it.

        Raises
        ------
        StudyError
            If it would cost more than its budget allows, or cannot go on.
        """
        if study.budget.max_core_hours is not None or study.budget.max_disk_gb is not None:
            forecast.refuse_above_budget(self.forecasts(study))
        go: Go = self._go
        return study.rules.carry_out(study, go)

    def forecasts(self, study: Study) -> list[Forecast]:
        """Compute the pilot of each stage of a study, and say what the whole needs."""
        pilot = partial(self._go, only=forecast.rows)
        return [forecast.forecast(stage, pilot) for stage in study.rules.at_most(study)]

"""What every study file may say, whatever its kind."""

import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim.config.names import check_name
from sim.config.parameters import Param, Parameters

MOST_RUNS = 10_000_000
"""A study has no more: each is a row of its design, which is held in memory."""

PILOT = ".pilot"
"""Ends the names of arms that a study adds."""


def _folder(name: str) -> str:
    if not re.fullmatch(r"\w[\w.+-]*", name):
        raise ValueError(
            "names a folder: letters and digits of any script, and _ . + - except at its start "
            f"(got {name!r})"
        )
    return name


ArmName = Annotated[str, Field(max_length=60), AfterValidator(check_name)]
StudyName = Annotated[str, Field(max_length=80), AfterValidator(_folder)]


class Replicates(Parameters):
    """How often each market is run, and with which luck."""

    n: int = Param(1, bounds=(1, MOST_RUNS), unit="runs of each market", doc="replicates")
    seed: int = Param(1, bounds=(0, 2**63 - 1), doc="base seed; another one is other luck")
    crn: Literal["block", "none"] = Param(
        "block",
        doc="common random numbers: block: markets of one block of the design share their draws "
        "within a replicate; none: every run has luck of its own",
    )


class Record(Parameters):
    """What is kept of each run besides its results."""

    series: bool = Param(True, doc="daily books and counts, cohorts, survival: needed for plots")
    orders: bool = Param(False, doc="every single order (large)")


class Execute(Parameters):
    """Where the runs are computed. This never changes a result."""

    engine: Literal["local", "inline"] = Param(
        "local", doc="local: worker processes on this machine; inline: this process, to debug"
    )
    workers: int | None = Param(
        None, bounds=(1, 4096), unit="processes", doc="none: one for each processor"
    )


class OnFailure(Parameters):
    """What to do about runs that fail."""

    max_fraction: float = Param(
        0.25, bounds=(0, 1), unit="share of runs", doc="a study stops when more than this failed"
    )
    retry: int = Param(0, bounds=(0, 10), unit="times", doc="how often a failed run is repeated")


class Budget(Parameters):
    """What a study may cost. A study whose forecast is above it does not start."""

    max_core_hours: float | None = Param(
        None, bounds=(0, None), unit="core-hours", doc="most that all its runs may take; none: any"
    )
    max_disk_gb: float | None = Param(
        None, bounds=(0, None), unit="GB", doc="most room that its results may take; none: any"
    )
    pilot: int = Param(
        16, bounds=(4, 100_000), unit="runs", doc="runs of the study from which it is forecast"
    )


class StudyFile(Parameters):
    """What all kinds of study have in common."""

    times: ClassVar[int] = 1
    """Replicates, unless the file says otherwise."""
    series: ClassVar[bool] = True
    """Whether daily series are kept, unless the file says otherwise."""

    schema_version: Literal[1] = Field(1, alias="schema")
    name: StudyName | None = Param(None, doc="name of the results folder; none: the file's name")
    question: str | None = Param(None, doc="what it is to answer; a report begins with it")
    market: dict[str, Any] = Param(
        doc="{use: NAME or path, set: {dotted.path: value}, ensemble: NAME}, or inline"
    )
    of: str | None = Param(None, doc="brand whose results come first; none: the first brand")
    replicates: Replicates = Param(Replicates(), doc="how often")
    record: Record = Param(Record(), doc="what is kept")
    execute: Execute = Param(Execute(), doc="where")
    on_failure: OnFailure = Param(OnFailure(), doc="what if runs fail")
    budget: Budget = Param(Budget(), doc="what it may cost")

    @model_validator(mode="after")
    def _defaults_of_the_kind(self) -> Self:
        """Set what a kind has a default of its own for, whatever else was said beside it."""
        for part, own in (("replicates", {"n": self.times}), ("record", {"series": self.series})):
            given = getattr(self, part)
            unsaid = {key: own[key] for key in own.keys() - given.model_fields_set}
            # A validator that ran before would be given lists that no longer count as JSON's.
            object.__setattr__(self, part, given.model_copy(update=unsaid))
        return self

"""A study file that says `response`, or `responses`: those of sensitivity studies and sweeps."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from experiments.responses import Response
from experiments.studyfile import StudyFile
from sim.config.parameters import Param
from sim.config.yaml_file import ConfigError, Problem


class MeasuredStudy(StudyFile):
    """A study of one response, or of several from the same runs."""

    response: Response | None = Param(None, doc="what is measured of each run")
    responses: Annotated[list[Response], Field(min_length=1)] | None = Param(
        None, doc="several of them, in place of `response`"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.response is None) == (self.responses is None):
            both = "" if self.response is None else ", not both"
            what = f"give `response`, or `responses`, a list{both}"
            raise ConfigError([Problem(None, "responses" if both else "response", what)])
        labels = [response.label for response in self.measured]
        twice = [k for k, label in enumerate(labels) if label in labels[:k]]
        if twice:
            raise ConfigError(
                Problem(None, f"responses.{k}", f"{labels[k]} is there twice") for k in twice
            )
        return self

    @property
    def measured(self) -> tuple[Response, ...]:
        """What is measured of each run."""
        return tuple(self.responses or filter(None, [self.response]))


def responses(spec: MeasuredStudy) -> tuple[Response, ...]:
    """Return what is computed of every run."""
    return spec.measured

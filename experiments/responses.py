"""Responses: what a study measures of a run, as one number.

A response is a metric of one brand. If the metric is a flow, the sum of daily amounts over the run,
it can be discounted in time, or be averaged per day after a warm-up.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from experiments import metrics  # registers every metric
from experiments.errors import StudyError
from experiments.flows import discounted
from experiments.metric_names import unknown_metric
from experiments.records import Records
from experiments.registry import Metric, Numbers
from experiments.warmup import LEAST, mser5
from sim.config.parameters import Param, Parameters
from sim.config.yaml_file import ConfigError, Problem, Tree

METRICS = metrics.METRICS
DaysOut = Annotated[int, Field(ge=0, le=100_000)]


class Response(Parameters):
    """A number that a study measures of each run. Plain text in a file means its name."""

    name: str = Param(doc="what is measured: the name of a metric")
    of: str | None = Param(None, doc="the brand, as A or brands.A; none: the study's")
    discount: float | None = Param(
        None,
        bounds=(0, 10),
        unit="per year",
        doc="rate at which money and orders lose value; none: as the metric defines",
    )
    warmup: Literal["none", "mser5"] | DaysOut = Param(
        "none",
        unit="days",
        doc="none: the sum over the run; else the mean per day after a warm-up, of so many days "
        "or as long as MSER-5 finds in each run",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @field_validator("name")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in METRICS:
            raise ValueError(unknown_metric(value))
        return value

    @field_validator("of")
    @classmethod
    def _brand(cls, value: str | None) -> str | None:
        return value.removeprefix("brands.") if value else None

    @model_validator(mode="after")
    def _can_be_meant(self) -> "Response":
        found = list(self._misfits())
        if found:
            raise ConfigError(found)
        return self

    def _misfits(self) -> Iterable[Problem]:
        flow = self.metric.flow is not None
        if self.discount is not None and not (flow or self.metric.discounted):
            yield Problem(None, "discount", _only(self.name, "discounted", _discountable()))
        if self.warmup != "none" and not flow:
            yield Problem(None, "warmup", _only(self.name, "averaged after a warm-up", _flows()))
        if self.warmup != "none" and self.discount is not None and flow:
            what = "cannot be combined with warmup: a mean per day has no present value"
            yield Problem(None, "discount", what)

    @property
    def metric(self) -> Metric:
        """The metric that is measured."""
        return METRICS[self.name]

    @property
    def column(self) -> str:
        """What tells it from other responses of the same brand: `net_revenues[10 %]`."""
        return _bracketed(self.name, self._options())

    @property
    def label(self) -> str:
        """What tells it from all other responses: `net_revenues[A, 10 %]`."""
        return _bracketed(self.name, [self.of, *self._options()] if self.of else self._options())

    def _options(self) -> list[str]:
        options = []
        if self.discount is not None:
            options.append(f"{100 * self.discount:.12g} %")
        if self.warmup != "none":
            options.append(self.warmup if self.warmup == "mser5" else f"from day {self.warmup}")
        return options

    @property
    def title(self) -> str:
        """What it is, for people: `net revenue of A, discounted at 10 % a year`."""
        text = self.metric.label + (f" of {self.of}" if self.of else "")
        if self.discount is not None:
            text += f", discounted at {100 * self.discount:.12g} % a year"
        if self.warmup == "mser5":
            text += " per day, after the warm-up"
        elif self.warmup != "none":
            text += f" per day, from day {self.warmup} on"
        return text

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return self.metric.unit + (" per day" if self.warmup != "none" else "")

    def problems(self, brands: Iterable[str], days: int) -> list[Problem]:
        """Return what is wrong with it for a market, with paths relative to the response.

        Parameters
        ----------
        brands
            Names of the market's brands.
        days
            Length of its runs.
        """
        known, found = list(brands), []
        if self.of is not None and self.of not in known:
            what = f"there is no brand {self.of!r}; brands: {', '.join(known)}"
            found.append(Problem(None, "of", what))
        if isinstance(self.warmup, int) and self.warmup >= days:
            what = f"must be less than the length of a run, {days} days (got {self.warmup})"
            found.append(Problem(None, "warmup", what))
        if self.warmup == "mser5" and days < LEAST:
            what = f"mser5 needs runs of at least {LEAST} days (this market's have {days})"
            found.append(Problem(None, "warmup", what))
        return found

    def value(self, records: Records) -> float:
        """Return the number for one run.

        Raises
        ------
        StudyError
            If the run has no such brand, or is too short for the warm-up.
        """
        brand = self.of or records.brands[0]
        if brand not in records.brands:
            known = ", ".join(records.brands)
            raise StudyError(f"{self.label}: there is no brand {brand!r} (brands: {known})")
        return float(self.values(records)[records.brands.index(brand)])

    def values(self, records: Records) -> Numbers:
        """Return float64[brands]: the number for each brand of one run; `of` is not looked at.

        Raises
        ------
        StudyError
            If the run is too short for the warm-up.
        """
        flow = self.metric.flow
        if self.warmup != "none" and flow is not None:
            return self._per_day(flow(records))
        if self.discount is None:
            return self.metric.function(records)
        if flow is not None:
            return discounted(flow(records), self.discount)
        return self.metric.function(dataclasses.replace(records, discount=self.discount))

    def _per_day(self, daily: Numbers) -> Numbers:
        """Return the mean of each brand's days after the warm-up, from float64[days, brands]."""
        if self.warmup == "mser5":
            means = [brand[mser5(brand).observations :].mean() for brand in daily.T]
            return np.array(means)
        if self.warmup >= len(daily):  # type: ignore[operator]  # a number of days
            raise StudyError(f"{self.label}: the run has only {len(daily)} days")
        return daily[self.warmup :].mean(axis=0)  # type: ignore[misc]


def _bracketed(name: str, options: list[str]) -> str:
    return f"{name}[{', '.join(options)}]" if options else name


def _flows() -> list[str]:
    return [name for name, metric in METRICS.items() if metric.flow is not None]


def _discountable() -> list[str]:
    return _flows() + [name for name, metric in METRICS.items() if metric.discounted]


def _only(name: str, done: str, allowed: list[str]) -> str:
    return (
        f"must be left out: {name} is no sum of daily amounts, and cannot be {done}; "
        f"allowed with {', '.join(allowed)}"
    )


def misfits(
    responses: Iterable[Response], market: Mapping[str, Any], tree: Tree, where: str = ""
) -> list[Problem]:
    """Return what is wrong with the responses of a study file for one of its markets.

    Parameters
    ----------
    responses
        As the file's `response`, or its `responses`, has them.
    market
        A resolved market.
    tree
        The study file.
    where
        Which market that is, to end a sentence with.
    """
    listed = isinstance(tree.data.get("responses"), list)
    found = []
    for k, response in enumerate(responses):
        path: tuple[str | int, ...] = ("responses", k) if listed else ("response",)
        for problem in response.problems(market["brands"], market["days"]):
            found.append(tree.problem((*path, problem.path), problem.what + where))
    return found


def computed(responses: Iterable[Any], records: Records) -> dict[str, Numbers]:
    """Return float64[brands] of each response that is not simply a metric, by its column."""
    own = (r for r in responses if isinstance(r, Response) and r.column not in METRICS)
    return {r.column: r.values(records) for r in own}

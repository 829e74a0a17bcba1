"""A parameter is declared once: name, default, bounds, unit, one line, source.

Validation, the bounds of a study's factors, the starter files and the parameter page are all
derived from the one declaration.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Self, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.fields import FieldInfo

from sim.config.meanings import Meaning, lognormal, number
from sim.config.source_map import ConfigError, Path, Problem

Bounds = tuple[float | None, float | None]
ASSUMPTION = "assumption"
LIMIT = 10**12
"""No number is larger than this, either way, unless it may be infinite: what is larger is a slip,
and does not go into the four bytes that tables have for most numbers."""


@dataclass(frozen=True)
class Declared:
    """What a declaration says of values beyond what pydantic checks.

    Attributes
    ----------
    bounds
        Of a trait that may differ between people. From 0 to 1 it is a share: all its values must
        lie there. Other bounds are those of its mean.
    usual
        Lowest and highest value that needs no remark; None for no limit on that side.
    meaning
        What an unusual value means, in plain words and numbers.
    unit, doc
        As in `Param`.
    """

    bounds: Bounds = (None, None)
    usual: Bounds = (None, None)
    meaning: Meaning | None = None
    unit: str = ""
    doc: str = ""

    def problem(self, value: "Spread | float") -> str:
        """Return what is wrong with a trait; an empty text if nothing is."""
        low, high = self.bounds
        mean, highest = mean_of(value), highest_of(value)
        if low == 0 and high == 1 and highest > 1:
            what = "must be a share of 0 to 1 for everybody"
            if math.isinf(highest):
                return (
                    f"{what}; a {getattr(value, 'dist', 'number')} has values above 1: use a beta"
                )
            return f"{what} (got {number(highest)})"
        kind = "the mean must be" if isinstance(value, Spread) else "must be"
        if low is not None and mean < low:
            return f"{kind} >= {number(low)} (got {number(mean)})"
        if high is not None and mean > high:
            return f"{kind} <= {number(high)} (got {number(mean)})"
        return ""

    def remark(self, value: Any) -> str:
        """Return what there is to say about an unusual value; an empty text if it is usual."""
        if isinstance(value, tuple):
            return next(filter(None, map(self.remark, value)), "")
        low, high = self.usual
        if isinstance(value, bool) or not isinstance(value, Spread | float | int):
            return ""
        mean = mean_of(value)
        within = (low is None or mean >= low) and (high is None or mean <= high)
        if within or math.isinf(mean):  # infinity is written on purpose
            return ""
        shown = f"a mean of {number(mean)}" if isinstance(value, Spread) else number(mean)
        unit = "" if self.unit.startswith(_BARE) or not self.unit else f" {self.unit}"
        meaning = self.meaning(mean) if self.meaning else self.doc
        return f"{shown}{unit} is unusual (usual: {span(self.usual)}): {meaning}"


_BARE = ("share", "chance", "probability", "weight", "0-1")
"""Units that need not be said after a number."""


def span(bounds: Bounds) -> str:
    """Write bounds as a reader would say them."""
    low, high = (None if end is None else number(end) for end in bounds)
    if low is None:
        return f"at most {high}" if high else ""
    return f"{low} to {high}" if high else f"at least {low}"


def Param(
    default: Any = ...,
    *,
    bounds: Bounds | None = None,
    unit: str = "",
    doc: str = "",
    source: str = ASSUMPTION,
    infinite: bool = False,
    usual: Bounds = (None, None),
    meaning: Meaning | None = None,
) -> Any:
    """Declare one parameter of a `Parameters` class.

    Parameters
    ----------
    default
        The value when a file does not name it; `...` makes it required. A mutable default is
        copied for each instance.
    bounds
        Lowest and highest allowed value of a number, both inclusive; `None` for no limit on that
        side but `LIMIT`. Of a trait that may differ between people the bounds of its mean; but 0
        to 1 say that it is a share, and hold for everybody.
    unit
        Unit as a reader would say it: `"days"`, `"CNY"`, `"share"`.
    doc
        One line: what it does.
    source
        Where the default comes from; `"assumption"` if nowhere.
    infinite
        Whether a number may be anything, ``.inf`` too, where `bounds` give no limit.
    usual
        Lowest and highest value that is not extraordinary; beyond, `sim.config.remarks` says so.
    meaning
        What such a value means, in plain words and numbers; `doc` says it if not given.
    """
    trait = isinstance(default, Spread)
    low, high = (None, None) if trait else bounds or (None, None)
    limited = not trait and (bounds is not None or isinstance(default, float))
    limit = LIMIT if limited and not infinite else None
    field: FieldInfo = Field(
        default,
        ge=-limit if limit and low is None else low,
        le=limit if limit and high is None else high,
        description=doc,
        json_schema_extra={"unit": unit, "source": source},
    )
    of_trait = bounds if trait and bounds else (None, None)
    field.metadata.append(Declared(of_trait, usual, meaning, unit, doc))
    return field


def declared(field: FieldInfo) -> Declared | None:
    """Return what a declaration says of values, if the field was declared by `Param`."""
    return next((m for m in field.metadata if isinstance(m, Declared)), None)


class Parameters(BaseModel):
    """Base of all groups of parameters: unknown keys are errors, and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=True)

    @model_validator(mode="after")
    def _traits_within_bounds(self) -> Self:
        problems = [
            Problem(None, name, what)
            for name, rule in _traits(type(self))
            if (what := rule.problem(getattr(self, name)))
        ]
        if problems:
            raise ConfigError(problems)
        return self

    def remarks(self) -> Iterator[tuple[Path, str]]:
        """Yield what there is to say about several values together: keys below this group, text."""
        yield from ()


@cache
def _traits(model: type[Parameters]) -> list[tuple[str, Declared]]:
    """Return the fields of a group that have bounds as traits."""
    rules = ((name, declared(field)) for name, field in model.model_fields.items())
    return [(name, rule) for name, rule in rules if rule and rule.bounds != (None, None)]


class Spread(Parameters):
    """Base of all distributions: how a trait varies over people."""

    dist: str

    @property
    @abstractmethod
    def mean_value(self) -> float:
        """Return the mean."""

    @property
    def highest(self) -> float:
        """Return what nobody's value is above."""
        return math.inf if self.mean_value > 0 else 0.0


def mean_of(value: "Spread | float") -> float:
    """Return the mean of a trait."""
    return value.mean_value if isinstance(value, Spread) else float(value)


def highest_of(value: "Spread | float") -> float:
    """Return what nobody's value of a trait is above."""
    return value.highest if isinstance(value, Spread) else float(value)


class ParameterInfo(NamedTuple):
    """What one declaration says, as documentation and starter files show it."""

    name: str
    default: Any
    low: float | None
    high: float | None
    unit: str
    doc: str
    source: str
    annotation: Any
    usual: Bounds = (None, None)


def describe(model: type[BaseModel]) -> Iterator[ParameterInfo]:
    """Yield what each field of `model` declares, in order of declaration."""
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        low, high = _bounds(field)
        rule = declared(field)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        yield ParameterInfo(
            name,
            default,
            low,
            high,
            str(extra.get("unit", "")),
            field.description or "",
            str(extra.get("source", "")),
            field.annotation,
            rule.usual if rule else (None, None),
        )


def _bounds(field: FieldInfo) -> Bounds:
    rule = declared(field)
    if rule and rule.bounds != (None, None):
        return rule.bounds
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return None if low == -LIMIT else low, None if high == LIMIT else high


class Constant(Spread):
    """The same value for everybody. A plain number in a file means this."""

    dist: Literal["constant"] = "constant"
    value: float = Param(bounds=(0, None), doc="the value")

    @property
    def mean_value(self) -> float:
        """Return the mean."""
        return self.value

    @property
    def highest(self) -> float:
        """Return the value."""
        return self.value


class Gamma(Spread):
    """Gamma: positive and skewed; the mixing distribution of the NBD."""

    dist: Literal["gamma"] = "gamma"
    shape: float = Param(
        bounds=(1e-3, None),
        doc="shape; the coefficient of variation is shape**-0.5",
        usual=(0.05, None),
        meaning=lambda shape: f"the standard deviation is {shape**-0.5:.3g} times the mean",
    )
    mean: float | None = Param(None, bounds=(0, None), doc="mean; or give `rate`")
    rate: float | None = Param(None, bounds=(1e-12, None), doc="rate: mean = shape / rate")

    @model_validator(mode="after")
    def _one_of_two(self) -> "Gamma":
        if (self.mean is None) == (self.rate is None):
            raise ValueError("a gamma needs its mean or its rate, and not both")
        return self

    @property
    def mean_value(self) -> float:
        """Return the mean."""
        return self.mean if self.mean is not None else self.shape / (self.rate or 1.0)


class Beta(Spread):
    """Beta on (0, 1), by its two shape parameters."""

    dist: Literal["beta"] = "beta"
    a: float = Param(
        bounds=(1e-3, None), doc="first shape; the mean is a / (a + b)", usual=(0.01, None)
    )
    b: float = Param(bounds=(1e-3, None), doc="second shape", usual=(0.01, None))

    @property
    def mean_value(self) -> float:
        """Return the mean."""
        return self.a / (self.a + self.b)

    @property
    def highest(self) -> float:
        """Return 1."""
        return 1.0


class LogNormal(Spread):
    """Lognormal, by its mean and the standard deviation of its logarithm."""

    dist: Literal["lognormal"] = "lognormal"
    mean: float = Param(bounds=(1e-300, None), doc="mean")
    sigma: float = Param(
        bounds=(0, 5), doc="standard deviation of the logarithm", usual=(0, 2), meaning=lognormal
    )

    @property
    def mean_value(self) -> float:
        """Return the mean."""
        return self.mean

    @property
    def highest(self) -> float:
        """Return what nobody's value is above: the mean, if all are alike."""
        return math.inf if self.sigma > 0 else self.mean


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("dist", "constant"))
    return str(getattr(value, "dist", "number"))


Distribution = Annotated[
    Union[  # noqa: UP007 - a tagged union needs the subscript form
        Annotated[float, Field(ge=0, le=LIMIT), Tag("number")],
        Annotated[Constant, Tag("constant")],
        Annotated[Gamma, Tag("gamma")],
        Annotated[Beta, Tag("beta")],
        Annotated[LogNormal, Tag("lognormal")],
    ],
    Discriminator(_kind),
]
"""A number, or `{dist: gamma|beta|lognormal|constant, ...}`: how a trait varies over people."""

"""A parameter is declared once: name, default, bounds, unit, one line, source.

Validation, the bounds of a study's factors, the starter files and the parameter page are all
derived from the one declaration.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.fields import FieldInfo

Bounds = tuple[float | None, float | None]
ASSUMPTION = "assumption"
LIMIT = 10**12
"""No number is larger than this, either way, unless it may be infinite: what is larger is a slip,
and does not go into the four bytes that tables have for most numbers."""


def Param(
    default: Any = ...,
    *,
    bounds: Bounds | None = None,
    unit: str = "",
    doc: str = "",
    source: str = ASSUMPTION,
    infinite: bool = False,
) -> Any:
    """Declare one parameter of a `Parameters` class.

    Parameters
    ----------
    default
        The value when a file does not name it; `...` makes it required. A mutable default is
        copied for each instance.
    bounds
        Lowest and highest allowed value of a number, both inclusive; `None` for no limit on that
        side but `LIMIT`.
    unit
        Unit as a reader would say it: `"days"`, `"CNY"`, `"share"`.
    doc
        One line: what it does.
    source
        Where the default comes from; `"assumption"` if nowhere.
    infinite
        Whether a number may be anything, ``.inf`` too, where `bounds` give no limit.
    """
    low, high = bounds or (None, None)
    number = bounds is not None or isinstance(default, float)
    limit = LIMIT if number and not infinite else None
    return Field(
        default,
        ge=-limit if limit and low is None else low,
        le=limit if limit and high is None else high,
        description=doc,
        json_schema_extra={"unit": unit, "source": source},
    )


class Parameters(BaseModel):
    """Base of all groups of parameters: unknown keys are errors, and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=True)


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


def describe(model: type[BaseModel]) -> Iterator[ParameterInfo]:
    """Yield what each field of `model` declares, in order of declaration."""
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        low, high = _bounds(field)
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
        )


def _bounds(field: FieldInfo) -> Bounds:
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return None if low == -LIMIT else low, None if high == LIMIT else high


class Constant(Parameters):
    """The same value for everybody. A plain number in a file means this."""

    dist: Literal["constant"] = "constant"
    value: float = Param(bounds=(0, None), doc="the value")

    @property
    def mean_value(self) -> float:
        """Return the mean."""
        return self.value


class Gamma(Parameters):
    """Gamma: positive and skewed; the mixing distribution of the NBD."""

    dist: Literal["gamma"] = "gamma"
    shape: float = Param(
        bounds=(1e-6, None), doc="shape; the coefficient of variation is shape**-0.5"
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


class Beta(Parameters):
    """Beta on (0, 1), by its two shape parameters."""

    dist: Literal["beta"] = "beta"
    a: float = Param(bounds=(1e-6, None), doc="first shape; the mean is a / (a + b)")
    b: float = Param(bounds=(1e-6, None), doc="second shape")

    @property
    def mean_value(self) -> float:
        """Return the mean."""
        return self.a / (self.a + self.b)


class LogNormal(Parameters):
    """Lognormal, by its mean and the standard deviation of its logarithm."""

    dist: Literal["lognormal"] = "lognormal"
    mean: float = Param(bounds=(1e-300, None), doc="mean")
    sigma: float = Param(bounds=(0, 10), doc="standard deviation of the logarithm")

    @property
    def mean_value(self) -> float:
        """Return the mean."""
        return self.mean


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

"""Factors: parameters of a market that a study varies, and over what.

A design places points in the unit cube; a factor turns its coordinate, u in [0, 1], into a value by
the inverse of its distribution function. So every sampler works with every kind of factor, whole
numbers and choices included.
"""

import copy
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator
from scipy import stats

from experiments.formats import is_number
from experiments.markets import Market, Stored, loose, plain
from sim.config import remarks
from sim.config.market import MarketConfig
from sim.config.parameters import LIMIT, Param, Parameters
from sim.config.paths import nothing_for, write_out
from sim.config.renamed import renamed
from sim.config.source_map import KINDS
from sim.config.yaml_file import (
    ConfigError,
    Problem,
    Tree,
    dotted,
    nearest,
    no_parameters,
    show,
    validate,
)
from sim.strategies.interface import strategies

Ends = tuple[float, float]
INERT = "inert"
"""Name of the control factor that changes nothing."""
FEW = 50
"""So many values of a factor are tried before a study starts."""
_WAYS = ("range", "integers", "choices", "values", "scale")
_ANYWHERE = 0.381966
"""A coordinate at which a number between two ends is hardly ever whole."""

_T = TypeVar("_T")
Several = Annotated[_T, Field(min_length=2, max_length=1000)]


class FactorSpec(Parameters):
    """What a factor may be: one of range, integers, choices, values, scale."""

    range: Ends | None = Param(None, doc="a real number between two ends")
    integers: tuple[int, int] | None = Param(None, doc="a whole number between two ends, inclusive")
    choices: Several[list[Any]] | Several[dict[str, Any]] | None = Param(
        None, doc="one of several values, of any kind; a mapping gives them names"
    )
    step: int = Param(1, bounds=(1, None), doc="of integers: from one value to the next")
    values: Several[list[float]] | None = Param(
        None, doc="one of several numbers, in ascending order"
    )
    scale: Ends | None = Param(None, doc="the market's own value, times a number between two ends")
    dist: Literal["uniform", "loguniform", "normal", "triangular"] = Param(
        "uniform",
        doc="of range or scale: uniform; loguniform; normal: a range of 95 % about its middle, "
        "cut off at three standard deviations; triangular: highest at `mode`",
    )
    mode: float | None = Param(None, doc="triangular: the most likely value; none: the middle")
    levels: int | None = Param(
        None, bounds=(2, 10_000), unit="values", doc="in a grid: how many; none: the design's"
    )
    group: str | None = Param(None, doc="factors of one group are varied together and count as one")

    @model_validator(mode="after")
    def _one_way(self) -> "FactorSpec":
        given = [way for way in _WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            listed = ", ".join(given) or "none of them"
            raise ValueError(f"give one of {', '.join(_WAYS)} (got {listed})")
        for way in ("range", "integers", "scale"):
            ends = getattr(self, way)
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(f"{way}: the first end must be below the second (got {ends})")
            if ends is not None and not all(map(math.isfinite, ends)):
                raise ValueError(f"{way}: the ends must be finite (got {ends})")
            if ends is not None and max(map(abs, ends)) > LIMIT:
                raise ValueError(f"{way}: no end may be beyond {LIMIT:,} (got {ends})")
        continuous = self.range or self.scale
        if self.step != 1 and self.integers is None:
            raise ValueError("step is for integers")
        if self.integers and self.integers[0] + self.step > self.integers[1]:
            raise ValueError(f"step: {self.step} leaves one value between {self.integers}")
        if self.levels is not None and (self.choices or self.values):
            raise ValueError("levels is for range, scale and integers; list fewer values instead")
        if isinstance(self.choices, list) and _repeats(self.choices):
            raise ValueError("choices: each must be there once")
        if self.dist != "uniform" and continuous is None:
            raise ValueError(f"dist: {self.dist} is for range and scale")
        if self.dist == "loguniform" and continuous and continuous[0] <= 0:
            raise ValueError(f"dist: loguniform needs ends above 0 (got {continuous[0]:g})")
        if self.mode is not None and self.dist != "triangular":
            raise ValueError("mode is for dist: triangular")
        if self.mode is not None and continuous and not continuous[0] <= self.mode <= continuous[1]:
            raise ValueError(f"mode must lie within the range (got {self.mode:g})")
        if self.values is not None and sorted(set(self.values)) != self.values:
            raise ValueError("values must ascend, each once")
        return self


FactorSpecs = Annotated[dict[str, FactorSpec], Field(min_length=1)]  # by dotted path


@dataclass(frozen=True)
class Factor:
    """A factor of a study.

    Attributes
    ----------
    name
        The dotted path as the file has it, or `INERT`.
    paths
        The keys of each parameter that it sets: several where the file has a `*`, none if inert.
    spec
        What its values are.
    """

    name: str
    paths: tuple[tuple[str | int, ...], ...]
    spec: FactorSpec

    @classmethod
    def inert(cls) -> "Factor":
        """Return a factor that changes nothing: what is found of it is noise."""
        return cls(INERT, (), FactorSpec(range=(0.0, 1.0)))

    @property
    def group(self) -> str:
        """Return the group that the factor belongs to, by itself if none is given."""
        return self.spec.group or self.name

    @property
    def is_number(self) -> bool:
        """Tell whether values are numbers, rather than choices."""
        return self.spec.choices is None

    @property
    def has_numbers(self) -> bool:
        """Tell whether a table shows its values as numbers."""
        choices = self.spec.choices
        return choices is None or (isinstance(choices, list) and all(map(is_number, choices)))

    @property
    def options(self) -> Sequence[Any] | None:
        """Return the values if they can be counted, else nothing."""
        spec = self.spec
        if isinstance(spec.choices, dict):
            return list(spec.choices.values())
        if spec.integers:
            return range(spec.integers[0], spec.integers[1] + 1, spec.step)
        return spec.choices or spec.values

    def value(self, u: float) -> Any:
        """Return the value at `u`, in [0, 1]; of a scale, the multiplier."""
        if self.options is not None:
            return self.options[_which(u, len(self.options))]
        value = float(self._continuous(u))
        if self.spec.dist == "normal":  # its ends are quantiles, not bounds
            return value
        low, high = self.spec.range or self.spec.scale or (0.0, 1.0)
        return min(max(value, low), high)  # exp(log(low)) may lie below low

    def _continuous(self, u: float) -> float:
        spec = self.spec
        low, high = spec.range or spec.scale or (0.0, 1.0)
        if spec.dist == "loguniform":
            return math.exp(math.log(low) + u * (math.log(high) - math.log(low)))
        if spec.dist == "normal":
            middle, sd = (low + high) / 2, (high - low) / (2 * stats.norm.ppf(0.975))
            return float(stats.truncnorm.ppf(u, -3, 3, loc=middle, scale=sd))
        if spec.dist == "triangular":
            mode = (low + high) / 2 if spec.mode is None else spec.mode
            return float(stats.triang.ppf(u, (mode - low) / (high - low), low, high - low))
        return low + u * (high - low)

    def label(self, u: float) -> Any:
        """Return what a table shows of the value at `u`: a number, or the name of a choice."""
        spec = self.spec
        if isinstance(spec.choices, dict):
            return list(spec.choices)[_which(u, len(spec.choices))]
        return self.shown(self.value(u))

    def shown(self, value: Any) -> Any:
        """Return a value as a column of a table has it, which holds numbers only or text only."""
        return (
            value if self.has_numbers or isinstance(value, str) else json.dumps(value, default=str)
        )

    def ends(self) -> list[float]:
        """Return where in [0, 1] the factor is at its extremes, or at each of few values."""
        if self.options is not None and len(self.options) <= FEW:
            return _middles(len(self.options))
        return [0.0, 1.0]

    def grid(self, levels: int) -> list[float]:
        """Return where in [0, 1] the values of a grid are: all that can be counted, or `levels`."""
        n = self.grid_size(levels)
        if self.options is not None and n == len(self.options):
            return _middles(n)
        return [k / (n - 1) for k in range(n)]

    def grid_size(self, levels: int) -> int:
        """Return how many values the factor has in a grid."""
        wanted = self.spec.levels
        if self.options is None:
            return wanted or levels
        return min(wanted or len(self.options), len(self.options))


def _middles(n: int) -> list[float]:
    return [(k + 0.5) / n for k in range(n)]


def _which(u: float, n: int) -> int:
    return min(int(u * n), n - 1)


def _repeats(values: Sequence[Any]) -> bool:
    return any(value in values[:k] for k, value in enumerate(values))


def place(base: Market, factors: Sequence[Factor], values: Sequence[Any]) -> dict[str, Any]:
    """Return a market with the values of factors in it, resolved.

    Raises
    ------
    sim.config.yaml_file.ConfigError
        If together they make no market.
    """
    data = _changed(base, factors, values)
    if isinstance(base, Stored):
        return Stored(data)
    try:
        return plain(MarketConfig.model_validate(data))
    except ValidationError:
        validate(MarketConfig, Tree(data))  # says it better
        raise


def _changed(base: Market, factors: Sequence[Factor], values: Sequence[Any]) -> Any:
    data = loose(base)
    puts = [
        (path, value, factor.spec.scale is not None)
        for factor, value in zip(factors, values, strict=True)
        for path in factor.paths
    ]
    # First what says which other parameters there are.
    for path, value, multiply in sorted(puts, key=lambda put: put[0][-1] not in KINDS):
        _put(data, path, value, multiply)
    return data


def _put(data: Any, path: tuple[str | int, ...], value: Any, multiply: bool) -> None:
    write_out(MarketConfig, data, path, value)
    *way, last = path
    for key in way:
        data = data[key]
    if multiply and not (isinstance(data, dict) and last not in data):
        scaled = data[last] * value
        data[last] = round(scaled) if isinstance(data[last], int) else scaled
    else:
        data[last] = copy.deepcopy(value)


# -- from a file ----------------------------------------------------------------------------------


def read(
    specs: Mapping[str, FactorSpec], base: Market, tree: Tree, key: str = "factors"
) -> tuple[tuple[Factor, ...], list[Problem]]:
    """Return the factors of a study, or all that is wrong with them.

    Parameters
    ----------
    specs
        By dotted path; a `*` in a path stands for every key there.
    base
        The resolved market that they vary.
    tree, key
        The study file, for the places of mistakes, and where in it the factors stand.
    """
    factors: list[Factor] = []
    problems: list[Problem] = []
    stored = isinstance(base, Stored)
    known = set() if stored else set(remarks.find(MarketConfig.model_validate(base)))
    taken: dict[tuple[str | int, ...], str] = {}
    for name, spec in specs.items():
        try:
            factor = Factor(name, tuple(_paths(base, name)), spec)
            found = _check(factor, base, taken)
        except _Wrong as wrong:
            problems += [tree.problem((key, name), str(text)) for text in wrong.args]
        else:
            factors.append(factor)
            taken |= dict.fromkeys(factor.paths, name)
            for (path, what), at in found.items():
                if (path, what) not in known:
                    remarks.say((key, name), f"at {at}: {dotted(path)}: {what}", tree)
    return tuple(factors), problems


class _Wrong(Exception):
    """Everything that is wrong with one factor, a sentence each."""


def _paths(base: Market, name: str) -> Iterator[tuple[str | int, ...]]:
    """Yield the keys that a dotted path means in a market."""
    found: list[tuple[tuple[str | int, ...], Any]] = [((), base)]
    for part in name.split("."):
        found = [step for path, data in found for step in _steps(path, data, part)]
        if not found:
            raise _Wrong(nothing_for(part))
    yield from (path for path, _ in found)


def _steps(
    path: tuple[str | int, ...], data: Any, part: str
) -> Iterable[tuple[tuple[str | int, ...], Any]]:
    if isinstance(data, list | tuple):
        rows: Mapping[Any, Any] = {str(k): item for k, item in enumerate(data)}
    elif isinstance(data, Mapping):
        rows = data
    else:
        raise _Wrong(no_parameters(dotted(path), data))
    if part == "*":
        keys = list(rows)
    elif part in rows:
        keys = [part]
    else:
        raise _Wrong(_unknown(part, path, list(rows)))
    return [((*path, int(k) if isinstance(data, list | tuple) else k), rows[k]) for k in keys]


def _unknown(part: str, path: tuple[str | int, ...], known: list[str]) -> str:
    near = nearest(part, known)
    guess = f"; did you mean {near!r}?" if near else "."
    if path[-1:] == ("strategies",) and part in strategies():
        guess = f": the market does not use it; write {dotted((*path, part))}: {{}} into `set`."
    where = dotted(path) or "the market"
    if now := renamed((*path, part)):
        return f"{dotted((*path, part))} {now}"
    return f"{where} has no {part!r}{guess} It has: {', '.join(known) or 'nothing'}"


def _check(factor: Factor, base: Market, taken: Mapping[Any, str]) -> dict[remarks.Found, str]:
    """See that a factor can be set, at both ends or to all choices, and that no other sets it.

    Returns
    -------
    dict
        What there is to remark on the markets, and at which value.
    """
    for path in factor.paths:
        for other, name in taken.items():
            if path[: len(other)] == other or other[: len(path)] == path:
                same = "the same parameter as" if path == other else "what is varied too by"
                raise _Wrong(f"sets {same} {name}")
    if factor.spec.scale:
        _check_scale([lookup(base, path) for path in factor.paths])
    if isinstance(base, Stored):
        return {}  # it was checked at the time
    wrong: dict[str, None] = {}
    found: dict[remarks.Found, str] = {}
    for u in (*factor.ends(), _ANYWHERE):
        try:
            market = validate(MarketConfig, Tree(_changed(base, (factor,), [factor.value(u)])))
        except ConfigError as error:
            wrong |= {
                f"at {show(factor.label(u))}: {p.path}: {p.what}": None for p in error.problems
            }
        else:
            found |= dict.fromkeys(remarks.find(market), show(factor.label(u)))
    if wrong:
        raise _Wrong(*wrong)
    return found


def _check_scale(values: list[Any]) -> None:
    for value in values:
        if not is_number(value):
            raise _Wrong(f"scale needs a number to multiply, and finds {show(value)}")
    if not any(values):
        raise _Wrong("scale multiplies 0, which changes nothing; give a range instead")


def lookup(data: Any, path: tuple[str | int, ...]) -> Any:
    """Return what is at some keys."""
    for key in path:
        data = data[key]
    return data

"""An axis cut into levels: its own values where they are few, else bins of equal probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments import formats
from experiments.factors import Factor
from experiments.markets import Market
from experiments.sweep.design import Axis
from sim.config.market import MarketConfig

MOST_LEVELS = 8
"""So many values of a sampled number are levels of their own; more are put into bins."""
POINTS_PER_BIN = 8
"""A bin has no fewer points than this, on average."""


@dataclass(frozen=True)
class Levels:
    """The levels of an axis.

    Attributes
    ----------
    of : int64[points]
        The level of each point.
    labels
        Of each level: a value, or the values between which a bin is.
    at : float64[levels]
        Where a level is drawn: its value, the mean of a bin's, or the number of a choice.
    numeric
        Whether `at` are values.
    """

    of: NDArray[np.int64]
    labels: tuple[str, ...]
    at: NDArray[np.float64]
    numeric: bool

    def __len__(self) -> int:
        """Return how many levels there are."""
        return len(self.labels)


def levels(axis: Axis, unit: NDArray[np.float64], grid: bool) -> Levels:
    """Cut an axis into levels.

    Parameters
    ----------
    axis
        The axis.
    unit : float64[points, factors]
        Where the points are.
    grid
        Whether each value is a level, however many there are.
    """
    own = unit[:, axis.columns[0]]
    values = [axis.first.label(u) for u in own]
    if not axis.first.is_number:
        order = [axis.first.label(u) for u in axis.first.grid(2)]
        there = [value for value in order if value in set(values)]
        of = np.array([there.index(value) for value in values], np.int64)
        return Levels(of, _texts(axis, unit, of, len(there)), np.arange(float(len(there))), False)
    number = np.array(values, float)
    known = np.unique(number)
    if grid or len(known) <= MOST_LEVELS:
        of = np.searchsorted(known, number)
        return Levels(of, _texts(axis, unit, of, len(known)), known, True)
    bins = int(np.clip(len(own) // POINTS_PER_BIN, 2, MOST_LEVELS))
    # Not every bin need have a point: whole numbers may not fall into all.
    raw = np.minimum((own * bins).astype(np.int64), bins - 1)
    of = np.unique(raw, return_inverse=True)[1]
    ends = [(number[of == k].min(), number[of == k].max()) for k in range(of.max() + 1)]
    labels = tuple(f"{text(low, 3)} to {text(high, 3)}" for low, high in ends)
    return Levels(of, labels, np.array([number[of == k].mean() for k in range(len(ends))]), True)


def _texts(axis: Axis, unit: NDArray[np.float64], of: NDArray[np.int64], n: int) -> tuple[str, ...]:
    """Return what each level is called: the values of all factors of the axis."""
    rows = [int(np.flatnonzero(of == k)[0]) for k in range(n)]
    return tuple(
        " / ".join(
            text(factor.label(unit[row, column]))
            for factor, column in zip(axis.factors, axis.columns, strict=True)
        )
        for row in rows
    )


def text(value: Any, digits: int = 4) -> str:
    """Write a value of a factor, as short as it can be."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return formats.NOTHING
    if isinstance(value, bool | np.bool_ | str):
        return str(value)
    if isinstance(value, int | np.integer):
        return f"{value:,}".replace("-", "−")
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{digits}g}".replace("-", "−")
    short = np.format_float_positional(value, digits, fractional=False, trim="-")
    return short.replace("-", "−")


# -- what axes are called -------------------------------------------------------------------------


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Return dotted paths cut down to their last two parts, or more if they are to differ."""
    parts = {name: name.split(".") for name in names}
    out = {}
    for name, own in parts.items():
        others = [other for other in parts if other != name]
        sizes = range(2, len(own) + 1)
        out[name] = next(
            (
                ".".join(own[-size:])
                for size in sizes
                if all(parts[other][-size:] != own[-size:] for other in others)
            ),
            name,
        )
    return out


def unit_of(factor: Factor, base: Market) -> str:
    """Return the unit of a factor's parameter, as its declaration has it; empty if it has none."""
    if factor.spec.scale:
        return "times"
    if not factor.paths or not factor.is_number:
        return ""
    *way, last = factor.paths[0]
    try:
        place: Any = MarketConfig.model_validate(base)
    except ValueError:  # a market of the past, which today's program could not make
        return ""
    for key in way:
        inside = hasattr(place, "__getitem__")
        place = place[key] if inside else getattr(place, str(key))
    fields = getattr(type(place), "model_fields", {})
    extra = fields[last].json_schema_extra if last in fields else None
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""

"""The same study with ranges twice as wide: what an answer owes to the ranges."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from experiments.calibrate.found import rows_of
from experiments.calibrate.waves import first_wave
from experiments.factors import Factor, place
from experiments.markets import Market, Stored
from experiments.study import Study
from sim.config.yaml_file import ConfigError

STEPS = 40
DIGITS = 6


def doubled(study: Study) -> Study:
    """Return the study with ranges twice as wide, a study by itself with a folder of its own."""
    rows = rows_of(study)
    wide = tuple(wider(factor, rows.base) for factor in rows.factors)
    free = {factor.name: factor.spec for factor in wide}
    method = study.spec.method.model_copy(update={"doubled": False})  # type: ignore[attr-defined]
    spec = study.spec.model_copy(update={"free": free, "method": method})
    points = first_wave(rows.base, wide, rows.plan)
    return replace(study, name=f"{study.name}-doubled", spec=spec, points=points)


def wider(factor: Factor, base: Market) -> Factor:
    """Return a factor with its range twice as wide about its middle, as far as bounds allow.

    Of a range that is even in logarithms, twice as wide in these. Choices and lists stay.
    """
    spec = factor.spec
    if spec.integers is not None:
        low, high = spec.integers
        half = (high - low) / 2
        ends = (math.floor(low - half), math.ceil(high + half))
        ends = (_whole(factor, base, low, ends[0]), _whole(factor, base, high, ends[1]))
        steps = (ends[1] - ends[0]) // spec.step
        return _with(factor, integers=(ends[0], ends[0] + steps * spec.step))
    key = "range" if spec.range is not None else "scale"
    given = getattr(spec, key)
    if given is None:
        return factor
    low, high = given
    if spec.dist == "loguniform":
        ratio = math.sqrt(high / low)
        wide = (low / ratio, high * ratio)
    else:
        half = (high - low) / 2
        wide = (low - half, high + half)
    if key == "scale":
        wide = (max(wide[0], 0.0), wide[1])
    found = tuple(
        _furthest(lambda value: _fits(factor, base, value), own, asked)
        for own, asked in zip(given, wide, strict=True)
    )
    return _with(factor, **{key: found})


def _with(factor: Factor, **update: Any) -> Factor:
    return replace(factor, spec=factor.spec.model_copy(update=update))


def _whole(factor: Factor, base: Market, own: int, asked: int) -> int:
    step = 1 if asked < own else -1
    while asked != own and not _fits(factor, base, asked):
        asked += step
    return asked


def _furthest(fits: Callable[[float], bool], own: float, asked: float) -> float:
    """Return the number from `own`, which fits, to `asked` that is farthest and fits."""
    if fits(asked):
        return asked
    inside, outside = own, asked
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if fits(middle) else (inside, middle)
    # Bisection ends next to a bound, which is a round number.
    tidy = round(inside, DIGITS - math.floor(math.log10(abs(asked - own))))
    return tidy if fits(tidy) else inside


def _fits(factor: Factor, base: Market, value: float) -> bool:
    if isinstance(base, Stored):
        return True  # it was checked at the time
    try:
        place(base, (factor,), [value])
    except ConfigError:
        return False
    return True

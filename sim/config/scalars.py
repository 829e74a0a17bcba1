"""Single values that a strategy's code gives: checked, and turned into plain Python values.

A file is checked by pydantic; what code gives is checked here. numpy's scalars become numbers of
Python's own. A truth value is no number, and text is neither.
"""

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np


def number(name: str, value: object, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number within bounds.

    Parameters
    ----------
    name
        What it is, for the message.
    value
        What was given.
    low, high
        Bounds, both inclusive.

    Raises
    ------
    ValueError
        If it is no number, not finite, or out of bounds.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise ValueError(f"{name} must be a number (got {value!r})")
    given = int(value) if isinstance(value, Integral) else float(value)
    if not (low <= given <= high and math.isfinite(given)):
        raise ValueError(f"{name} must be {_range(low, high)} (got {value})")
    return given


def whole(name: str, value: object, low: float = -math.inf, high: float = math.inf) -> int:
    """Return a whole number within bounds; `7.0` is one. As `number` otherwise."""
    given = number(name, value, low, high)
    if given != int(given):
        raise ValueError(f"{name} must be a whole number (got {value})")
    return int(given)


def truth(name: str, value: object) -> bool:
    """Return a truth value; a number or text is none."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False (got {value!r})")
    return bool(value)


def text(name: str, value: object) -> str:
    """Return text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be text (got {value!r})")
    return str(value)


def tidy(given: Any, fields: str, check: Callable[..., Any], *bounds: float) -> None:
    """Replace some fields, named with blanks between, of a frozen dataclass by checked values."""
    for field in fields.split():
        object.__setattr__(given, field, check(field, getattr(given, field), *bounds))


def _range(low: float, high: float) -> str:
    if high == math.inf:
        return "finite" if low == -math.inf else f"{low:g} or more, and finite"
    return f"from {low:g} to {high:g}"


def cents(cny: float) -> int:
    """Return an amount of CNY in integer cents."""
    return round(cny * 100)

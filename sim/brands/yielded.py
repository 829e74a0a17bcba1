"""What a strategy's methods yield, held against what the engine knows.

Strategies are code that anybody may write. A mistake in one is told with the method, what it
yielded, and what it may yield; where the code raised something, with its file and line.
"""

import inspect
import traceback
from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
MOST_YIELDED = 10_000


class StrategyError(ValueError):
    """A strategy did on some day of a run what it cannot: it says which strategy, what and when."""


def yielded(strategy: Any, method: str, allowed: tuple[type[T], ...], *given: Any) -> list[T]:
    """Return what a method of a strategy yields.

    Parameters
    ----------
    strategy : Strategy
        The strategy.
    method
        Name of the method.
    allowed
        Classes of what it may yield.
    *given
        What the method is called with.

    Raises
    ------
    ValueError
        If it raises an exception, yields anything else, or never ends.
    """
    may = f"it may yield {' and '.join(name_of(one) for one in allowed)}"
    try:
        told = getattr(strategy, method)(*given)
        if not isinstance(told, Iterable):
            raise ValueError(f"{method}() returned {shown(told)}: {may}")
        found = list(islice(told, MOST_YIELDED + 1))
    except Exception as error:
        raise ValueError(f"{explain(strategy, method, error)}") from error
    if len(found) > MOST_YIELDED:
        raise ValueError(f"{method}() yields more than {MOST_YIELDED:,} times, or never ends")
    for one in found:
        if not isinstance(one, allowed):
            raise ValueError(f"{method}() yielded {shown(one)}: {may}")
    return found


def explain(strategy: Any, method: str, error: Exception) -> str:
    """Return what went wrong in a method of a strategy, and where in the file that defines it.

    A `ValueError` of a strategy that comes with Huitou is a message to users, who write no code.
    """
    if isinstance(error, ValueError):
        if type(strategy).__module__.startswith("sim."):
            return str(error)
        return f"{error}{_place(strategy, error)}"
    return f"{method}() raised {type(error).__name__}: {error}{_place(strategy, error)}"


def name_of(kind: type) -> str:
    """Return the name of a class with its module, by which two of one name are told apart."""
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def shown(value: object) -> str:
    """Write an object and its class, in at most some hundred characters."""
    if value is None:
        return "None"
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:56] + ' ...'}, of class {name_of(type(value))}"


def _place(strategy: Any, error: Exception) -> str:
    """Return the last line of the strategy's own file that led to an error."""
    try:
        file = inspect.getfile(type(strategy))
    except (TypeError, OSError):  # typed in, and in no file
        return ""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return f" ({file}, line {lines[-1]})" if lines else ""

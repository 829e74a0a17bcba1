"""Strategies from packages of one's own: the entry-point group `huitou.strategies`.

A plug-in that cannot be loaded does not stop the program: it is left out as a whole, and what is
wrong with it is said once. A market that names one of its strategies gets an error which says why
there is no such strategy.
"""

import importlib.metadata
import importlib.util
import traceback
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

GROUP = "huitou.strategies"


class PluginWarning(UserWarning):
    """A plug-in cannot be used, and is left out."""


def load(registered: dict[str, Any], base: type) -> list[str]:
    """Load every plug-in, and leave out those that cannot be used.

    Parameters
    ----------
    registered
        Strategies by name. To define one enters it; what a plug-in that fails has entered is
        taken out again.
    base
        The class of all strategies.

    Returns
    -------
    list of str
        For each plug-in that is left out: which it is, where it fails, why, and what to do.
    """
    problems = []
    for point in _points():
        before = dict(registered)
        try:
            _enter(point.load(), registered, base)
        except (Exception, SystemExit) as error:
            registered.clear()
            registered.update(before)
            problems.append(_sentence(point, error))
    return problems


def _points() -> list[EntryPoint]:
    points = importlib.metadata.entry_points(group=GROUP)
    return sorted(points, key=lambda point: (point.name, point.value))


def _enter(found: object, registered: dict[str, Any], base: type) -> None:
    """See that a plug-in gave strategies, and that each is known by its own name."""
    classes = list(_strategies(found, base))
    if not classes:
        raise TypeError(f"{found!r} is neither a Strategy nor a module that defines one")
    for cls in classes:
        # A module that an earlier plug-in has imported is not run again, so it is entered here.
        if registered.setdefault(cls.key(), cls) is not cls:
            raise ValueError(taken(cls, registered[cls.key()]))


def _strategies(found: object, base: type) -> Iterator[Any]:
    values: Iterable[object] = vars(found).values() if isinstance(found, ModuleType) else [found]
    for value in values:
        if isinstance(value, type) and issubclass(value, base) and value is not base:
            yield value


def taken(cls: Any, other: Any) -> str:
    """Say that the name of a strategy is taken."""
    return (
        f"the strategy {cls.__module__}.{cls.__qualname__} is called {cls.key()!r}, as is "
        f"{other.__module__}.{other.__qualname__}: rename the class, or give it another `name`"
    )


def _sentence(point: EntryPoint, error: BaseException) -> str:
    dist = point.dist
    package = f"{dist.name} {dist.version}" if dist else "of no known package"
    where = _place(error, point.module)
    remedy = "Repair it" + (f", or remove it: pip uninstall {dist.name}" if dist else "")
    return (
        f"the plug-in {package} ({GROUP}: {point.name} = {point.value}) is left out: "
        f"{where}{type(error).__name__}: {error}. {remedy}"
    )


def _place(error: BaseException, module: str) -> str:
    """Return file and line of the last line of the plug-in's own that was reached."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: "
    machinery = {str(Path(__file__)), importlib.__file__, importlib.metadata.__file__}
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename not in machinery and not frame.filename.startswith("<frozen")
    ]
    folder = _folder(module.partition(".")[0])
    own = [frame for frame in frames if folder and Path(frame.filename).is_relative_to(folder)]
    last = (own or frames)[-1:]
    return f"{last[0].filename}:{last[0].lineno}: " if last else ""


def _folder(package: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec and spec.origin else None

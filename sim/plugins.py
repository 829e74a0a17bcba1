"""Strategies and mechanisms from packages of one's own, by entry points.

The groups are `huitou.strategies` (a strategy, or a module with some) and `huitou.mechanisms` (a
package with what a folder of `sim/mechanisms/` has). A plug-in that cannot be loaded does not stop
the program: it is left out as a whole, and what is wrong with it is said once. A market that names
one of its strategies gets an error which says why there is no such strategy.
"""

import importlib
import importlib.metadata
import importlib.util
import math
import pkgutil
import traceback
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

GROUP = "huitou.strategies"
MECHANISMS = "huitou.mechanisms"
_OWN_MECHANISMS = Path(__file__).parent / "mechanisms"
_MACHINERY = (
    Path(__file__),
    _OWN_MECHANISMS / "__init__.py",
    Path(__file__).parent / "engine/hooks.py",
)
"""Files of which no line is the place of a plug-in's mistake."""


class PluginWarning(UserWarning):
    """A plug-in cannot be used, and is left out."""


class ClashError(ValueError):
    """Two declare one thing; which of them is meant, nobody can tell.

    Parameters
    ----------
    what
        What is declared: ACCOUNTS, PURPOSES, ...
    one, other
        Who declares it: the core, or the name of a mechanism.
    thing
        The name or the number.
    """

    def __init__(self, what: str, one: str, other: str, thing: object) -> None:
        super().__init__(
            f"{what}: {one} and {other} both use {thing!r}; rename it in the mechanism of a "
            "plug-in, or remove the plug-in"
        )


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
    for point in _points(GROUP):
        before = dict(registered)
        try:
            _enter(point.load(), registered, base)
        except (Exception, SystemExit) as error:
            registered.clear()
            registered.update(before)
            problems.append(left_out(point, error))
    return problems


@cache
def mechanisms() -> tuple[dict[str, tuple[EntryPoint, ModuleType]], tuple[str, ...]]:
    """Load the packages of mechanisms of plug-ins, but not their rules.

    Returns
    -------
    dict of str to (EntryPoint, ModuleType)
        The entry point and the package of each that can be used, by name.
    tuple of str
        For each that is left out: which it is, where it fails, why, and what to do.
    """
    taken = {one.name: f"sim.mechanisms.{one.name}" for one in _folders()}
    found: dict[str, tuple[EntryPoint, ModuleType]] = {}
    problems = []
    for point in _points(MECHANISMS):
        try:
            package = point.load()
            name = _mechanism_name(package)
            _import_declarations(package)
            if name in taken:
                raise ValueError(
                    f"the mechanism {package.__name__} is called {name!r}, as is {taken[name]}: "
                    "rename its folder"
                )
        except (Exception, SystemExit) as error:
            problems.append(left_out(point, error))
        else:
            found[name], taken[name] = (point, package), package.__name__
    return found, tuple(problems)


def _folders() -> Iterator[pkgutil.ModuleInfo]:
    return (one for one in pkgutil.iter_modules([str(_OWN_MECHANISMS)]) if one.ispkg)


def _mechanism_name(found: object) -> str:
    """Return the name of a mechanism's folder; see that it is one."""
    if not isinstance(found, ModuleType) or not hasattr(found, "__path__"):
        raise TypeError(f"{found!r} is not a package")
    order = getattr(found, "ORDER", None)
    if not isinstance(order, int | float) or not math.isfinite(order):
        raise TypeError(f"{found.__name__} has no number ORDER, so it is no mechanism")
    return found.__name__.rpartition(".")[2]


def _import_declarations(package: ModuleType) -> None:
    """Import what the core reads early, so that a mistake there has its place, too."""
    for part in ("terms", "state", "behaviour"):
        if importlib.util.find_spec(f"{package.__name__}.{part}"):
            importlib.import_module(f"{package.__name__}.{part}")


def _points(group: str) -> list[EntryPoint]:
    points = importlib.metadata.entry_points(group=group)
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


def left_out(point: EntryPoint, error: BaseException) -> str:
    """Say which plug-in is left out, where it fails, why, and what to do."""
    dist = point.dist
    package = f"{dist.name} {dist.version}" if dist else "of no known package"
    where = _place(error, point.module)
    remedy = "Repair it" + (f", or remove it: pip uninstall {dist.name}" if dist else "")
    return (
        f"the plug-in {package} ({point.group}: {point.name} = {point.value}) is left out: "
        f"{where}{type(error).__name__}: {error}. {remedy}"
    )


def _place(error: BaseException, module: str) -> str:
    """Return file and line of the last line of the plug-in's own that was reached."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: "
    machinery = {*map(str, _MACHINERY), importlib.__file__, importlib.metadata.__file__}
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

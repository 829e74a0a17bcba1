"""What brands can set up and people respond to: one mechanism, one folder, found by itself.

A folder holds

- `__init__.py`: a docstring (idea, source), `ORDER` (the place among mechanisms, where that
  matters), `VERBS`, the contents of touches that the mechanism gives a meaning, `used_by` (which
  brands use it by their terms), and `TERMS`, the names of the classes of terms that this reads;
- `rules.py`: rules named after the hooks of `sim.hooks` that they answer.

The core names none of them. A package of one's own adds such a folder through the entry-point group
`huitou.mechanisms` (`sim.plugins`).
"""

import importlib
import importlib.util
import multiprocessing
import pkgutil
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from sim import plugins
from sim.engine.hooks import MOST_SPEAKERS, Hook
from sim.hooks import HOOKS
from sim.people.message_kinds import MessageKind


class Mechanism(NamedTuple):
    """An installed mechanism.

    Attributes
    ----------
    name
        That of its folder.
    bit
        Number of its bit in `mechanisms` of BRAND.
    package
        Its folder as a package.
    point
        The entry point that it came through, None for one of Huitou's own.
    """

    name: str
    bit: int
    package: ModuleType
    point: EntryPoint | None = None

    @property
    def mask(self) -> int:
        """The bit as a mask."""
        return 1 << self.bit

    @property
    def verbs(self) -> int:
        """Flags of `Does` that it gives a meaning."""
        return int(getattr(self.package, "VERBS", 0))

    @property
    def terms(self) -> tuple[str, ...] | None:
        """Names of the classes of terms that it reads; None if it does not say what it reads."""
        return getattr(self.package, "TERMS", None if hasattr(self.package, "used_by") else ())

    def module(self, name: str) -> ModuleType:
        """Return one of its modules."""
        return importlib.import_module(f"{self.package.__name__}.{name}")

    def has(self, name: str) -> bool:
        """Tell whether it has a module of that name."""
        return importlib.util.find_spec(f"{self.package.__name__}.{name}") is not None

    def answers(self) -> Iterator[tuple[Hook, Any]]:
        """Yield the hooks that its rules answer, each with the rule."""
        rules = vars(self.module("rules"))
        for name, hook in HOOKS.items():
            # a rule that it imported to call it is the core's own hook, and no answer
            if name in rules and rules[name] is not hook.caller:
                yield hook, rules[name]


@cache
def installed() -> tuple[Mechanism, ...]:
    """Return all mechanisms, in their order; bits of plug-ins come after those of our own.

    Raises
    ------
    ValueError
        If there are more than a mask has bits.
    """
    own = [
        (importlib.import_module(f"{__name__}.{module.name}"), None)
        for module in pkgutil.iter_modules(__path__)
        if module.ispkg
    ]
    plugged = [(package, point) for point, package in plugins.mechanisms()[0].values()]
    found = [*sorted(own, key=_place), *sorted(plugged, key=_place)]
    if len(found) > MOST_SPEAKERS:
        raise ValueError(f"at most {MOST_SPEAKERS} mechanisms can be installed, not {len(found)}")
    return tuple(
        Mechanism(package.__name__.rpartition(".")[2], bit, package, point)
        for bit, (package, point) in sorted(enumerate(found), key=lambda each: _place(each[1]))
    )


def _place(found: tuple[ModuleType, EntryPoint | None]) -> tuple[float, str]:
    package = found[0]
    return package.ORDER, package.__name__.rpartition(".")[2]


@cache
def broken() -> dict[str, str]:
    """Return which mechanisms of plug-ins have rules that cannot be used: why, by name.

    Their rules are left out. A market in which a brand uses one is refused.
    """
    problems = {}
    for mechanism in installed():
        if mechanism.point is not None:
            try:
                _try(mechanism)
            except (Exception, SystemExit) as error:
                problems[mechanism.name] = plugins.left_out(mechanism.point, error)
    if multiprocessing.parent_process() is None:  # said once, and not by every worker
        for problem in problems.values():
            warnings.warn(problem, plugins.PluginWarning, stacklevel=2)
    return problems


def _try(mechanism: Mechanism) -> None:
    for hook, said in mechanism.answers():
        hook.check(said)
    if mechanism.has("day"):
        mechanism.module("day")


def mark(world: Any) -> None:
    """Set each brand's mask: the mechanisms whose terms it has set, or whose touches it sends.

    Raises
    ------
    RuntimeError
        If a brand uses a mechanism of a plug-in that is broken.
    """
    steps, brands = world.steps, world.brands
    for mechanism in installed():
        used_by = getattr(mechanism.package, "used_by", None)
        used = used_by(world) if used_by else np.zeros(brands.size, np.bool_)
        used[steps["brand"][steps["does"] & mechanism.verbs != 0]] = True
        brands["mechanisms"][used] |= mechanism.mask
        if used.any() and (why := broken().get(mechanism.name)):
            raise RuntimeError(why)


@cache
def phases(name: str) -> tuple[Callable[[Any, int], None], ...]:
    """Return what mechanisms do in a phase of the day: functions of that name in their `day.py`."""
    able = (one for one in installed() if one.name not in broken() and one.has("day"))
    modules = [mechanism.module("day") for mechanism in able]
    return tuple(getattr(module, name) for module in modules if hasattr(module, name))


def _declared(what: str) -> dict[str, Any]:
    """Return what mechanisms declare under a name in their `__init__.py`, all together.

    Raises
    ------
    ValueError
        If two mechanisms use one name or one number.
    """
    together: dict[str, Any] = {}
    for mechanism in installed():
        own = getattr(mechanism.package, what, {})
        if twice := together.keys() & own.keys() or set(together.values()) & set(own.values()):
            raise ValueError(f"two mechanisms declare the same {what}: {twice}")
        together |= own
    return together


@cache
def message_kinds() -> dict[str, MessageKind]:
    """Return the kinds of messages that mechanisms declare, by name."""
    return _declared("MESSAGES")


@cache
def accrual_kinds() -> dict[str, int]:
    """Return the kinds of accruals that mechanisms declare: their numbers, by name."""
    return _declared("ACCRUALS")


@cache
def bind() -> None:
    """Let the rules of all mechanisms answer the hooks that they are named after."""
    speakers: dict[str, list[tuple[int, Any]]] = {name: [] for name in HOOKS}
    for mechanism in installed():
        if mechanism.name not in broken():
            for hook, said in mechanism.answers():
                speakers[hook.name].append((mechanism.bit, said))
    for name, hook in HOOKS.items():
        hook.bind(speakers[name])

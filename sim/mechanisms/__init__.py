"""What brands can set up and people respond to: one mechanism, one folder, found by itself.

A folder holds

- `__init__.py`: a docstring (idea, source), `ORDER` (the place among mechanisms, where that
  matters), `VERBS` (the contents of touches that the mechanism gives a meaning), and what it adds
  to the registries of the core:

  - `ACCOUNTS` (see `sim.accounts`) and `COUNTS` (`sim.counts`), by name;
  - `PURPOSES` (`sim.purposes`), `MESSAGES` and `ACCRUALS`, by name and number: their numbers enter
    draws, so they are for good, and no two mechanisms may use the same;
  - `FIELDS`, the fields of terms of whatever mechanism that bring it into use if they are not 0;
  - `APPENDS`, the most rows that one step appends to tables that grow (`sim.tables`);
- `terms.py`, `state.py`, `behaviour.py`: what it declares (`sim.mechanisms.declarations`);
- `rules.py`: rules named after the hooks of `sim.hooks` that they answer;
- `day.py`: what it does in a phase of the day.

The core names none of them.
"""

import importlib
import importlib.util
import multiprocessing
import pkgutil
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any, NamedTuple

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
    def fields(self) -> tuple[str, ...]:
        """Fields of terms, of whatever mechanism, that bring it into use where they are not 0."""
        return tuple(getattr(self.package, "FIELDS", ()))

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
    from sim.mechanisms.checks import see_that_it_fits

    problems = {}
    for mechanism in installed():
        if mechanism.point is not None:
            try:
                see_that_it_fits(mechanism)
            except (Exception, SystemExit) as error:
                problems[mechanism.name] = plugins.left_out(mechanism.point, error)
    if multiprocessing.parent_process() is None:  # said once, and not by every worker
        for problem in problems.values():
            warnings.warn(problem, plugins.PluginWarning, stacklevel=2)
    return problems


@cache
def phases(name: str) -> tuple[Callable[[Any, int], None], ...]:
    """Return what mechanisms do in a phase of the day: functions of that name in their `day.py`."""
    able = (one for one in installed() if one.name not in broken() and one.has("day"))
    modules = [mechanism.module("day") for mechanism in able]
    return tuple(getattr(module, name) for module in modules if hasattr(module, name))


def declared(what: str) -> Iterator[tuple[str, Any]]:
    """Yield what mechanisms declare under a name in their `__init__.py`, each with its own name."""
    for mechanism in installed():
        if hasattr(mechanism.package, what):
            yield mechanism.name, getattr(mechanism.package, what)


def together(
    what: str, core: Iterable[str] = (), number: Callable[[Any], int] | None = None
) -> dict[str, Any]:
    """Return what core and mechanisms declare under a name, the core's first, else in their order.

    Parameters
    ----------
    what
        The name: PURPOSES, ACCOUNTS, ...
    core
        What the core declares: by name, or names alone.
    number
        The number of a thing declared, where no two may have the same.

    Raises
    ------
    ClashError
        If two declare the same name or number; both are named.
    """
    found: dict[str, Any] = {}
    owners: dict[str | int, str] = {}
    for owner, own in (("the core", core), *declared(what)):
        things = own if isinstance(own, Mapping) else dict.fromkeys(own)
        for name, thing in things.items():
            for unique in (name,) if number is None else (name, number(thing)):
                if unique in owners:
                    raise plugins.ClashError(what, owners[unique], owner, unique)
                owners[unique] = owner
            found[name] = thing
    return found


@cache
def message_kinds() -> dict[str, MessageKind]:
    """Return the kinds of messages that mechanisms declare, by name."""
    return together("MESSAGES", number=lambda kind: kind.number)


@cache
def accrual_kinds() -> dict[str, int]:
    """Return the kinds of accruals that mechanisms declare: their numbers, by name."""
    return together("ACCRUALS", number=int)


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

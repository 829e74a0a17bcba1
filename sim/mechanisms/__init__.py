"""What brands can set up and people respond to: one mechanism, one folder, found by itself.

A folder holds

- `__init__.py`: a docstring (idea, source), `ORDER` (the place among mechanisms, where that
  matters), `VERBS` (the contents of touches that the mechanism gives a meaning), and what it adds
  to the registries of the core:

  - `ACCOUNTS` (see `sim.accounts`) and `COUNTS` (`sim.counts`), by name;
  - `PURPOSES` (`sim.purposes`), `MESSAGES` and `ACCRUALS`, by name and number: their numbers enter
    draws, so they are for good, and no two mechanisms may use the same;
  - `APPENDS`, the most rows that one step appends to tables that grow (`sim.tables`);
- `terms.py`, `state.py`, `behaviour.py`: what it declares (`sim.mechanisms.declarations`);
- `rules.py`: rules named after the hooks of `sim.hooks` that they answer;
- `day.py`: what it does in a phase of the day.

The core names none of them.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

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
    """

    name: str
    bit: int
    package: ModuleType

    @property
    def mask(self) -> int:
        """The bit as a mask."""
        return 1 << self.bit

    @property
    def verbs(self) -> int:
        """Flags of `Does` that it gives a meaning."""
        return int(getattr(self.package, "VERBS", 0))

    def has(self, name: str) -> bool:
        """Tell whether it has a module of that name."""
        return importlib.util.find_spec(f"{self.package.__name__}.{name}") is not None

    def module(self, name: str) -> ModuleType:
        """Return one of its modules."""
        return importlib.import_module(f"{self.package.__name__}.{name}")


@cache
def installed() -> tuple[Mechanism, ...]:
    """Return all mechanisms, in their order."""
    folders = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if module.ispkg
    ]
    folders.sort(key=lambda package: (package.ORDER, package.__name__))
    return tuple(
        Mechanism(package.__name__.rpartition(".")[2], bit, package)
        for bit, package in enumerate(folders)
    )


@cache
def phases(name: str) -> tuple[Callable[[Any, int], None], ...]:
    """Return what mechanisms do in a phase of the day: functions of that name in their `day.py`."""
    modules = [mechanism.module("day") for mechanism in installed() if mechanism.has("day")]
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
    ValueError
        If two declare the same name or number; both are named.
    """
    found: dict[str, Any] = {}
    owners: dict[str | int, str] = {}
    for owner, own in (("the core", core), *declared(what)):
        things = own if isinstance(own, Mapping) else dict.fromkeys(own)
        for name, thing in things.items():
            for unique in (name,) if number is None else (name, number(thing)):
                if unique in owners:
                    raise ValueError(f"{what}: {owners[unique]} and {owner} both use {unique!r}")
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
    rules = [(mechanism.bit, mechanism.module("rules")) for mechanism in installed()]
    for name, hook in HOOKS.items():
        hook.bind((bit, getattr(module, name)) for bit, module in rules if _answers(module, name))


def _answers(module: ModuleType, name: str) -> bool:
    # a rule that it imported to call it is the core's own hook, and no answer
    return name in vars(module) and getattr(module, name) is not HOOKS[name].caller

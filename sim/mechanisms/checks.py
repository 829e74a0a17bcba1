"""What a mechanism of a plug-in must be like, so that it does what its author meant."""

import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from sim.hooks import HOOKS
from sim.mechanisms import Mechanism
from sim.mechanisms.declarations import growing_of
from sim.purposes import FIRST_OF_PLUGINS, MOST

_LIKE = 0.8
"""How like a hook's name another must be to be taken for a slip: share of letters in common."""


def see_that_it_fits(mechanism: Mechanism) -> None:
    """See that a mechanism answers hooks as they are asked, and declares what it takes.

    Raises
    ------
    TypeError
        If a rule takes other parameters than the hook of its name, or has nearly a hook's name.
    ValueError
        If a purpose has a number of Huitou's own, or nobody said what is appended to a table.
    """
    rules = mechanism.module("rules")
    for hook, said in mechanism.answers():
        hook.check(said)
    for name, near in _slips(rules):
        raise TypeError(f"{rules.__name__}.{name}: no hook has that name; did you mean {near!r}?")
    for name, number in getattr(mechanism.package, "PURPOSES", {}).items():
        if not FIRST_OF_PLUGINS <= number <= MOST:
            raise ValueError(
                f"PURPOSES: {name} must be from {FIRST_OF_PLUGINS} to {MOST} (got {number}): "
                "lower numbers are for mechanisms that come with Huitou"
            )
    appends = getattr(mechanism.package, "APPENDS", {})
    if silent := growing_of(mechanism).keys() - appends.keys():
        raise ValueError(
            f"APPENDS must say the most rows that one step appends to {', '.join(sorted(silent))}: "
            "without it rows would be written beyond the table"
        )
    if mechanism.has("day"):
        mechanism.module("day")


def _slips(rules: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield rules with nearly the name of a hook and the same parameters: name, and the hook's."""
    for name, said in vars(rules).items():
        plain: Any = getattr(said, "py_func", said)
        if not inspect.isfunction(plain) or plain.__module__ != rules.__name__ or name in HOOKS:
            continue
        given = ", ".join(inspect.signature(plain).parameters)
        near = get_close_matches(name, HOOKS, n=1, cutoff=_LIKE)
        if near and given == HOOKS[near[0]].parameters:
            yield name, near[0]

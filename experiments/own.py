"""What a program has defined of its own, and how worker processes come to know it.

Workers do not run the program that started them again. They import the modules in which its
strategies and metrics are defined.
"""

import importlib
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from itertools import accumulate
from typing import Any, NamedTuple

OURS = ("sim.", "experiments.")


class Own(NamedTuple):
    """Definitions of a program's own.

    Attributes
    ----------
    modules
        Names of modules to import in another process.
    only_here
        Names of definitions that no other process can import.
    """

    modules: tuple[str, ...]
    only_here: tuple[str, ...]


def own(strategies: Iterable[str]) -> Own:
    """Find strategies and metrics that are not part of this program.

    Parameters
    ----------
    strategies
        Names of the strategies in use; others do not count. Metrics all do.
    """
    from experiments.metrics import METRICS
    from sim.strategies.interface import strategies as known_strategies

    known = known_strategies()
    found: dict[str, Any] = {name: known[name] for name in strategies if name in known}
    found |= {name: metric.function for name, metric in METRICS.items()}
    foreign = {name: it for name, it in found.items() if not it.__module__.startswith(OURS)}
    here = [name for name, it in foreign.items() if not _importable(it)]
    modules = {it.__module__ for name, it in foreign.items() if name not in here}
    return Own(tuple(sorted(modules)), tuple(sorted(here)))


def learn(modules: Iterable[str]) -> None:
    """Import modules, in a worker process."""
    for name in modules:
        importlib.import_module(name)


def _importable(definition: Any) -> bool:
    """Tell whether another process finds the same definition by importing its module."""
    module = sys.modules.get(definition.__module__)
    if definition.__module__ == "__main__" or "<locals>" in definition.__qualname__:
        return False  # importing it would run a script again, or not call a function
    spec = _find(definition.__module__)
    return spec is not None and spec.origin == getattr(module, "__file__", None)


def _find(name: str) -> ModuleSpec | None:
    """Find a module as a new process would: `importlib.util.find_spec` asks what is loaded."""
    spec, path = None, None
    for part in accumulate(name.split("."), "{}.{}".format):
        finders = (finder.find_spec(part, path) for finder in sys.meta_path)
        spec = next((found for found in finders if found is not None), None)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return spec

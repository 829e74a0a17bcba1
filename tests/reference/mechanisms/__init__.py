"""The twins of mechanisms: one file or folder each, found by itself, with one class (`twin.py`)."""

import importlib
import pkgutil
from functools import cache

from ..twin import Twin, check


@cache
def installed() -> dict[str, type[Twin]]:
    """Return all kinds of twins in their order, by the name of the file: that of the mechanism."""
    found = {module.name: _twin_in(module.name) for module in pkgutil.iter_modules(__path__)}
    return dict(sorted(found.items(), key=lambda each: each[1].ORDER))


def _twin_in(name: str) -> type[Twin]:
    module = importlib.import_module(f"{__name__}.{name}")
    kinds = (value for value in vars(module).values() if isinstance(value, type))
    own = [kind for kind in kinds if kind.__module__ == module.__name__ and issubclass(kind, Twin)]
    if len(own) != 1:
        raise TypeError(f"tests/reference/mechanisms/{name}: one class derived from Twin is needed")
    return check(own[0])

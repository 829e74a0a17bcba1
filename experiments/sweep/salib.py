"""The samplers of SALib, by name.

SALib's `saltelli` is retired in favour of its `sobol`, which is the same scheme, not the sequence
of that name.
"""

import inspect
import pkgutil
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.errors import StudyError
from experiments.salib import guarded, imported, problem

COMMON = ("saltelli", "morris", "latin", "fast_sampler", "finite_diff")
"""Samplers that are known by name even where SALib is not there."""
_MODULES = {"saltelli": "sobol"}
_OURS = ("problem", "N", "seed")


def samplers() -> dict[str, tuple[str, ...]]:
    """Return the samplers by name, each with the names of its options.

    These are all modules of `SALib.sample` whose function `sample` takes a problem and N.

    Raises
    ------
    StudyError
        If SALib is not installed.
    """
    package = imported("SALib.sample")
    names = {module.name for module in pkgutil.iter_modules(package.__path__)}
    names -= set(_MODULES.values())
    found = {}
    for name in sorted(names):
        function = getattr(_module(name), "sample", None)
        if function is not None:
            parameters = tuple(inspect.signature(function).parameters)
            if parameters[:2] == _OURS[:2]:
                found[name] = tuple(p for p in parameters if p not in _OURS)
    return found


def sample(
    name: str, columns: int, n: int, seed: int, options: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Return the points of a sampler, float64[points, columns], in [0, 1].

    Parameters
    ----------
    name
        One of `samplers()`.
    columns
        How many coordinates.
    n
        What SALib calls N.
    seed
        64 bits; `finite_diff` and `radial` heed none.
    options
        The sampler's own parameters.

    Raises
    ------
    StudyError
        If SALib is not installed, or refuses.
    """
    function = _module(name).sample
    with guarded(seed) as own:
        seeded = {"seed": own} if "seed" in inspect.signature(function).parameters else {}
        try:
            unit = function(problem(columns), n, **seeded, **options)
        except Exception as error:  # whatever it is that SALib does not like
            raise StudyError(f"{name} of SALib refuses: {error}") from error
    if not np.isfinite(unit).all():
        raise StudyError(f"{name} of SALib gives points that are not finite")
    return np.clip(np.asarray(unit, np.float64), 0.0, 1.0)


def _module(name: str) -> Any:
    return imported(f"SALib.sample.{_MODULES.get(name, name)}")

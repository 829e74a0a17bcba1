"""How SALib is called: on a problem in the unit cube made afresh, and behind a guard.

SALib 1.6.0 writes into the problem it is given, takes `seed=0` for no seed, draws from NumPy's
global state, and changes Python's warnings and their print. Tests show each defect, so that we
learn when one is mended.
"""

import contextlib
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from experiments.libraries import need


def problem(columns: int) -> dict[str, Any]:
    """Return a problem of so many inputs, each from 0 to 1."""
    names = [f"x{k}" for k in range(columns)]
    return {"num_vars": columns, "names": names, "bounds": [[0.0, 1.0]] * columns}


def imported(name: str) -> ModuleType:
    """Return a module of SALib.

    Raises
    ------
    StudyError
        If SALib is not installed.
    """
    with _own_warnings():
        return need(name, "SALib", "this design")


@contextlib.contextmanager
def guarded(seed: int) -> Iterator[int]:
    """Yield a seed that SALib heeds, and put back what it changes for everybody."""
    state = np.random.get_state()  # noqa: NPY002
    own = seed % (2**32 - 1) + 1
    try:
        with _own_warnings():
            np.random.seed(own)  # noqa: NPY002  some of it draws from the global state only
            yield own
    finally:
        np.random.set_state(state)  # noqa: NPY002


@contextlib.contextmanager
def _own_warnings() -> Iterator[None]:
    form = warnings.formatwarning
    try:
        # recorded, not only ignored: delta sets a filter of its own
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("ignore")
            yield
    finally:
        warnings.formatwarning = form

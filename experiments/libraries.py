"""Libraries that only some analyses need."""

import contextlib
import importlib
from collections.abc import Iterator
from types import ModuleType

from experiments.errors import MissingLibrary


def need(module: str, package: str, what: str) -> ModuleType:
    """Return a library that may not be installed.

    Raises
    ------
    MissingLibrary
        If it is not, saying how to get it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingLibrary(
            f"{what} needs {package}: pip install 'huitou[sensitivity]'"
        ) from error


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: on matrices this small, threads wait for each other."""
    pools = need("threadpoolctl", "threadpoolctl", "this analysis")
    with pools.threadpool_limits(limits=1):
        yield

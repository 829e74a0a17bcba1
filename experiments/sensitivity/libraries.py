"""Libraries that only some analyses need."""

import contextlib
import importlib
from collections.abc import Iterator

from experiments.errors import StudyError


def need(module: str, package: str, what: str) -> None:
    """See that a library is there.

    Raises
    ------
    StudyError
        If not, saying how to get it.
    """
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise StudyError(f"{what} needs {package}: pip install 'huitou[sensitivity]'") from error


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: on matrices this small, threads wait for each other."""
    need("threadpoolctl", "threadpoolctl", "this analysis")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield

"""Where chunks are computed: anything with the interface of `concurrent.futures.Executor`."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

# One thread for each worker: parallel over runs is faster than inside a run, and bit-identical.
ENVIRONMENT = dict.fromkeys(
    (
        "NUMBA_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)


class Inline(Executor):
    """Computes in this process, at once: for one run, and to debug."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call `fn` now and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Local(ProcessPoolExecutor):
    """Worker processes on this machine.

    They die with their parent, however it dies; Ctrl-C reaches the parent only, which ends them in
    its own time.
    """

    def __init__(self, workers: int) -> None:
        super().__init__(
            workers, mp_context=multiprocessing.get_context("spawn"), initializer=_watch_parent
        )
        self._others = set(multiprocessing.active_children())

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit as any executor does; processes that it starts inherit a quiet environment."""
        with _for_children():
            return super().submit(fn, *args, **kwargs)

    def kill(self) -> None:
        """End the workers at once, with whatever they are doing."""
        for process in set(multiprocessing.active_children()) - self._others:
            process.kill()
        self.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _for_children() -> Iterator[None]:
    """Set what a process started now should inherit: one thread, and a blocked Ctrl-C.

    A handler set in the worker would come too late for a Ctrl-C while it is still importing.
    """
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _watch_parent() -> None:
    threading.Thread(target=_die_with_parent, name="watch parent", daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def make(engine: str, workers: int, runs: int) -> Executor:
    """Return the engine of that name; a single run needs no process of its own."""
    if engine == "inline" or runs == 1:
        return Inline()
    return Local(min(workers, runs))

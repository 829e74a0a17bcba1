"""Where chunks are computed: anything with the interface of `concurrent.futures.Executor`."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from experiments.own import learn

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

MOST_ON_WINDOWS = 61
"""Windows lets a process wait for so many others."""


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
    its own time. They do not run the parent's script again, as `multiprocessing` would have them.

    Parameters
    ----------
    workers
        How many processes, at most.
    modules
        Names of modules that each of them imports first.
    """

    def __init__(self, workers: int, modules: tuple[str, ...] = ()) -> None:
        super().__init__(
            workers, mp_context=_WithoutMain(), initializer=_begin, initargs=(modules,)
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


class _Worker(SpawnProcess):
    """A process that is not told which script its parent runs."""

    def start(self) -> None:
        """Start it."""
        with _without_main():
            super().start()


class _WithoutMain(SpawnContext):
    Process = _Worker


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Let processes that this thread starts be prepared without the parent's `__main__`.

    A script without a main guard, which is most scripts, would otherwise start its study again in
    every worker.
    """
    thread = threading.get_ident()

    def prepared(name: str) -> dict[str, Any]:
        data = usual(name)
        if threading.get_ident() == thread:
            data = {key: value for key, value in data.items() if not key.startswith("init_main")}
        return data

    with _ONE_AT_A_TIME:
        usual = spawn.get_preparation_data
        spawn.get_preparation_data = prepared
        try:
            yield
        finally:
            spawn.get_preparation_data = usual


_ONE_AT_A_TIME = threading.Lock()


@contextlib.contextmanager
def _for_children() -> Iterator[None]:
    """Set what a process started now should inherit: one thread, and a blocked Ctrl-C.

    A handler set in the worker would come too late for a Ctrl-C while it is still importing. It is
    all that there is on Windows, where no signals are blocked.
    """
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    can_block = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else ()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        if can_block:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _begin(modules: tuple[str, ...]) -> None:
    """Prepare a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, name="watch parent", daemon=True).start()
    learn(modules)


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


def make(engine: str, workers: int, runs: int, modules: tuple[str, ...] = ()) -> Executor:
    """Return the engine of that name; a single run needs no process of its own.

    Parameters
    ----------
    engine
        `"inline"` or `"local"`.
    workers, runs
        How many processes there may be, and how many runs there are.
    modules
        Names of modules that worker processes import.
    """
    # A worker of somebody else's pool may not start processes.
    if engine == "inline" or runs == 1 or multiprocessing.current_process().daemon:
        return Inline()
    most = MOST_ON_WINDOWS if sys.platform == "win32" else workers
    return Local(min(workers, runs, most), modules)

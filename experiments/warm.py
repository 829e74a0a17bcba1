"""Compile once, before many workers would each do it."""

import contextlib
import copy
import platform
import threading
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments import sources
from experiments.identity import config_hash, digest
from experiments.study import Study
from sim.engine.kernels import CACHE, compiled_key

NOTICE_SECONDS = 4.0
"""A tiny market takes longer than this only if there is something to compile."""
SMALL = {"days": 60, "burn_in": 30, "terminal_period": 30}
SMALL_PEOPLE = 200


def warm(study: Study, code: str, note: Callable[[str], None]) -> None:
    """Run a tiny market of each sort, so that the compiled code is on disk for the workers.

    Parameters
    ----------
    study
        Whose mechanisms are to be compiled.
    code
        Code version; a marker file beside the cache remembers what has been compiled.
    note
        Told when this takes a while.
    """
    if CACHE is None:  # nothing compiled here would reach the workers
        return
    markets = {config_hash(market): market for market in map(_tiny, study.planned.samples())}
    marker = CACHE / _marker(code, *_compiled(), *sorted(markets))
    if marker.exists():
        return
    with _notice(note):
        for market in markets.values():
            _try(market)
    with contextlib.suppress(OSError):  # then it is warmed up again next time: 2 seconds
        marker.touch()


def _marker(*parts: str) -> str:
    machine = (platform.python_version(), version("numba"), platform.machine(), platform.node())
    return f"huitou-{digest(*machine, *parts)}.warm"


def _compiled() -> Iterator[str]:
    """Yield what tells compiled code from others: also mechanisms that no run uses are in it."""
    import sim.market  # noqa: F401  # every kernel is made here
    from sim.mechanisms import installed

    yield compiled_key()
    for mechanism in installed():
        for file in sorted(Path(mechanism.package.__path__[0]).rglob("*.py")):
            yield sources.content(file)  # of its tables, which arguments of kernels are


def _tiny(market: Mapping[str, Any]) -> dict[str, Any]:
    small: dict[str, Any] = copy.deepcopy(dict(market))
    for name, most in SMALL.items():
        small[name] = min(small[name], most)
    small["people"]["n"] = min(small["people"]["n"], SMALL_PEOPLE)
    return small


def _try(market: dict[str, Any]) -> None:
    """Run a tiny market; one that cannot be made tiny is run without its network, or not at all."""
    for changes in ({}, {"network": {"kind": "none"}}):
        with contextlib.suppress(Exception):
            _run(market | changes)
            return


def _run(market: dict[str, Any]) -> None:
    from experiments.records import observe
    from sim.config import remarks
    from sim.config.market import MarketConfig
    from sim.market import Market

    with remarks.silent():
        observe(Market(MarketConfig.model_validate(market), rng=1))


@contextlib.contextmanager
def _notice(note: Callable[[str], None]) -> Iterator[None]:
    text = "compiling, once: this takes up to a minute, and later starts take seconds"
    timer = threading.Timer(NOTICE_SECONDS, note, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

"""How much memory a market needs, and how much there is: said before it is too late.

A machine that runs out of memory kills the process, or another one, without a word.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sim import state
from sim.books import ACCOUNTS
from sim.config.market import MarketConfig
from sim.counts import COUNTS
from sim.engine.calendar import LINK
from sim.ties.network import ties

resource: Any
try:
    import resource
except ImportError:  # not on this system
    resource = None

A_TIE = 40
"""Bytes for each direction of a tie while a network is made, as measured; 8 are kept."""


def needed(config: MarketConfig) -> int:
    """Return how much memory a market takes at the least, in bytes: with nothing sold yet."""
    brands, categories = len(config.brands), len(config.categories)
    products = sum(len(brand.products) for brand in config.brands.values())
    need, bond = state.NEED.itemsize + LINK.itemsize, state.BOND.itemsize + LINK.itemsize
    queued = 12  # a place in the queue of advertising and its threshold
    a_person = (
        state.PERSON.itemsize
        + categories * need
        + brands * (bond + state.ALLY.itemsize + queued)
        + products * state.HOLDING.itemsize
    )
    days = config.days * brands * 8 * (len(ACCOUNTS) + len(COUNTS))
    return config.people.n * a_person + int(ties(config.network, config.people.n)) * A_TIE + days


def available() -> int | None:
    """Return how much memory this process may still take, in bytes; none if nobody knows."""
    return min((*_of_machine(), *_of_group(), *_of_process()), default=None)


def _of_machine() -> Iterator[int]:
    with suppress(OSError, ValueError):
        yield _number(Path("/proc/meminfo"), "MemAvailable:") * 1024


def _of_group(group: Path = Path("/sys/fs/cgroup")) -> Iterator[int]:
    """Yield what a container may still take; pages of files that nobody uses are given back."""
    for limit, used, stat, idle in (
        ("memory.max", "memory.current", "memory.stat", "inactive_file"),
        (
            "memory/memory.limit_in_bytes",
            "memory/memory.usage_in_bytes",
            "memory/memory.stat",
            "total_inactive_file",
        ),
    ):
        with suppress(OSError, ValueError):  # "max" is no limit
            most, held = (int((group / name).read_text()) for name in (limit, used))
            yield max(0, most - held + _number(group / stat, idle))


def _of_process() -> Iterator[int]:
    if resource is None:
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        with suppress(OSError, ValueError):
            yield max(0, limit - _number(Path("/proc/self/status"), "VmSize:") * 1024)


def _number(file: Path, name: str) -> int:
    """Return the number that follows a name at the beginning of a line."""
    for line in file.read_text().splitlines():
        if line.split()[:1] == [name]:
            return int(line.split()[1])
    raise ValueError(f"{file} says nothing of {name}")


def require(size: int, what: str, advice: str) -> None:
    """See that there is enough memory.

    Raises
    ------
    MemoryError
        In words, if there is not.
    """
    there = available()
    if there is not None and size > there:
        raise MemoryError(
            f"{what} needs about {size / 1e9:.3g} GB of memory, and {there / 1e9:.3g} GB are free: "
            f"{advice}"
        )

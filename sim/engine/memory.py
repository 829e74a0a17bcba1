"""How much memory there is, and a refusal in words before it is too late.

A machine that runs out of memory kills the process, or another one, without a word.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

resource: Any
try:
    import resource
except ImportError:  # not on this system
    resource = None


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

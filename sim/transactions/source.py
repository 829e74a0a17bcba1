"""The file of a log: where it is, whether it has changed, and what kind it is."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from sim.config.source_map import show
from sim.transactions import tables, text
from sim.transactions.grid import Grid
from sim.transactions.spec import LogFile

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def state(name: str) -> tuple[int, int] | None:
    """Return size and time of last change of a file; None if it has none.

    Raises
    ------
    ValueError
        If there is no such file.
    """
    where = locate(name)
    try:
        found = where.stat() if isinstance(where, Path) else None
    except (OSError, ValueError) as error:
        raise ValueError(f"{name}: cannot be read: {error}") from None
    return found and (found.st_size, found.st_mtime_ns)


def locate(name: str) -> Any:
    """Return the path of a file, or of one in an installed package (package:NAME/PATH).

    Raises
    ------
    ValueError
        If there is no such package.
    """
    if not name.startswith("package:"):
        return Path(name)
    package, _, inside = name.removeprefix("package:").partition("/")
    if not all(part.isidentifier() for part in package.split(".")):
        raise ValueError(f"{show(name)}: must be package:NAME/PATH")
    try:
        return files(package).joinpath(inside)
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{name}: needs the package {error.name}, which is not installed"
        ) from None
    except (TypeError, OSError) as error:  # TypeError: a module, not a package
        raise ValueError(f"{name}: cannot be read: {error}") from None


def grid(log: LogFile) -> Grid:
    """Read the file of a log as columns of text.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    name = str(log.log)
    try:
        content = locate(name).read_bytes()
    except (OSError, ValueError) as error:
        raise ValueError(f"{name}: cannot be read: {error}") from None
    shown = name if name.startswith("package:") else Path(name).name
    if not content:
        raise ValueError(f"{shown}: the file is empty")
    for mark, kind in _PACKED.items():
        if content.startswith(mark):
            raise ValueError(f"{shown}: is compressed ({kind}); unpack it first")
    if content.startswith(_OLD_EXCEL):
        raise ValueError(f"{shown}: is an old Excel file (.xls); save it as .xlsx")
    if content.startswith(b"PK\x03\x04"):
        return tables.excel(content, log, shown)
    if content.startswith(b"PAR1"):
        return tables.parquet(content, log, shown)
    return text.grid(content, log, shown)

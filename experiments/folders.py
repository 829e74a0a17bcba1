"""Folders as an identity sees them: all files in them but results, environments and caches."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from experiments import sources
from experiments.errors import StudyError

LEFT_OUT = ("__pycache__", "node_modules")
OF_NO_PACKAGE = ("config.resolved.yaml", "pyvenv.cfg")
"""A folder with one of these has results, or an environment."""
STUDY = re.compile(rb"^study:", re.MULTILINE)
"""A study file may lie in a package; to ask for more replicates is no change of the package."""
SYSTEM = (("proc",), ("sys",), ("dev",), ("run",))
MOST_FILES = 100_000
MOST_BYTES = 2**28
"""To read more would take too long: of a larger folder, names, sizes and times of change count."""


def tree(home: Path, label: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a folder, or the one file, with names that hold everywhere.

    Links are followed, unless they lead back to a folder that they are in.
    """
    if home.is_file():
        yield label, home
        return
    for folder, folders, files in os.walk(home, followlinks=True):
        folders[:] = sorted(f for f in folders if not is_left_out(Path(folder) / f))
        for file in sorted(files):
            path = Path(folder) / file
            if not file.startswith(".") and sources.is_file(path) and not _is_study(path):
                yield f"{label}/{path.relative_to(home).as_posix()}", path


def is_left_out(folder: Path) -> bool:
    """Tell folders that are no part of a package: compiled code, environments, results."""
    hidden = folder.name.startswith(".") or folder.name in LEFT_OUT
    return (
        hidden
        or any(sources.is_file(folder / mark) for mark in OF_NO_PACKAGE)
        or _leads_back(folder)
    )


def _leads_back(folder: Path) -> bool:
    return folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve())


def _is_study(path: Path) -> bool:
    try:
        return path.suffix in (".yaml", ".yml") and bool(STUDY.search(path.read_bytes()))
    except PermissionError:
        return False


def is_folder(path: Path) -> bool:
    """Tell whether there is such a folder.

    A text without a name in it (`""`, `"."`) is none; nor is a folder of the operating system.
    """
    is_of_system = path.is_absolute() and (path.parts[1:2] in SYSTEM or len(path.parts) < 3)
    try:
        return path.name not in ("", "..") and not is_of_system and path.is_dir()
    except (OSError, ValueError):
        return False


def parts(home: Path) -> list[str]:
    """Return texts that tell a folder, or a file, from others: names of files, and what is in them.

    Raises
    ------
    StudyError
        If the folder has more than `MOST_FILES` files.
    """
    found: list[tuple[str, Path]] = []
    for item in tree(home, ""):
        found.append(item)
        if len(found) > MOST_FILES:
            raise StudyError(
                f"a strategy names the folder {home}, which has more than {MOST_FILES} files: "
                "name a smaller one that has only what the strategy reads"
            )
    is_large = sum(path.stat().st_size for _, path in found) > MOST_BYTES
    look = _stamp if is_large else _content
    return [text for name, path in found for text in (name, look(path))]


def _content(path: Path) -> str:
    try:
        return sources.content(path)
    except PermissionError:
        return _stamp(path)


def _stamp(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"

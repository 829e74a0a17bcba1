"""Folders for what can be made again: compiled code, and what libraries keep in a home directory.

An installation may be read-only, and a user may have no home: in a container, on a node of a
cluster. Then there is a folder among the temporary files, which nobody else may write.
"""

import logging
import multiprocessing
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parents[1]
_NAME = "kernels"
_ADVICE = "set NUMBA_CACHE_DIR to a folder that you can write and that is kept"


def kernel_folder() -> Path | None:
    """Return where compiled code is kept, and say so once if that is not for good.

    It is `NUMBA_CACHE_DIR` if that is set, else the installation, else a temporary folder. All
    versions of the program share it: what is in it is found by the key of its code
    (`engine.code_key`).

    Returns
    -------
    Path or None
        An existing folder that can be written; None if there is no such place.
    """
    own = os.environ.get("NUMBA_CACHE_DIR")
    kept = Path(own) / f"huitou-{_NAME}" if own else _PACKAGE / "__pycache__" / _NAME
    if _usable(kept):
        return kept
    place = f"NUMBA_CACHE_DIR={own}" if own else "the installation"
    for folder in _private():
        new = not (folder / _NAME).exists()
        if _usable(folder / _NAME):
            if new:
                _say(f"{place} cannot be written: compiled code goes to {folder}; {_ADVICE}")
            _copy(kept, folder / _NAME)
            return folder / _NAME
    _say(f"{place} cannot be written: every process compiles for itself; {_ADVICE}")
    return None


def provide_home() -> None:
    """Give Matplotlib a folder if there is no home; it would make one each time, with a warning."""
    if any(os.environ.get(name) for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME")):
        return
    if os.access(os.path.expanduser("~"), os.W_OK):
        return
    for folder in _private():
        if _usable(folder / "matplotlib"):
            os.environ["MPLCONFIGDIR"] = str(folder / "matplotlib")
            return


def _copy(old: Path, new: Path) -> None:
    """Copy what the installer may have compiled already, but not who may write it."""
    with suppress(OSError):
        for file in old.iterdir():
            if not (new / file.name).exists():  # another process may be reading it
                part = new / f"{file.name}.{os.getpid()}.tmp"
                shutil.copyfile(file, part)
                part.replace(new / file.name)


def _usable(folder: Path) -> bool:
    """Make a folder, and try whether it can be written: permissions alone do not tell."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _private() -> Iterator[Path]:
    """Yield temporary folders that are this user's alone, in order of preference."""
    bases = ["/dev/shm"]  # often all that can be written in a container
    with suppress(OSError):
        bases.insert(0, tempfile.gettempdir())
    user = os.getuid() if hasattr(os, "getuid") else "user"
    for base in bases:
        folder = Path(base) / f"huitou-{user}"
        if os.path.isdir(base) and _is_private(folder):
            yield folder


def _is_private(folder: Path) -> bool:
    """Make a folder for this user; refuse one that somebody else has made or may write.

    Compiled code is run as it is found, so a folder that others can write is a way in.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if not hasattr(os, "getuid"):  # Windows: temporary files are in the user's own folder
        return stat.S_ISDIR(found.st_mode)
    mine = found.st_uid == os.getuid() and not found.st_mode & 0o077
    return mine and stat.S_ISDIR(found.st_mode)


def _say(text: str) -> None:
    """Say something on standard error, unless a process has already said it that started this."""
    if multiprocessing.parent_process() is None:
        _log.warning("huitou: %s", text)

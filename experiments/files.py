"""Files that are whole or absent: temporary name, fsync, rename. And a lock for a folder."""

import contextlib
import errno
import json
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from experiments.errors import StorageError, StudyError

TEMPORARY = ".tmp-"


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a crash at any moment leaves the old one or the new one, whole.

    Raises
    ------
    StorageError
        If the folder cannot be written, or the disk is full.
    """
    temporary = path.parent / f"{TEMPORARY}{uuid.uuid4().hex}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageError.of(error, path) from error


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut; not every file system can, and then it is no error."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, data: Any) -> None:
    """Write JSON for people to read."""
    write_bytes(path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet with zstd; integers that grow slowly are kept as differences."""
    integers = [f.name for f in table.schema if pa.types.is_integer(f.type)]
    floats = [f.name for f in table.schema if pa.types.is_floating(f.type)]
    encoding = dict.fromkeys(integers, "DELTA_BINARY_PACKED")
    encoding |= dict.fromkeys(floats, "BYTE_STREAM_SPLIT")
    others = [n for n in table.column_names if n not in encoding]
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=others or False,
        column_encoding=encoding or None,
    )
    write_bytes(path, sink.getvalue().to_pybytes())


def clear_temporary(folder: Path) -> None:
    """Remove what a killed writer left half-written. Only the holder of the lock may do this."""
    with contextlib.suppress(OSError):
        for path in folder.rglob(f"{TEMPORARY}*"):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process; the operating system lets go when the process dies.

    Raises
    ------
    StudyError
        If another process holds it.
    StorageError
        If the folder cannot be written.
    """
    # Who holds it is in a second file: Windows lets nobody read one that is locked.
    holder = folder / ".lock-holder"
    with contextlib.ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(folder / ".lock", timeout=0, fallback_to_soft=False))
        except Timeout:
            raise StudyError(
                f"{folder} is in use by {_name(holder)}: wait until it is done, or stop it; "
                "the same command then carries on"
            ) from None
        except OSError as error:
            # Some network file systems have no locks; a study must run there all the same.
            if error.errno not in _NO_LOCKS:
                raise StorageError.of(error, folder) from error
        try:
            holder.write_text(f"process {os.getpid()} on {socket.gethostname()}\n", "utf-8")
        except OSError as error:
            raise StorageError.of(error, holder) from error
        yield


def _name(holder: Path) -> str:
    try:
        return holder.read_text("utf-8").strip() or "another process"
    except (OSError, UnicodeDecodeError):
        return "another process"


_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}

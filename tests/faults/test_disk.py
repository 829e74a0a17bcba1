"""A disk that is full or may only be read: one clear sentence, and later the same bits."""

import errno
import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tiny_studies
from tiny_studies import Notes, study, write_study
from whole_studies import ALL, N, assert_same, finished, tables

from experiments.conduct import conduct, folder_of
from experiments.errors import StorageError
from experiments.study import load

Mount = Callable[..., None]


def _mount(*options: str) -> bool:
    return subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that holds a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mounted = _mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place))
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def remount(place: Path, options: str) -> None:
    assert _mount("-o", f"remount,{options}", str(place))


def test_a_disk_that_fills_up(huitou, disk, tmp_path, whole):
    path = write_study(tmp_path, N, **ALL)
    folder = folder_of(load(path), disk)
    code, _, err = huitou("compare", path, "--results", disk)
    assert code == 1
    assert err.splitlines()[-1].startswith("huitou: cannot write to ")
    assert err.rstrip().endswith("the disk is full")
    assert not list(folder.rglob(".tmp-*")), "what is half-written makes room for what is not"
    code, _, again = huitou("compare", path, "--results", disk)
    assert (code, again.rstrip().endswith("the disk is full")) == (1, True), again
    remount(disk, "size=64m")
    code, _, err = huitou("compare", path, "--results", disk)
    assert code == 0, err
    assert_same(tables(folder), whole)


def test_a_disk_with_no_room_at_all(huitou, disk, tmp_path):
    with open(disk / "fill", "wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        while True:
            stream.write(b"x" * 4096)
    code, _, err = huitou("compare", write_study(tmp_path), "--results", disk)
    assert code == 1
    assert err.splitlines()[-1].startswith("huitou: cannot write to ")
    assert err.rstrip().endswith("the disk is full")
    (disk / "fill").unlink()
    assert huitou("compare", tmp_path / "tiny.yaml", "--results", disk)[0] == 0


def test_a_folder_that_becomes_read_only(huitou, disk, tmp_path, whole):
    remount(disk, "size=64m")
    path = write_study(tmp_path, 2, **ALL)
    folder = folder_of(load(path), disk)
    assert huitou("compare", path, "--results", disk)[0] == 0
    path = write_study(tmp_path, N, **ALL)
    remount(disk, "ro")
    code, _, err = huitou("compare", path, "--results", disk)
    assert code == 1
    assert err.splitlines()[-1].startswith("huitou: cannot write to ")
    assert err.rstrip().endswith("the file system is read-only")
    assert huitou("report", folder)[0] == 0, "what is there can be shown all the same"
    remount(disk, "rw")
    assert huitou("compare", path, "--results", disk)[0] == 0
    assert_same(tables(folder), whole)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_each_write_in_turn(tmp_path, monkeypatch, number):
    """Wherever it happens, it is one sentence, and the same command carries on."""
    left = 0

    def failing(handle: int) -> None:
        nonlocal left
        left -= stat.S_ISREG(os.fstat(handle).st_mode)  # folders are synced where that is possible
        if left == 0:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", failing)
    asked, root = study(tmp_path, 3), tmp_path / "results"
    for at in range(1, 200):
        left = at
        try:
            outcome = conduct(asked, root, Notes(), simulate=tiny_studies.fake)
        except StorageError as error:
            assert str(error).startswith("cannot write to ") and "\n" not in str(error)
        else:
            break
    assert at > 5
    assert outcome.done == outcome.planned == 6
    monkeypatch.undo()
    alone = conduct(asked, tmp_path / "alone", Notes(), simulate=tiny_studies.fake)
    one, two = (
        o.store.read("runs").drop(columns="seconds").sort_values(["run_id", "brand"])
        for o in (outcome, alone)
    )
    assert one.reset_index(drop=True).equals(two.reset_index(drop=True))


def test_finished_needs_no_more_than_reading(huitou, disk, tmp_path):
    """What is there can be read in a notebook where nothing can be written."""
    remount(disk, "size=64m")
    outcome = finished(tmp_path, 2, results=disk)
    remount(disk, "ro")
    assert len(tables(outcome.store.folder)["runs"]) == 8

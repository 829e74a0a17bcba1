"""Installations that cannot be written, users without a home, and systems that are not POSIX."""

import logging
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import write_study

from experiments import engines
from sim.engine import cache

ROOT = Path(__file__).parents[2]
NOBODY = 65534
IMPORTS = """\
import sim.market  # every kernel is made here
from sim.engine.kernels import CACHE, kernel

@kernel
def add(a, b):
    return a + b

import experiments.report, experiments.style
from matplotlib import font_manager
print(add(1, 2), CACHE)
"""


def run(
    code: str, path: Path, *, before: tuple[str, ...] = (), **environment: str | None
) -> subprocess.CompletedProcess[str]:
    """Run a script whose program is in `path`; a variable that is None is taken away."""
    script = path / "script.py"
    if not script.exists():
        script.write_text(code)
    given = {**os.environ, "PYTHONPATH": str(path), **environment}
    return subprocess.run(
        [*before, sys.executable, "-W", "error", str(script)],
        cwd="/",
        env={name: value for name, value in given.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture
def somebody_else() -> tuple[str, ...]:
    """What makes a command run as a user who may not do everything."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions are another matter here")
    if os.geteuid():
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and nobody else can be asked")
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A copy of the program that nobody may write, and a folder `tmp` that everybody may."""
    place = Path(tempfile.mkdtemp())
    leave_out = shutil.ignore_patterns("__pycache__", "results")
    for name in ("sim", "experiments", "configs"):
        shutil.copytree(ROOT / name, place / name, ignore=leave_out)
    (place / "script.py").write_text(IMPORTS)
    (place / "tmp").mkdir()
    for there in (place, *place.rglob("*")):
        there.chmod(0o555 if there.is_dir() else 0o444)
    (place / "tmp").chmod(0o1777)
    yield place
    for there in (place, *place.rglob("*")):
        there.chmod(0o755)
    shutil.rmtree(place)


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_another_user_without_a_home_is_told_once_where_compiled_code_is(
    somebody_else, read_only, home
):
    def again() -> subprocess.CompletedProcess[str]:
        return run(IMPORTS, read_only, before=somebody_else, HOME=home, TMPDIR=f"{read_only}/tmp")

    first, second = again(), again()
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    value, place = first.stdout.split()
    assert value == "3" and second.stdout == first.stdout
    assert first.stderr.count("\n") == 1
    assert "the installation cannot be written: compiled code goes to" in first.stderr
    assert "set NUMBA_CACHE_DIR" in first.stderr
    assert second.stderr == ""
    folder = Path(place)
    assert folder.parent.parent == read_only / "tmp"
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert list(folder.rglob("*add*.nbc")), "what is compiled is kept"
    assert home is None or (folder.parent / "matplotlib").is_dir()


def test_what_the_installer_has_compiled_is_used(somebody_else, read_only):
    tried = run(IMPORTS, read_only, before=somebody_else, TMPDIR=f"{read_only}/tmp")
    name = Path(tried.stdout.split()[1]).name
    shutil.rmtree(read_only / "tmp" / f"huitou-{NOBODY if somebody_else else os.getuid()}")
    (read_only / "sim").chmod(0o755)
    compiled = read_only / "sim" / "__pycache__" / name
    compiled.mkdir(parents=True)
    (compiled / "known").touch()
    for there in (compiled, compiled.parent, compiled.parent.parent):
        there.chmod(0o555)  # which the copy must not take over
    again = run(IMPORTS, read_only, before=somebody_else, TMPDIR=f"{read_only}/tmp")
    assert again.returncode == 0, again.stderr
    assert (Path(again.stdout.split()[1]) / "known").exists()


NOWHERE = "from sim.engine import cache\ncache._private = lambda: iter(())\n"


def test_with_nothing_to_write_to_every_process_compiles_for_itself(tmp_path):
    for name in ("sim", "experiments"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = run(NOWHERE + IMPORTS, tmp_path, NUMBA_CACHE_DIR="/proc/nowhere")
    assert (done.returncode, done.stdout.split()) == (0, ["3", "None"]), done.stderr
    assert done.stderr.count("\n") == 1
    assert "NUMBA_CACHE_DIR=/proc/nowhere cannot be written: every process" in done.stderr


# -- which folder ---------------------------------------------------------------------------------


@pytest.fixture
def unwritable(tmp_path, monkeypatch) -> Path:
    """Temporary files in `tmp_path`, and no other place that could be written."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/nowhere")
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path))
    usual = os.path.isdir
    monkeypatch.setattr(cache.os.path, "isdir", lambda p: p != "/dev/shm" and usual(p))
    return tmp_path / f"huitou-{os.getuid()}"


def test_a_folder_of_ones_own_is_used(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    found = cache.kernel_folder()
    assert found is not None and found.parent == tmp_path / "mine" and found.is_dir()
    assert not caplog.records


def test_what_a_later_installation_has_compiled_is_copied_too(tmp_path, monkeypatch, unwritable):
    """The first start has made the folder already; what is there is left as it is."""
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path / "sim")
    compiled = tmp_path / "sim" / "__pycache__" / "kernels"
    compiled.mkdir(parents=True)
    usual = cache._usable
    monkeypatch.setattr(cache, "_usable", lambda folder: folder != compiled and usual(folder))
    (compiled / "one").write_text("1")
    found = cache.kernel_folder()
    assert found is not None and found.parent == unwritable
    (compiled / "one").write_text("other")
    (compiled / "two").write_text("2")
    assert cache.kernel_folder() == found
    assert {file.name: file.read_text() for file in found.iterdir()} == {"one": "1", "two": "2"}


def test_it_is_said_once(unwritable, caplog):
    assert cache.kernel_folder() == cache.kernel_folder()
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert str(unwritable) in caplog.text and "\n" not in caplog.records[0].getMessage()


def open_to_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def elsewhere(folder: Path) -> None:
    there = folder.parent / "elsewhere"
    there.mkdir(mode=0o700)
    folder.symlink_to(there)


def of_somebody_else(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    try:
        os.chown(folder, NOBODY, NOBODY)
    except PermissionError:
        pytest.skip("only root can give a folder away")


@pytest.mark.parametrize("made", [open_to_all, elsewhere, of_somebody_else, Path.touch])
def test_a_folder_that_others_could_have_filled_is_not_used(unwritable, caplog, made):
    made(unwritable)
    assert cache.kernel_folder() is None
    assert "every process compiles for itself" in caplog.text
    assert not unwritable.is_dir() or not list(unwritable.iterdir())


def test_memory_of_the_machine_does_when_no_temporary_file_can_be_made(tmp_path, monkeypatch):
    def nowhere() -> str:
        raise FileNotFoundError

    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("there is none")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/nowhere")
    monkeypatch.setattr(cache.tempfile, "gettempdir", nowhere)
    monkeypatch.setattr(cache, "_NAME", f"tried-{os.getpid()}")
    found = cache.kernel_folder()
    try:
        assert found is not None and found.parent == Path(f"/dev/shm/huitou-{os.getuid()}")
    finally:
        shutil.rmtree(str(found), ignore_errors=True)


def test_who_has_a_home_keeps_the_settings_of_matplotlib(tmp_path, monkeypatch):
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    cache.provide_home()
    assert "MPLCONFIGDIR" not in os.environ
    monkeypatch.setenv("MPLCONFIGDIR", "mine")
    monkeypatch.setenv("HOME", "/nonexistent")
    cache.provide_home()
    assert os.environ["MPLCONFIGDIR"] == "mine"


STUDY = """\
import experiments
from sim.engine.kernels import CACHE
results = experiments.carry_out("mine.yaml", workers=2)
print(len(results.runs), CACHE)
"""


def test_workers_share_what_is_compiled_and_say_nothing(tmp_path, monkeypatch):
    """The tiny runs compile in the driver; a worker that compiled again would add to the files."""
    write_study(tmp_path, 3, engine="local", name="mine.yaml")
    (tmp_path / "workers.py").write_text(
        "from sim.engine.kernels import CACHE\ndef where():\n    return CACHE\n"
    )
    (tmp_path / "script.py").write_text(
        "import workers\nfrom experiments import engines\npool = engines.Local(2)\n"
        "print(workers.where())\nprint(pool.submit(workers.where).result())\npool.shutdown()\n"
    )
    (tmp_path / "tmp").mkdir()
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    given = {"NUMBA_CACHE_DIR": "/proc/nowhere", "TMPDIR": str(tmp_path / "tmp")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "script.py"],
        cwd=tmp_path,
        env=os.environ | given | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    here, there = done.stdout.split()
    assert here == there and here.startswith(str(tmp_path / "tmp"))
    assert done.stderr.count("\n") == 1


# -- systems that are not POSIX -------------------------------------------------------------------

NOT_POSIX = """\
import os, signal, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
import filelock
filelock.FileLock = filelock.SoftFileLock  # it takes a lock of Windows there
del signal.pthread_sigmask, signal.SIGKILL
for name in ("sched_getaffinity", "O_NONBLOCK", "getuid", "geteuid", "killpg", "fork"):
    delattr(os, name)
"""


def test_nothing_of_posix_is_needed(tmp_path):
    """As far as that can be known here: what Windows lacks is taken away in every process."""
    write_study(tmp_path, 3, engine="local", name="mine.yaml", series="true")
    (tmp_path / "sitecustomize.py").write_text(NOT_POSIX)
    (tmp_path / "script.py").write_text(STUDY)
    (tmp_path / "check.py").write_text("import os, signal; print(hasattr(os, 'getuid'))")
    path = f"{tmp_path}{os.pathsep}{ROOT}"

    def python(*arguments: str) -> Any:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    assert python("check.py").stdout == "False\n"
    done = python("script.py")
    assert (done.returncode, done.stdout.split()[0]) == (0, "12"), done.stderr
    assert "Error" not in done.stderr
    listed = python("-m", "experiments.cli", "report", str(next((tmp_path / "results").iterdir())))
    assert listed.returncode == 0, listed.stderr


def test_windows_gets_no_more_workers_than_it_can_wait_for(monkeypatch):
    monkeypatch.setattr(engines.sys, "platform", "win32")
    with engines.make("local", 500, 1000) as pool:
        assert pool._max_workers == engines.MOST_ON_WINDOWS == 61

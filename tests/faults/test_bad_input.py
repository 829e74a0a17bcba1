"""Whatever a file says, the answer is a place and a sentence, or a study that works.

A thousand files changed at random, and those that somebody would write to do harm. For each: exit
code 2 and where and what is wrong, at once; or it is valid, and a run of it works. Never a
traceback, and nothing is written. In `make test` are 250 of the files and all hostile ones.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from hostile import FILES, VALID
from mutants import CONFIGS, Mutant, mutant
from tiny_studies import MARKET

from experiments.designs import Design
from experiments.study import load
from experiments.worker import simulate
from sim.config.yaml_file import ConfigError
from sim.engine import memory

QUICK, ALL, REPORTED = 250, 1500, 20
"""Mutants: in `make test`, in all; of those that are run, one in so many with its report."""
SECONDS, MEMORY = 2.0, 500 << 20
PLACED = re.compile(r"[^:]+(:\d+:\d+)?: .{3,}|\.\.\. and \d+ more problems")
SMALL = {
    "people.n": 40,
    "days": 20,
    "burn_in": 5,
    "terminal_period": 5,
    "network": {"kind": "small_world", "mean_degree": 4, "rewire": 0.1, "contacts": 0},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "market.yaml").write_text(MARKET)
    (tmp_path / "markets").symlink_to(CONFIGS / "facts" / "markets")  # used by what is beside it
    return tmp_path


def answer(huitou: Callable[..., tuple[int, str, str]], file: object, name: str) -> int:
    """Validate a file in this process, and see that the answer is one."""
    began = time.process_time()
    code, out, err = huitou("validate", file)
    assert code in (0, 2), f"{name}: {err}"
    if code == 0:
        assert out.startswith("ok  ") and not but_for_remarks(err), name
        return code
    assert time.process_time() - began < SECONDS, name
    assert not out and err, name
    for line in but_for_remarks(err):
        assert PLACED.fullmatch(line), f"{name}: not a place and a sentence: {line!r}"
    return code


def but_for_remarks(err: str) -> list[str]:
    """Return what was said on standard error, without remarks on what is allowed but unusual."""
    return [line for line in err.splitlines() if not re.match(r"remark: [^:]+:\d+:\d+: ", line)]


def see(huitou: Callable[..., tuple[int, str, str]], folder: Path, numbers: range) -> int:
    """Validate mutants, and run the markets of those that are valid; return how many were run."""
    file, ran = folder / "mutant.yaml", 0
    there = {path.name for path in folder.iterdir()} | {file.name}
    for number in numbers:
        made = mutant(number)
        file.write_bytes(made.content)
        code = answer(huitou, "mutant.yaml", made.name)
        assert {path.name for path in folder.iterdir()} == there, made.name
        if code == 0 and is_run(folder, made):
            ran += 1
            if ran % REPORTED == 1:
                report(huitou, folder, made)
    return ran


@contextlib.contextmanager
def written(folder: Path) -> Iterator[Path]:
    """Write a study of the mutant's market, made small, and take it away again."""
    study = folder / "small.yaml"
    data = {"study": "run", "market": {"use": "mutant.yaml", "set": SMALL}}
    study.write_text(yaml.safe_dump({**data, "execute": {"engine": "inline"}}))
    yield study
    study.unlink()


def is_run(folder: Path, made: Mutant) -> bool:
    """Run a valid mutant's market, made small, unless that makes it invalid."""
    with written(folder) as study:
        try:
            small = load(study)
        except ConfigError:
            return False
    try:
        tables = simulate(Design(small, "", "").job(0), small.record)
    except Exception as error:
        raise AssertionError(f"{made.name}: {error}") from error
    assert tables.keys() == {"runs", "series", "curves"}, made.name
    return True


def report(huitou: Callable[..., tuple[int, str, str]], folder: Path, made: Mutant) -> None:
    """Run the same with all that a user sees, which takes a second or two."""
    with written(folder) as study:
        code, _, err = huitou("run", study, "--quiet", "--results", folder / "out")
    assert (code, but_for_remarks(err)) == (0, []), f"{made.name}: {err}"
    shutil.rmtree(folder / "out")


def test_files_changed_at_random(huitou, folder):
    assert see(huitou, folder, range(QUICK)) > QUICK / 20


@pytest.mark.slow
def test_many_files_changed_at_random(huitou, folder):
    assert see(huitou, folder, range(QUICK, ALL)) > (ALL - QUICK) / 20


# -- with intent ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_at_once(huitou, folder, name):
    content, said = FILES[name]
    (folder / "h.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert answer(huitou, "h.yaml", name) == 2
    assert said in huitou("validate", "h.yaml")[2]


@pytest.mark.parametrize("name", VALID)
def test_what_looks_hostile_and_is_not(huitou, folder, name):
    (folder / "h.yaml").write_text(VALID[name])
    assert answer(huitou, "h.yaml", name) == 0


def special(folder: Path) -> dict[str, str]:
    """Make what is no file and has the name of one: what is said of each."""
    os.mkfifo(folder / "pipe.yaml")
    (folder / "folder.yaml").mkdir()
    (folder / "loop.yaml").symlink_to("loop.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket.yaml"))
    return {
        "pipe.yaml": "this is a pipe",
        "folder.yaml": "this is a folder",
        "loop.yaml": "cannot be read",
        "socket.yaml": "cannot be read",
        "nowhere.yaml": "there is no such file",
        "x" * 5000: "cannot be read",
        "/dev/zero": "is larger than",
        "/dev/null": "is empty",
        "": "this is a folder",
    }


def test_what_is_no_file(huitou, folder):
    for name, said in special(folder).items():
        assert answer(huitou, name, name) == 2
        assert said in huitou("validate", name)[2]


def test_what_is_no_file_cannot_be_used_either(huitou, folder):
    for name in (*special(folder), "a\\0b"):
        quoted = f'"{name}"'
        for text in (
            f"use: {quoted}\n",
            f"use: market.yaml\nset: {{network: {{kind: edge_list, file: {quoted}}}}}\n",
            f"use: market.yaml\nset: {{people.entry: {{kind: log, log: {quoted}}}}}\n",
        ):
            (folder / "h.yaml").write_text(text)
            assert answer(huitou, "h.yaml", text[:80]) == 2


@pytest.mark.parametrize(
    "log", ["", "/", ".x/y", "..", "sys/x", "nope/x", "a b/c", "numpy", "os:x"]
)
def test_a_package_without_the_log(huitou, folder, log):
    text = "use: market.yaml\nset: {people.entry: {kind: log, log: 'package:%s'}}\n"
    (folder / "h.yaml").write_text(text % log)
    assert answer(huitou, "h.yaml", log) == 2
    assert "people.entry.log" in huitou("validate", "h.yaml")[2]


@pytest.mark.parametrize("name", ["an alias bomb", "brackets", "100 MB", "a pipe", "mistakes"])
def test_no_more_memory_than_half_a_gigabyte(folder, name):
    """In a process of its own, which takes 250 MB for the libraries alone."""
    if name == "a pipe":
        os.mkfifo(folder / "h.yaml")
    else:
        content = FILES[name][0]
        (folder / "h.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    # to load the libraries takes its time, more on a busy machine, and no file can change that
    *_, usual = measured("validate", "market.yaml", folder=folder)
    said, code, kib, seconds = measured("validate", "h.yaml", folder=folder)
    assert code == 2
    assert said.startswith("h.yaml") and "Traceback" not in said
    assert kib << 10 < MEMORY
    assert seconds < SECONDS + 1.5 * usual


METER = """
import resource, subprocess, sys
command = [sys.executable, "-m", "experiments.cli", *sys.argv[1:]]
code = subprocess.call(command, stdout=subprocess.DEVNULL)
own = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, own.ru_maxrss, own.ru_utime + own.ru_stime)
"""
"""A process begins with the peak memory of the one that started it, which must be a small one."""


def measured(*arguments: str, folder: Path) -> tuple[str, int, int, float]:
    """Run the command in a process: what it said on stderr, its code, KiB at most, seconds."""
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", METER, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    code, kib, seconds = done.stdout.split()
    return done.stderr, int(code), int(kib), float(seconds)


# -- valid, and too large -------------------------------------------------------------------------

LARGE = {
    "people": "{people.n: 100000000}",
    "ties": "{people.n: 150000, network.mean_degree: 100000}",
    "days": "{days: 100000, people.n: 30000000}",
}


@pytest.mark.parametrize("name", LARGE)
def test_a_market_that_does_not_fit_is_refused_before_it_is_made(huitou, folder, monkeypatch, name):
    monkeypatch.setattr(memory, "available", lambda: 8 << 30)
    (folder / "h.yaml").write_text(
        f"study: run\nmarket: {{use: market.yaml, set: {LARGE[name]}}}\n"
    )
    assert answer(huitou, "h.yaml", name) == 0
    code, _, err = huitou("run", "h.yaml")
    assert code == 1
    last = err.splitlines()[-1]
    assert re.match(r"huitou: .* needs about \S+ GB of memory, and 8.59 GB are free: ", last), err
    assert not (folder / "results").exists()

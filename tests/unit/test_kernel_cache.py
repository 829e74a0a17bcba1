"""Compiled code on disk: used when nothing compiled has changed, and never when something has."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {
    "shop/__init__.py": "",
    "shop/numbers.py": """
from enum import IntEnum

class Step(IntEnum):
    FIRST = 1
    SECOND = 2

RATE = 3.0
FIELDS = [("id", "i4"), ("value", "f8")]
""",
    "shop/rules.py": '''
from shop.numbers import RATE, Step
from sim.engine.kernels import rule

@rule
def worth(x):
    """Return what it is worth."""
    return x * RATE + (7 & Step.FIRST)
''',
    "shop/answers.py": """
from sim.engine.hooks import Hook
from sim.engine.kernels import rule

@rule
def answer(w, x):
    return x + 100.0

ANSWERS = [(0, answer)]

def more(w, x):
    '''Return what is added.'''

hook = Hook(more, "sum", "w[0].mask", lambda: hook.bind(ANSWERS))
more = hook.caller
""",
    "shop/market.py": '''
"""A kernel."""
from shop.answers import more
from shop.rules import worth
from sim.engine.kernels import kernel

@kernel
def total(table):
    """Return the worth of all."""
    found = 0.0
    for k in range(table.size):
        found += worth(table[k].value) + more(table, table[k].value)
    return found

@kernel
def apart(x):
    return x + 1
''',
    "main.py": """
import numpy as np
from shop import market, numbers

kind = np.dtype((np.record, np.dtype([*numbers.FIELDS, ("mask", "i8")], align=True)))
table = np.zeros(2, kind)
table["value"], table["mask"] = (1, 2), 1
print(market.total(table), market.apart(1))
for kernel in (market.total, market.apart):
    print(sum(kernel.stats.cache_misses.values()), sum(kernel.stats.cache_hits.values()))
""",
}


def written(folder: Path, changes: dict[str, tuple[str, str]] | None = None) -> Path:
    for name, text in FILES.items():
        old, new = (changes or {}).get(name, ("", ""))
        assert old in text
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace(old, new) if old else text)
    return folder


def run(folder: Path, kept: Path, **environment: str) -> tuple[float, str, str]:
    """Run the program: its result, and how much of each kernel was compiled and found."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(folder / "main.py")],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "NUMBA_CACHE_DIR": str(kept)}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results, total, apart = done.stdout.splitlines()
    return float(results.split()[0]), total, apart


COMPILED, FOUND = "1 0", "0 1"
BEFORE = 3 * 3.0 + 2 + 203


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A folder with what the program compiles."""
    folder = tmp_path_factory.mktemp("kept")
    program = written(tmp_path_factory.mktemp("program"))
    assert run(program, folder) == (BEFORE, COMPILED, COMPILED)
    return folder


UNCHANGED = {
    "messages": {
        "shop/market.py": (
            '"""Return the worth of all."""',
            '"""Say\n\n    it.\n    """\n    # so',
        ),
        "shop/rules.py": ('"""Return what it is worth."""', '"""Words."""  # more'),
    },
    "a docstring less": {"shop/rules.py": ('    """Return what it is worth."""\n', "")},
    "what is not used": {"shop/numbers.py": ("SECOND = 2", "SECOND = 3\n    THIRD = 9")},
    "a name": {"shop/market.py": ("found", "summed")},
    "nothing": {},
}


@pytest.mark.parametrize("what", UNCHANGED)
def test_what_is_compiled_is_found_from_another_folder(tmp_path, kept, what):
    program = written(tmp_path, UNCHANGED[what])
    assert run(program, kept) == (BEFORE, FOUND, FOUND)


CHANGED = {
    "a number in another file": ({"shop/numbers.py": ("RATE = 3.0", "RATE = 4.0")}, BEFORE + 3),
    "a rule": ({"shop/rules.py": ("x * RATE", "x - RATE")}, 3 - 6.0 + 2 + 203),
    "a member": ({"shop/numbers.py": ("FIRST = 1", "FIRST = 5")}, BEFORE + 8),
    "an answer": ({"shop/answers.py": ("x + 100.0", "x + 200.0")}, BEFORE + 200),
    "who answers": ({"shop/answers.py": ("[(0, answer)]", "[]")}, BEFORE - 203),
    "a bit": ({"shop/answers.py": ("[(0, answer)]", "[(1, answer)]")}, BEFORE - 203),
    "a field": ({"shop/numbers.py": ('("id", "i4")', '("id", "i4"), ("at", "i8")')}, BEFORE),
    "a type": ({"shop/numbers.py": ('("value", "f8")', '("value", "f4")')}, BEFORE),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_has_changed_is_compiled_and_nothing_else(tmp_path, kept, what):
    changes, result = CHANGED[what]
    assert run(written(tmp_path, changes), kept) == (result, COMPILED, FOUND)


def test_versions_lie_side_by_side(tmp_path, kept):
    changes = {"shop/numbers.py": ("RATE = 3.0", "RATE = 5.0")}
    assert run(written(tmp_path / "new", changes), kept) == (BEFORE + 6, COMPILED, FOUND)
    assert run(written(tmp_path / "old"), kept) == (BEFORE, FOUND, FOUND)
    assert run(written(tmp_path / "new", changes), kept) == (BEFORE + 6, FOUND, FOUND)


def test_code_that_checks_bounds_is_apart(tmp_path, kept):
    program = written(tmp_path)
    assert run(program, kept, NUMBA_BOUNDSCHECK="1") == (BEFORE, COMPILED, COMPILED)
    assert run(program, kept, NUMBA_BOUNDSCHECK="1") == (BEFORE, FOUND, FOUND)


def test_times_of_files_do_not_matter(tmp_path, kept):
    program = written(tmp_path)
    for file in program.rglob("*.py"):
        os.utime(file, (1, 1))
    assert run(program, kept) == (BEFORE, FOUND, FOUND)


def test_what_is_damaged_is_compiled_again(tmp_path, kept):
    copy = shutil.copytree(kept, tmp_path / "copy")
    for file in copy.rglob("*total*.nbc"):
        file.unlink()
    assert run(written(tmp_path / "program"), copy) == (BEFORE, COMPILED, FOUND)


TABLES = """
from typing import Any, NamedTuple
import numpy as np
from sim.engine.kernels import borrow, handle, kernel

class World(NamedTuple):
    spent: Any
    reserved: Any

@kernel
def first(w):
    return borrow(w).spent[0]

@kernel
def plain(world):
    return world.spent[0]

world = World(spent=np.array([1.0]), reserved=np.array([2.0]))
print(first(handle(world)), plain(world))
"""


def test_two_tables_of_one_type_that_change_places(tmp_path):
    """Numba would take one for the other."""
    swapped = TABLES.replace(
        "    spent: Any\n    reserved: Any", "    reserved: Any\n    spent: Any"
    )
    assert swapped != TABLES
    for text in (TABLES, swapped):
        (tmp_path / "tables.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", "import tables"],
            cwd=tmp_path,
            env=os.environ
            | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == "1.0 1.0\n", done.stderr

"""Rules are parts of kernels: linked into them and optimised there."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numba import config

from sim.engine.kernels import kernel, rule

NUMBERS = np.arange(5.0)
pytestmark = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="of compiled code")


@rule
def weigh(values, k):
    if values[k] < 0:
        raise ValueError("negative")
    return values[k] * (k + 1)


@rule
def weigh_pair(values, k):
    return weigh(values, k) + weigh(values, k + 1)


@kernel
def weigh_all(values):
    total = 0.0
    for k in range(len(values) - 1):
        total += weigh_pair(values, k)
    return total


@pytest.fixture(scope="module", autouse=True)
def called():
    weigh_all(NUMBERS)


def by_hand(values):
    weighed = values * np.arange(1, len(values) + 1)
    return (weighed[:-1] + weighed[1:]).sum()


def test_a_kernel_computes_with_rules_of_rules():
    assert weigh_all(NUMBERS) == by_hand(NUMBERS)


def test_an_error_in_a_rule_reaches_python():
    with pytest.raises(ValueError, match="negative"):
        weigh_all(-NUMBERS)


def test_python_may_call_a_rule_all_the_same():
    assert weigh_pair(NUMBERS, 1) == NUMBERS[1] * 2 + NUMBERS[2] * 3


def test_python_may_call_a_rule_of_which_a_kernel_keeps_a_copy_of_its_own(tmp_path):
    """The copy takes its arguments in another way; by its name, it was once called instead."""
    steps = "".join(
        f"    if x > {k}.5:\n        y += math.log(x + {k}) * y - math.sqrt(y * y + {k})\n"
        for k in range(60)
    )
    (tmp_path / "made.py").write_text(LARGE.format(steps=steps))
    (tmp_path / "asked.py").write_text("import made\nprint(made.twice(3.0), made.other(3.0))\n")
    folders = os.pathsep.join([str(tmp_path), *sys.path])
    given = {**os.environ, "PYTHONPATH": folders, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    asked = [sys.executable, str(tmp_path / "asked.py")]
    done = subprocess.run(asked, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    twice, once = map(float, done.stdout.split())
    assert twice == 2 * once != 0


LARGE = """
import math
from sim.engine.kernels import kernel, rule

@rule
def large(x, y):
{steps}    return y

@rule
def other(x):
    return large(x, 2.0)

@kernel
def twice(x):
    total = large(x, 2.0)
    if total != 0.0:
        total += large(x, 2.0)
    return total
"""

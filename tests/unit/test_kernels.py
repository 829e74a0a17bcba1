"""Rules are parts of kernels: linked into them and optimised there."""

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

"""Under `make bounds` an index outside its table ends the program: it cannot be read or written."""

import numpy as np
import pytest
from numba import config

from sim.engine.kernels import kernel, rule
from sim.state import OCCASION


@rule
def _due(rows, i):
    return rows[i].due


@kernel
def _through_a_rule(rows, i):
    return _due(rows, i)


@kernel
def _written(rows, i):
    rows[i].due = 1.0


@pytest.mark.skipif(not config.BOUNDSCHECK, reason="make bounds compiles with the check")
@pytest.mark.parametrize("use", [_through_a_rule, _written])
def test_an_index_outside_its_table_is_refused(use):
    rows = np.zeros(3, OCCASION)
    use(rows, 2)
    with pytest.raises(IndexError):
        use(rows, 3)

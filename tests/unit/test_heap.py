"""The heap gives what a sorted list gives."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine import heap
from sim.engine.kernels import plain

pytestmark = pytest.mark.quick
keys = st.floats(0, 100).map(lambda x: round(x, 1))
steps = st.lists(st.tuples(st.sampled_from(["push", "replace", "drop"]), keys), max_size=60)


@settings(deadline=None)
@given(st.lists(keys, max_size=20), steps)
def test_the_root_is_always_the_least(first, steps):
    table, items = np.zeros(100), np.zeros(100, np.int32)
    table[: len(first)] = sorted(first)
    items[: len(first)] = range(len(first))
    mine, size = sorted(first), len(first)
    heapq.heapify(mine)
    key_of = dict(enumerate(mine))
    for number, (what, key) in enumerate(steps, len(first)):
        if what == "push" and size < 100:
            plain(heap.push)(table, items, size, key, number)
            heapq.heappush(mine, key)
            size += 1
        elif size and what == "replace":
            plain(heap.replace_root)(table, items, size, key, number)
            heapq.heapreplace(mine, key)
        elif size:
            plain(heap.drop_root)(table, items, size)
            heapq.heappop(mine)
            size -= 1
        key_of[number] = key
        assert sorted(table[:size]) == sorted(mine)
        if size:
            assert table[0] == mine[0]
            assert all(
                key_of[int(item)] == own
                for item, own in zip(items[:size], table[:size], strict=True)
            )

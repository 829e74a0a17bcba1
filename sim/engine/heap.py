"""A priority queue in two arrays: a binary heap, whose smallest key is at the root.

Arrays that are sorted by key are a heap as they stand. The caller keeps how many entries it has.
"""

from sim.engine.kernels import rule


@rule
def push(keys, items, size, key, item):
    """Enter an item; the heap then has `size` + 1 entries."""
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        if keys[parent] <= key:
            break
        keys[at], items[at] = keys[parent], items[parent]
        at = parent
    keys[at], items[at] = key, item


@rule
def replace_root(keys, items, size, key, item):
    """Put an item in the place of the one with the smallest key."""
    at, child = 0, 1
    while child < size:
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if key <= keys[child]:
            break
        keys[at], items[at] = keys[child], items[child]
        at, child = child, 2 * child + 1
    keys[at], items[at] = key, item


@rule
def drop_root(keys, items, size):
    """Take out the item with the smallest key; the heap then has `size` - 1 entries."""
    replace_root(keys, items, size - 1, keys[size - 1], items[size - 1])

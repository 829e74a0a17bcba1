"""In which order today's events are looked at: by identity, so that no result depends on rows."""

import numpy as np
from numpy.typing import NDArray

from sim.world import World, used

Rows = NDArray[np.int64]


def reminders(w: World) -> Rows:
    """Return the reminders acted on today, by person and category."""
    pairs = w.reminded[: used(w, "reminded")]
    if len(pairs) <= 1:  # most days, and to sort would take most of their time
        return np.arange(len(pairs))
    product = w.steps["product"][pairs[:, 0]]
    return np.lexsort((w.products["category"][product], pairs[:, 1]))


def triggered(w: World) -> Rows:
    """Return the occasions that a message triggered today, by person and category."""
    pairs = w.triggered[: used(w, "triggered")]
    if len(pairs) <= 1:
        return np.arange(len(pairs))
    return np.lexsort((pairs[:, 1], pairs[:, 0]))


def closing(w: World) -> Rows:
    """Return today's orders to look at again, by identity of buyer and brand, and as they came."""
    number = w.closing[: used(w, "closing")].astype(np.int64)
    order = w.orders[number]
    by = (number, w.brands["key"][order["brand"]], w.people["id"][order["person"]])
    return number[np.lexsort(by)]

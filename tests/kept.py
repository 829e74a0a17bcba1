"""What mechanisms keep of people and brands, side by side, whether a market uses them or not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.mechanisms.declarations import relationship_tables


def kept(world: Any) -> NDArray[np.void]:
    """Return a copy of all that mechanisms keep, people x brands; 0 where no brand uses one."""
    columns = {}
    for name in relationship_tables():
        table = getattr(world, name)
        for field in table.dtype.names:
            empty = np.zeros(world.relationships.shape, table.dtype[field])
            columns[field] = table[field] if len(table) else empty
    out = np.zeros(
        world.relationships.shape, [(name, column.dtype) for name, column in columns.items()]
    )
    for name, column in columns.items():
        out[name] = column
    return out

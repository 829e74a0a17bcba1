"""Who has referred enough friends becomes a KOC: recognition, a discount for good, and status.

What is so near is worth the more (Kivetz, Urminsky and Zheng 2006).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

ORDER = 20
TERMS = ("Referral",)


def used_by(world: Any) -> NDArray[np.bool_]:
    """bool[brands]: which of them have a status to reach."""
    return world.statuses["friends"] > 0

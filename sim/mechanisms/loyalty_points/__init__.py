"""Points that customers hold, spend on goods, or lose: a liability of the brand until then."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

ORDER = 30
TERMS = ("Referral",)
ACCRUALS = {"EXPIRY": 3}  # that points expire: a day on which to look
APPENDS = {"pending": 1}
"""The most rows that what one accrual does here appends to growing tables."""


def used_by(world: Any) -> NDArray[np.bool_]:
    """bool[brands]: which of them have points to earn."""
    return np.isin(
        np.arange(world.brands.size),
        world.programmes["brand"][world.programmes["points_cents"] > 0],
    )

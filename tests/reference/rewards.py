"""What a reward is worth to whoever may earn it (ODD 7.8)."""

import math
from typing import Any

from .things import Brand


def worth(market: Any, brand: Brand, value: float) -> float:
    """Return the worth of an amount in cents, by the brand's prices."""
    if value <= 0 or brand.yardstick <= 0:
        return 0.0
    return math.log(1.0 + value / (market.rules.referral.scale * brand.yardstick))


def nearer(market: Any, way: float) -> float:
    """Return the factor by which a threshold is worth more when a share of the way is gone."""
    return 1.0 + market.rules.referral.gradient * way

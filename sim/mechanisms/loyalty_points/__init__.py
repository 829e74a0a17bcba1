"""Points that customers hold, spend on goods, or lose: a liability of the brand until then."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.accounts import AccountLine, Aim, Line
from sim.mechanisms.declarations import terms
from sim.tables import Most
from sim.terms import kinds

ORDER = 30
ACCRUALS = {"EXPIRY": 3}  # that points expire: a day on which to look
PURPOSES = {"REDEEM": 35}
ACCOUNTS = {
    "REFERRAL_POINTS": AccountLine(Line.COST, Aim.REWARDS),
    # cost of points taken back when they lapse: never above zero
    "POINTS_BREAKAGE": AccountLine(Line.COST, Aim.REWARDS),
    "POINTS_OWED": AccountLine(Line.OWED),
}
APPENDS: dict[str, Most] = {"pending": 1}
"""The most rows that what one accrual does here appends to growing tables."""


def used_by(world: Any) -> NDArray[np.bool_]:
    """bool[brands]: which of them have points to earn, by terms of whatever mechanism."""
    used = np.zeros(world.brands.size, np.bool_)
    for term in terms():
        if "points" in kinds(term):
            table = getattr(world, term.TABLE)
            used[table["brand"][table["points_cents"] > 0]] = True
    return used

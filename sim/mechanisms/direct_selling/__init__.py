"""Customers become distributors: they join, call their ties, sell, recruit, and quit.

Whoever is satisfied on both counts, has referred enough friends and is not within the time of an
earlier refusal weighs the offers of a day against each other, against the work that they have, and
against none: a choice of utilities with Gumbel noise. Calls are a Poisson process, so that the Yule
process (1925) is a limit.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.people.message_kinds import MessageKind
from sim.strategies.interface import Does

ORDER = 40
TERMS = ("Agency",)
VERBS = Does.CULTIVATE | Does.PITCH
MESSAGES = {
    # to buy from the distributor who speaks; somebody calls and says so
    "SALES_CALL": MessageKind(2, makes_aware=True),
    # to become a distributor
    "RECRUITING": MessageKind(3, makes_aware=True),
}
ACCRUALS = {
    "RESALE": 1,  # commissions to the uplines of who sold
    "RECRUIT": 2,  # a bonus to who recruited
}
MOST_CALLS_A_DAY = 64
"""Calls of one distributor on one day; more are not made."""
APPENDS = {"said": MOST_CALLS_A_DAY, "pitched": 1, "agents": 1, "pending": 2}
"""The most rows that what one person or order does here appends to growing tables."""


def used_by(world: Any) -> NDArray[np.bool_]:
    """bool[brands]: which of them have distributors."""
    return world.brands["agency"].copy()

"""Customers invite friends, friends follow, and a friend's kept order earns the referrer a reward.

Only those satisfied on both counts invite: they stake their reputation. The motive is emotion,
which decays, plus benefit, less what it costs to be thought paid: much for cash, little for points
(Ryu and Feick 2007). A reward at a threshold is worth the more the closer it is (Kivetz, Urminsky
and Zheng 2006).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.people.message_kinds import MessageKind
from sim.strategies.interface import Does

ORDER = 10
TERMS = ("Referral",)
VERBS = Does.INVITE_FRIENDS
MESSAGES = {
    # to become a customer, under a referral programme
    "INVITATION": MessageKind(1),
    # to the one by whom the speaker was invited
    "DISAPPOINTMENT": MessageKind(4, opinion=False),
}
ACCRUALS = {"REFERRAL": 0}  # a reward to who referred a friend
MOST_INVITED = 64
"""Ties invited by one customer at one asking, or by talks of one day; more are not."""
APPENDS = {"said": MOST_INVITED + 1, "invitations": MOST_INVITED, "pending": "programmes"}
"""The most rows that what one person or order does here appends to growing tables."""


def used_by(world: Any) -> NDArray[np.bool_]:
    """bool[brands]: which of them have a referral programme."""
    return np.isin(np.arange(world.brands.size), world.programmes["brand"])

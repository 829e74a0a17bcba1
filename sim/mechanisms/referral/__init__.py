"""Customers invite friends, friends follow, and a friend's kept order earns the referrer a reward.

Only those satisfied on both counts invite: they stake their reputation. The motive is emotion,
which decays, plus benefit, less what it costs to be thought paid: much for cash, little for points
(Ryu and Feick 2007). A reward at a threshold is worth the more the closer it is (Kivetz, Urminsky
and Zheng 2006).
"""

from sim.accounts import AccountLine, Aim, Line
from sim.people.message_kinds import MessageKind
from sim.strategies.interface import Does
from sim.tables import Most

ORDER = 10
VERBS = Does.INVITE_FRIENDS
MESSAGES = {
    # to become a customer, under a referral programme
    "INVITATION": MessageKind(1),
    # to the one by whom the speaker was invited
    "DISAPPOINTMENT": MessageKind(4, opinion=False),
    "THANKS": MessageKind(6, opinion=False),
}
ACCRUALS = {"REFERRAL": 0}  # a reward to who referred a friend
PURPOSES = {"SHARE": 32, "INVITE": 33, "CLICK": 34}
ACCOUNTS = {
    # what friends invited under a programme get off their first order
    "FRIEND_DISCOUNTS": AccountLine(Line.REDUCTION, Aim.ACQUISITION),
    # contacts that ask customers for friends
    "REFERRAL_ASKS": AccountLine(Line.COST, Aim.ACQUISITION, verbs=int(VERBS)),
    "REFERRAL_CASH": AccountLine(Line.COST, Aim.REWARDS),
    "REFERRAL_GOODS": AccountLine(Line.COST, Aim.REWARDS),
}
COUNTS = (
    "referral_eligible",
    "referral_asked",
    "referral_shared",
    "invitations",
    "clicks",
    "referred_orders",
    "rewards_vested",
    "rewards_void",
    "bad_referrals",
)
MOST_INVITED = 64
"""Ties invited by one customer at one asking, or by talks of one day; more are not."""
APPENDS: dict[str, Most] = {
    "messages": MOST_INVITED + 1,
    "invitations": MOST_INVITED,
    "accruals": "programmes",
    "triggered": "products",
}
"""The most rows that what one person or order does here appends to growing tables."""

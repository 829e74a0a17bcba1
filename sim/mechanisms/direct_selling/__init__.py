"""Customers become distributors: they join, call their ties, sell, recruit, and quit.

Whoever is satisfied on both counts, has referred enough friends and is not within the time of an
earlier refusal weighs the offers of a day against each other, against the work that they have, and
against none: a choice of utilities with Gumbel noise. Calls are a Poisson process, so that the Yule
process (1925) is a limit.
"""

from sim.accounts import AccountLine, Aim, Line
from sim.people.message_kinds import MessageKind
from sim.strategies.interface import Does
from sim.tables import Most

ORDER = 40
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
PURPOSES = {
    "BYPASS": 36,
    "JOIN": 37,
    "ENGAGE": 38,
    "CALL_GAP": 39,
    "CALL": 40,
    "CALLED": 41,
    "REVIEW": 42,
}
ACCOUNTS = {
    # what distributors keep of what people pay them
    "RESELLER_MARGINS": AccountLine(Line.REDUCTION, Aim.SELLING),
    # contacts that ask customers to become distributors
    "RECRUITING": AccountLine(Line.COST, Aim.ACQUISITION, verbs=int(Does.PITCH)),
    "COMMISSIONS": AccountLine(Line.COST, Aim.SELLING),
    "RECRUIT_BONUSES": AccountLine(Line.COST, Aim.SELLING),
    "PEER_BONUSES": AccountLine(Line.COST, Aim.SELLING),
    # courses for those who might sell, the contacts included
    "TRAINING": AccountLine(Line.COST, Aim.TRAINING, verbs=int(Does.CULTIVATE)),
    # sell-in: what distributors have paid for stock not yet resold, which is no revenue
    "CHANNEL_DEPOSITS": AccountLine(Line.OWED),
    "JOINING_FEES": AccountLine(Line.APART),
}
COUNTS = (
    "sales_calls",
    "resales",
    "recruiting_talks",
    "joins",
    "recruiting_refused",
    "quits",
    "promotions",
)
MOST_CALLS_A_DAY = 64
"""Calls of one distributor on one day; more are not made."""
APPENDS: dict[str, Most] = {
    "messages": MOST_CALLS_A_DAY,
    "pitched": 1,
    "distributors": 1,
    "accruals": 2,
    "triggered": "products",
}
"""The most rows that what one person or order does here appends to growing tables."""

"""Who has referred enough friends becomes a KOC: recognition, a discount for good, and status.

What is so near is worth the more (Kivetz, Urminsky and Zheng 2006).
"""

from sim.accounts import AccountLine, Aim, Line

ORDER = 20
ACCOUNTS = {
    # recognition, and the events for those who have it
    "STATUS_REWARDS": AccountLine(Line.COST, Aim.ACQUISITION, verbs=0),
}
COUNTS = ("kocs",)

"""Points that customers hold, spend on goods, or lose: a liability of the brand until then."""

from sim.accounts import AccountLine, Aim, Line
from sim.tables import Most

ORDER = 30
FIELDS = ("points",)
ACCRUALS = {"EXPIRY": 3}  # that points expire: a day on which to look
PURPOSES = {"REDEEM": 35}
ACCOUNTS = {
    "REFERRAL_POINTS": AccountLine(Line.COST, Aim.REWARDS),
    # cost of points taken back when they lapse: never above zero
    "POINTS_BREAKAGE": AccountLine(Line.COST, Aim.REWARDS),
    "POINTS_OWED": AccountLine(Line.OWED),
}
APPENDS: dict[str, Most] = {"accruals": 1}
"""The most rows that what one accrual does here appends to growing tables."""

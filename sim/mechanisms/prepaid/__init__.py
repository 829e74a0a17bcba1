"""A pass is paid for once, and drawn down a drink at a time, on the premises only.

Idea: what is paid ahead brings its holder back, and holders bring company. The cash comes at once;
revenue comes with each unit drawn, and until then the balance is owed.

Source: people attend to what they have paid when they decide whether to consume, and less so as time
passes; then they use up more readily what can be stored, as if it were free (Gourville and Soman
1998, "Payment depreciation", J. Consumer Research 25:160-174). Both give `choice.entitlement` its
direction. Assumptions: all sizes; that the pull does not change with time; that holders bring
company and talk.
"""

from sim.accounts import AccountLine, Line
from sim.people.limits import MOST_A_DAY
from sim.people.message_kinds import MessageKind
from sim.tables import Most

ORDER = 50
# to come along, from a holder who has drawn on a pass
MESSAGES = {"COME_ALONG": MessageKind(5, makes_aware=True)}
PURPOSES = {"PREPAY": 43, "DRAW_DOWN": 44}
ACCOUNTS = {
    # paid for passes and not drawn yet: no revenue so far
    "DEFERRED_REVENUE": AccountLine(Line.OWED),
    # of those who have dropped out: still owed, and hardly ever claimed
    "DORMANT_BALANCES": AccountLine(Line.OWED),
}
COUNTS = ("passes_sold", "units_drawn")
_BUYS = MOST_A_DAY + 1
APPENDS: dict[str, Most] = {"drawdowns": _BUYS, "messages": 2 * _BUYS, "triggered": "products"}
"""The most rows that what one person does at a time appends here to growing tables."""

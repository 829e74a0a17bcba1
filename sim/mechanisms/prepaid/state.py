"""What prepaid passes keep: each person's balance with a brand, and each draw on it."""

from sim.engine.records import Growing, OfRelationships, record
from sim.mechanisms.declarations import Column, Rows

BALANCE = record(  # person x brand
    ("prepaid_cents", "i8"),  # paid and not drawn: revenue to come
    ("units_left", "i4"),  # paid and not drawn
    ("passes_bought", "i4"),
    ("last_drawdown", "i4"),  # row of DRAWDOWN, plus 1; 0 for none
)

DRAWDOWN = record(  # what one order drew
    ("cents", "i8"),  # revenue
    ("order", "i4"),
    ("person", "i4"),
    ("units", "i4"),
    ("day", "i4"),
    ("before", "i4"),  # the person's last one before, as `last_drawdown`
    ("brand", "i2"),
)

TABLES = {"balances": OfRelationships(BALANCE), "drawdowns": Growing(DRAWDOWN)}
COLUMNS = {"units_left": Column("balances", "units_left")}
ROWS = {"drawdowns": Rows("drawdowns", ("person", "day", "order", "units", "cents"))}

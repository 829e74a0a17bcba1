"""What direct selling keeps: of a person and a brand, and of each engagement."""

import numpy as np

from sim.engine.records import Growing, OfRelationships, record
from sim.mechanisms.declarations import Column, Rows

SELLING = record(  # person x brand
    ("attended", "i4"),  # salons and courses attended
    ("pitch_from", "i4"),  # first day on which recruiting may be tried again
    ("distributor", "i4"),  # row of DISTRIBUTORSHIP, plus 1, of one who works for the brand now
    (
        "seller",
        "i4",
    ),  # row of DISTRIBUTORSHIP, plus 1, of the distributor from whom this person buys
    ("pitcher", "i4"),  # row of DISTRIBUTORSHIP, plus 1, of the distributor who called last
    ("pitch_until", "i4"),  # last day on which an order counts for that call
)

DISTRIBUTORSHIP = record(  # one engagement of a person as distributor of a brand
    ("sales_cents", "i8"),  # resold to others than oneself, at list price, less refunds
    ("team_cents", "i8"),  # resold by oneself and all below, once windows have closed
    ("stock_cents", "i8"),  # unsold, at list price
    ("paid_cents", "i8"),  # what was paid for that stock
    ("margin_cents", "i8"),  # earned by reselling
    ("commission_cents", "i8"),  # earned from what others below resell, peer bonus included
    ("bonus_cents", "i8"),  # earned by recruiting
    ("fee_cents", "i8"),  # paid for joining
    ("reviewed_cents", "i8"),  # earned up to the last review
    ("contact_due", "f8"),  # when this distributor next calls a tie, in days
    ("person", "i4"),
    ("upline", "i4"),  # row of DISTRIBUTORSHIP of the recruiter, -1 for the brand itself
    ("recruits", "i4"),  # recruited directly
    ("joined_day", "i4"),
    ("quit_day", "i4"),  # NO_DAY while at work
    ("review_day", "i4"),  # when earnings are next compared with effort
    ("brand", "i2"),
    ("level", "i2"),  # 0 is the lowest
    ("full_time", "?"),
)

TABLES = {
    "selling": OfRelationships(SELLING),
    "distributors": Growing(DISTRIBUTORSHIP, scheduled=True),
    # today's recruiting talks: person, brand, row of DISTRIBUTORSHIP who recruits or -1 for the brand
    "pitched": Growing(np.int32, width=3),
}
COLUMNS = {
    "attended": Column("selling", "attended"),
    "ask_from": Column("selling", "pitch_from"),
    "distributor": Column("selling", "distributor", "?"),
}
ROWS = {
    "distributors": Rows(
        "distributors",
        ("person", "joined_day", "quit_day", "level", "sales_cents", "stock_cents", "recruits"),
    )
}

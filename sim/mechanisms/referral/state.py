"""What referral keeps: of a person and a brand, and of each invitation."""

from sim.engine.records import Growing, OfRelationships, record
from sim.mechanisms.declarations import Column, Rows

REFERRING = record(  # person x brand
    ("goods_cents", "i8"),  # cost of goods earned and not yet handed over
    ("invitation", "i4"),  # row of INVITATION followed, plus 1; 0 for none
    ("invited_until", "i4"),  # last day on which a first order counts for it
    ("refused", "i4"),  # invitations not followed so far
    ("bought", "i4"),  # friends referred who ordered
    ("vested", "i4"),  # of them, those whose reward was earned
    ("goods_claimed", "i4"),  # friends whose goods are pending or earned
    ("goods_friends", "i4"),  # of them, those whose goods are earned
)

INVITATION = record(  # one person invited by another under a referral programme
    ("terms", "i8"),  # the brand's programmes that it is under, a bit for each
    ("referrer", "i4"),
    ("friend", "i4"),
    ("day", "i4"),  # shared; it arrives the day after
    ("clicked_day", "i4"),  # followed; NO_DAY if not
    ("order", "i4"),  # the friend's first order, -1 for none
    ("vested_day", "i4"),  # the referral counted; NO_DAY if not
    ("brand", "i2"),
    ("asked", "?"),  # the brand had asked for it; else it came of itself
    ("void", "?"),  # the order was paid back
)

TABLES = {"referring": OfRelationships(REFERRING), "invitations": Growing(INVITATION)}
COLUMNS = {"referred": Column("referring", "vested")}
ROWS = {
    "invitations": Rows(
        "invitations", ("referrer", "friend", "day", "clicked_day", "order", "vested_day", "void")
    )
}

"""What loyalty points keep of a person and a brand."""

from sim.engine.records import OfRelationships, record
from sim.mechanisms.declarations import Column

LOYALTY = record(  # person x brand
    ("points_cents", "i8"),  # points held, at what they will cost the brand
    ("points_until", "i4"),  # last day of the points, unless more are earned or spent
)

TABLES = {"loyalty": OfRelationships(LOYALTY)}
COLUMNS = {"points_cents": Column("loyalty", "points_cents", shown=False)}

"""What status keeps of a person and a brand."""

from sim.engine.records import OfBonds, record
from sim.mechanisms.declarations import Column

RECOGNITION = record(  # person x brand
    ("honour_claimed", "i4"),  # friends who count toward the honour, or will if they keep it
    ("honour_reserved", "?"),  # it may come before long: budget is set aside
    ("koc", "?"),  # has earned the honour
)

TABLES = {"recognition": OfBonds(RECOGNITION)}
COLUMNS = {"koc": Column("recognition", "koc")}

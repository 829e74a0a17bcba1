"""What status keeps of a person and a brand."""

from sim.engine.records import OfRelationships, record
from sim.mechanisms.declarations import Column

RECOGNITION = record(  # person x brand
    ("status_claimed", "i4"),  # friends who count toward the status reward, or will if they keep it
    ("status_reserved", "?"),  # it may come before long: budget is set aside
    ("koc", "?"),  # has earned the status reward
)

TABLES = {"recognition": OfRelationships(RECOGNITION)}
COLUMNS = {"koc": Column("recognition", "koc")}

"""How much one person can do on one day; what goes beyond waits for the next."""

MOST_A_DAY = 64
"""Needs of one person and category met on one day."""
MOST_UNITS = 24
"""Packs of a product in one order; below `MOST_A_DAY`, so that a draw's slot tells sizes apart."""
MOST_TALKS_A_DAY = 64
"""Talks of one customer about one brand on one day; more are not held."""

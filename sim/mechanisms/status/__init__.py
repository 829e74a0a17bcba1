"""Who has referred enough friends becomes a KOC: recognition, a discount for good, and status.

What is so near is worth the more (Kivetz, Urminsky and Zheng 2006).
"""

ORDER = 20

"""Roles: what a person is to a brand."""

from sim.engine.kernels import rule
from sim.hooks import role

CUSTOMER, KOC, DISTRIBUTOR = 0, 1, 2
"""Values of `role`; a person's is the highest with any brand."""


@rule
def take_role(w, i, b):
    """Give person `i` the role with brand `b` that is due."""
    w.relationships[i, b].role = role(w, i, b)
    highest = CUSTOMER
    for k in range(w.brands.size):
        highest = max(highest, w.relationships[i, k].role)
    w.people[i].role = highest

"""Dropout: the hazard of ending a relationship adds up until it reaches a threshold.

Each person has one threshold with each brand, exponential of mean 1. An experience after which a
chance p of dropout stands adds the hazard -log(1 - p), so that a person survives it with chance
1 - p, as if a coin had been tossed: the law is that of the BG/NBD (Fader, Hardie and Lee 2005).
One threshold in place of a coin each time keeps arms of a study coupled: an order more in one arm
brings a dropout forward, and does not replace it by another.
"""

import math

from sim.counts import DROPOUTS_BOTH, DROPOUTS_NEITHER, DROPOUTS_PRODUCT, DROPOUTS_SERVICE
from sim.engine.calendar import cancel
from sim.engine.kernels import rule
from sim.hooks import on_dropout
from sim.people.messages import append
from sim.people.roles import CUSTOMER, take_role
from sim.state import NO_DAY


@rule
def hazard(rules, relationship, day):
    """Return the hazard of one experience, infinite if it is certain to be the last."""
    chance = relationship.dropout * math.exp(
        -rules.dropout_satisfaction_effect
        * (relationship.overall - rules.experience_satisfaction_threshold)
    )
    if relationship.contagion_day != NO_DAY:
        age = day - relationship.contagion_day
        fresh = 0.5 ** (age / rules.dropout_contagion_half_life)
        chance *= 1.0 + (rules.dropout_contagion - 1.0) * fresh
    return math.inf if chance >= 1.0 else -math.log1p(-chance)


@rule
def add_hazard(w, i, b, added, day):
    """Take hazard from what is left; whoever has none left drops out for good."""
    relationship = w.relationships[i, b]
    if relationship.dropped_out:
        return
    relationship.hazard_left -= added
    if relationship.hazard_left <= 0.0:
        drop_out(w, i, b, day)


@rule
def drop_out(w, i, b, day):
    """End the relationship, and tell those whom it concerns."""
    relationship = w.relationships[i, b]
    relationship.dropped_out, relationship.dropped_out_day = True, day
    cancel(w.talk_due, i * w.brands.size + b)
    append(w.dropouts, w.tally[0].dropouts, i, b)
    w.tally[0].dropouts += 1
    on_dropout(w, i, b, day)
    if relationship.role != CUSTOMER:
        take_role(w, i, b)
    w.counts[b, cause(w.rules[0], relationship)] += 1


@rule
def cause(rules, relationship):
    """Return the count of dropouts with what had failed the satisfaction threshold."""
    bad_product = relationship.product < rules.experience_satisfaction_threshold
    bad_service = relationship.service < rules.experience_satisfaction_threshold
    if bad_product and bad_service:
        return DROPOUTS_BOTH
    if bad_product:
        return DROPOUTS_PRODUCT
    return DROPOUTS_SERVICE if bad_service else DROPOUTS_NEITHER

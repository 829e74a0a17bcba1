"""Feelings for a brand: satisfaction with product and service, trust, delight, opinion.

Expectation and disconfirmation after Oliver (1980), with loss aversion; product and service are
judged apart, and overall satisfaction is their CES aggregate, whose limit is the lower of the two:
service cannot rescue a bad product, nor a good product bad service.
"""

import math

from sim.engine.kernels import rule


@rule
def aggregate(product, service, exponent):
    """Return the CES mean of two satisfactions; exponent -inf gives the lower of the two."""
    low = min(product, service)
    if math.isinf(exponent) or (low <= 0.0 and exponent <= 0.0):
        return low
    if abs(exponent) < 1e-9:
        return math.sqrt(product * service)
    if exponent < 0.0 and exponent * math.log(low) > 700.0:
        ratio = max(product, service) / low  # the power of the lower itself would overflow
        return low * (0.5 * (1.0 + ratio**exponent)) ** (1.0 / exponent)
    return (0.5 * (product**exponent + service**exponent)) ** (1.0 / exponent)


@rule
def satisfied(rules, bond):
    """Tell whether product and service both satisfy."""
    return bond.product >= rules.experience_gate and bond.service >= rules.experience_gate


@rule
def valence_of(rules, bond):
    """Return opinion, -1 to 1, from overall satisfaction on either side of the gate."""
    gate = rules.experience_gate
    if bond.overall >= gate:
        return (bond.overall - gate) / max(1.0 - gate, 1e-9)
    return (bond.overall - gate) / max(gate, 1e-9)


@rule
def keep_promise(rules, bond, times):
    """Let trust rise by `times` promises kept; slowly."""
    for _ in range(times):
        bond.trust += rules.trust_kept * (1.0 - bond.trust)


@rule
def break_promise(rules, bond):
    """Let trust fall by one promise broken; fast."""
    bond.trust -= rules.trust_broken * bond.trust


@rule
def feel_service(rules, bond, felt):
    """Move satisfaction with service toward the service felt, and overall satisfaction with it."""
    bond.service += rules.experience_service_learning * (felt - bond.service)
    bond.overall = aggregate(bond.product, bond.service, rules.experience_exponent)


@rule
def feel_product(rules, bond, quality, day):
    """Judge quality against expectation, and move satisfaction and expectation toward it."""
    surprise = quality - bond.expectation
    weight = rules.experience_disconfirmation
    if surprise < 0.0:
        weight *= rules.experience_loss_aversion
    else:
        be_delighted(rules, bond, rules.experience_delight * surprise, day)
    judged = min(1.0, max(0.0, quality + weight * surprise))
    bond.product += rules.experience_product_learning * (judged - bond.product)
    bond.expectation += rules.experience_expectation_learning * surprise
    bond.overall = aggregate(bond.product, bond.service, rules.experience_exponent)


@rule
def delight(rules, bond, day):
    """Return what is left today of good surprises, 0 to 1."""
    if bond.delight == 0.0:
        return 0.0
    return bond.delight * 0.5 ** ((day - bond.delight_day) / rules.experience_delight_half_life)


@rule
def be_delighted(rules, bond, share, day):
    """Move delight by a share of the way to 1."""
    left = delight(rules, bond, day)
    bond.delight = left + min(1.0, share) * (1.0 - left)
    bond.delight_day = day

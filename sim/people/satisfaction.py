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
def satisfied(rules, relationship):
    """Tell whether product and service both satisfy."""
    return (
        relationship.product >= rules.experience_satisfaction_threshold
        and relationship.service >= rules.experience_satisfaction_threshold
    )


@rule
def valence_of(rules, relationship):
    """Return opinion, -1 to 1, from overall satisfaction on either side of the satisfaction threshold."""
    satisfaction_threshold = rules.experience_satisfaction_threshold
    if relationship.overall >= satisfaction_threshold:
        return (relationship.overall - satisfaction_threshold) / max(
            1.0 - satisfaction_threshold, 1e-9
        )
    return (relationship.overall - satisfaction_threshold) / max(satisfaction_threshold, 1e-9)


@rule
def keep_promise(rules, relationship, times):
    """Let trust rise by `times` promises kept; slowly."""
    for _ in range(times):
        relationship.trust += rules.trust_kept * (1.0 - relationship.trust)


@rule
def break_promise(rules, relationship):
    """Let trust fall by one promise broken; fast."""
    relationship.trust -= rules.trust_broken * relationship.trust


@rule
def feel_service(rules, relationship, felt):
    """Move satisfaction with service toward the service felt, and overall satisfaction with it."""
    relationship.service += rules.experience_service_learning * (felt - relationship.service)
    relationship.overall = aggregate(
        relationship.product, relationship.service, rules.experience_exponent
    )


@rule
def feel_product(rules, relationship, quality, day):
    """Judge quality against expectation, and move satisfaction and expectation toward it."""
    surprise = quality - relationship.expectation
    weight = rules.experience_disconfirmation
    if surprise < 0.0:
        weight *= rules.experience_loss_aversion
    else:
        be_delighted(rules, relationship, rules.experience_delight * surprise, day)
    judged = min(1.0, max(0.0, quality + weight * surprise))
    relationship.product += rules.experience_product_learning * (judged - relationship.product)
    relationship.expectation += rules.experience_expectation_learning * surprise
    relationship.overall = aggregate(
        relationship.product, relationship.service, rules.experience_exponent
    )


@rule
def delight(rules, relationship, day):
    """Return what is left today of good surprises, 0 to 1."""
    if relationship.delight == 0.0:
        return 0.0
    return relationship.delight * 0.5 ** (
        (day - relationship.delight_day) / rules.experience_delight_half_life
    )


@rule
def be_delighted(rules, relationship, share, day):
    """Move delight by a share of the way to 1."""
    dropped_out = delight(rules, relationship, day)
    relationship.delight = dropped_out + min(1.0, share) * (1.0 - dropped_out)
    relationship.delight_day = day

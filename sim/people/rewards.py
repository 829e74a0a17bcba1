"""What a reward is worth to whoever may earn it."""

import math

from sim.engine.kernels import rule


@rule
def worth(rules, price_cents, cents):
    """Return what a reward is worth: a log unit like all money, measured by the brand's prices."""
    if cents <= 0.0 or price_cents <= 0.0:
        return 0.0
    return math.log1p(cents / (rules.referral_scale * price_cents))


@rule
def nearer(rules, way):
    """Return how much more a threshold reward is worth when this share of the way to it is done.

    Kivetz, Urminsky and Zheng (2006).
    """
    return 1.0 + rules.referral_gradient * way

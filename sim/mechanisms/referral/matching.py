"""Matching: who refers chooses a friend whom the brand suits (Schmitt, Skiera and Van den Bulte 2011).

The brand's customers know what it is like and what their friends like, which the brand does not.
"""

import math

from sim.engine.kernels import rule
from sim.people.ties import reach, within_reach


@rule
def suitable(w, i, b, u):
    """Return which of all within reach of person `i` uniform `u` picks to be invited to brand `b`.

    Each counts by taste for the brand to the power `referral.matching`.
    """
    known, power = reach(w, i), w.rules[0].referral_matching
    if power == 0.0:
        return int(u * known)
    best, total = -math.inf, 0.0
    for k in range(known):
        best = max(best, _taste(w, i, b, k))
    for k in range(known):
        total += math.exp(power * (_taste(w, i, b, k) - best))
    left, k = u * total, 0
    while k < known - 1:
        left -= math.exp(power * (_taste(w, i, b, k) - best))
        if left < 0.0:
            break
        k += 1
    return k


@rule
def _taste(w, i, b, k):
    return float(w.relationships[within_reach(w, i, k), b].log_taste)

"""Whom a strategy may reach."""

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import draw, uniforms
from sim.engine.kernels import rule
from sim.purposes import Purpose


@rule
def in_audience(w, i, term):
    """Tell whether person `i` is in the audience of a step or of terms."""
    if term.share >= 1.0:
        return True
    u = draw(w.seed[0], w.people[i].id, 0, term.audience_key, 0, Purpose.AUDIENCE)
    return u < term.share


def audience(seed: int, ids: NDArray[np.uint64], key: int, share: float) -> NDArray[np.bool_]:
    """Return bool[n]: what `in_audience` tells of each of the people with these `ids`.

    Parameters
    ----------
    seed
        Key of the run.
    ids : uint64[n]
    key, share
        Identity of the audience in draws, and which share of people it is.
    """
    return (share >= 1.0) | (uniforms(seed, ids, key, 0, Purpose.AUDIENCE)[:, 0] < share)

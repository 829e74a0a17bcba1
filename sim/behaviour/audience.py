"""Whom a strategy may reach."""

from sim.draws import Purpose, draw
from sim.kernels import rule


@rule
def in_audience(w, i, term):
    """Tell whether person `i` is in the audience of a step, a programme or an agency."""
    if term.share >= 1.0:
        return True
    u = draw(w.seed[0], w.people[i].id, 0, term.audience_key, 0, Purpose.AUDIENCE)
    return u < term.share

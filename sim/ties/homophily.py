"""Homophily: how alike people across a tie are, trait by trait."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr, ndtri

from sim.ties.network import Ties

SMOOTHING_ROUNDS = 10
LEAST_CLASS = 10


def alike(
    ties: Ties, own: NDArray[np.float64], field: NDArray[np.float64], homophily: float
) -> NDArray[np.float64]:
    """Make a trait alike across ties, given its draws.

    The normal score of the trait is `sqrt(1 - homophily)` times that of `own` plus
    `sqrt(homophily)` times a field that varies slowly over the graph: the normal scores of `field`,
    averaged with the neighbours' mean `SMOOTHING_ROUNDS` times, scaled to the same spread at every
    degree, so that hubs are no more average than others, and ranked. So the correlation across ties
    is in expectation `homophily` times what the graph can hold.

    What it can hold depends on the graph: about 0.95 on a ring, 0.88 in a small world with a tenth
    of its 10 ties rewired, 0.75 and 0.5 at degrees 4 and 10 in a random regular or Erdos-Renyi
    graph, 0.55 in a clustered scale-free one with mean degree 10, 0.46 without triads. Likeness is
    local, it does not make big blocks differ: with 9 ties in ten inside, blocks hold 0.84 where
    twenty have 200 people each, 0.76 at 500, and 0.5 where there are two large ones. On a regular
    graph no score can exceed the second eigenvalue of its random walk, 0.6 on a random one of
    degree 10. This is the correlation of normal scores; that of the uniforms is about 0.02 lower,
    that of a skewed trait more: a Gamma of shape 0.3 has 0.39 where its scores have 0.5, and 0.68
    where they have 0.77. Measure with `assortativity`.

    Two traits with draws of their own are uncorrelated. But the spread is made even by degree, not
    person by person: near homophily 1 it differs by a tenth or two between people of one degree in
    irregular graphs, so that one who is far from average in one trait is so slightly more often in
    another.

    Parameters
    ----------
    ties
        Ties of `n` people. Directions do not matter, nor strengths; a tie both ways counts twice as
        much as a tie one way.
    own, field : float64[n]
        Independent uniforms in (0, 1), drawn for this trait and nothing else.
    homophily
        0: `own` itself. 1: as alike as this method makes them.

    Returns
    -------
    float64[n]
        In (0, 1), uniform over the people. `own` itself if nobody is tied or everybody to all.
    """
    if homophily == 0 or ties.neighbours.size == 0:
        return own
    score = np.sqrt(1 - homophily) * ndtri(own) + np.sqrt(homophily) * _smooth(ties, ndtri(field))
    return np.clip(ndtr(score), np.nextafter(0, 1), np.nextafter(1, 0))


def _smooth(ties: Ties, noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal scores that vary slowly over the graph. The noise decides between equals."""
    n = noise.size
    knows = csr_array((np.ones(ties.neighbours.size), ties.neighbours, ties.indptr), shape=(n, n))
    known = knows.T
    degree = np.diff(ties.indptr) + np.bincount(ties.neighbours, minlength=n)
    divisor, field = np.maximum(degree, 1), noise
    for _ in range(SMOOTHING_ROUNDS):
        mean = (knows @ field + known @ field) / divisor
        field = np.where(degree > 0, (field + mean) / 2, field)
    field = field - field.mean()
    like = _degree_classes(degree / 2)
    scale = np.sqrt(np.bincount(like, field**2) / np.bincount(like))[like]
    field = np.divide(field, scale, out=np.zeros(n), where=scale > 0)
    ranked = np.empty(n)
    ranked[np.lexsort((noise, field))] = ndtri((np.arange(n) + 0.5) / n)
    return ranked


def _degree_classes(degree: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return a class for each person: degrees within a tenth, or more where those are few.

    The spread of a class is taken from its members: alone in it, one would always be just as far
    from the average.
    """
    tenth = np.rint(4 * np.log2(1 + degree)).astype(np.int64)
    count = np.bincount(tenth)
    merged, current, held = np.zeros(count.size, np.int64), 0, 0
    for k in range(count.size - 1, -1, -1):
        merged[k] = current
        held += count[k]
        if held >= LEAST_CLASS:
            current, held = current + 1, 0
    return np.minimum(merged, max(current - 1, 0))[tenth]


def assortativity(ties: Ties, score: NDArray[np.float64]) -> float:
    """Return the Pearson correlation of `score` over all directed ties.

    Newman (2003, Phys. Rev. E 67:026126). Not a number where there are no ties or nothing varies.

    Parameters
    ----------
    ties
        Ties of `n` people.
    score : float64[n]
        Any trait.
    """
    if ties.complete:
        n = score.size
        return -1 / (n - 1) if n > 1 and np.ptp(score) > 0 else float("nan")
    left = np.repeat(score, np.diff(ties.indptr))
    right = score[ties.neighbours]
    if left.size == 0 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    return float(np.corrcoef(left, right)[0, 1])

"""Polynomials of degree two in a few inputs, chosen term by term."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Term = tuple[int, ...]
"""Inputs that are multiplied: none for the constant, one, or two, which may be the same."""


SEEN = 1e-6
"""Mean square below which a term is the same at all points, or a sum of others."""
NARROW = 1e-6
"""A box is no narrower than this: points that differ by less count as one."""


@dataclass(frozen=True)
class Box:
    """A box in the unit cube, whose coordinates go from -1 to 1.

    Polynomials of points that are close together are told apart only if they are measured by how
    far these points are apart.

    Attributes
    ----------
    middle, half : float64[inputs]
    """

    middle: Matrix
    half: Matrix

    @classmethod
    def around(cls, unit: Matrix) -> "Box":
        """Return the box that holds some points."""
        low, high = unit.min(axis=0), unit.max(axis=0)
        return cls((low + high) / 2, np.maximum((high - low) / 2, NARROW))

    def __call__(self, unit: Matrix) -> Matrix:
        """Return where points are in the box, float64[points, inputs]."""
        return (unit - self.middle) / self.half


@dataclass(frozen=True)
class Basis:
    """Terms of a polynomial in the coordinates of a box."""

    terms: tuple[Term, ...]
    box: Box

    def __call__(self, unit: Matrix) -> Matrix:
        """Return float64[points, terms] of float64[points, inputs]."""
        t = self.box(unit)
        columns = [_column(t, term) for term in self.terms]
        return np.stack(columns, axis=1)

    @property
    def inputs(self) -> tuple[int, ...]:
        """The inputs that it uses."""
        return tuple(sorted({i for term in self.terms for i in term}))


def _column(t: Matrix, term: Term) -> NDArray[np.float64]:
    """Return a Legendre polynomial of one input, or the product of two inputs."""
    if len(term) == 2 and term[0] == term[1]:
        return (3 * t[:, term[0]] ** 2 - 1) / 2
    return np.asarray(np.prod(t[:, list(term)], axis=1))


def every_term(inputs: int) -> tuple[Term, ...]:
    """Return all terms of degree two and less."""
    singles = [(i,) for i in range(inputs)]
    pairs = itertools.combinations_with_replacement(range(inputs), 2)
    return ((), *singles, *pairs)


def stepwise(unit: Matrix, y: NDArray[np.float64], most: int | None = None) -> Basis:
    """Return the terms that predict best, added one by one.

    Each step adds the term that reduces the residual most, among all terms of degree two; the terms
    are those of the step with the least extended information criterion of Chen and Chen (2008,
    Biometrika 95, 759-771), which allows for how many terms there were to choose from.

    Parameters
    ----------
    unit : float64[points, inputs]
    y : float64[points]
    most
        Terms at most; none: a third of the points.
    """
    terms, box = every_term(unit.shape[1]), Box.around(unit)
    columns = Basis(terms, box)(unit)
    n = len(y)
    most = min(len(terms), n // 3 if most is None else most)
    chosen, residual = [0], y - y.mean()
    left = columns - columns.mean(axis=0)
    scores = [_criterion(residual, 0, len(terms))]
    size = (left**2).sum(axis=0)
    floor = SEEN * n
    for _ in range(most - 1):
        gain = np.where(size > floor, (left.T @ residual) ** 2 / np.maximum(size, floor), -1.0)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        direction = left[:, best] / np.sqrt(size[best])
        residual = residual - direction * (direction @ residual)
        left = left - np.outer(direction, direction @ left)
        size = (left**2).sum(axis=0)
        size[[*chosen[1:], best]] = 0.0
        chosen.append(best)
        scores.append(_criterion(residual, len(chosen) - 1, len(terms)))
    kept = int(np.argmin(scores)) + 1
    return Basis(tuple(terms[k] for k in sorted(chosen[:kept])), box)


def _criterion(residual: NDArray[np.float64], chosen: int, terms: int) -> float:
    n = len(residual)
    fit = n * np.log(max((residual**2).mean(), 1e-300))
    return float(fit + chosen * (np.log(n) + np.log(terms)))

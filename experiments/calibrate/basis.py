"""Polynomials of degree two in a few inputs, chosen term by term."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Term = tuple[int, ...]
"""Inputs that are multiplied: none for the constant, one, or two, which may be the same."""


@dataclass(frozen=True)
class Basis:
    """Terms of a polynomial in the unit cube, each coordinate taken from -1 to 1."""

    terms: tuple[Term, ...]

    def __call__(self, unit: Matrix) -> Matrix:
        """Return float64[points, terms] of float64[points, inputs]."""
        t = 2 * unit - 1
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
    terms = every_term(unit.shape[1])
    columns = Basis(terms)(unit)
    n = len(y)
    most = min(len(terms), n // 3 if most is None else most)
    chosen, residual = [0], y - y.mean()
    left = columns - columns.mean(axis=0)
    scores = [_criterion(residual, 0, len(terms))]
    size = (left**2).sum(axis=0)
    floor = 1e-8 * max(size.max(), 1e-300)
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
    return Basis(tuple(terms[k] for k in sorted(chosen[:kept])))


def _criterion(residual: NDArray[np.float64], chosen: int, terms: int) -> float:
    n = len(residual)
    fit = n * np.log(max((residual**2).mean(), 1e-300))
    return float(fit + chosen * (np.log(n) + np.log(terms)))

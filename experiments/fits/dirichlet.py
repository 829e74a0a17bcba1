"""The NBD-Dirichlet: purchases of a category, and which brand each time, both mixed over people.

Goodhardt, Ehrenberg and Chatfield 1984, Journal of the Royal Statistical Society A 147:621-655.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from experiments.fits.fit import Fit, Floats, maximise
from experiments.limits.models import Dirichlet

MEAN, SHAPE = "mean", "shape"
"""Of the Gamma mixing of purchases per person and period: M and K of the paper."""


def fit_dirichlet(bought: NDArray[np.integer], brands: Sequence[str]) -> Fit:
    """Fit the NBD-Dirichlet by maximum likelihood.

    How often people buy the category and which brands they buy are independent given the number, so
    the likelihood is that of the NBD times that of the Dirichlet-multinomial.

    Parameters
    ----------
    bought : int[people, brands]
        Purchases in the period, of everybody: those who bought nothing too.
    brands
        Their names.

    Returns
    -------
    Fit
        `mean`, `shape` and the Dirichlet weight of each brand, whose sum is S of the paper.

    Raises
    ------
    ValueError
        If a brand was never bought, or nobody bought twice.
    """
    total = bought.sum(axis=1)
    if not bought.sum(axis=0).all() or total.max(initial=0) < 2:
        raise ValueError("a brand that nobody bought, or nobody who bought twice: nothing to fit")
    often = _fit_nbd(total)
    which = _fit_choice(bought, brands)
    k = len(often.values)
    covariance = np.zeros((k + len(brands), k + len(brands)))
    covariance[:k, :k], covariance[k:, k:] = often.covariance, which.covariance
    return Fit(
        "NBD-Dirichlet",
        (*often.names, *which.names),
        np.append(often.values, which.values),
        covariance,
        often.log_likelihood + which.log_likelihood,
        len(bought),
    )


def model(fit: Fit) -> Dirichlet:
    """Return the fitted model, for what it predicts."""
    parameters = fit.parameters
    weights = {name: value for name, value in parameters.items() if name not in (MEAN, SHAPE)}
    return Dirichlet(parameters[MEAN], parameters[SHAPE], weights)


def _fit_nbd(total: NDArray[np.integer]) -> Fit:
    number, people = np.unique(total, return_counts=True)

    def log_likelihood(values: Floats) -> float:
        mean, shape = values
        each = gammaln(shape + number) - gammaln(shape) - gammaln(number + 1)
        each = each + number * np.log(mean / (mean + shape)) - shape * np.log1p(mean / shape)
        return float(people @ each)

    starts = [(float(total.mean()), shape) for shape in (0.3, 1.0, 3.0)]
    return maximise("NBD", (MEAN, SHAPE), log_likelihood, starts, len(total))


def _fit_choice(bought: NDArray[np.integer], brands: Sequence[str]) -> Fit:
    """Fit the Dirichlet to those who bought; purchases of one tell nothing but shares."""
    own = bought[bought.sum(axis=1) > 0]
    total, people = np.unique(own.sum(axis=1), return_counts=True)
    columns = [np.unique(column, return_counts=True) for column in own.T]

    def log_likelihood(weights: Floats) -> float:
        size = weights.sum()
        value = people @ (gammaln(size) - gammaln(size + total))
        for weight, (number, count) in zip(weights, columns, strict=True):
            value += count @ (gammaln(weight + number) - gammaln(weight))
        return float(value)

    shares = own.sum(axis=0) / own.sum()
    starts = [(size * shares).tolist() for size in (0.5, 2.0)]
    return maximise("Dirichlet", tuple(brands), log_likelihood, starts, len(own))

"""Maximum likelihood in the logarithms of positive parameters, with their covariance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import ndtri

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], float]
"""Of parameters as they are, not their logarithms."""
STEP = 1e-3
"""Of the differences that give the Hessian, in logarithms of parameters."""
FEW = 4
"""Parameters up to which the maximum is sought once more without a gradient."""
FAR = 12.0
"""Logarithms are searched from minus to plus this."""


@dataclass(frozen=True)
class Fit:
    """A model fitted to data.

    Attributes
    ----------
    model
        Its name.
    names
        Of its parameters, all positive.
    values : float64[k]
        Their estimates.
    covariance : float64[k, k]
        Of the logarithms of the estimates: the inverse of the observed information. NaN where the
        likelihood is flat, or the estimate is at the end of what was searched.
    log_likelihood
        At the estimates.
    n
        Customers, or households.
    """

    model: str
    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    log_likelihood: float
    n: int

    @property
    def parameters(self) -> dict[str, float]:
        """The estimates by name."""
        return dict(zip(self.names, self.values.tolist(), strict=True))

    @property
    def errors(self) -> Floats:
        """float64[k]: standard errors of the logarithms of the estimates."""
        variance = np.diag(self.covariance)
        return np.sqrt(np.where(variance >= 0, variance, np.nan))

    def intervals(self, level: float = 0.9) -> dict[str, tuple[float, float]]:
        """Return intervals of the parameters, symmetric in their logarithms, by name."""
        half = ndtri(0.5 + level / 2) * self.errors
        ends = np.exp(np.log(self.values) + np.outer((-1, 1), half))
        return {
            name: (low, high) for name, low, high in zip(self.names, *ends.tolist(), strict=True)
        }

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw parameters from the normal approximation of their logarithms.

        Returns
        -------
        float64[n, k]
        """
        root = np.linalg.cholesky(self.covariance)
        return np.exp(np.log(self.values) + rng.standard_normal((n, len(self.values))) @ root.T)


def maximise(
    model: str,
    names: Sequence[str],
    log_likelihood: LogLikelihood,
    starts: Sequence[Sequence[float]],
    n: int,
) -> Fit:
    """Return the parameters of the greatest likelihood, from the best of several starts.

    Parameters
    ----------
    model, names
        For the result.
    log_likelihood
        Of all data together.
    starts
        Parameters to begin from.
    n
        How many independent histories the data are: the aim is the mean, so that tolerances do not
        depend on it.

    Raises
    ------
    ValueError
        If no start leads to a finite maximum.
    """

    def loss(logs: Floats) -> float:
        value = -log_likelihood(np.exp(logs)) / n
        return value if np.isfinite(value) else 1e10

    best: tuple[float, Floats] | None = None
    for start in starts:
        found = minimize(
            loss,
            np.log(np.asarray(start, float)),
            method="L-BFGS-B",
            bounds=[(-FAR, FAR)] * len(names),
            options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
        )
        if best is None or found.fun < best[0]:
            best = float(found.fun), np.asarray(found.x)
    if best is None or best[0] >= 1e10:
        raise ValueError(f"{model}: the likelihood has no maximum that could be found")
    logs = best[1]
    if len(logs) <= FEW:  # differences leave the gradient a little wrong
        logs = minimize(loss, logs, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-13}).x
    least = loss(logs)
    covariance = _inverse(_hessian(loss, logs) * n)
    return Fit(model, tuple(names), np.exp(logs), covariance, -least * n, n)


def _hessian(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Return second derivatives, by central differences."""
    k = len(at)
    steps = STEP * np.eye(k)
    middle = function(at)
    out = np.empty((k, k))
    for i in range(k):
        up, down = function(at + steps[i]), function(at - steps[i])
        out[i, i] = (up - 2 * middle + down) / STEP**2
        for j in range(i):
            both = function(at + steps[i] + steps[j]) + function(at - steps[i] - steps[j])
            cross = function(at + steps[i] - steps[j]) + function(at - steps[i] + steps[j])
            out[i, j] = out[j, i] = (both - cross) / (4 * STEP**2)
    return out


def _inverse(information: Floats) -> Floats:
    """Return the inverse; NaN if the information is not positive definite."""
    try:
        np.linalg.cholesky(information)
        return np.asarray(np.linalg.inv(information), float)
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)

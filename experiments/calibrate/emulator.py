"""An emulator: what a market would give at a point at which it was not run, and how sure that is.

A polynomial of degree two (see `basis`) plus a Gaussian process of what it leaves, on the few
inputs that the polynomial depends on most, plus a nugget: the luck of the runs, and what the inputs
left out of the process do. Coefficients are estimated together with the process by generalised
least squares, and their doubt is part of the variance (universal kriging: Rasmussen and Williams
2006, Gaussian Processes for Machine Learning, section 2.7). Mean and process on few active inputs:
Vernon, Goldstein and Bower (2010), Bayesian Analysis 5, 619-670.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from experiments.calibrate.basis import Basis, stepwise
from experiments.libraries import need, one_thread

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
ACTIVE = 6
"""Most inputs of the Gaussian process."""
MOST = 400
"""Most points to which the process's few parameters are fitted; all points are then used."""
ALONE = 1e-6
"""Of a point that nothing else tells about: its leave-one-out error cannot be had."""
LEAST = 12
"""Fewest points that an emulator is fitted to."""
CHUNK = 4096


@dataclass(frozen=True)
class Options:
    """How emulators are built: most active inputs, most terms (none: a third of the points)."""

    active: int = ACTIVE
    terms: int | None = None


@dataclass(frozen=True)
class Emulator:
    """A fitted emulator.

    Attributes
    ----------
    basis
        The polynomial.
    active : int64[k]
        Inputs of the process.
    x : float64[points, k]
        The training points, in those inputs, as coordinates of the polynomial's box.
    kernel
        Covariance of the process, without the nugget; `None` if there is no process.
    nugget
        Variance of what is neither polynomial nor process.
    beta : float64[terms]
        Coefficients.
    weights : float64[points]
        K^-1 (y - H beta).
    root : float64[points, points]
        Lower Cholesky factor of K, the nugget included.
    inner : float64[points, terms]
        root^-1 H.
    outer : float64[terms, terms]
        Lower Cholesky factor of H' K^-1 H.
    inflation
        What variances are multiplied by, at least 1: mean square of the standardised leave-one-out
        errors, if these are larger than the variances say.
    errors, spread : float64[points]
        Leave-one-out errors and their standard deviations as the emulator has them.
    r2
        1 - sum of squared leave-one-out errors / sum of squares about the mean.
    """

    basis: Basis
    active: NDArray[np.int64]
    x: Matrix
    kernel: Any
    nugget: float
    beta: Vector
    weights: Vector
    root: Matrix
    inner: Matrix
    outer: Matrix
    inflation: float
    errors: Vector
    spread: Vector
    r2: float

    def predict(self, unit: Matrix) -> tuple[Vector, Vector]:
        """Return mean and variance of what is expected at points, float64[points] each.

        The variance is that of the expected value and of the nugget: of a market, not of its luck.
        """
        parts = [self._part(unit[k : k + CHUNK]) for k in range(0, len(unit), CHUNK)]
        if not parts:
            return np.empty(0), np.empty(0)
        return np.concatenate([m for m, _ in parts]), np.concatenate([v for _, v in parts])

    def _part(self, unit: Matrix) -> tuple[Vector, Vector]:
        h = self.basis(unit)
        mean, own = h @ self.beta, np.zeros(len(unit))
        rest = h.T
        if self.kernel is not None:
            at = self.basis.box(unit)[:, self.active]
            near = self.kernel(self.x, at)
            mean = mean + near.T @ self.weights
            solved = solve_triangular(self.root, near, lower=True)
            own = np.maximum(self.kernel.diag(at) - (solved**2).sum(axis=0), 0.0)
            rest = rest - self.inner.T @ solved
        doubt = (solve_triangular(self.outer, rest, lower=True) ** 2).sum(axis=0)
        return mean, self.inflation * (own + doubt + self.nugget)

    def shares(self, inputs: int) -> Vector:
        """Return float64[inputs]: the share of the polynomial's variance in which each has a part."""
        out = np.zeros(inputs)
        for term, value in zip(self.basis.terms, self.beta, strict=True):
            for i in set(term):
                out[i] += value**2 * _variance(term)
        total = sum(
            value**2 * _variance(term)
            for term, value in zip(self.basis.terms, self.beta, strict=True)
            if term
        )
        return out / total if total > 0 else out


def _variance(term: tuple[int, ...]) -> float:
    """Return the variance of a term over its box."""
    if len(term) == 1:
        return 1 / 3
    return 1 / 5 if term[0] == term[1] else 1 / 9


def fit(unit: Matrix, y: Vector, options: Options = Options()) -> Emulator:
    """Fit an emulator.

    Parameters
    ----------
    unit : float64[points, inputs]
        In [0, 1].
    y : float64[points]
        What was found there, means over replicates.
    options
        How.

    Raises
    ------
    ValueError
        If a number is missing, or there are fewer points than `LEAST`.
    """
    if len(y) < LEAST:
        raise ValueError(f"an emulator needs at least {LEAST} points (got {len(y)})")
    if not (np.isfinite(y).all() and np.isfinite(unit).all()):
        raise ValueError("an emulator cannot be fitted to missing numbers")
    with one_thread():
        basis = stepwise(unit, y, options.terms)
        h = basis(unit)
        residual = y - h @ np.linalg.lstsq(h, y, rcond=None)[0]
        active = _active(basis, unit, y, options.active)
        kernel, nugget = _process(basis.box(unit)[:, active], residual, len(basis.terms))
        return _assemble(basis, active, unit, y, kernel, nugget)


def _active(basis: Basis, unit: Matrix, y: Vector, most: int) -> NDArray[np.int64]:
    """Return the inputs on which the polynomial depends most, in ascending order."""
    h = basis(unit)
    beta = np.linalg.lstsq(h, y, rcond=None)[0]
    weight = np.zeros(unit.shape[1])
    for k, term in enumerate(basis.terms):
        for i in set(term):
            weight[i] += beta[k] ** 2 * h[:, k].var()
    order = np.argsort(-weight, kind="stable")[:most]
    return np.sort(order[weight[order] > 0]).astype(np.int64)


def _process(x: Matrix, residual: Vector, terms: int) -> tuple[Any, float]:
    """Return covariance and nugget of the process that fits residuals best."""
    n = len(residual)
    variance = float((residual**2).sum() / max(n - terms, 1))
    if variance <= 0 or x.shape[1] == 0:
        return None, max(variance, 1e-12)
    need("sklearn", "scikit-learn", "an emulator")
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    chosen = np.unique(np.linspace(0, n - 1, min(n, MOST)).round().astype(np.int64))
    shape = Matern(np.full(x.shape[1], 1.5), (0.2, 40.0), nu=2.5)
    kernel = ConstantKernel(0.5, (1e-4, 1e2)) * shape + WhiteKernel(0.5, (1e-6, 10.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a bound only says: no effect
        fitted = GaussianProcessRegressor(kernel, random_state=0)
        fitted.fit(x[chosen], residual[chosen] / np.sqrt(variance))
    smooth, white = fitted.kernel_.k1, fitted.kernel_.k2
    scaled = ConstantKernel(smooth.k1.constant_value * variance) * smooth.k2
    return scaled, max(float(white.noise_level * variance), 1e-9 * variance)


def _assemble(
    basis: Basis,
    active: NDArray[np.int64],
    unit: Matrix,
    y: Vector,
    kernel: Any,
    nugget: float,
) -> Emulator:
    """Return the emulator of a covariance: coefficients, and leave-one-out errors as a check.

    With Q = K^-1 - K^-1 H (H' K^-1 H)^-1 H' K^-1 these are [Q y]_i / Q_ii, of variance 1 / Q_ii
    (Dubrule 1983, Mathematical Geology 15, 687-699).
    """
    x, h = basis.box(unit)[:, active], basis(unit)
    k = nugget * np.eye(len(y))
    if kernel is not None:
        k = k + kernel(x)
    root = cholesky(k, lower=True)
    inner = solve_triangular(root, h, lower=True)
    outer = cholesky(inner.T @ inner + 1e-12 * np.eye(h.shape[1]), lower=True)
    beta = cho_solve((outer, True), inner.T @ solve_triangular(root, y, lower=True))
    inverse = cho_solve((root, True), np.eye(len(y)))
    kh = inverse @ h
    q = inverse - kh @ cho_solve((outer, True), kh.T)
    diagonal = np.maximum(np.diag(q), ALONE / nugget)
    errors, spread = (q @ y) / diagonal, 1 / np.sqrt(diagonal)
    about = ((y - y.mean()) ** 2).sum()
    return Emulator(
        basis,
        active,
        x,
        kernel,
        nugget,
        beta,
        inverse @ (y - h @ beta),
        root,
        inner,
        outer,
        max(1.0, float((errors**2 / spread**2).mean())),
        errors,
        spread,
        float(1 - (errors**2).sum() / about) if about > 0 else float("nan"),
    )

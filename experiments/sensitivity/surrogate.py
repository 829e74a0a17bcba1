"""A second opinion: Sobol' indices of a Gaussian process fitted to the same runs.

It smooths noise away instead of cancelling it, and so fails in other ways than the estimator
does: where the two agree, neither is likely to be an accident of its method.
"""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.errors import StudyError
from experiments.libraries import need, one_thread
from experiments.sensitivity import samples
from experiments.sensitivity.samples import Inputs, Unit

MOST = 300
"""Most points fitted to: the work grows with their cube."""
LEAST = 20
GOOD = 0.8
"""Q2 below which the surrogate is not to be relied on."""
BASE = 4096
"""Base points of the Saltelli design on which the indices of the surrogate are computed."""
CHUNK = 4096
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Surrogate:
    """A fitted surrogate in short.

    Attributes
    ----------
    table
        A row per input: `input`, `S1`, `ST` of the surrogate's mean.
    q2
        1 - sum of squared leave-one-out errors / sum of squares about the mean; 1 is perfect, and
        noise left in the means over replicates counts as error.
    rmse
        Root mean square of the leave-one-out errors, in units of the response.
    points, of
        How many it was fitted to, out of how many.
    caveats
        Sentences.
    """

    table: pd.DataFrame
    q2: float
    rmse: float
    points: int
    of: int
    caveats: tuple[str, ...]


def fit(
    unit: Unit, y: Vector, inputs: Inputs, seed: int = 1, noise_share: float = math.nan
) -> Surrogate:
    """Fit a Gaussian process, check it by leaving one out, and compute its indices.

    Parameters
    ----------
    unit : float64[points, columns]
        In [0, 1].
    y : float64[points]
        Means over replicates.
    inputs
        The inputs.
    seed
        Of the design on which indices are computed.
    noise_share
        How much of the scatter of `y` is luck, if that is known.

    Raises
    ------
    StudyError
        If scikit-learn is absent, or values are missing, all the same or fewer than `LEAST`.
    """
    need("sklearn", "scikit-learn", "the surrogate")
    if not np.isfinite(y).all():
        raise StudyError(f"{(~np.isfinite(y)).sum()} of {len(y)} values are missing")
    if len(y) < LEAST or np.ptp(y) == 0:
        raise StudyError(f"a surrogate needs at least {LEAST} points with different values")
    chosen = spread(len(y))
    x, own = unit[chosen], y[chosen]
    mean, sd = own.mean(), own.std()
    with one_thread():
        process, settled = _process(x, (own - mean) / sd)
        errors = leave_one_out(process)
        table = _indices(process, inputs, seed)
    q2 = float(1 - (errors**2).mean())
    return Surrogate(
        table=table,
        q2=q2,
        rmse=float(sd * np.sqrt((errors**2).mean())),
        points=len(chosen),
        of=len(y),
        caveats=tuple(_caveats(q2, noise_share, settled, len(chosen), len(y))),
    )


def spread(n: int) -> NDArray[np.int64]:
    """Return which of `n` points are fitted to: all, or `MOST` at equal distances in the list."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST)).round().astype(np.int64))


def _process(x: Unit, y: Vector) -> tuple[Any, bool]:
    """Return a fitted process, and whether its optimiser was content."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    wide = Matern(np.ones(x.shape[1]), (0.05, 100.0), nu=2.5)
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * wide + WhiteKernel(0.1, (1e-8, 10.0))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        process = GaussianProcessRegressor(kernel, random_state=0).fit(x, y)
    # A length scale at its upper bound only says that an input does nothing.
    bad = [w for w in heard if issubclass(w.category, ConvergenceWarning)]
    return process, not any("failed to converge" in str(w.message) for w in bad)


def leave_one_out(process: Any) -> Vector:
    """Return y_i minus its prediction from all other points, float64[points].

    [K^-1 y]_i / [K^-1]_ii, with the fitted kernel: Rasmussen & Williams (2006), Gaussian Processes
    for Machine Learning, section 5.4.2.
    """
    from scipy.linalg import cho_solve

    inverse = cho_solve((process.L_, True), np.eye(len(process.L_)))
    return np.asarray(process.alpha_).ravel() / np.diag(inverse)


def _indices(process: Any, inputs: Inputs, seed: int) -> pd.DataFrame:
    """Return S1 and ST of the mean, which has no noise, by the textbook estimators."""
    g = len(inputs)
    points = samples.saltelli(inputs, BASE, seed).unit
    parts = np.array_split(points, -(-len(points) // CHUNK))
    y = np.concatenate([process.predict(part) for part in parts]).reshape(-1, g + 2)
    y = y - y.mean()
    a, ab, b = y[:, :1], y[:, 1:-1], y[:, -1:]
    variance = y[:, [0, -1]].var()
    if variance < 1e-10:  # all of it was taken for noise
        return pd.DataFrame({"input": list(inputs.names), "S1": np.nan, "ST": np.nan})
    first = (b * (ab - a)).mean(0) / variance
    total = ((ab - a) ** 2).mean(0) / (2 * variance)
    return pd.DataFrame({"input": list(inputs.names), "S1": first, "ST": total})


def _caveats(q2: float, noise_share: float, settled: bool, points: int, of: int) -> Iterator[str]:
    if points < of:
        yield f"The surrogate was fitted to {points} of {of} points, evenly chosen."
    if q2 < GOOD:
        luck = (
            "" if math.isnan(noise_share) else f" of the {1 - q2:.2f} missing, {noise_share:.2f} is"
        )
        cause = luck or " part of what is missing may be"
        yield (
            f"The surrogate predicts badly (Q2 {q2:.3f}, below {GOOD:g}), and its indices are no "
            f"confirmation;{cause} luck in the runs, which nothing could predict."
        )
    if not settled:
        yield "The surrogate's optimiser did not settle: its indices are no confirmation."

"""Sobol' indices of a noisy simulator, by products across replicates.

In a stochastic simulator the usual estimators count noise as interaction: they square differences
of single runs. Here every point is run in R >= 2 replicates whose luck is independent, and each
square is replaced by a product of two replicates, whose noise has no covariance. With y_k for
replicate k, E(.) for means over blocks and pairs k < l of replicates, and y centred by the mean
of all values:

- T_j = 1/2 E[(A_k - AB_jk) (A_l - AB_jl)], after Jansen (1999), Computer Physics Comm. 117, 35-43
- V_j = 1/2 E[B_k (AB_jl - A_l) + B_l (AB_jk - A_k)], after Saltelli et al. (2010), ibid. 181,
  259-270
- V = cov((A u B)_k, (A u B)_l), the variance of the mean response
- S1_j = V_j / V, ST_j = T_j / V, noise share = 1 - V / Var(y)

All moments divide by n. Without noise this is the textbook estimator. Every moment is a mean over
blocks, so a bootstrap over blocks is one product of matrices.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sensitivity.blocks import Values, require_complete, require_replicates

LEVEL = 0.95
RESAMPLES = 1000
COLUMNS = ["input", "S1", "S1_low", "S1_high", "ST", "ST_low", "ST_high"]
_WHY = "with one, an effect cannot be told from noise, and noise would count as interaction"


@dataclass(frozen=True)
class Indices:
    """Sobol' indices with intervals.

    Attributes
    ----------
    table
        A row per input: `COLUMNS`. NaN where the response has no variance but noise.
    variance, variance_low, variance_high
        V, of the mean response, with its interval.
    noise_share, noise_low, noise_high
        1 - V / Var(y): how much of the scatter of single runs is luck.
    half : float64[inputs]
        ST from the first half of the blocks.
    constant
        Whether all values are the same.
    blocks, replicates
        How many there were.
    """

    table: pd.DataFrame
    variance: float
    variance_low: float
    variance_high: float
    noise_share: float
    noise_low: float
    noise_high: float
    half: NDArray[np.float64]
    constant: bool
    blocks: int
    replicates: int


class Moments(NamedTuple):
    """Estimates, or resamples of them: `...` is nothing, or an axis of resamples."""

    first: NDArray[np.float64]
    """V_j, float64[..., inputs]"""
    total: NDArray[np.float64]
    """T_j, float64[..., inputs]"""
    variance: NDArray[np.float64]
    """V, float64[...]"""
    scatter: NDArray[np.float64]
    """Var(y), float64[...]"""


def analyse(y: Values, names: tuple[str, ...], seed: int = 1) -> Indices:
    """Return the indices of each input.

    Parameters
    ----------
    y : float64[replicates, blocks, inputs + 2]
        Values in the order A, AB of each input, B.
    names
        Of the inputs.
    seed
        Of the bootstrap.

    Raises
    ------
    StudyError
        If a value is missing or not finite, or there are fewer than two replicates or blocks.
    """
    _check(y, names)
    features = _features(_centred(y))
    n = len(features.rows)
    point = features.moments(np.full(n, 1 / n))
    half = features.moments(np.where(np.arange(n) < n // 2, 1 / (n // 2), 0.0))
    draws = features.moments(resamples(n, seed))
    constant = bool(np.ptp(y) == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = 1 - point.variance / point.scatter
        noises = 1 - draws.variance / draws.scatter
    low, high = interval(draws.variance)
    noise_low, noise_high = interval(noises)
    return Indices(
        table=_table(names, point, draws),
        variance=float(point.variance),
        variance_low=float(low),
        variance_high=float(high),
        noise_share=float(noise),
        noise_low=float(noise_low),
        noise_high=float(noise_high),
        half=_ratio(half.total, half.variance),
        constant=constant,
        blocks=n,
        replicates=len(y),
    )


def growth(y: Values, names: tuple[str, ...], seed: int = 1, steps: int = 6) -> pd.DataFrame:
    """Return the indices from the first blocks only, for numbers of blocks that double.

    Returns
    -------
    pandas.DataFrame
        Columns `blocks` and those of the table of `Indices`.
    """
    n = y.shape[1]
    sizes = sorted({size for k in range(steps) if (size := n >> k) >= min(n, 8)})
    parts = [analyse(y[:, :size], names, seed).table.assign(blocks=size) for size in sizes]
    return pd.concat(parts, ignore_index=True)[["blocks", *COLUMNS]]


def _check(y: Values, names: tuple[str, ...]) -> None:
    if y.ndim != 3 or y.shape[2] != len(names) + 2:
        raise ValueError(f"values of shape {y.shape} are not those of {len(names)} inputs")
    require_complete(y, ["A", *(f"AB:{name}" for name in names), "B"])
    require_replicates(y, 2, _WHY)


def _centred(y: Values) -> Values:
    """Subtract the mean of all values; first one of them, so that an offset costs no digits."""
    y = y - y[0, 0, 0]
    return y - y.mean()


@dataclass(frozen=True)
class _Features:
    """What is averaged over blocks.

    Attributes
    ----------
    rows : float64[blocks, features]
        Columns: T_j, V_j, and mean AB_j - A of each input; the product and the square of A and B,
        and the mean of all values; the mean of A and B in each replicate.
    inputs, replicates
        How many there are.
    """

    rows: NDArray[np.float64]
    inputs: int
    replicates: int

    def moments(self, weights: NDArray[np.float64]) -> Moments:
        """Return the moments under weights of the blocks, float64[..., blocks], which sum to 1."""
        means = weights @ self.rows
        g, r = self.inputs, self.replicates
        total, first, shift = (means[..., k * g : (k + 1) * g] for k in range(3))
        product, square, centre = (means[..., 3 * g + k] for k in range(3))
        own = means[..., 3 * g + 3 :]
        pairs = (own.sum(-1) ** 2 - (own**2).sum(-1)) / (r * (r - 1))
        return Moments(
            first=first - centre[..., None] * shift,  # as if centred by its own mean
            total=total,
            variance=product - pairs,
            scatter=square - (own**2).mean(-1),
        )


def _features(y: Values) -> _Features:
    a, ab, b = y[:, :, 0], y[:, :, 1:-1], y[:, :, -1]
    move = ab - a[:, :, None]
    rows = [
        _across(move, move) / 2,
        _across(np.broadcast_to(b[:, :, None], move.shape), move),
        move.mean(0),
        ((_across(a, a) + _across(b, b)) / 2)[:, None],
        ((a**2 + b**2) / 2).mean(0)[:, None],
        y.mean((0, 2))[:, None],
        ((a + b) / 2).T,
    ]
    return _Features(np.concatenate(rows, axis=1), ab.shape[2], len(y))


def _across(p: Values, q: Values) -> Values:
    """Return the mean of p_k q_l over ordered pairs of different replicates, the first axis."""
    r = len(p)
    return (p.sum(0) * q.sum(0) - (p * q).sum(0)) / (r * (r - 1))


def resamples(n: int, seed: int, times: int = RESAMPLES) -> NDArray[np.float64]:
    """Return float64[times, n]: the weights of `n` blocks in bootstrap resamples."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=times) / n


def interval(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the percentile interval of resamples, along the first axis; NaN if any is NaN."""
    return np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)


def _ratio(top: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `top / variance`, NaN where the variance is not positive."""
    variance = np.where(variance > 0, variance, np.nan)
    return top / variance[..., None]


def _table(names: tuple[str, ...], point: Moments, draws: Moments) -> pd.DataFrame:
    columns: dict[str, object] = {"input": list(names)}
    for name, part in (("S1", "first"), ("ST", "total")):
        columns[name] = _ratio(getattr(point, part), point.variance)
        low, high = _index_interval(getattr(draws, part), draws.variance)
        columns |= {f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(columns)[COLUMNS]


def _index_interval(top: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the interval of a ratio.

    NaN if the interval of the variance reaches 0; otherwise the few resamples without variance,
    fewer than lie outside the interval anyway, are left out.
    """
    if interval(variance)[0] <= 0:
        return np.full((2, top.shape[1]), np.nan)
    some = variance > 0
    return interval(_ratio(top[some], variance[some]))

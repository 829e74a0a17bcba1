r"""What differs between markets, and what is error inside them.

An effect is measured in M markets, in market m by R_m replicates:
``d_mr = mu + tau_m + eps_mr``, with variances s_tau^2 between markets and s_eps^2 inside them. With
weights w_m that add up to 1, and d_m the mean of a market's replicates:

- s_eps^2 is pooled inside markets: ``sum_mr (d_mr - d_m)^2 / sum_m (R_m - 1)``;
- the expectation of ``S = sum_m w_m (d_m - mu)^2`` is
  ``sum_m w_m (1 - w_m) (s_tau^2 + s_eps^2 / R_m)``, which gives s_tau^2 (not below 0) for any R_m
  (method of moments: Searle, Casella and McCulloch 1992, Variance Components, ch. 3);
- ``Var(mu) = sum_m w_m^2 (s_tau^2 + s_eps^2 / R_m)``, and t has one degree of freedom less than
  there are markets, counted by weight: ``M* = 1 / sum_m w_m^2`` (Kish 1965).

**The share of markets with a positive effect** cannot be counted from d_m: error inside a market
pulls the count toward one half. Nor from means shrunk toward mu by
``l_m = s_tau^2 / (s_tau^2 + s_eps^2 / R_m)``, which vary too little and push it toward 0 or 1. Means
shrunk by the *square root* of l_m have the variance of the true effects (constrained empirical
Bayes: Louis 1984, JASA 79, 393-398), and their signs are counted.

Its bounds, each of 95 %, come from a bootstrap over markets. How much of the scatter of means is
error is itself not known well, and where it is overrated the share comes out too far from one half;
so in the resamples s_eps^2 is divided by the 95 % quantile of F with sum_m (R_m - 1) and M* - 1
degrees of freedom, its lower bound beside the scatter (Searle, Casella and McCulloch 1992, ch. 3).
The bounds are never inside those of a binomial share of as many markets (Clopper and Pearson 1934):
with all of M markets positive the lower one is .05^(1/M), which is above .9 from 29 markets on.
docs/ensembles.md has what simulations say of all this.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
LEVEL = 0.95
DECIDED = 0.9
"""An effect is decided if it is sure that a larger share of markets has its sign."""
ENOUGH = math.ceil(math.log(1 - LEVEL) / math.log(DECIDED))
"""With fewer markets nothing is decided: 29."""
RESAMPLES = 2000
_TIE = 1e-12
"""Of the largest effect: less counts as nothing."""
_SEED = 20
"""Of the bootstrap: the same data give the same bounds."""


class Parts(NamedTuple):
    """An effect over markets.

    Attributes
    ----------
    markets
        How many there are.
    effective
        How many they count for, by their weights.
    mean, low, high
        The mean effect with its 95 % interval; NaN bounds with fewer than two markets.
    between, within
        Standard deviations: s_tau of true effects between markets, s_eps of one replicate inside.
    error
        Standard deviation of the error of a market's mean, on average over markets.
    share, share_low, share_high
        Share of markets with a positive effect, and its bounds.
    raw
        Share of positive means, for comparison.
    """

    markets: int
    effective: float
    mean: float
    low: float
    high: float
    between: float
    within: float
    error: float
    share: float
    share_low: float
    share_high: float
    raw: float


def parts(effects: Sequence[Floats], weights: Floats | None = None) -> Parts:
    """Return what is known of an effect over markets.

    Parameters
    ----------
    effects : sequence of float64[replicates]
        Of each market; NaNs are left out, and markets without any value.
    weights : float64[markets], optional
        Of the markets; equal if not given. They need not add up to 1.
    """
    means, counts, squares, w = _summed(effects, weights)
    if not len(means):
        nothing = (math.nan,) * 10
        return Parts(0, 0.0, *nothing)
    moments = _moments(means[None], counts[None], squares[None], w[None])
    mu, tau2, eps2 = (float(x[0]) for x in moments)
    effective = 1 / float(np.sum(w**2))
    variance = float(np.sum(w**2 * (tau2 + eps2 / counts)))
    half = math.nan
    if len(means) > 1 and math.isfinite(variance):
        half = float(stats.t.ppf((1 + LEVEL) / 2, effective - 1)) * math.sqrt(variance)
    share, low, high = _share(means, counts, squares, w, effective)
    return Parts(
        markets=len(means),
        effective=effective,
        mean=mu,
        low=mu - half,
        high=mu + half,
        between=math.sqrt(tau2),
        within=math.sqrt(eps2),
        error=math.sqrt(eps2 * float(np.sum(w / counts))),
        share=share,
        share_low=low,
        share_high=high,
        raw=float(np.sum(w * (means > 0))),
    )


def shrunk(effects: Sequence[Floats], weights: Floats | None = None) -> Floats:
    """Return the means of markets as far from the overall mean as true effects are.

    Returns
    -------
    float64[markets]
        NaN for a market without any value.
    """
    there = [bool(np.isfinite(own).any()) for own in effects]
    means, counts, squares, w = _summed(effects, weights)
    out = np.full(len(effects), np.nan)
    if len(means):
        out[there] = _pulled(means[None], counts[None], squares[None], w[None])[0]
    return out


def _summed(
    effects: Sequence[Floats], weights: Floats | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return by market the mean, the number of values, their squares about it, and the weight."""
    given = np.ones(len(effects)) if weights is None else np.asarray(weights, np.float64)
    known = [own[np.isfinite(own)] for own in effects]
    use = [k for k, own in enumerate(known) if len(own)]
    means = np.array([known[k].mean() for k in use])
    counts = np.array([len(known[k]) for k in use], np.float64)
    squares = np.array([float(np.sum((known[k] - known[k].mean()) ** 2)) for k in use])
    w = given[use]
    return means, counts, squares, w / w.sum() if use else w


def _moments(
    means: Floats, counts: Floats, squares: Floats, w: Floats, error: float = 1.0
) -> tuple[Floats, Floats, Floats]:
    """Return mu, s_tau^2 and s_eps^2 of each row, float64[rows]; inputs float64[rows, markets].

    `error` multiplies s_eps^2.
    """
    mu = np.sum(w * means, axis=1)
    free = np.sum(counts - 1, axis=1)
    # Without a second replicate anywhere the error is not known; it is then taken for spread.
    eps2 = np.divide(error * squares.sum(axis=1), free, out=np.zeros_like(mu), where=free > 0)
    scatter = np.sum(w * (means - mu[:, None]) ** 2, axis=1)
    room = w * (1 - w)
    whole = np.sum(room, axis=1)
    spread = scatter - eps2 * np.sum(room / counts, axis=1)
    tau2 = np.divide(spread, whole, out=np.zeros_like(mu), where=whole > 1e-12)
    return mu, np.maximum(tau2, 0.0), eps2


def _pulled(
    means: Floats, counts: Floats, squares: Floats, w: Floats, error: float = 1.0
) -> Floats:
    """Return means shrunk toward their row's mean by the square root, float64[rows, markets]."""
    mu, tau2, eps2 = _moments(means, counts, squares, w, error)
    total = tau2[:, None] + eps2[:, None] / counts
    root = np.sqrt(np.divide(tau2[:, None], total, out=np.zeros_like(total), where=total > 0))
    return np.asarray(mu[:, None] + root * (means - mu[:, None]))


def _share(
    means: Floats, counts: Floats, squares: Floats, w: Floats, effective: float
) -> tuple[float, float, float]:
    """Return the share of positive effects, and its bounds."""
    share = float(np.sum(w * (_pulled(means[None], counts[None], squares[None], w[None])[0] > 0)))
    n = len(means)
    drawn, most = _drawn(w), _most(counts, effective)
    again = means[drawn], counts[drawn], squares[drawn], np.full(drawn.shape, 1 / n)
    shares = [(_pulled(*again, error) > 0).mean(axis=1) for error in (1.0, 1 / most)]
    return share, *_ends(shares, share, effective)


def binomial(share: float, n: float) -> tuple[float, float]:
    """Return the exact bounds, each of 95 %, of a share of `n` independent markets."""
    k = share * n
    low = float(stats.beta.ppf(1 - LEVEL, k, n - k + 1)) if k > 1e-9 else 0.0
    high = float(stats.beta.ppf(LEVEL, k + 1, n - k)) if n - k > 1e-9 else 1.0
    return low, high


def none_positive(
    effects: Sequence[Floats], weights: Floats, *, bounds: bool = True
) -> tuple[float, float, float]:
    """Return the share of markets in which none of several effects is positive, with its bounds.

    Parameters
    ----------
    effects : sequence of float64[replicates, effects]
        Of each market, at least one replicate.
    weights : float64[markets]
        Of the markets; they need not add up to 1.
    bounds
        Whether the bounds are asked for; NaN if not.
    """
    means = np.array([own.mean(axis=0) for own in effects]).T
    squares = np.array([((own - own.mean(axis=0)) ** 2).sum(axis=0) for own in effects]).T
    counts = np.array([len(own) for own in effects], np.float64)
    w = weights / weights.sum()
    least = _TIE * float(np.abs(means).max(initial=0.0))
    alike = np.broadcast_to(counts, means.shape), squares, np.broadcast_to(w, means.shape)
    none = (_pulled(means, *alike) <= least).all(axis=0)
    share, effective = float(np.sum(w * none)), 1 / float(np.sum(w**2))
    if not bounds:
        return share, math.nan, math.nan
    drawn, most = _drawn(w), _most(counts, effective)
    even = np.full(drawn.shape, 1 / len(w))
    shares = []
    for error in (1.0, 1 / most):
        again = np.ones(drawn.shape, bool)
        for own, about in zip(means, squares, strict=True):
            again &= _pulled(own[drawn], counts[drawn], about[drawn], even, error) <= least
        shares.append(again.mean(axis=1))
    return share, *_ends(shares, share, effective)


def _drawn(w: Floats) -> NDArray[np.int64]:
    """Return resamples of markets, int64[resamples, markets]: by weight, so that each counts alike."""
    return np.random.default_rng(_SEED).choice(len(w), size=(RESAMPLES, len(w)), p=w)


def _most(counts: Floats, effective: float) -> float:
    """Return how many times too large the error may be taken to be, beside the scatter."""
    free = float(np.sum(counts - 1))
    return float(stats.f.ppf(LEVEL, free, effective - 1)) if free > 0 and effective > 1 else 1.0


def _ends(shares: Sequence[Floats], share: float, effective: float) -> tuple[float, float]:
    """Return the bounds of a share, from those of resamples and of a binomial one."""
    low = min(float(np.quantile(own, 1 - LEVEL)) for own in shares)
    high = max(float(np.quantile(own, LEVEL)) for own in shares)
    under, over = binomial(share, effective)
    return min(low, under), max(high, over)

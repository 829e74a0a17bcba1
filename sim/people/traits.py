"""Traits of people: drawn by quantile from uniforms that may be alike across ties or in common.

Whatever is alike, each trait by itself keeps its distribution: what is changed is which uniform
belongs to whom.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.config.market import MarketConfig
from sim.config.parameters import Beta, Constant, Gamma, LogNormal
from sim.engine.draws import name_key, uniforms
from sim.purposes import Purpose
from sim.ties.homophily import alike
from sim.ties.network import Ties

Uniforms = NDArray[np.float64]
_TINY = 1e-250


def quantile(dist: Any, u: Uniforms) -> NDArray[np.float64]:
    """Return the quantiles of a `Distribution` at `u`.

    Parameters
    ----------
    dist : Distribution
        A number means the same for everybody.
    u : float64[n]
        In (0, 1).

    Returns
    -------
    float64[n]
    """
    if isinstance(dist, Gamma):
        return np.exp(log_gamma_quantile(dist.shape, u)) * (dist.mean_value / dist.shape)
    if isinstance(dist, Beta):
        return np.asarray(special.betaincinv(dist.a, dist.b, u))
    if isinstance(dist, LogNormal):
        centre = math.log(dist.mean) - 0.5 * dist.sigma**2
        return np.exp(centre + dist.sigma * special.ndtri(u))
    return np.full(u.size, dist.value if isinstance(dist, Constant) else float(dist))


def log_gamma_quantile(shape: float, u: Uniforms) -> NDArray[np.float64]:
    """Return the logarithm of Gamma(shape, scale 1) quantiles, exact where they underflow.

    Near zero the distribution function is x**shape / Gamma(shape + 1).
    """
    value = special.gammaincinv(shape, u)
    near_zero = (np.log(u) + special.gammaln(shape + 1)) / shape
    return np.where(value > _TINY, np.log(np.maximum(value, _TINY)), near_zero)


def alike_uniforms(
    config: MarketConfig,
    ties: Ties,
    seed: int,
    ids: NDArray[np.uint64],
    key: int,
    purpose: int,
    degree: str = "homophily",
) -> Uniforms:
    """Return a trait's uniforms, alike across ties as far as the network says in `degree`."""
    own, field, _, _ = uniforms(seed, ids, key, 0, purpose).T
    homophily = getattr(config.network, degree, 0.0)
    if homophily == 0.0:
        return own
    return alike(ties, own, field, homophily)


def in_common(own: Uniforms, common: Uniforms, share: float) -> Uniforms:
    """Return uniforms of which a share is in common: a Gaussian copula with one factor.

    Parameters
    ----------
    own : float64[n]
        Uniforms in (0, 1) that belong to a person and a brand.
    common : float64[n]
        Uniforms in (0, 1) of the persons.
    share
        Correlation of the normal scores of one person's results for two brands.

    Returns
    -------
    float64[n]
        Uniform in (0, 1) whatever the share; `own` at 0, and `common` at 1.
    """
    if share == 0.0:
        return own
    score = math.sqrt(share) * special.ndtri(common) + math.sqrt(1 - share) * special.ndtri(own)
    return np.clip(special.ndtr(score), np.nextafter(0, 1), np.nextafter(1, 0))


def proneness(
    config: MarketConfig, ties: Ties, seed: int, ids: NDArray[np.uint64], purpose: int
) -> NDArray[np.float64]:
    """Return float64[n, brands]: uniforms by which is drawn how prone each person is to drop out.

    Of every brand uniform by itself; see `behaviour.dropout.common` for what brands have in common.
    """
    share = config.behaviour.dropout.common
    common = np.zeros(0)
    if share > 0.0:
        common = alike_uniforms(
            config, ties, seed, ids, 0, Purpose.DROPOUT_COMMON, "homophily_dropout"
        )
    keys = (name_key(name) for name in config.brands)
    own = (uniforms(seed, ids, key, 0, purpose)[:, 0] for key in keys)
    return np.stack([in_common(each, common, share) for each in own], axis=1)

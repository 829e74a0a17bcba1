"""Numbers as docs/odd.md, section 9.1, has them."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, gammaln, ndtri

from sim.config.parameters import Beta, Constant, Distribution, Gamma

NEVER = 2**31 - 1
"""The day on which nothing happens."""
NOT_YET = -(2**31)
"""The day of what has not happened."""
ALWAYS = -(2**30)
"""The day on which those came who have always been there."""
YEAR = 365.0
MOST_A_DAY = 64
"""Needs, talks and calls of one person and day."""
SLOTS = 4096
PAIRS = 2654435761
"""What a person's id is multiplied with in the key of a pair."""


def single(value: float) -> float:
    """Return what is left of a value once it is stored in single precision."""
    return float(np.float32(value))


def cents(cny: float) -> int:
    return round(100 * cny)


def halved(value: float, age: float, half_life: float) -> float:
    """Return what is left of a value after some days."""
    return value * 0.5 ** (age / half_life)


def chance(log_odds: float) -> float:
    if log_odds < -700:
        return 0.0
    return 1.0 / (1.0 + math.exp(-log_odds))


def exp(value: float) -> float:
    """Return the exponential, infinite where Python would rather stop."""
    return math.exp(value) if value < 709.0 else math.inf


def power(base: float, exponent: float) -> float:
    """Return a power, infinite where Python would rather stop."""
    try:
        return base**exponent
    except OverflowError:
        return math.inf


def log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def log_price(amount: int, discount: float = 0.0) -> float:
    """Return the log of a price in cents, of one cent at least."""
    full = math.log(max(1, amount))
    if discount >= 1.0:
        return 0.0
    return max(0.0, full + math.log1p(-discount)) if discount > 0.0 else full


def day_of(time: float) -> int:
    return NEVER if time >= NEVER else math.floor(time)


def rounded(amount: int, share: float) -> int:
    """Return a share of cents, a half rounded up."""
    return int(amount * share + 0.5)


def working_days_after(day: int, days: int) -> int:
    """Return the day that comes so many working days after `day`; day 0 is a Monday."""
    weekday = min(day % 7, 4)
    since = day - day % 7 + weekday
    return max(day, since + days + 2 * ((weekday + days) // 5))


# --- quantiles ----------------------------------------------------------------------------------


def log_gamma(shape: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log of the quantiles of a Gamma of scale 1."""
    q = gammaincinv(shape, u)
    tiny = (np.log(u) + gammaln(shape + 1.0)) / shape
    return np.where(q > 1e-250, np.log(np.maximum(q, 1e-300)), tiny)


def quantile(law: Distribution, u: NDArray[np.float64]) -> NDArray[np.float64]:
    if isinstance(law, Gamma):
        return np.exp(log_gamma(law.shape, u)) * (law.mean_value / law.shape)
    if isinstance(law, Beta):
        return betaincinv(law.a, law.b, u)
    if isinstance(law, Constant):
        return np.full(len(u), law.value)
    if isinstance(law, int | float):
        return np.full(len(u), float(law))
    return np.exp(math.log(law.mean) - law.sigma**2 / 2.0 + law.sigma * ndtri(u))

"""Screening by elementary effects, for a noisy simulator.

An elementary effect is the change of the response when one input moves, over the length of the
move. mu* is the mean of its absolute value (Campolongo et al. 2007, Environ. Model. Softw. 22,
1509-1518), and is not 0 for an input that does nothing: |noise| has a mean. That mean, the *noise
floor*, is estimated for each input from its own replicates: with e_k for the effect in replicate
k,

- mu* = mean |mean_k e_k|
- floor = mean |e_k - e_l| / 2 over pairs of replicates, times sqrt(2 / R)

If the input does nothing and noise is symmetric, e_1 + e_2 and e_1 - e_2 have the same
distribution, so with R = 2 the two have the same mean whatever the shape of the noise; with more
replicates that is so up to its shape. Luck that is shared within a trajectory cancels from both.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.intervals import interval as t_interval
from experiments.sensitivity.blocks import Values, require_complete, require_replicates
from experiments.sensitivity.samples import Inputs, Unit
from experiments.sensitivity.sobol import interval, resamples

COLUMNS = [
    "input",
    "mu",
    "mu_star",
    "mu_star_low",
    "mu_star_high",
    "sigma",
    "rms",
    "floor",
    "above_floor",
]

ROUNDING = 1e-9
"""Effects of this share of the range of all values may be errors of arithmetic."""


@dataclass(frozen=True)
class Screening:
    """Elementary effects in short.

    Attributes
    ----------
    table
        A row per input: `COLUMNS`. `mu`, `sigma`: mean and standard deviation of the effect, the
        latter without the part of noise; NaN for a group, whose moves have no common direction.
        `rms`: root mean square effect without the part of noise. `above_floor`: whether the 95 %
        Student t interval of mu* - floor, a mean over trajectories, lies above 0; with few
        trajectories a bootstrap would be too narrow.
    trajectories, replicates
        How many there were.
    """

    table: pd.DataFrame
    trajectories: int
    replicates: int


def analyse(y: Values, unit: Unit, inputs: Inputs, seed: int = 1) -> Screening:
    """Return the measures of each input.

    Parameters
    ----------
    y : float64[replicates, trajectories, inputs + 1]
        Values along each trajectory.
    unit : float64[trajectories, inputs + 1, columns]
        Its points.
    inputs
        The inputs.
    seed
        Of the bootstrap.

    Raises
    ------
    StudyError
        If a value is missing or not finite, or there are fewer than two replicates or trajectories.
    """
    require_complete(y, [f"point {k}" for k in range(y.shape[2])])
    require_replicates(y, 2, "the noise floor of mu* comes from differences between replicates")
    e = effects(y, unit, inputs)
    r, n, _ = e.shape
    mean, noise = e.mean(0), e.var(0, ddof=1) / r
    pairs = [np.abs(e[k] - e[m]) / 2 for k, m in combinations(range(r), 2)]
    floor = np.sqrt(2 / r) * np.mean(pairs, axis=0)
    weights = resamples(n, seed)
    low, high = interval(weights @ np.abs(mean))
    excess = np.abs(mean) - floor
    above = np.array([t_interval(excess[:, k]).low for k in range(len(inputs))])
    directed = np.where(inputs.single, 1.0, np.nan)
    table = pd.DataFrame(
        {
            "input": list(inputs.names),
            "mu": mean.mean(0) * directed,
            "mu_star": np.abs(mean).mean(0),
            "mu_star_low": low,
            "mu_star_high": high,
            "sigma": _root(mean.var(0, ddof=1) - noise.mean(0)) * directed,
            "rms": _root((mean**2 - noise).mean(0)),
            "floor": floor.mean(0),
            "above_floor": above > ROUNDING * np.ptp(y),
        }
    )
    return Screening(table[COLUMNS], n, r)


def effects(y: Values, unit: Unit, inputs: Inputs) -> NDArray[np.float64]:
    """Return the elementary effects, float64[replicates, trajectories, inputs].

    A factor's are signed; a group's are not, since its factors move both ways.
    """
    moves = np.diff(unit, axis=1)
    column = (moves != 0).argmax(axis=2)
    step = np.take_along_axis(moves, column[..., None], axis=2)[..., 0]
    own = inputs.of[column]
    slope = np.diff(y, axis=2) / np.where(inputs.single[own], step, np.abs(step))
    out = np.empty_like(slope)
    np.put_along_axis(out, np.broadcast_to(own, slope.shape), slope, axis=2)
    return out


def _root(square: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root; an estimate of a square that noise has made negative is 0."""
    return np.sqrt(np.maximum(square, 0.0))

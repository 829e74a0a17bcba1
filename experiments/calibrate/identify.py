"""What the data say of each free parameter, and which combinations they fix."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from experiments.calibrate.matching import Judged, Wave
from experiments.calibrate.region import Snap
from experiments.libraries import one_thread

Matrix = NDArray[np.float64]
PRIOR_SD = 12**-0.5
"""Standard deviation of an even distribution from 0 to 1."""
NARROWED = 0.9
"""A parameter stays at its range if its spread is above this share of the range's."""
SPACE = 1 << 12
"""So many points stand for the whole space."""
CONFLICT = 0.1
"""Two targets conflict if they are met together less than this share as often as by chance."""


@dataclass(frozen=True)
class Space:
    """What the first wave's emulators say of points spread over all of the space.

    Attributes
    ----------
    unit : float64[points, inputs]
    fits : bool[points, aims]
        Which points are not ruled out by an aim alone.
    """

    unit: Matrix
    fits: NDArray[np.bool_]

    @classmethod
    def of(cls, wave: Wave, inputs: int, seed: int, snap: Snap) -> "Space":
        """Spread points over the space and judge them."""
        unit = snap(qmc.Sobol(inputs, scramble=True, rng=seed).random(SPACE))
        with one_thread():
            return cls(unit, np.abs(wave.distances(unit)) <= wave.cutoff)

    def spread(self, aim: int) -> NDArray[np.float64]:
        """float64[inputs]: standard deviation of each input where an aim alone is met."""
        own = self.unit[self.fits[:, aim]]
        if len(own) < 2:
            return np.full(self.unit.shape[1], np.nan)
        return np.asarray(own.std(axis=0))


def influence(wave: Wave, inputs: int) -> Matrix:
    """Return float64[aims, inputs]: in what share of an emulator's variance an input has a part."""
    nothing = np.zeros(inputs)
    return np.stack([e.shares(inputs) if e else nothing for e in wave.emulators])


def narrowed_by(space: Space, shares: Matrix) -> NDArray[np.int64]:
    """Return int64[inputs]: which aim says most of each input, -1 if none says anything.

    The aim that, alone, leaves the input the least spread; where no aim alone narrows it, the one
    whose emulator depends on it most, if that is at all.
    """
    aims, inputs = shares.shape
    alone = np.stack([space.spread(t) for t in range(aims)]) / PRIOR_SD
    alone = np.where(np.isnan(alone), np.inf, alone)
    best = np.argmin(alone, axis=0)
    narrows = alone[best, np.arange(inputs)] < NARROWED
    most = np.argmax(shares, axis=0)
    depends = shares[most, np.arange(inputs)] > 0.05
    return np.where(narrows, best, np.where(depends, most, -1))


def combinations(unit: Matrix, names: list[str], most: int = 3, parts: int = 4) -> pd.DataFrame:
    """Return the directions in which what is left is narrowest.

    Principal components of the region in the unit cube, those of least spread first.

    Returns
    -------
    pandas.DataFrame
        Columns `direction`, `sd` (in the unit cube), `ratio` (to that of the range), `parts` (the
        largest weights, as text).
    """
    rows = []
    if len(unit) > len(names) + 1:
        values, vectors = np.linalg.eigh(np.cov(unit.T).reshape(len(names), len(names)))
        for k in range(min(most, len(values))):
            sd = float(np.sqrt(max(values[k], 0.0)))
            vector = vectors[:, k] * np.sign(vectors[np.argmax(np.abs(vectors[:, k])), k])
            order = np.argsort(-np.abs(vector), kind="stable")[:parts]
            text = " ".join(f"{vector[i]:+.2f} {names[i]}" for i in order if abs(vector[i]) > 0.15)
            rows.append({"direction": k + 1, "sd": sd, "ratio": sd / PRIOR_SD, "parts": text})
    return pd.DataFrame(rows, columns=["direction", "sd", "ratio", "parts"])


def conflicts(space: Space, judged: Judged, aims: int, cutoff: float) -> pd.DataFrame:
    """Return how often two targets are met together, in the space and by the runs.

    Returns
    -------
    pandas.DataFrame
        Columns `first`, `second` (numbers of aims), `together` (share of the space in which
        neither is ruled out, over the product of the shares of each; NaN if one is ruled out
        everywhere), `runs_first`, `runs_second`, `runs_both` (runs that give each, and both).
    """
    z = judged.z[:, :aims]
    met = np.where(np.isnan(z), np.inf, np.abs(z)) <= cutoff
    rows = []
    for s in range(aims):
        for t in range(s + 1, aims):
            both = (space.fits[:, s] & space.fits[:, t]).mean()
            chance = space.fits[:, s].mean() * space.fits[:, t].mean()
            rows.append(
                {
                    "first": s,
                    "second": t,
                    "together": both / chance if chance > 0 else np.nan,
                    "runs_first": int(met[:, s].sum()),
                    "runs_second": int(met[:, t].sum()),
                    "runs_both": int((met[:, s] & met[:, t]).sum()),
                }
            )
    columns = ["first", "second", "together", "runs_first", "runs_second", "runs_both"]
    return pd.DataFrame(rows, columns=columns)


def partner(pairs: pd.DataFrame, aim: int) -> tuple[int, str]:
    """Return the target that a missed one conflicts with, -1 if none is to be seen, and why."""
    own = pairs[(pairs["first"] == aim) | (pairs["second"] == aim)]
    best, why, least = -1, "", CONFLICT
    for row in own.to_dict("records"):
        other = row["second"] if row["first"] == aim else row["first"]
        together = row["together"]
        if together == together and together < least:
            best, least = int(other), together
            share = "nowhere" if together == 0 else f"{together:.2f} times as often as by chance"
            why = f"emulators leave both {share}"
    if best >= 0:
        return best, why
    found = []
    for row in own.to_dict("records"):
        mine = row["runs_first"] if row["first"] == aim else row["runs_second"]
        other = row["second"] if row["first"] == aim else row["first"]
        if mine:
            found.append((row["runs_both"] / mine, int(other), row["runs_both"], mine))
    if not found:
        return -1, "no run gives it at all"
    share, other, both, mine = min(found)
    if share >= 0.5:
        return -1, f"each other target is given by half or more of the {mine} runs that give it"
    return other, f"{both} of the {mine} runs that give it give the other too"


def region_spread(unit: Matrix) -> NDArray[np.float64]:
    """float64[inputs]: standard deviation of each input in what is left."""
    return np.asarray(unit.std(axis=0)) if len(unit) > 1 else np.zeros(unit.shape[1])

"""History matching on arrays: what is not ruled out, wave by wave.

A point is ruled out if its implausibility, the distance of what is expected there from the middle
of an interval in standard deviations, is above a cutoff for some number asked for. The deviation
adds up the variances of the emulator, of the luck of a run, and of the interval (Craig, Goldstein,
Seheult and Smith 1997; Vernon, Goldstein and Bower 2010; with luck: Andrianakis et al. 2015, PLoS
Computational Biology 11, e1003968). Later waves look at what earlier waves have left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from experiments.calibrate.aims import Aim
from experiments.calibrate.emulator import LEAST, Emulator, Options, fit

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """What runs have found, on arrays.

    Attributes
    ----------
    unit : float64[points, inputs]
        Where they are, in [0, 1].
    y : float64[points, replicates, aims]
        What they gave; NaN where a run is missing or gives no number.
    """

    unit: Matrix
    y: NDArray[np.float64]

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.unit)

    def of(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Found":
        """Return some of the points."""
        return Found(self.unit[rows], self.y[rows])


@dataclass(frozen=True)
class Judged:
    """What runs have found, on the scale of the aims.

    Attributes
    ----------
    mean : float64[points, aims]
        Mean over the replicates that gave a number; NaN if none did.
    noise : float64[points, aims]
        Variance of that mean by luck alone.
    luck : float64[aims]
        Variance of one run by luck alone, pooled over the half of the points nearest to the aim.
    z : float64[points, aims]
        Signed distance from the middle of the aim, in standard deviations of luck and tolerance.
    """

    mean: Matrix
    noise: Matrix
    luck: Vector
    z: Matrix

    @property
    def worst(self) -> Vector:
        """float64[points]: the largest distance of all aims; infinite where one is not known."""
        return np.where(np.isnan(self.z), np.inf, np.abs(self.z)).max(axis=1)


def judge(found: Found, aims: Sequence[Aim]) -> Judged:
    """Return what runs have found on the scale of the aims."""
    points, _replicates, _ = found.y.shape
    mean = np.full((points, len(aims)), np.nan)
    noise, z = mean.copy(), mean.copy()
    luck = np.zeros(len(aims))
    for t, aim in enumerate(aims):
        y = aim.scaled(found.y[:, :, t])
        known = np.isfinite(y)
        number = known.sum(axis=1)
        some = number > 0
        mean[some, t] = np.nansum(np.where(known, y, 0.0), axis=1)[some] / number[some]
        luck[t] = _luck(y, mean[:, t], number, aim.middle)
        noise[some, t] = luck[t] / number[some]
        z[:, t] = (mean[:, t] - aim.middle) / np.sqrt(aim.sd**2 + noise[:, t])
    return Judged(mean, noise, luck, z)


def _luck(y: Matrix, mean: Vector, number: NDArray[np.int64], middle: float) -> float:
    """Return the variance of one run by luck, from points with several that gave a number."""
    several = np.flatnonzero(number > 1)
    if not len(several):
        return 0.0
    near = several[np.argsort(np.abs(mean[several] - middle), kind="stable")]
    near = near[: max(len(near) // 2, min(len(near), 10))]
    squares = np.nansum((y[near] - mean[near, None]) ** 2, axis=1).sum()
    return float(squares / (number[near] - 1).sum())


@dataclass(frozen=True)
class Wave:
    """One wave's emulators, and the rule by which they rule points out.

    Attributes
    ----------
    aims
        What is asked for.
    emulators
        One for each aim; `None` where too few runs gave a number.
    noise : float64[aims]
        Variance, by luck, of a point that is run as often as those of this wave.
    cutoff
        Largest implausibility of what is not ruled out.
    spare
        How many aims may be above it: one in the first wave, whose emulators are the least sure.
    points
        How many points the emulators were fitted to, for each aim.
    order
        The aims, those first that rule out most of these points.
    """

    aims: tuple[Aim, ...]
    emulators: tuple[Emulator | None, ...]
    noise: Vector
    cutoff: float
    spare: int = 0
    points: tuple[int, ...] = ()
    order: tuple[int, ...] = ()

    def expected(self, unit: Matrix, aim: int) -> tuple[Vector, Vector]:
        """Return what is expected at points of one aim and its variance, luck included."""
        emulator = self.emulators[aim]
        if emulator is None:
            return np.full(len(unit), np.nan), np.full(len(unit), np.inf)
        mean, variance = emulator.predict(unit)
        # The nugget holds the luck of the training points already.
        return mean, np.maximum(variance, self.noise[aim])

    def distances(self, unit: Matrix) -> Matrix:
        """Return float64[points, aims]: signed implausibility of each; 0 without an emulator."""
        out = np.zeros((len(unit), len(self.aims)))
        for t, aim in enumerate(self.aims):
            if self.emulators[t] is not None:
                mean, variance = self.expected(unit, t)
                out[:, t] = (mean - aim.middle) / np.sqrt(variance + aim.sd**2)
        return out

    def within(self, unit: Matrix, level: float) -> NDArray[np.bool_]:
        """Tell where `implausibility` is at most `level`; aims that rule out most are asked first."""
        above = np.zeros(len(unit), np.int64)
        spare = min(self.spare, len(self.aims) - 1)
        for t in self.order:
            left = np.flatnonzero(above <= spare)
            if self.emulators[t] is None or not len(left):
                continue
            mean, variance = self.expected(unit[left], t)
            far = np.abs(mean - self.aims[t].middle) / np.sqrt(variance + self.aims[t].sd ** 2)
            above[left] += far > level * self.cutoff
        return above <= spare

    def implausibility(self, unit: Matrix) -> Vector:
        """Return float64[points]: the largest of all aims over the cutoff.

        As many as are spared are left out.
        """
        every = np.sort(np.abs(self.distances(unit)), axis=1)
        spare = min(self.spare, every.shape[1] - 1)
        return every[:, every.shape[1] - 1 - spare] / self.cutoff


@dataclass
class History:
    """The waves so far: together they say what is not ruled out."""

    waves: list[Wave] = field(default_factory=list)

    def level(self, unit: Matrix, before: float = np.inf) -> Vector:
        """Return float64[points]: largest implausibility over its cutoff, of all waves.

        At most 1 where a point is not ruled out.

        Parameters
        ----------
        unit : float64[points, inputs]
        before
            Where a wave before the last has more than this, infinite.
        """
        out = np.zeros(len(unit))
        for wave in self.waves[:-1]:
            out = np.maximum(out, wave.implausibility(unit))
        out[out > before] = np.inf
        return np.maximum(out, self.waves[-1].implausibility(unit)) if self.waves else out

    def keeps(
        self, unit: Matrix, level: float = 1.0, before: float | None = None
    ) -> NDArray[np.bool_]:
        """Tell where `level` is at most so much; a wave looks at what those before have left.

        Parameters
        ----------
        unit : float64[points, inputs]
        level
            Of the last wave, and of those before it unless `before` is given.
        before
            Of the waves before the last.
        """
        left = np.arange(len(unit))
        for k, wave in enumerate(self.waves):
            last = k == len(self.waves) - 1
            most = level if last or before is None else before
            left = left[wave.within(unit[left], most)]
        out = np.zeros(len(unit), bool)
        out[left] = True
        return out

    def learn(
        self, found: Found, aims: Sequence[Aim], cutoff: float, spare: int, options: Options
    ) -> Wave:
        """Fit emulators to the runs in what is not ruled out yet, and add them as a wave.

        Parameters
        ----------
        found
            All runs so far.
        aims
            What is asked for.
        cutoff, spare
            As in `Wave`.
        options
            Of the emulators.
        """
        wave = wave_of(found.of(self.inside(found)), aims, cutoff, spare, options)
        self.waves.append(wave)
        return wave

    def inside(self, found: Found) -> NDArray[np.bool_]:
        """Tell which runs are to be learned from: those not ruled out, or if few the nearest."""
        level = self.level(found.unit)
        fewest = min(len(found), 10 * found.unit.shape[1], 200)
        nearest = np.sort(level, kind="stable")[fewest - 1] if fewest else 1.0
        return level <= max(1.0, float(nearest))


def wave_of(found: Found, aims: Sequence[Aim], cutoff: float, spare: int, options: Options) -> Wave:
    """Return the emulators of some runs. Runs that give no number for an aim are left out of it."""
    judged = judge(found, aims)
    replicates = found.y.shape[1]
    emulators: list[Emulator | None] = []
    points = []
    for t in range(len(aims)):
        known = np.isfinite(judged.mean[:, t])
        points.append(int(known.sum()))
        enough = known.sum() >= LEAST
        emulators.append(fit(found.unit[known], judged.mean[known, t], options) if enough else None)
    out = np.where(np.isnan(judged.z), 0.0, np.abs(judged.z) > cutoff).sum(axis=0)
    return Wave(
        tuple(aims),
        tuple(emulators),
        judged.luck / replicates,
        cutoff,
        spare,
        tuple(points),
        tuple(np.argsort(-out, kind="stable").tolist()),
    )

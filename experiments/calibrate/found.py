"""What the runs of a calibrate study have found, as arrays."""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import gather
from experiments.calibrate.aims import Aim
from experiments.calibrate.matching import Found, Judged, judge
from experiments.calibrate.spec import CalibrateStudy, Interval, Measure
from experiments.calibrate.waves import Waves, places
from experiments.store import Store
from experiments.study import Study


@dataclass(frozen=True)
class Runs:
    """The runs that are there.

    Attributes
    ----------
    unit : float64[points, inputs]
        Where the points are.
    wave : int64[points]
        Of which wave, from 1.
    y : float64[points, replicates, numbers]
        What they gave of what is fitted, then of what is held; NaN if there is none.
    there : bool[points, replicates]
        Which runs have finished.
    aims
        Of what is fitted, then of what is held.
    fitted
        How many of these are fitted.
    """

    unit: NDArray[np.float64]
    wave: NDArray[np.int64]
    y: NDArray[np.float64]
    there: NDArray[np.bool_]
    aims: tuple[Aim, ...]
    fitted: int

    @classmethod
    def of(cls, study: Study, store: Store, design: pd.DataFrame) -> "Runs":
        """Read what the runs of a study have found."""
        asked = {**spec_of(study).fitted(), **spec_of(study).shown()}
        table = gather.responses(store, design, study.responses, study.of)
        done = set(store.read("runs", ["run_id"], runs=design["run_id"])["run_id"])
        unit, wave = places(design)
        place = table["arm"].to_numpy().astype(np.int64), table["replicate"].to_numpy()
        shape = len(unit), int(design["replicate"].max()) + 1
        there = np.zeros(shape, bool)
        there[place] = table["run_id"].isin(done)
        y = np.full((*shape, len(asked)), np.nan)
        for t, (measure, _) in enumerate(asked.values()):
            column = np.full(shape, np.nan)
            column[place] = table[measure.label].to_numpy(float)
            y[:, :, t] = np.where(np.isfinite(column), column, np.nan)
        return cls(unit, wave, y, there, aims_of(asked), len(spec_of(study).fitted()))

    @property
    def own(self) -> tuple[Aim, ...]:
        """The aims that are fitted."""
        return self.aims[: self.fitted]

    def waves(self, number: int) -> Found:
        """Return what the first waves have found of what is fitted."""
        kept = self.wave <= number
        return Found(self.unit[kept], self.y[kept][:, :, : self.fitted])

    @cached_property
    def judged(self) -> Judged:
        """All of it on the scale of the aims."""
        return judge(Found(self.unit, self.y), self.aims)

    @cached_property
    def worst(self) -> NDArray[np.float64]:
        """float64[points]: the largest implausibility of what is fitted; infinite if unknown."""
        z = self.judged.z[:, : self.fitted]
        return np.where(np.isnan(z), np.inf, np.abs(z)).max(axis=1)

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """float64[points, numbers]: what a point gives, in its own unit: the mean on the scale."""
        mean = self.judged.mean
        return np.stack([a.unscaled(mean[:, t]) for t, a in enumerate(self.aims)], axis=1)

    @cached_property
    def met(self) -> NDArray[np.bool_]:
        """bool[points, numbers]: whether that lies in the interval."""
        return np.stack([a.met(self.mean[:, t]) for t, a in enumerate(self.aims)], axis=1)

    @property
    def meets(self) -> NDArray[np.bool_]:
        """bool[points]: whether all that is fitted lies in its interval."""
        return np.asarray(self.met[:, : self.fitted].all(axis=1))


def aims_of(asked: dict[str, tuple[Measure, Interval]]) -> tuple[Aim, ...]:
    """Return the intervals of what is asked."""
    return tuple(
        Aim.of(name, *interval.ends, measure.unit) for name, (measure, interval) in asked.items()
    )


def spec_of(study: Study) -> CalibrateStudy:
    """Return the file of a calibrate study."""
    return cast(CalibrateStudy, study.spec)


def rows_of(study: Study) -> Waves:
    """Return the markets of a calibrate study."""
    return cast(Waves, study.points)

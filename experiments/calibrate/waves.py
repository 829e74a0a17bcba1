"""The markets of a calibrate study: a space-filling first wave, and what later waves add."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate import region
from experiments.calibrate.aims import Aim
from experiments.calibrate.emulator import Options
from experiments.calibrate.matching import Found, History
from experiments.calibrate.region import Drawn
from experiments.factors import Factor
from experiments.identity import config_hash
from experiments.markets import Market
from experiments.points import Rows, Sample

Matrix = NDArray[np.float64]
UNIT = "unit."
"""Begins the names of columns that say where in the unit cube a point is."""


@dataclass(frozen=True)
class Plan:
    """How a study goes about it: with the results of the waves before, it decides the next one.

    Attributes
    ----------
    aims
        What markets are to give.
    runs, waves
        Markets of each wave, and how many waves there are.
    cutoff, spare
        As in `matching.Wave`, the latter of the first wave.
    options
        Of emulators.
    seed
        Of all draws.
    held
        What is held against the result. It decides no market, but is not to be edited unseen.
    """

    aims: tuple[Aim, ...]
    runs: int
    waves: int
    cutoff: float
    spare: int
    options: Options
    seed: int
    held: tuple[Aim, ...] = ()

    def identity(self) -> str:
        """Return what makes it another study, and that is not how many waves there are."""
        return repr((self.aims, self.held, self.runs, self.cutoff, self.spare, self.options))

    def learn(self, history: History, found: Found) -> None:
        """Fit the emulators of the wave that is done."""
        spare = 0 if history.waves else self.spare
        history.learn(found, self.aims, self.cutoff, spare, self.options)

    def next(
        self, history: History, factors: Sequence[Factor], before: Drawn | None = None
    ) -> Drawn:
        """Return where the wave after those of `history` looks; `before`: where the last looked."""
        seed, snap = self.seed_of(len(history.waves) + 1), snap_to(factors)
        return region.draw(history, self.runs, len(factors), seed, snap, before)

    def seed_of(self, wave: int) -> int:
        """Return the seed of a wave's design, from 1."""
        text = f"huitou calibrate {self.seed} {wave}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Waves(Rows):
    """The markets of all waves so far.

    Attributes
    ----------
    plan
        How they are chosen.
    wave : int64[points]
        Which wave each is of, from 1.
    log
        What a log in the file adds to the study's identity. It decides no market.
    """

    plan: Plan = field(kw_only=True)
    wave: NDArray[np.int64] = field(kw_only=True)
    log: str = field(default="", kw_only=True)

    def frame(self) -> pd.DataFrame:
        """Return a row per point, with its wave and its place in the unit cube."""
        places = {f"{UNIT}{k}": column for k, column in enumerate(self.sample.unit.T)}
        return super().frame().assign(wave=self.wave, **places)

    def identity(self) -> Iterator[str]:
        """Yield the first market, the factors, and what is asked for.

        Of what is free the base has some value, which decides nothing: a preset that is set to the
        result of a study is still what the study is about.
        """
        _base, *others = super().identity()
        yield config_hash(self.market(0))
        yield from others
        yield self.plan.identity()
        if self.log:
            yield self.log

    def extended(self, unit: Matrix) -> "Waves":
        """Return the markets with another wave."""
        wave = int(self.wave.max()) + 1
        every = np.concatenate([self.sample.unit, unit])
        waves = np.concatenate([self.wave, np.full(len(unit), wave)])
        return replace(self, sample=_sample(every, waves), wave=waves)

    def only(self, waves: int) -> "Waves":
        """Return the markets of the first waves."""
        kept = self.wave <= waves
        return replace(
            self, sample=_sample(self.sample.unit[kept], self.wave[kept]), wave=self.wave[kept]
        )


def first_wave(market: Market, factors: tuple[Factor, ...], plan: Plan, log: str = "") -> Waves:
    """Return the first wave, spread evenly over the ranges; `log` is part of the study's identity."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(factors), scramble=True, rng=plan.seed_of(1))
    power = max(plan.runs - 1, 0).bit_length()  # scipy warns of numbers that are no power of two
    unit = snap_to(factors)(sequence.random_base2(power)[: plan.runs])
    wave = np.ones(plan.runs, np.int64)
    return Waves(market, factors, _sample(unit, wave), "calibrate", plan=plan, wave=wave, log=log)


def _sample(unit: Matrix, wave: NDArray[np.int64]) -> Sample:
    """Return a sample in which each point has draws of its own: emulators take them for scatter."""
    return Sample(unit, np.arange(len(unit)), [f"wave {k}" for k in wave])


def snap_to(factors: Sequence[Factor]) -> region.Snap:
    """Return what takes points to those of markets: to the middles of values that are counted."""
    counts = [None if f.options is None else len(f.options) for f in factors]

    def snap(unit: Matrix) -> Matrix:
        out = np.clip(unit, 0.0, 1.0)
        for k, n in enumerate(counts):
            if n is not None:
                out[:, k] = (np.minimum(np.floor(out[:, k] * n), n - 1) + 0.5) / n
        return out

    return snap


def places(design: pd.DataFrame) -> Any:
    """Return float64[points, inputs] and int64[points]: where the points of a design are, and waves.

    Parameters
    ----------
    design
        A row per run, as a store has it.
    """
    rows = design.drop_duplicates("arm").copy()
    rows["arm"] = rows["arm"].astype(np.int64)
    rows = rows.sort_values("arm")
    columns = [name for name in rows if str(name).startswith(UNIT)]
    columns.sort(key=lambda name: int(str(name).removeprefix(UNIT)))
    return rows[columns].to_numpy(float), rows["wave"].to_numpy(np.int64)

"""From the runs on disk to the tables of a calibrate study's summary."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate import double, held_out_views, identify, region, stages
from experiments.calibrate.choice import Choice, choose
from experiments.calibrate.emulator import Emulator
from experiments.calibrate.found import Runs, rows_of, spec_of
from experiments.calibrate.identify import PRIOR_SD, Space
from experiments.calibrate.matching import History
from experiments.calibrate.region import Drawn
from experiments.calibrate.waves import UNIT, Plan, snap_to
from experiments.factors import Factor, lookup
from experiments.kinds import Tables
from experiments.store import Store
from experiments.study import Study
from sim.config.yaml_file import dotted

SAMPLE = 500
"""Points that stand for what is not ruled out."""
INSIDE = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Result:
    """What a study has found, worked out once for all of its tables."""

    study: Study
    store: Store
    runs: Runs

    @classmethod
    def of(cls, study: Study, store: Store, design: pd.DataFrame) -> "Result":
        """Read what the runs have found."""
        return cls(study, store, Runs.of(study, store, design))

    @property
    def plan(self) -> Plan:
        """How the study goes about it."""
        return rows_of(self.study).plan

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The free parameters."""
        return rows_of(self.study).factors

    @property
    def number(self) -> int:
        """How many waves there are, the last perhaps not whole."""
        return int(self.runs.wave.max())

    @cached_property
    def history(self) -> History:
        """The emulators of all waves."""
        return stages.Learner(self.plan).past(self.runs.waves(self.number))

    @cached_property
    def left(self) -> Drawn:
        """Points from what all waves together have left."""
        seed = self.plan.seed_of(self.number + 1) + 1
        before = stages.read(stages.place(self.store.folder, self.number))
        snap = snap_to(self.factors)
        return region.draw(self.history, SAMPLE, len(self.factors), seed, snap, before)

    @cached_property
    def space(self) -> Space:
        """The whole space, by the emulators of the first wave."""
        seed = self.plan.seed_of(0)
        return Space.of(self.history.waves[0], len(self.factors), seed, snap_to(self.factors))

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """How often two targets are met together, by their numbers."""
        aims, cutoff = len(self.runs.own), self.plan.cutoff
        return identify.conflicts(self.space, self.runs.judged, aims, cutoff)

    @cached_property
    def choice(self) -> Choice:
        """The ensemble."""
        method, runs = spec_of(self.study).method, self.runs
        return choose(runs.unit, runs.meets, runs.worst, method.cutoff, method.ensemble)


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of the summary, by name.

    `targets`: a row per number asked for; `parameters`: per free parameter; `combinations`: what of
    them together is known best; `waves`, `emulators`: how it went; `conflicts`: pairs of targets;
    `influence`: which parameter each target depends on; `ensemble`: its markets; `region`: points
    from what is not ruled out; `checks`: emulators against runs left out; with a log those of
    `held_out_views.tables`.
    """
    result = Result.of(study, store, design)
    members = _members(result, "stated")
    if spec_of(study).method.doubled:
        members = pd.concat([members, *_doubled(study, store.folder.parent)], ignore_index=True)
    return {
        "targets": _targets(result),
        "parameters": _parameters(result),
        "combinations": identify.combinations(result.left.unit, _names(result)),
        "waves": _waves(result),
        "emulators": _emulators(result),
        "conflicts": _conflicts(result),
        "influence": _influence(result),
        "ensemble": members,
        "region": _region(result),
        "checks": _checks(result),
        **held_out_views.tables(store.folder),
    }


def _names(result: Result) -> list[str]:
    return [factor.name for factor in result.factors]


def _targets(result: Result) -> pd.DataFrame:
    runs, choice, spec = result.runs, result.choice, spec_of(result.study)
    asked = {**spec.fitted(), **spec.shown()}
    last = result.history.waves[-1]
    rows = []
    for t, (name, (measure, interval)) in enumerate(asked.items()):
        own = runs.mean[choice.rows, t]
        low, middle, high = _quantiles(own)
        known = np.isfinite(runs.y[:, :, t])
        row: dict[str, Any] = {
            "target": name,
            "role": "held" if t >= runs.fitted else "lift" if name in spec.lift_tests else "fitted",
            "measure": measure.title,
            "unit": measure.unit,
            "low": interval.ends[0],
            "high": interval.ends[1],
            "medoid": runs.mean[choice.medoid, t] if choice.medoid >= 0 else np.nan,
            "ensemble_low": low,
            "ensemble_median": middle,
            "ensemble_high": high,
            "members_met": runs.met[choice.rows, t].mean() if len(choice.rows) else np.nan,
            "implausibility": abs(runs.judged.z[choice.medoid, t])
            if choice.medoid >= 0
            else np.nan,
            "random_sd": _in_units(result, t),
            "undefined": int((runs.there & ~known).sum()),
            "r2": np.nan,
            "conflicts_with": "",
            "why": "",
            "source": interval.source,
            "kind": interval.kind or "",
        }
        row["met"] = bool(np.isfinite(row["medoid"]) and runs.met[choice.medoid, t])
        if t < runs.fitted:
            emulator = last.emulators[t]
            row["r2"] = emulator.r2 if emulator else np.nan
            row |= _missed(result, t)
        rows.append(row)
    return pd.DataFrame(rows)


def _in_units(result: Result, t: int) -> float:
    """Return the standard deviation between runs of a market near the target."""
    aim, sd = result.runs.aims[t], float(np.sqrt(result.runs.judged.run_variance[t]))
    ends = aim.unscaled(np.array([aim.middle - sd, aim.middle + sd]))
    return float((ends[1] - ends[0]) / 2)


def _missed(result: Result, t: int) -> dict[str, Any]:
    """Say whether a target is missed by the ensemble, and which other target is in its way."""
    rows = result.choice.rows
    if len(rows) and result.choice.rule == "met":
        return {"missed": False}
    met = result.runs.met[:, t]
    missed = met[rows].mean() < 0.5 if len(rows) else not met.any()
    if not missed:
        return {"missed": False}
    other, why = identify.partner(result.pairs, t)
    return {
        "missed": True,
        "conflicts_with": result.runs.aims[other].name if other >= 0 else "",
        "why": why,
    }


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    values = values[np.isfinite(values)]
    if not len(values):
        return np.nan, np.nan, np.nan
    low, middle, high = np.quantile(values, INSIDE)
    return float(low), float(middle), float(high)


def _parameters(result: Result) -> pd.DataFrame:
    unit, aims = result.left.unit, result.runs.own
    shares = identify.influence(result.history.waves[0], len(result.factors))
    by = identify.narrowed_by(result.space, shares)
    spread = identify.region_spread(unit)
    own = result.runs.unit[result.choice.rows]
    rows = []
    for k, factor in enumerate(result.factors):
        low, middle, high = _quantiles(unit[:, k])
        # Where nothing is left, there are points all the same, and they say nothing.
        ratio = np.nan if result.left.empty else float(spread[k] / PRIOR_SD)
        rows.append(
            {
                "parameter": factor.name,
                "sd": float(spread[k]),
                "ratio": ratio,
                "narrowed": ratio <= identify.NARROWED,
                "narrowed_by": aims[by[k]].name if by[k] >= 0 else "",
                "from": _short(factor, 0.0),
                "to": _short(factor, 1.0),
                "low": _short(factor, low),
                "median": _short(factor, middle),
                "high": _short(factor, high),
                "ensemble_sd": float(own[:, k].std()) if len(own) > 1 else np.nan,
                "medoid": _short(factor, result.runs.unit[result.choice.medoid, k])
                if result.choice.medoid >= 0
                else "",
            }
        )
    return pd.DataFrame(rows)


def _short(factor: Factor, u: float) -> str:
    label = factor.label(min(max(u, 0.0), 1.0))
    return f"{label:.4g}" if isinstance(label, float) else str(label)


def _waves(result: Result) -> pd.DataFrame:
    runs, rows = result.runs, []
    for wave in range(1, result.number + 1):
        own = runs.wave == wave
        kept = stages.read(stages.place(result.store.folder, wave))
        worst = runs.worst[own]
        rows.append(
            {
                "wave": wave,
                "markets": int(own.sum()),
                "missing": int((~runs.there[own]).sum()),
                "before": 1.0 if wave == 1 else kept.share if kept else np.nan,
                "level": 1.0 if wave == 1 else kept.level if kept else np.nan,
                "how": "sobol" if wave == 1 else kept.how if kept else "",
                "least": float(worst.min()),
                "below": int((worst <= result.plan.cutoff).sum()),
                "met": int(runs.meets[own].sum()),
            }
        )
    table = pd.DataFrame(rows)
    after = [*table["before"].iloc[1:], result.left.share]
    return table.assign(after=after)


def _emulators(result: Result) -> pd.DataFrame:
    rows = []
    for number, wave in enumerate(result.history.waves, 1):
        for t, (aim, emulator) in enumerate(zip(wave.aims, wave.emulators, strict=True)):
            row: dict[str, Any] = {"wave": number, "target": aim.name, "scale": aim.form}
            row["points"] = wave.points[t]
            row["r2"] = emulator.r2 if emulator else np.nan
            row["terms"] = len(emulator.basis.terms) if emulator else 0
            noise = float(wave.noise[t])
            row["random_share"] = _random_share(emulator, noise) if emulator else np.nan
            row["inflation"] = emulator.inflation if emulator else np.nan
            names = [result.factors[i].name for i in emulator.active] if emulator else []
            rows.append(row | {"active": ", ".join(names)})
    return pd.DataFrame(rows)


def _random_share(emulator: Emulator, noise: float) -> float:
    """Return the share of random variation in the variance between an emulator's points."""
    error = float((emulator.errors**2).mean())
    total = error / (1 - emulator.r2) if emulator.r2 < 1 else np.nan
    return min(noise / total, 1.0) if total > 0 else np.nan


def _conflicts(result: Result) -> pd.DataFrame:
    names, pairs = [aim.name for aim in result.runs.own], result.pairs
    return pairs.assign(
        first=[names[k] for k in pairs["first"]], second=[names[k] for k in pairs["second"]]
    )


def _influence(result: Result) -> pd.DataFrame:
    shares = identify.influence(result.history.waves[0], len(result.factors))
    return pd.DataFrame(
        {"target": aim.name, "parameter": factor.name, "share": shares[t, k]}
        for t, aim in enumerate(result.runs.own)
        for k, factor in enumerate(result.factors)
    )


def _region(result: Result) -> pd.DataFrame:
    return pd.DataFrame(result.left.unit, columns=_names(result))


def _checks(result: Result) -> pd.DataFrame:
    """Return what the last wave's emulators say of each point without it, and what it gave."""
    runs, wave = result.runs, result.history.waves[-1]
    before = History(result.history.waves[:-1])
    inside = before.inside(runs.waves(result.number))
    parts = []
    for t, (aim, emulator) in enumerate(zip(wave.aims, wave.emulators, strict=True)):
        if emulator is None:
            continue
        mean = runs.judged.mean[inside, t]
        mean = mean[np.isfinite(mean)]
        parts.append(
            pd.DataFrame(
                {
                    "target": aim.name,
                    "found": mean,
                    "expected": mean - emulator.errors,
                    "sd": emulator.spread,
                }
            )
        )
    columns = ["target", "found", "expected", "sd"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


# -- members --------------------------------------------------------------------------------------


def _members(result: Result, ranges: str) -> pd.DataFrame:
    """Return the markets of the ensemble: what an ensemble on disk has of each."""
    runs, choice = result.runs, result.choice
    rows = []
    for k, point in enumerate(choice.rows):
        row: dict[str, Any] = {
            "id": f"{ranges[0]}{k:03d}",
            "ranges": ranges,
            "weight": 1 / len(choice.rows),
            "implausibility": runs.worst[point],
            "point": int(point),
            "medoid": int(point) == choice.medoid,
            "met": bool(runs.meets[point]),
        }
        row |= dict(_values(result, runs.unit[point]))
        row |= {f"{UNIT}{j}": u for j, u in enumerate(runs.unit[point])}
        for t, aim in enumerate(runs.aims):
            part = "target" if t < runs.fitted else "held"
            row[f"{part}.{aim.name}"] = runs.mean[point, t]
        rows.append(row)
    return pd.DataFrame(rows)


def _values(result: Result, unit: NDArray[np.float64]) -> Iterator[tuple[str, Any]]:
    """Yield what is set in a market, by path; what is no number as JSON. Of a `scale`, the result."""
    for factor, u in zip(result.factors, unit.tolist(), strict=True):
        value = factor.value(u)
        if factor.spec.scale is None:
            yield factor.name, value if factor.has_numbers else json.dumps(value, default=str)
            continue
        for path in factor.paths:
            was = lookup(rows_of(result.study).base, path)
            yield dotted(path), round(was * value) if isinstance(was, int) else was * value


def _doubled(study: Study, root: Path) -> Iterator[pd.DataFrame]:
    """Yield the ensemble of the study with ranges twice as wide, if that has been carried out."""
    other = double.doubled(study)
    store = Store(root / f"{other.name}-{other.hash8}")
    if store.has_design(len(other.points) * other.replicates.n * other_waves(other)):
        yield _members(Result.of(other, store, store.design()), "doubled")


def other_waves(study: Study) -> int:
    """Return how many waves a study has in the end."""
    return rows_of(study).plan.waves

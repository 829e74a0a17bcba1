"""What a market gives of the targets of its calibrate study, beside the study's ensemble.

A preset has the values of the middle market of its ensemble. Whether that meets the targets is found
out by running it: with the draws, people and days of the study, and the second runs that lift tests
and targets with strategies take.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import engines, ensembles, formats
from experiments.calibrate.aims import Aim
from experiments.calibrate.found import rows_of, spec_of
from experiments.calibrate.spec import CalibrateStudy, Interval, Measure, aims_of
from experiments.calibrate.texts import ROLES, between, value_of
from experiments.designs import Job
from experiments.ensemble_rows import TARGET
from experiments.ensembles import Ensemble
from experiments.errors import UsageError
from experiments.formats import count
from experiments.identity import code_version, seed
from experiments.intervals import interval
from experiments.progress import Progress
from experiments.simulate import Tables, simulate
from experiments.study import Study, load
from experiments.studyfile import Record
from experiments.tabular import View
from experiments.warm import warm
from experiments.worker import Simulate
from sim.config import layers, remarks
from sim.config.yaml_file import nearest

INSIDE = (0.05, 0.5, 0.95)
Floats = NDArray[np.float64]


def shipped() -> dict[str, Path]:
    """Return the calibrate studies that come with the program, by the name of their preset."""
    return layers.shipped("calibrate/*.yaml")


def study_of(name: str) -> Study:
    """Return a calibrate study: one that is shipped, by its name, or a file's.

    Raises
    ------
    UsageError
        If there is none, or it is a study of another kind.
    ConfigError
        With everything that is wrong with the file.
    """
    known = shipped()
    path = known.get(name) or Path(name)
    if not layers.is_file(path):
        near = nearest(name, known)
        guess = f"; did you mean '{near}'?" if near else ""
        raise UsageError(
            f"there is no calibrate study {name!r}{guess}; a path, or one of: {', '.join(known)}"
        )
    study = load(path)
    if not isinstance(study.spec, CalibrateStudy):
        raise UsageError(f"{path}: a `{study.kind}` study has no targets")
    return study


# -- runs -----------------------------------------------------------------------------------------


def measured(
    study: Study,
    runs: int,
    progress: Progress,
    workers: int | None = None,
    simulate: Simulate = simulate,
) -> Floats:
    """Run the market of a calibrate study as it is, whatever the study varies.

    Parameters
    ----------
    study
        The study.
    runs
        How often.
    progress
        Told how far it is.
    workers
        How many processes; as the study says if not given.
    simulate
        What computes a run.

    Returns
    -------
    float64[runs, numbers]
        What each run gave of what is fitted, then of what is held; NaN where it gave no number.
    """
    warm(study, code_version(study.strategies), progress.note)
    jobs = [_job(study, k) for k in range(runs)]
    progress.start(study.name, runs, 0)
    number = workers or study.execute.workers or engines.processors()
    with engines.make(study.execute.engine, number, runs) as engine:
        futures = [engine.submit(_run, simulate, job, study.record) for job in jobs]
        found = []
        for future in futures:
            found.append(_numbers(study, future.result()))
            progress.update(len(found), 0)
    progress.stop()
    return np.array(found)


def _run(simulate: Simulate, job: Job, record: Record) -> Tables:
    """Compute a run; what is unusual in its market was said when the study was read."""
    with remarks.silent():
        return simulate(job, record)


def _job(study: Study, replicate: int) -> Job:
    market, own = rows_of(study).base, seed(study.replicates.seed, replicate)
    return Job("", "", "", "", study.name, replicate, own, market, study.responses)


def _asked(study: Study) -> dict[str, tuple[Measure, Interval]]:
    return {**spec_of(study).fitted(), **spec_of(study).shown()}


def _numbers(study: Study, tables: Tables) -> list[float]:
    """Return what a run gave of each number asked for, of the brand that it is asked of."""
    runs = tables["runs"].to_pandas().set_index("brand")
    return [
        float(runs.at[measure.of or study.of, measure.column])
        for measure, _ in _asked(study).values()
    ]


# -- tables ---------------------------------------------------------------------------------------


def compared(study: Study, y: Floats, ensemble: Ensemble | None) -> pd.DataFrame:
    """Return a row per number asked for: its interval, what the market gives, and its ensemble.

    Parameters
    ----------
    study
        A calibrate study.
    y : float64[runs, numbers]
        What runs of its market gave.
    ensemble
        Of the study, if there is one.
    """
    asked, spec = _asked(study), spec_of(study)
    aims = aims_of(asked)
    missed = ensemble.about.get("missed") or {} if ensemble else {}
    rows = []
    for t, (name, (measure, said)) in enumerate(asked.items()):
        role = "held" if name in spec.held else "lift" if name in spec.lift_tests else "fitted"
        rows.append(
            {
                "target": name,
                "role": role,
                "measure": measure.title,
                "unit": measure.unit,
                "low": said.ends[0],
                "high": said.ends[1],
                **_ours(aims[t], y[:, t]),
                **_theirs(ensemble, name),
                "missed": name in missed,
                "conflicts_with": missed.get(name, {}).get("conflicts_with") or "",
                "why": missed.get(name, {}).get("why") or "",
                "source": said.source,
            }
        )
    return pd.DataFrame(rows)


def _ours(aim: Aim, y: Floats) -> dict[str, Any]:
    """Return the mean of runs, and whether it meets the target."""
    mean, low, high, _ = interval(y[np.isfinite(y)])
    met = bool(aim.met(np.array([mean]))[0])
    inside = aim.met(np.array([low, high]))
    surely = bool(inside.all() if met else high < aim.low or low > aim.high)
    return {"ours": mean, "ours_low": low, "ours_high": high, "met": met, "surely": surely}


def _theirs(ensemble: Ensemble | None, name: str) -> dict[str, float]:
    """Return what the members of an ensemble give, as far as its files say it."""
    out = dict.fromkeys(("ensemble_low", "ensemble_median", "ensemble_high", "members_met"), np.nan)
    if ensemble is None:
        return out
    share = (ensemble.about.get("targets") or {}).get(name, {}).get("met")
    out["members_met"] = np.nan if share is None else float(share)
    column = f"{TARGET}{name}"
    if column in ensemble.table:
        stated = ensemble.table[ensemble.table["ranges"] == "stated"]
        values = pd.to_numeric(stated[column], errors="coerce").dropna().to_numpy(float)
        if len(values):
            own = np.quantile(values, INSIDE).tolist()
            out |= zip(("ensemble_low", "ensemble_median", "ensemble_high"), own, strict=True)
    return out


def other_targets(study: Study, ensemble: Ensemble) -> list[str]:
    """Return the names of what was another target when the ensemble was made."""
    then: Mapping[str, Any] = ensemble.about.get("targets") or {}
    names = []
    for name, (_, said) in _asked(study).items():
        own = {key: value for key, value in then.get(name, {}).items() if key in _ENDS}
        if name not in then or Interval(**own, source="-").ends != said.ends:
            names.append(name)
    return names + [name for name in then if name not in _asked(study)]


_ENDS = ("low", "high", "value", "tolerance", "factor")


# -- words ----------------------------------------------------------------------------------------


def views(study: Study, table: pd.DataFrame) -> list[View]:
    """Return the tables to show: targets against what the market gives, and their sources."""
    columns = ["target", "interval", "ours", "95 %", "", "ensemble", "5–95 %", "met by"]
    columns.append("conflicts with")
    rows = []
    for row in table.to_dict("records"):
        role = ROLES[row["role"]]
        met = formats.value(row["members_met"], "share")
        cells = [
            between(row, "low", "high"),
            value_of(row, "ours"),
            between(row, "ours_low", "ours_high"),
            verdict(row),
            value_of(row, "ensemble_median"),
            between(row, "ensemble_low", "ensemble_high"),
            met,
            row["conflicts_with"] or formats.NOTHING,
        ]
        rows.append([f"{row['target']} ({role})" if role else row["target"], *cells])
    note = (
        "ours: mean of runs of the market as it is, with its 95 % interval; “not surely” where that "
        "reaches beyond an end of the target’s. ensemble: median of its markets; met by: share of "
        "them within. – : not kept with the ensemble."
    )
    sources = [[row["target"], row["measure"], row["source"]] for row in table.to_dict("records")]
    return [
        View(f"{study.name}: targets against what the market gives", columns, rows, note),
        View("Where targets come from", ["target", "measure", "source"], sources),
    ]


def verdict(row: Mapping[Any, Any]) -> str:
    """Say whether the market meets a target."""
    if np.isnan(row["ours"]):
        return "not defined"
    word = "met" if row["met"] else "missed"
    return word if row["surely"] else f"{word}, not surely"


def findings(
    study: Study, table: pd.DataFrame, runs: int, ensemble: Ensemble | None
) -> Iterator[str]:
    """Say how many targets are met, and which are missed."""
    fitted = table[table["role"] != "held"]
    met = int(fitted["met"].sum())
    text = f"{study.name}: the market as it is meets {met} of {len(fitted)} targets"
    yield f"{text} ({count(runs, 'run')})."
    for row in fitted[~fitted["met"]].to_dict("records"):
        yield f"Missed: {row['target']}{_why(row)}."
    if ensemble is None:
        yield "There is no ensemble of that name."
        return
    for row in fitted[fitted["missed"] & fitted["met"]].to_dict("records"):
        yield f"Met here, and missed by most of the ensemble: {row['target']}{_why(row)}."
    if names := other_targets(study, ensemble):
        yield f"The ensemble was made for other targets: {', '.join(names)}."


def _why(row: Mapping[Any, Any]) -> str:
    if not row["missed"]:
        return "" if np.isnan(row["members_met"]) else ", and most of the ensemble meets it"
    other = row["conflicts_with"]
    return f"; it conflicts with {other} ({row['why']})" if other else f"; {row['why']}"


def ensemble_of(name: str, given: str | None) -> Ensemble | None:
    """Return the ensemble of a study: the one given, or the shipped one of the same name."""
    if given is not None:
        return ensembles.read(given)
    return ensembles.read(name) if name in ensembles.shipped() else None

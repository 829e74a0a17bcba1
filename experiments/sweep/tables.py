"""From the runs on disk to the tables of a sweep's summary."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from experiments import formats, gather
from experiments.intervals import Interval, interval
from experiments.kinds import Tables
from experiments.scales import Amount, scale
from experiments.store import Store
from experiments.study import Study
from experiments.sweep import claims, estimates, markets, ranking, scenarios
from experiments.sweep.found import Found, values
from experiments.sweep.levels import Levels, levels
from experiments.sweep.points import Sweep

DROPPED = ["config_hash", "seed"]
"""Columns of a design that tell a reader nothing."""


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of a sweep's summary, by name.

    `runs` has a row per run, `points` per point and response, `main` per response, factor and
    level, `factors` per response and factor, `best` two per response, `heat` per response, pair of
    factors and pair of levels. `boxes`, `limits` and `discovery` are there if something is to be
    discovered.
    """
    sweep = study.points
    assert isinstance(sweep, Sweep)
    each = _runs(study, store, design)
    runs = markets.by_market(study, each) if study.across else each
    cuts = [levels(a, sweep.rows.sample.unit, sweep.rows.method == "grid") for a in sweep.axes]
    names = ("points", "main", "factors", "best", "heat")
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in names}
    for response in study.responses:
        found = Found(sweep, values(runs, response.label, len(sweep), study.observations))
        own = {
            "points": _points(found),
            "main": _main(found, cuts),
            "factors": ranking.factors(found, cuts),
            "best": ranking.best(found),
            "heat": _heat(found, cuts),
        }
        for name, frame in own.items():
            frame.insert(0, "response", response.label)
            parts[name].append(frame)
    made = {name: pd.concat(part, ignore_index=True) for name, part in parts.items()}
    asked = scenarios.sought(study)
    more = scenarios.tables(asked, study, made["points"]) if asked else {}
    if study.across:
        more = {**more, "spread": markets.spread(study, each)}
    if claims.of(study):
        more = {**more, "claims": claims.table(study, made["points"])}
        if study.across:
            more = {**more, "claimed": markets.claimed(study, each)}
    return {"runs": runs, **made, **more}


def _runs(study: Study, store: Store, design: pd.DataFrame) -> pd.DataFrame:
    """Return a row per run; `done` tells a run that is missing from one without a value."""
    design = study.across.main(design) if study.across else design
    runs = gather.responses(store, design, study.responses, study.of)
    there = set(store.read("runs", ["run_id"], runs=design["run_id"])["run_id"])
    runs.insert(3, "done", runs["run_id"].isin(there))
    return runs.drop(columns=DROPPED).rename(columns={"arm": "point"})


def precision(study: Study, store: Store, design: pd.DataFrame) -> list[str]:
    """Say how wide the intervals of points will be, from the runs that are there."""
    sweep = study.points
    assert isinstance(sweep, Sweep)
    runs = _runs(study, store, design)
    runs = markets.by_market(study, runs) if study.across else runs
    out, each = [], "market" if study.across else "replicate"
    for response in study.responses:
        found = Found(sweep, values(runs, response.label, len(sweep), study.observations))
        half = estimates.expected(found.y, study.observations)
        if half is None:
            out.append(f"Too few runs in the pilot to say how precise {response.title} will be.")
            continue
        own = scale([Amount(size) for size in half], response.unit, change=True)
        out.append(
            f"With {formats.count(study.observations, each)} expect {response.title} of a "
            f"point within ± {own.with_unit(half[0])}, and the difference of two points within "
            f"± {own.with_unit(half[1])} (from {int((~np.isnan(found.y)).sum())} runs)."
        )
    return out


def _points(found: Found) -> pd.DataFrame:
    """Return every point with its mean, and its difference to the base within replicates."""
    frame = found.sweep.frame().rename(columns={"arm": "point"}).drop(columns="block")
    own = [interval(row) for row in found.y]
    gain = [interval(row - found.y[0]) for row in found.y]
    for name in Interval._fields:
        frame[name] = [getattr(i, name) for i in own]
    frame["planned"] = found.y.shape[1]
    frame["usable"] = found.usable.points
    return frame.assign(
        difference=[g.mean for g in gain],
        difference_low=[g.low for g in gain],
        difference_high=[g.high for g in gain],
        pairs=[g.n for g in gain],
    )


def _main(found: Found, cuts: list[Levels]) -> pd.DataFrame:
    """Return the mean over the points of each level, and how far it is from that of all."""
    rows = []
    n = len(found.own)
    for axis, cut in zip(found.sweep.axes, cuts, strict=True):
        level = found.level(cut)
        drawn = found.spread(level)
        for k, label in enumerate(cut.labels):
            here = level == k
            row: dict[str, Any] = {"factor": axis.name, "level": label, "at": cut.at[k]}
            row["points"] = int(here.sum())
            if here.any():
                weights = here / here.sum()
                row |= estimates.contrast(found.whole, weights, drawn)._asdict()
                effect = estimates.contrast(found.whole, weights - 1 / n, drawn)
                row |= {"effect": effect.mean, "effect_low": effect.low, "effect_high": effect.high}
            rows.append(row)
    measured = [*Interval._fields, "effect", "effect_low", "effect_high"]
    return pd.DataFrame(rows, columns=["factor", "level", "at", "points", *measured])


HEAT = ["x", "y", "x_level", "y_level", "x_at", "y_at", "points"]


def _heat(found: Found, cuts: list[Levels]) -> pd.DataFrame:
    """Return the mean over the points of each pair of levels, and its difference to the base.

    Of grids only: in a sample, few points fall into a pair.
    """
    differences = ["difference", "difference_low", "difference_high"]
    columns = [*HEAT, *Interval._fields, *differences]
    rows: list[dict[str, Any]] = []
    pairs = combinations(range(len(cuts)), 2) if found.grid else ()
    for a, b in pairs:
        names = {"x": found.sweep.axes[a].name, "y": found.sweep.axes[b].name}
        first, second = found.level(cuts[a]), found.level(cuts[b])
        for i, j in np.ndindex(len(cuts[a]), len(cuts[b])):
            own = found.whole[(first == i) & (second == j)]
            place: dict[str, Any] = {"x_level": cuts[a].labels[i], "y_level": cuts[b].labels[j]}
            place |= {"x_at": cuts[a].at[i], "y_at": cuts[b].at[j], "points": len(own)}
            if len(own):
                mean = own.mean(axis=0)
                place |= interval(mean)._asdict()
                if found.base is not None:
                    gain = interval(mean - found.base)
                    place |= dict(zip(differences, gain[:3], strict=True))
            rows.append(names | place)
    return pd.DataFrame(rows, columns=columns)

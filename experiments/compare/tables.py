"""From the runs on disk to the tables of a comparison's summary."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import formats, gather
from experiments.compare import effects, rivalry
from experiments.intervals import Interval, expected_half, interval, means
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.store import Store
from experiments.study import Study

FORECAST = ("long_run_revenue", "long_run_contribution")
"""What a forecast is about."""


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of a comparison's summary, by name."""
    found = gather.metrics(store, design)
    names = [name for name in METRICS if name in found.columns]
    own = found[found["brand"] == study.of]
    out = {
        "arms": means(own, names),
        "effects": effects.effects(own, names, study.baseline),
        "returns": effects.returns(own, study.baseline),
        "brands": rivalry.means(found, names),
        "rivals": rivalry.effects(found, study.baseline),
        "portfolios": rivalry.portfolios(found, study),
        "complete": _complete(design, set(found["run_id"])),
    }
    only = [("brand", "=", study.of)]
    columns = ["run_id", "day", "contribution"]
    daily = store.read("series", columns, only, design["run_id"])
    if not daily.empty:
        out["cumulative"] = _cumulative(daily, design, study)
        cohort = store.read("curves", None, [*only, ("curve", "=", "cohort")], design["run_id"])
        if not cohort.empty:
            out["retention"] = _retention(cohort, design)
        switch = store.read("curves", None, [("curve", "=", "switch")], design["run_id"])
        out["switching"] = rivalry.switching(switch, design, study)
    return out


def _complete(design: pd.DataFrame, present: set[str]) -> pd.DataFrame:
    """Return by replicate whether all its runs are there."""
    there = design["run_id"].isin(present)
    return there.groupby(design["replicate"]).all().rename("complete").reset_index()


def _cumulative(daily: pd.DataFrame, design: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return by arm and day the incremental contribution so far, in CNY, with its interval."""
    rows = gather.by_replicate(daily, design)
    wide = rows.pivot(index=["arm", "replicate"], columns="day", values="contribution")
    total = wide.cumsum(axis=1) / 100
    parts: list[pd.DataFrame] = []
    if study.baseline not in total.index.get_level_values("arm"):
        return rivalry.stack(parts, ["arm", "day", *Interval._fields])
    base = total.loc[study.baseline]
    for arm in design["arm"].unique():
        if arm != study.baseline and arm in total.index.get_level_values("arm"):
            own = total.loc[arm]
            both = own.index.intersection(base.index)
            values = (own.loc[both] - base.loc[both]).to_numpy()
            parts.append(_band(values, total.columns.to_numpy(), "day").assign(arm=arm))
    return rivalry.stack(parts, ["arm", "day", *Interval._fields])


def _retention(cohort: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """Return by arm and month of age the share of newcomers who order, all cohorts together."""
    rows = gather.by_replicate(cohort, design)
    sums = rows.groupby(["arm", "replicate", "y"])[["top", "bottom"]].sum()
    share = (sums["top"] / sums["bottom"]).unstack("y")
    parts = []
    for arm in design["arm"].unique():
        if arm in share.index.get_level_values("arm"):
            values = share.loc[arm].to_numpy(float)
            parts.append(_band(values, share.columns.to_numpy(), "age").assign(arm=arm))
    return rivalry.stack(parts, ["arm", "age", *Interval._fields])


def _band(values: NDArray[np.float64], x: NDArray[Any], name: str) -> pd.DataFrame:
    """Return the mean and interval of each column of `values`, float64[replicates, len(x)]."""
    points = [interval(values[:, k]) for k in range(values.shape[1])]
    frame = pd.DataFrame(points, columns=list(Interval._fields))
    frame.insert(0, name, x)
    return frame


def precision(study: Study, store: Store, design: pd.DataFrame) -> list[str]:
    """Say how wide the intervals will be, from the pairs that are there."""
    found = gather.metrics(store, design, FORECAST)
    own = found[found["brand"] == study.of]
    table = effects.effects(own, list(FORECAST), study.baseline)
    return [_expected(row, study.replicates.n) for row in table.itertuples()]


def _expected(row: Any, n: int) -> str:
    name = METRICS[row.metric].label
    if row.pairs < 2:
        return f"{row.arm}: too few pairs in the pilot to say how precise {name} will be."
    half = formats.compact(expected_half(row.half_paired, row.pairs, n))
    return (
        f"{row.arm}: with {n} pairs expect {name} within ± {half} CNY "
        f"(from {row.pairs} pairs, in which it is {formats.compact(row.difference)})."
    )

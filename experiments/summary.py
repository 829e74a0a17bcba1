"""From the runs on disk to the tables of a summary. Plots, report and terminal show only these."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import experiments
from experiments import compare, curves, observed, rivalry
from experiments.errors import StudyError
from experiments.identity import digest, essence
from experiments.metrics import METRICS
from experiments.store import Store
from experiments.study import Study

Tables = dict[str, pd.DataFrame]


def fingerprint(study: Study, design: pd.DataFrame, present: Iterable[str]) -> str:
    """Return what a summary is made from: runs, question, and the code that makes it."""
    folder = Path(experiments.__path__[0])
    sources = sorted([*folder.rglob("*.py"), *folder.rglob("*.j2")])
    code = (essence(p.read_text()) if p.suffix == ".py" else p.read_text() for p in sources)
    runs = sorted(present)
    return digest(study.kind, study.of, study.baseline, str(len(design)), *runs, *code)


def results(store: Store, design: pd.DataFrame) -> pd.DataFrame:
    """Return all results: a row per arm, replicate and brand, a column per metric.

    Raises
    ------
    StudyError
        If no run of the design has finished.
    """
    runs = store.read("runs", runs=design["run_id"])
    if runs.empty:
        raise StudyError(f"no run has finished in {store.folder}")
    columns = ["run_id", "arm", "replicate"]
    joined = design[columns].merge(runs.drop(columns=["seed", "config_hash"]), on="run_id")
    order = {arm: k for k, arm in enumerate(design["arm"].unique())}
    joined["_arm"] = joined["arm"].map(order)
    joined = joined.sort_values(["_arm", "replicate"], kind="stable", ignore_index=True)
    return joined.drop(columns="_arm")


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return all tables of a study's summary, by name."""
    found = results(store, design)
    names = [name for name in METRICS if name in found.columns]
    makers: dict[str, Callable[..., Tables]] = {"run": _run, "compare": _compare}
    return makers[study.kind](study, store, design, found, names)


# -- run ----------------------------------------------------------------------------------------


def _run(
    study: Study, store: Store, design: pd.DataFrame, found: pd.DataFrame, names: list[str]
) -> Tables:
    out = {"metrics": compare.means(found, names, by="brand")}
    ids = design["run_id"]
    daily = store.read("series", ["brand", "day", "net_revenue", "contribution"], runs=ids)
    if not daily.empty:
        out["daily"] = _daily(daily, list(found["brand"].unique()))
        out["curves"] = _pooled(store.read("curves", runs=ids))
        out |= _beside_log(study, store, design)
    return out


def _beside_log(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return repeat purchases beside those of the log by which people enter, if there is one."""
    market = study.arms[study.baseline]
    if market["people"]["entry"]["kind"] != "log":
        return {}
    columns = ["day", "n_orders", "n_first_orders"]
    series = store.read("series", columns, [("brand", "=", study.of)], design["run_id"])
    table = observed.compare(market, observed.repeats_in_series(series))
    return {} if table is None else {"log": table}


def _daily(series: pd.DataFrame, brands: list[str]) -> pd.DataFrame:
    """Return the mean over runs of revenue and contribution, by brand and day, in CNY."""
    mean = series.groupby(["brand", "day"])[["net_revenue", "contribution"]].mean() / 100
    return mean.reindex(brands, level="brand").reset_index()


def _pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return curves with numerators and denominators summed over runs."""
    keys = ["brand", "curve", "x", "y"]
    return rows.groupby(keys, sort=True)[["top", "bottom"]].sum().reset_index()


# -- compare ------------------------------------------------------------------------------------


def _compare(
    study: Study, store: Store, design: pd.DataFrame, found: pd.DataFrame, names: list[str]
) -> Tables:
    own = found[found["brand"] == study.of]
    out = {
        "arms": compare.means(own, names),
        "effects": compare.effects(own, names, study.baseline),
        "returns": compare.returns(own, study.baseline),
        "brands": rivalry.means(found, names),
        "rivals": rivalry.effects(found, study.baseline),
        "portfolios": rivalry.portfolios(found, study),
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


def _by_replicate(rows: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    return design[["run_id", "arm", "replicate"]].merge(rows, on="run_id")


def _cumulative(daily: pd.DataFrame, design: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return by arm and day the incremental contribution so far, in CNY, with its interval."""
    rows = _by_replicate(daily, design)
    wide = rows.pivot(index=["arm", "replicate"], columns="day", values="contribution")
    total = wide.cumsum(axis=1) / 100
    parts: list[pd.DataFrame] = []
    if study.baseline not in total.index.get_level_values("arm"):
        return rivalry.stack(parts, ["arm", "day", *compare.Interval._fields])
    base = total.loc[study.baseline]
    for arm in design["arm"].unique():
        if arm != study.baseline and arm in total.index.get_level_values("arm"):
            own = total.loc[arm]
            both = own.index.intersection(base.index)
            values = (own.loc[both] - base.loc[both]).to_numpy()
            parts.append(_band(values, total.columns.to_numpy(), "day").assign(arm=arm))
    return rivalry.stack(parts, ["arm", "day", *compare.Interval._fields])


def _retention(cohort: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """Return by arm and month of age the share of newcomers who order, all cohorts together."""
    rows = _by_replicate(cohort, design)
    sums = rows.groupby(["arm", "replicate", "y"])[["top", "bottom"]].sum()
    share = (sums["top"] / sums["bottom"]).unstack("y")
    parts = []
    for arm in design["arm"].unique():
        if arm in share.index.get_level_values("arm"):
            values = share.loc[arm].to_numpy(float)
            parts.append(_band(values, share.columns.to_numpy(), "age").assign(arm=arm))
    return rivalry.stack(parts, ["arm", "age", *compare.Interval._fields])


def _band(values: NDArray[np.float64], x: NDArray[Any], name: str) -> pd.DataFrame:
    """Return the mean and interval of each column of `values`, float64[replicates, len(x)]."""
    points = [compare.interval(values[:, k]) for k in range(values.shape[1])]
    frame = pd.DataFrame(points, columns=list(compare.Interval._fields))
    frame.insert(0, name, x)
    return frame


def survival(table: pd.DataFrame, brand: str) -> pd.DataFrame:
    """Return the Kaplan-Meier curve to the second order of a brand, from the table `curves`."""
    rows = table[(table["curve"] == "survival") & (table["brand"] == brand)]
    return curves.survival(rows)

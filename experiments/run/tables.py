"""From the runs on disk to the tables of a run's summary."""

from typing import Any

import pandas as pd

from experiments import gather, logs, provenance
from experiments.formats import count
from experiments.intervals import expected_half, means
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.run import observed
from experiments.scales import Amount, scale
from experiments.store import Store
from experiments.study import Study

FORECAST = ("long_run_revenue", "long_run_contribution")
"""What a forecast is about."""


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of a run's summary, by name."""
    found = gather.metrics(store, design)
    names = [name for name in METRICS if name in found.columns]
    out = {"metrics": means(found, names, by="brand")}
    ids = design["run_id"]
    daily = store.read("series", ["brand", "day", "net_revenue", "contribution"], runs=ids)
    if not daily.empty:
        out["daily"] = _daily(daily, list(found["brand"].unique()))
        out["curves"] = _pooled(store.read("curves", runs=ids))
        out |= _beside_log(study, store, design)
    return out


def _beside_log(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return repeat purchases beside those of the log by which people enter, if there is one."""
    market = study.base
    if market["people"]["entry"]["kind"] != "log" or not logs.readable(market):
        return {}
    if not provenance.is_as_recorded(market["people"]["entry"]["log"], store.manifest()):
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


def precision(study: Study, store: Store, design: pd.DataFrame) -> list[str]:
    """Say how wide the intervals will be, from the runs that are there."""
    found = gather.metrics(store, design, FORECAST)
    table = means(found, list(FORECAST), by="brand")
    return [_expected(row, study.replicates.n) for row in table[table["n"] > 1].itertuples()]


def _expected(row: Any, n: int) -> str:
    half = expected_half((row.high - row.low) / 2, row.n, n)
    own = scale([Amount(row.mean, half)], "CNY")
    return (
        f"{row.brand}: with {count(n, 'run')} expect {METRICS[row.metric].label} within "
        f"± {own.with_unit(half)} (from {count(row.n, 'run')}, in which it is "
        f"{own.with_unit(row.mean)})."
    )

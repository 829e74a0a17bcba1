"""From the runs on disk to the tables of a comparison's summary."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import curves, units
from experiments.compare import effects, equal_spend, markets, pilot, rivalry, statement, stopping
from experiments.intervals import Interval, expected_half, interval, means
from experiments.kinds import Tables
from experiments.markets import Market
from experiments.metrics import METRICS
from experiments.responses import Response
from experiments.scales import Amount, scale
from experiments.store import Store
from experiments.study import Study


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of a comparison's summary, by name."""
    over = markets.tables(study, store, design)
    design = study.across.main(design) if study.across else design
    complete = _complete(design, set(store.read("runs", ["run_id"])["run_id"]))
    everything = units.metrics(store, design)
    asked: Mapping[str, Market] = getattr(study.points, "asked", study.arms)
    all_runs, design = design, stopping.whole(study, design)
    found = everything[everything["run_id"].isin(design["run_id"])]
    names = [name for name in METRICS if name in found.columns]
    own = found[found["brand"] == study.of]
    out = {
        "arms": means(own, names),
        "responses": _responses(study, store, design),
        "effects": effects.effects(own, names, study.baseline),
        "returns": effects.returns(own, study.baseline),
        "brands": rivalry.means(found, names),
        "rivals": rivalry.effects(found, study.baseline),
        "portfolios": rivalry.portfolios(found, study),
        "complete": complete,
    } | over
    of = everything[everything["brand"] == study.of]
    if getattr(study.spec, "pilot", None) is not None:
        out["pilot"] = pilot.estimates(of, study.baseline, asked)
    if getattr(study.spec, "spend", None) is not None:
        out |= equal_spend.tables(study, asked, _spending(study, store, all_runs, of))
    out |= statement.tables(study, store, design)
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


def _spending(study: Study, store: Store, design: pd.DataFrame, of: pd.DataFrame) -> pd.DataFrame:
    """Return what each run spent, and its first response as `y`."""
    main = study.responses[0]
    found = units.responses(store, design, (main,), study.of)
    y = found[["run_id", "arm", "replicate", main.label]].rename(columns={main.label: "y"})
    return y.merge(of[["arm", "replicate", "spend"]], on=["arm", "replicate"])


def _responses(study: Study, store: Store, design: pd.DataFrame) -> pd.DataFrame:
    """Return the effects on the responses of the study, judged together."""
    found = units.responses(store, design, study.responses, study.of)
    labels = [response.label for response in study.responses]
    return effects.family(found, labels, study.baseline)


def _complete(design: pd.DataFrame, present: set[str]) -> pd.DataFrame:
    """Return by replicate whether all its runs are there."""
    there = design["run_id"].isin(present)
    places = [design[name] for name in ("market_id", "replicate") if name in design]
    return there.groupby(places).all().rename("complete").reset_index()


def _cumulative(daily: pd.DataFrame, design: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return by arm and day the incremental contribution so far, in CNY, with its interval."""
    rows = units.by_observation(daily, design, ["day"])
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
    """Return by arm and month of age the share of newcomers who order.

    Of the cohorts that are observed for all of the curve, the same at each age; `customers` is how
    many these are, per run.
    """
    rows = units.by_observation(cohort, design, ["brand", "curve", "x", "y"])
    last, whole = _same_cohorts(rows)
    rows = rows[rows["x"].isin(whole) & (rows["y"] <= last)]
    sums = rows.groupby(["arm", "replicate", "y"])[["top", "bottom"]].sum()
    share = (sums["top"] / sums["bottom"]).unstack("y")
    parts = []
    for arm in design["arm"].unique():
        if arm in share.index.get_level_values("arm"):
            values = share.loc[arm].to_numpy(float)
            size = float(sums.loc[arm].xs(0, level="y")["bottom"].mean())
            band = _band(values, share.columns.to_numpy(), "age")
            parts.append(band.assign(arm=arm, customers=size))
    return rivalry.stack(parts, ["arm", "age", *Interval._fields, "customers"])


def _same_cohorts(rows: pd.DataFrame) -> tuple[int, list[int]]:
    """Return the last month of age of a curve, and the cohorts observed for all of it."""
    people = rows.groupby(["x", "y"])["bottom"].sum().unstack("y", fill_value=0)
    there = people.eq(people[0], axis=0)  # every customer of a cohort was observed so long
    last = curves.window(pd.Series({y: people[0][there[y]].sum() for y in people}))
    return last, list(people.index[there[last]])


def _band(values: NDArray[np.float64], x: NDArray[Any], name: str) -> pd.DataFrame:
    """Return the mean and interval of each column of `values`, float64[replicates, len(x)]."""
    points = [interval(values[:, k]) for k in range(values.shape[1])]
    frame = pd.DataFrame(points, columns=list(Interval._fields))
    frame.insert(0, name, x)
    return frame


def precision(study: Study, store: Store, design: pd.DataFrame) -> list[str]:
    """Say how wide the intervals will be, from the pairs that are there."""
    design = study.across.main(design) if study.across else design
    table = _responses(study, store, stopping.whole(study, design))
    return [
        _expected(row, response, study)
        for response in study.responses
        for row in table[table["metric"] == response.label].itertuples()
    ]


def _expected(row: Any, response: Response, study: Study) -> str:
    if row.pairs < 2:
        return f"{row.arm}: too few pairs in the pilot to say how precise {response.title} will be."
    over = study.across
    n = len(over.of(over.shown)) if over else study.replicates.n
    each = "markets" if over else "pairs"
    half = expected_half(row.half_paired, row.pairs, n)
    own = scale([Amount(row.difference, half)], response.unit, change=True)
    return (
        f"{row.arm} against {study.baseline}: with {n} {each} expect the difference in "
        f"{response.title} within ± {own.with_unit(half)} (from {row.pairs} {each}, in which it is "
        f"{own.with_unit(row.difference)})."
    )

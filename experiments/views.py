"""What of a summary is shown, in words and tables of text; terminal and report share it."""

import math
from typing import Any, NamedTuple

import pandas as pd

from experiments import formats, observed
from experiments.conduct import Outcome
from experiments.metrics import METRICS
from experiments.study import Study
from experiments.summary import Tables

MAX_BRANDS = 10
"""A table that is read has no more columns; the others are in the tables on disk."""
MONEY = ("long_run_revenue", "long_run_contribution")
RUN_GROUPS = {
    "Money": (
        "gmv",
        "net_revenues",
        "contribution_profit",
        "long_run_revenue",
        "long_run_contribution",
        "share_of_revenue",
    ),
    "Orders and customers": (
        "orders",
        "share_of_orders",
        "customers",
        "new_customers",
        "aov",
        "refund_rate",
    ),
    "Coming back": ("repeat_rate", "retention", "order_gap", "ltv", "cac", "ltv_to_cac", "payback"),
    "Leaving and contact": (
        "dropouts_product",
        "dropouts_service",
        "dropouts_both",
        "dropouts_neither",
        "touches",
        "answer_rate",
        "opt_out_rate",
        "reminded_share",
    ),
}
"""Metrics of a run in the order shown; the others are in the tables on disk."""
QUIET = "Leaving and contact"
"""The group whose zeros are left out."""


class View(NamedTuple):
    """A table of text."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a study."""
    return _compare(study, tables) if study.kind == "compare" else _run(study, tables)


def _run(study: Study, tables: Tables) -> list[View]:
    frame = tables["metrics"]
    brands = list(frame["brand"].unique())[:MAX_BRANDS]
    cells = frame.set_index(["metric", "brand"])
    known = set(frame["metric"])
    shown = []
    for title, names in RUN_GROUPS.items():
        rows = []
        for name in (name for name in names if name in known):
            mean = cells["mean"].xs(name, level="metric").loc[brands]
            # What is not defined says nothing; nor does it that nobody left or was contacted.
            if mean.notna().any() and (title != QUIET or mean.any()):
                unit = METRICS[name].unit
                row = [formats.with_interval(cells.loc[(name, brand)], unit) for brand in brands]
                rows.append([_label(name), *row])
        shown.append(View(title, ["", *brands], rows))
    if "log" in tables:
        title = f"Repeat purchases of brand {study.of}, simulated and in the log"
        shown.append(View(title, observed.VIEW, observed.rows(tables["log"])))
    return shown


def _label(name: str) -> str:
    metric = METRICS[name]
    plain = metric.unit in ("share", "people") or metric.unit in metric.label
    return metric.label if plain else f"{metric.label}, {metric.unit}"


def _compare(study: Study, tables: Tables) -> list[View]:
    levels = tables["arms"].set_index(["arm", "metric"])
    effects = tables["effects"].set_index(["arm", "metric"])
    returns = tables["returns"].set_index("arm")
    arms = list(tables["arms"]["arm"].unique())
    others = [arm for arm in arms if arm != study.baseline]
    shown = ("long_run_revenue", "long_run_contribution", "retention", "repeat_rate")
    per_arm = [
        [arm, *(formats.with_interval(levels.loc[(arm, m)], METRICS[m].unit) for m in shown)]
        for arm in arms
    ]
    out = [View("Each arm, ± 95 %", ["arm", *map(_label, shown)], per_arm)]
    for name in MONEY:
        known = [arm for arm in others if (arm, name) in effects.index]
        rows = [[arm, *_effect(effects.loc[(arm, name)])] for arm in known]
        if name == "long_run_contribution":
            for row in rows:
                row.append(formats.with_interval(returns.loc[row[0]], "ratio"))
        columns = ["arm", "incremental, CNY", "relative", "p (Holm)", "corr.", "± unpaired"]
        columns += ["return on spend"] if name == "long_run_contribution" else []
        title = f"Incremental {METRICS[name].label}, against {study.baseline}, ± 95 %"
        out.append(View(title, columns, rows))
    return [*out, _rivals(study, tables)]


def _effect(row: pd.Series) -> list[str]:
    return [
        formats.with_interval(row, "CNY", "difference"),
        formats.value(row.relative, "share"),
        formats.p_value(row.p_holm),
        formats.correlation(row.correlation),
        formats.compact(row.half_unpaired),
    ]


def _rivals(study: Study, tables: Tables) -> View:
    """Return who gains and who pays, as incremental long-run net revenue of every brand."""
    frame = tables["rivals"]
    frame = frame[frame["metric"] == "long_run_revenue"].set_index(["arm", "brand"])
    brands = list(dict.fromkeys(frame.index.get_level_values("brand")))[:MAX_BRANDS]
    rows = []
    for arm in dict.fromkeys(frame.index.get_level_values("arm")):
        cells = (
            formats.with_interval(frame.loc[(arm, b)], "CNY", "difference")
            if (arm, b) in frame.index
            else formats.NOTHING
            for b in brands
        )
        rows.append([arm, *cells])
    title = "Incremental long-run net revenue of every brand, CNY, ± 95 %"
    return View(title, ["arm", *brands], rows)


# -- in words -------------------------------------------------------------------------------------


def findings(study: Study, tables: Tables) -> list[str]:
    """Say in sentences what a comparison found; nothing for a run."""
    if study.kind != "compare":
        return []
    effects = tables["effects"]
    rows = effects[effects["metric"] == "long_run_contribution"]
    return [_finding(study, row) for row in rows.itertuples()]


def _finding(study: Study, row: Any) -> str:
    arm, base = row.arm, study.baseline
    if row.pairs == 0:
        return f"{arm}: no replicate finished in both {arm} and {base}."
    more = "more" if row.difference >= 0 else "less"
    size = formats.compact(abs(row.difference))
    start = (
        f"{arm} earns brand {study.of} {size} CNY {more} long-run contribution profit than {base}"
    )
    if row.pairs < 2:
        return f"{start} in one pair of runs; one pair gives no interval: raise replicates.n."
    sure = f"95 % interval {formats.compact(row.low)} to {formats.compact(row.high)}"
    if row.low == row.high == 0:
        return f"{arm} changes nothing at all against {base}."
    verdict = "" if row.low > 0 or row.high < 0 else ", so the sign is not certain"
    return f"{start} ({sure}, {row.pairs} pairs{verdict})."


def caveats(study: Study, outcome: Outcome) -> list[str]:
    """Say what a reader must know about how the results came about."""
    out = []
    missing = outcome.planned - outcome.done
    if missing:
        out.append(
            f"{formats.count(missing, 'run')} of {outcome.planned:,} failed and "
            "are left out; see failures.jsonl."
        )
    if study.kind == "compare":
        present = set(outcome.store.read("runs", ["run_id"])["run_id"])
        design = outcome.design[outcome.design["run_id"].isin(present)]
        counts = design.groupby("arm")["replicate"].nunique()
        whole = design.groupby("replicate")["arm"].nunique() == outcome.design["arm"].nunique()
        if (counts < study.replicates.n).any():
            out.append(
                f"{int(whole.sum())} of {study.replicates.n} replicates are complete in all arms; "
                "a pair that lacks a run is dropped from that comparison."
            )
    if study.replicates.n == 1:
        out.append("One replicate gives no interval; raise replicates.n to learn how sure this is.")
    if len(outcome.codes) > 1:
        out.append(f"The runs come from {len(outcome.codes)} versions of the code (--allow-mixed).")
    return out


def note(study: Study, tables: Tables) -> str:
    """Say which numbers are blank because the run is too short."""
    frame = tables["metrics" if study.kind == "run" else "arms"]
    rows = frame[frame["metric"] == "retention"]
    if len(rows) and all(math.isnan(mean) for mean in rows["mean"]):
        return (
            "Annual retention needs two years of orders (burn-in counts as the first): "
            "the market is too short for it."
        )
    return ""

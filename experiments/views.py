"""What of a summary is shown, in words and tables of text; terminal and report share it."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments import formats, views_compare, views_run
from experiments.conduct import Outcome
from experiments.study import Study
from experiments.summary import Tables
from experiments.tabular import View


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a study."""
    makers = {"run": views_run.views, "compare": views_compare.views}
    return makers[study.kind](study, tables)


# -- in words -------------------------------------------------------------------------------------


def findings(study: Study, tables: Tables) -> list[str]:
    """Say in sentences what a comparison found; nothing for a run."""
    if study.kind != "compare":
        return []
    base = study.baseline
    found = [
        _finding(row, row.arm, f"brand {study.of}", base) for row in _profit(tables["effects"])
    ]
    for row in _profit(tables["portfolios"]):
        whose = f"a brand that does it (mean over {row.brands})"
        found.append(_finding(row, row.portfolio, whose, base))
    return found


def _profit(table: pd.DataFrame) -> Iterator[Any]:
    return table[table["metric"] == "long_run_contribution"].itertuples()


def _finding(row: Any, arm: str, whose: str, base: str) -> str:
    if row.pairs == 0:
        return f"{arm}: no replicate finished in both {arm} and {base}."
    more = "more" if row.difference >= 0 else "less"
    size = formats.compact(abs(row.difference))
    start = f"{arm} earns {whose} {size} CNY {more} long-run contribution profit than {base}"
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

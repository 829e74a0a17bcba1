"""What a comparison found, in sentences."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments import formats
from experiments.kinds import Tables
from experiments.study import Study


def findings(study: Study, tables: Tables) -> list[str]:
    """Say what each arm and each portfolio earns."""
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


def incomplete(study: Study, tables: Tables) -> list[str]:
    """Say how many replicates lack a run."""
    pairs = tables["complete"]
    whole, planned = int(pairs["complete"].sum()), study.replicates.n
    if whole == planned:
        return []
    return [
        f"{whole} of {planned} replicates are complete in all arms; "
        "a pair that lacks a run is dropped from that comparison."
    ]

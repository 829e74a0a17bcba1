"""What a comparison found, in sentences."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments import formats
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.study import Study


def findings(study: Study, tables: Tables) -> list[str]:
    """Say what each arm, and each portfolio that several brands have, does to the main response."""
    main = study.responses[0]
    whose = f"brand {main.of or study.of}"
    base = study.baseline
    found = [_finding(row, row.arm, main, whose, base) for row in _about(main, tables["responses"])]
    found += [
        _finding(row, row.portfolio, main, f"a brand (mean over {row.brands})", base)
        for row in _about(main, tables["portfolios"])
    ]
    return found + (_pilots(tables["pilot"]) if "pilot" in tables else [])


def _pilots(table: pd.DataFrame) -> list[str]:
    """Say what each pilot would make believe of contribution profit."""
    profit = table[table["metric"] == "contribution_profit"]
    means = profit.pivot(index="arm", columns="what", values=["mean", "low", "high"])
    found = []
    for arm in profit["arm"].unique():
        row = means.loc[arm]
        ends = [formats.compact(row[end, "error"]) for end in ("low", "high")]
        sure = row["low", "error"] > 0 or row["high", "error"] < 0
        verdict = "it misleads" if sure else "that it misleads is not certain"
        found.append(
            f"A pilot of {arm} says {formats.compact(row['mean', 'naive'])} CNY of contribution "
            f"profit over the run, on average, where rolling it out brings "
            f"{formats.compact(row['mean', 'true'])} CNY: {verdict} "
            f"(95 % interval of its mean error {ends[0]} to {ends[1]} CNY)."
        )
    return found


def _about(main: Response, table: pd.DataFrame) -> Iterator[Any]:
    return table[table["metric"] == main.label].itertuples()


def _finding(row: Any, arm: str, response: Response, whose: str, base: str) -> str:
    if row.pairs == 0:
        return f"{arm}: no replicate finished in both {arm} and {base}."
    if row.low == row.high == 0:
        return f"{arm} changes nothing at all against {base}."
    what, size = response.metric.label, _size(abs(row.difference), response)
    verb = "raises" if row.difference >= 0 else "lowers"
    start = f"{arm} {verb} {what} of {whose} by {size} against {base}"
    if row.pairs < 2:
        return f"{start} in one pair of runs; one pair gives no interval: raise replicates.n."
    ends = f"{formats.value(row.low, response.unit)} to {formats.value(row.high, response.unit)}"
    verdict = "" if row.low > 0 or row.high < 0 else ", so the sign is not certain"
    return f"{start} (95 % interval {ends}, {row.pairs} pairs{verdict})."


def _size(size: float, response: Response) -> str:
    text, unit = formats.value(size, response.unit), response.unit
    return text if unit.startswith("share") else f"{text} {unit}"


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

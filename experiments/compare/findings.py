"""What a comparison found, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.compare import equal_spend, shares
from experiments.formats import count
from experiments.kinds import Tables
from experiments.markets import Market
from experiments.responses import Response
from experiments.statements import Estimate, effect, not_distinguishable, of_brand
from experiments.study import Study


def findings(study: Study, tables: Tables) -> list[str]:
    """Say what was spent, and what each arm or shared portfolio does to the first response."""
    asked: Mapping[str, Market] = getattr(study.points, "asked", study.arms)
    spent, comparable = equal_spend.findings(study, asked, tables)
    found = [*shares.findings(study, tables, comparable), *spent]
    if comparable and study.across is None:
        found += _effects(study, tables)
    each = "market" if study.across else "replicate"
    return found + (_pilots(tables["pilot"], each) if "pilot" in tables else [])


def _effects(study: Study, tables: Tables) -> list[str]:
    main, base = study.responses[0], study.baseline
    whose = of_brand(main, study.of)
    tests = int(tables["responses"]["p"].notna().sum())
    found = [
        _finding(row, row.arm, main, whose, base, tests)
        for row in _about(main, tables["responses"])
    ]
    portfolios = list(_about(main, tables["portfolios"]))
    return found + [
        _finding(
            row,
            row.portfolio,
            main,
            f"{main.metric.label} of a brand (mean over {row.brands})",
            base,
            len(portfolios),
        )
        for row in portfolios
    ]


def _about(main: Response, table: pd.DataFrame) -> Iterator[Any]:
    return table[table["metric"] == main.label].itertuples()


def _finding(row: Any, arm: str, response: Response, what: str, base: str, tests: int) -> str:
    estimate = Estimate(row.difference, row.low, row.high, response.unit)
    return effect(arm, what, base, estimate, row.pairs, p_adjusted=row.p_holm, comparisons=tests)


def _pilots(table: pd.DataFrame, each: str) -> list[str]:
    """Say what each pilot would make believe of contribution profit."""
    profit = table[table["metric"] == "contribution_profit"].set_index(["arm", "what"])
    return [
        _pilot(arm, profit.loc[arm], each)
        for arm in dict.fromkeys(profit.index.get_level_values(0))
    ]


def _pilot(arm: str, rows: pd.DataFrame, each: str) -> str:
    own = rows.to_dict("index")
    naive, true, error = (
        Estimate(own[what]["mean"], own[what]["low"], own[what]["high"], "CNY")
        for what in ("naive", "true", "error")
    )
    pairs = count(int(own["error"]["n"]), each)
    beside = (
        f" It estimates an effect of rolling {arm} out on contribution profit over the run of "
        f"{naive.size_signed} ({naive.interval() or 'no interval'}); the true "
        f"effect is {true.size_signed} ({true.interval() or 'no interval'})."
    )
    if not error.known:
        return f"Not known: whether the pilot of {arm} misleads; {pairs} gives no interval.{beside}"
    if not error.decided:
        return not_distinguishable(f"the error of the pilot of {arm}", error, pairs) + beside
    way = "overstates" if error.mean > 0 else "understates"
    return f"The pilot of {arm} {way} by {error.size} ({error.interval()}, {pairs}).{beside}"


def incomplete(study: Study, tables: Tables) -> list[str]:
    """Say how many replicates lack a run."""
    if study.across is not None:
        return shares.incomplete(study, tables)
    pairs = tables["complete"]
    whole, planned = int(pairs["complete"].sum()), study.replicates.n
    if whole == planned:
        return []
    return [
        f"{whole} of {planned} replicates are complete in all arms; "
        "a pair that lacks a run is dropped from that comparison."
    ]

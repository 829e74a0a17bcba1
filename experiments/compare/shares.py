"""What a comparison over an ensemble found, in sentences and tables: in what share of markets."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.across import ID
from experiments.between import DECIDED, ENOUGH
from experiments.formats import count
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.scales import Amount, scale
from experiments.statements import Estimate, of_brand
from experiments.study import Study
from experiments.tabular import Head, Heads, Rows, View, amount, by_column
from experiments.unknowns import ALPHA
from experiments.verdicts import VERDICTS, bounds, percent

PROFIT = ("long_run_contribution", "contribution_profit")
"""Responses of which more is what an arm is for: it pays."""
NAMED = 3
"""So many unknowns are named."""


def main_rows(study: Study, tables: Tables) -> pd.DataFrame:
    """Return the rows over markets that sentences are about: of the first response."""
    frame = tables["ensemble"]
    assert study.across is not None
    own = (frame["metric"] == study.responses[0].label) & (frame["ranges"] == study.across.shown)
    return frame[own]


def findings(study: Study, tables: Tables, comparable: bool = True) -> list[str]:
    """Say in what share of markets each arm pays, first of all arms together; none of another study.

    Parameters
    ----------
    study, tables
        A comparison.
    comparable
        Arms with equal budgets have spent the same.
    """
    if study.across is None:
        return []
    rows = main_rows(study, tables)
    if rows.empty:
        return ["Not known: what the arms do. No replicate of any market has a value in all arms."]
    spent = "" if comparable else " Each arm is taken at what it spends."
    return [
        _first(study, rows) + spent,
        *(_arm(study, tables, row) for row in rows.to_dict("records")),
    ]


def _first(study: Study, rows: pd.DataFrame) -> str:
    """Say it of all arms in one sentence."""
    markets = _markets(study, rows)
    does = _does(study.responses[0])
    few = (rows["verdict"] == "few").any()
    each = []
    for row in rows.to_dict("records"):
        text = f"{row['arm']} {does} in {percent(row['share'])}"
        each.append(text if few else f"{text} ({bounds(row)}: {VERDICTS[row['verdict']]})")
    listed = ", ".join(each)
    if few:
        return (
            f"Cannot decide: {markets}, at least {ENOUGH} are needed. So far, as an estimate: "
            f"{listed}."
        )
    return f"Of {markets} not ruled out, {listed}."


def _markets(study: Study, rows: pd.DataFrame) -> str:
    assert study.across is not None
    n, counted = int(rows["markets"].max()), float(rows["effective"].min())
    text = count(n, "market")
    if counted < n - 0.5:
        text += f" (by their weights as good as {counted:.0f})"
    return text + (" of the doubled ranges" if study.across.shown == "doubled" else "")


def _does(response: Response) -> str:
    return "pays" if response.metric.name in PROFIT else f"raises {response.title}"


def _arm(study: Study, tables: Tables, row: Any) -> str:
    """Say what an arm does over markets, how much they differ, and what decides."""
    main = study.responses[0]
    head = f"{row['arm']}: {main.metric.label} rises in {percent(row['share'])} of markets"
    told = [f"bounds, each of 95 %: {bounds(row)}", *_doubled(study, tables, row)]
    mean = Estimate(row["mean"], row["low"], row["high"], main.unit)
    size = f"{mean.size_signed}" + (f" ({mean.interval()})" if mean.known else "")
    own = scale([Amount(row["between"]), Amount(row["error"])], main.unit, change=True)
    spread = (
        f"True effects differ between markets by {own.with_unit(row['between'])} (standard "
        f"deviation); the error of a market’s mean is {own.with_unit(row['error'])}."
    )
    if row["error"] > row["between"]:
        spread += " The error is the larger: more replicates would tell more."
    verdict = " ".join([_verdict(row), *_unknowns(tables, row)])
    whose = of_brand(main, study.of)
    return (
        f"{head} ({'; '.join(told)}). {verdict} The mean change of {whose} against "
        f"{study.baseline} is {size}. {spread}"
    )


def _doubled(study: Study, tables: Tables, row: Any) -> Iterator[str]:
    assert study.across is not None
    frame = tables["ensemble"]
    other = frame[
        (frame["arm"] == row["arm"])
        & (frame["metric"] == row["metric"])
        & (frame["ranges"] != row["ranges"])
    ]
    for wide in other.to_dict("records"):
        yield f"in ranges twice as wide {percent(wide['share'])}, {bounds(wide)}"


def _verdict(row: Any) -> str:
    sure = f"that it {'rises' if row['verdict'] == 'raises' else 'falls'} in more than "
    sure += percent(DECIDED)
    if row["verdict"] == "few":
        n = f"{row['markets']} markets"
        if row["effective"] < row["markets"] - 0.5:
            n += f", by weight as good as {row['effective']:.0f}"
        return f"Cannot decide: {n}, at least {ENOUGH} are needed."
    if row["verdict"] == "open":
        return "The data do not decide it."
    return f"Decided, {sure} of markets."


def _unknowns(tables: Tables, row: Any) -> Iterator[str]:
    """Say what the difference between markets goes with, unless all is decided."""
    if row["verdict"] in ("raises", "lowers"):
        return
    frame = tables["unknowns"]
    own = frame[(frame["arm"] == row["arm"]) & (frame["ranges"] == row["ranges"])]
    if own.empty:
        return
    sure = own[own["p"] <= ALPHA].head(NAMED)
    if sure.empty:
        yield (
            "No unknown alone goes with the difference between markets more than chance would "
            "have it."
        )
        return
    each = ", ".join(f"{r['parameter']} ({percent(r['share'])})" for r in sure.to_dict("records"))
    yield f"What decides, as shares of the difference between markets that go with it: {each}."


def incomplete(study: Study, tables: Tables) -> list[str]:
    """Say what is missing, and what the tables of arms are means of; none of another study."""
    over = study.across
    if over is None:
        return []
    out = [
        "Tables by arm are means over "
        f"{'the markets of the stated ranges' if over.ranges == 'both' else 'markets'}, each of which "
        "is the mean of its replicates; ± is from the scatter between markets."
    ]
    rows = over.of(over.shown)
    if len({round(one.member.weight, 9) for one in rows}) > 1:
        out.append("They count all markets alike; shares of markets count them by their weights.")
    complete = tables["complete"]
    done, planned = int(complete["complete"].sum()), len(rows) * study.replicates.n
    if done < planned:
        kept = complete[complete["complete"]][ID].nunique()
        out.append(
            f"{done:,} of {planned:,} replicates of markets are complete in all arms; the others "
            f"are left out, and with them {len(rows) - kept} of {len(rows)} markets."
        )
    return out


def method(study: Study) -> list[str]:
    """Say how the numbers over markets come about; nothing of another study."""
    over = study.across
    if over is None:
        return []
    n, doubled = len(over.of("stated")), len(over.of("doubled"))
    each = [f"{n} of the stated ranges"] * bool(n) + [f"{doubled} of the doubled"] * bool(doubled)
    return [
        f"The study is run in markets of the ensemble {over.name} that its calibration does not rule "
        f"out, {' and '.join(each)}, {study.replicates.n} replicates each. Arms share draws within a "
        "market and replicate. What markets truly differ by and the error inside them are told "
        "apart by the variance of paired differences within markets (method of moments). The share "
        "of markets in which an effect is positive is counted from market means pulled toward the "
        "overall mean by the square root of the true share of their variance, since raw signs are "
        "biased toward one half by the error. Its bounds are 5 and 95 % of a bootstrap over "
        "markets, in which the error is taken to be as small as the data allow, and are never "
        "inside exact binomial ones. An effect is decided if the bound is above "
        f"{percent(DECIDED)}, which takes {ENOUGH} markets.",
        "What the difference between markets goes with: adjusted R² of ranks of effects on ranks of "
        "an unknown and their squares, beside what shuffled effects give of any unknown. Tables that "
        "follow are means over markets; their intervals are from the scatter between markets.",
    ]


# -- tables ---------------------------------------------------------------------------------------


def views(study: Study, tables: Tables) -> list[View]:
    """Return what effects are over markets and in each, and what they go with."""
    if study.across is None:
        return []
    return [
        *(_over(study, tables, response) for response in study.responses),
        _unknown(study, tables),
        _each(study, tables),
    ]


def _over(study: Study, tables: Tables, response: Response) -> View:
    frame = tables["ensemble"]
    several = frame["ranges"].nunique() > 1
    rows: Rows = []
    for row in frame[frame["metric"] == response.label].to_dict("records"):
        name = f"{row['arm']}, {row['ranges']}" if several else row["arm"]
        rows.append(
            [
                name,
                percent(row["share"]),
                bounds(row),
                VERDICTS[row["verdict"]],
                amount(row),
                Amount(row["between"]),
                Amount(row["error"]),
                f"{row['markets']}",
            ]
        )
    title = f"{response.title[0].upper()}{response.title[1:]} over markets, against "
    heads: Heads = [
        "arm",
        "rises in",
        "95 % bounds",
        "",
        Head("mean change, ± 95 %", response.unit, True, "effect"),
        Head("differs by (sd)", response.unit, True, "effect"),
        Head("error of a market", response.unit, True, "effect"),
        "markets",
    ]
    return by_column(title + study.baseline, heads, rows)


def _unknown(study: Study, tables: Tables) -> View:
    frame = tables["unknowns"]
    assert study.across is not None
    frame = frame[(frame["ranges"] == study.across.shown) & (frame["p"] <= ALPHA)]
    rows: Rows = [
        [r["arm"], r["parameter"], percent(r["share"]), f"{r['p']:.3f}", _way(r["direction"])]
        for r in frame.to_dict("records")
    ]
    title = "Unknowns with which the difference between markets goes"
    note = (
        "Share of what truly differs; p: as much by chance with any unknown. Unknowns go together, so "
        "shares overlap."
    )
    return by_column(
        title, ["arm", "unknown", "share", "p", "effect where it is higher"], rows, note=note
    )


def _way(direction: float) -> str:
    if math.isnan(direction):
        return "by choice"
    if abs(direction) < 0.2:
        return "bends"
    return "higher" if direction > 0 else "lower"


def _each(study: Study, tables: Tables) -> View:
    """Return the effect of each arm in each market, for the report."""
    main = study.responses[0]
    frame = tables["markets"]
    assert study.across is not None
    own = frame[(frame["metric"] == main.label) & (frame["ranges"] == study.across.shown)]
    arms = list(dict.fromkeys(own["arm"]))
    cells = {
        (r[ID], r["arm"]): Amount(r["effect"], 1.96 * r["error"]) for r in own.to_dict("records")
    }
    nothing = Amount(float("nan"))
    rows: Rows = [
        [one, *(cells.get((one, arm), nothing) for arm in arms)] for one in dict.fromkeys(own[ID])
    ]
    title = f"Change of {main.title} in each market, ± 95 % of its error"
    heads: Heads = ["market", *(Head(arm, main.unit, True, "effect") for arm in arms)]
    return by_column(title, heads, rows, detail=True)

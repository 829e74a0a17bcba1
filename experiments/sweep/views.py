"""The tables of a sweep: the highest and lowest points, and what each factor does."""

from typing import Any

import pandas as pd

from experiments import formats
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.study import Study
from experiments.sweep import claims, scenarios
from experiments.sweep.levels import text
from experiments.sweep.words import columns, in_unit, names, of
from experiments.tabular import View

ENDS = 5
"""So many of the highest and of the lowest points are shown."""


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a sweep."""
    shown = claims.views(study, tables)
    for response in study.responses:
        shown += [
            _points(study, tables, response),
            _factors(study, tables, response),
            _main(study, tables, response),
        ]
    return [*shown, *scenarios.view(tables)]


def _points(study: Study, tables: Tables, response: Response) -> View:
    """Return the points with the highest and the lowest means, and the market as it is."""
    frame = of(tables, "points", response)
    frame = frame[frame["n"] > 0]
    points = frame[frame["role"] != "base"].sort_values("mean", ascending=False, kind="stable")
    factors = columns(study, tables, response)
    short = names(study)
    parts = [points] if len(points) <= 2 * ENDS else [points.head(ENDS), points.tail(ENDS)]
    shown = [
        [[row["point"], *_row(row, factors, response)] for row in part.to_dict("records")]
        for part in parts
    ]
    rows = shown[0]
    if len(shown) > 1:
        rows = [*rows, ["…", *["" for _ in rows[0][1:]]], *shown[1]]
    base = frame[frame["role"] == "base"].to_dict("records")
    rows += [["as it is", *_row(row, factors, response)] for row in base]
    title = f"Points with the highest and lowest {in_unit(response.title, response)}, ± 95 %"
    head = ["point", *(short[name] for name in factors), "mean", "more than as it is", "runs"]
    return View(title, head, rows)


def _row(row: dict[Any, Any], factors: list[str], response: Response) -> list[str]:
    gain = {"mean": row["difference"], "low": row["difference_low"], "high": row["difference_high"]}
    base = row["role"] == "base"
    return [
        *(text(row[name]) for name in factors),
        formats.with_interval(pd.Series(row), response.unit),
        formats.NOTHING if base else formats.with_interval(pd.Series(gain), response.unit),
        f"{row['n']} of {row['planned']}" if row["n"] != row["planned"] else str(row["n"]),
    ]


def _factors(study: Study, tables: Tables, response: Response) -> View:
    """Return what each factor does over its range, averaged over the others."""
    frame = of(tables, "factors", response)
    short = names(study)
    rows = [
        [
            short[row["factor"]],
            text(row["lowest"]),
            text(row["highest"]),
            formats.with_interval(row, response.unit, "swing"),
            formats.value(row["share"], "share"),
        ]
        for _, row in frame.iterrows()
    ]
    title = f"What each factor does to {response.title}, averaged over the others, ± 95 %"
    head = [
        "factor",
        "lowest at",
        "highest at",
        in_unit("difference", response),
        "share of variance",
    ]
    return View(title, head, rows)


def _main(study: Study, tables: Tables, response: Response) -> View:
    """Return the mean at each level of each factor."""
    frame = of(tables, "main", response)
    short = names(study)
    rows = []
    for _, row in frame.iterrows():
        effect = {"mean": row["effect"], "low": row["effect_low"], "high": row["effect_high"]}
        rows.append(
            [
                short[row["factor"]],
                row["level"],
                f"{row['points']:,}",
                formats.with_interval(row, response.unit),
                formats.with_interval(pd.Series(effect), response.unit),
            ]
        )
    title = f"Mean {in_unit(response.title, response)} by level, ± 95 %"
    head = ["factor", "level", "points", "mean", "more than the mean of all points"]
    return View(title, head, rows, detail=True)

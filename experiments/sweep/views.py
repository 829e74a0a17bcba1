"""The tables of a sweep: the highest and lowest points, and what each factor does."""

from typing import Any

from experiments import formats
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.scales import Amount
from experiments.study import Study
from experiments.sweep import claims, markets, scenarios
from experiments.sweep.levels import text
from experiments.sweep.points import Sweep
from experiments.sweep.words import columns, names, of
from experiments.tabular import Cell, Head, Heads, Rows, View, amount, by_column

ENDS = 5
"""So many of the highest and of the lowest points are shown."""


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a sweep."""
    shown = [*markets.views(study, tables), *claims.views(study, tables)]
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
        [[row["point"], *_row(row, factors)] for row in part.to_dict("records")] for part in parts
    ]
    rows = shown[0]
    if len(shown) > 1:
        rows = [*rows, ["…", *["" for _ in rows[0][1:]]], *shown[1]]
    base = frame[frame["role"] == "base"].to_dict("records")
    rows += [["as it is", *_row(row, factors)] for row in base]
    title = f"Points with the highest and lowest {response.title}, ± 95 %"
    heads: Heads = [
        "point",
        *(short[name] for name in factors),
        Head("mean", response.unit),
        Head("more than as it is", response.unit, True),
        "runs",
    ]
    return by_column(title, heads, rows, note=_columns_left_out(study, factors))


def _columns_left_out(study: Study, shown: list[str]) -> str:
    assert isinstance(study.points, Sweep)
    every = study.points.rows.factors
    if len(shown) == len(every):
        return ""
    return (
        f"{len(shown)} of {len(every)} factors have a column, those that do most; the others are "
        "in the table of points on disk."
    )


def _row(row: dict[Any, Any], factors: list[str]) -> list[Cell]:
    gain = amount(row, "difference", "difference_low", "difference_high")
    return [
        *(text(row[name]) for name in factors),
        amount(row),
        formats.NOTHING if row["role"] == "base" else gain,
        f"{row['n']} of {row['planned']}" if row["n"] != row["planned"] else str(row["n"]),
    ]


def _factors(study: Study, tables: Tables, response: Response) -> View:
    """Return what each factor does over its range, averaged over the others."""
    frame = of(tables, "factors", response)
    short = names(study)
    rows: Rows = [
        [
            short[row["factor"]],
            text(row["lowest"]),
            text(row["highest"]),
            amount(row, "swing"),
            Amount(row["share"]),
        ]
        for _, row in frame.iterrows()
    ]
    title = f"What each factor does to {response.title}, averaged over the others, ± 95 %"
    heads: Heads = [
        "factor",
        "lowest at",
        "highest at",
        Head("difference", response.unit, True),
        Head("share of variance", "share"),
    ]
    return by_column(title, heads, rows)


def _main(study: Study, tables: Tables, response: Response) -> View:
    """Return the mean at each level of each factor."""
    frame = of(tables, "main", response)
    short = names(study)
    rows: Rows = [
        [
            short[row["factor"]],
            row["level"],
            f"{row['points']:,}",
            amount(row),
            amount(row, "effect", "effect_low", "effect_high"),
        ]
        for _, row in frame.iterrows()
    ]
    heads: Heads = [
        "factor",
        "level",
        "points",
        Head("mean", response.unit),
        Head("more than the mean of all points", response.unit, True),
    ]
    return by_column(f"Mean {response.title} by level, ± 95 %", heads, rows, detail=True)

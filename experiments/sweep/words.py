"""What factors, responses and amounts are called in tables, sentences and pictures of a sweep."""

import pandas as pd

from experiments import formats
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.scales import Amount, scale
from experiments.study import Study
from experiments.sweep.levels import short_names
from experiments.sweep.points import Sweep

MOST_COLUMNS = 4
"""So many factors a table of points has; the others are in the tables on disk."""


def names(study: Study) -> dict[str, str]:
    """Return what each factor and each axis is called in tables and plots."""
    assert isinstance(study.points, Sweep)
    short = short_names([factor.name for factor in study.points.rows.factors])
    for axis in study.points.axes:
        if axis.name not in short:
            short[axis.name] = f"{axis.name} ({', '.join(short[f.name] for f in axis.factors)})"
    return short


def of(tables: Tables, name: str, response: Response) -> pd.DataFrame:
    """Return the rows of a table that are of one response."""
    return tables[name][tables[name]["response"] == response.label]


def in_unit(what: str, response: Response, change: bool = False) -> str:
    """Return `what, unit`; shares are in per cent, differences of them in percentage points."""
    return f"{what}, {formats.unit_of(response.unit, change)}"


def columns(study: Study, tables: Tables, response: Response) -> list[str]:
    """Return the factors of which a table of points has columns, those that do most first."""
    assert isinstance(study.points, Sweep)
    members = {axis.name: [factor.name for factor in axis.factors] for axis in study.points.axes}
    ranked = of(tables, "factors", response)["factor"]
    return [name for axis in ranked for name in members[axis]][:MOST_COLUMNS]


def amount(number: float, response: Response) -> str:
    """Return a number with its unit."""
    return scale([Amount(number)], response.unit).with_unit(number)

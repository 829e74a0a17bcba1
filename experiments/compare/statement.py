"""The statement of profit and loss of each arm, and what its cash makes of it.

Sales through distributors count when a person buys. The lines below contribution profit lead from
there to cash: what is owed or was taken in without being revenue, such as distributors' stock.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments import units
from experiments.compare import effects
from experiments.intervals import means
from experiments.kinds import Tables
from experiments.store import Store
from experiments.study import Study
from experiments.tabular import Cell, Head, Rows, View, amount, whole
from sim.accounts import Line, accounts


class Entry(NamedTuple):
    """A line of the statement.

    Attributes
    ----------
    name
        Column of the daily books.
    label
        What readers are shown.
    sign
        1 if it adds to what is above, -1 if it takes from it, 0 for a sum.
    """

    name: str
    label: str
    sign: int


def entries() -> list[Entry]:
    """Return the lines of the statement, from gross sales to cash."""
    return [
        *_lines(Line.SALES, 1),
        *_lines(Line.REDUCTION, -1),
        Entry("net_revenue", "net revenue", 0),
        *_lines(Line.COST, -1),
        Entry("contribution", "contribution profit", 0),
        *_lines(Line.OWED, 1),
        *_lines(Line.APART, 1),
        Entry("cash", "cash", 0),
    ]


def _lines(line: Line, sign: int) -> Iterator[Entry]:
    for name, account in accounts().items():
        if account.line == line:
            label = account.label or name.lower().replace("_", " ")
            yield Entry(name.lower(), label, sign)


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return table `statement`: by arm and line what it is over the run, and what it changes, CNY.

    Columns `arm`, `metric` (the line), `mean`, `low`, `high`, `n`, and of the difference from the
    baseline `difference`, `change_low`, `change_high`. Nothing if the days are not recorded.
    """
    names = [entry.name for entry in entries()]
    columns = ["run_id", *names]
    daily = store.read("series", columns, [("brand", "=", study.of)], design["run_id"])
    if daily.empty:
        return {}
    whole_run = daily.groupby("run_id", sort=False)[names].sum().div(100).reset_index()
    runs = units.by_observation(whole_run, design, [])
    changes = effects.effects(runs, names, study.baseline)
    changes = changes.rename(columns={"low": "change_low", "high": "change_high"})
    kept = ["arm", "metric", "difference", "change_low", "change_high"]
    return {"statement": means(runs, names).merge(changes[kept], how="left")}


def view(study: Study, tables: Tables) -> View:
    """Return the statement to be shown: arms side by side, lines that are nothing anywhere left out."""
    title = Head("Profit and loss over the run", "CNY", group="statement")
    frame = tables.get("statement")
    if frame is None or frame.empty:
        return View(title.name, [], [])
    cells: Any = frame.set_index(["arm", "metric"])
    arms = list(dict.fromkeys(frame["arm"]))
    rows: Rows = []
    for entry in entries():
        values = [cells.loc[(arm, entry.name)] for arm in arms]
        if entry.sign == 0 or any(np.abs(row["mean"]) > 0 for row in values):
            head: list[Cell] = [f"{_SIGNS[entry.sign]} {entry.label}"]
            rows.append([*head, *(amount(row) for row in values)])
    return whole(title, ["", *arms], rows, tail=", ± 95 %", note=NOTE)


_SIGNS = {1: "+", -1: "−", 0: "="}
NOTE = (
    "Not discounted. Sales through distributors count when a person buys; below contribution profit "
    "is what leads from there to the brand's cash, such as stock that distributors have paid for."
)

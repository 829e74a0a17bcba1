"""Tables of text, and what their columns and rows are called."""

from typing import NamedTuple

import pandas as pd

from experiments.metrics import METRICS

MAX_BRANDS = 10
"""A table that is read has no more columns; the others are in the tables on disk."""
_PLAIN = ("people", "orders", "invitations", "times")
"""Units that a label need not say."""


class View(NamedTuple):
    """A table of text; one of detail is in the report only."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""
    detail: bool = False


def label(name: str) -> str:
    """Return what a metric is called, with its unit unless that is plain."""
    metric = METRICS[name]
    plain = metric.unit in ("share", "share of runs", *_PLAIN) or metric.unit in metric.label
    return metric.label if plain else f"{metric.label}, {metric.unit}"


def too_short(frame: pd.DataFrame) -> list[str]:
    """Say which numbers are blank because the run is too short.

    Parameters
    ----------
    frame
        Columns `metric` and `mean`.
    """
    rows = frame[frame["metric"] == "retention"]
    if rows.empty or not rows["mean"].isna().all():
        return []
    return [
        "Annual retention needs two years of orders (burn-in counts as the first): "
        "the market is too short for it."
    ]

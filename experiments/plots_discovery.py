"""Pictures of scenario discovery: what a box trades off, and where it lies."""

import math
import textwrap
from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from experiments import boxes, style
from experiments.boxes import Box, Limit, is_category, is_whole
from experiments.discovery import Discovery

MOST = 4
"""Factors in a picture of pairs: those whose limits tell most."""
ACROSS, UP = 0.7548776662466927, 0.5698402909980532
"""Steps of the sequence R2 (Roberts 2018), which fills a square evenly: for scattering points."""


def tradeoff(found: Discovery) -> Figure:
    """Coverage and density on the way to the first box; larger boxes are on the right."""
    steps = found.prim.trajectory
    title = textwrap.fill(f"Boxes: {found.what}", 60)
    figure, axes = style.figure(title, "coverage: share of all cases", "density: share of the box")
    for k, (dimensions, part) in enumerate(steps.groupby("dimensions")):
        label = f"{dimensions} factor" + ("" if dimensions == 1 else "s")
        axes.scatter(part["coverage"], part["density"], s=34, color=style.colour(k), label=label)
    axes.plot(steps["coverage"], steps["density"], color=style.GREY, lw=0.8, zorder=0)
    box = found.prim.boxes[0]
    axes.scatter(
        box.coverage, box.density, s=150, facecolor="none", edgecolor="black", lw=1.6, label="taken"
    )
    axes.axhline(found.cases.mean(), color=style.GREY, lw=1, ls=":")
    axes.annotate("all", (0.01, found.cases.mean()), va="bottom", color="#555555", fontsize=9)
    axes.set(xlim=(0, 1.03), ylim=(0, 1.03))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    style.legend(axes, steps["dimensions"].nunique() + 1)
    return figure


def pairs(
    found: Discovery, box: int = 0, units: Mapping[str, str] = MappingProxyType({})
) -> Figure | None:
    """Pairs of the factors that a box limits; runs within its other limits are opaque.

    Parameters
    ----------
    found
        The rules.
    box
        Which box.
    units
        Units of factors, where they have one.
    """
    chosen = found.prim.boxes[box]
    limits = _telling(chosen)
    if not limits:
        return None
    if len(limits) == 1:
        figure = Figure(figsize=style.SIZE)
        _panel(figure.subplots(), found, chosen, limits[0], None, units)
    else:
        size = len(limits) - 1
        side = max(2.6 * size, 4.6)
        figure = Figure(figsize=(side + 0.6, side + 0.4))
        grid = figure.subplots(size, size, squeeze=False, sharex="col", sharey="row")
        for axes in grid.flat:
            axes.set_visible(False)
        for column, row in combinations(range(len(limits)), 2):
            axes = grid[row - 1, column]
            axes.set_visible(True)
            _panel(axes, found, chosen, limits[column], limits[row], units)
            axes.label_outer()
    every = len(found.prim.boxes)
    which = f"Box {box + 1}" + (f" of {every}" if every > 1 else "")
    title = textwrap.fill(f"{which}: {found.what}", int(9 * figure.get_figwidth()))
    figure.suptitle(title, fontsize=11, fontweight="bold")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, markerscale=2)
    left = len(chosen.limits) - len(limits)
    said = (
        f"{len(limits)} of the {len(chosen.limits)} factors that the box limits: those whose "
        "limits chance explains least (quasi-p)."
    )
    return style.note(figure, said * (left > 0))


def _telling(box: Box) -> list[Limit]:
    """Return the limits, those with the lowest quasi-p values first, at most `MOST`."""
    ranked = sorted(zip(box.quasi_p, box.limits, strict=True), key=lambda pair: np.nanmin(pair[0]))
    return [limit for _, limit in ranked[:MOST]]


def _panel(
    axes: Any, found: Discovery, box: Box, x: Limit, y: Limit | None, units: Mapping[str, str]
) -> None:
    shown = {limit.factor for limit in (x, y) if limit}
    others = [limit for limit in box.limits if limit.factor not in shown]
    near = boxes.within(others, found.factors)
    across, (left, right) = _placed(x, found.factors)
    if y is None:
        up, (bottom, top) = _spread(len(across), UP), (-0.5, 0.5)
        axes.set(yticks=[])
    else:
        up, (bottom, top) = _placed(y, found.factors, UP)
    kinds = ((False, style.GREY, "others"), (True, style.colour(1), "cases"))
    for cases, colour, label in kinds:
        for close in (False, True):
            rows = (found.cases == cases) & (near == close)
            alpha = 0.75 if close else 0.16
            name = label if close else None
            axes.scatter(across[rows], up[rows], s=9, color=colour, alpha=alpha, lw=0, label=name)
    axes.add_patch(
        Rectangle(
            (left, bottom), right - left, top - bottom, fill=False, color=style.colour(0), lw=1.8
        )
    )
    axes.grid(visible=False)
    _name(axes.xaxis, x, found.factors, units)
    if y is not None:
        _name(axes.yaxis, y, found.factors, units)


def _placed(
    limit: Limit, factors: pd.DataFrame, step: float = ACROSS
) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return where the runs are on the axis of a factor, and between what the box lies there.

    Categories and whole numbers are spread about their place, so that runs do not hide each other.
    Those categories that the box allows come first.
    """
    column = factors[limit.factor]
    if is_category(column):
        at = {one: k for k, one in enumerate(_order(limit, column))}
        places = column.map(at).to_numpy(np.float64)
        return places + 0.7 * _spread(len(column), step), (-0.5, len(limit.among or at) - 0.5)
    values = column.to_numpy(np.float64)
    margin = 0.5 if is_whole(column) else 0.02 * float(np.ptp(values))
    low = values.min() if limit.low == -math.inf else limit.low
    high = values.max() if limit.high == math.inf else limit.high
    free = (limit.low == -math.inf or is_whole(column), limit.high == math.inf or is_whole(column))
    edges = (low - margin * free[0], high + margin * free[1])
    return values + is_whole(column) * 0.7 * _spread(len(values), step), edges


def _order(limit: Limit, column: "pd.Series[Any]") -> list[str]:
    allowed = list(limit.among or ())
    return allowed + [one for one in column.cat.categories if one not in allowed]


def _spread(n: int, step: float) -> NDArray[np.float64]:
    """Return n numbers that fill (-0.5, 0.5) evenly, the same each time."""
    return (np.arange(n, dtype=np.float64) * step) % 1 - 0.5


def _name(axis: Any, limit: Limit, factors: pd.DataFrame, units: Mapping[str, str]) -> None:
    unit = units.get(limit.factor, "")
    axis.set_label_text(f"{limit.factor}, {unit}" if unit else limit.factor)
    if is_category(factors[limit.factor]):
        names = _order(limit, factors[limit.factor])
        axis.set_ticks(range(len(names)), names)

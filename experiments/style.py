"""How pictures look: colours, sizes, axes, and what is said of what they leave out."""

import textwrap
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments import formats
from experiments.formats import is_share

# Okabe and Ito's colours, which the colour-blind tell apart; yellow is left out, it is too pale.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", ":", "-.")
GREY = "#999999"
STYLE: Any = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
}
SIZE = (7.2, 3.9)
Item = TypeVar("Item")


def figure(title: str, x: str, y: str, size: tuple[float, float] = SIZE) -> tuple[Figure, Any]:
    """Return a figure with one pair of axes."""
    figure = Figure(figsize=size)
    axes = figure.subplots()
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def colour(k: int) -> str:
    """Return the colour of the k-th thing; beyond the palette it begins again."""
    return COLOURS[k % len(COLOURS)]


def line(k: int) -> dict[str, Any]:
    """Return colour and dashes of the k-th line: those beyond the palette are dashed."""
    return {"color": colour(k), "ls": DASHES[k // len(COLOURS) % len(DASHES)]}


def money(axis: Any) -> None:
    """Write amounts on an axis with k and M."""
    axis.set_major_formatter(FuncFormatter(lambda v, _: formats.tick(v)))


def numbers(axis: Any, unit: str) -> None:
    """Write numbers of a unit on an axis; shares in hundredths, see `formats.unit_of`."""
    factor = 100 if is_share(unit) else 1
    axis.set_major_formatter(FuncFormatter(lambda v, _: formats.tick(factor * v)))


def legend(axes: Any, entries: int) -> None:
    """Add a legend if there is something to tell apart."""
    if entries > 5:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    elif entries > 1:
        axes.legend(fontsize=9)


def whole(axis: Any) -> None:
    """Put whole numbers on an axis, one if there is but one."""
    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def band(k: int) -> dict[str, Any]:
    """Return how an interval around the k-th thing's line is filled."""
    return {"color": colour(k), "alpha": 0.16, "lw": 0}


# -- what is left out -----------------------------------------------------------------------------


def largest(
    items: Sequence[Item], size: Callable[[Item], float], most: int
) -> tuple[list[Item], list[Item]]:
    """Return the items that a picture has room for, in their order, and the others.

    Parameters
    ----------
    items
        All that there is to draw.
    size
        How much each matters; NaN is least.
    most
        How many there is room for.
    """
    sizes = np.array([size(item) for item in items], float)
    order = np.argsort(-np.nan_to_num(sizes, nan=-np.inf), kind="stable")
    kept = set(order[:most].tolist())
    shown = [item for k, item in enumerate(items) if k in kept]
    return shown, [item for k, item in enumerate(items) if k not in kept]


def note(figure: Figure, *texts: str) -> Figure:
    """Write below a picture what it leaves out, if anything, and why."""
    said = " ".join(text for text in texts if text)
    if said:
        wide = int(16 * figure.get_figwidth())
        wrapped = textwrap.fill(said, wide)
        figure.supxlabel(wrapped, x=0.01, ha="left", fontsize=8, color="#555555")
    return figure

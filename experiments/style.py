"""How pictures look: colours, sizes, axes."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments import formats

# Okabe and Ito's colours, which the colour-blind tell apart; yellow is left out, it is too pale.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
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


def figure(title: str, x: str, y: str, size: tuple[float, float] = SIZE) -> tuple[Figure, Any]:
    """Return a figure with one pair of axes."""
    figure = Figure(figsize=size)
    axes = figure.subplots()
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def colour(k: int) -> str:
    """Return the colour of the k-th thing; beyond the palette, grey."""
    return COLOURS[k] if k < len(COLOURS) else GREY


def money(axis: Any) -> None:
    """Write amounts on an axis with k and M."""
    axis.set_major_formatter(FuncFormatter(lambda v, _: formats.tick(v)))


def legend(axes: Any, entries: int) -> None:
    """Add a legend if there is something to tell apart."""
    if entries > 5:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    elif entries > 1:
        axes.legend(fontsize=9)


def whole(axis: Any) -> None:
    """Put whole numbers on an axis."""
    axis.set_major_locator(MaxNLocator(integer=True))


def band(k: int) -> dict[str, Any]:
    """Return how an interval around the k-th thing's line is filled."""
    return {"color": colour(k), "alpha": 0.16, "lw": 0}

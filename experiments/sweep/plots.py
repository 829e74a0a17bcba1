"""Pictures of a sweep: heat maps of a grid, lines of one factor, main effects, scatter."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from experiments import formats, style
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.study import Study
from experiments.sweep import scenarios
from experiments.sweep.design import Axis
from experiments.sweep.levels import text, unit_of
from experiments.sweep.points import Sweep
from experiments.sweep.words import amount, in_unit, names, of

MOST_AXES = 24
MOST_PAIRS = 24
MOST_PANELS = 96
"""Of these no more are drawn, those with the largest effects; the others are in the tables."""
MOST_TICKS = 12
FEW_TICKS = 7
MOST_NUMBERS = 12 * 12
"""A heat map of more cells has no numbers written into it."""
BASE_COLOUR = "#555555"


def lines(study: Study, tables: Tables) -> Figure | None:
    """Mean at each value (dashed: the market as it is), and how much more that is; 95 % bands."""
    axes = _axes(study)
    if len(axes) > 1 or not _grid(study):
        return None
    responses, said = _shown(study, tables, 2)
    if not responses:
        return None
    figure, panels = _panels(len(responses), 2, 3.4)
    for (level, gain), response in zip(panels, responses, strict=True):
        levels = of(tables, "main", response)
        points = of(tables, "points", response)
        points = points[points["role"] != "base"].assign(at=levels["at"].to_numpy())
        _band(level, points, ("mean", "low", "high"), axes[0])
        _base_line(level, tables, response)
        level.set(title=response.title, ylabel=formats.unit_of(response.unit))
        _band(gain, points, ("difference", "difference_low", "difference_high"), axes[0])
        gain.axhline(0, color=BASE_COLOUR, lw=1, ls="--")
        gain.set(ylabel=in_unit("more than as it is", response, change=True))
        for panel in (level, gain):
            _label(panel, study, axes[0], levels)
            style.numbers(panel.yaxis, response.unit)
    return style.note(figure, said)


def heat(study: Study, tables: Tables) -> Figure | None:
    """Means of pairs of levels over all other factors, less the market as it is; bold: surely."""
    if not len(tables["heat"]):
        return None
    n = len(_axes(study))
    responses, left = _shown(study, tables, min(n * (n - 1) // 2, MOST_PAIRS))
    pairs, notes = [], [left]
    for response in responses:
        own, said = _pairs(study, tables, response)
        pairs += [(response, pair) for pair in own]
        notes.append(said)
    if not pairs:
        return None
    across = min(len(pairs), 2)
    figure, panels = _panels(-(-len(pairs) // across), across, 4.2)
    for panel, (response, (x, y)) in zip(panels.ravel(), pairs, strict=False):
        _map(figure, panel, study, tables, response, x, y)
    for panel in panels.ravel()[len(pairs) :]:
        panel.set_visible(False)
    return style.note(figure, *notes)


def effects(study: Study, tables: Tables) -> Figure | None:
    """Mean by level of each factor, less the mean of all points: what it does by itself."""
    if len(_axes(study)) == 1 and _grid(study):
        return None  # the lines say it
    figure, panels, places = _by_axis(study, tables)
    if not places:
        return None
    for panel, response, axis in places:
        frame = of(tables, "main", response)
        frame = frame[frame["factor"] == axis.name]
        _band(panel, frame, ("effect", "effect_low", "effect_high"), axis)
        panel.axhline(0, color=BASE_COLOUR, lw=0.8)
        _label(panel, study, axis, frame)
        style.numbers(panel.yaxis, response.unit)
    _titles(figure, panels, places, "more than on average")
    return figure


def scatter(study: Study, tables: Tables) -> Figure | None:
    """Mean of each point of the sample; blue: mean by level; dashed: the market as it is."""
    if _grid(study):
        return None
    figure, panels, places = _by_axis(study, tables)
    if not places:
        return None
    for panel, response, axis in places:
        frame = of(tables, "points", response)
        frame = frame[frame["role"] != "base"]
        means = of(tables, "main", response)
        means = means[means["factor"] == axis.name]
        panel.plot(_at(frame, axis, means), frame["mean"], ".", color=style.GREY, ms=4, alpha=0.7)
        line = "-" if axis.first.is_number else "o"  # nothing lies between two choices
        panel.plot(means["at"], means["mean"], line, color=style.colour(0), lw=1.8)
        _base_line(panel, tables, response)
        _label(panel, study, axis, means)
        style.numbers(panel.yaxis, response.unit)
    _titles(figure, panels, places, "")
    return figure


def discovery_tradeoff(study: Study, tables: Tables) -> Figure | None:
    """Scenario discovery: how dense in cases a box is, and how many of them it holds."""
    return scenarios.tradeoff(study, tables)


def discovery_box(study: Study, tables: Tables) -> Figure | None:
    """Scenario discovery: the first box of PRIM, and the points, by pairs of factors."""
    return scenarios.pairs(study, tables)


PLOTS = (lines, heat, effects, scatter, discovery_tradeoff, discovery_box)


# -- which panels ---------------------------------------------------------------------------------


def _sweep(study: Study) -> Sweep:
    assert isinstance(study.points, Sweep)
    return study.points


def _axes(study: Study) -> tuple[Axis, ...]:
    return _sweep(study).axes


def _grid(study: Study) -> bool:
    return _sweep(study).rows.method == "grid"


def _shown(study: Study, tables: Tables, panels: int) -> tuple[list[Response], str]:
    """Return the responses that have a picture, each of so many panels, and what is left out."""
    known = [r for r in study.responses if of(tables, "main", r)["mean"].notna().any()]
    most = max(1, MOST_PANELS // max(panels, 1))
    shown, left = style.largest(known, lambda r: _clear(tables, r), most)
    without = [r.title for r in study.responses if r not in known]
    said = [f"No run has a value of {', '.join(without)}."] if without else []
    if left:
        clearest = max(_clear(tables, response) for response in left)
        said.append(
            f"{len(shown)} of {len(known)} responses: those with the largest effect of a factor "
            f"relative to its interval; those of the others are below {clearest:.2g} half-widths."
        )
    return shown, " ".join(said)


def _clear(tables: Tables, response: Response) -> float:
    """Return how many times the half-width of its interval the largest effect is."""
    frame = of(tables, "main", response)
    half = (frame["effect_high"] - frame["effect_low"]) / 2
    ratio = (frame["effect"].abs() / half).where(half > 0)
    return float(ratio.max())


def _size(tables: Tables, response: Response, axis: Axis) -> float:
    """Return how far the means of an axis's levels lie apart."""
    frame = of(tables, "main", response)
    own = frame[frame["factor"] == axis.name]["mean"]
    return float(own.max() - own.min())


def _ranked(study: Study, tables: Tables, response: Response) -> tuple[list[Axis], str]:
    """Return the axes that have a panel, those that do most first, and what is left out."""

    def size(axis: Axis) -> float:
        return _size(tables, response, axis)

    shown, left = style.largest(_axes(study), size, MOST_AXES)
    shown.sort(key=lambda axis: -np.nan_to_num(size(axis)))
    if not left:
        return shown, ""
    least = amount(max(size(axis) for axis in left), response)
    return shown, (
        f"{response.title}: {len(shown)} of {len(shown) + len(left)} factors, those whose levels "
        f"lie furthest apart; the levels of each other lie within {least}."
    )


def _pairs(study: Study, tables: Tables, response: Response) -> tuple[list[tuple[Axis, Axis]], str]:
    """Return the pairs of axes that have a map, and what is left out."""
    frame = of(tables, "heat", response)
    spans = frame.groupby(["x", "y"])["mean"].agg(np.ptp).to_dict()
    ranked = sorted(_axes(study), key=lambda axis: -np.nan_to_num(_size(tables, response, axis)))

    def span(pair: tuple[Axis, Axis]) -> float:
        a, b = (axis.name for axis in pair)
        return float(spans.get((a, b), spans.get((b, a), np.nan)))

    every = [(ranked[a], ranked[b]) for b in range(len(ranked)) for a in range(b)]
    shown, left = style.largest(every, span, MOST_PAIRS)
    if not left:
        return shown, ""
    least = amount(max(span(pair) for pair in left), response)
    return shown, (
        f"{response.title}: {len(shown)} of {len(every)} pairs of factors, those whose means lie "
        f"furthest apart; the means of each other lie within {least}."
    )


def _panels(rows: int, columns: int, height: float) -> tuple[Figure, Any]:
    width = style.SIZE[0] if columns == 1 else min(4.6 * columns, 11)
    figure = Figure(figsize=(width, height * rows))
    return figure, figure.subplots(rows, columns, squeeze=False)


def _by_axis(study: Study, tables: Tables) -> tuple[Figure, Any, list[tuple[Any, Response, Axis]]]:
    """Return a figure with a row of panels per response, or more, and what each is of."""
    n = min(len(_axes(study)), MOST_AXES)
    responses, left = _shown(study, tables, n)
    if not responses:
        return Figure(), None, []
    across = min(n, 3)
    down = -(-n // across)
    figure, panels = _panels(down * len(responses), across, 3.0)
    places, notes = [], [left]
    for k, response in enumerate(responses):
        own = panels[k * down : (k + 1) * down].ravel()
        ranked, said = _ranked(study, tables, response)
        notes.append(said)
        for panel in own[len(ranked) :]:
            panel.set_visible(False)
        for panel in own[1 : len(ranked)]:
            panel.sharey(own[0])
        places += [(own[j], response, axis) for j, axis in enumerate(ranked)]
    return style.note(figure, *notes), panels, places


def _titles(figure: Figure, panels: Any, places: list[Any], what: str) -> None:
    """Say over the first panel of each response what its panels are of, and on the left in what."""
    said: set[str] = set()
    for panel, response, _ in places:
        if response.label not in said:
            panel.set_title(response.title)
        said.add(response.label)
    for row in panels:
        response = next((r for panel, r, _ in places if panel is row[0]), None)
        if response is not None:
            unit = formats.unit_of(response.unit)
            row[0].set_ylabel(in_unit(what, response, change=True) if what else unit)


# -- what is in a panel ---------------------------------------------------------------------------


def _band(panel: Any, frame: pd.DataFrame, keys: tuple[str, str, str], axis: Axis) -> None:
    """Draw means and intervals: a line with a band, or, between choices, none to join them."""
    middle, low, high = (frame[key].to_numpy(float) for key in keys)
    joined = axis.first.is_number
    panel.plot(frame["at"], middle, "o-" if joined else "o", color=style.colour(0), lw=1.6, ms=4.5)
    if joined:
        panel.fill_between(frame["at"], low, high, **style.band(0))
    else:
        panel.vlines(frame["at"], low, high, color=style.colour(0), lw=1.6)


def _base_line(panel: Any, tables: Tables, response: Response) -> None:
    frame = of(tables, "points", response)
    mean = float(frame[frame["role"] == "base"]["mean"].iloc[0])
    if not np.isnan(mean):
        panel.axhline(mean, color=BASE_COLOUR, lw=1, ls="--")


def _label(panel: Any, study: Study, axis: Axis, levels: pd.DataFrame) -> None:
    """Name the axis of a factor, with its unit; name choices."""
    panel.set_xlabel(_title(study, axis))
    if axis.first.spec.dist == "loguniform":
        panel.set_xscale("log")
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.xaxis.set_major_formatter(FuncFormatter(lambda v, _: text(float(v))))
        panel.xaxis.set_minor_formatter(NullFormatter())
        return
    if not axis.first.is_number:
        panel.set_xlim(-0.5, len(levels) - 0.5)
    if not axis.first.is_number or (_grid(study) and len(levels) <= FEW_TICKS):
        panel.set_xticks(levels["at"], levels["level"])
    else:
        panel.locator_params(axis="x", nbins=6)


def _title(study: Study, axis: Axis) -> str:
    """Return what an axis is called, and below that its unit."""
    unit = unit_of(axis.first, study.base)
    return names(study)[axis.name] + (f",\n{unit}" if unit else "")


def _at(points: pd.DataFrame, axis: Axis, levels: pd.DataFrame) -> Any:
    """Return where the points are on the axis."""
    values = points[axis.first.name]
    if axis.first.is_number:
        return values
    where = dict(zip(levels["level"], levels["at"], strict=True))
    return [where[str(value)] for value in values]


def _map(
    figure: Figure, panel: Any, study: Study, tables: Tables, response: Response, x: Axis, y: Axis
) -> None:
    """Draw the means of a pair of factors, coloured by how far they are from the base."""
    frame = of(tables, "heat", response)
    swap = not len(frame[(frame["x"] == x.name) & (frame["y"] == y.name)])
    a, b = ("y", "x") if swap else ("x", "y")
    own = frame[(frame[a] == x.name) & (frame[b] == y.name)]
    cells = {
        key: own.pivot(index=f"{b}_at", columns=f"{a}_at", values=key).to_numpy(float)
        for key in ("mean", "difference", "difference_low", "difference_high")
    }
    known = not np.isnan(cells["difference"]).all()
    shown = cells["difference"] if known else cells["mean"]
    most = float(np.nanmax(np.abs(shown))) or 1.0
    colours: dict[str, Any] = {"cmap": "RdBu", "vmin": -most, "vmax": most} if known else {}
    image = panel.imshow(shown, origin="lower", aspect="auto", **colours)
    if shown.size <= MOST_NUMBERS:
        sure = (cells["difference_low"] > 0) | (cells["difference_high"] < 0)
        _write(panel, image, shown, sure if known else np.ones_like(shown, bool), response)
    for axis, end, place in ((x, a, panel.xaxis), (y, b, panel.yaxis)):
        levels = own.drop_duplicates(f"{end}_at").sort_values(f"{end}_at")[f"{end}_level"]
        _ticks(place, list(levels))
        place.set_label_text(_title(study, axis))
    panel.grid(False)
    if len(_axes(study)) == 2:
        _frame_base(panel, tables, own, (x, a), (y, b))
    what = "more than as it is" if known else "mean"
    panel.set_title(response.title, fontsize=10)
    bar = figure.colorbar(image, ax=panel, label=in_unit(what, response, change=known))
    style.numbers(bar.ax.yaxis, response.unit)


def _frame_base(
    panel: Any, tables: Tables, cells: pd.DataFrame, x: tuple[Axis, str], y: tuple[Axis, str]
) -> None:
    """Frame the cell that is the market as it is, if there is one."""
    base = tables["points"][tables["points"]["role"] == "base"].iloc[0]
    place = []
    for axis, end in (x, y):
        levels = cells.drop_duplicates(f"{end}_at").sort_values(f"{end}_at")[f"{end}_level"]
        own = " / ".join(text(base[factor.name]) for factor in axis.factors)
        if own not in list(levels):
            return
        place.append(list(levels).index(own) - 0.5)
    panel.add_patch(Rectangle((place[0], place[1]), 1, 1, fill=False, ec="black", lw=1.6))


def _ticks(axis: Any, levels: list[str]) -> None:
    step = -(-len(levels) // MOST_TICKS)
    axis.set_ticks(range(0, len(levels), step), levels[::step], fontsize=8)


def _write(panel: Any, image: Any, shown: Any, sure: Any, response: Response) -> None:
    """Write the number into each cell, bold if its interval has no 0 in it."""
    for (i, j), cell in np.ndenumerate(shown):
        if not np.isnan(cell):
            red, green, blue, _ = image.cmap(image.norm(cell))
            ink = "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.5 else "white"
            number = formats.tick(cell * (100 if formats.is_share(response.unit) else 1))
            weight = "bold" if sure[i, j] else "normal"
            panel.text(j, i, number, ha="center", va="center", color=ink, weight=weight, fontsize=8)

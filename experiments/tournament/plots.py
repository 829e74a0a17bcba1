"""Pictures of a tournament: payoffs, wins, and what survives."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import style
from experiments.kinds import Tables
from experiments.study import Study
from experiments.tournament.played import form_of, reference, spec_of
from experiments.tournament.portrait import portrait
from experiments.tournament.views import whose

SMALL, LARGE = 8, 16
"""A heat map of up to so many portfolios has large print; of more than so many it shows some."""
Label = Callable[[Any], str]


def payoffs(study: Study, tables: Tables) -> Figure | None:
    """Payoff of the row's portfolio against the column's; framed: the best against that column."""
    unit = spec_of(study).payoff.unit
    frame = tables.get("against")
    if frame is None:
        return None
    size, digits = _scale(frame["mean"])
    title = f"Payoff of the row against the column, {size[1]}{unit}, ± 95 %".replace("  ", " ")

    def label(row: Any) -> str:
        return _number(row["mean"] / size[0], digits) + _half(
            row["low"], row["high"], size[0], digits
        )

    return _heat_maps(tables, frame, "mean", title, label, best=True)


def gains(study: Study, tables: Tables) -> Figure | None:
    """Gain of the row's portfolio over the reference, against the same opponents and paired."""
    unit = spec_of(study).payoff.unit
    frame = tables.get("against")
    if frame is None:
        return None
    size, digits = _scale(frame["gain"])
    title = f"Gain over {reference(study)} against the column, {size[1]}{unit}, ± 95 %"

    def label(row: Any) -> str:
        text = _number(row["gain"] / size[0], digits, sign=True)
        return text + _half(row["gain_low"], row["gain_high"], size[0], digits)

    return _heat_maps(tables, frame, "gain", title, label, best=True, around=0.0)


def wins(study: Study, tables: Tables) -> Figure | None:
    """How often the row's portfolio earns more than the column's beside it, %."""
    frame = tables.get("wins")
    if frame is None:
        return None
    each = "Markets" if study.across else "Replicates"
    title = f"{each} in which the row earns more than the column, %"

    def label(row: Any) -> str:
        return f"{100 * row['wins']:.0f}"

    return _heat_maps(tables, frame, "wins", title, label, around=0.5, span=0.5)


def survival(study: Study, tables: Tables) -> Figure | None:
    """Share in the end of the replicator dynamics, and mass in alpha-rank, with 95 % intervals."""
    if "shares" not in tables:
        return None
    shares = tables["shares"].set_index(["player", "portfolio"])
    ranks = tables["ranks"].set_index(["player", "portfolio"])
    players = list(dict.fromkeys(tables["shares"]["player"]))
    names = list(form_of(study).strategies[0])
    figure = Figure(figsize=(7.2, (0.9 + 0.34 * len(names)) * len(players) + 0.5))
    panels = figure.subplots(len(players), 1, squeeze=False)[:, 0]
    for axes, player in zip(panels, players, strict=True):
        order = sorted(names, key=lambda name: -float(shares.loc[(player, name), "mean"]))
        _bars(axes, shares, "mean", player, order, -0.19, "replicator: share in the end")
        if not ranks.empty:
            _bars(axes, ranks, "mass", player, order, 0.19, "alpha-rank: mass")
        axes.set_yticks(range(len(order)), order)
        axes.set_ylim(len(order) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.grid(axis="y", visible=False)
        axes.set_title(f"What survives{whose(player)}")
    panels[0].legend(loc="lower right", fontsize=9)
    return figure


def dynamics(study: Study, tables: Tables) -> Figure | None:
    """Replicator dynamics: strategies spread as far as they earn more than the average."""
    if "shares" not in tables:
        return None
    form = form_of(study)
    return portrait(form, _cube(study, tables["payoffs"]), tables["equilibria"], tables["shares"])


def _cube(study: Study, table: pd.DataFrame) -> Any:
    """Return the mean payoffs of the game, float64[player, s1, ..., sn], from the table."""
    form = form_of(study)
    key = "portfolio" if form.symmetric else "player"
    cells = {(row["profile"], row[key]): row["game"] for row in table.to_dict("records")}
    values = []
    names = dict.fromkeys(table["profile"])
    for profile, name in zip(form.profiles(), names, strict=True):
        mine = [form.strategies[p][s] for p, s in enumerate(profile)]
        values.append([cells[name, k] for k in (mine if form.symmetric else form.players)])
    return form.cube(np.array(values))


def _bars(
    axes: Any, table: Any, key: str, player: str, order: list[str], shift: float, label: str
) -> None:
    rows = table.loc[[(player, name) for name in order]]
    colour = style.colour(0 if shift < 0 else 1)
    place = np.arange(len(order)) + shift
    axes.barh(place, rows[key], height=0.34, color=colour, alpha=0.75, label=label)
    axes.hlines(place, rows["low"], rows["high"], color="#222222", lw=1.6)
    for end in ("low", "high"):
        axes.plot(rows[end], place, "|", color="#222222", ms=8, clip_on=False)


# -- heat maps ------------------------------------------------------------------------------------


def _heat_maps(
    tables: Tables,
    frame: pd.DataFrame,
    key: str,
    title: str,
    label: Label,
    *,
    best: bool = False,
    around: float | None = None,
    span: float | None = None,
) -> Figure:
    """Draw a matrix for each player, against each other."""
    frame, said = _readable(tables, frame)
    groups = list(frame.groupby(["player", "opponent"], sort=False))
    k = frame["portfolio"].nunique()
    columns = min(len(groups), 2 if k <= 4 else 1)
    rows = -(-len(groups) // columns)
    cell = 0.95 if k <= SMALL else 0.72
    longest = max(len(name) for name in frame["portfolio"]) * 0.085
    wide = columns * (cell * k + longest + 0.4)
    figure = Figure(figsize=(max(7.2, wide), 0.6 + rows * (0.62 * cell * k + 1.0 + 0.45 * longest)))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    limits = _limits(frame[key], around, span)
    for axes, ((player, opponent), own) in zip(panels, groups, strict=False):
        _heat(axes, own, key, label, limits, best, around is not None)
        if len(groups) > 1:
            axes.set_title(whose(str(player), str(opponent)).removeprefix(", "), fontsize=10)
    for axes in panels[len(groups) :]:
        axes.set_visible(False)
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return style.note(figure, said)


def _readable(tables: Tables, frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the portfolios that a heat map has room for, and what is left out, and why."""
    left_at_the_end = tables["shares"].groupby("portfolio", sort=False)["mean"].max()
    shown, left = style.largest(
        list(left_at_the_end.index), lambda name: float(left_at_the_end[name]), LARGE
    )
    if not left:
        return frame, ""
    rows = frame[frame["portfolio"].isin(shown) & frame["against"].isin(shown)]
    return rows, (
        f"{len(shown)} of {len(shown) + len(left)} portfolios: those with the largest share in the "
        f"end of the replicator dynamics; none of the others has more than "
        f"{100 * left_at_the_end[left].max():.2g} %."
    )


def _limits(values: pd.Series, around: float | None, span: float | None) -> tuple[float, float]:
    if around is None:
        return float(values.min()), float(values.max())
    reach = span or float((values - around).abs().max()) or 1.0
    return around - reach, around + reach


def _heat(
    axes: Any,
    frame: pd.DataFrame,
    key: str,
    label: Label,
    limits: tuple[float, float],
    best: bool,
    diverging: bool,
) -> None:
    names, columns = (list(dict.fromkeys(frame[c])) for c in ("portfolio", "against"))
    grid = frame.pivot(index="portfolio", columns="against", values=key).loc[names, columns]
    low, high = limits
    image = axes.imshow(
        grid,
        cmap="RdBu" if diverging else "cividis",
        vmin=low,
        vmax=high if high > low else low + 1,
        aspect="auto",
    )
    large = len(names) <= SMALL
    for row in frame.to_dict("records"):
        place = columns.index(row["against"]), names.index(row["portfolio"])
        red, green, blue, _ = image.cmap(image.norm(row[key]))
        ink = "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.5 else "white"
        size = 8.5 if large else 6.5
        axes.text(*place, label(row), ha="center", va="center", color=ink, fontsize=size)
    if best:
        for j, i in enumerate(grid.to_numpy().argmax(axis=0)):
            axes.add_patch(_frame(j, int(i)))
    small = 9 if large else 8
    axes.set_xticks(range(len(columns)), columns, fontsize=small, rotation=0 if large else 45)
    if not large or max(map(len, columns)) > 11:
        for text in axes.get_xticklabels():
            text.set(rotation=35, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names, fontsize=small)
    axes.grid(False)


def _frame(j: int, i: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((j - 0.47, i - 0.46), 0.94, 0.92, fill=False, lw=2, ec=style.COLOURS[1])


def _scale(values: pd.Series) -> tuple[tuple[float, str], int]:
    """Return a unit in which to print values, with its letter, and digits that tell them apart."""
    most = float(values.abs().max())
    unit = next(((s, f"{u} ") for s, u in ((1e6, "M"), (1e3, "k")) if most >= s), (1.0, ""))
    apart = float(np.ptp(values)) / unit[0]
    digits = 0 if not apart else max(0, 1 - math.floor(math.log10(apart)))
    return unit, min(digits, 4)


def _number(value: float, digits: int, sign: bool = False) -> str:
    value = round(value, digits) + 0.0  # no minus before a zero
    text = f"{value:{'+' if sign and value else ''},.{digits}f}"
    return text.replace("-", "−")


def _half(low: float, high: float, unit: float, digits: int) -> str:
    if math.isnan(low):
        return ""
    return f"\n± {_number((high - low) / 2 / unit, digits)}"


PLOTS = (payoffs, gains, wins, survival, dynamics)

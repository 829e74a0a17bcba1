"""Pictures of a sensitivity study."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments import style
from experiments.factors import INERT
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.scales import Amount, scale
from experiments.sensitivity.texts import RANK, of, rank, ranked, short, title_of
from experiments.study import Study

MOST = 24
"""More responses than this are in the tables only."""
DARK = "#555555"
TOP = 10
"""So many inputs have a colour and a name where all are in one panel."""
LONGEST = 40
"""So many inputs have a bar, the largest."""
OTHERS = {"color": style.GREY, "marker": "o", "alpha": 0.5}
MARKERS = "os^v"
Draw = Callable[[Any, Response, pd.DataFrame], None]


def tornado(study: Study, tables: Tables) -> Figure | None:
    """Total index of each input with its 95 % interval, and what the input does by itself."""
    if rank(study) != "ST":
        return None

    def draw(axes: Any, response: Response, rows: pd.DataFrame) -> None:
        place = np.arange(len(rows))
        axes.barh(place, rows["ST"].clip(lower=0), height=0.62, color=_colours(rows), alpha=0.75)
        if "ST_low" in rows:
            axes.hlines(place, rows["ST_low"], rows["ST_high"], color=DARK, lw=1.6)
        axes.plot(rows["S1"], place, "D", color="white", mec=DARK, ms=5.5)
        axes.set_xlabel("share of the variance of the mean response")

    figure = _stacked(study, tables, draw, "What drives the response")
    return _explained(figure, "ST, all it does, 95 % interval", "S1, by itself")


def ranking(study: Study, tables: Tables) -> Figure | None:
    """Index of each input, beside that of the control (dotted) or its noise floor (tick)."""
    column = rank(study)
    if column == "ST":
        return None

    def draw(axes: Any, response: Response, rows: pd.DataFrame) -> None:
        place = np.arange(len(rows))
        axes.barh(place, rows[column].clip(lower=0), height=0.62, color=_colours(rows), alpha=0.75)
        if f"{column}_low" in rows:
            axes.hlines(place, rows[f"{column}_low"], rows[f"{column}_high"], color=DARK, lw=1.6)
        control = rows[column][rows["input"] == INERT]
        if "floor" in rows:
            axes.plot(rows["floor"], place, "|", color="black", ms=17, mew=2)
            axes.set_xlabel(f"mu*, {response.unit}")
            style.money(axes.xaxis)
        else:
            axes.set_xlabel(column.replace("_", " "))
            if len(control):
                axes.axvline(control.iloc[0], color=DARK, lw=1, ls=":")

    return _stacked(study, tables, draw, "What the method finds of each input")


def _looks(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return how each input is drawn: the first by colour and marker, the control in black."""
    names = short(list(rows["input"]))
    ranks = [name for name in rows["input"] if name != INERT]
    colours = style.COLOURS[:-1]
    looks: dict[str, dict[str, Any]] = {name: dict(OTHERS) for name in ranks[TOP:]}
    if ranks[TOP:]:
        looks[ranks[TOP]]["label"] = f"{len(ranks) - TOP} others"
    for k, name in enumerate(ranks[:TOP]):
        turn, colour = divmod(k, len(colours))
        looks[name] = {
            "color": colours[colour],
            "marker": MARKERS[turn % len(MARKERS)],
            "label": names[name],
        }
    return looks | {INERT: {"color": "black", "marker": "x", "label": names.get(INERT)}}


def _colours(rows: pd.DataFrame) -> list[str]:
    return [style.GREY if name == INERT else style.colour(0) for name in rows["input"]]


def _stacked(study: Study, tables: Tables, draw: Draw, title: str) -> Figure | None:
    """Return one panel below the other, each with the inputs of a response, largest on top."""
    responses, said = _shown(study, tables, study.responses)
    shown = [(r, _longest(_with_values(study, tables, r))) for r in responses]
    if not shown:
        return None
    heights = [0.9 + 0.34 * len(rows) for _, rows in shown]
    figure = Figure(figsize=(7.2, 0.7 + sum(heights)))
    panels = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights).ravel()
    for axes, (response, rows) in zip(panels, shown, strict=True):
        draw(axes, response, rows)
        names = short(list(rows["input"]))
        axes.axvline(0, color=DARK, lw=1)
        axes.set_yticks(range(len(rows)), [names[name] for name in rows["input"]])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.set_title(title_of(study, response), fontsize=10, fontweight="normal")
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return style.note(figure, said, *(_smaller(study, tables, r) for r in responses))


def _shown(
    study: Study, tables: Tables, responses: Sequence[Response]
) -> tuple[list[Response], str]:
    """Return the responses that have a panel, and what is left out, and why."""
    known = [r for r in responses if len(_with_values(study, tables, r))]
    without = [title_of(study, r) for r in study.responses if r not in known]
    said = f"Without values to draw: {', '.join(without)}. " if without else ""
    shown, left = style.largest(known, lambda r: _clear(study, tables, r), MOST)
    if not left:
        return shown, said
    least = max(_clear(study, tables, r) for r in left)
    return shown, said + (
        f"{len(shown)} of {len(known)} responses: those with the largest index of an input"
        f"{' over its noise floor' if rank(study) == 'mu_star' else ''}; of the others none is "
        f"above {least:.2g}."
    )


def _clear(study: Study, tables: Tables, response: Response) -> float:
    """Return the largest index of an input; of elementary effects, over its noise floor."""
    rows = _with_values(study, tables, response)
    rows = rows[rows["input"] != INERT]
    size = rows[rank(study)]
    return float((size / rows["floor"] if "floor" in rows else size).max())


def _smaller(study: Study, tables: Tables, response: Response) -> str:
    """Say how many inputs have no bar, and how much these do at most."""
    rows = _with_values(study, tables, response)
    left = rows.drop(_longest(rows).index)
    undefined = len(ranked(study, tables, response)) - len(rows)
    said = f"{title_of(study, response)}: {undefined} inputs have no index." if undefined else ""
    if left.empty:
        return said
    most = scale([Amount(float(left[rank(study)].max()))], response.unit * ("floor" in rows))
    return said + (
        f"{title_of(study, response)}: the {LONGEST} largest of {len(rows)} inputs; none of the "
        f"others is above {most.with_unit(float(left[rank(study)].max()))}."
    )


def _longest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the largest inputs, and the control."""
    return rows[(rows.index < LONGEST) | (rows["input"] == INERT)]


def _with_values(study: Study, tables: Tables, response: Response) -> pd.DataFrame:
    rows = ranked(study, tables, response)
    return rows[rows[rank(study)].notna()].reset_index(drop=True)


def _explained(figure: Figure | None, bar: str, mark: str) -> Figure | None:
    """Say what bars and marks are, below the panels."""
    if figure is not None:
        handles = [
            Line2D([], [], color=style.colour(0), lw=7, alpha=0.75, label=bar),
            Line2D([], [], color="white", marker="D", mec=DARK, ls="", ms=5.5, label=mark),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9)
    return figure


def effects(study: Study, tables: Tables) -> Figure | None:
    """Mean size of elementary effects, and spread; thin lines end at the noise floor."""
    if rank(study) != RANK["morris"]:
        return None
    responses, said = _shown(study, tables, study.responses)
    shown = [(r, _with_values(study, tables, r)) for r in responses]
    if not shown:
        return None
    figure = Figure(figsize=(7.2, 0.6 + 3.4 * len(shown)))
    panels = figure.subplots(len(shown), 1, squeeze=False).ravel()
    for axes, (response, rows) in zip(panels, shown, strict=True):
        looks = _looks(rows)
        for row in rows.to_dict("records"):
            spread = 0.0 if pd.isna(row["sigma"]) else row["sigma"]
            look = looks[row["input"]]
            ink = look["color"]
            face = {"mec": ink, "mfc": ink if row["above_floor"] else "white", "ms": 7, "ls": ""}
            axes.hlines(spread, 0, row["floor"], color=ink, lw=1.2, alpha=0.6)
            axes.hlines(spread, row["mu_star_low"], row["mu_star_high"], color=ink, lw=2.4)
            axes.plot(row["mu_star"], spread, **look, **face)
        axes.set(xlabel=f"mu*, {response.unit}", ylabel=f"sigma, {response.unit}")
        axes.set_title(title_of(study, response), fontsize=10, fontweight="normal")
        axes.set_xlim(left=0)
        style.money(axes.xaxis)
        style.money(axes.yaxis)
        _legend(axes)
    figure.suptitle("Elementary effects", fontsize=11, fontweight="bold")
    return style.note(figure, said)


def _legend(axes: Any) -> None:
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)


def convergence(study: Study, tables: Tables) -> Figure | None:
    """Total indices from the first blocks only, as their number grows."""
    known = [r for r in study.responses if of(tables["growth"], r)["ST_low"].notna().any()]
    shown, said = _shown(study, tables, known)
    if not shown:
        return None
    figure = Figure(figsize=(7.2, 0.6 + 3.4 * len(shown)))
    panels = figure.subplots(len(shown), 1, squeeze=False).ravel()
    for axes, response in zip(panels, shown, strict=True):
        grown = of(tables["growth"], response)
        grown = grown[grown["ST_low"].notna()]
        order = ranked(study, tables, response)
        looks = _looks(order)
        for k, name in enumerate(order["input"]):
            rows = grown[grown["input"] == name]
            look = looks[name]
            blocks = rows["blocks"].to_numpy(float) * 2 ** (0.6 * k / len(order) - 0.3)
            axes.vlines(
                blocks, rows["ST_low"], rows["ST_high"], color=look["color"], lw=1, alpha=0.5
            )
            axes.plot(blocks, rows["ST"], **look, ms=4, lw=1.6)
        axes.axhline(0, color=DARK, lw=1)
        axes.set_xscale("log", base=2)
        sizes = sorted(grown["blocks"].unique())
        axes.set_xticks(sizes, [f"{int(size):,}" for size in sizes])
        axes.minorticks_off()
        axes.set(xlabel="blocks", ylabel="ST")
        axes.set_title(title_of(study, response), fontsize=10, fontweight="normal")
        _legend(axes)
    figure.suptitle("Convergence of total indices, 95 %", fontsize=11, fontweight="bold")
    return style.note(figure, said)


def cross_check(study: Study, tables: Tables) -> Figure | None:
    """Index from the runs against that of a Gaussian process fitted to them."""
    column = rank(study) if rank(study) in ("ST", "S1") else None
    known = [r for r in study.responses if of(tables["surrogate"], r)["ST"].notna().any()]
    checks, said = _shown(study, tables, known)
    if column is None or not checks:
        return None
    figure = Figure(figsize=(7.2, 0.6 + 3.6 * len(checks)))
    panels = figure.subplots(len(checks), 1, squeeze=False).ravel()
    for axes, response in zip(panels, checks, strict=True):
        rows = ranked(study, tables, response)
        own = of(tables["surrogate"], response).set_index("input").loc[rows["input"]]
        ends = pd.concat([rows[f"{column}_high"], own[column]]).max()
        axes.plot([0, ends], [0, ends], color=DARK, lw=1, ls=":")
        looks = _looks(rows)
        for k, row in enumerate(rows.to_dict("records")):
            look, height = looks[row["input"]], own[column].iloc[k]
            low, high = row[f"{column}_low"], row[f"{column}_high"]
            axes.hlines(height, low, high, color=look["color"], lw=1.6)
            axes.plot(row[column], height, **look, ls="", ms=6)
        axes.set(xlabel=f"{column}, from the runs, 95 %", ylabel=f"{column} of the surrogate")
        quality = f" (Q2 {own['q2'].iloc[0]:.2f})"
        axes.set_title(title_of(study, response) + quality, fontsize=10, fontweight="normal")
        _legend(axes)
    figure.suptitle("Cross-check by a surrogate", fontsize=11, fontweight="bold")
    return style.note(figure, said)


PLOTS = (tornado, ranking, effects, convergence, cross_check)

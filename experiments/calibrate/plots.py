"""Pictures of a calibrate study."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from experiments import formats, style
from experiments.calibrate.aims import Aim
from experiments.calibrate.found import rows_of, spec_of
from experiments.calibrate.held_out_views import held_out
from experiments.calibrate.spec import aims_of
from experiments.calibrate.waves import UNIT
from experiments.factors import Factor
from experiments.kinds import Plot, Tables
from experiments.sensitivity.texts import short
from experiments.study import Study

MOST = 24
"""Most panels of a picture."""
NARROWEST = 4
"""Parameters of which pairs are drawn."""
EDGE = 4.0
"""Half-intervals from the middle beyond which a number is drawn at the edge."""
TICKS = 4
"""Most steps between the numbers on a small axis."""
DARK = "#555555"
BINS = 12
LEAST = 1e-12
"""Smallest share of the space on an axis."""


def targets(study: Study, tables: Tables) -> Figure | None:
    """Numbers that the ensemble’s markets give, in half-intervals from the middle of each target."""
    table, members = tables["targets"], _stated(tables)
    if members.empty:
        return None
    aims = {aim.name: aim for aim in _aims(study)}
    figure, axes = style.figure(
        "Targets against the ensemble", "", "", (7.2, 1.3 + 0.36 * len(table))
    )
    axes.axvspan(-1, 1, color=style.colour(2), alpha=0.13, lw=0)
    beyond = 0
    for place, row in enumerate(table.to_dict("records")):
        held = row["role"] == "held"
        values = members[f"{'held' if held else 'target'}.{row['target']}"].to_numpy(float)
        found = _places(aims[row["target"]], values)
        beyond += int((np.abs(found) > EDGE).sum())
        found = np.clip(found, -EDGE, EDGE)
        ink = style.colour(1 if held else 0)
        known = found[np.isfinite(found)]
        axes.plot(found, np.full(len(found), place), "o", color=ink, ms=4.5, alpha=0.45, mew=0)
        if len(known):
            axes.hlines(place, *np.quantile(known, (0.05, 0.95)), color=ink, lw=2)
        medoid = found[members["medoid"].to_numpy(bool)]
        axes.plot(medoid, [place] * len(medoid), "D", color="white", mec=DARK, ms=6)
    axes.set_yticks(range(len(table)), [_with_ends(row) for row in table.to_dict("records")])
    axes.set(ylim=(len(table) - 0.4, -0.6), xlim=(-EDGE - 0.2, EDGE + 0.2))
    scale = "half-intervals from the middle, on the scale on which it is judged"
    outside = f"\n{formats.count(beyond, 'number')} farther than {EDGE:g} drawn at the edge"
    axes.set_xlabel(scale + outside * bool(beyond))  # a note would lie under the legend
    axes.grid(axis="y", visible=False)
    handles = [
        Line2D([], [], color=style.colour(0), marker="o", lw=2, label="fitted: markets, 5–95 %"),
        Line2D([], [], color=style.colour(1), marker="o", lw=2, label="held out"),
        Line2D([], [], color="white", marker="D", mec=DARK, ls="", label="medoid"),
        Patch(color=style.colour(2), alpha=0.13, label="the interval"),
    ]
    if not (table["role"] == "held").any():
        del handles[1]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=9)
    return figure


def _with_ends(row: dict[Any, Any]) -> str:
    low, high = (formats.value(row[key], row["unit"]) for key in ("low", "high"))
    return f"{row['target']}  ({low.removesuffix(' %')} to {high})"


def _places(aim: Aim, values: Any) -> Any:
    """Return numbers in half-intervals from the middle of an aim."""
    ends = aim.scaled(np.array([aim.low, aim.high]))
    return (aim.scaled(values) - aim.middle) / ((ends[1] - ends[0]) / 2)


def marginals(study: Study, tables: Tables) -> Figure | None:
    """Bars: what is left of each parameter’s range; dotted: the range itself; ticks: the ensemble."""
    region = tables["region"]
    if len(region) < BINS:
        return None
    factors, names = rows_of(study).factors, _short(study)
    shown, said = _narrowest(study, tables, MOST)
    figure, panels = _panels(len(shown), 4, (1.85, 1.75))
    places = _unit_of_members(study, tables)
    for panel, name in zip(panels, shown, strict=False):
        factor = next(f for f in factors if f.name == name)
        bins = min(BINS, len(factor.options)) if factor.options is not None else BINS
        density, edges = np.histogram(region[name], bins, (0, 1), density=True)
        panel.stairs(density, edges, fill=True, color=style.colour(0), alpha=0.55)
        panel.axhline(1, color=DARK, lw=1, ls=":")
        top = max(float(density.max()), 1.2) * 1.1
        panel.plot(
            places[name], np.full(len(places), -0.06 * top), "|", color=style.colour(1), ms=6
        )
        panel.set(xlim=(0, 1), ylim=(-0.12 * top, top), yticks=[])
        _axis(panel.xaxis, factor)
        panel.set_title(names[name], fontsize=8.5, fontweight="normal")
    figure.suptitle("What is left of each range", fontsize=11, fontweight="bold", x=0.01, ha="left")
    return style.note(figure, said, _nothing(tables))


def pairs(study: Study, tables: Tables) -> Figure | None:
    """Pairs of the narrowest parameters: grey, what is not ruled out; orange, the ensemble."""
    region = tables["region"]
    shown, _ = _narrowest(study, tables, NARROWEST)
    if len(region) < BINS or len(shown) < 2:
        return None
    factors = {factor.name: factor for factor in rows_of(study).factors}
    names, members = _short(study), _unit_of_members(study, tables)
    n = len(shown) - 1
    figure = Figure(figsize=(1.1 + 2.0 * n, 0.9 + 1.9 * n))
    panels = figure.subplots(n, n, squeeze=False)
    for i in range(n):
        for j in range(n):
            panel, x, y = panels[i, j], shown[j], shown[i + 1]
            panel.set_visible(j <= i)
            panel.plot(region[x], region[y], ".", color=style.GREY, ms=3, alpha=0.5)
            panel.plot(members[x], members[y], "o", color=style.colour(1), ms=4.5, alpha=0.8, mew=0)
            panel.set(xlim=(0, 1), ylim=(0, 1))
            _axis(panel.xaxis, factors[x], i == n - 1)
            _axis(panel.yaxis, factors[y], j == 0)
            if i == n - 1:
                panel.set_xlabel(names[x], fontsize=8.5)
            if j == 0:
                panel.set_ylabel(names[y], fontsize=8.5)
    title = "The narrowest parameters, over their whole ranges"
    figure.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return style.note(figure, _nothing(tables))


def waves(study: Study, tables: Tables) -> Figure | None:
    """Share of the space of the ranges that is not ruled out, after each wave."""
    table = tables["waves"]
    left = table["after"].to_numpy(float)
    known = np.where(left > 0, left, np.nan)
    title = "Share of the space not ruled out"
    figure, axes = style.figure(title, "after wave", "", (5.2, 3.2))
    x = np.arange(len(table) + 1)
    axes.plot(x, [1.0, *known], "o-", color=style.colour(0))
    for place, value in zip(x[1:], left, strict=True):
        if value > 0:
            text = formats.value(value, "share") if value >= 1e-4 else f"{100 * value:.1g} %"
            at = (place, value)
            axes.annotate(
                text, at, xytext=(6, 5), textcoords="offset points", ha="left", fontsize=9
            )
    axes.set_yscale("log")
    low = np.nanmin([1.0, *known])
    axes.set(xlim=(-0.25, len(table) + 0.5), ylim=(max(low / 5, LEAST), 4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.3g} %"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    style.whole(axes.xaxis)
    empty = [str(row["wave"]) for row in table.to_dict("records") if row["after"] == 0]
    said = f"After wave {', '.join(empty)} the emulators rule out everything." if empty else ""
    return style.note(figure, said)


def emulators(study: Study, tables: Tables) -> Figure | None:
    """Markets against what the last wave’s emulators expect without them (± 2 sd); green: the target."""
    checks = tables["checks"]
    names = list(dict.fromkeys(checks["target"]))[:MOST]
    if not names:
        return None
    aims = {aim.name: aim for aim in _aims(study)}
    last = tables["emulators"]
    last = last[last["wave"] == last["wave"].max()].set_index("target")
    figure, panels = _panels(len(names), 4, (1.95, 1.95))
    for panel, name in zip(panels, names, strict=False):
        own, aim = checks[checks["target"] == name], aims[name]
        both = own[["found", "expected"]].to_numpy(float)
        ends = float(both.min()), float(both.max())
        panel.plot(ends, ends, color=DARK, lw=0.8, ls=":")
        panel.axhspan(*aim.scaled(np.array([aim.low, aim.high])), color=style.colour(2), alpha=0.13)
        x, y, sd = (own[c].to_numpy(float) for c in ("expected", "found", "sd"))
        panel.errorbar(
            x, y, xerr=2 * sd, fmt="o", color=style.colour(0), ms=2.2, lw=0.5, alpha=0.5, mew=0
        )
        margin = 0.06 * (ends[1] - ends[0] or 1.0)
        panel.set(
            xlim=(ends[0] - margin, ends[1] + margin), ylim=(ends[0] - margin, ends[1] + margin)
        )
        unit = _unit_named(tables, name)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(FuncFormatter(_unscaled(aim, unit)))
            axis.set_major_locator(MaxNLocator(TICKS))
        panel.tick_params(labelsize=7.5)
        r2 = f"R² {last['r2'][name]:.2f}".replace("-", "−")
        panel.set_title(f"{name}, {r2}", fontsize=8.5, fontweight="normal")
    title = "What markets gave, against what was expected of them"
    figure.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    figure.supylabel("given", fontsize=9)
    more = f" The first {MOST} targets." if len(set(checks["target"])) > MOST else ""
    return style.note(figure, f"Across: expected, by the emulator without that market.{more}")


def influence(study: Study, tables: Tables) -> Figure | None:
    """In what share of the variance of a target’s emulator, in wave 1, a parameter has a part."""
    table = tables["influence"]
    if table.empty:
        return None
    grid = table.pivot(index="parameter", columns="target", values="share")
    grid = grid.loc[list(dict.fromkeys(table["parameter"])), list(dict.fromkeys(table["target"]))]
    names, (rows, columns) = _short(study), grid.shape
    size = (3.0 + 0.55 * columns, 1.5 + 0.27 * rows)
    figure, axes = style.figure("Which parameters each target depends on", "", "", size)
    cells = grid.to_numpy(float)
    axes.imshow(cells, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for i in range(rows):
        for j in range(columns):
            share = cells[i, j]
            if share >= 0.02:
                axes.text(j, i, f"{100 * share:.0f}", ha="center", va="center", fontsize=8)
    axes.set_yticks(range(rows), [names[name] for name in grid.index], fontsize=8.5)
    axes.set_xticks(range(columns), list(grid.columns), rotation=40, ha="right", fontsize=8.5)
    axes.grid(visible=False)
    return style.note(figure, "Per cent; an interaction counts for both of its parameters.")


# -- helpers --------------------------------------------------------------------------------------


def _stated(tables: Tables) -> pd.DataFrame:
    members = tables["ensemble"]
    return members[members["ranges"] == "stated"] if len(members) else members


def _aims(study: Study) -> tuple[Aim, ...]:
    return aims_of({**spec_of(study).fitted(), **spec_of(study).shown()})


def _nothing(tables: Tables) -> str:
    """Say that nothing is left, if that is so."""
    empty = tables["parameters"]["ratio"].isna().all()
    return "All is ruled out; drawn is where implausibility is least." if empty else ""


def _short(study: Study) -> dict[str, str]:
    return short([factor.name for factor in rows_of(study).factors])


def _narrowest(study: Study, tables: Tables, most: int) -> tuple[list[str], str]:
    """Return the parameters that are narrowed most, and what is said of the others."""
    table = tables["parameters"].sort_values("ratio", kind="stable")
    names = [str(name) for name in table["parameter"]]
    left = len(names) - most
    return names[:most], f"The {most} narrowest of {len(names)} parameters." if left > 0 else ""


def _unit_of_members(study: Study, tables: Tables) -> pd.DataFrame:
    """Return where in the unit cube the markets of the ensemble are."""
    members = _stated(tables)
    names = [factor.name for factor in rows_of(study).factors]
    columns = [f"{UNIT}{k}" for k in range(len(names))]
    if members.empty:
        return pd.DataFrame(columns=names)
    return pd.DataFrame(members[columns].to_numpy(float), columns=names)


def _panels(number: int, most: int, size: tuple[float, float]) -> tuple[Figure, Any]:
    across = min(number, most)
    down = -(-number // across)
    figure = Figure(figsize=(max(size[0] * across, 3.6), 0.7 + size[1] * down))
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for panel in panels[number:]:
        panel.set_visible(False)
    return figure, panels


def _axis(axis: Any, factor: Factor, told: bool = True) -> None:
    """Write the values of a factor on an axis of the unit cube: at its ends and middle."""
    at = factor.ends() if factor.options is not None and len(factor.options) <= 3 else [0, 0.5, 1]
    labels = [_tick(factor.label(u)) if told else "" for u in at]
    axis.set_ticks(at, labels, fontsize=7)


def _tick(label: Any) -> str:
    return formats.tick(label) if isinstance(label, int | float) else str(label)[:12]


def _unit_named(tables: Tables, name: str) -> str:
    table = tables["targets"].set_index("target")
    return str(table["unit"][name])


def _unscaled(aim: Aim, unit: str) -> Any:
    factor = 100 if formats.is_share(unit) else 1
    return lambda z, _: formats.tick(float(aim.unscaled(np.array([z]))[0]) * factor)


PLOTS: tuple[Plot, ...] = (targets, marginals, pairs, held_out, waves, emulators, influence)

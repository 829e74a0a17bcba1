"""Pictures of a comparison over an ensemble: effects by market, and what they go with."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import formats, style
from experiments.across import ID
from experiments.between import DECIDED, ENOUGH
from experiments.compare.shares import main_rows
from experiments.kinds import Tables
from experiments.study import Study
from experiments.unknowns import ALPHA
from experiments.verdicts import VERDICTS, bounds, percent

ACROSS = 3
"""A row of pictures has no more panels."""
MOST = 12
"""A picture has no more panels."""
NORMAL = 1.96


def by_market(study: Study, tables: Tables) -> Figure | None:
    """Effect of each arm in every market, sorted, with 95 % of its error; hollow: as true effects."""
    if study.across is None or main_rows(study, tables).empty:
        return None
    main = study.responses[0]
    rows = main_rows(study, tables).head(MOST)
    frame = tables["markets"]
    frame = frame[(frame["metric"] == main.label) & (frame["ranges"] == study.across.shown)]
    n = int(frame.groupby("arm")["effect"].count().max())
    figure, panels = _panels(len(rows), 1.2 + min(0.09 * max(n, 6), 3.6))
    for k, (axes, row) in enumerate(zip(panels, rows.to_dict("records"), strict=False)):
        own = frame[frame["arm"] == row["arm"]].dropna(subset=["effect"]).sort_values("effect")
        _forest(axes, own, row, style.colour(k + 1))
        axes.set_title(
            f"{row['arm']}: rises in {percent(row['share'])}\n({bounds(row)}; "
            f"{VERDICTS[row['verdict']]})",
            fontsize=9,
        )
        axes.set_xlabel(f"change, {formats.unit_of(main.unit, change=True)}", fontsize=9)
        style.numbers(axes.xaxis, main.unit)
    panels[0].set_ylabel(f"{n} markets")
    title = f"Brand {study.of}: {main.title} against {study.baseline}, by market"
    figure.suptitle(title, fontsize=11, fontweight="bold")
    note = (
        "Dots: mean and 95 % of its error in each market. Hollow: pulled toward the mean so that they "
        "scatter as true effects do; their signs are the share. Band: mean over markets, 95 %."
    )
    return style.note(figure, note, _left_out(study, tables))


def _left_out(study: Study, tables: Tables) -> str:
    left = len(main_rows(study, tables)) - MOST
    return f"{left} more arms are in the table." if left > 0 else ""


def _forest(axes: Any, own: pd.DataFrame, row: Any, colour: str) -> None:
    """Draw the markets of an arm from below: float64[markets] of effects with their errors."""
    place = np.arange(len(own))
    half = NORMAL * own["error"].to_numpy(float)
    effect = own["effect"].to_numpy(float)
    if not np.isnan(row["low"]):
        axes.axvspan(row["low"], row["high"], color=colour, alpha=0.14, lw=0)
    axes.axvline(0, color="#555555", lw=1)
    axes.hlines(place, effect - half, effect + half, color=colour, lw=1.2, alpha=0.6)
    axes.plot(effect, place, "o", color=colour, ms=4)
    axes.plot(own["shrunk"], place, "o", mfc="white", mec="black", mew=0.8, ms=3)
    axes.set_yticks([])
    axes.grid(axis="y", visible=False)
    axes.locator_params(axis="x", nbins=5)


def shares(study: Study, tables: Tables) -> Figure | None:
    """Share of markets in which each arm raises the first response, with bounds, each of 95 %."""
    if study.across is None or main_rows(study, tables).empty:
        return None
    main, frame = study.responses[0], tables["ensemble"]
    own = frame[frame["metric"] == main.label]
    arms = list(dict.fromkeys(own["arm"]))
    ranges = list(dict.fromkeys(own["ranges"]))
    title = f"Markets in which {main.title} of brand {study.of} rises"
    size = (7.2, 1.3 + 0.3 * len(arms) * len(ranges))
    figure, axes = style.figure(title, f"% of markets, against {study.baseline}", "", size)
    for k, kind in enumerate(ranges):
        rows = own[own["ranges"] == kind].set_index("arm").reindex(arms)
        place = np.arange(len(arms)) + 0.4 * ((k + 0.5) / len(ranges) - 0.5)
        look = {"color": style.colour(k), "lw": 2.2}
        axes.hlines(place, 100 * rows["share_low"], 100 * rows["share_high"], **look)
        label = f"{kind} ranges"
        axes.plot(100 * rows["share"], place, "o", color=style.colour(k), ms=7, label=label)
    for edge in (DECIDED, 1 - DECIDED):
        axes.axvline(100 * edge, color="#555555", lw=1, ls=":")
    axes.set_yticks(range(len(arms)), arms)
    axes.set_ylim(len(arms) - 0.5, -0.5)
    axes.set_xlim(-3, 103)
    axes.grid(axis="y", visible=False)
    style.legend(axes, len(ranges))
    note = f"Decided: the bound is beyond the dotted line, {percent(DECIDED)} or "
    return style.note(figure, f"{note}{percent(1 - DECIDED)}; it takes {ENOUGH} markets.")


def deciding(study: Study, tables: Tables) -> Figure | None:
    """Effect of each arm against the unknown that most of the difference between markets goes with."""
    if study.across is None:
        return None
    main, table = study.responses[0], tables["unknowns"]
    own = table[(table["ranges"] == study.across.shown) & (table["p"] <= ALPHA)]
    first = own.drop_duplicates("arm").set_index("arm")
    free = tables["free"]
    known = free[free["value"].notna()]["parameter"].unique()
    first = first[first["parameter"].isin(known)].head(MOST)
    if first.empty:
        return None
    frame = tables["markets"]
    frame = frame[(frame["metric"] == main.label) & (frame["ranges"] == study.across.shown)]
    figure, panels = _panels(len(first), 3.2)
    arms = list(dict.fromkeys(frame["arm"]))
    for axes, (arm, row) in zip(panels, first.to_dict("index").items(), strict=False):
        values = free[free["parameter"] == row["parameter"]].set_index(ID)["value"]
        points = frame[frame["arm"] == arm]
        x, colour = points[ID].map(values), style.colour(arms.index(str(arm)) + 1)
        error = NORMAL * points["error"]
        axes.axhline(0, color="#555555", lw=1)
        axes.vlines(x, points["effect"] - error, points["effect"] + error, color=colour, alpha=0.5)
        axes.plot(x, points["effect"], "o", color=colour, ms=5)
        if x.min() > 0 and x.max() / x.min() > 20:
            axes.set_xscale("log")
        axes.set_xlabel(_short(row["parameter"]), fontsize=8)
        axes.set_title(f"{arm}: {percent(row['share'])} of the difference", fontsize=9)
        axes.set_ylabel(f"change, {formats.unit_of(main.unit, change=True)}", fontsize=9)
        style.numbers(axes.yaxis, main.unit)
    title = f"Brand {study.of}: {main.title} against {study.baseline}, and what decides"
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure


def _panels(n: int, height: float) -> tuple[Figure, Any]:
    across = min(max(n, 1), ACROSS)
    down = -(-n // across)
    figure = Figure(figsize=(max(7.2, 3.2 * across), 0.6 + height * down))
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes in panels[n:]:
        axes.set_visible(False)
    return figure, panels


def _short(path: str, most: int = 44) -> str:
    """Return a path, on two lines if it is long."""
    if len(path) <= most:
        return path
    parts = path.split(".")
    half = len(parts) // 2
    return ".".join(parts[:half]) + ".\n" + ".".join(parts[half:])


PLOTS = (shares, by_market, deciding)

"""Pictures of a comparison: what the arms changed."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from experiments import style
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.study import Study

MOST = 4
"""A row of pictures has no more panels."""


def incremental(study: Study, tables: Tables) -> Figure | None:
    """Responses against the baseline, with 95 % intervals."""
    effects = tables["responses"]
    arms = list(dict.fromkeys(effects["arm"]))
    if not arms:
        return None
    shown = study.responses[:MOST]
    figure = Figure(figsize=(3.6 * max(len(shown), 1.5), 1.6 + 0.42 * len(arms)))
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for axes, response in zip(panels, shown, strict=True):
        rows = effects[effects["metric"] == response.label].set_index("arm").loc[arms]
        _intervals(axes, rows[["low", "difference", "high"]].to_numpy(float))
        axes.set_yticks(range(len(arms)), arms)
        axes.set_ylim(len(arms) - 0.4, -0.6)
        axes.set_title("\n".join(textwrap.wrap(response.title, 34)), fontsize=10)
        axes.set_xlabel(f"incremental, {response.unit}")
        if response.unit.startswith("CNY"):
            style.money(axes.xaxis)
    title = f"Brand {study.of}: change against {study.baseline}"
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure


def _intervals(axes: Any, ends: NDArray[np.float64]) -> None:
    """Draw a row per arm, float64[arms, 3]: low, middle, high."""
    for k, (low, middle, high) in enumerate(ends):
        colour = style.colour(k + 1)
        if not np.isnan(low):
            axes.plot([low, high], [k, k], color=colour, lw=2.4)
        axes.plot(middle, k, "o", color=colour, ms=7)
    axes.axvline(0, color="#555555", lw=1)
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.12)
    axes.locator_params(axis="x", nbins=5)


def cumulative(study: Study, tables: Tables) -> Figure | None:
    """Incremental contribution profit since day 0, not discounted, with 95 % bands."""
    frame = tables.get("cumulative")
    if frame is None or frame.empty:
        return None
    title = f"Brand {study.of}: contribution profit so far, against {study.baseline}"
    figure, axes = style.figure(title, "day", "incremental, CNY")
    arms = list(dict.fromkeys(frame["arm"]))
    for k, arm in enumerate(arms):
        rows = frame[frame["arm"] == arm]
        axes.plot(rows["day"], rows["mean"], color=style.colour(k + 1), lw=1.8, label=arm)
        axes.fill_between(rows["day"], rows["low"], rows["high"], **style.band(k + 1))
    axes.axhline(0, color="#555555", lw=1)
    axes.margins(x=0.01)
    style.money(axes.yaxis)
    style.legend(axes, len(arms) + 1)
    return figure


def retention(study: Study, tables: Tables) -> Figure | None:
    """Share of new customers who order in a month, by months since their first order."""
    frame = tables.get("retention")
    if frame is None or frame.empty or frame["age"].max() < 1:
        return None
    title = f"Brand {study.of}: new customers who order, by month of age"
    figure, axes = style.figure(title, "months since the first order", "share who order")
    arms = list(dict.fromkeys(frame["arm"]))
    for k, arm in enumerate(arms):
        rows = frame[(frame["arm"] == arm) & (frame["age"] > 0)]
        axes.plot(
            rows["age"], rows["mean"], color=style.colour(k), lw=1.6, marker="o", ms=3.5, label=arm
        )
        axes.fill_between(rows["age"], rows["low"], rows["high"], **style.band(k))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    style.whole(axes.xaxis)
    style.legend(axes, len(arms))
    return figure


def rivals(study: Study, tables: Tables) -> Figure | None:
    """Long-run revenue and profit of every brand against the baseline, with 95 % intervals."""
    effects = tables["rivals"]
    arms, brands = (list(dict.fromkeys(effects[column])) for column in ("arm", "brand"))
    if not arms or len(brands) < 2:
        return None
    figure = Figure(figsize=(7.2, 1.4 + 0.24 * len(arms) * (len(brands) + 1)))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, name in zip(panels, ("long_run_contribution", "long_run_revenue"), strict=True):
        rows = effects[effects["metric"] == name].set_index(["arm", "brand"])
        for k, brand in enumerate(brands):
            own = rows.xs(brand, level="brand").reindex(arms)
            place = np.arange(len(arms)) + 0.7 * ((k + 0.5) / len(brands) - 0.5)
            look = {"color": style.colour(k), "lw": 2.4}
            axes.hlines(place, own["low"], own["high"], **look)
            axes.plot(own["difference"], place, "o", color=style.colour(k), ms=6, label=brand)
        axes.axvline(0, color="#555555", lw=1)
        axes.set_yticks(range(len(arms)), arms)
        axes.set_ylim(len(arms) - 0.5, -0.5)
        axes.set_title(METRICS[name].label, fontsize=10)
        axes.set_xlabel("incremental, CNY")
        axes.grid(axis="y", visible=False)
        axes.locator_params(axis="x", nbins=5)
        style.money(axes.xaxis)
    style.legend(panels[0], len(brands))
    title = f"Every brand: change against {study.baseline}"
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure


def switching(study: Study, tables: Tables) -> Figure | None:
    """Where the next purchase goes: shares in the baseline, and how many points each arm adds."""
    frame = tables.get("switching")
    if frame is None or frame["to"].nunique() < 2 or study.baseline not in set(frame["arm"]):
        return None
    arms = list(dict.fromkeys(frame["arm"]))
    arms.sort(key=lambda arm: arm != study.baseline)
    shares = {arm: _matrix(frame[frame["arm"] == arm]) for arm in arms}
    base = shares[study.baseline]
    changes = {arm: share - base for arm, share in shares.items() if arm != study.baseline}
    most = max((np.nanmax(np.abs(change.to_numpy())) for change in changes.values()), default=0)
    rows = -(-len(arms) // 3)
    figure = Figure(figsize=(7.2, 0.5 + 2.3 * rows))
    panels = figure.subplots(rows, 3, squeeze=False).ravel()
    for axes, arm in zip(panels, arms, strict=False):
        axes.set_title(arm, fontsize=9)
        if arm == study.baseline:
            _heat(axes, base, "cividis", (0, 1))
        else:
            _heat(axes, changes[arm], "RdBu", (-most, most))
    for axes in panels[len(arms) :]:
        axes.set_visible(False)
    title = f"Next purchases: {study.baseline} in %, the others in points more or less"
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure


def _matrix(rows: pd.DataFrame) -> pd.DataFrame:
    brands = list(dict.fromkeys(rows["to"]))
    return rows.pivot(index="from", columns="to", values="mean").reindex(brands)[brands]


def _heat(axes: Any, share: pd.DataFrame, colours: str, span: tuple[float, float]) -> None:
    """Draw a matrix with its numbers, in hundredths; who was bought from before is on the left."""
    low, high = span
    image = axes.imshow(share, cmap=colours, vmin=low, vmax=high if high > low else 1)
    for (i, j), cell in np.ndenumerate(share.to_numpy()):
        if not np.isnan(cell):
            points = round(100 * cell, 1)
            change = f"{points:+.1f}".replace("-", "−") if points else "0"
            text = f"{points:.0f}" if low == 0 else change
            red, green, blue, _ = image.cmap(image.norm(cell))
            ink = "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.5 else "white"
            axes.text(j, i, text, ha="center", va="center", color=ink, fontsize=8)
    axes.set_xticks(range(share.shape[1]), [f"to {brand}" for brand in share.columns], fontsize=8)
    axes.set_yticks(range(len(share)), [f"after {brand}" for brand in share.index], fontsize=8)
    axes.grid(False)


PLOTS = (incremental, rivals, cumulative, retention, switching)

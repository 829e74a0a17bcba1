"""Pictures of a comparison: what the arms changed."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from experiments import formats, style
from experiments.compare import equal_spend, markets_plots
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.responses import Response
from experiments.study import Study

MOST = 24
"""A picture has no more panels."""
ACROSS = 4
"""A row of pictures has no more panels."""


def incremental(study: Study, tables: Tables) -> Figure | None:
    """Responses against the baseline, with 95 % intervals."""
    effects = tables["responses"]
    arms = list(dict.fromkeys(effects["arm"]))
    if not arms:
        return None
    shown, left = style.largest(study.responses, lambda r: _clear(effects, r), MOST)
    across = min(len(shown), ACROSS)
    down = -(-len(shown) // across)
    size = (3.6 * max(across, 1.5), 0.5 + down * (1.2 + 0.42 * len(arms)))
    figure = Figure(figsize=size)
    panels = figure.subplots(down, across, sharey=True, squeeze=False).ravel()
    for axes, response in zip(panels, shown, strict=False):
        rows = effects[effects["metric"] == response.label].set_index("arm").loc[arms]
        _intervals(axes, rows[["low", "difference", "high"]].to_numpy(float))
        axes.set_yticks(range(len(arms)), arms)
        axes.set_ylim(len(arms) - 0.4, -0.6)
        axes.set_title("\n".join(textwrap.wrap(response.title, 34)), fontsize=10)
        axes.set_xlabel(f"incremental, {formats.unit_of(response.unit, change=True)}")
        style.numbers(axes.xaxis, response.unit)
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    title = f"Brand {study.of}: change against {study.baseline}"
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return style.note(figure, _left_out(effects, shown, left))


def _clear(effects: pd.DataFrame, response: Response) -> float:
    """Return how many times the half-width of its interval the largest change of a response is."""
    rows = effects[effects["metric"] == response.label]
    size, half = rows["difference"].abs(), (rows["high"] - rows["low"]) / 2
    ratio = (size / half).where(half > 0, np.inf).where(size > 0, 0.0)
    return float(ratio.max())


def _left_out(effects: pd.DataFrame, shown: list[Response], left: list[Response]) -> str:
    if not left:
        return ""
    most = max(_clear(effects, response) for response in left)
    return (
        f"{len(shown)} of {len(shown) + len(left)} responses: those with the largest change "
        f"relative to its interval. No change of the others is above {most:.2g} times the "
        "half-width of its interval; the table has all."
    )


def _intervals(axes: Any, ends: NDArray[np.float64]) -> None:
    """Draw a row per arm, float64[arms, 3]: low, middle, high."""
    for k, (low, middle, high) in enumerate(ends):
        colour = style.colour(k + 1)
        if np.isnan(middle):
            axes.text(0, k, "no value", ha="center", va="center", fontsize=8, color="#555555")
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
        axes.plot(rows["day"], rows["mean"], **style.line(k + 1), lw=1.8, label=arm)
        axes.fill_between(rows["day"], rows["low"], rows["high"], **style.band(k + 1))
    axes.axhline(0, color="#555555", lw=1)
    axes.margins(x=0.01)
    style.money(axes.yaxis)
    style.legend(axes, len(arms) + 1)
    return figure


def retention(study: Study, tables: Tables) -> Figure | None:
    """Share of the same new customers who order in a month, by months since their first order."""
    frame = tables.get("retention")
    if frame is None or frame.empty or frame["age"].max() < 1:
        return None
    title = f"Brand {study.of}: new customers who order, by month of age"
    figure, axes = style.figure(title, "months since the first order", "share who order")
    arms = list(dict.fromkeys(frame["arm"]))
    for k, arm in enumerate(arms):
        rows = frame[(frame["arm"] == arm) & (frame["age"] > 0)]
        axes.plot(rows["age"], rows["mean"], **style.line(k), lw=1.6, marker="o", ms=3.5, label=arm)
        axes.fill_between(rows["age"], rows["low"], rows["high"], **style.band(k))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    style.whole(axes.xaxis)
    style.legend(axes, len(arms))
    return style.note(figure, _who(frame))


def _who(frame: pd.DataFrame) -> str:
    """Say whose the curves of retention are."""
    size = frame["customers"]
    few, many = (f"{end:,.0f}" for end in (size.min(), size.max()))
    return (
        f"Of those whose cohort was observed for all {frame['age'].max() + 1} months, the same at "
        f"each age: {few if few == many else f'{few} to {many}'} customers a run. Later cohorts "
        "are left out."
    )


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
    """Where the next purchase goes: shares in the baseline, and how many pp each arm adds."""
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
    figure = Figure(figsize=(7.2, 0.5 + 2.3 * rows), layout="constrained")
    panels = figure.subplots(rows, 3, squeeze=False).ravel()
    for axes, arm in zip(panels, arms, strict=False):
        axes.set_title(arm, fontsize=9)
        if arm == study.baseline:
            _heat(axes, base, "cividis", (0, 1))
        else:
            _heat(axes, changes[arm], "RdBu", (-most, most))
    for axes in panels[len(arms) :]:
        axes.set_visible(False)
    title = f"Next purchases: {study.baseline} in %, the others in pp more or less"
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
    names = [str(brand) for brand in share.columns]
    crowded = len("".join(names)) > 8  # names side by side would run into each other
    turned = {"rotation": 30, "ha": "right"} if crowded else {}
    axes.set_xticks(range(len(names)), names, fontsize=8, **turned)
    axes.set_yticks(range(len(share)), list(share.index), fontsize=8)
    axes.set_xlabel("next purchase", fontsize=8)
    axes.set_ylabel("last purchase", fontsize=8)
    axes.grid(False)


PLOTS = (
    *markets_plots.PLOTS,
    incremental,
    equal_spend.spend_curve,
    rivals,
    cumulative,
    retention,
    switching,
)

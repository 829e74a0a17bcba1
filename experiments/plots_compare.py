"""Pictures of a comparison: what the arms changed."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments import style
from experiments.metrics import METRICS
from experiments.study import Study
from experiments.summary import Tables


def incremental(study: Study, tables: Tables) -> Figure | None:
    """Long-run revenue and profit against the baseline, with 95 % intervals."""
    effects = tables["effects"]
    names = ("long_run_revenue", "long_run_contribution")
    arms = list(dict.fromkeys(effects["arm"]))
    if not arms:
        return None
    figure = Figure(figsize=(7.2, 1.6 + 0.42 * len(arms)))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, name in zip(panels, names, strict=True):
        rows = effects[effects["metric"] == name].set_index("arm").loc[arms]
        ends = rows[["low", "difference", "high"]].to_numpy(float)
        for k, (low, middle, high) in enumerate(ends):
            colour = style.colour(k + 1)
            if not np.isnan(low):
                axes.plot([low, high], [k, k], color=colour, lw=2.4)
            axes.plot(middle, k, "o", color=colour, ms=7)
        axes.axvline(0, color="#555555", lw=1)
        axes.set_yticks(range(len(arms)), arms)
        axes.set_ylim(len(arms) - 0.4, -0.6)
        axes.set_title(METRICS[name].label, fontsize=10)
        axes.set_xlabel("incremental, CNY")
        axes.grid(axis="y", visible=False)
        axes.margins(x=0.12)
        axes.locator_params(axis="x", nbins=5)
        style.money(axes.xaxis)
    figure.suptitle(
        f"Brand {study.of}: change against {study.baseline}", fontsize=11, fontweight="bold"
    )
    return figure


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


PLOTS = (incremental, cumulative, retention)

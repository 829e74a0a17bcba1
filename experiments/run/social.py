"""Pictures of programmes in a run: the way of invitations, and what became of distributors."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments import formats, style
from experiments.curves import EARNINGS_STEP
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.study import Study

FUNNEL = (
    "referral_eligible",
    "referral_asked",
    "referral_shared",
    "invitations",
    "clicks",
    "referred_customers",
    "referrals_vested",
)
TAIL = 0.01
"""Share of distributors at either end who are put into the outermost bar."""


def funnel(study: Study, tables: Tables) -> Figure | None:
    """From asking for friends to a reward earned: mean counts of a run, on a scale of powers."""
    means = tables["metrics"].pivot(index="metric", columns="brand", values="mean")
    brands = [b for b in tables["metrics"]["brand"].unique() if means.loc["invitations", b] > 0]
    if not brands:
        return None
    figure, axes = style.figure("From asking for friends to a reward earned", "a run, mean", "")
    figure.set_size_inches(7.2, 1.6 + 0.3 * len(FUNNEL) * max(1.3, len(brands)))
    height = 0.8 / len(brands)
    for k, brand in enumerate(brands):
        values = means.loc[list(FUNNEL), brand].to_numpy(float)
        place = np.arange(len(FUNNEL)) + (k - (len(brands) - 1) / 2) * height
        axes.barh(place, values, height * 0.92, color=style.colour(k), label=brand)
        for y, value in zip(place, values, strict=True):
            axes.annotate(
                formats.value(value, "times"),
                (max(value, 1), y),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    axes.set_xscale("log")
    axes.set_xlim(left=1, right=4 * float(means.loc[list(FUNNEL), brands].to_numpy().max()))
    axes.set_yticks(range(len(FUNNEL)), [METRICS[name].label for name in FUNNEL])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    style.money(axes.xaxis)
    style.legend(axes, len(brands))
    every = list(tables["metrics"]["brand"].unique())
    others = ", ".join(brand for brand in every if brand not in brands)
    return style.note(figure, f"Without invitations, and so without bars: {others}." * bool(others))


def distributors(study: Study, tables: Tables) -> Figure | None:
    """Net earnings of distributors, losses in grey, and how many are on which level of the tree."""
    if "curves" not in tables:
        return None
    curve = tables["curves"]
    known = set(curve.loc[curve["curve"] == "earnings", "brand"])
    brands = [brand for brand in tables["metrics"]["brand"].unique() if brand in known]
    if not brands:
        return None
    figure = Figure(figsize=(7.2, 0.6 + 2.6 * len(brands)))
    panels = figure.subplots(len(brands), 2, squeeze=False, width_ratios=(2, 1))
    for (left, right), brand in zip(panels, brands, strict=True):
        own = curve[curve["brand"] == brand]
        _earnings(left, own[own["curve"] == "earnings"])
        _levels(right, own[own["curve"] == "levels"])
        left.set_title(f"Brand {brand}: net earnings", fontsize=10)
        right.set_title("level below the brand", fontsize=10)
    said = f"The outermost bars of earnings hold all beyond them, about {TAIL:.0%} at either end."
    return style.note(figure, said.replace("%", " %"))


def _earnings(axes: Any, rows: pd.DataFrame) -> None:
    """Draw a histogram of net earnings; the few at either end are in the outermost bars."""
    count = rows.groupby("x")["top"].sum().sort_index()
    share = count / count.sum()
    below = share.cumsum().to_numpy()
    steps = share.index.to_numpy()
    low, high = (int(steps[np.searchsorted(below, q)]) for q in (TAIL, 1 - TAIL))
    share = share.groupby(np.clip(steps, low, high)).sum()
    colours = [style.GREY if x < 0 else style.colour(0) for x in share.index]
    x = share.index.to_numpy() * EARNINGS_STEP
    axes.bar(x, share, width=0.92 * EARNINGS_STEP, align="edge", color=colours)
    axes.axvline(0, color="#555555", lw=1)
    loss = float(count[count.index < 0].sum() / count.sum())
    said = f"CNY, in steps of {EARNINGS_STEP}; net loss: {formats.value(loss, 'share')}"
    axes.set(xlabel=said, ylabel="share of distributors")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    style.money(axes.xaxis)


def _levels(axes: Any, rows: pd.DataFrame) -> None:
    """Draw the share of distributors on each level of the tree."""
    count = rows.groupby("x")["top"].sum().sort_index()
    axes.bar(count.index, count / count.sum(), color=style.colour(2))
    axes.set(xlabel="level")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    style.whole(axes.xaxis)


PLOTS = (funnel, distributors)

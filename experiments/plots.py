"""Pictures of a summary. Each function takes tables and returns a figure."""

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from experiments import formats, summary
from experiments.metrics import METRICS
from experiments.study import Study
from experiments.summary import Tables

# Okabe and Ito's colours, which the colour-blind tell apart; yellow is left out, it is too pale.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GREY = "#999999"
STYLE: dict[str, Any] = {
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
SMOOTH_DAYS = 7

Plot = Callable[[Study, Tables], Figure | None]


def draw(study: Study, tables: Tables) -> dict[str, tuple[str, Figure]]:
    """Return the figures of a study that its tables suffice for: by name, with a caption."""
    figures: dict[str, tuple[str, Figure]] = {}
    with matplotlib.rc_context(STYLE):
        for plot in PLOTS[study.kind]:
            figure = plot(study, tables)
            if figure is not None:
                figures[plot.__name__] = ((plot.__doc__ or "").split("\n")[0], figure)
    return figures


def _figure(title: str, x: str, y: str, size: tuple[float, float] = SIZE) -> tuple[Figure, Any]:
    figure = Figure(figsize=size)
    axes = figure.subplots()
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def _colour(k: int) -> str:
    return COLOURS[k] if k < len(COLOURS) else GREY


def _money(axis: Any) -> None:
    axis.set_major_formatter(FuncFormatter(lambda v, _: formats.compact(v)))


def _legend(axes: Any, entries: int) -> None:
    if entries > 1:
        axes.legend(ncols=min(entries, 4) if entries > 4 else 1, fontsize=9)


# -- run ------------------------------------------------------------------------------------------


def revenue(study: Study, tables: Tables) -> Figure | None:
    """Net revenue a day, mean of the last seven days."""
    if "daily" not in tables:
        return None
    figure, axes = _figure("Net revenue a day, 7-day mean", "day", "CNY a day")
    wide = _wide(tables["daily"], "net_revenue")
    for k, (brand, values) in enumerate(wide.items()):
        smooth = values.rolling(SMOOTH_DAYS, min_periods=1).mean()
        axes.plot(smooth.index, smooth, color=_colour(k), lw=1.6, label=brand)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.margins(x=0.01)
    _money(axes.yaxis)
    _legend(axes, wide.shape[1])
    return figure


def contribution(study: Study, tables: Tables) -> Figure | None:
    """Contribution profit since day 0."""
    if "daily" not in tables:
        return None
    figure, axes = _figure("Contribution profit since day 0", "day", "CNY")
    wide = _wide(tables["daily"], "contribution").cumsum()
    for k, (brand, values) in enumerate(wide.items()):
        axes.plot(values.index, values, color=_colour(k), lw=1.8, label=brand)
    axes.axhline(0, color="#555555", lw=0.8)
    axes.margins(x=0.01)
    _money(axes.yaxis)
    _legend(axes, wide.shape[1])
    return figure


def shares(study: Study, tables: Tables) -> Figure | None:
    """Shares of net revenue, by month of 30 days."""
    if "daily" not in tables:
        return None
    wide = _wide(tables["daily"], "net_revenue")
    monthly = wide.groupby(wide.index // 30).sum()
    monthly = monthly[monthly.sum(axis=1) > 0].clip(lower=0)
    if monthly.shape[1] < 2 or len(monthly) < 2:
        return None
    figure, axes = _figure("Share of net revenue", "month (30 days)", "share")
    share = monthly.div(monthly.sum(axis=1), axis=0)
    colours = [_colour(k) for k in range(share.shape[1])]
    axes.stackplot(share.index, share.T.to_numpy(), colors=colours, labels=list(share), alpha=0.9)
    axes.set_ylim(0, 1)
    axes.margins(x=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _wide(daily: pd.DataFrame, column: str) -> pd.DataFrame:
    brands = list(daily["brand"].unique())
    return daily.pivot(index="day", columns="brand", values=column)[brands]


def cohorts(study: Study, tables: Tables) -> Figure | None:
    """Retention triangle: of those who first ordered in a month, how many order again when."""
    rows = _curve(tables, "cohort", study.of)
    if rows is None or rows["y"].max() < 1:
        return None
    sums = rows.set_index(["x", "y"])
    share = (sums["top"] / sums["bottom"]).unstack("y")
    share = share.reindex(index=range(int(share.index.max()) + 1))
    later = share.drop(columns=0)
    height = min(2.0 + 0.22 * len(later), 7.5)
    title = f"Brand {study.of}: share of each cohort who order, by month of age"
    figure, axes = _figure(title, "months since the first order", "month of the first order")
    figure.set_size_inches(7.2, height)
    top = float(np.nanmax(later.to_numpy())) or 1.0
    edges = np.arange(0.5, later.shape[1] + 1), np.arange(-0.5, len(later))
    mesh = axes.pcolormesh(*edges, later.to_numpy(), cmap="cividis", vmin=0, vmax=top)
    if later.size <= 13 * 13:
        _write_in(axes, later, top)
    axes.invert_yaxis()
    axes.grid(False)
    figure.colorbar(mesh, ax=axes, format=PercentFormatter(1.0, decimals=0), label="ordered")
    return figure


def _write_in(axes: Any, share: pd.DataFrame, top: float) -> None:
    for i, row in enumerate(share.to_numpy()):
        for j, cell in enumerate(row):
            if not np.isnan(cell):
                ink = "black" if cell > 0.6 * top else "white"
                text = f"{100 * cell:.0f}"
                axes.text(j + 1, i, text, ha="center", va="center", color=ink, fontsize=7)


def second_order(study: Study, tables: Tables) -> Figure | None:
    """Kaplan-Meier: who has not ordered a second time, by days since the first order."""
    if "curves" not in tables:
        return None
    figure, axes = _figure(
        "Not yet back for a second order (Kaplan-Meier)", "days since the first order", "share"
    )
    drawn = 0
    for k, brand in enumerate(_brands(tables)):
        curve = summary.survival(tables["curves"], brand)
        if curve.empty or len(curve) < 2:
            continue
        x = np.concatenate([[0], curve.index])
        y = np.concatenate([[1], curve["survival"]])
        axes.step(x, y, where="post", color=_colour(k), lw=1.6, label=brand)
        low, high = (np.clip(curve["survival"] + z * curve["se"], 0, 1) for z in (-1.96, 1.96))
        axes.fill_between(curve.index, low, high, step="post", color=_colour(k), alpha=0.15, lw=0)
        drawn += 1
    axes.set_ylim(0, 1.02)
    axes.margins(x=0.01)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    _legend(axes, drawn)
    return figure if drawn else None


def gaps(study: Study, tables: Tables) -> Figure | None:
    """Days between a customer's orders with the brand, against the cycle of the need."""
    rows = _curve(tables, "gap", study.of)
    if rows is None:
        return None
    title = f"Brand {study.of}: days between a customer's orders"
    figure, axes = _figure(title, "days", "share of gaps")
    market = study.arms[study.baseline]
    longest = _weighted_quantile(rows, 0.98)
    width = max(1, round(longest / 60))
    for k, (category, part) in enumerate(rows.groupby("y")):
        name, spec = list(market["categories"].items())[int(category)]
        count = part.groupby((part["x"] // width) * width)["top"].sum()
        share = count / part["top"].sum()
        axes.bar(
            share.index, share, width=width, align="edge", color=_colour(k), alpha=0.6, label=name
        )
        cycle = _cycle(spec)
        if cycle <= longest:
            axes.axvline(cycle, color=_colour(k), ls="--", lw=1.4, label=f"cycle, {cycle:.0f} days")
    axes.set_xlim(0, longest)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.legend()
    return figure


def _cycle(category: Any) -> float:
    from sim.config import Category

    return Category.model_validate(category).cycle_days


def _weighted_quantile(rows: pd.DataFrame, q: float) -> float:
    count = rows.groupby("x")["top"].sum().sort_index().cumsum()
    return float(count.index[np.searchsorted(count, q * count.iloc[-1])]) + 1


def lifetime_value(study: Study, tables: Tables) -> Figure | None:
    """Contribution per new customer by age, against the cost of acquiring one."""
    if "curves" not in tables:
        return None
    figure, axes = _figure(
        "Contribution per new customer, before acquisition", "months since the first order", "CNY"
    )
    cost = tables["metrics"].query("metric == 'cac'").set_index("brand")["mean"]
    drawn = 0
    for k, brand in enumerate(_brands(tables)):
        rows = _curve(tables, "ltv", brand)
        if rows is None or len(rows) < 2:
            continue
        x = np.concatenate([[0], rows["x"]])
        axes.plot(
            x,
            np.concatenate([[0], rows["top"] / rows["bottom"]]),
            color=_colour(k),
            lw=1.8,
            label=brand,
        )
        if cost.get(brand, 0) > 0:
            axes.axhline(cost[brand], color=_colour(k), ls=":", lw=1.2)
        drawn += 1
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    if (cost > 0).any():
        axes.text(0.99, 0.02, "dotted: acquisition cost", transform=axes.transAxes, ha="right")
    _legend(axes, drawn)
    return figure if drawn else None


def dropouts(study: Study, tables: Tables) -> Figure | None:
    """How many left for good, by what had failed to satisfy them."""
    causes = ("product", "service", "both", "neither")
    frame = tables["metrics"].pivot(index="brand", columns="metric", values="mean")
    count = frame[[f"dropouts_{cause}" for cause in causes]].loc[_order(tables)]
    if not count.to_numpy().sum() > 0:
        return None
    figure, axes = _figure("Customers who left for good, by what had failed", "people", "")
    figure.set_size_inches(7.2, min(1.5 + 0.4 * len(count), 7))
    left = np.zeros(len(count))
    labels = ("product", "service", "both", "neither")
    for k, (name, label) in enumerate(zip(count, labels, strict=True)):
        values = count[name].to_numpy()
        axes.barh(count.index, values, left=left, color=(*COLOURS[:3], GREY)[k], label=label)
        left += values
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    _money(axes.xaxis)
    axes.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.08), fontsize=9)
    axes.set_title(axes.get_title(loc="left"), pad=26)
    return figure


def _order(tables: Tables) -> list[str]:
    return list(tables["metrics"]["brand"].unique())


def _brands(tables: Tables) -> list[str]:
    known = set(tables["curves"]["brand"])
    return [brand for brand in _order(tables) if brand in known]


def _curve(tables: Tables, name: str, brand: str) -> pd.DataFrame | None:
    """Return the rows of a curve of a brand, None if there are none."""
    if "curves" not in tables:
        return None
    frame = tables["curves"]
    rows = frame[(frame["curve"] == name) & (frame["brand"] == brand)]
    return None if rows.empty else rows


# -- compare --------------------------------------------------------------------------------------


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
        places = np.arange(len(arms))
        for k, (place, row) in enumerate(zip(places, rows.itertuples(), strict=True)):
            colour = _colour(k + 1)
            if not np.isnan(row.low):
                axes.plot([row.low, row.high], [place, place], color=colour, lw=2.4)
            axes.plot(row.difference, place, "o", color=colour, ms=7)
        axes.axvline(0, color="#555555", lw=1)
        axes.set_yticks(places, arms)
        axes.set_ylim(len(arms) - 0.4, -0.6)
        axes.set_title(METRICS[name].label, fontsize=10)
        axes.set_xlabel("incremental, CNY")
        axes.grid(axis="y", visible=False)
        axes.margins(x=0.12)
        axes.locator_params(axis="x", nbins=5)
        _money(axes.xaxis)
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
    figure, axes = _figure(title, "day", "incremental, CNY")
    arms = list(dict.fromkeys(frame["arm"]))
    for k, arm in enumerate(arms):
        rows = frame[frame["arm"] == arm]
        axes.plot(rows["day"], rows["mean"], color=_colour(k + 1), lw=1.8, label=arm)
        axes.fill_between(
            rows["day"], rows["low"], rows["high"], color=_colour(k + 1), alpha=0.18, lw=0
        )
    axes.axhline(0, color="#555555", lw=1)
    axes.margins(x=0.01)
    _money(axes.yaxis)
    _legend(axes, len(arms) + 1)
    return figure


def retention(study: Study, tables: Tables) -> Figure | None:
    """Share of new customers who order in a month, by months since their first order."""
    frame = tables.get("retention")
    if frame is None or frame.empty or frame["age"].max() < 1:
        return None
    title = f"Brand {study.of}: new customers who order, by month of age"
    figure, axes = _figure(title, "months since the first order", "share who order")
    arms = list(dict.fromkeys(frame["arm"]))
    for k, arm in enumerate(arms):
        rows = frame[(frame["arm"] == arm) & (frame["age"] > 0)]
        axes.plot(
            rows["age"], rows["mean"], color=_colour(k), lw=1.6, marker="o", ms=3.5, label=arm
        )
        axes.fill_between(
            rows["age"], rows["low"], rows["high"], color=_colour(k), alpha=0.15, lw=0
        )
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.xaxis.get_major_locator().set_params(integer=True)
    _legend(axes, len(arms))
    return figure


PLOTS: dict[str, tuple[Plot, ...]] = {
    "run": (
        revenue,
        contribution,
        shares,
        cohorts,
        second_order,
        gaps,
        lifetime_value,
        dropouts,
    ),
    "compare": (incremental, cumulative, retention),
}

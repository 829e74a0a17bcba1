"""Pictures of a market: what happened in its runs."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments import curves, formats, style
from experiments.formats import count
from experiments.kinds import Tables
from experiments.run import observed
from experiments.study import Study

SMOOTH_DAYS = 7


def revenue(study: Study, tables: Tables) -> Figure | None:
    """Net revenue a day, mean of the last seven days."""
    if "daily" not in tables:
        return None
    figure, axes = style.figure("Net revenue a day, 7-day mean", "day", "CNY a day")
    wide = _wide(tables["daily"], "net_revenue")
    for k, (brand, values) in enumerate(wide.items()):
        smooth = values.rolling(SMOOTH_DAYS, min_periods=1).mean()
        axes.plot(smooth.index, smooth, **style.line(k), lw=1.6, label=brand)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.margins(x=0.01)
    style.money(axes.yaxis)
    style.legend(axes, wide.shape[1])
    return figure


def contribution(study: Study, tables: Tables) -> Figure | None:
    """Contribution profit since day 0."""
    if "daily" not in tables:
        return None
    figure, axes = style.figure("Contribution profit since day 0", "day", "CNY")
    wide = _wide(tables["daily"], "contribution").cumsum()
    for k, (brand, values) in enumerate(wide.items()):
        axes.plot(values.index, values, **style.line(k), lw=1.8, label=brand)
    axes.axhline(0, color="#555555", lw=0.8)
    axes.margins(x=0.01)
    style.money(axes.yaxis)
    style.legend(axes, wide.shape[1])
    return figure


def shares(study: Study, tables: Tables) -> Figure | None:
    """Shares of net revenue, by month of 30 days."""
    if "daily" not in tables:
        return None
    wide = _wide(tables["daily"], "net_revenue")
    every = wide.groupby(wide.index // 30).sum()
    negative = every.lt(0).any(axis=1).sum()
    monthly = every.clip(lower=0)
    monthly = monthly[monthly.sum(axis=1) > 0]
    if monthly.shape[1] < 2 or len(monthly) < 2:
        return None
    figure, axes = style.figure("Share of net revenue", "month (30 days)", "share")
    share = monthly.div(monthly.sum(axis=1), axis=0)
    colours = [style.colour(k) for k in range(share.shape[1])]
    axes.stackplot(share.index, share.T.to_numpy(), colors=colours, labels=list(share), alpha=0.9)
    axes.set_ylim(0, 1)
    axes.margins(x=0)
    style.whole(axes.xaxis)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5))
    without = len(every) - len(monthly)
    return style.note(
        figure,
        f"In {count(negative, 'month')} a brand refunded more than it sold, and counts as 0."
        * bool(negative),
        f"{count(without, 'month')} without net revenue left out." * bool(without),
    )


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
    later = share.drop(columns=0).dropna(how="all")
    later = later.reindex(index=range(int(later.index.to_numpy().max()) + 1))
    height = min(2.0 + 0.22 * len(later), 6.0)
    title = f"Brand {study.of}: share of each cohort who order, by month of age"
    figure, axes = style.figure(title, "months since the first order", "month of the first order")
    figure.set_size_inches(7.2, height)
    top = float(np.nanmax(later.to_numpy()))
    if top == 0:
        return None  # nobody came back
    edges = np.arange(0.5, later.shape[1] + 1), np.arange(-0.5, len(later))
    mesh = axes.pcolormesh(*edges, later.to_numpy(), cmap="cividis", vmin=0, vmax=top)
    if later.size <= 13 * 13:
        _write_in(axes, later, top)
    axes.invert_yaxis()
    axes.grid(False)
    style.whole(axes.xaxis)
    style.whole(axes.yaxis)
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
    figure, axes = style.figure(
        "Not yet back for a second order (Kaplan-Meier)", "days since the first order", "share"
    )
    drawn, left = 0, []
    for k, brand in enumerate(_order(tables)):
        curve = _survival(tables["curves"], brand)
        if len(curve) < 2 or curve["survival"].iloc[-1] == 1:
            left.append(brand)
            continue
        x = np.concatenate([[0], curve.index])
        y = np.concatenate([[1], curve["survival"]])
        axes.step(x, y, where="post", **style.line(k), lw=1.6, label=brand)
        low, high = (np.clip(curve["survival"] + z * curve["se"], 0, 1) for z in (-1.96, 1.96))
        axes.fill_between(curve.index, low, high, step="post", **style.band(k))
        drawn += 1
    axes.set_ylim(0, 1.02)
    axes.margins(x=0.01)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    style.legend(axes, drawn)
    return style.note(figure, _without(left, "who came back")) if drawn else None


def _survival(table: pd.DataFrame, brand: str) -> pd.DataFrame:
    """Return the Kaplan-Meier curve to the second order of a brand, from the table `curves`."""
    rows = table[(table["curve"] == "survival") & (table["brand"] == brand)]
    return curves.survival(rows)


def gaps(study: Study, tables: Tables) -> Figure | None:
    """Days between a customer's orders with the brand, against the cycle of the need."""
    rows = _curve(tables, "gap", study.of)
    if rows is None:
        return None
    title = f"Brand {study.of}: days between a customer's orders"
    figure, axes = style.figure(title, "days", "share of gaps")
    categories: dict[Any, Any] = dict(enumerate(study.arms[study.baseline]["categories"].items()))
    longest = _weighted_quantile(rows, 0.98)
    width = max(1, round(longest / 60))
    for k, (category, part) in enumerate(rows.groupby("y")):
        name, spec = categories[category]
        number = part.groupby((part["x"] // width) * width)["top"].sum()
        share = number / part["top"].sum()
        look = {"width": width, "align": "edge", "alpha": 0.6}
        axes.bar(share.index, share, **look, color=style.colour(k), label=name)
        cycle = _cycle(spec)
        label = f"cycle, {cycle:.0f} days"
        axes.axvline(cycle, color=style.colour(k), ls="--", lw=1.4, label=label)
        longest = max(longest, 1.05 * cycle)
    axes.set_xlim(0, longest)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.legend()
    beyond = float(rows["top"][rows["x"] >= longest].sum() / rows["top"].sum())
    said = f"Left out: {formats.value(beyond, 'share')} of the gaps, of {longest:.0f} days or more."
    return style.note(figure, said * (beyond > 0))


def _cycle(category: Any) -> float:
    from sim.config.market import Category

    return Category.model_validate(category).cycle_days


def _weighted_quantile(rows: pd.DataFrame, q: float) -> float:
    number = rows.groupby("x")["top"].sum().sort_index().cumsum()
    place = np.searchsorted(number.to_numpy(), q * number.iloc[-1])
    return float(number.index.to_numpy()[place]) + 1


def lifetime_value(study: Study, tables: Tables) -> Figure | None:
    """Contribution per new customer by age, of the same customers, against acquisition cost."""
    if "curves" not in tables:
        return None
    figure, axes = style.figure(
        "Contribution per new customer, before acquisition", "months since the first order", "CNY"
    )
    cost = tables["metrics"].query("metric == 'cac'").set_index("brand")["mean"]
    drawn, left = 0, []
    for k, brand in enumerate(_order(tables)):
        rows = _curve(tables, "value", brand)
        curve = None if rows is None else curves.value_of_the_same(rows)
        if curve is None or len(curve) < 3:
            left.append(brand)
            continue
        label = f"{brand} (n = {curve['n'].iloc[0]:,})"
        axes.plot(curve.index, curve["value"], **style.line(k), lw=1.8, label=label)
        if cost.get(brand, 0) > 0:
            axes.axhline(cost[brand], color=style.colour(k), ls=":", lw=1.2)
        drawn += 1
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.margins(x=0.01)
    style.whole(axes.xaxis)
    if (cost > 0).any():
        axes.text(0.99, 0.02, "thin: acquisition cost", transform=axes.transAxes, ha="right")
    if drawn:
        axes.legend(fontsize=9)
    who = "Each curve is of the same n new customers at all ages: those observed to its end."
    return style.note(figure, who, _without(left, "observed for two months")) if drawn else None


def _without(brands: list[str], what: str) -> str:
    """Say which brands have no curve, and for want of what."""
    return f"Without a curve, for want of customers {what}: {', '.join(brands)}." * bool(brands)


def dropouts(study: Study, tables: Tables) -> Figure | None:
    """How many left for good, by what had failed to satisfy them."""
    causes = ("product", "service", "both", "neither")
    frame = tables["metrics"].pivot(index="brand", columns="metric", values="mean")
    people = frame[[f"dropouts_{cause}" for cause in causes]].loc[_order(tables)]
    if not people.to_numpy().sum() > 0:
        return None
    figure, axes = style.figure("Customers who left for good, by what had failed", "people", "")
    figure.set_size_inches(7.2, 1.5 + 0.4 * len(people))
    left = np.zeros(len(people))
    colours = (*style.COLOURS[:3], style.GREY)
    for cause, colour in zip(causes, colours, strict=True):
        values = people[f"dropouts_{cause}"].to_numpy()
        axes.barh(people.index, values, left=left, color=colour, label=cause)
        left += values
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    style.money(axes.xaxis)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    return figure


def _order(tables: Tables) -> list[str]:
    return list(tables["metrics"]["brand"].unique())


def _curve(tables: Tables, name: str, brand: str) -> pd.DataFrame | None:
    """Return the rows of a curve of a brand, None if there are none."""
    if "curves" not in tables:
        return None
    frame = tables["curves"]
    rows = frame[(frame["curve"] == name) & (frame["brand"] == brand)]
    return None if rows.empty else rows


def repeats(study: Study, tables: Tables) -> Figure | None:
    """Repeat purchases so far: simulated, in the log, and what the model expects of them."""
    return observed.figure(tables["log"]) if "log" in tables else None


PLOTS = (
    repeats,
    revenue,
    contribution,
    shares,
    cohorts,
    second_order,
    gaps,
    lifetime_value,
    dropouts,
)

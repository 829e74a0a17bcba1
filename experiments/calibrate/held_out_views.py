"""What is said and shown of a log and of the weeks held out of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments import formats, style
from experiments.calibrate.found import spec_of
from experiments.kinds import Tables
from experiments.study import Study
from experiments.tabular import View

FILE = "held_out.json"
FACTS, FORECASTS, WEEKS, FITS = "held_out", "held_out_forecasts", "held_out_weeks", "log_fits"
"""Names of tables: one row on the weeks held out; forecasts; both by week; models of repeat buying."""
LOG = "the log"
DASHES = {"Pareto/NBD": "--", "same-weekday mean": ":"}
"""Of lines that often lie on each other."""
Z = 1.645
"""Standard errors on either side of what the log has: 90 %."""


def tables(folder: Path) -> Tables:
    """Return what a study's folder keeps of its log as tables, none if it has no log."""
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    out = {FITS: _fits(found["fits"])}
    held = found.get("held_out")
    if held is None:
        return out
    if held["problem"]:
        return out | {FACTS: pd.DataFrame([{"log": found["log"], "problem": held["problem"]}])}
    keys = ("problem", "start", "weeks", "asked", "known", "customers", "look_back", "error")
    facts = {"log": found["log"], **{key: held[key] for key in keys}, "orders": sum(held["orders"])}
    return out | {
        FACTS: pd.DataFrame([facts]),
        FORECASTS: _forecasts(held),
        WEEKS: pd.DataFrame(_weeks(held)),
    }


def _fits(fits: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["model", "parameter", "estimate", "low", "high", "customers", "log_likelihood"]
    rows = [
        (f["model"], name, value, *f["intervals"][name], f["n"], f["log_likelihood"])
        for f in fits
        for name, value in f["parameters"].items()
    ]
    return pd.DataFrame(rows, columns=columns)


def _forecasts(held: dict[str, Any]) -> pd.DataFrame:
    real, error = np.array(held["orders"], float), held["error"]
    total = real.sum()
    rows = []
    for own in held["forecasts"]:
        off = own["total"] - total
        rows.append(
            {
                "forecast": own["name"],
                "orders": own["total"],
                "low": own["low"],
                "high": own["high"],
                "off": off / total if total else np.nan,
                "off_in_errors": off / error if error > 0 else np.nan,
                "weekly_rmse": float(np.sqrt(((np.array(own["weeks"]) - real) ** 2).mean())),
                "note": own["note"],
            }
        )
    columns = ["forecast", "orders", "low", "high", "off", "off_in_errors", "weekly_rmse", "note"]
    return pd.DataFrame(rows, columns=columns)


def _weeks(held: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row per week of the log, then of each forecast."""
    for week, (orders, error) in enumerate(zip(held["orders"], held["errors"], strict=True), 1):
        low, high = max(orders - Z * error, 0.0), orders + Z * error
        yield {"of": LOG, "week": week, "orders": float(orders), "low": low, "high": high}
    nothing = [np.nan] * held["weeks"]
    for own in held["forecasts"]:
        bands = own.get("lows", nothing), own.get("highs", nothing)
        for week, (orders, low, high) in enumerate(zip(own["weeks"], *bands, strict=True), 1):
            yield {"of": own["name"], "week": week, "orders": orders, "low": low, "high": high}


# -- sentences ------------------------------------------------------------------------------------


def method(study: Study) -> list[str]:
    """Say what is compared."""
    hold_out = spec_of(study).hold_out
    if hold_out is None:
        return []
    return [
        f"The log from {hold_out.start} on was not read before the ensemble was there. Then its "
        "markets were run on through these weeks with the draws of their calibration. Compared are "
        "orders of customers known at the cut: those who had ordered within the look-back. New "
        "customers are not compared: how many a shop wins depends on what it does. Given each "
        "history: what known customers of a market order who had ordered on as many days (1, 2, "
        "3, 4 and more) and been silent as long (six classes), times the log’s customers of that "
        "kind. Per known customer: the mean, whatever they did before. Models of repeat buying are "
        "fitted to the log before the cut. The same-weekday mean is what customers known as many "
        "weeks earlier ordered in the weeks before the cut. An order is a day on which a customer "
        "ordered."
    ]


def findings(tables: Tables) -> Iterator[str]:
    """Say how far off the forecasts are, beside the log's own sampling error."""
    if FORECASTS not in tables or not len(table := tables[FORECASTS]):
        return
    facts = tables[FACTS].iloc[0]
    total = int(facts["orders"])
    told = [
        f"{row['forecast']} {row['orders']:,.0f}{_off(row['off'], ', {} %')}"
        for row in table.to_dict("records")
    ]
    error = f" (sampling error {100 * facts['error'] / total:.1f} %)" if total else ""
    yield (
        f"Weeks held out: the {facts['known']:,} customers known on {facts['start']} ordered {total:,} "
        f"times in {formats.count(int(facts['weeks']), 'week')}{error}. Forecasts: {'; '.join(told)}."
    )


def _off(value: float, form: str) -> str:
    return "" if np.isnan(value) else form.format(f"{100 * value:+.1f}".replace("-", "−"))


def caveats(tables: Tables) -> Iterator[str]:
    """Say what of the weeks held out is not compared."""
    if FITS in tables:
        missing = sorted({"BG/NBD", "Pareto/NBD"} - set(tables[FITS]["model"]))
        if missing:
            yield (
                f"The log has too few repeat purchases for {' and '.join(missing)}, or their likelihood "
                "has no maximum."
            )
    if FACTS not in tables:
        return
    facts = tables[FACTS].iloc[0]
    if facts["problem"]:
        yield f"The weeks held out are not compared: {facts['problem']}."
        return
    if facts["weeks"] < facts["asked"]:
        yield (
            f"The log covers {facts['weeks']} of the {facts['asked']} weeks held out to their end; "
            "only these are compared."
        )
    if not facts["orders"]:
        yield "No known customer ordered in the weeks held out: no error in % can be given."
    names = set(tables[FORECASTS]["forecast"])
    if "same-weekday mean" not in names:
        yield "The log is too short before the cut for the same-weekday mean of as many weeks."
    if not any(name.startswith("ensemble") for name in names):
        yield "No market of an ensemble has customers known at the cut: none is compared."


# -- tables and a picture ---------------------------------------------------------------------------


def views(tables: Tables) -> list[View]:
    """Return the tables to show."""
    out = []
    if FORECASTS in tables:
        out.append(_forecast_view(tables))
    if FITS in tables and len(tables[FITS]):
        out.append(_fit_view(tables[FITS]))
    return out


def _forecast_view(tables: Tables) -> View:
    facts = tables[FACTS].iloc[0]
    total, error = facts["orders"], facts["error"]
    ends = f"{max(total - Z * error, 0):,.0f} to {total + Z * error:,.0f}"
    rows = [[LOG, f"{total:,}", ends, "", "", ""]]
    for row in tables[FORECASTS].to_dict("records"):
        known = not np.isnan(row["low"])
        rows.append(
            [
                row["forecast"],
                f"{row['orders']:,.0f}",
                f"{row['low']:,.0f} to {row['high']:,.0f}" if known else formats.NOTHING,
                _off(row["off"], "{} %") or formats.NOTHING,
                formats.NOTHING
                if np.isnan(row["off_in_errors"])
                else f"{row['off_in_errors']:+.1f}".replace("-", "−"),
                f"{row['weekly_rmse']:.1f}",
            ]
        )
    columns = ["", "orders", "90 %", "off", "off, in sampling errors", "weekly error"]
    note = (
        f"Orders of the {facts['known']:,} customers who had ordered within {facts['look_back']} days "
        f"before {facts['start']}, in {formats.count(int(facts['weeks']), 'week')}. 90 %: of the log, "
        "sampling of customers; of an ensemble, 5 to 95 % of its markets; of a model, its estimates. "
        "weekly error: root mean square, in orders."
    )
    return View("Weeks held out", columns, rows, note)


def _fit_view(table: pd.DataFrame) -> View:
    rows = [
        [
            row["model"],
            row["parameter"],
            f"{row['estimate']:.4g}",
            formats.NOTHING if np.isnan(row["low"]) else f"{row['low']:.3g} to {row['high']:.3g}",
            f"{row['customers']:,}",
        ]
        for row in table.to_dict("records")
    ]
    columns = ["model", "parameter", "estimate", "90 %", "customers"]
    note = "By maximum likelihood, on the log before the weeks held out; times in weeks."
    return View("Models of repeat buying fitted to the log", columns, rows, note, detail=True)


def held_out(study: Study, tables: Tables) -> Figure | None:
    """Orders of known customers in the weeks held out: the log (90 % sampling error) and forecasts."""
    if WEEKS not in tables:
        return None
    table, facts = tables[WEEKS], tables[FACTS].iloc[0]
    title = f"Weeks held out, from {facts['start']}"
    known = f"orders of {facts['known']:,} known customers"
    figure, axes = style.figure(title, "week", known)
    names = [name for name in dict.fromkeys(table["of"]) if name != LOG]
    for k, name in enumerate(names):
        own, banded = table[table["of"] == name], name == "ensemble, given each history"
        label = f"{name} (5–95 %)" if banded else name
        drawn = {**style.line(k), "ls": DASHES.get(name, "-")}
        axes.plot(own["week"], own["orders"], label=label, lw=1.8, **drawn)
        if banded:
            axes.fill_between(own["week"], own["low"], own["high"], **style.band(k))
    own = table[table["of"] == LOG]
    reach = np.stack([own["orders"] - own["low"], own["high"] - own["orders"]])
    axes.errorbar(
        own["week"], own["orders"], reach, fmt="o", color="#333333", ms=4, lw=1, label=LOG
    )
    axes.set_ylim(bottom=0)
    style.whole(axes.xaxis)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8.5)
    return figure

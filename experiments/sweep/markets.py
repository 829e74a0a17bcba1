"""A sweep over an ensemble: each point is the mean over markets, with what markets differ by."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.across import ID
from experiments.between import ENOUGH, Parts, parts, shrunk
from experiments.choosing import Placed
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.scales import Amount
from experiments.study import Study
from experiments.sweep import claims
from experiments.sweep.points import BASE
from experiments.tabular import Head, Heads, Rows, View, amount, by_column
from experiments.verdicts import VERDICTS, bounds, percent, verdict

CLAIMED = ["claim", "point", "markets", "share"]
COLUMNS = ["response", "point", *Parts._fields, "verdict"]
SHOWN = 10
"""So many points are in the table of the terminal: the highest."""


def by_market(study: Study, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of a sweep with a row per point and market, the mean of its replicates.

    A market in which a point lacks a run has no value there. `replicate` is its number.
    """
    labels = [response.label for response in study.responses]
    groups = runs.groupby(["point", ID], sort=False)
    out = groups.first().reset_index()
    done = groups["done"].all().to_numpy()
    means = groups[labels].mean().to_numpy(float)
    complete = groups[labels].count().to_numpy() == study.replicates.n
    out[labels] = np.where(complete & done[:, None], means, np.nan)
    out["done"] = done
    order = {name: k for k, name in enumerate(runs[ID].unique())}
    out["replicate"] = out[ID].map(order)
    return out[list(runs.columns)]


def spread(study: Study, runs: pd.DataFrame) -> pd.DataFrame:
    """Return by response and point how far it is from the market as it is, over markets.

    Parameters
    ----------
    study
        Over an ensemble.
    runs
        A row per run.
    """
    over = study.across
    assert over is not None
    placed = over.of(over.shown)
    weights = np.array([one.member.weight for one in placed])
    rows: list[dict[str, Any]] = []
    for response in study.responses:
        wide = runs.pivot(index=[ID, "replicate"], columns="point", values=response.label)
        for point in (name for name in wide.columns if name != BASE and BASE in wide):
            found = parts(_by_member(wide[point] - wide[BASE], placed), weights)
            key = {"response": response.label, "point": point}
            said = verdict(found.share_low, found.share_high, found.effective)
            rows.append(key | found._asdict() | {"verdict": said})
    return pd.DataFrame(rows, columns=COLUMNS)


def _by_member(values: pd.Series, placed: Sequence[Placed]) -> list[NDArray[np.float64]]:
    """Return the values of each member of an ensemble, of a series by member and replicate."""
    known = {name: own.to_numpy(float) for name, own in values.dropna().groupby(level=0)}
    return [known.get(one.member.id, np.empty(0)) for one in placed]


def claimed(study: Study, runs: pd.DataFrame) -> pd.DataFrame:
    """Return by claim and point the share of markets in which the claim holds.

    Of the markets in which the response has a value. Their means are taken as far from the mean of
    all as true values are (`experiments.between.shrunk`), since error alone carries some over an end.

    Parameters
    ----------
    study
        Over an ensemble.
    runs
        A row per run.
    """
    over = study.across
    assert over is not None
    placed = over.of(over.shown)
    weights = np.array([one.member.weight for one in placed])
    rows: list[dict[str, Any]] = []
    for name, claim in claims.of(study).items():
        wide = runs.pivot(index=[ID, "replicate"], columns="point", values=claim.response)
        for point in (column for column in wide.columns if column != BASE):
            means = shrunk(_by_member(wide[point], placed), weights)
            there = np.isfinite(means)
            holds = (claim.at_least <= means) & (means <= claim.at_most)
            share = float(weights[holds].sum() / weights[there].sum()) if there.any() else np.nan
            rows.append({"claim": name, "point": point, "markets": there.sum(), "share": share})
    return pd.DataFrame(rows, columns=CLAIMED)


def _claims(tables: Tables) -> list[tuple[str, pd.DataFrame]]:
    """Return the points at which each claim can be judged in any market, by claim."""
    frame = tables.get("claimed", pd.DataFrame(columns=CLAIMED)).dropna(subset="share")
    return [(str(name), points) for name, points in frame.groupby("claim", sort=False)]


def _in_markets(name: str, points: pd.DataFrame) -> str:
    low, high = percent(points["share"].min()), percent(points["share"].max())
    part = f"{low} of markets at every point" if low == high else f"{low} to {high} of markets"
    depends = (
        ""
        if low == high
        else f", depending on the point; {percent(points['share'].mean())} on average"
    )
    return f"“{name}” holds in {part}{depends}."


def findings(study: Study, tables: Tables) -> list[str]:
    """Say in what share of markets claims hold, and the highest point is above the market as it is."""
    if study.across is None:
        return []
    out = [_in_markets(name, points) for name, points in _claims(tables)]
    for response in study.responses:
        best, points = tables["best"], _of(tables["spread"], response)
        own = _of(best, response)
        top = own[own["end"] == "highest"]
        row = points[points["point"] == (top["picked"].iloc[0] if len(top) else "")]
        if len(row):
            out.append(_highest(response, row.iloc[0]))
    return out


def _highest(response: Response, row: Any) -> str:
    if not row["markets"]:
        what = f"{response.title[0].upper()}{response.title[1:]}"
        return f"{what} has no value in the market as it is, so no point is held against it."
    share = (
        f"{response.title} is higher at point {row['point']}, which half of the markets chooses, than "
        f"in the market as it is in {percent(row['share'])} of all markets (bounds, each of 95 %: "
        f"{bounds(row)}; biased upward in the half that chooses)"
    )
    if row["verdict"] == "few":
        n = int(row["markets"])
        return f"Cannot decide: {n} markets, at least {ENOUGH} are needed. So far {share}."
    return f"{share[0].upper()}{share[1:]}: {VERDICTS[row['verdict']]}."


def _of(table: pd.DataFrame, response: Response) -> pd.DataFrame:
    return table[table["response"] == response.label]


def views(study: Study, tables: Tables) -> list[View]:
    """Return by response what the highest points do over markets; nothing of another study."""
    if study.across is None:
        return []
    every = [_claims_view(tables)] if "claimed" in tables else []
    return [*every, *(_view(tables, response) for response in study.responses)]


def _claims_view(tables: Tables) -> View:
    rows: Rows = [
        [
            name,
            f"{len(points)}",
            *(percent(points["share"].agg(of)) for of in ("min", "mean", "max")),
            f"{points['markets'].min()}",
        ]
        for name, points in _claims(tables)
    ]
    heads: Heads = [
        "claim",
        "points",
        "fewest markets",
        "on average",
        "most markets",
        "with a value",
    ]
    note = (
        "Shares of the markets in which the response has a value; points without any are left out."
    )
    return by_column("Claims: share of markets in which each holds", heads, rows, note=note)


def _view(tables: Tables, response: Response) -> View:
    frame = _of(tables["spread"], response)
    frame = frame[frame["markets"] > 0]  # elsewhere there is nothing to hold a point against
    frame = frame.sort_values("mean", ascending=False, kind="stable")
    rows: Rows = [
        [
            row["point"],
            percent(row["share"]),
            bounds(row),
            amount(row),
            Amount(row["between"]),
            Amount(row["error"]),
        ]
        for row in frame.head(SHOWN).to_dict("records")
    ]
    heads: Heads = [
        "point",
        "higher in",
        "95 % bounds",
        Head("more than as it is, ± 95 %", response.unit, True, "effect"),
        Head("differs by (sd)", response.unit, True, "effect"),
        Head("error of a market", response.unit, True, "effect"),
    ]
    left = len(frame) - SHOWN
    note = f"The highest; {left} more are in the table `spread` on disk." if left > 0 else ""
    title = f"{response.title[0].upper()}{response.title[1:]} over markets, by point"
    return by_column(title, heads, rows, note=note)


def method(study: Study) -> list[str]:
    """Say how the numbers over markets come about; nothing of another study."""
    over = study.across
    if over is None:
        return []
    return [
        f"Every point is run in {len(over.of(over.shown))} markets of the ensemble {over.name} that "
        f"its calibration does not rule out, {study.replicates.n} replicates each, and is the mean "
        "over markets; intervals are from the scatter between markets. Each market counts alike. "
        "The table over markets tells what they truly differ by and the error inside them apart "
        "(method of moments), and counts the share of markets by weight, corrected for that error. "
        "So is the share of markets in which a claim holds; how many points it holds at is of means.",
    ]

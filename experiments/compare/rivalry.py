"""Tables of a comparison that are about all brands: who gains, who pays, who wins from whom."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments import intervals, units
from experiments.compare import effects as comparing
from experiments.study import Study

METRICS = ("long_run_revenue", "long_run_contribution", "share_of_revenue", "long_run_spend")
"""What is compared for every brand."""
PORTFOLIO = ["portfolio", "brands", *comparing.EFFECT[1:]]
"""Columns of the table of portfolios."""
SWITCHING = ["arm", "from", "to", *intervals.Interval._fields]
Place = tuple[str, str]
"""An arm and a brand."""


def means(found: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the mean of each metric in each arm for each brand."""
    parts = [
        intervals.means(rows, names, by="brand").assign(arm=arm)
        for arm, rows in found.groupby("arm", sort=False)
    ]
    return stack(parts, ["arm", "brand", "metric", *intervals.Interval._fields])


def effects(found: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Return the effect of each arm on every brand: who pays for the gain."""
    parts = [
        comparing.effects(rows, list(METRICS), baseline).assign(brand=brand)
        for brand, rows in found.groupby("brand", sort=False)
        # A brand that is not in every arm cannot be compared.
        if baseline in set(rows["arm"])
    ]
    return stack(parts, ["brand", *comparing.EFFECT])


def portfolios(found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return what a portfolio brings a brand that has it, if two brands or more have the same.

    In each replicate the mean is taken over the arms and brands that have it, and over the same
    brands in the baseline; so a portfolio that each brand has in turn is not confounded with who
    has it. p is adjusted over the portfolios.
    """
    parts = []
    for metric in METRICS:
        wide = found.pivot(index="replicate", columns=["arm", "brand"], values=metric)
        rows = [
            {"portfolio": name, "brands": ", ".join(sorted({b for _, b in places}))}
            | {"metric": metric, **_gain(wide, places, study.baseline)}
            for name, places in shared_portfolios(study).items()
        ]
        table = pd.DataFrame(rows, columns=PORTFOLIO)
        table["p_holm"] = intervals.holm(table["p"].to_numpy(float))
        parts.append(table)
    return stack(parts, PORTFOLIO)


def _gain(wide: pd.DataFrame, places: list[Place], baseline: str) -> dict[str, float]:
    own = wide.reindex(columns=places).mean(axis=1, skipna=False)
    base = wide.reindex(columns=[(baseline, b) for _, b in places]).mean(axis=1, skipna=False)
    both = own.notna() & base.notna()
    return intervals.difference(own[both].to_numpy(float), base[both].to_numpy(float))


def shared_portfolios(study: Study) -> dict[str, list[Place]]:
    """Return the arms and brands that have the same strategies, where those are several brands."""
    places: dict[str, list[Place]] = {}
    for arm, market in study.arms.items():
        for brand, has in market["brands"].items():
            if arm != study.baseline and has["strategies"]:
                key = json.dumps(has["strategies"], default=str, sort_keys=True)
                places.setdefault(key, []).append((arm, brand))
    shared: dict[str, list[Place]] = {}
    for where in places.values():
        if len({brand for _, brand in where}) > 1:
            arm, brand = where[0]
            name = " + ".join(study.arms[arm]["brands"][brand]["strategies"])
            shared[f"{name} ({arm})" if name in shared else name] = where
    return shared


def switching(curve: pd.DataFrame, design: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return by arm which share of the purchases after one of a brand goes to which brand.

    Parameters
    ----------
    curve
        Rows of the curve `switch` of all brands.
    design, study
        Which runs belong to which arm, and which brands that has.
    """
    rows = units.by_observation(curve, design, ["brand", "curve", "x", "y"])
    keys = ["arm", "brand", "x", "replicate"]
    sums = rows.groupby(keys)[["top", "bottom"]].sum()
    share = (sums["top"] / sums["bottom"]).groupby(keys[:-1])
    points: Mapping[Any, intervals.Interval] = {
        place: intervals.interval(values.to_numpy(float)) for place, values in share
    }
    found = [
        {"arm": arm, "from": brand, "to": other, **points[(arm, brand, k)]._asdict()}
        for arm, market in study.arms.items()
        for brand in market["brands"]
        for k, other in enumerate(market["brands"])
        if (arm, brand, k) in points
    ]
    return pd.DataFrame(found, columns=SWITCHING)


def stack(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put tables below each other; without any, an empty one with these columns."""
    filled = [part[columns] for part in parts if not part.empty]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)

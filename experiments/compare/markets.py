"""A comparison over an ensemble: the effect of each arm in every market, and over all of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import gather
from experiments.across import ID, Across
from experiments.between import Parts, parts, shrunk
from experiments.choosing import Placed
from experiments.compare.stopping import whole
from experiments.ensemble_rows import RANGES
from experiments.formats import is_number
from experiments.kinds import Tables
from experiments.store import Store
from experiments.study import Study
from experiments.unknowns import COLUMNS as UNKNOWN
from experiments.unknowns import unknowns
from experiments.verdicts import verdict

Floats = NDArray[np.float64]
KEYS = ["ranges", "metric", "arm"]
MARKETS = [*KEYS, ID, "weight", "pairs", "effect", "error", "shrunk"]
OVER = [*KEYS, *Parts._fields, "verdict"]


def tables(study: Study, store: Store, design: pd.DataFrame) -> Tables:
    """Return the tables of a comparison over an ensemble; none of another.

    `markets`: by ranges, response, arm and market, the mean of the paired differences, its standard
    error, and the mean as far from the overall mean as true effects are. `ensemble`: the same over
    markets, see `experiments.between`. `unknowns`: what the difference between markets goes with, of
    the first response; `free`: what each market has of each free parameter, as numbers or text.
    """
    over = study.across
    if over is None:
        return {}
    found = gather.responses(store, whole(study, design), study.responses, study.of)
    markets: list[dict[str, Any]] = []
    summed, drivers = [], [pd.DataFrame(columns=[*KEYS, *UNKNOWN])]
    for ranges in RANGES:
        placed = over.of(ranges)
        for response in study.responses if placed else ():
            wide = found.pivot(index=[ID, "replicate"], columns="arm", values=response.label)
            for arm in (name for name in wide.columns.unique() if name != study.baseline):
                key = {"ranges": ranges, "metric": response.label, "arm": arm}
                effects = differences(wide, arm, study.baseline, placed)
                own = parts(effects, weights(placed))
                markets += [key | row for row in _by_market(effects, own, placed)]
                summed.append(
                    key
                    | own._asdict()
                    | {"verdict": verdict(own.share_low, own.share_high, own.effective)}
                )
                if response == study.responses[0]:
                    drivers.append(_drivers(placed, effects, own).assign(**key))
    order = [arm for arm in study.arms if arm in set(found["arm"])]
    return {
        "markets": _ordered(pd.DataFrame(markets, columns=MARKETS), order),
        "ensemble": _ordered(pd.DataFrame(summed, columns=OVER), order),
        "unknowns": _stacked(drivers),
        "free": free(over),
    }


def differences(wide: pd.DataFrame, arm: str, base: str, placed: list[Placed]) -> list[Floats]:
    """Return float64[pairs] of each market: an arm less the baseline within its replicates."""
    gain = (wide[arm] - wide[base]).dropna()
    by = {name: own.to_numpy(float) for name, own in gain.groupby(level=0)}
    return [by.get(one.member.id, np.empty(0)) for one in placed]


def weights(placed: list[Placed]) -> Floats:
    """Return float64[markets]."""
    return np.array([one.member.weight for one in placed])


def _by_market(effects: list[Floats], own: Parts, placed: list[Placed]) -> Iterator[dict[str, Any]]:
    pulled = shrunk(effects, weights(placed))
    for one, values, mean in zip(placed, effects, pulled, strict=True):
        n = len(values)
        yield {
            ID: one.member.id,
            "weight": one.member.weight,
            "pairs": n,
            "effect": float(values.mean()) if n else np.nan,
            "error": own.within / np.sqrt(n) if n else np.nan,  # pooled: two values tell little
            "shrunk": float(mean),
        }


def _drivers(placed: list[Placed], effects: list[Floats], own: Parts) -> pd.DataFrame:
    names = dict.fromkeys(path for one in placed for path in one.free)
    values = {path: [one.free.get(path) for one in placed] for path in names}
    means = np.array([float(x.mean()) if len(x) else np.nan for x in effects])
    scatter = own.between**2 + own.error**2
    return unknowns(values, means, own.between**2 / scatter if scatter > 0 else 0.0)


def free(over: Across) -> pd.DataFrame:
    """Return what each market has of each free parameter: a row per market and parameter."""
    rows = [
        {ID: one.member.id, "ranges": one.member.ranges, "parameter": path}
        | ({"value": float(x), "text": ""} if is_number(x) else {"value": np.nan, "text": str(x)})
        for one in over.members
        for path, x in one.free.items()
    ]
    return pd.DataFrame(rows, columns=[ID, "ranges", "parameter", "value", "text"])


def _ordered(table: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    """Put arms into the order of the file."""
    place = table["arm"].map({arm: k for k, arm in enumerate(arms)})
    groups = table.groupby(["ranges", "metric"], sort=False).ngroup()
    order = np.lexsort((np.arange(len(table)), place, groups))
    return table.iloc[order].reset_index(drop=True)


def _stacked(drivers: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [own for own in drivers if not own.empty]
    columns = [*KEYS, *UNKNOWN]
    return pd.concat(filled, ignore_index=True)[columns] if filled else drivers[0]

"""What a sweep found, in sentences."""

import math
from typing import Any

import pandas as pd

from experiments import formats, units
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.statements import NOT_DECIDED, Estimate, not_distinguishable
from experiments.study import Study
from experiments.sweep import claims, estimates, markets, scenarios
from experiments.sweep.found import Found, values
from experiments.sweep.levels import text
from experiments.sweep.points import Sweep
from experiments.sweep.ranking import ALPHA
from experiments.sweep.words import columns, names, of

NAMED = 5
"""So many points are named in a sentence."""


def findings(study: Study, tables: Tables) -> list[str]:
    """Say which factor matters most, and where the highest mean is, each with how sure it is."""
    out: list[str] = []
    for response in study.responses:
        found = _found(study, tables, response)
        if len(found.own) < 2:
            out.append(f"{response.title}: fewer than two points can be compared.")
            continue
        p = estimates.differ(found.whole)
        if not p < ALPHA:
            out.append(_no_difference(response, p))
            continue
        out += [_most(study, tables, response), _highest(study, tables, response)]
    if "claims" in tables:  # what was asked comes first
        out = claims.findings(study, tables) + out
    out = units.worded(study, out + scenarios.told(tables, problem=False))
    return markets.findings(study, tables) + out


def _no_difference(response: Response, p: float) -> str:
    if math.isnan(p):
        return (
            f"Not known: whether the points differ in {response.title}. Three replicates at least "
            "would tell."
        )
    return (
        f"Not distinguishable from each other: the points of the sweep in {response.title} (that "
        f"the second half of the replicates shows the pattern of the first: p = "
        f"{formats.p_value(p)}). More replicates tell more."
    )


def _found(study: Study, tables: Tables, response: Response) -> Found:
    sweep = study.points
    assert isinstance(sweep, Sweep)
    return Found(sweep, values(tables["runs"], response.label, len(sweep), study.observations))


def _most(study: Study, tables: Tables, response: Response) -> str:
    """Say which factor matters most, or that this is not decided."""
    rows = of(tables, "factors", response).to_dict("records")
    short, first = names(study), rows[0]
    if math.isnan(first["swing"]):
        return (
            f"Not known: which factor matters most for {response.title}; there are too few points."
        )
    name = short[first["factor"]]
    if len(rows) == 1:
        return _swing(f"{name} changes {response.title}", name, first, response)
    share = f" By itself it makes {_percent(first['share'])} of the variance between points."
    second = rows[1]
    after = short[second["factor"]]
    said = _swing(f"The effect of {name} on {response.title}", name, first, response) + share
    said += " " + _swing(f"Next is {after}", after, second, response)
    said += f" It makes {_percent(second['share'])}."
    return f"{_order(first, name, after, response)} {said}"


def _swing(start: str, name: str, row: dict[Any, Any], response: Response) -> str:
    """Say how much more a response is at one level of a factor than at another."""
    swing = _estimate(row, "swing", "", response, change=True)
    high, low = text(row["highest"]), text(row["lowest"])
    if swing.known and not swing.decided:
        what = f"the difference of {response.title} between {name} = {high} and {low}"
        return not_distinguishable(what, swing)
    size = f"{swing.size_signed} more at {high} than at {low}"
    return f"{start}: {size}{_bracketed(swing)}."


def _order(first: dict[Any, Any], name: str, after: str, response: Response) -> str:
    """Say whether the first factor does more than the next."""
    gap = Estimate(
        first["over_next"], first["over_next_low"], first["over_next_high"], response.unit
    )
    swing = _estimate(first, "swing", "", response, change=True)
    if gap.low > 0 and swing.decided:
        more = f"{gap.size_signed} more than {after}{_bracketed(gap)}"
        return f"{name} matters most for {response.title}, {more}."
    if gap.high < 0:
        why = f"{after} does more at its extremes, {name} makes more of the variance"
    elif gap.known:
        why = f"the lead of {name} over {after} is not distinguishable from zero ({gap.told()})"
    else:
        why = "there are too few replicates"
    return f"{NOT_DECIDED}: which factor matters most for {response.title}; {why}."


def _highest(study: Study, tables: Tables, response: Response) -> str:
    """Say where the highest mean is, how high it is without luck, and whether it is certain."""
    row: Any = of(tables, "best", response).set_index("end").loc["highest"]
    where = _where(study, tables, response, row["point"])
    mean = _estimate(row, "mean", "", response)
    if row["candidates"] == 1:
        said = (
            f"Of {row['points']:,} different points, {where} has the highest mean "
            f"{response.title}, {mean.size_signed}; with 95 % confidence no other is as high."
        )
    else:
        said = (
            f"{NOT_DECIDED}: which of {row['points']:,} different points has the highest mean "
            f"{response.title}. With 95 % confidence it is one of {row['candidates']:,}, which "
            f"these runs do not tell apart; the highest found is {mean.size_signed}, at {where}."
        )
    said += " The maximum of noisy means is biased upward."
    if math.isnan(row["picked_low"]):
        return said + " Four replicates at least would tell by how much."
    same = row["picked"] == row["point"]
    which = "which chooses it again" if same else f"which chooses point {row['picked']}"
    picked = _estimate(row, "picked_mean", "picked", response)
    said += (
        f" Chosen on one half of the replicates, {which}, and measured on the other, the highest "
        f"has {picked.size_signed}{_bracketed(picked)}."
    )
    return said + _gain(_estimate(row, "gain", "gain", response, change=True))


def _gain(gain: Estimate) -> str:
    """Say how much more that is than the market as it is."""
    if math.isnan(gain.mean):
        return ""
    if not gain.decided:
        return " " + not_distinguishable("its difference from the market as it is", gain)
    more = "more" if gain.mean > 0 else "less"
    return f" That is {gain.size} {more} than the market as it is{_bracketed(gain)}."


def _where(study: Study, tables: Tables, response: Response, point: str) -> str:
    """Return the number of a point and its values, or of so many factors as a table shows."""
    frame = of(tables, "points", response)
    row = frame[frame["point"] == point].iloc[0]
    short, shown = names(study), columns(study, tables, response)
    assert isinstance(study.points, Sweep)
    values = [f"{short[name]} = {text(row[name])}" for name in shown]
    more = ", …" if len(shown) < len(study.points.rows.factors) else ""
    return f"point {point} ({', '.join(values)}{more})"


def _percent(share: float) -> str:
    return formats.value(share, "share")


def _estimate(
    row: Any, mean: str, name: str, response: Response, *, change: bool = False
) -> Estimate:
    """Return a number of a row with its interval, whose columns begin with a name."""
    low, high = (float(row[f"{name}_{end}".lstrip("_")]) for end in ("low", "high"))
    return Estimate(float(row[mean]), low, high, response.unit, change)


def _bracketed(estimate: Estimate) -> str:
    return f" ({estimate.interval()})" if estimate.known else ""


# -- what a reader must know ----------------------------------------------------------------------


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say which runs are missing, and which have no value."""
    runs = tables["runs"]
    out = []
    missing = runs[~runs["done"]]
    if len(missing):
        own = runs.groupby("point")["done"].agg(["sum", "size"])
        none = own[own["sum"] == 0]
        some = own[(own["sum"] > 0) & (own["sum"] < own["size"])]
        out.append(
            f"Of {formats.count(len(own), 'point')}, so many are without some of their runs: "
            f"{len(some):,}{_named(some)}; without any: {len(none):,}{_named(none)}. Averages over "
            "points and the search for the highest leave them out, or a replicate that most points "
            "lack."
        )
    for response in study.responses:
        undefined = runs[runs["done"] & runs[response.label].isna()]
        if len(undefined):
            counts = undefined.groupby("point")["replicate"].size().to_frame()
            out.append(
                f"{response.title} has no value in {formats.count(len(undefined), 'run')} of "
                f"{formats.count(len(counts), 'point')}{_named(counts)}; these runs are left out."
            )
    return out + scenarios.told(tables, problem=True)


def _named(points: pd.DataFrame) -> str:
    if not len(points):
        return ""
    first = sorted(
        points.index, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0)
    )
    more = ", …" if len(first) > NAMED else ""
    return f" ({', '.join(first[:NAMED])}{more})"

"""What a sweep found, in sentences."""

import math
from typing import Any

import pandas as pd

from experiments import formats
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.study import Study
from experiments.sweep import claims, estimates, scenarios
from experiments.sweep.found import Found, values
from experiments.sweep.levels import text
from experiments.sweep.points import Sweep
from experiments.sweep.ranking import ALPHA
from experiments.sweep.words import amount, columns, names, of

NAMED = 5
"""So many points are named in a sentence."""


def findings(study: Study, tables: Tables) -> list[str]:
    """Say which factor matters most, and where the highest mean is, each with how sure it is."""
    out = []
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
    return out + scenarios.told(tables, problem=False)


def _no_difference(response: Response, p: float) -> str:
    if math.isnan(p):
        return (
            f"Three replicates at least would tell whether the points differ in {response.title}."
        )
    return (
        f"That the points differ in {response.title} by more than luck is not certain (that what "
        f"the first half of the replicates shows is there in the second: p = "
        f"{formats.p_value(p)}); more replicates tell more."
    )


def _found(study: Study, tables: Tables, response: Response) -> Found:
    sweep = study.points
    assert isinstance(sweep, Sweep)
    return Found(sweep, values(tables["runs"], response.label, len(sweep), study.replicates.n))


def _most(study: Study, tables: Tables, response: Response) -> str:
    """Say which factor matters most, and whether that is certain."""
    rows = of(tables, "factors", response).to_dict("records")
    short, first = names(study), rows[0]
    size = amount(first["swing"], response)
    if math.isnan(first["swing"]):
        return f"Too few points to say which factor matters most for {response.title}."
    share = (
        ""
        if len(rows) == 1
        else (f"; by itself it makes {_percent(first['share'])} of the variance between points")
    )
    said = (
        f"{_most_words(len(rows), short[first['factor']])} {response.title}: {size} more at "
        f"{text(first['highest'])} than at {text(first['lowest'])}"
        f"{_interval(first, response)}{share}."
    )
    if len(rows) == 1:
        return said
    second = rows[1]
    return said + (
        f" Next is {short[second['factor']]} with {amount(second['swing'], response)}"
        f"{_interval(second, response)} and {_percent(second['share'])}; {_order(first)}."
    )


def _most_words(factors: int, name: str) -> str:
    return f"{name} changes" if factors == 1 else f"{name} matters most for"


def _order(first: dict[Any, Any]) -> str:
    low, high = first["over_next_low"], first["over_next_high"]
    if math.isnan(low):
        return "with so few replicates their order is not certain"
    if low > 0:
        return "that the first does more is certain at 95 %"
    if high < 0:
        return "at its extremes the second does more, though it makes less of the variance"
    return "which of the two does more is not certain"


def _highest(study: Study, tables: Tables, response: Response) -> str:
    """Say where the highest mean is, how high it is without luck, and whether it is certain."""
    row: Any = of(tables, "best", response).set_index("end").loc["highest"]
    where = _where(study, tables, response, row["point"])
    said = (
        f"The highest mean {response.title} of {row['points']:,} different points is "
        f"{amount(row['mean'], response)}, at {where}; the highest of many is so by luck too."
    )
    if math.isnan(row["picked_low"]):
        return said + " Four replicates at least would tell how much of it is luck."
    same = row["picked"] == row["point"]
    which = "which chooses it again" if same else f"which chooses point {row['picked']}"
    said += (
        f" Chosen on one half of the replicates, {which}, and measured on the other, the highest "
        f"has {amount(row['picked_mean'], response)}{_interval(row, response, 'picked')}"
    )
    if not math.isnan(row["gain"]):
        more = "more" if row["gain"] >= 0 else "less"
        sure = row["gain_low"] > 0 or row["gain_high"] < 0
        said += (
            f", {amount(abs(row['gain']), response)} {more} than the market as it is"
            f"{_interval(row, response, 'gain', '' if sure else ', so the sign is not certain')}"
        )
    if row["candidates"] == 1:
        return said + ". That no other point is higher is certain at 95 %."
    return said + (
        f". With 95 % confidence the truly highest is one of {row['candidates']:,} points, which "
        "these runs do not tell apart."
    )


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


def _interval(row: Any, response: Response, name: str = "", more: str = "") -> str:
    ends = [row[f"{name}_{end}".lstrip("_")] for end in ("low", "high")]
    if any(map(math.isnan, ends)):
        return ""
    low, high = (formats.value(end, response.unit) for end in ends)
    return f" (95 % interval {low} to {high}{more})"


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

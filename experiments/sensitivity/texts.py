"""What a sensitivity study says in words and tables."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

import pandas as pd

from experiments import formats
from experiments.factors import INERT
from experiments.formats import count
from experiments.kinds import Tables
from experiments.points import Rows
from experiments.responses import Response
from experiments.scales import Amount, Scale, scale
from experiments.sensitivity import markets
from experiments.sensitivity.about import METHODS
from experiments.sensitivity.methods import ScreenFirst, SobolMethod
from experiments.sensitivity.spec import SensitivityStudy, inputs
from experiments.statements import NOT_DECIDED, Estimate
from experiments.study import Study
from experiments.tabular import View

RANK = {"sobol": "ST", "morris": "mu_star"} | {name: m.rank for name, m in METHODS.items()}
"""The column by which a method ranks inputs."""
TITLES = {"sobol": "Sobol’ indices across replicates", "morris": "Elementary effects (Morris)"} | {
    name: f"{m.title}" for name, m in METHODS.items()
}
CONTROL = "(control)"
"""What the control is called."""
SMALL = 0.05
"""A total or first-order index below is called small."""
NAMED = 5
"""So many missing runs are named."""


def rank(study: Study) -> str:
    """Return the column by which the method of a study ranks inputs."""
    return RANK[cast(SensitivityStudy, study.spec).method.name]


def title_of(study: Study, response: Response) -> str:
    """Return what a response is, for people, with its brand."""
    return response.title if response.of else f"{response.title} of {study.of}"


def short(names: list[str]) -> dict[str, str]:
    """Return the shortest ends of dotted paths that tell them apart, of two parts at least."""
    out = {}
    for name in names:
        if name == INERT:
            out[name] = CONTROL
            continue
        parts = name.split(".")
        ends = [".".join(parts[-k:]) for k in range(min(2, len(parts)), len(parts) + 1)]
        others = [other for other in names if other != name]
        out[name] = next(e for e in ends if not any(f".{o}".endswith(f".{e}") for o in others))
    return out


def title(study: Study) -> str:
    """Return the line above the tables."""
    spec = cast(SensitivityStudy, study.spec)
    varied = inputs(cast(Rows, study.points).factors)
    many = count(len(varied) - spec.inert_control, "input")
    control = " and a control" if spec.inert_control else ""
    runs = count(len(study.points) * study.replicates.n, "run")
    return f"{study.name}: {TITLES[spec.method.name]}, {many}{control}, {runs}"


def method(study: Study) -> list[str]:
    """Say how the numbers come about."""
    name = cast(SensitivityStudy, study.spec).method.name
    return markets.method(study) + ([*_HOW.get(name, [])] or [METHODS[name].measures])


_HOW = {
    "sobol": [
        "ST, the total index, is the share of the variance of the mean response that would be lost "
        "if the input were fixed, with all interactions it has a part in; S1 is what it does "
        "by itself. Every point of the design is run in several replicates, and products across "
        "replicates take the place of squares, so that luck does not count as an effect. Intervals "
        "are of 95 %, by a bootstrap over the blocks of the design, whose runs share their luck."
    ],
    "morris": [
        "mu* is the mean size of an elementary effect: how much the response changes if the input "
        "moves by half of its distribution, per unit of that. Luck alone makes mu* positive; the "
        "noise floor is what an input that does nothing would show, estimated for each input from "
        "the differences between its replicates. An input is above the floor if the 95 % interval "
        "(Student t, over trajectories) of mu* − floor lies above 0; that of mu* is by a "
        "bootstrap. sigma, the spread of the effect over the space (interactions and curvature), "
        "and the root mean square are without the part of noise. A response that repeats itself "
        "after half of an input’s range would escape."
    ],
}


# -- tables ---------------------------------------------------------------------------------------


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show: the inputs of each response in order of what they do."""
    return [_indices(study, tables, response) for response in study.responses]


def of(frame: pd.DataFrame, response: Response) -> pd.DataFrame:
    """Return the rows of one response."""
    return frame[frame["response"] == response.label].drop(columns="response")


def ranked(study: Study, tables: Tables, response: Response) -> pd.DataFrame:
    """Return the indices of a response, largest first."""
    return of(tables["indices"], response).sort_values(
        rank(study), ascending=False, kind="stable", ignore_index=True
    )


def number(x: Any) -> str:
    """Return an index; a dash if there is none."""
    if not isinstance(x, int | float) or math.isnan(x):
        return formats.NOTHING
    return f"{x:.2f}".replace("-0.00", "0.00").replace("-", "−")


_HEADS = {"mu_star": "mu*", "rms": "root mean square", "floor": "noise floor"}
_SIZES = ("mu", "mu_star", "sigma", "rms", "floor")
"""Columns in units of the response."""


def _indices(study: Study, tables: Tables, response: Response) -> View:
    rows = ranked(study, tables, response)
    names = short(list(rows["input"]))
    first = rank(study)
    every = [str(c) for c in rows if not str(c).endswith(("_low", "_high"))]
    columns = [first, *(c for c in every if c not in ("input", first))]
    sizes = sizes_of(rows, response)
    heads = [_HEADS.get(c, c.replace("_", " ")) for c in columns]
    check = of(tables["surrogate"], response).set_index("input")
    beside = ["ST", "S1"] if len(check) else []
    cells = [
        [
            names[row["input"]],
            *(_cell(row, c, sizes) for c in columns),
            *(number(check[c][row["input"]]) for c in beside),
        ]
        for row in rows.to_dict("records")
    ]
    name = title_of(study, response)
    title = f"{sizes.head(name) if first == 'mu_star' else name}, 95 % intervals"
    return View(title, ["input", *heads, *(f"{c}, surrogate" for c in beside)], cells)


def sizes_of(rows: pd.DataFrame, response: Response) -> Scale:
    """Return the one scale of all columns that are in units of the response."""
    own = [c for c in rows if str(c).removesuffix("_low").removesuffix("_high") in _SIZES]
    return scale(map(Amount, rows[own].to_numpy(float).ravel()), response.unit, change=True)


def _cell(row: dict[Any, Any], column: str, sizes: Scale) -> str:
    value = row[column]
    if column == "above_floor":
        return formats.NOTHING if pd.isna(value) else "yes" if value else "no"
    show = sizes.number if column in _SIZES else number
    if f"{column}_low" not in row or math.isnan(row[f"{column}_low"]):
        return show(value)
    return f"{show(value)} ({show(row[f'{column}_low'])} to {show(row[f'{column}_high'])})"


# -- sentences ------------------------------------------------------------------------------------


def findings(study: Study, tables: Tables) -> list[str]:
    """Say what drives each response, how sure that is, and what luck does."""
    out = [*markets.findings(study, tables), *_screened(study)]
    for response in study.responses:
        name = title_of(study, response)
        rows = ranked(study, tables, response)
        verdict = of(tables["verdicts"], response).iloc[0]
        out += [f"{name}: {text}" for text in _drivers(study, response, rows, verdict)]
        out.append(f"{name}: {verdict['sentence']}")
        if not math.isnan(verdict["noise_share"]):
            out.append(f"{name}: {_luck(verdict)}")
        out += [f"{name}: {text}" for text in _agreement(study, tables, response)]
    return out


def _luck(verdict: Any) -> str:
    share, low, high = (max(verdict[f"noise_{c}"], 0.0) for c in ("share", "low", "high"))
    if math.isnan(verdict["noise_low"]):
        share = scale([Amount(share)], "share").with_unit(share)
        return f"luck makes up {share} of the scatter of the analysed means over replicates."
    luck = Estimate(share, low, high, "share", change=False)
    return f"luck makes up {luck.size} ({luck.interval()}) of the scatter of single runs."


def _drivers(study: Study, response: Response, rows: pd.DataFrame, verdict: Any) -> Iterator[str]:
    column = rank(study)
    names = short(list(rows["input"]))
    own = rows[(rows["input"] != INERT) & rows[column].notna()]
    if own.empty or verdict["level"] in ("constant", "not analysed"):
        return
    sure = _sure(rows, own, column)
    small = own[column] < (SMALL if column in ("ST", "S1") else -math.inf)
    large, sizes = own[sure & ~small], sizes_of(rows, response)
    told = [f"{names[r['input']]} {_plain(r, column, sizes)}" for r in large.to_dict("records")]
    if told:
        yield from _order(large, column, names)
        unit = f" in {sizes.unit}" if column in _SIZES else ""
        yield f"what drives it, by {_HEADS.get(column, column)}{unit}: {'; '.join(told)}."
    for which, what in ((sure & small, f"small, below {SMALL:g}"), (~sure, _LIKE_NOTHING)):
        some = ", ".join(names[name] for name in own["input"][which])
        if some:
            yield f"{what}: {some}."


_LIKE_NOTHING = "cannot be told from inputs that do nothing"


def _sure(rows: pd.DataFrame, own: pd.DataFrame, column: str) -> "pd.Series[bool]":
    """Return which inputs do something that noise does not explain."""
    if "above_floor" in own:
        return own["above_floor"].astype(bool)
    above = own[column] > _of_control(rows, column)
    return own[f"{column}_low"] > 0 if column in ("ST", "S1") and f"{column}_low" in own else above


def _order(large: pd.DataFrame, column: str, names: dict[str, str]) -> Iterator[str]:
    """Say which of the inputs that do something cannot be ranked, one after the other."""
    if len(large) < 2:
        return
    if f"{column}_low" not in large or large[f"{column}_low"].isna().any():
        yield f"{NOT_DECIDED}: the order of these inputs; the method gives no intervals."
        return
    alike: list[list[str]] = []
    for before, after in pairwise(large.to_dict("records")):
        if before[f"{column}_low"] > after[f"{column}_high"]:
            continue
        if not alike or alike[-1][-1] != names[before["input"]]:
            alike.append([names[before["input"]]])
        alike[-1].append(names[after["input"]])
    if alike:
        groups = "; of ".join(" and ".join(group) for group in alike)
        yield f"{NOT_DECIDED}: the order of {groups} (intervals overlap)."


def _plain(row: dict[Any, Any], column: str, sizes: Scale) -> str:
    return _cell(row, column, sizes).replace("(", "[").replace(")", "]")


def _of_control(rows: pd.DataFrame, column: str) -> float:
    """Return what the control shows, 0 if there is none."""
    control = rows[column][rows["input"] == INERT]
    return float(control.iloc[0]) if len(control) else 0.0


def screened_by(study: Study) -> ScreenFirst | None:
    """Return the screening that has narrowed a study, if one has."""
    method = cast(SensitivityStudy, study.spec).method
    first = method.screen_first if isinstance(method, SobolMethod) else None
    return first if first and first.kept else None


def _screened(study: Study) -> Iterator[str]:
    first = screened_by(study)
    if first is None:
        return
    spec = cast(SensitivityStudy, study.spec)
    every = dict.fromkeys(own.group or name for name, own in spec.factors.items())
    fixed = [name for name in every if name not in (first.kept or ())]
    if fixed:
        yield (
            f"Of {len(every)} inputs, a screening by Morris ({first.trajectories} trajectories) "
            f"left {len(every) - len(fixed)}; fixed at the market’s own values: {', '.join(fixed)}."
        )


def _agreement(study: Study, tables: Tables, response: Response) -> Iterator[str]:
    """Say how far the surrogate is from the runs' own indices."""
    check = of(tables["surrogate"], response).set_index("input")
    column = rank(study)
    if column not in check or check[column].isna().all():
        return
    own = of(tables["indices"], response).set_index("input")
    apart = (check[column] - own[column]).abs()
    inside = check[column].between(own[f"{column}_low"], own[f"{column}_high"]).sum()
    points, q2 = int(check["points"].iloc[0]), check["q2"].iloc[0]
    yield (
        f"a surrogate fitted to {points} points (Q2 {q2:.2f}) gives {column} within "
        f"{apart.max():.2f} of these, and inside the intervals of {inside} of {len(check)} inputs."
    )


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say what a reader must know."""
    spec = cast(SensitivityStudy, study.spec)
    out = list(_missing(study, tables["missing"]))
    for row in tables["notes"].to_dict("records"):
        response = next(r for r in study.responses if r.label == row["response"])
        out.append(f"{title_of(study, response)}: {row['note']}")
    if spec.method.name in METHODS:
        out += METHODS[spec.method.name].caveats
    if not spec.inert_control:
        out.append(
            "There is no control (inert_control: false), so nothing shows what this method finds "
            "of an input that does nothing."
        )
    return out


def _missing(study: Study, gone: pd.DataFrame) -> Iterator[str]:
    if gone.empty:
        return
    blocks = gone["block"].nunique()
    named = "; ".join(
        f"block {r.block}, {r.role}, replicate {r.replicate}" for r in gone.head(NAMED).itertuples()
    )
    more = f", and {len(gone) - NAMED} more" if len(gone) > NAMED else ""
    yield (
        f"{count(len(gone), 'run')} of the design {'is' if len(gone) == 1 else 'are'} missing "
        f"({named}{more}). {count(blocks, 'block')} {'is' if blocks == 1 else 'are'} left out as "
        "a whole. "
        "The same command again computes what is missing."
    )

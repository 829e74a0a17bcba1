"""Scenario discovery on the points of a sweep: where in the space of factors something happens.

A point counts once, by the mean of its runs: its replicates are no independent evidence of where
it is, and shared luck would make all of a replicate's runs cases at once.
"""

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pydantic import Field

from experiments import boxes, formats, plots_discovery
from experiments.boxes import Box
from experiments.discovery import LEAST, Cases, Discovery, discover
from experiments.errors import MissingLibrary, StudyError
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.study import Study
from experiments.sweep.levels import unit_of
from experiments.sweep.points import BASE, Sweep
from experiments.sweep.words import amount, names, of
from experiments.tabular import View
from sim.config.parameters import Param

Method = Literal["prim", "cart"]
TITLES = {"prim": "PRIM", "cart": "CART"}
COLUMNS = ["response", "method", "box", "where", "points", "cases", "density", "coverage", "mass"]
TOLD = ["problem", "text"]


class Discover(Cases):
    """What is to be explained: the points whose response is high, or low, or among the highest."""

    response: str | None = Param(None, doc="which of the responses; none: the first")
    methods: Annotated[list[Method], Field(min_length=1)] = Param(
        ["prim", "cart"], doc="prim: boxes that are dense in cases; cart: a tree of splits"
    )
    density: float = Param(
        0.8, bounds=(0.01, 1), unit="share of points", doc="prim: cases in a box that are asked for"
    )
    mass: float = Param(
        0.05, bounds=(0.001, 0.5), unit="share of points", doc="least share of points in a box"
    )

    def measured(self, responses: tuple[Response, ...]) -> Response | None:
        """Return the response that is meant, if there is one of this name."""
        if self.response is None:
            return responses[0]
        return next((r for r in responses if r.label == self.response), None)


def sought(study: Study) -> Discover | None:
    """Return what a study is to discover, if anything."""
    return getattr(study.spec, "discover", None)


def require() -> None:
    """See that the packages are there.

    Raises
    ------
    StudyError
        If not, saying how to get them.
    """
    if not all(importlib.util.find_spec(name) for name in ("ema_workbench", "sklearn")):
        raise MissingLibrary(boxes.MISSING)


def tables(asked: Discover, study: Study, points: pd.DataFrame) -> Tables:
    """Return what was discovered: `boxes`, a row each; `limits`; `discovery`, sentences.

    Parameters
    ----------
    asked, study
        What is asked.
    points
        The table of points.

    Raises
    ------
    StudyError
        If the packages are not installed.
    """
    require()
    try:
        ruled = rules(asked, study, points)
    except StudyError as error:
        text = f"No scenario discovery: {error}."
        empty = pd.DataFrame(columns=COLUMNS)
        told = pd.DataFrame([(True, text)], columns=TOLD)
        return {"boxes": empty, "limits": _limits(asked, []), "discovery": told}
    response = meant(asked, study)
    rows = [
        (response.label, method, str(k + 1), _where(box), *_figures(box))
        for method, box, k in _boxes(asked, ruled)
    ]
    every = (response.label, "", "", "all points", len(ruled.cases), int(ruled.cases.sum()))
    table = pd.DataFrame([(*every, ruled.cases.mean(), 1.0, 1.0), *rows], columns=COLUMNS)
    told = pd.DataFrame([(False, text) for text in _said(asked, ruled)], columns=TOLD)
    return {"boxes": table, "limits": _limits(asked, [ruled.table()]), "discovery": told}


def meant(asked: Discover, study: Study) -> Response:
    """Return the response that is meant."""
    response = asked.measured(study.responses)
    assert response is not None  # or the file would have been refused
    return response


def rules(asked: Discover, study: Study, table: pd.DataFrame) -> Discovery:
    """Find the rules.

    Parameters
    ----------
    asked, study
        What is asked.
    table
        The table of points.

    Raises
    ------
    StudyError
        If there are too few points, or all or none are cases.
    """
    response = meant(asked, study)
    points = of({"points": table}, "points", response)
    points = points[points["usable"] & (points["role"] != BASE)]
    if len(points) < LEAST:
        raise StudyError(f"it needs at least {LEAST} points (there are {len(points)})")
    values = points["mean"].to_numpy(float)
    cases = asked.among(values)
    what = _what(asked, response, values[cases])
    if cases.all() or not cases.any():
        which = "every point has" if cases.all() else "no point has"
        ends = f"{amount(values.min(), response)} to {amount(values.max(), response)}"
        raise StudyError(f"{which} {what}; means go from {ends}")
    assert isinstance(study.points, Sweep)
    short = names(study)
    # The factors of a group go in step, so that one of them says where all are.
    own = {short[axis.name]: points[axis.first.name] for axis in study.points.axes}
    frame = pd.DataFrame(own).assign(mean=values)
    found = discover(frame, list(own), "mean", asked, density=asked.density, mass=asked.mass)
    return replace(found, what=what)


def _what(asked: Discover, response: Response, cases: "np.typing.NDArray[np.float64]") -> str:
    """Say what cases have."""
    if asked.top is not None:
        bound = amount(float(cases.min()), response)
        return f"{response.title} of at least {bound}, the highest {boxes.percent(asked.top)}"
    if asked.at_most is not None:
        return f"{response.title} of at most {amount(asked.at_most, response)}"
    return f"{response.title} of at least {amount(asked.at_least or 0.0, response)}"


def _boxes(asked: Discover, found: Discovery) -> Iterator[tuple[str, Box, int]]:
    own = {"prim": found.prim.boxes, "cart": found.cart.boxes}
    for method in dict.fromkeys(asked.methods):
        for k, box in enumerate(own[method]):
            yield method, box, k


def _figures(box: Box) -> tuple[float, ...]:
    return (box.runs, box.cases, box.density, box.coverage, box.mass)


def _where(box: Box) -> str:
    return " and ".join(limit.text() for limit in box.limits) or "anywhere"


def _limits(asked: Discover, found: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the limits of all boxes, a row each."""
    table = pd.concat(found) if found else boxes.table("", [])
    table = table[table["method"].isin(asked.methods)].reset_index(drop=True)
    return table.rename(columns={"runs": "points"})


def _said(asked: Discover, found: Discovery) -> Iterator[str]:
    """Say what was found, by the first box of the first method."""
    method, box, _ = next(_boxes(asked, found))
    share = boxes.percent(float(found.cases.mean()))
    if not box.limits:
        yield f"{TITLES[method]} finds no factor that tells where there is {found.what} ({share})."
        return
    yield (
        f"Of the {formats.count(box.runs, 'point')} in which {_where(box)}, "
        f"{boxes.percent(box.density)} have {found.what}, against {share} of all; they are "
        f"{boxes.percent(box.coverage)} of those that do ({TITLES[method]})."
    )


# -- what is shown --------------------------------------------------------------------------------


def view(tables: Tables) -> list[View]:
    """Return the boxes as a table, if something was sought."""
    if "boxes" not in tables:
        return []
    head = ["box", "where", "points", "cases among them", "of all cases"]
    rows = [
        [
            f"{TITLES.get(row['method'], '')} {row['box']}".strip(),
            row["where"],
            f"{row['points']:,}",
            boxes.percent(row["density"]),
            boxes.percent(row["coverage"]),
        ]
        for row in tables["boxes"].to_dict("records")
    ]
    return [View("Where cases are", head, rows)]


def told(tables: Tables, problem: bool) -> list[str]:
    """Return sentences: what was found, or why nothing was."""
    if "discovery" not in tables:
        return []
    table = tables["discovery"]
    return list(table["text"][table["problem"] == problem])


def method(study: Study) -> list[str]:
    """Say how rules come about."""
    if sought(study) is None:
        return []
    return [
        "Scenario discovery takes each point once, by its mean. PRIM (Friedman and Fisher 1999) "
        "peels the space of factors down to boxes that are dense in cases, and drops limits that "
        "chance explains; CART (Breiman et al. 1984) splits it until points are alike. Shares are "
        "of the points from which the rules were found: new points will show somewhat less."
    ]


def tradeoff(study: Study, tables: Tables) -> Figure | None:
    """Draw coverage and density on the way to the first box of PRIM."""
    found = _again(study, tables)
    return plots_discovery.tradeoff(found) if found else None


def pairs(study: Study, tables: Tables) -> Figure | None:
    """Draw the points and the first box of PRIM by pairs of factors."""
    found = _again(study, tables)
    return plots_discovery.pairs(found, units=_units(study)) if found else None


def _units(study: Study) -> dict[str, str]:
    """Return the units of the factors by their short names; of a group, those of the first."""
    assert isinstance(study.points, Sweep)
    short = names(study)
    return {short[axis.name]: unit_of(axis.first, study.base) for axis in study.points.axes}


def _again(study: Study, tables: Tables) -> Discovery | None:
    """Return the rules once more, from the table of points: what was found is no table."""
    asked = sought(study)
    if asked is None or "prim" not in asked.methods or not len(tables.get("boxes", ())):
        return None
    return rules(asked, study, tables["points"])

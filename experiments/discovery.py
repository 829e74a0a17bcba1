"""Scenario discovery: for which values of the factors does something happen.

Two ways to rules: PRIM (`experiments.prim`) looks for boxes in which it mostly happens, CART
(`experiments.cart`) splits the runs until they are alike. Densities are of the runs from which the
rules were found, so new runs will show somewhat less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import model_validator

from experiments import boxes
from experiments.boxes import Rows
from experiments.cart import Tree, cart
from experiments.errors import StudyError
from experiments.formats import count
from experiments.prim import Peeling, prim
from sim.config.parameters import Param, Parameters

LEAST = 50
"""Fewer runs are refused: a box of the least mass would hold two of them."""


class Cases(Parameters):
    """Which runs are cases: those in which a number is high, or low, or among the highest."""

    at_least: float | None = Param(None, doc="cases have at least this")
    at_most: float | None = Param(None, doc="cases have at most this")
    top: float | None = Param(
        None, bounds=(0.001, 0.999), unit="share of runs", doc="cases are the highest"
    )

    @model_validator(mode="after")
    def _one_way(self) -> "Cases":
        given = [name for name in ("at_least", "at_most", "top") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"give one of at_least, at_most, top (got {', '.join(given) or 'none of them'})"
            )
        return self

    def among(self, values: NDArray[np.float64]) -> Rows:
        """Return bool[runs]: which runs are cases. Of the highest, equals are in together."""
        if self.at_most is not None:
            return values <= self.at_most
        return values >= self._bound(values)

    def text(self, outcome: str, values: NDArray[np.float64]) -> str:
        """Say what cases have: `long_run_revenue of at least 5.2e+06`."""
        if self.at_most is not None:
            return f"{outcome} of at most {boxes.number(self.at_most)}"
        text = f"{outcome} of at least {boxes.number(self._bound(values))}"
        return text if self.top is None else f"{text} (the highest {boxes.percent(self.top)})"

    def _bound(self, values: NDArray[np.float64]) -> float:
        if self.at_least is not None:
            return self.at_least
        rank = max(1, round((self.top or 0.0) * len(values)))
        return float(np.sort(values)[-rank])


@dataclass(frozen=True)
class Discovery:
    """What was found of when something happens.

    Attributes
    ----------
    factors
        DataFrame of [runs, factors]: numbers, whole numbers, categories.
    cases : bool[runs]
        The runs in which it happens.
    what
        What happens, in words.
    prim, cart
        The rules, found in two ways.
    """

    factors: pd.DataFrame
    cases: Rows
    what: str
    prim: Peeling
    cart: Tree

    def table(self) -> pd.DataFrame:
        """Return all boxes as one table; see `experiments.boxes.table`."""
        parts = [boxes.table("prim", self.prim.boxes), boxes.table("cart", self.cart.boxes)]
        return pd.concat([part for part in parts if len(part)], ignore_index=True)

    def sentences(self) -> list[str]:
        """Say what PRIM found, a sentence for each box."""
        said = [boxes.sentence(box, self.what, self.cases) for box in self.prim.boxes]
        return [said[0], *(f"Of the runs not yet spoken of: {_small(text)}" for text in said[1:])]


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


def discover(
    frame: pd.DataFrame, factors: Sequence[str], outcome: str, cases: Cases, **options: Any
) -> Discovery:
    """Find rules for when an outcome is as `cases` says.

    Parameters
    ----------
    frame
        A row per run.
    factors
        Which columns may explain it: numbers, whole numbers (limits will be whole), or anything
        else, which is taken as categories. Those that do not vary are left out.
    outcome
        Which column holds the outcome, a number.
    cases
        Which outcomes are sought.
    **options
        `density`, `mass` and `most` of `prim`, `leaves` of `cart`.

    Raises
    ------
    StudyError
        If a value is missing, if there are too few runs, if all or none are cases, if no factor
        varies, or if the packages are not installed.
    """
    known = prepare(frame, factors)
    values = _outcome(frame, outcome)
    sought = cases.among(values)
    what = cases.text(outcome, values)
    if sought.all() or not sought.any():
        which = "every run has" if sought.all() else "no run has"
        ends = f"values go from {boxes.number(values.min())} to {boxes.number(values.max())}"
        raise StudyError(f"there is nothing to explain: {which} {what}; {ends}")
    shared = {"mass": options.pop("mass")} if "mass" in options else {}
    leaves = {"leaves": options.pop("leaves")} if "leaves" in options else {}
    peeling = prim(known, sought, **shared, **options)
    return Discovery(known, sought, what, peeling, cart(known, sought, **shared, **leaves))


def prepare(frame: pd.DataFrame, factors: Sequence[str]) -> pd.DataFrame:
    """Return the factors that vary, as float64, int64 or categories (text, in order).

    Raises
    ------
    StudyError
        As `discover` says.
    """
    if len(frame) < LEAST:
        raise StudyError(f"discovery needs at least {LEAST} runs (got {len(frame)})")
    columns: dict[str, Any] = {}
    for name in factors:
        column = frame[name]
        lacking = int(column.isna().sum())
        if lacking:
            raise StudyError(f"{count(lacking, 'run')} of {len(frame):,} have no {name}")
        if column.nunique() > 1:
            columns[name] = _column(column)
    if not columns:
        raise StudyError(f"there is nothing to explain it by: {_listed(factors)} do not vary")
    return pd.DataFrame(columns).reset_index(drop=True)


def _listed(factors: Sequence[str]) -> str:
    return ", ".join(factors) or "no factors"


def _column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        text = column.map(lambda x: str(x).lower() if isinstance(x, bool | np.bool_) else str(x))
        # In the order of a category column, else of the alphabet: the same with every run.
        known = column.cat.categories.map(str) if hasattr(column, "cat") else sorted(set(text))
        return text.astype(pd.CategoricalDtype([one for one in known if (text == one).any()]))
    return column.astype(np.int64 if pd.api.types.is_integer_dtype(column) else np.float64)


def _outcome(frame: pd.DataFrame, outcome: str) -> NDArray[np.float64]:
    values = frame[outcome].to_numpy(np.float64)
    lacking = int((~np.isfinite(values)).sum())
    if lacking:
        raise StudyError(
            f"{count(lacking, 'run')} of {len(values):,} have no {outcome}: complete the study, or "
            "leave these rows out"
        )
    return values

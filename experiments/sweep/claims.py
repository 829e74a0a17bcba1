"""Claims put to the test: at how many points of a sweep each holds, and where.

A claim is about the mean of a response at a point. It *holds* there if the whole 95 % interval of
the mean is on its side, *fails* if the whole interval is on the other, and is *open* otherwise; it
is *undefined* where the response has no value or no interval. The intervals are those of single
points: of many that are exactly on the border, one in forty would seem to hold.
"""

import math
from typing import Literal

import numpy as np
import pandas as pd

from experiments.formats import count
from experiments.kinds import Tables
from experiments.responses import Response
from experiments.study import Study
from experiments.sweep.levels import text
from experiments.sweep.words import amount, names
from experiments.tabular import View
from sim.config.parameters import Param, Parameters
from sim.config.yaml_file import ConfigError, Problem

Verdict = Literal["holds", "fails", "open", "undefined"]
VERDICTS: tuple[Verdict, ...] = ("holds", "fails", "open", "undefined")
COLUMNS = ["claim", "factor", "level", "points", *VERDICTS]
ALL = "all points"


class Claim(Parameters):
    """What is claimed of a response: that its mean lies between two ends, or beyond one."""

    response: str = Param(doc="the label of one of the sweep's responses")
    at_least: float = Param(-math.inf, doc="lower end; none: none", infinite=True)
    at_most: float = Param(math.inf, doc="upper end; none: none", infinite=True)

    def words(self, response: Response) -> str:
        """Return what is claimed, for people."""
        ends = [
            f"{side} {amount(end, response)}"
            for side, end in (("at least", self.at_least), ("at most", self.at_most))
            if math.isfinite(end)
        ]
        return f"{response.title} is {' and '.join(ends)}"

    def verdict(self, low: float, high: float) -> Verdict:
        """Judge one point by the interval of its mean; NaN if there is none."""
        if math.isnan(low) or math.isnan(high):
            return "undefined"
        if self.at_least <= low and high <= self.at_most:
            return "holds"
        return "fails" if high < self.at_least or low > self.at_most else "open"


def check(claims: dict[str, Claim], measured: tuple[Response, ...]) -> None:
    """See that each claim says something, of a response that is measured.

    Raises
    ------
    sim.config.yaml_file.ConfigError
        With every claim that does not.
    """
    labels = [response.label for response in measured]
    problems = []
    for name, claim in claims.items():
        if claim.response not in labels:
            what = f"there is no response {claim.response!r}; responses: {', '.join(labels)}"
            problems.append(Problem(None, f"claims.{name}.response", what))
        if math.isinf(claim.at_least) and math.isinf(claim.at_most):
            problems.append(Problem(None, f"claims.{name}", "give at_least, at_most, or both"))
        elif not claim.at_least <= claim.at_most:
            problems.append(Problem(None, f"claims.{name}", "at_least must not be above at_most"))
    if problems:
        raise ConfigError(problems)


def of(study: Study) -> dict[str, Claim]:
    """Return the claims of a study by name."""
    claims: dict[str, Claim] = getattr(study.spec, "claims", {})
    return claims


def table(study: Study, points: pd.DataFrame) -> pd.DataFrame:
    """Return how many points have each verdict, in all and by level of each factor.

    Parameters
    ----------
    study
        The sweep.
    points
        Its table of points: `response`, the factors, `low`, `high`, `role`.
    """
    rows = []
    for name, claim in of(study).items():
        own = points[(points["response"] == claim.response) & (points["role"] != "base")]
        ends = zip(own["low"], own["high"], strict=True)
        said = np.array([claim.verdict(low, high) for low, high in ends])
        rows.append({"claim": name, "factor": ALL, "level": "", **_count(said)})
        for factor in names(study):
            if factor in own:
                for level in dict.fromkeys(own[factor]):
                    here = said[(own[factor] == level).to_numpy()]
                    place: dict[str, object] = {"claim": name, "factor": factor}
                    rows.append({**place, "level": text(level), **_count(here)})
    return pd.DataFrame(rows, columns=COLUMNS)


def _count(said: np.ndarray) -> dict[str, int]:
    return {"points": len(said)} | {word: int((said == word).sum()) for word in VERDICTS}


def findings(study: Study, tables: Tables) -> list[str]:
    """Say of each claim where it holds."""
    responses = {response.label: response for response in study.responses}
    found = []
    for name, claim in of(study).items():
        rows = tables["claims"][tables["claims"]["claim"] == name]
        every = rows[rows["factor"] == ALL].iloc[0]
        start = f"“{name}” ({claim.words(responses[claim.response])}) "
        if every["holds"] == every["points"]:
            found.append(f"{start}holds at all {count(int(every['points']), 'point')}.")
            continue
        parts = [f"fails at {every['fails']}"] if every["fails"] else []
        parts += [f"is open at {every['open']}"] if every["open"] else []
        unknown = f"has no value or no interval at {every['undefined']}"
        parts += [unknown] if every["undefined"] else []
        verdict = f"holds at {every['holds']} of {count(int(every['points']), 'point')}"
        found.append(f"{start}{verdict}, {' and '.join(parts)}{_where(study, rows)}.")
    return found


def _where(study: Study, rows: pd.DataFrame) -> str:
    """Say at which levels of which factors a claim always holds, and at which it always fails."""
    short = names(study)
    levels = rows[rows["factor"] != ALL]
    said = []
    for word, chosen in (
        ("always holds", levels["holds"] == levels["points"]),
        ("always fails", levels["fails"] == levels["points"]),
    ):
        if chosen.any() and not chosen.all():
            places = zip(levels["factor"][chosen], levels["level"][chosen], strict=True)
            said.append(f"{word} at " + ", ".join(f"{short[f]} = {level}" for f, level in places))
    return f"; it {'; it '.join(said)}" if said else ""


def views(study: Study, tables: Tables) -> list[View]:
    """Return at how many points each claim holds."""
    if "claims" not in tables:
        return []
    every = tables["claims"][tables["claims"]["factor"] == ALL]
    rows = [[str(row[0]), *(str(row[k]) for k in range(3, 8))] for row in every.to_numpy()]
    return [View("Claims, by points", ["claim", "points", *VERDICTS], rows)]

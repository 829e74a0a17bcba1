"""A study in two stages: a screening by Morris, then Sobol' indices of the inputs that matter.

The rule: an input is varied in the second stage if, for any response, its mu* is above the noise
floor (the 95 % interval of mu* - floor lies above 0) and is at least `least` of the largest mu*.
All others stay at the market's own values. The control is always kept, and so are the markets of an
ensemble.
"""

from dataclasses import replace
from typing import cast

import pandas as pd

from experiments.conduct import Outcome
from experiments.factors import INERT
from experiments.kinds import Go
from experiments.points import Rows
from experiments.sensitivity.markets import MARKET
from experiments.sensitivity.methods import MorrisMethod, ScreenFirst, SobolMethod
from experiments.sensitivity.spec import SensitivityStudy, design
from experiments.study import Study


def pending(study: Study) -> ScreenFirst | None:
    """Return the screening that comes before a study, none if there is none or it is done."""
    method = cast(SensitivityStudy, study.spec).method
    first = method.screen_first if isinstance(method, SobolMethod) else None
    return first if first is not None and first.kept is None else None


def at_most(study: Study) -> tuple[Study, ...]:
    """Return the stages, as if no input could be dropped."""
    first = pending(study)
    return (screening(study, first), study) if first else (study,)


def carry_out(study: Study, go: Go) -> tuple[Study, Outcome]:
    """Screen if asked to, and go on with the inputs that matter, if there are any."""
    first = pending(study)
    if first is None:
        return study, go(study)
    from experiments.report import present

    before = screening(study, first)
    outcome = go(before)
    tables, _ = present(before, outcome)
    kept = matter(tables["indices"], first.least)
    if not kept:
        return before, outcome
    after = narrowed(study, first, kept)
    return after, go(after)


def screening(study: Study, first: ScreenFirst) -> Study:
    """Return the first stage, a study by itself with a folder of its own."""
    method = MorrisMethod(trajectories=first.trajectories, levels=first.levels)
    spec = cast(SensitivityStudy, study.spec).model_copy(update={"method": method})
    rows = cast(Rows, study.points)
    varied = tuple(f for f in rows.factors if f.name not in (INERT, MARKET))
    points = design(spec, rows, varied)
    return replace(study, name=f"{study.name}-morris", spec=spec, points=points)


def narrowed(study: Study, first: ScreenFirst, kept: list[str]) -> Study:
    """Return the second stage: the study with fewer inputs."""
    spec = cast(SensitivityStudy, study.spec)
    done = first.model_copy(update={"kept": kept})
    method = spec.method.model_copy(update={"screen_first": done})
    spec = spec.model_copy(update={"method": method})
    rows = cast(Rows, study.points)
    varied = tuple(factor for factor in rows.factors if factor.group in kept)
    return replace(study, spec=spec, points=design(spec, rows, varied))


def matter(effects: pd.DataFrame, least: float) -> list[str]:
    """Return the inputs that the second stage varies.

    Parameters
    ----------
    effects
        The table of a screening: `response`, `input`, `mu_star`, `above_floor`.
    least
        Share of the largest mu* of a response.
    """
    own = effects[~effects["input"].isin([INERT, MARKET])]
    largest = own.groupby("response")["mu_star"].transform("max")
    chosen = own["above_floor"].astype(bool) & (own["mu_star"] >= least * largest)
    found = set(own["input"][chosen])
    return [name for name in dict.fromkeys(own["input"]) if name in found]

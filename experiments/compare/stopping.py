"""Replicates in rounds, until the main response is known well enough."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import sequential, units
from experiments.across import LEAST
from experiments.conduct import Outcome
from experiments.intervals import pair
from experiments.kinds import Go
from experiments.sequential import Precision
from experiments.study import Study
from sim.config.parameters import Param, Parameters


class Noise(Parameters):
    """When to stop over an ensemble: when error inside markets no longer hides what they differ by."""

    noise: float = Param(
        bounds=(0.01, 100),
        unit="variance between markets",
        doc="variance of the error of a market's mean at which to stop; 1 is advised",
    )
    growth: float = Param(
        1.5, bounds=(1, 10), doc="how many times as many replicates in the next round"
    )
    most: int = Param(
        16, bounds=(2, 10_000), unit="replicates of each market", doc="stop at so many in any case"
    )


def carry_out(study: Study, go: Go) -> tuple[Study, Outcome]:
    """Run a comparison; with `stop`, in rounds until every arm's difference is precise enough."""
    rule = rule_of(study)
    if rule is None:
        return study, go(study)
    if isinstance(rule, Noise):
        return _over_markets(study, go, rule)
    n = sequential.needed(rule=rule)
    while True:
        study = study.with_replicates(n)
        outcome = go(study)
        pairs, base = differences(study, outcome)
        known = max(map(len, pairs), default=0)
        wanted = sequential.needed(*pairs, rule=rule, base=base)
        if wanted == known or n >= rule.most:
            return study, outcome
        # Failed runs leave fewer pairs than replicates: go on from the replicates then.
        n = min(max(wanted, math.ceil(n * rule.growth), n + 1), rule.most)


def _over_markets(study: Study, go: Go, rule: Noise) -> tuple[Study, Outcome]:
    """Add replicates in rounds until the error of a market's mean is small beside the spread."""
    n = LEAST
    while True:
        study = study.with_replicates(n)
        outcome = go(study)
        if n >= rule.most or noise(study, outcome) <= rule.noise:
            return study, outcome
        n = min(max(math.ceil(n * rule.growth), n + 1), rule.most)


def noise(study: Study, outcome: Outcome) -> float:
    """Return the variance of a market's error beside that between markets: the largest of any arm.

    An arm that changes nothing has none; infinite where markets do not differ.
    """
    from experiments.compare.markets import tables

    found = tables(study, outcome.store, outcome.design)["ensemble"]
    own = found[found["metric"] == study.responses[0].label]
    error, between = own["error"].to_numpy(float) ** 2, own["between"].to_numpy(float) ** 2
    ratio = np.divide(error, between, out=np.full(len(own), np.inf), where=between > 0)
    return float(np.max(np.where(error > 0, ratio, 0.0), initial=0.0))


def rule_of(study: Study) -> Precision | Noise | None:
    """Return when a comparison stops, if that depends on what it finds."""
    return getattr(study.spec, "stop", None)


def at_most(study: Study) -> tuple[Study, ...]:
    """Return the study with all the replicates that it may come to."""
    rule = rule_of(study)
    return (study if rule is None else study.with_replicates(rule.most),)


def differences(study: Study, outcome: Outcome) -> tuple[list[NDArray[np.float64]], float]:
    """Return float64[pairs] of each arm less the baseline, and the baseline's mean."""
    design = whole(study, outcome.design)
    main = study.responses[0]
    found = units.responses(outcome.store, design, (main,), study.of)
    wide = found.pivot(index="replicate", columns="arm", values=main.label)
    own = [pair(wide, arm, study.baseline) for arm in wide.columns if arm != study.baseline]
    return [a - b for a, b in own], float(wide[study.baseline].mean())


def whole(study: Study, design: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a design that are of the arms of the file: no pilots, no lower budgets."""
    return design[design["arm"].isin(getattr(study.points, "asked", study.arms))]


def verdict(study: Study, table: pd.DataFrame) -> list[str]:
    """Say whether it is known as well as was asked.

    Parameters
    ----------
    study
        The comparison.
    table
        Effects on its responses.
    """
    rule = rule_of(study)
    if rule is None:
        return []
    if isinstance(rule, Noise):
        return [f"Stopped after {study.replicates.n} replicates of each market (`stop.noise`)."]
    main = study.responses[0]
    rows = table[table["metric"] == main.label]
    wide = (rows["high"] - rows["low"]) / 2
    if rule.relative:
        wide = wide / (rows["difference"] / rows["relative"]).abs()
    reached = "reached" if (wide <= rule.half_width).all() else "NOT reached"
    share = " of the baseline" if rule.relative else f" {main.unit}"
    return [
        f"Stopped after {study.replicates.n} replicates: half-width {wide.max():.4g}{share} for "
        f"{main.title}, asked {rule.half_width:g}: {reached}. Looking in rounds costs some "
        "coverage: about .94 instead of .95 where differences are near to normal."
    ]

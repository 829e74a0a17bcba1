"""Replicates in rounds, until the main response is known well enough."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import sequential, units
from experiments.conduct import Outcome
from experiments.intervals import pair
from experiments.kinds import Go
from experiments.sequential import Precision
from experiments.study import Study


def carry_out(study: Study, go: Go) -> tuple[Study, Outcome]:
    """Run a comparison; with `stop`, in rounds until every arm's difference is precise enough."""
    rule = rule_of(study)
    if rule is None:
        return study, go(study)
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


def rule_of(study: Study) -> Precision | None:
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

"""A pilot beside the truth: what a brand would conclude from some of its people, and what is so.

Each arm is run once more with its strategies for a random share of people only; the rest is the
holdout. The naive estimate compares the two groups of that one market. The truth is the difference
of the whole markets with the strategies for everybody, and for nobody. They differ where people
influence each other or compete for the same things.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.intervals import Interval, interval, pair
from experiments.markets import Market
from experiments.studyfile import PILOT as SUFFIX
from sim.config.parameters import Param, Parameters

GROUP = "pilot"
MEASURED = {
    "net_revenues": "pilot_naive_revenue",
    "contribution_profit": "pilot_naive_contribution",
}
"""What is estimated, over the run and not discounted, and the metric that estimates it."""
COLUMNS = ["arm", "metric", "what", *Interval._fields]


class Pilot(Parameters):
    """A pilot of each arm."""

    share: float = Param(
        bounds=(0.001, 0.999), unit="share of people", doc="whom the strategies may reach"
    )


def pilots(
    markets: Mapping[str, Market], baseline: str, of: str, pilot: Pilot
) -> dict[str, dict[str, Any]]:
    """Return the pilot of each arm in which a brand does what it does not in the baseline.

    Parameters
    ----------
    markets
        The resolved market of each arm.
    baseline, of
        The arm, and the brand, that the pilots are about.
    pilot
        How large they are.
    """
    before = markets[baseline]["brands"][of]["strategies"]
    audience = {"share": pilot.share, "group": GROUP}
    found = {}
    for arm, market in markets.items():
        own = market["brands"][of]["strategies"]
        new = [name for name in own if own[name] != before.get(name)]
        if arm != baseline and new:
            strategies = own | {name: _narrowed(own[name], audience) for name in new}
            brand = {**market["brands"][of], "strategies": strategies}
            found[arm + SUFFIX] = {**market, "brands": {**market["brands"], of: brand}}
    return found


def narrow(markets: Mapping[str, Market], baseline: str, of: str) -> Iterator[tuple[str, str]]:
    """Yield arms of which no pilot can be run, and why: their strategies are for some people only."""
    before = markets[baseline]["brands"][of]["strategies"]
    for arm, market in markets.items():
        for name, strategy in market["brands"][of]["strategies"].items():
            audience = strategy.get("audience") or {}
            is_for_some = audience.get("share", 1) < 1 or audience.get("group") is not None
            if strategy != before.get(name) and is_for_some:
                yield (
                    arm,
                    f"{of}.{name} has a share or a group of people of its own; a pilot is a share of "
                    "everybody, so audience.share and audience.group are to be left out",
                )


def _narrowed(strategy: Mapping[str, Any], audience: Mapping[str, Any]) -> dict[str, Any]:
    """Return a strategy for another share of people; the rule of its audience stays."""
    own = strategy.get("audience") or {}
    return {**strategy, "audience": {**own, **audience}}


def estimates(found: pd.DataFrame, baseline: str, asked: Iterable[str]) -> pd.DataFrame:
    """Return what each pilot says, what is so, and how wrong it is, with intervals.

    Parameters
    ----------
    found
        Results of one brand: columns `arm`, `replicate` and the metrics.
    baseline
        The arm without the strategies.
    asked
        The arms that may have a pilot.

    Returns
    -------
    pandas.DataFrame
        Columns `arm`, `metric`, `what` (`"naive"`, `"true"`, `"error"`), `mean`, `low`, `high`,
        `n`. Error is naive less true, within replicates.
    """
    rows = []
    there = set(found["arm"])
    for whole in asked:
        arm = whole + SUFFIX
        if not {arm, whole, baseline} <= there:
            continue
        for metric, naive in MEASURED.items():
            wide = found.pivot(index="replicate", columns="arm", values=metric)
            guess = found[found["arm"] == arm].set_index("replicate")[naive]
            truth = (wide[whole] - wide[baseline]).rename("true")
            both = pd.concat([guess.rename("naive"), truth], axis=1)
            said, so = pair(both, "naive", "true")
            for what, values in (("naive", said), ("true", so), ("error", said - so)):
                rows.append(
                    {"arm": whole, "metric": metric, "what": what} | interval(values)._asdict()
                )
    return pd.DataFrame(rows, columns=COLUMNS)

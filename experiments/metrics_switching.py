"""Metrics of switching: what a brand loses to its rivals and wins from them."""

import numpy as np

from experiments.records import Records
from experiments.registry import Numbers, metric, ratio
from experiments.switching import matrix


def _flows(records: Records) -> tuple[Numbers, Numbers]:
    """Return all pairs of purchases [from, to], and those that stayed with the brand [brands]."""
    flows = matrix(records).sum(axis=2).astype(np.float64)
    return flows, np.diagonal(flows)


@metric("switched away", "share")
def switched_away(records: Records) -> Numbers:
    """Share of purchases that follow one of this brand, by the same person, and go to a rival.

    Consecutive purchases of a person in one category; the later is in the run. Who buys no more,
    of any brand, is in neither number.
    """
    flows, stayed = _flows(records)
    made = flows.sum(axis=1)
    return ratio(made - stayed, made)


@metric("won from rivals", "share")
def won_over(records: Records) -> Numbers:
    """Share of this brand's purchases that follow one of a rival by the same person.

    Of consecutive purchases in one category; a person's first in the category is in neither number.
    """
    flows, stayed = _flows(records)
    made = flows.sum(axis=0)
    return ratio(made - stayed, made)


@metric("net won from rivals", "orders")
def net_won(records: Records) -> Numbers:
    """Purchases won from rivals less purchases lost to them, counted as in the shares."""
    flows, _ = _flows(records)
    return flows.sum(axis=0) - flows.sum(axis=1)

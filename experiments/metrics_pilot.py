"""Metrics of a pilot: what a brand would conclude from people reached and people held out.

A brand has a pilot if it has strategies that may reach some people but not all. The treated are
those whom all of these strategies may reach, the holdout those whom none may; strategies for
everybody are no part of it. The comparison is naive: it takes for granted that people do not
influence each other, nor compete for anything. Whoever is talked to, invited or sold to by the
treated may be in the holdout. The true effect is the difference of two markets, one in which the
strategies are for everybody and one without them.
"""

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records
from experiments.registry import Numbers, metric

TREATED, HOLDOUT = 1, 0


@metric("people in the pilot", "share")
def pilot_share(records: Records) -> Numbers:
    """Share of people, customers or not, whom the brand's pilot may reach; NaN without a pilot."""
    shares = np.full(len(records.brands), np.nan)
    for brand, group in records.pilots.items():
        shares[brand] = (group == TREATED).mean()
    return shares


def _naive(records: Records, cents: NDArray[np.int64]) -> Numbers:
    """Return how much more the treated brought than the holdout, per person, times people.

    Parameters
    ----------
    cents : int64[customers]
        What each customer brought; people who are no customers brought nothing.

    Returns
    -------
    float64[brands]
        In CNY; NaN without a pilot, or if a group is empty.
    """
    effects = np.full(len(records.brands), np.nan)
    for brand, group in records.pilots.items():
        own = records.customers["brand"] == brand
        person = records.customers["person"][own]
        brought = np.bincount(person, cents[own], minlength=len(group))
        treated, holdout = (brought[group == which] for which in (TREATED, HOLDOUT))
        if len(treated) and len(holdout):
            effects[brand] = (treated.mean() - holdout.mean()) * len(group) / 100
    return effects


@metric("naive effect of rolling out on net revenue", "CNY")
def pilot_naive_revenue(records: Records) -> Numbers:
    """Net revenue that the strategies would bring if all were reached, as the pilot has it.

    Mean net revenue per person of the treated less that of the holdout, over the run and not
    discounted, times the number of people. To be held against the true difference of net revenue.
    """
    return _naive(records, records.customers["net_cents"])


@metric("naive effect of rolling out on contribution", "CNY")
def pilot_naive_contribution(records: Records) -> Numbers:
    """Contribution that the strategies would bring if all were reached, as the pilot has it.

    As for net revenue, of what each person brought less the costs in the books that are that
    person's; advertising is nobody's, and the same for both groups.
    """
    return _naive(records, records.customers["net_cents"] - records.customers["cost_cents"])

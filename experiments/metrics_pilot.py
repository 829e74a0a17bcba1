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
from experiments.registry import Numbers, metric, ratio

TREATED, HOLDOUT = 1, 0
LIFT_DAYS = 14


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


# -- lift tests -----------------------------------------------------------------------------------


@metric("extra orders per 100 touches, last 14 days", "orders per 100 touches")
def extra_orders_per_100_touches(records: Records) -> Numbers:
    """Orders of the treated beyond those of the holdout, per 100 touches, in the run's last 14 days.

    Orders per person of the treated less those of the holdout, times the treated, over the brand's
    touches of these days: what a randomised test of a programme that is in force finds. Touches
    that go to the holdout too, of strategies for everybody, are in the denominator.
    """
    return extra_orders(records, records.days - LIFT_DAYS, records.days)


def extra_orders(records: Records, start: int, end: int) -> Numbers:
    """Return orders of the treated beyond those of the holdout, per 100 touches.

    Parameters
    ----------
    records
    start, end
        Days that count, without `end`.

    Returns
    -------
    float64[brands]
        NaN without a pilot, without touches, or if a group is empty.
    """
    rows = records.between(start, end)
    sent = records.counted("touches")[max(start, 0) : end].sum(axis=0)
    extra = np.full(len(records.brands), np.nan)
    for brand, group in records.pilots.items():
        own = records.brand[rows] == brand
        orders = np.bincount(records.orders["person"][rows][own], minlength=len(group))
        treated, holdout = (orders[group == which] for which in (TREATED, HOLDOUT))
        if len(treated) and len(holdout):
            extra[brand] = (treated.mean() - holdout.mean()) * len(treated)
    return 100 * ratio(extra, sent)


def extra_orders_against(records: Records, without: Records, start: int, end: int) -> Numbers:
    """Return orders beyond those of the same market without the strategies, per 100 touches more.

    The two markets share their draws, so this is the effect that `extra_orders` estimates, with
    much less noise.

    Parameters
    ----------
    records, without
        Of the market with the strategies, and without them.
    start, end
        Days that count, without `end`.
    """
    days = slice(max(start, 0), end)
    more = records.counted("orders")[days] - without.counted("orders")[days]
    sent = records.counted("touches")[days] - without.counted("touches")[days]
    return 100 * ratio(more.sum(axis=0), sent.sum(axis=0))

"""Metrics counted as a panel of households counts: within the run's last 365 days alone.

A panel does not know what was bought before it began. A first order is a customer's first of the
year, if the year's first 90 days had none; so it may be of somebody who has bought before. Metrics
of `experiments.metrics` that follow customers from their very first order are higher or lower than
these, and are not what such panels publish.
"""

from collections.abc import Callable

import numpy as np

from experiments.flows import YEAR
from experiments.metrics_switching import switched_away
from experiments.occasions import LAST, WITHIN, Occasions
from experiments.records import Records, once
from experiments.registry import Numbers, metric, ratio
from experiments.switching import matrix


@once
def _occasions(records: Records) -> list[Occasions]:
    """Return the occasions of the year by brand; none if the run is shorter."""
    if records.days < YEAR:
        return []
    start = records.days - YEAR
    rows = records.between(start, records.days)
    brand, day = records.brand[rows], records.day[rows] - start
    person = records.orders["person"][rows].astype(np.int64)
    return [
        Occasions.of(person[own], day[own], YEAR)
        for own in (brand == b for b in range(len(records.brands)))
    ]


def _each(records: Records, function: Callable[[Occasions], float]) -> Numbers:
    found = [function(occasions) for occasions in _occasions(records)]
    return np.array(found or [np.nan] * len(records.brands), float)


@metric("90-day repeat rate as in panels", "share")
def panel_repeat(records: Records) -> Numbers:
    """Share who order again within 90 days of a first order of the year (Kaplan-Meier).

    First: none of the brand in the 90 days before, and none since the year began.
    """
    return _each(records, lambda occasions: occasions.repeat().by(WITHIN)[0])


@once
def _by_number(records: Records) -> Numbers:
    """Return float64[brands, LAST]."""
    if not _occasions(records):
        return np.full((len(records.brands), LAST), np.nan)
    return np.array([ratio(*each.repeats_by_number()) for each in _occasions(records)])


@metric("90-day repeat rate as in panels, after order 1", "share")
def panel_repeat_1(records: Records) -> Numbers:
    """Share of first orders of the year, with 90 days to go, that another followed in 90 days."""
    return _by_number(records)[:, 0]


@metric("90-day repeat rate as in panels, after order 2", "share")
def panel_repeat_2(records: Records) -> Numbers:
    """Return the same of second orders, counted from the first of the year."""
    return _by_number(records)[:, 1]


@metric("90-day repeat rate as in panels, after order 3", "share")
def panel_repeat_3(records: Records) -> Numbers:
    """Return the same of third orders, counted from the first of the year."""
    return _by_number(records)[:, 2]


@metric("90-day repeat rate as in panels, after order 4 or later", "share")
def panel_repeat_4(records: Records) -> Numbers:
    """Return the same of fourth and later orders, counted from the first of the year."""
    return _by_number(records)[:, 3]


# -- gaps -----------------------------------------------------------------------------------------


def _quantile(records: Records, share: float) -> Numbers:
    return _each(records, lambda o: np.quantile(o.gaps, share) if len(o.gaps) else np.nan)


@metric("days between orders, lower quartile", "days")
def gap_q1(records: Records) -> Numbers:
    """Lower quartile of the gaps between a customer's consecutive orders, both in the year.

    Gaps that the year's end cuts off are left out, so this is biased short, as in panels.
    """
    return _quantile(records, 0.25)


@metric("days between orders, median", "days")
def gap_median(records: Records) -> Numbers:
    """Return the median of the same gaps."""
    return _quantile(records, 0.5)


@metric("days between orders, upper quartile", "days")
def gap_q3(records: Records) -> Numbers:
    """Return the upper quartile of the same gaps."""
    return _quantile(records, 0.75)


@metric("days between orders, median, corrected", "days")
def gap_median_corrected(records: Records) -> Numbers:
    """Return the Kaplan-Meier median of days to the next order, over all orders of the year.

    Gaps that the year's end cuts off count as long as they were seen. NaN if fewer than half are
    followed by another.
    """
    return _each(records, lambda occasions: occasions.survival().median())


# -- the next occasion in the category ------------------------------------------------------------


@metric("bought again on the next occasion", "share")
def stayed(records: Records) -> Numbers:
    """Share of purchases that follow one of this brand, by the same person, and are of it again.

    Of consecutive purchases in one category: 1 less what is switched away.
    """
    return 1 - switched_away(records)


@metric("same brand on the next occasion, all brands", "share")
def same_brand(records: Records) -> Numbers:
    """Share of purchases that are of the brand bought before, over all brands: one number for all.

    Of consecutive purchases of a person in one category. If one brand stands for many makers, two
    of its purchases count as the same though their makers may differ.
    """
    flows = matrix(records).sum(axis=2)
    return np.full(len(records.brands), ratio(np.trace(flows), flows.sum())[()])

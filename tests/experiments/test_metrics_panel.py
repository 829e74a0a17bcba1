"""Metrics as panels count them, against plain loops over raw orders."""

import dataclasses
import itertools

import numpy as np
import pytest
from made_up import BRANDS, DAYS, made_up

from experiments import metrics_panel as m
from experiments.metrics_switching import switched_away
from experiments.occasions import kaplan_meier
from experiments.records import Records

pytestmark = pytest.mark.quick
YEAR = DAYS - 365


@pytest.fixture(params=range(3), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param, people=300, n=2400)


def days_by_person(records: Records, brand: int) -> list[list[int]]:
    """The days of the year on which each customer ordered."""
    found: dict[int, set[int]] = {}
    for order in records.orders[records.orders["brand"] == brand]:
        if order["day"] >= YEAR:
            found.setdefault(int(order["person"]), set()).add(int(order["day"]) - YEAR)
    return [sorted(days) for days in found.values()]


def check(metric, records: Records, function) -> None:
    expected = [function(days_by_person(records, brand)) for brand in range(BRANDS)]
    assert metric(records) == pytest.approx(expected, nan_ok=True)
    assert np.isfinite(expected).all()


def test_repeat_after_a_first_order_of_the_year(records):
    def repeat(everybody):
        new = [days for days in everybody if days[0] >= 90]
        again = np.array([len(days) > 1 for days in new])
        ends = np.array([(days[1] if len(days) > 1 else 364) - days[0] for days in new])
        left = 1.0
        for day in sorted(set(ends[again])):
            if day <= 90:
                left *= 1 - (again & (ends == day)).sum() / (ends >= day).sum()
        return 1 - left

    check(m.panel_repeat, records, repeat)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_repeat_by_the_number_of_the_order(records, number):
    def rate(everybody):
        found = [
            k + 1 < len(days) and days[k + 1] - day <= 90
            for days in everybody
            if days[0] >= 90
            for k, day in enumerate(days)
            if min(k + 1, 4) == number and 364 - day >= 90
        ]
        return np.mean(found)

    check(getattr(m, f"panel_repeat_{number}"), records, rate)


def test_quantiles_of_gaps(records):
    def gaps(everybody):
        return [b - a for days in everybody for a, b in itertools.pairwise(days)]

    check(m.gap_q1, records, lambda days: np.quantile(gaps(days), 0.25))
    check(m.gap_median, records, lambda days: np.quantile(gaps(days), 0.5))
    check(m.gap_q3, records, lambda days: np.quantile(gaps(days), 0.75))


def test_the_median_gap_counts_those_that_are_cut_off(records):
    def median(everybody):
        ends = [b - a for days in everybody for a, b in zip(days, [*days[1:], 364], strict=True)]
        event = [k + 1 < len(days) for days in everybody for k in range(len(days))]
        return kaplan_meier(np.array(ends), np.array(event)).median()

    check(m.gap_median_corrected, records, median)
    assert (m.gap_median_corrected(records) > m.gap_median(records)).all()


def test_the_same_brand_on_the_next_occasion(records):
    same, pairs = 0, 0
    own, before = np.zeros(BRANDS), np.zeros(BRANDS)
    last: dict[tuple[int, int], int] = {}
    for order in records.orders:
        key = (int(order["person"]), int(records.categories[order["product"]]))
        brand = int(order["brand"])
        if order["day"] >= 0 and key in last:
            pairs, same = pairs + 1, same + (last[key] == brand)
            before[last[key]] += 1
            own[brand] += last[key] == brand
        last[key] = brand
    assert m.same_brand(records) == pytest.approx([same / pairs] * BRANDS)
    assert m.stayed(records) == pytest.approx(own / before)
    assert m.stayed(records) == pytest.approx(1 - switched_away(records))


def test_a_short_run_has_no_year(records):
    short = dataclasses.replace(records, days=300)
    metrics = (m.panel_repeat, m.panel_repeat_1, m.panel_repeat_4, m.gap_median)
    for metric in (*metrics, m.gap_median_corrected):
        assert np.isnan(metric(short)).all() and len(metric(short)) == BRANDS

"""What comes after the terminal period: exact where value declines geometrically, near elsewhere."""

import dataclasses

import numpy as np
import pytest

from experiments import horizon, metrics
from experiments.flows import discounted
from experiments.records import observe
from sim.books import ACCOUNTS, contribution
from sim.market import Market
from tests.markets import BEANS, CREAMS

YEAR = 365
SALES = ACCOUNTS.index("gross_sales")
GOODS = ACCOUNTS.index("cost_of_goods")


@pytest.fixture(scope="module")
def records():
    small = {"people.n": 60, "days": 40, "burn_in": 0, "terminal_period": 20}
    return observe(Market(CREAMS, rng=1, **small))


def declining(records, years, factor, rate=0.0):
    """Return records whose sales are 10,000 CNY in the first year after the run, and less each year."""
    held = np.zeros((years * YEAR, len(records.brands), len(ACCOUNTS)), np.int64)
    for year in range(years):
        held[year * YEAR, :, SALES] = round(1_000_000 * factor**year)
        held[year * YEAR, :, GOODS] = round(250_000 * factor**year)
    return dataclasses.replace(records, held=held, discount=rate)


@pytest.mark.parametrize("rate", [0.0, 0.1])
@pytest.mark.parametrize("years", [3, 4, 5, 8])
@pytest.mark.parametrize("factor", [0.0, 0.3, 0.75])
def test_a_geometric_decline_is_continued_exactly(records, years, factor, rate):
    told = declining(records, years, factor, rate)
    longer = dataclasses.replace(told, held=declining(records, 80, factor, rate).held)
    for metric in (
        metrics.terminal_equity,
        metrics.long_run_revenue,
        metrics.long_run_contribution,
    ):
        assert metric(told) == pytest.approx(metric(longer), rel=2e-4)


def test_its_share_is_what_lies_beyond(records):
    told = declining(records, 5, 0.5)
    run = metrics.long_run_revenue(told) - 20_000  # 10,000 (1 + 1/2 + 1/4 + ...)
    assert metrics.truncated_share(told) == pytest.approx(
        20_000 * 0.5**5 / (20_000 + run), rel=1e-3
    )


def test_a_short_terminal_period_is_not_continued_but_its_share_is_told(records):
    told = declining(records, 1, 0.5)
    assert not horizon.is_counted(told)
    assert (metrics.terminal_equity(told) == 7_500).all()
    assert (metrics.truncated_share(told) >= 0).all()


def test_without_a_terminal_period_nobody_knows(records):
    none = dataclasses.replace(records, held=records.held[:0])
    assert np.isnan(metrics.truncated_share(none)).all()
    assert np.isfinite(metrics.long_run_revenue(none)).all()


def test_who_never_leaves_is_not_worth_infinitely_much(records):
    assert np.isfinite(metrics.long_run_revenue(declining(records, 5, 1.0))).all()


def test_a_brand_that_sells_nothing(records):
    told = declining(records, 5, 0.5)
    told.held[:] = 0
    assert (metrics.terminal_equity(told) == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("market", [CREAMS, BEANS], ids=["creams", "beans"])
def test_five_years_and_what_follows_are_fifteen_years(market):
    """Of the same draws, within 2 %, as the mean of three brands and eight markets."""
    ratios = []
    plays = {"brands.A.strategies": {"service_followup": {}, "referral": {}}}
    for seed in range(1, 9):
        longest = {"people.n": 2000, "terminal_period": 15 * YEAR, **plays}
        long = observe(Market(market, rng=seed, **longest))
        five = dataclasses.replace(long, held=long.held[: 5 * YEAR])
        whole = np.concatenate([long.daily, long.held])
        fifteen_years = discounted(contribution(whole), long.discount) / 100
        ratios.append(metrics.long_run_contribution(five) / fifteen_years)
    assert np.mean(ratios) == pytest.approx(1, abs=0.02)

"""What pace does to lifetime orders: nothing where dropout is per order, something where time does.

One brand, nothing outside, no feedback of satisfaction; touches neither load nor wake, and nobody
opts out. A reminder makes people order sooner. With dropout per order, or on disappointment, they
make as many orders in all; per unit of time more, by a closed form.
"""

import math

import numpy as np
import pytest

from sim.strategies.interface import Does, Touch

CYCLE, LEAD, RATE = 30, 15, 3.0
"""A pack lasts everybody 30 days; a reminder comes 15 days before; rate of dropout a year."""
ALONE = {
    "categories.cream.retry_days": math.inf,  # who has dropped out of the only brand buys no more
    "behaviour.dropout.satisfaction_effect": 0,
}
CLOCKWORK = {
    **ALONE,
    "people.n": 20_000,
    "days": 12 * CYCLE + 1,  # by then 95 % have dropped out, whatever the form
    "behaviour.choice.wait_weight": 0,  # who answers buys
    "behaviour.touch.remind_reach": LEAD,  # and does not stock up a second pack
}
EVERYDAY = {
    **ALONE,
    "people.n": 30_000,
    "days": 2200,
    "categories.cream.usage": {"dist": "gamma", "mean": 12, "shape": 4},
    "categories.cream.period_days": 365,
    "categories.cream.regularity": 3,
    "brands.A.products.cream.quality": 0.6,
    "brands.A.products.cream.spread": 0.15,
    "behaviour.touch.response": 0.5,
    # an experience is below the threshold of .5 in one case of four, below expectation in two
    "behaviour.experience.expectation": 0.6,
    "behaviour.experience.expectation_learning": 0,
    "behaviour.experience.product_learning": 1,
    "behaviour.experience.disconfirmation": 0,
}
A_YEAR = {**EVERYDAY, "people.n": 40_000, "days": 365, "behaviour.touch.response": 1}
FORMS = {
    "per order": {"propensity": 0.2},
    "on disappointment, below the threshold": {
        "disappointment": 0.4,
        "disappoints": "below_threshold",
    },
    "on disappointment, below expectation": {
        "disappointment": 0.4,
        "disappoints": "below_expectation",
    },
    "per unit of time": {"rate": 6.0},
}


@pytest.fixture
def orders(still, follow_up):
    """Return a function that gives each person's orders without a reminder and with one."""

    def run(remind: Touch, market, **forms):
        given = {f"behaviour.dropout.{name}": value for name, value in forms.items()}
        arms = []
        for portfolio in ({}, follow_up(remind)):
            made = still(7, **market, **given, **{"brands.A.strategies": portfolio})
            made.run_model()
            assert made.world.relationships["dropped_out"][:, 0].mean() > 0.95 * bool(forms)
            arms.append(np.bincount(made.orders["person"], minlength=made.config.people.n))
        return arms

    return run


def rise(without, with_it) -> tuple[float, float]:
    """Return the relative difference of lifetime orders, and its standard error."""
    difference = (with_it - without) / without.mean()
    return float(difference.mean()), float(difference.std() / math.sqrt(difference.size))


# --- clockwork: every second order comes LEAD days early --------------------------------------------

IN_TIME = Touch("remind", Does.REMIND, day=CYCLE - LEAD)


def test_per_order_each_person_makes_as_many_orders(orders):
    without, with_it = orders(IN_TIME, CLOCKWORK, propensity=0.25)
    np.testing.assert_array_equal(without, with_it)
    assert without.mean() == pytest.approx(1 / 0.25, rel=0.05)


def test_per_unit_of_time_lifetime_orders_rise_by_a_closed_form(orders):
    """An order on day d is made with chance exp(-m d), m the rate a day.

    Without a reminder orders fall on days n C, with one every second on n C - L. With q = exp(-m C)
    they come to 1 / (1 - q) and (1 + q exp(m L)) / (1 - q^2), so that lifetime orders rise by the
    share q (exp(m L) - 1) / (1 + q): 5.75 % here, at a standard error of .07.
    """
    m = RATE / 365
    q = math.exp(-m * CYCLE)
    expected = q * math.expm1(m * LEAD) / (1 + q)
    assert expected == pytest.approx(0.0575, abs=1e-4)
    found, error = rise(*orders(IN_TIME, CLOCKWORK, rate=RATE))
    assert error < 0.001
    assert found == pytest.approx(expected, abs=4 * error + 0.05 * expected)  # 5 % beyond horizon


# --- an everyday market: equivalence within 1 % --------------------------------------------------------

SOON = Touch("remind", Does.REMIND, before_depletion=10)
MARGIN = 0.01


def equivalent(found: float, error: float) -> bool:
    """Return whether two one-sided tests at 5 % reject a difference of 1 % or more."""
    return abs(found) + 1.645 * error < MARGIN


@pytest.mark.parametrize("form", [form for form in FORMS if form != "per unit of time"])
def test_lifetime_orders_are_equal_with_and_without_a_reminder(orders, form):
    """If there is no difference, the test finds equivalence with a power of .98 or more.

    At a standard error of .0025 it does so if |z| < (.01 - 1.645 x .0025) / .0025 = 2.35.
    """
    found, error = rise(*orders(SOON, EVERYDAY, **FORMS[form]))
    assert error < 0.0025
    assert equivalent(found, error), (found, error)


def test_per_unit_of_time_they_are_those_that_the_days_of_orders_say(orders, still, follow_up):
    """Nobody's clock depends on dropout, so orders without it, each weighed by exp(-m d), tell."""
    found, error = rise(*orders(SOON, A_YEAR, **FORMS["per unit of time"]))
    expected = []
    for portfolio in ({}, follow_up(SOON)):
        market = still(7, **A_YEAR, **{"brands.A.strategies": portfolio})
        market.run_model()
        expected.append(np.exp(-6.0 / 365 * market.orders["day"]).sum())
    predicted = expected[1] / expected[0] - 1
    assert predicted > 2 * MARGIN
    assert found == pytest.approx(predicted, abs=4 * error)
    assert not equivalent(found, error)

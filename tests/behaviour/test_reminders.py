"""Reminders: they bring a purchase forward, compete with waiting, and make nobody use more."""

import math
from typing import ClassVar

import numpy as np
import pytest
from touched import A_STRATEGIES, REMIND, run, total

from sim.counts import COUNTS
from sim.engine.calendar import schedule
from sim.strategies.interface import Does, Offer, Strategy, Touch


def with_soap(follow_up):
    """Return what makes A sell soap too, needed as often as cream, and remind of both."""
    need = {"usage": 1, "period_days": 30, "regularity": math.inf, "start": "immediate"}
    soap = {"category": "soap", "price": 10, "unit_cost": 4, "quality": 0.7, "fault_rate": 0}
    changes = {"categories.soap": need, "brands.A.products.soap": soap}
    return {**changes, A_STRATEGIES: follow_up(REMIND)}


def by_day(market, days) -> np.ndarray:
    """Return int[people, days]: orders of each person up to each day."""
    table = np.zeros((len(market.world.people), days), int)
    np.add.at(table, (market.orders["person"], market.orders["day"]), 1)
    return table.cumsum(axis=1)


@pytest.mark.quick
@pytest.mark.parametrize("response", [1, 0])
def test_a_reminder_brings_a_purchase_forward(still, follow_up, response):
    changes = {"behaviour.choice.wait_weight": 0, "behaviour.touch.response": response}
    market = run(still, 31, follow_up(REMIND), **changes)
    second = market.orders[market.orders["nth"] == 2]
    assert len(second) == 100
    assert set(second["day"]) == {23 if response else 30}
    assert (second["reminded"] == bool(response)).all()
    assert total(market, "reminded_orders") == 100 * response
    assert (market.world.occasions["due"] == 60).all(), "the stock at hand is kept"


@pytest.mark.parametrize("regularity", [1.0, 3.0, math.inf])
def test_reminders_do_not_make_people_use_more(still, follow_up, regularity):
    """However often reminded, nobody is ahead of need by more than reminders reach."""
    reach, days = 21, 300
    changes = {"categories.cream.regularity": regularity, "behaviour.choice.wait_weight": 0.5}
    changes["categories.cream.start"] = "equilibrium"
    plain = run(still, days + reach, {}, **changes)
    market = run(still, days, follow_up(REMIND), **changes)
    natural, reminded = by_day(plain, days + reach), by_day(market, days)
    assert (reminded >= natural[:, :days]).all()
    assert (reminded <= natural[:, reach:]).all()
    assert (reminded > natural[:, :days]).mean() > 0.05, "they do buy earlier"
    last = np.maximum(plain.world.occasions["due"], market.world.occasions["due"])
    assert (last > days).all()


def test_flexible_consumption_is_what_makes_people_use_more(still, follow_up):
    flexible = {
        "behaviour.purchase_occasion.consumption_flexibility": 0.5,
        "behaviour.choice.wait_weight": 0,
    }
    plain = run(still, 300, {}, **flexible)
    market = run(still, 300, follow_up(REMIND), **flexible)
    assert len(market.orders) > 1.05 * len(plain.orders)


@pytest.mark.quick
@pytest.mark.parametrize(("reach", "days"), [(6.5, {23}), (6, {30}), (0, {30})])
def test_a_reminder_cannot_reach_a_need_far_off(still, follow_up, reach, days):
    """Sent on day 23; from the end of that day it is 6 days to the need of day 30."""
    changes = {"behaviour.touch.remind_reach": reach, "behaviour.choice.wait_weight": 0}
    market = run(still, 31, follow_up(REMIND), **changes)
    assert set(market.orders["day"][market.orders["nth"] == 2]) == days


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_a_reminded_occasion_is_between_this_brand_and_waiting(still, follow_up, weight):
    """Another brand, however much liked, is not in it."""
    changes = {"behaviour.choice.wait_weight": weight, "behaviour.choice.concentration": 1}
    market = still(**{"people.n": 1000, "days": 24, **changes, A_STRATEGIES: follow_up(REMIND)})
    market.step()
    market.world.relationships["aware"][:, 1] = True
    market.world.relationships["log_taste"][:, 0], market.world.relationships["log_taste"][:, 1] = (
        0.0,
        10.0,
    )
    market.run_model()
    again = market.orders[market.orders["nth"] == 2]
    assert set(again["brand"]) == {0}
    assert len(again) / 1000 == pytest.approx(1 / (1 + weight), abs=0.05)


@pytest.mark.parametrize(("weight", "share"), [(0, 1 / 2), (1, 1 / 3)])
def test_two_reminders_compete_with_each_other_and_with_waiting(
    still, known_strategies, weight, share
):
    class Nag(Strategy):
        """Remind everybody on day 22."""

        every: ClassVar[int] = 22

        def decide(self, view, day):
            touch = Touch("now", Does.REMIND, day=0)
            view.send(touch, view.customers["person"], "cream")

    changes = {f"brands.{name}.strategies": {"nag": {}} for name in "AB"}
    changes |= {"brands.B.awareness": 1, "behaviour.choice.wait_weight": weight}
    changes |= {"behaviour.choice.concentration": 1, "people.n": 1500, "days": 24}
    market = still(**changes)
    market.world.relationships["log_taste"] = 0.0
    for _ in range(5):
        market.step()
    market.world.relationships["orders"] = 1  # all are customers of both
    market.run_model()
    again = market.orders[market.orders["day"] == 23]
    assert market.counts[23, :, COUNTS.index("answers")].tolist() == [1500, 1500]
    shares = np.bincount(again["brand"], minlength=2) / 1500
    np.testing.assert_allclose(shares, share, atol=0.05)


@pytest.mark.quick
def test_reminders_of_one_day_for_two_needs_do_not_compete(still, follow_up):
    market = still(**{"days": 24, "behaviour.choice.wait_weight": 0, **with_soap(follow_up)})
    market.run_model()
    again = market.orders[market.orders["day"] == 23]
    assert np.bincount(again["product"]).tolist() == [100, 100]
    assert again["reminded"].all()


@pytest.mark.quick
def test_after_a_reminder_the_next_need_may_be_that_of_the_next_day(still, known_strategies):
    """Two packs a day from day 6 on; reminded on day 5, people buy the first of them then."""

    class Nag(Strategy):
        """Remind everybody on day 5."""

        every: ClassVar[int] = 4

        def decide(self, view, day):
            if day == 4:
                view.send(Touch("now", Does.REMIND, day=0), view.customers["person"], "cream")

    changes = {"behaviour.choice.wait_weight": 0, "categories.cream.period_days": 0.5}
    market = still(**changes, **{"people.n": 10, "days": 9, A_STRATEGIES: {"nag": {}}})
    while market.running:
        if market.day == 5:
            market.world.occasions["due"] = 6
            for row in range(10):
                schedule(market.world.occasions_due, row, 6)
        market.step()
    assert np.bincount(market.orders["day"]).tolist() == [20] * 5 + [10, 10, 20, 20]


@pytest.mark.quick
def test_who_left_is_not_brought_back_by_a_reminder(still, follow_up):
    market = still(**{"days": 31, A_STRATEGIES: follow_up(REMIND)})
    for _ in range(10):
        market.step()
    market.world.relationships["dropped_out"][:, 0] = True
    market.run_model()
    assert len(market.orders) == 100
    assert total(market, "touches") == 100, "the brand does not know"
    assert total(market, "answers") == 0


@pytest.mark.quick
def test_the_coupon_of_a_reminder_is_used_by_who_heeds_it(still, follow_up):
    touch = Touch("remind", Does.REMIND, before_depletion=7, offer=Offer(0.2, days=14))
    for response, paid in ((1, 8000), (0, 10000)):
        changes = {"behaviour.choice.wait_weight": 0, "behaviour.touch.response": response}
        market = run(still, 31, follow_up(touch), **changes)
        assert set(market.orders["paid_cents"][market.orders["nth"] == 2]) == {paid}


def test_a_coupon_makes_heeding_more_likely(still, follow_up):
    heeded = []
    for discount in (0.0, 0.3):
        offer = Offer(discount) if discount else None
        touch = Touch("remind", Does.REMIND, before_depletion=7, offer=offer)
        changes = {"behaviour.choice.offer": 2.0, "behaviour.choice.concentration": 1}
        market = still(**{"people.n": 1000, "days": 24, **changes, A_STRATEGIES: follow_up(touch)})
        market.world.relationships["log_taste"] = 0.0
        market.run_model()
        heeded.append(total(market, "reminded_orders") / 1000)
    assert heeded[0] == pytest.approx(0.5, abs=0.05)
    assert heeded[1] == pytest.approx(1 / (1 + math.exp(-0.6)), abs=0.05)

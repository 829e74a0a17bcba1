"""Journeys: what strategies say becomes a table of steps, brand by brand."""

import numpy as np
import pytest

from sim.brands.portfolio import facts, prices_of, running
from sim.counts import COUNTS
from sim.market import Market
from sim.strategies.interface import Does, Offer, Price, Strategy, Touch
from sim.strategies.service_followup import ServiceFollowup

TOUCHES = COUNTS.index("touches")
ASK = Touch("ask", Does.ASK_FEEDBACK, day=5)


@pytest.mark.quick
def test_a_touch_is_due_on_one_day():
    for days in ({}, {"day": 1, "before_depletion": 2}):
        with pytest.raises(ValueError, match="either day or before_depletion"):
            Touch("x", Does.SELL, **days)


@pytest.mark.quick
@pytest.mark.parametrize(
    "make",
    [
        lambda: Offer(1.1),
        lambda: Offer(-0.1),
        lambda: Offer(0.1, days=-1),
        lambda: Price("cream", -1.0),
        lambda: Price("cream", float("nan")),
        lambda: Touch("x", Does.SELL, day=-1),
        lambda: Touch("x", Does.REMIND, before_depletion=-1),
        lambda: Touch("x", Does.REMIND, before_depletion=1, prior_orders=-1),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    """A strategy of one's own is code, and nobody else checks what it says."""
    with pytest.raises(ValueError, match=r"must be|an offer is"):
        make()


@pytest.mark.quick
def test_two_touches_of_a_journey_cannot_have_one_name(still, follow_up):
    with pytest.raises(ValueError, match="'ask'"):
        still(**{"brands.A.strategies": follow_up(ASK, ASK)})


@pytest.mark.quick
def test_a_step_says_what_the_touch_says(still, follow_up):
    touch = Touch(
        "x",
        Does.REMIND | Does.ASK_FEEDBACK,
        before_depletion=7.5,
        brand_orders=(2, 4),
        product_orders=(3, None),
        human=False,
        offer=Offer(0.2, days=9),
        prior_orders=1.5,
    )
    portfolio = follow_up(touch, audience={"share": 0.4})
    steps = still(**{"brands.A.strategies": portfolio}).world.steps
    assert len(steps) == 1
    row = steps[0]
    assert row["before_depletion"]
    assert (row["days"], row["prior_orders"], row["does"]) == (7.5, 1.5, 64 + 16)
    assert (row["brand_from"], row["brand_to"]) == (2, 4)
    assert (row["product_from"], row["product_to"]) == (3, 2**31 - 1)
    assert (row["human"], row["offer"], row["offer_days"]) == (False, 0.2, 9)
    assert row["share"] == 0.4


@pytest.mark.quick
def test_each_brand_has_its_own_rows_of_steps(busy):
    world = busy().world
    steps = world.steps
    followed = [{0, 1}, set(), {4}]  # products of A, B and C that a strategy follows up
    for b, products in enumerate(followed):
        brand = world.brands[b]
        mine = steps[brand["step_start"] : brand["step_end"]]
        assert (mine["brand"] == b).all()
        assert set(mine["product"]) == products
    assert len(steps) == (world.brands["step_end"] - world.brands["step_start"]).sum()
    assert len(np.unique(steps["key"])) == len(steps), "each step has draws of its own"
    assert len(np.unique(steps["audience_key"])) == 4, "each strategy of a brand has one audience"


@pytest.mark.quick
def test_a_strategy_without_budget_is_not_at_work(market_config):
    def at_work(**given):
        return [
            (run.brand, run.name)
            for run in running(market_config(**{"brands.A.strategies.service_followup": given}))
        ]

    mine = [(0, "service_followup")]
    others = [(2, "service_followup"), (2, "referral"), (2, "agent_recruitment")]
    assert at_work() == mine + others
    assert at_work(budget=0) == others
    assert at_work(budget=0.001) == others, "less than a cent"
    assert at_work(budget=0.01) == mine + others


@pytest.mark.quick
def test_what_a_brand_knows_of_its_products(market_config):
    config = market_config()
    big = facts(config.brands["B"], "big", config)
    assert (big.name, big.category, big.price, big.cycle_days) == ("big", "cream", 150, 40)
    cream = facts(config.brands["B"], "cream", config)
    assert cream.cycle_days == pytest.approx(365 / 20)
    assert (cream.delivery_days, cream.effect_days, cream.refund_days) == (3, 3, 7)


@pytest.mark.quick
def test_terms_are_those_of_strategies_at_work(market_config, known_strategies):
    class Half(Strategy):
        """Halve all prices."""

        def terms(self, product):
            return [Price(product.name, product.price / 2)]

    def priced(**given):
        market = Market(market_config(**{"brands.A.strategies": {"half": given}, "burn_in": 0}))
        return market.world.products["price_cents"][:2].tolist()

    config = market_config(**{"brands.A.strategies": {"half": {}}})
    half = config.brands["A"].strategies["half"]
    assert prices_of(half, config.brands["A"], config) == {"cream": 50, "soap": 11}
    assert priced() == [5000, 1100]
    assert priced(budget=0) == [10000, 2200]


@pytest.mark.quick
def test_touches_of_other_products_are_not_planned(still, follow_up, known_strategies):
    class OfSoap(Strategy):
        """Follow soap up and nothing else."""

        def journey(self, product):
            return [ASK] if product.name == "soap" else []

    market = still(**{"brands.A.strategies": {"of_soap": {}}, "days": 10})
    market.run_model()
    assert len(market.world.steps) == 0
    assert not market.counts[:, 0, TOUCHES].any()


@pytest.mark.quick
def test_filters_on_the_number_of_orders(still, follow_up):
    """Which of the orders on days 0, 30, 60 and 90 are followed up."""
    expected = {(1, 1): [0], (2, None): [30, 60, 90], (2, 3): [30, 60], (5, None): []}
    for number, days in expected.items():
        for which in ("brand_orders", "product_orders"):
            touch = Touch("ask", Does.ASK_FEEDBACK, day=5, **{which: number})
            market = still(**{"days": 99, "people.n": 3, "brands.A.strategies": follow_up(touch)})
            market.run_model()
            sent = np.flatnonzero(market.counts[:, 0, TOUCHES])
            assert (sent - 5).tolist() == days


@pytest.mark.quick
def test_a_touch_is_never_due_on_the_day_of_the_order(still, follow_up):
    for touch in (Touch("x", Does.SELL, day=0), Touch("x", Does.SELL, before_depletion=45)):
        market = still(**{"days": 5, "people.n": 3, "brands.A.strategies": follow_up(touch)})
        market.run_model()
        assert market.counts[:, 0, TOUCHES].tolist() == [0, 3, 0, 0, 0]


@pytest.mark.quick
def test_of_what_lasts_for_ever_nobody_is_reminded(still, follow_up):
    touch = Touch("x", Does.REMIND, before_depletion=7)
    changes = {"brands.A.products.cream.supply_days": float("inf"), "days": 90}
    market = still(**changes, **{"brands.A.strategies": follow_up(touch)})
    market.run_model()
    assert len(market.orders) == 100
    assert not market.counts[:, 0, TOUCHES].any()


@pytest.mark.quick
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_an_audience_is_a_random_share_of_people(still, share):
    followed = {"service_followup": {"audience": {"share": share}}}
    market = still(**{"people.n": 1000, "days": 10, "brands.A.strategies": followed})
    market.run_model()
    touched = market.world.relationships["fatigue_day"][:, 0] > 0
    assert touched.mean() == pytest.approx(share, abs=0.05)
    other = still(rng=2, **{"people.n": 1000, "days": 10, "brands.A.strategies": followed})
    other.run_model()
    same = (other.world.relationships["fatigue_day"][:, 0] > 0) == touched
    assert same.all() == (share in (0, 1))


def test_a_market_takes_strategies_as_objects(busy_mapping):
    by_name = Market(busy_mapping, rng=1)
    busy_mapping["brands"]["A"]["strategies"] = {"service_followup": ServiceFollowup()}
    by_object = Market(busy_mapping, rng=1)
    np.testing.assert_array_equal(by_name.world.steps, by_object.world.steps)

"""Choice: who is known, liked, trusted, cheap and at hand is bought, by the odds of a logit."""

import math

import numpy as np
import pytest

from sim.strategies.interface import Does, Offer, Price, Strategy, Touch

N = 4000
PAIR = {"people.n": N, "days": 1, "brands.B.awareness": 1}
"""Two brands that all know, equally liked; everybody needs a pack on day 0."""


def odds(market) -> float:
    """Run day 0 and return the log odds of A against B."""
    market.step()
    a, b = np.bincount(market.orders["brand"], minlength=2)
    assert a + b == len(market.world.people)
    return math.log(a / b)


NOISE = 4 * 2 / math.sqrt(N)
"""Four standard errors of the log odds of an even choice."""


# --- taste and awareness --------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_choices_follow_taste(still, share):
    market = still(**PAIR, **{"brands.A.share": share, "brands.B.share": 1 - share})
    assert odds(market) == pytest.approx(math.log(share / (1 - share)), abs=NOISE)


def test_few_strong_tastes_or_many_weak_ones(still):
    """Small concentration: each keeps to one brand. Large: all buy both."""
    both = {}
    for concentration in (0.1, 1000):
        market = still(
            **{**PAIR, "people.n": 500, "days": 151},
            **{"behaviour.choice.concentration": concentration},
        )
        market.run_model()
        number = market.world.relationships["orders"]
        assert number.sum() == 500 * 6
        both[concentration] = (number > 0).all(axis=1).mean()
    assert both[0.1] < 0.25
    assert both[1000] > 0.9


@pytest.mark.quick
def test_nobody_buys_a_brand_that_he_does_not_know(still):
    market = still(**PAIR)
    knows = np.arange(N) % 2 == 0
    market.world.relationships["aware"][:, 1] = knows
    market.step()
    chosen = market.orders["brand"]
    assert (chosen[~knows[market.orders["person"]]] == 0).all()
    assert chosen[knows[market.orders["person"]]].mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.quick
def test_who_left_a_brand_does_not_come_back(still):
    market = still(**PAIR)
    market.world.relationships["dropped_out"][:, 0] = True
    market.step()
    assert (market.orders["brand"] == 1).all()
    assert len(market.orders) == N


@pytest.mark.parametrize("weight", [0.0, 0.25, 1.0])
def test_the_outside_option(still, weight):
    """Tastes are shares of concentration, so the outside weight is on its scale."""
    share = {"behaviour.choice.concentration": 1.0, "behaviour.choice.outside_weight": weight}
    market = still(**PAIR, **share)
    market.world.relationships["log_taste"] = math.log(0.5)
    market.step()
    assert len(market.orders) / N == pytest.approx(1 / (1 + weight), abs=0.04)


def test_two_products_of_one_brand_share_its_weight(still):
    cream = {"category": "cream", "price": 100, "unit_cost": 40}
    two = {"small": {**cream, "share": 1}, "large": {**cream, "share": 3}}
    market = still(**PAIR, **{"brands.A.products": two})
    assert odds(market) == pytest.approx(0, abs=NOISE), "a second product adds no weight"
    products = np.bincount(market.orders["product"], minlength=3)
    assert products[1] / products[0] == pytest.approx(3, rel=0.15)


# --- utility: each part moves the odds by its coefficient, and by nothing without it --------------


def overall(market):
    market.world.relationships["overall"][:, 0] = 0.9
    return 0.9 - 0.5


def trust(market):
    market.world.relationships["trust"][:, 0] = 0.9
    return 0.9 - 0.5


def social_proof(market):
    market.world.relationships["word_of_mouth"][:, 0] = -0.8  # 60 days ago: half of it is left
    market.world.relationships["word_of_mouth_day"][:, 0] = -60
    return -0.4


def offer(market):
    market.world.relationships["offer"][:, 0] = 0.6
    market.world.relationships["offer_until"][:, 0] = 0
    return 0.6


def habit(market):
    market.world.occasions["last_brand"] = 0
    return 1.0


PARTS = {
    "satisfaction": overall,
    "trust": trust,
    "social_proof": social_proof,
    "offer": offer,
    "habit": habit,
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("coefficient", [0.0, 1.5])
def test_the_parts_of_utility(still, part, coefficient):
    market = still(**PAIR, **{f"behaviour.choice.{part}": coefficient})
    utility = PARTS[part](market)
    assert odds(market) == pytest.approx(coefficient * utility, abs=1.3 * NOISE)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("field", "satisfied"), [("product", False), ("service", False), (None, True)]
)
def test_habit_needs_satisfaction_on_both_counts(still, field, satisfied):
    market = still(**PAIR, **{"behaviour.choice.habit": 1.5})
    habit(market)
    if field:
        market.world.relationships[field] = 0.49
    assert odds(market) == pytest.approx(1.5 if satisfied else 0, abs=1.3 * NOISE)


@pytest.mark.parametrize("coefficient", [0.0, 2.0])
def test_a_higher_price_loses_buyers(still, coefficient):
    price = {"brands.A.products.cream.price": 150, "behaviour.choice.price": coefficient}
    expected = -coefficient * math.log(1.5)
    assert odds(still(**PAIR, **price)) == pytest.approx(expected, abs=NOISE)
    callous = {"people.price_sensitivity": 0}
    assert odds(still(**PAIR, **price, **callous)) == pytest.approx(0, abs=NOISE)


@pytest.mark.quick
def test_free_is_no_dearer_than_cheap(still):
    """By price or by coupon; the logarithm must not make an exception of nothing."""

    def share(price=100.0, coupon=0.0):
        changes = {"brands.A.products.cream.price": price, "behaviour.choice.price": 0.2}
        market = still(**{**PAIR, **changes, "people.n": 500})
        (
            market.world.relationships["offer"][:, 0],
            market.world.relationships["offer_until"][:, 0],
        ) = coupon, 9
        market.step()
        return (market.orders["brand"] == 0).mean()

    prices = [share(price) for price in (100, 10, 0.01, 0)]
    coupons = [share(coupon=coupon) for coupon in (0, 0.9, 0.9999, 1)]
    for shares in (prices, coupons):
        assert shares == sorted(shares), shares
        assert shares[0] < shares[1] < shares[2] <= shares[3]


def reference_odds(still, remembered, **changes):
    """Return the log odds when A was `remembered` times as dear as now."""
    market = still(**PAIR, **{"behaviour.choice.reference_price": 1.5, **changes})
    market.world.relationships["log_reference"][:, 0] = math.log(remembered)
    return odds(market)


def test_a_price_above_memory_hurts_twice_as_much_as_one_below_pleases(still):
    gain, loss = reference_odds(still, 1.3), reference_odds(still, 1 / 1.3)
    assert gain == pytest.approx(1.5 * math.log(1.3), abs=NOISE)
    assert loss == pytest.approx(-2 * 1.5 * math.log(1.3), abs=NOISE)
    even = {"behaviour.choice.loss_aversion": 1}
    assert reference_odds(still, 1 / 1.3, **even) == pytest.approx(-gain, abs=2 * NOISE)
    off = {"behaviour.choice.reference_price": 0}
    assert reference_odds(still, 1 / 1.3, **off) == pytest.approx(0, abs=NOISE)


def test_a_coupon_pulls_as_a_lower_price_and_more_on_the_deal_prone(still):
    common = {"behaviour.choice.price": 1.0, "behaviour.choice.offer": 2.0}
    for prone in (0, 1):
        market = still(**PAIR, **common, **{"people.deal_proneness": prone})
        market.world.relationships["offer"][:, 0] = 0.2
        market.world.relationships["offer_until"][:, 0] = 5
        assert odds(market) == pytest.approx(-math.log(0.8) + prone * 2 * 0.2, abs=NOISE)


# --- offers in hand -------------------------------------------------------------------------------


@pytest.mark.quick
def test_a_coupon_is_spent_once(still):
    market = still(**{"days": 61, "people.n": 10})
    market.world.relationships["offer"][:, 0], market.world.relationships["offer_until"][:, 0] = (
        0.2,
        100,
    )
    market.run_model()
    paid = {day: set(market.orders["paid_cents"][market.orders["day"] == day]) for day in (0, 30)}
    assert paid == {0: {8000}, 30: {10000}}


@pytest.mark.quick
@pytest.mark.parametrize(("until", "paid"), [(30, 8000), (29, 10000)])
def test_a_coupon_expires(still, until, paid):
    market = still(**{"days": 31, "people.n": 10, "categories.cream.start": "fresh"})
    market.world.relationships["offer"][:, 0], market.world.relationships["offer_until"][:, 0] = (
        0.2,
        until,
    )
    market.run_model()
    assert set(market.orders["paid_cents"]) == {paid}


def test_the_better_of_two_offers_is_kept(still, follow_up):
    touches = [
        Touch(f"{day}", Does.SELL, day=day, offer=Offer(discount, days=20))
        for day, discount in ((20, 0.1), (21, 0.3), (22, 0.2))
    ]
    market = still(**{"days": 31, "brands.A.strategies": follow_up(*touches)})
    market.run_model()
    assert set(market.orders["paid_cents"][market.orders["day"] == 30]) == {7000}


@pytest.mark.quick
def test_a_better_offer_is_kept_through_its_last_day(still, follow_up):
    """And then there is none, though another was made on that day."""
    touches = [
        Touch(f"{day}", Does.SELL, day=day, offer=offer)
        for day, offer in ((20, Offer(0.3, days=2)), (22, Offer(0.2, days=20)))
    ]
    market = still(**{"days": 31, "brands.A.strategies": follow_up(*touches)})
    market.run_model()
    assert set(market.orders["paid_cents"][market.orders["day"] == 30]) == {10000}


# --- the price remembered -------------------------------------------------------------------------


@pytest.mark.parametrize("learning", [0.0, 0.25])
def test_discounts_erode_the_price_remembered(still, follow_up, learning):
    """Three purchases at 20 % off; then the list price feels dear, by what was learnt."""
    sale = Touch("sale", Does.SELL, day=29, offer=Offer(0.2))
    changes = {"behaviour.reference_price.learning": learning, "days": 91}
    market = still(**changes, **{"brands.A.strategies": follow_up(sale)})
    market.run_model()
    learnt = (1 - (1 - learning) ** 3) * math.log(0.8)
    np.testing.assert_allclose(market.world.relationships["log_reference"][:, 0], learnt, rtol=1e-5)

    pair = still(**PAIR, **{"behaviour.choice.reference_price": 2.0})
    pair.world.relationships["log_reference"][:, 0] = learnt
    assert odds(pair) == pytest.approx(2.0 * 2.0 * learnt, abs=NOISE)


def test_the_price_remembered_recovers_at_the_list_price(still):
    market = still(**{"days": 91})
    market.world.relationships["log_reference"][:, 0] = -0.4
    market.run_model()
    np.testing.assert_allclose(
        market.world.relationships["log_reference"][:, 0], -0.4 * 0.75**4, rtol=1e-5
    )


def test_a_price_term_moves_demand_and_memory(still, known_strategies):
    class Dearer(Strategy):
        """Ask 130 from day 0."""

        def terms(self, product):
            return [Price(product.name, 130.0)]

    changes = {"behaviour.choice.price": 2.0, "brands.A.strategies": {"dearer": {}}}
    market = still(**PAIR, **changes)
    assert odds(market) == pytest.approx(-2.0 * math.log(1.3), abs=NOISE)
    buyers = market.orders["person"][market.orders["brand"] == 0]
    remembered = market.world.relationships["log_reference"][buyers, 0]
    np.testing.assert_allclose(remembered, 0.25 * math.log(1.3), rtol=1e-5)

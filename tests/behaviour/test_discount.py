"""Discounts in hand: the better one stays, one as good is renewed, and cents are exact."""

import numpy as np
import pytest

from sim.books import Account
from sim.market import Market
from sim.mechanisms.use import adopt
from sim.strategies.interface import Does, Offer, Touch

SHARES = [0.05, 0.1, 0.15, 0.2, 0.3, 0.7]
"""Some of which single precision rounds up, and some down."""


def give_all(market: Market, share: float) -> None:
    """Make all KOCs of A, who have a discount for good."""
    statuses = market.world.statuses
    statuses["strategy"][0], statuses["discount"][0] = 0, share
    market.world = adopt(market.world)
    market.world.recognition["koc"][:, 0] = True


@pytest.mark.quick
@pytest.mark.parametrize("discount", SHARES)
def test_an_offer_as_good_as_the_one_in_hand_renews_it(still, follow_up, discount):
    touches = [Touch(f"day {day}", Does.SELL, day=day, offer=Offer(discount, 5)) for day in (4, 6)]
    market = still(**{"days": 8, "brands.A.strategies": follow_up(*touches)})
    market.run_model()
    relationships, orders = market.world.relationships[:, 0], market.orders
    first = np.unique(orders["person"], return_index=True)[1]
    day = orders["day"][first]
    renewed = relationships["offer_until"][orders["person"][first]]
    assert (renewed[day + 6 < 8] == day[day + 6 < 8] + 6 + 5).all()
    assert (day + 6 < 8).any()


@pytest.mark.quick
@pytest.mark.parametrize("price", [99_999.95, 1_234_567.85])
def test_a_discount_is_exact_to_the_cent_at_any_price(still, follow_up, price):
    offer = Offer(0.1, days=100)
    touch = Touch("sell", Does.SELL, day=1, offer=offer)
    changes = {"brands.A.products.cream.price": price, "brands.A.strategies": follow_up(touch)}
    market: Market = still(**{"days": 80, **changes})
    market.run_model()
    cut = market.orders[market.orders["paid_cents"] < market.orders["list_cents"]]
    assert cut.size > 0
    cents = round(price * 100)
    assert set(cut["paid_cents"]) == {cents - int(np.floor(cents * 0.1 + 0.5))}


@pytest.mark.quick
@pytest.mark.parametrize("held", ["offer", "terms"])
def test_a_cut_and_a_discount_of_one_cent_are_booked(still, held):
    market: Market = still(**{"days": 1, "brands.A.products.cream.price": 0.1})
    if held == "offer":
        (
            market.world.relationships["offer"][:, 0],
            market.world.relationships["offer_until"][:, 0],
        ) = 0.1, 9
    else:
        give_all(market, 0.1)
    market.world.products["price_cents"][0] -= 1
    market.step()
    assert set(market.orders["paid_cents"]) == {10 - 1 - 1}
    cuts, coupons = market.books.daily[0, 0, [Account.DISCOUNTS, Account.COUPONS]].tolist()
    assert (cuts, coupons) == ((100, 100) if held == "offer" else (200, 0))


@pytest.mark.quick
@pytest.mark.parametrize(("by_terms", "coupons"), [(0.05, 100), (0.1, 100), (0.2, 0)])
def test_an_offer_as_good_as_the_discount_of_the_role_is_used_up(still, by_terms, coupons):
    """And is booked as a coupon; a better discount of the role leaves it in hand."""
    market: Market = still(**{"days": 1, "brands.A.products.cream.price": 0.1})
    relationships = market.world.relationships
    relationships["offer"][:, 0], relationships["offer_until"][:, 0] = 0.1, 9
    give_all(market, by_terms)
    market.step()
    assert market.books.daily[0, 0, Account.COUPONS] == coupons
    assert set(relationships["offer"][:, 0]) == {0 if coupons else 0.1}


@pytest.mark.quick
@pytest.mark.parametrize("gate", [0.1, 0.3, 0.6, 0.7, 0.9])
def test_who_starts_at_the_gate_is_satisfied(still, gate):
    """Stored satisfaction is in single precision: .7 and .9 would fall below themselves."""
    changes = {
        "prior": gate,
        "satisfaction_threshold": gate,
        "service_learning": 0,
        "product_learning": 0,
    }
    market = still(**{"days": 1, **{f"behaviour.experience.{k}": v for k, v in changes.items()}})
    rules, relationships = market.world.rules[0], market.world.relationships
    assert (relationships["product"] >= rules["experience_satisfaction_threshold"]).all()
    assert (relationships["overall"] >= rules["experience_satisfaction_threshold"]).all()

"""Books: they balance, and say of every order what the table of orders says of it."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.accounts import Line, named
from sim.books import (
    ACCOUNTS,
    COSTS,
    REDUCTIONS,
    Account,
    Books,
    BooksError,
    _cost,
    _net,
    contribution,
    net_revenue,
)
from sim.counts import COUNTS
from sim.engine.kernels import plain
from sim.market import Market
from sim.mechanisms import installed
from sim.strategies.interface import Does, Offer, Price, Strategy, Touch

ONLY_FOLLOWED = {"brands.C.strategies": {"service_followup": {"automated": True}}}
"""Credits show as positive in income, debits in all else."""
PLAIN = {"brands.A.misdelivery": 0, "brands.A.strategies": {}, "brands.C.strategies": {}}
"""Changes after which goods and shipping are paid for orders alone."""


def account(market: Market, *names: str, brand: int | None = None) -> int:
    which = slice(None) if brand is None else brand
    return int(market.books.daily[:, which, [ACCOUNTS.index(name) for name in names]].sum())


def of_days(market: Market, what: NDArray[Any]) -> NDArray[np.int64]:
    """Add up a column of the orders by day and brand, burn-in left out."""
    table = np.zeros((market.day, len(market.brand_names)), np.int64)
    kept = market.orders["day"] >= 0
    orders = market.orders[kept]
    np.add.at(table, (orders["day"], orders["brand"]), what[kept])
    return table


# --- double entry ---------------------------------------------------------------------------------


@pytest.mark.quick
def test_every_day_balances_and_is_audited(busy, debit):
    market = busy(**{"brands.A.strategies": {"service_followup": {"budget": 300}}})
    for day in range(60):
        market.step()
        market.books.audit(market.world.relationships)
        assert len(market.books.daily) == day + 1
        assert not (market.books.daily[day] * debit).sum(axis=-1).any()
        assert not market.world.ledger.any(), "the day is closed"
    moved = market.books.daily.any(axis=(0, 1))
    idle = {name for name, any_of_it in zip(ACCOUNTS, moved, strict=True) if not any_of_it}
    used = np.bitwise_or.reduce(market.world.brands["mechanisms"])
    unused = [mechanism.package for mechanism in installed() if not used & mechanism.mask]
    idle -= {name.lower() for package in unused for name in getattr(package, "ACCOUNTS", ())}
    assert idle <= {"commissions", "peer_bonuses", "recruit_bonuses", "training", "recruiting"}


@pytest.mark.quick
def test_sales_and_cash_are_those_of_the_orders(busy):
    market = busy(**PLAIN)
    market.run_model()
    daily, orders, world = market.books.daily, market.orders, market.world
    gross = of_days(market, orders["list_cents"])
    np.testing.assert_array_equal(daily[..., Account.GROSS_SALES], gross)
    paid = of_days(market, orders["paid_cents"])
    sales = gross - daily[..., Account.DISCOUNTS] - daily[..., Account.COUPONS]
    np.testing.assert_array_equal(sales, paid)
    goods = of_days(market, world.products["cost_cents"][orders["product"]] * orders["units"])
    np.testing.assert_array_equal(daily[..., Account.COST_OF_GOODS], goods)
    shipping = of_days(market, world.brands["shipping_cents"][orders["brand"]])
    np.testing.assert_array_equal(daily[..., Account.SHIPPING], shipping)
    advertising = np.tile(world.brands["ad_cents"], (60, 1))
    np.testing.assert_array_equal(daily[..., Account.ACQUISITION], advertising)
    refunds = daily[..., Account.REFUNDS]
    assert refunds.sum() > 0
    np.testing.assert_array_equal(
        daily[..., Account.CASH], paid - refunds - goods - shipping - advertising
    )


@pytest.mark.quick
def test_refunds_pay_back_what_was_paid(busy):
    """Day by day: the orders that became refunded on it, at the price paid."""
    market = busy(**{"burn_in": 0, **PLAIN})
    before = np.zeros(0, bool)
    for day in range(60):
        market.step()
        new = market.orders["refunded"].copy()
        new[: before.size] &= ~before
        before = market.orders["refunded"].copy()
        for b in range(3):
            mine = market.orders[new & (market.orders["brand"] == b)]
            assert market.books.daily[day, b, Account.REFUNDS] == mine["paid_cents"].sum()
            assert market.counts[day, b, COUNTS.index("refunded")] == len(mine)
    assert before.sum() > 5


def test_touches_and_coupons(busy):
    market = busy(**{"burn_in": 0, **ONLY_FOLLOWED})
    market.run_model()
    touches = market.counts[..., COUNTS.index("touches")]
    cost = market.books.daily[..., Account.TOUCHES]
    assert touches[:, 0].sum() > 50
    np.testing.assert_array_equal(cost[:, 0], touches[:, 0] * 150)  # people
    np.testing.assert_array_equal(cost[:, 2], touches[:, 2] * 5)  # messages
    assert not cost[:, 1].any()
    used = market.orders["list_cents"] - market.orders["paid_cents"]
    coupons = of_days(market, used)
    np.testing.assert_array_equal(market.books.daily[..., Account.COUPONS], coupons)
    assert coupons[:, 0].sum() > 0
    dear = market.orders["list_cents"][used > 0]
    np.testing.assert_array_equal(used[used > 0], np.floor(dear * 0.1 + 0.5))


def test_a_parcel_that_went_astray_is_sent_twice(still):
    market = still(**{"brands.A.misdelivery": 1})
    market.run_model()
    first, later = 100, 100  # on days 0 and 30
    assert len(market.orders) == first + later
    assert account(market, "shipping") == (2 * first + later) * 600
    assert account(market, "cost_of_goods") == (first + later) * 4000


def test_a_replacement_costs_goods_and_shipping_once_more(still, follow_up):
    changes = {"brands.A.products.cream.fault_rate": 1, "days": 20}
    check = follow_up(Touch("check", Does.CHECK_ARRIVAL, day=4))
    market = still(**changes, **{"brands.A.strategies": check})
    market.run_model()
    assert account(market, "cost_of_goods") == 2 * 100 * 4000
    assert account(market, "shipping") == 2 * 100 * 600
    assert account(market, "touches") == 100 * 150


def test_a_lower_price_is_a_discount_and_a_higher_one_is_not(still, known_strategies):
    class Repriced(Strategy):
        """Ask another price from day 0."""

        price: float = 100.0

        def terms(self, product):
            return [Price(product.name, self.price)]

    for price, gross, discount in ((80.0, 100, 20), (100.0, 100, 0), (130.0, 130, 0)):
        market = still(**{"days": 1, "brands.A.strategies": {"repriced": {"price": price}}})
        market.step()
        assert account(market, "gross_sales") == 100 * gross * 100
        assert account(market, "discounts") == 100 * discount * 100
        assert (market.orders["paid_cents"] == price * 100).all()
        assert (market.orders["list_cents"] == gross * 100).all()


def test_a_coupon_comes_off_the_price_after_the_discount(still, follow_up, known_strategies):
    class Cut(Strategy):
        """Ask 80."""

        def terms(self, product):
            return [Price(product.name, 80.0)]

    offer = Touch("offer", Does.SELL, day=29, offer=Offer(0.25))
    changes = {"brands.A.strategies": {**follow_up(offer), "cut": {}}, "days": 31}
    market = still(**changes)
    market.run_model()
    assert set(market.orders["paid_cents"][market.orders["day"] == 30]) == {6000}
    assert account(market, "coupons") == 100 * 2000
    assert account(market, "discounts") == 200 * 2000


# --- profit ---------------------------------------------------------------------------------------


@pytest.mark.quick
def test_net_revenue_and_contribution():
    amounts = {
        "gross_sales": 1000,
        "discounts": 100,
        "coupons": 20,
        "friend_discounts": 10,
        "refunds": 3,
        "cost_of_goods": 400,
        "shipping": 50,
        "touches": 6,
        "acquisition": 7,
        "referral_asks": 11,
        "recruiting": 12,
        "reseller_margins": 30,
        "referral_cash": 1,
        "referral_goods": 2,
        "referral_points": 3,
        "points_breakage": -4,
        "status_rewards": 5,
        "commissions": 6,
        "recruit_bonuses": 7,
        "peer_bonuses": 8,
        "training": 9,
        **dict.fromkeys(named(Line.OWNED, Line.OWED, Line.APART), 1000),
    }
    assert set(amounts) == set(ACCOUNTS)
    daily = np.array([[amounts[name] for name in ACCOUNTS]])
    assert net_revenue(daily).tolist() == [837]
    assert contribution(daily).tolist() == [314]


@pytest.mark.quick
def test_each_customer_is_worth_what_the_orders_say(busy):
    market = busy(**{"burn_in": 0})
    market.run_model()
    orders, relationships = market.orders, market.world.relationships
    net = np.zeros(relationships.shape, np.int64)
    kept = np.where(orders["refunded"], 0, orders["paid_cents"] - orders["margin_cents"])
    np.add.at(net, (orders["person"], orders["brand"]), kept)
    np.testing.assert_array_equal(relationships["net_cents"], net)
    np.testing.assert_array_equal(net_revenue(market.books.daily.sum(axis=0)), net.sum(axis=0))
    assert not relationships["cost_cents"][relationships["orders"] == 0].any()
    spent = 60 * market.world.brands["ad_cents"]
    np.testing.assert_array_equal(market.books.unallocated, spent)
    value = (relationships["net_cents"] - relationships["cost_cents"]).sum(axis=0)
    profit = contribution(market.books.daily.sum(axis=0))
    np.testing.assert_array_equal(value - spent, profit)


@pytest.mark.quick
def test_money_of_the_burn_in_is_not_in_the_books(busy):
    market = busy(**{"burn_in": 40})
    assert len(market.orders) > 100
    assert len(market.books.daily) == 0
    assert not market.world.relationships["net_cents"].any()
    assert not market.world.relationships["cost_cents"].any()
    market.books.audit(market.world.relationships)


@pytest.mark.quick
@pytest.mark.parametrize("account", list(Account), ids=str)
def test_what_is_a_cost_is_a_cost_of_the_customer(account):
    assert plain(_cost)(account, 7) == (7 if account.name.lower() in COSTS else 0)
    assert plain(_net)(account, 7) == (
        -7 if account == 0 or account.name.lower() in REDUCTIONS else 0
    )


# --- mistakes are caught --------------------------------------------------------------------------


@pytest.mark.quick
def test_a_day_that_does_not_balance_is_refused():
    ledger = np.zeros((3, 2, len(ACCOUNTS)), np.int64)
    ledger[0, 1, [Account.CASH, Account.GROSS_SALES]] = 100, -100
    books = Books(10, 0, 2)
    books.settle(ledger.copy(), False)
    ledger[0, 1, Account.CASH] = 99
    with pytest.raises(BooksError, match=r"differ by \[\[0, -1\], \[0, 0\], \[0, 0\]\] cents"):
        books.settle(ledger, False)


@pytest.mark.quick
@pytest.mark.parametrize("field", ["net_cents", "cost_cents"])
def test_a_cent_gone_from_a_customer_is_found(busy, field):
    market = busy(**{"burn_in": 0, "days": 20})
    market.run_model()
    market.world.relationships[3, 1][field] += 1
    with pytest.raises(BooksError, match="not the profit"):
        market.books.audit(market.world.relationships)


@pytest.mark.quick
def test_the_books_go_on_after_the_last_planned_day():
    books = Books(2, 0, 1)
    for cents in (1, 2, 3):
        ledger = np.zeros((3, 1, len(ACCOUNTS)), np.int64)
        ledger[0, 0, [Account.CASH, Account.GROSS_SALES]] = cents, -cents
        books.settle(ledger, False)
        assert not ledger.any()
    assert books.daily[:, 0, Account.GROSS_SALES].tolist() == [1, 2, 3]
    assert books.daily[:, 0, Account.CASH].tolist() == [1, 2, 3]

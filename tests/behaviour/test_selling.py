"""Reselling: stock that distributors pay for, what they keep, and what the brand's books say.

A pack costs 100 and its maker 40, parcels 6; distributors buy at 40 % off. Amounts are in cents.
"""

import numpy as np
import pytest
from staff import ALL, CREAM, RULES, A, at_work, count, crew, steps

from sim.books import Account, contribution, net_revenue
from sim.mechanisms.direct_selling.terms import Level

TWO = {"people.n": 2, "categories.cream.period_days": 5}
"""A distributor and a buyer, who needs a pack on day 5, 10 and so on."""
FAULTY = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}
LEVELS = (Level(0.4), Level(0.5, 1e6))


def shop(still, agency, people=(0,), **changes):
    """Return a market in which all others have always bought from the first of these people."""
    market = crew(still, agency, people, **changes)
    market.world.selling["seller"][len(people) :, 0] = 1
    return market


def booked(market, day=slice(None)):
    """What is in A's books on a day, or in all, without what is 0; and cash, which must balance."""
    amounts = market.books.daily[day, 0].reshape(-1, len(Account)).sum(axis=0)
    return {
        account: amount for account, amount in zip(Account, amounts.tolist(), strict=True) if amount
    }


# --- stock ----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_joining_costs_fee_and_first_stock_and_is_no_sale(still, agency):
    terms = {"fee": 99, "stock": 1000}
    market = crew(still, agency, (0, 1), terms=terms, **{"brands.A.human_cost": 0})
    for field, value in (("stock", 100_000), ("paid", 60_000), ("fee", 9_900), ("sales", 0)):
        assert market.distributors[f"{field}_cents"].tolist() == [value] * 2, field
    assert booked(market) == {
        Account.CASH: 139_800,
        Account.CHANNEL_DEPOSITS: 120_000,
        Account.JOINING_FEES: 19_800,
    }
    assert not net_revenue(market.books.daily).any() and not contribution(market.books.daily).any()


@pytest.mark.quick
@pytest.mark.parametrize(
    ("lot", "holds"),
    [
        (250, [(15_000, 9_000), (5_000, 3_000), (20_000, 12_000), (10_000, 6_000), (0, 0)]),
        (30, [(0, 0)] * 5),  # of a lot that does not do, as much as is short
        (0, [(0, 0)] * 5),
    ],
)
def test_a_sale_is_made_from_stock_and_a_new_lot_is_bought_when_it_is_short(
    still, agency, lot, holds
):
    market = shop(still, agency, terms={"stock": lot}, **TWO)
    agent = market.world.distributors[0]
    assert (agent["stock_cents"], agent["paid_cents"]) == (lot * 100, lot * 60)
    for sold, (stock, paid) in enumerate(holds, start=1):
        steps(market, 5 if sold > 1 else 4)
        agent = market.world.distributors[0]
        assert (agent["stock_cents"], agent["paid_cents"]) == (stock, paid), sold
        assert (agent["margin_cents"], agent["sales_cents"]) == (4_000 * sold, 10_000 * sold)


@pytest.mark.quick
def test_a_pack_is_released_at_the_average_of_what_was_paid(still, agency):
    """50 bought at 40 % off, and a lot of 250 at 50 %: 155 for 300, so 51.66 for 100."""
    market = shop(still, agency, terms={"stock": 250, "levels": LEVELS}, **TWO)
    steps(market, 9)
    market.world.distributors["level"][0] = 1
    steps(market, 5)
    assert market.orders["margin_cents"].tolist() == [4_000, 4_000, 10_000 - 5_166]
    agent = market.world.distributors[0]
    assert (agent["stock_cents"], agent["paid_cents"]) == (20_000, 15_500 - 5_166)


@pytest.mark.quick
def test_what_a_resale_is_in_the_books(still, agency):
    """What was paid for the stock comes out of the deposits, and is all that the brand earns."""
    market = shop(still, agency, terms={"stock": 1000, "fee": 50}, **TWO)
    steps(market, 4)
    assert booked(market, 5) == {
        Account.GROSS_SALES: 10_000,
        Account.RESELLER_MARGINS: 4_000,
        Account.CHANNEL_DEPOSITS: -6_000,
        Account.COST_OF_GOODS: 4_000,
        Account.SHIPPING: 600,
        Account.CASH: -4_600,  # the buyer's went to the distributor, whose had been there before
    }
    assert net_revenue(market.books.daily[5, 0]) == 6_000
    assert contribution(market.books.daily[5, 0]) == 6_000 - 4_600
    assert count(market, "resales").tolist() == [0] * 5 + [1]
    assert market.orders["seller"].tolist() == [0]


@pytest.mark.quick
@pytest.mark.parametrize(("offer", "cut"), [(0.2, 0), (0.7, 0), (0, 1_000), (0.2, 1_000), (0, 0)])
def test_coupons_and_cuts_come_out_of_the_margin(still, agency, offer, cut):
    market = shop(still, agency, terms={"stock": 1000}, **TWO)
    market.world.relationships["offer"][1, 0], market.world.relationships["offer_until"][1, 0] = (
        offer,
        9,
    )
    market.world.products["price_cents"][0] -= cut
    steps(market, 4)
    coupon = round(offer * (10_000 - cut))
    today = booked(market, 5)
    assert today.get(Account.COUPONS, 0) == coupon
    assert today.get(Account.DISCOUNTS, 0) == cut
    assert today[Account.RESELLER_MARGINS] == 4_000 - coupon - cut
    assert net_revenue(market.books.daily[5, 0]) == 6_000 == -today[Account.CHANNEL_DEPOSITS]
    order = market.orders[0]
    assert (order["list_cents"], order["paid_cents"]) == (10_000, 10_000 - coupon - cut)
    assert order["margin_cents"] == market.distributors["margin_cents"][0] == 4_000 - coupon - cut


@pytest.mark.quick
def test_selling_distributors_more_stock_earns_the_brand_nothing(still, agency):
    def run(stock, fee):
        market = shop(still, agency, range(5), terms={"stock": stock, "fee": fee})
        market.run_model()
        return market

    few, much = run(0, 0), run(5000, 900)
    assert len(few.orders) == 95
    np.testing.assert_array_equal(few.orders, much.orders)
    for of in (net_revenue, contribution):
        np.testing.assert_array_equal(of(few.books.daily), of(much.books.daily))
    more = {
        account: booked(much)[account] - booked(few).get(account, 0) for account in booked(much)
    }
    left = much.distributors["paid_cents"].sum()
    assert {account: amount for account, amount in more.items() if amount} == {
        Account.CHANNEL_DEPOSITS: left,
        Account.JOINING_FEES: 450_000,
        Account.CASH: left + 450_000,
    }
    assert left > 0 == booked(few).get(Account.CHANNEL_DEPOSITS, 0)


@pytest.mark.quick
def test_distributors_buy_for_themselves_at_the_discount_of_their_level(still, agency):
    """Directly, even if they used to buy from another one; it is not resold, and a price cut."""
    terms = {"levels": (Level(0.35),), "stock": 500}
    market = still(**ALL, **{A: agency({1: range(50)}, **terms), "brands.A.transparency": 0})
    market.world.selling["seller"][:60, 0] = 60 + 1
    steps(market, 2)
    market.world.selling["seller"][:60, 0] = 49 + 1
    steps(market, 29)
    orders = market.orders[market.orders["day"] == 30]
    paid = dict(zip(orders["person"].tolist(), orders["paid_cents"].tolist(), strict=True))
    assert paid == {person: 6500 if person < 50 else 10_000 for person in range(100)}
    sold = {
        person for person, by in zip(orders["person"], orders["seller"], strict=True) if by >= 0
    }
    assert sold == set(range(50, 60))
    today = booked(market, 30)
    assert today[Account.DISCOUNTS] == 50 * 3_500 and today[Account.RESELLER_MARGINS] == 10 * 3_500
    assert market.distributors["sales_cents"].tolist() == [0] * 49 + [100_000]


# --- the books and the distributors say the same --------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("seed", [1, 2])
def test_every_cent_of_a_distributor_is_in_the_books(busy, seed):
    changes = {f"{RULES}calls": 30, f"{RULES}persuasion": 2, "brands.C.awareness": 0.6}
    market = busy(seed, **changes, **{"brands.C.transparency": 0.1})
    while market.running:
        market.step()
        agents, orders = market.distributors, market.orders
        books = market.books.daily.sum(axis=0)
        assert (agents["stock_cents"] >= 0).all() and (agents["paid_cents"] >= 0).all()
        assert not agents["paid_cents"][agents["stock_cents"] == 0].any()
        kept = orders[(orders["seller"] >= 0) & ~orders["refunded"]]
        for field, of in (("sales_cents", "list_cents"), ("margin_cents", "margin_cents")):
            total = np.zeros(len(agents), np.int64)
            np.add.at(total, kept["seller"], kept[of])
            np.testing.assert_array_equal(agents[field], total)
        for accounts, field in (
            ([Account.CHANNEL_DEPOSITS], "paid_cents"),
            ([Account.JOINING_FEES], "fee_cents"),
            ([Account.RESELLER_MARGINS], "margin_cents"),
            ([Account.COMMISSIONS, Account.PEER_BONUSES], "commission_cents"),
        ):
            by_brand = np.zeros(3, np.int64)
            np.add.at(by_brand, agents["brand"], agents[field])
            np.testing.assert_array_equal(books[:, accounts].sum(axis=1), by_brand, field)
        assert agents["bonus_cents"].sum() <= books[2, Account.RECRUIT_BONUSES]
    for field in ("margin_cents", "commission_cents", "bonus_cents", "stock_cents", "recruits"):
        assert (agents[field] > 0).sum() > 2, field
    assert (orders["refunded"] & (orders["seller"] >= 0)).any(), "some were sent back"
    assert count(market, "quits", 2).sum() > 0


# --- sent back, given back ------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("leaves", [None, 32, 33])
@pytest.mark.parametrize("buyback", [0, 1])
def test_a_resale_that_is_sent_back_is_undone(still, agency, leaves, buyback):
    """Sold on day 30, sent back on day 33, whether or not the seller has quit meanwhile.

    Stock that comes back after the brand has bought the rest is the former distributor's.
    """
    changes = {**FAULTY, "people.n": 2, "categories.cream.retry_days": float("inf")}
    terms = {"stock": 300, "buyback": buyback}
    left = {} if leaves is None else {0: leaves}
    market = shop(still, agency, leaves=left, terms=terms, **changes)
    steps(market, 29)
    sold = market.distributors[0].copy()
    assert (sold["sales_cents"], sold["margin_cents"], sold["stock_cents"]) == (
        10_000,
        4_000,
        20_000,
    )
    market.run_model()
    agent, order = market.distributors[0], market.orders[0]
    assert market.orders.size == 1 and order["refunded"]
    assert (agent["sales_cents"], agent["margin_cents"], agent["team_cents"]) == (0, 0, 0)
    stock = 30_000
    if leaves is not None and buyback:
        stock = 10_000 if leaves == 32 else 0
    assert (agent["stock_cents"], agent["paid_cents"]) == (stock, stock * 6 // 10)
    total = booked(market)
    assert total.get(Account.CHANNEL_DEPOSITS, 0) == stock * 6 // 10
    assert Account.RESELLER_MARGINS not in total
    assert (total[Account.GROSS_SALES], total[Account.REFUNDS]) == (10_000, 10_000)
    assert net_revenue(market.books.daily[:, 0].sum(axis=0)) == 0


@pytest.mark.quick
@pytest.mark.parametrize("buyback", [0.0, 0.5, 1.0])
def test_who_quits_gives_back_the_share_of_stock_that_was_agreed(still, agency, buyback):
    """900 left of 1000, for which 540 had been paid; it is no revenue, as it was none before."""
    terms = {"stock": 1000, "buyback": buyback}
    market = shop(still, agency, leaves={0: 8}, terms=terms, **TWO)
    steps(market, 7)
    assert booked(market, 8) == (
        {Account.CHANNEL_DEPOSITS: -buyback * 54_000, Account.CASH: -buyback * 54_000}
        if buyback
        else {}
    )
    agent = market.distributors[0]
    assert agent["stock_cents"] == (1 - buyback) * 90_000
    assert agent["paid_cents"] == (1 - buyback) * 54_000
    assert agent["margin_cents"] == 4_000, "what was earned is kept"


@pytest.mark.quick
def test_who_quits_without_stock_has_none_to_give_back(still, agency):
    market = crew(still, agency, leaves={0: 5}, terms={"buyback": 0.5})
    steps(market, 4)
    assert count(market, "quits")[5] == 1
    assert not market.books.daily[:, 0, Account.CHANNEL_DEPOSITS].any()


# --- the terminal period -----------------------------------------------------------------------------


@pytest.mark.quick
def test_in_the_continuation_distributors_sell_to_those_held_only(still, agency):
    """2 to 49 buy in the run, on day 30, and later; 50 to 99 get to know the brand afterwards."""
    changes = {"days": 40, "terminal_period": 60}
    terms = {"levels": LEVELS, "stock": 100}
    market = crew(still, agency, (0, 1), terms=terms, **changes)
    market.world.distributors["upline"][0], market.world.distributors["level"][1] = 1, 1
    market.world.selling["pitcher"][2:, 0], market.world.selling["pitch_until"][2:, 0] = 1, 999
    market.world.relationships["aware"][50:, 0] = False
    market.run_model()
    assert set(market.orders["seller"]) == {0} and market.orders.size == 48
    market.world.relationships["aware"][50:, 0] = True
    market.run_on()
    later = market.orders[market.orders["day"] >= 40]
    held = later["person"] < 50
    assert set(later["seller"][held]) == {0} and set(later["seller"][~held]) == {-1}
    assert held.sum() == 2 * 48 and (~held).sum() > 50
    books = market.books.terminal[:, 0].sum(axis=0)
    assert books[Account.GROSS_SALES] == held.sum() * 10_000
    assert books[Account.RESELLER_MARGINS] == held.sum() * 4_000
    assert net_revenue(books) == held.sum() * 6_000
    # of the orders of days 30 and 60; what is sold on day 90 has not been kept long enough
    assert books[Account.COMMISSIONS] == 2 * 48 * 1_000
    assert market.distributors["commission_cents"].tolist() == [0, 2 * 48 * 1_000]


@pytest.mark.quick
def test_nobody_recruits_in_the_continuation(still, agency):
    """Neither the brand nor its distributors; nor does it cost anything or strain any tie."""
    asked = {1: range(10), **dict.fromkeys(range(11, 40))}
    changes = {**ALL, f"{RULES}calls": 14, f"{RULES}recruiting": 1, f"{RULES}tie_erosion": 0.05}
    changes |= {"network": {"kind": "ring"}, "days": 10, "terminal_period": 30}
    market = still(**changes, **{A: agency(asked)})
    market.run_model()
    joined = at_work(market).tolist()
    assert 12 < len(joined) < 50 and booked(market)[Account.RECRUITING] > 0
    strength, ends = market.world.strength.copy(), np.repeat(np.arange(100), 2)
    assert (strength < 0.5).any() and market._messages.size
    for word in market._messages:  # those called on the last day still hear of it
        to = (ends == word["receiver"]) & (market.world.neighbours == word["speaker_id"])
        strength[to] *= 0.95
    market.run_on()
    assert at_work(market).tolist() == joined
    assert not market.books.terminal[..., Account.RECRUITING].any()
    np.testing.assert_allclose(market.world.strength, strength, rtol=1e-6)

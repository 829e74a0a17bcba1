"""Prepaid passes: cash at once, revenue when drawn, owed until then; company, and dormant ends.

In the still market everybody needs a pack of cream on days 0, 30, 60 ..., and buys A's. Here a
drink is needed each day, and has no days of delivery.
"""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.books import Account, contribution, net_revenue
from sim.config.source_map import ConfigError
from sim.counts import COUNTS
from sim.mechanisms.prepaid.terms import Prepaid
from sim.strategies.interface import Strategy

DEFERRED, DORMANT = Account.DEFERRED_REVENUE, Account.DORMANT_BALANCES
A = "brands.A.strategies"
DRINK = "brands.A.products.cream"
SURE = 100
"""Log odds at which everybody does."""
DAILY = {
    "categories.cream.period_days": 1,
    f"{DRINK}.price": 12,
    f"{DRINK}.unit_cost": 3,
    f"{DRINK}.delivery_days": 0,
    f"{DRINK}.effect_days": 0,
    "brands.A.shipping_cost": 0,
    "people.n": 4,
    "behaviour.choice.entitlement": 0,
    "behaviour.prepaid": {"purchase_intercept": SURE, "company": 0, "buzz": 0},
}
"""Everybody buys a pass with the first drink."""
NOBODY = {"behaviour.prepaid.purchase_intercept": -100}


@pytest.fixture
def bar(still):
    """Return a function that runs a bar which sells passes of the given terms, and audits it."""

    def run(rng=1, passes=None, **changes):
        portfolio = {} if passes is None else {"prepaid_pass": passes}
        market = still(rng, **{**DAILY, A: portfolio, **changes})
        market.run_model()
        market.books.audit(market.world.relationships)
        return market

    return run


def count(market, name):
    return market.counts[:, 0, COUNTS.index(name)].tolist()


def cents(market, account):
    return market.books.daily[:, 0, account].tolist()


# --- the example of the playbook ------------------------------------------------------------------


@pytest.mark.quick
def test_of_101_drinks_for_20_18_each_brings_19_cents_and_the_last_118(bar):
    market = bar(passes={}, **{"days": 103, "people.n": 1})
    paid = market.orders["paid_cents"].tolist()
    assert paid == [1200, *[19] * 100, 118, 1200]
    assert cents(market, Account.CASH)[0] == 1200 - 300 + 2018
    assert set(cents(market, Account.CASH)[1:102]) == {-300}, "a drink drawn only costs"
    assert cents(market, DEFERRED) == [2018, *[-19] * 100, -118, 2018]
    assert count(market, "passes_sold") == [1, *[0] * 101, 1]
    assert count(market, "units_drawn") == [0, *[1] * 101, 0]


@pytest.mark.quick
def test_deferred_revenue_is_no_revenue_and_no_profit_until_drawn(bar):
    market, plain = bar(passes={}, days=5), bar(days=5)
    sold = 4 * np.array([1200, 19, 19, 19, 19])
    assert net_revenue(market.books.daily)[:, 0].tolist() == sold.tolist()
    assert contribution(market.books.daily)[:, 0].tolist() == (sold - 4 * 300).tolist()
    assert net_revenue(plain.books.daily)[:, 0].tolist() == [4800] * 5
    assert cents(market, Account.DISCOUNTS) == [0, *[4 * (1200 - 19)] * 4]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("price", "worths"), [(36.50, [1216, 1216, 1218]), (35.99, [1199, 1199, 1201])]
)
def test_a_unit_that_is_worth_more_than_the_price_is_drawn_all_the_same(bar, price, worths):
    market = bar(passes={"price": price, "units": 3}, **{"days": 5, "people.n": 1})
    assert market.orders["paid_cents"].tolist() == [1200, *worths, 1200]
    assert cents(market, DEFERRED) == [sum(worths), *(-worth for worth in worths), sum(worths)]
    assert cents(market, Account.CASH)[1:4] == [-300] * 3
    assert market.orders["list_cents"].tolist() == [max(1200, w) for w in (0, *worths, 0)]
    assert net_revenue(market.books.daily)[:, 0].tolist() == [1200, *worths, 1200]


# --- several packs, other products, other discounts -----------------------------------------------


@pytest.mark.quick
def test_several_packs_draw_as_many_units_and_those_beyond_are_paid(bar):
    terms = {"price": 10, "units": 7}
    changes = {f"{DRINK}.sizes": [3], "days": 12, "people.n": 1}
    market = bar(passes=terms, **changes)
    each, last = 1000 // 7, 1000 - 6 * (1000 // 7)
    assert market.orders["day"].tolist() == [0, 3, 6, 9]
    assert market.orders["paid_cents"].tolist() == [3600, 3 * each, 3 * each, last + 2 * 1200]
    assert market.drawdowns["units"].tolist() == [3, 3, 1]
    assert sum(count(market, "units_drawn")) == 7
    assert cents(market, DEFERRED)[9] == -last


@pytest.mark.quick
def test_a_pass_is_good_for_its_product_only(bar):
    food = {"category": "cream", "price": 30, "unit_cost": 9, "delivery_days": 0, "effect_days": 0}
    changes = {"brands.A.products.food": food, "days": 40}
    market = bar(passes={"product": "food"}, **changes)
    is_food, drawn = market.orders["product"] == 1, np.zeros(len(market.orders), bool)
    drawn[market.drawdowns["order"]] = True
    first = np.array([day == 0 for day in market.orders["day"]])
    assert 10 < is_food.sum() < 150
    assert (drawn == (is_food & ~first)).all(), "a pass may be bought with any product"
    assert set(market.orders["paid_cents"][~is_food]) == {1200}


@pytest.mark.quick
def test_a_product_that_the_brand_does_not_sell_is_refused(still):
    with pytest.raises(ConfigError, match=r"programmes\(\): the brand sells cream, not 'beer'"):
        still(**{A: {"prepaid_pass": {"product": "beer"}}})


@pytest.mark.quick
@pytest.mark.parametrize(("offer", "drawn"), [(0.5, True), (1.0, False)])
def test_a_larger_offer_is_used_and_the_pass_kept(still, offer, drawn):
    market = still(**{**DAILY, A: {"prepaid_pass": {}}, "days": 2})
    market.step()
    relationships = market.world.relationships
    relationships["offer"][:, 0], relationships["offer_until"][:, 0] = offer, 9
    market.step()
    assert count(market, "units_drawn")[1] == (4 if drawn else 0)
    assert set(relationships["offer"][:, 0]) == {offer if drawn else 0}
    assert set(market.world.balances["units_left"][:, 0]) == {100 if drawn else 101}


@pytest.mark.quick
def test_where_the_price_falls_below_what_a_unit_is_worth_it_is_drawn_at_its_worth(still):
    market = still(**{**DAILY, A: {"prepaid_pass": {}}, "days": 2})
    market.step()
    market.world.products["price_cents"][0] = 18
    market.step()
    assert len(market.drawdowns) == 4
    assert set(market.orders["paid_cents"][4:]) == {19}


# --- who buys a pass ------------------------------------------------------------------------------


@pytest.mark.parametrize(("saving", "trust"), [(0, 0), (1, 0), (0, 2)])
def test_the_chance_of_buying_a_pass_is_a_logit(bar, saving, trust):
    rules = {"purchase_intercept": -1, "saving": saving, "trust": trust, "company": 0, "buzz": 0}
    changes = {"people.n": 4000, "days": 1, "behaviour.prepaid": rules, f"{DRINK}.price": 0.5}
    changes["behaviour.trust"] = {"prior": 0.5, "kept": 0}
    market = bar(passes={"price": 20, "units": 100}, **changes)
    odds = -1 + saving * math.log(0.5 * 100 / 20)
    share = sum(count(market, "passes_sold")) / 4000
    assert share == pytest.approx(1 / (1 + math.exp(-odds)), abs=0.03)


@pytest.mark.quick
def test_the_trusting_buy_rather(still):
    rules = {"purchase_intercept": -5, "saving": 0, "trust": 10, "company": 0, "buzz": 0}
    market = still(**{**DAILY, "people.n": 100, "days": 1, "behaviour.prepaid": rules,
                      A: {"prepaid_pass": {}}})  # fmt: skip
    market.world.relationships["trust"][:50, 0] = 1.0
    market.step()
    bought = market.world.balances["passes_bought"][:, 0]
    assert bought[:50].sum() > bought[50:].sum() + 20


@pytest.mark.quick
def test_only_the_audience_buys_and_nobody_once_the_brand_is_closed(still):
    terms = {"units": 2, "audience": {"share": 0.5}}
    market = still(**{**DAILY, "people.n": 60, "days": 4, A: {"prepaid_pass": terms}})
    market.run_model()
    bought = market.world.balances["passes_bought"][:, 0]
    assert (bought > 0).tolist() == market.in_audience("A", "prepaid_pass").tolist()
    assert set(bought) == {0, 2}, "on days 0 and 3"
    market.run_on()
    assert (market.world.balances["passes_bought"][:, 0] == bought).all()
    assert not market.world.balances["units_left"].any(), "what is left still draws"


@pytest.mark.quick
def test_two_strategies_of_a_brand_cannot_both_sell_passes(still, known_strategies):
    class Other(Strategy):
        """Sell another."""

        def programmes(self):
            yield Prepaid(price=5, units=9)

    with pytest.raises(ConfigError, match="prepaid_pass and other both have a prepaid pass"):
        still(**{A: {"prepaid_pass": {}, "other": {}}})


# --- off is absent --------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("off", [{"budget": 0}, {"audience": {"share": 0}}, {}], ids=str)
def test_without_anybody_who_buys_it_is_absent(busy, off):
    changes = {} if off else NOBODY
    market, plain = busy(**{A: {"prepaid_pass": off}, **changes}), busy(**{A: {}, **changes})
    for each in (market, plain):
        each.run_model()
        each.run_on()
    np.testing.assert_array_equal(market.orders, plain.orders)
    np.testing.assert_array_equal(market.books.daily, plain.books.daily)
    np.testing.assert_array_equal(market.books.terminal, plain.books.terminal)
    np.testing.assert_array_equal(market.counts, plain.counts)


@pytest.mark.quick
def test_without_company_buzz_and_pull_a_pass_is_a_price_and_nothing_more(bar):
    """At a pass that takes what a drink costs, everybody does what they did without."""
    terms = {"price": 120, "units": 10}
    market, plain = bar(passes=terms, days=30), bar(days=30)
    for field in ("day", "person", "product", "paid_cents"):
        np.testing.assert_array_equal(market.orders[field], plain.orders[field])
    np.testing.assert_array_equal(net_revenue(market.books.daily), net_revenue(plain.books.daily))
    assert sum(count(market, "units_drawn")) > 80


# --- directions -----------------------------------------------------------------------------------

CHOOSING = {
    "people.n": 600,
    "days": 30,
    "brands.B.awareness": 1,
    "brands.B.products.cream.price": 12,
    "brands.B.products.cream.delivery_days": 0,
}


def visits(market):
    return int((market.orders["brand"] == 0).sum())


@pytest.mark.quick
def test_a_pass_brings_more_visits_by_its_price_and_by_its_pull(bar):
    plain = visits(bar(**CHOOSING))
    bare = visits(bar(passes={}, **CHOOSING))
    dear = visits(bar(passes={}, **CHOOSING, **{"behaviour.choice.price": 0.5}))
    pull = visits(bar(passes={}, **CHOOSING, **{"behaviour.choice.entitlement": 1.0}))
    assert bare == plain, "nothing in the still market makes a price or a pass matter"
    assert dear > 1.2 * plain
    share = math.e / (1 + math.e)
    assert pull / (600 * 30) == pytest.approx((0.5 + 29 * share) / 30, abs=0.05)


@pytest.mark.quick
@pytest.mark.parametrize(("company", "comes"), [(0.0, []), (1.0, [2])])
def test_holders_bring_company(still, tied, company, comes):
    """Person 0 drinks on days 0 and 1, and on day 1 has 1 come along, who does not know the bar."""
    rules = {"purchase_intercept": SURE, "company": company, "buzz": 0}
    changes = {"people.n": 2, "days": 3, "brands.A.awareness": 0, "network": tied([(0, 1)])}
    changes |= {"categories.cream.retry_days": 100, "behaviour.prepaid": rules}
    market = still(**{**DAILY, **changes, A: {"prepaid_pass": {}}})
    market.world.relationships["aware"][0, 0] = True
    market.run_model()
    assert market.orders["day"][market.orders["person"] == 1].tolist() == comes
    assert count(market, "aware_by_word_of_mouth") == [0, 0, len(comes)]
    assert sum(count(market, "messages")) == 0, "company is asked along; it is not talk"


@pytest.mark.quick
@pytest.mark.parametrize("buzz", [0.0, 0.4, 1.0])
def test_holders_talk_at_their_chance(bar, buzz):
    rules = {"purchase_intercept": SURE, "company": 0, "buzz": buzz}
    changes = {"people.n": 300, "days": 11, "network": {"kind": "ring"}}
    market = bar(passes={}, **changes, **{"behaviour.prepaid": rules})
    assert sum(count(market, "messages")) / (300 * 10) == pytest.approx(buzz, abs=0.05)
    assert count(market, "messages")[0] == 0, "with the first drink nothing is drawn"


# --- refund and dropout ---------------------------------------------------------------------------

BROKEN = {f"{DRINK}.fault_rate": 1, "behaviour.experience.complaint": 1}


@pytest.mark.quick
def test_a_refund_gives_the_drink_back_and_not_the_money(bar):
    """All that is ordered on day 1 comes broken, and goes back at once."""
    changes = {f"{DRINK}.delivery_days": 2, "days": 8, "people.n": 1, **BROKEN}
    market = bar(passes={"price": 10, "units": 7}, **changes)
    assert market.orders["day"].tolist()[:2] == [0, 1]
    assert market.orders["refunded"].tolist()[:2] == [True, True]
    refunds = cents(market, Account.REFUNDS)
    assert refunds[2:4] == [1200, 142]
    assert cents(market, DEFERRED)[:2] == [1000, -142]
    drawn = market.drawdowns["cents"][market.orders["refunded"][market.drawdowns["order"]]].sum()
    owed, left = market.world.balances[["prepaid_cents", "units_left"]][0, 0]
    under_way = ~market.orders["refunded"][market.drawdowns["order"]]
    assert left == 7 - market.drawdowns["units"][under_way].sum()
    assert owed == 1000 - market.drawdowns["cents"].sum() + drawn == sum(cents(market, DEFERRED))


@pytest.mark.quick
@pytest.mark.parametrize("under_way", [False, True])
def test_what_they_leave_behind_is_dormant_and_still_owed(bar, under_way):
    """Everybody drops out at the first use; what is under way then comes back as dormant, too."""
    changes = {
        "behaviour.dropout.propensity": 1,
        "behaviour.dropout.satisfaction_effect": 0,
        "days": 12,
    }
    if under_way:
        changes |= {f"{DRINK}.delivery_days": 3, f"{DRINK}.fault_rate": 1, "people.n": 50}
        changes |= {"behaviour.experience.complaint": 0.5}
    market = bar(passes={}, **changes)
    balance, left = market.world.balances[:, 0], market.world.relationships["dropped_out"][:, 0]
    assert left.all()
    assert sum(cents(market, DORMANT)) == balance["prepaid_cents"].sum() > 0
    assert sum(cents(market, DEFERRED)) == 0
    if under_way:
        late = market.orders[market.orders["refunded"]]
        gone = market.world.relationships["dropped_out_day"][late["person"], 0]
        back = np.isin(np.flatnonzero(market.orders["refunded"]), market.drawdowns["order"])
        assert (late["arrived_day"][back] > gone[back]).any()


# --- everything adds up ---------------------------------------------------------------------------


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    price=st.integers(1, 100_000).map(lambda c: c / 100),
    units=st.integers(1, 30),
    sizes=st.sampled_from([[1], [1, 2], [3], [1, 5]]),
    product=st.sampled_from(["cream", "big"]),
    rng=st.integers(0, 2**32),
)
def test_a_pass_comes_to_its_price_whatever_becomes_of_it(busy, price, units, sizes, product, rng):
    """Price = revenue drawn and kept + balance, which is deferred or dormant: for every person."""
    terms = {"price": price, "units": units, "product": product}
    changes = {f"brands.B.products.{product}.sizes": sizes, "brands.B.products.cream.price": 12}
    changes |= {
        "brands.B.strategies": {"prepaid_pass": terms},
        "behaviour.prepaid.purchase_intercept": 0,
    }
    changes |= {"behaviour.dropout.propensity": 0.1, "behaviour.prepaid.company": 0.5}
    market = busy(rng, **changes)
    while market.running:
        market.step()
        check(market, round(100 * price), units)
    market.books.audit(market.world.relationships)
    assert count_b(market, "passes_sold") > 0
    market.run_on()
    check(market, round(100 * price), units)


def count_b(market, name):
    return market.counts[:, 1, COUNTS.index(name)].sum()


def check(market, price, units):
    world = market.world
    balance, draws, left = (
        world.balances[:, 1],
        market.drawdowns,
        world.relationships["dropped_out"][:, 1],
    )
    kept = draws[~market.orders["refunded"][draws["order"]]]
    revenue, drawn = np.zeros(len(balance), np.int64), np.zeros(len(balance), np.int64)
    np.add.at(revenue, kept["person"], kept["cents"])
    np.add.at(drawn, kept["person"], kept["units"])
    bought = balance["passes_bought"].astype(np.int64)
    np.testing.assert_array_equal(bought * price, revenue + balance["prepaid_cents"])
    np.testing.assert_array_equal(bought * units, drawn + balance["units_left"])
    assert (balance["units_left"] >= 0).all() and (balance["prepaid_cents"] >= 0).all()
    owed = market.books.daily[:, 1].sum(axis=0) + market.books.terminal[:, 1].sum(axis=0)
    assert owed[DEFERRED] == balance["prepaid_cents"][~left].sum()
    assert owed[DORMANT] == balance["prepaid_cents"][left].sum()
    assert count_b(market, "passes_sold") == bought.sum()
    assert market.orders["paid_cents"][draws["order"]].sum() >= draws["cents"].sum()

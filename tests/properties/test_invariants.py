"""What holds in every market, whatever is in it, on every day."""

import numpy as np
import pytest
from any_market import count, lively_markets, markets, of_all
from hypothesis import strategies as st

from sim.books import Account, contribution, net_revenue
from sim.counts import COUNTS
from sim.engine.calendar import NEVER
from sim.market import Market
from sim.state import NO_DAY

NEVER_BELOW_ZERO = [
    a for a in Account if a <= Account.REFERRAL_ASKS and a != Account.RESELLER_MARGINS
]
QUEUED = ("late", "expired", "moot", "waiting")


def check_day(market: Market, debit: np.ndarray) -> None:
    """Check what must hold at the end of each day."""
    market.books.audit(market.world.relationships)
    assert not (market.books.daily[-1] * debit).sum(axis=-1).any()
    relationships, world, today = market.world.relationships, market.world, market.day - 1
    assert not ((relationships["orders"] > 0) & ~relationships["aware"]).any(), (
        "bought what was not known"
    )
    for field in ("product", "service", "overall", "trust", "expectation"):
        assert ((relationships[field] >= 0) & (relationships[field] <= 1)).all(), field
    low = np.minimum(relationships["product"], relationships["service"])
    mean = (relationships["product"] + relationships["service"]) / 2
    assert (relationships["overall"] >= low - 1e-6).all()
    assert (relationships["overall"] <= mean + 1e-6).all()
    spent, present = relationships["hazard_left"] <= 0, world.people["exit_day"] > today
    np.testing.assert_array_equal(spent[present], relationships["dropped_out"][present])
    # calendars: nothing is overdue, and who is on them is due
    for calendar in (
        *(world.occasions_due, world.talk_due, world.dropout_due),
        *(world.orders_due, world.touches_due),
    ):
        day, here = calendar.link["day"], np.True_
        if calendar is world.dropout_due and day.size:  # of those who are gone nothing is looked at
            here = np.repeat(present, relationships.shape[1])
        assert ((day > today) | ~here).all()
        assert calendar.length.sum() == (day != NEVER).sum()
    due = world.occasions["due"].ravel()
    on = world.occasions_due.link["day"]
    in_time = on != NEVER
    assert (on[in_time] >= np.floor(due[in_time])).all()
    gone = np.repeat(world.people["exit_day"], world.occasions.shape[1])
    waits = np.isfinite(due) & (np.floor(due) < gone) & (np.floor(due) > today)
    assert (on[waits] == np.floor(due[waits])).all(), "a need that stands is on the calendar"
    pending = len(world.touches) - world.tally[0]["touches_free"]
    waiting = sum(staff.waiting.size for staff in market._workforce.staff)
    assert pending == (world.touches_due.link["day"] != NEVER).sum() + waiting


def check_run(market: Market) -> None:
    """Check the run as a whole: counts, orders, relationships and books tell one story."""
    orders, world, relationships = market.orders, market.world, market.world.relationships
    people, days = world.people, len(market.counts)
    assert (orders["day"] >= people["entry_day"][orders["person"]]).all()
    assert (orders["day"] < people["exit_day"][orders["person"]]).all()
    assert (np.diff(orders["day"]) >= 0).all()
    mine = orders[orders["day"] >= 0]
    for name, kept in (("orders", mine), ("first_orders", mine[mine["nth"] == 1])):
        table = np.zeros((days, len(market.brand_names)), np.int64)
        np.add.at(table, (kept["day"], kept["brand"]), 1)
        np.testing.assert_array_equal(count(market, name), table, name)
    number = np.zeros(relationships.shape, np.int64)
    np.add.at(number, (orders["person"], orders["brand"]), 1)
    np.testing.assert_array_equal(relationships["orders"], number)
    np.testing.assert_array_equal(world.holdings["orders"].sum(axis=1), number.sum(axis=1))
    for k in range(min(len(orders), 50)):
        before = orders[:k]
        same = (before["person"] == orders[k]["person"]) & (before["brand"] == orders[k]["brand"])
        assert orders[k]["nth"] == same.sum() + 1
        same &= before["product"] == orders[k]["product"]
        assert orders[k]["nth_product"] == same.sum() + 1
    left = np.where(
        relationships["dropped_out"], relationships["dropped_out_day"], np.iinfo(np.int32).max
    )
    assert (orders["day"] <= left[orders["person"], orders["brand"]]).all(), "came back"
    products = world.products[orders["product"]]
    arrived = orders["arrived_day"] != NO_DAY
    soonest = orders["day"] + products["delivery_days"]
    assert (orders["arrived_day"] >= soonest)[arrived].all()
    assert arrived[(soonest + 30 < market.day)].all(), "lost in the mail"
    # money
    daily = market.books.daily
    gross = np.zeros(daily.shape[:2], np.int64)
    np.add.at(gross, (mine["day"], mine["brand"]), mine["list_cents"])
    np.testing.assert_array_equal(daily[..., Account.GROSS_SALES], gross)
    assert (daily[..., NEVER_BELOW_ZERO] >= 0).all()
    owed = daily[..., [Account.POINTS_OWED, Account.REWARDS_PENDING, Account.CHANNEL_DEPOSITS]]
    assert (owed.cumsum(axis=0) >= 0).all(), "owed less than nothing"
    assert (orders["paid_cents"] <= orders["list_cents"]).all()
    assert (orders["paid_cents"] >= 0).all()
    total = daily.sum(axis=(0))
    assert count(market, "refunded").sum() >= mine["refunded"].sum()
    if not (orders["day"] < 0).any():
        assert count(market, "refunded").sum() == orders["refunded"].sum()
        paid = orders["paid_cents"] - orders["margin_cents"]
        kept = np.where(orders["refunded"], 0, paid).sum()
        assert net_revenue(total).sum() == kept
    value = (relationships["net_cents"] - relationships["cost_cents"]).sum(axis=0)
    np.testing.assert_array_equal(value - market.books.unallocated, contribution(total))
    assert (count(market, "answers") <= count(market, "touches")).all()


@of_all(st.one_of(markets(), lively_markets()), 150)
def test_every_market_keeps_its_books_and_its_calendars(debit, config, seed):
    market = Market(config, rng=seed)
    aware = market.world.relationships["aware"].sum(axis=0)
    while market.running:
        known = market.world.relationships["aware"].copy()
        market.step()
        assert (market.world.relationships["aware"] >= known).all(), "nobody forgets a brand"
        check_day(market, debit)
    check_run(market)
    told = count(market, "aware_by_advertising").sum(axis=0) + count(
        market, "aware_by_word_of_mouth"
    ).sum(axis=0)
    np.testing.assert_array_equal(market.world.relationships["aware"].sum(axis=0), aware + told)
    daily = market.books.daily.copy()
    market.run_on()
    assert not (market.books.terminal * debit).sum(axis=-1).any()
    np.testing.assert_array_equal(market.books.daily, daily)


@pytest.mark.quick
def test_the_busy_market_does_what_it_is_for(busy, debit):
    """Its users rely on all mechanisms but prepaid passes being at work in it.

    Nobody comes back or forgets, and staff has no limit.
    """
    market = busy(2)
    while market.running:
        market.step()
        check_day(market, debit)
    check_run(market)
    counted = dict(zip(COUNTS, market.counts.sum(axis=(0, 1)).tolist(), strict=True))
    absent = {name for name, n in counted.items() if n == 0}
    off = {"passes_sold", "units_drawn", "comebacks", "forgotten", "human_wait_days"}
    off |= {"human_capacity", *(f"human_touches_{what}" for what in QUEUED)}
    assert absent <= off | {"aware_by_use", "aware_by_touches"}, counted
    assert market.orders["reminded"].any()
    assert market.orders["refunded"].any()
    assert (market.orders["paid_cents"] < market.orders["list_cents"]).any()
    assert market.world.relationships["dropped_out"].any()
    assert market.world.relationships["opted_out"].any()

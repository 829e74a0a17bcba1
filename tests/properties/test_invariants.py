"""What holds in every market, whatever is in it, on every day."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.books import Account, contribution, net_revenue
from sim.calendar import NEVER
from sim.market import Market
from sim.record import COUNTS
from sim.state import NO_DAY

NEVER_BELOW_ZERO = [
    a for a in Account if a <= Account.ACQUISITION and a != Account.RESELLER_MARGINS
]
share = st.floats(0, 1).map(lambda x: round(x, 2))
amount = st.integers(1, 300)
regularity = st.sampled_from([0.4, 1.0, 3.0, math.inf])


def product(category: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"category": st.just(category), "price": amount, "unit_cost": amount},
        optional={
            "quality": share,
            "spread": share,
            "fault_rate": share,
            "delivery_days": st.integers(0, 9),
            "promised_days": st.integers(0, 9),
            "effect_days": st.integers(0, 9),
            "refund_days": st.integers(0, 9),
            "supply_days": st.sampled_from([0.7, 5.0, 40.0, math.inf]),
        },
    )


def category() -> st.SearchStrategy[dict[str, Any]]:
    usage = st.sampled_from([0, 10, 60, {"dist": "gamma", "mean": 30, "shape": 0.5}])
    return st.fixed_dictionaries(
        {"usage": usage},
        optional={
            "regularity": regularity,
            "retry_days": st.sampled_from([0.3, 2.0, 30.0, math.inf]),
            "start": st.sampled_from(["equilibrium", "fresh"]),
            "season_amplitude": st.sampled_from([0.0, 0.9]),
        },
    )


followup = st.fixed_dictionaries(
    {},
    optional={
        "budget": st.sampled_from([0, 1, 30]),
        "audience": st.fixed_dictionaries({"share": share}),
        "automated": st.booleans(),
        "coupon": share,
        "lead_days": st.integers(0, 60),
        "confirm_day": st.integers(1, 14),
        "check_day": st.integers(1, 9),
    },
)


def brand(categories: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    products = st.dictionaries(
        st.sampled_from(["p", "q"]),
        st.sampled_from(categories).flatmap(product),
        min_size=1,
    )
    return st.fixed_dictionaries(
        {"products": products},
        optional={
            "awareness": share,
            "service": share,
            "misdelivery": share,
            "late": share,
            "late_days": st.integers(0, 5),
            "contact_cap": st.integers(0, 2),
            "advertising": st.fixed_dictionaries({"spend": amount}),
            "strategies": st.one_of(
                st.just({}), st.fixed_dictionaries({"service_followup": followup})
            ),
        },
    )


network = st.sampled_from(
    [
        {"kind": "none"},
        {"kind": "complete"},
        {"kind": "ring"},
        {"kind": "small_world", "mean_degree": 4, "rewire": 0.2, "homophily": 0.5},
    ]
)
behaviour = st.fixed_dictionaries(
    {
        "talk": st.sampled_from([{}, {"rate": 0.5, "wake_on_hearing": 0.5, "awareness": 0.5}]),
        "touch": st.sampled_from([{}, {"response": 1, "ugc": 1, "opt_out": 0.1}]),
        "experience": st.sampled_from([{}, {"misuse": 1, "regret": 5}, {"complaint": 1}]),
        "dropout": st.sampled_from([{}, {"propensity": 0.5}, {"propensity": 0}]),
        "choice": st.sampled_from([{}, {"outside_weight": 0}, {"wait_weight": 0}]),
        "need": st.sampled_from([{}, {"consumption_flexibility": 0.5}]),
    }
)


@st.composite
def markets(draw: st.DrawFn) -> dict[str, Any]:
    categories = draw(st.dictionaries(st.sampled_from(["c", "d"]), category(), min_size=1))
    brands = st.dictionaries(st.sampled_from("ABC"), brand(sorted(categories)), min_size=1)
    entry = st.sampled_from([{}, {"kind": "steady", "later": 0.5}])
    return {
        "days": draw(st.integers(1, 30)),
        "burn_in": draw(st.sampled_from([0, 15])),
        "continuation": draw(st.sampled_from([0, 10])),
        "people": {
            "n": draw(st.integers(5, 25)),
            "entry": draw(entry),
            "exit_rate": draw(st.sampled_from([0, 5])),
        },
        "network": draw(network),
        "behaviour": draw(behaviour),
        "categories": categories,
        "brands": draw(brands),
    }


def count(market: Market, name: str) -> np.ndarray:
    return market.counts[..., COUNTS.index(name)]


def check_day(market: Market, debit: np.ndarray) -> None:
    """Check what must hold at the end of each day."""
    market.books.audit(market.world.bonds)
    assert not (market.books.daily[-1] * debit).sum(axis=-1).any()
    bonds, world, today = market.world.bonds, market.world, market.day - 1
    assert not ((bonds["orders"] > 0) & ~bonds["aware"]).any(), "bought what was not known"
    for field in ("product", "service", "overall", "trust", "expectation"):
        assert ((bonds[field] >= 0) & (bonds[field] <= 1)).all(), field
    low = np.minimum(bonds["product"], bonds["service"])
    mean = (bonds["product"] + bonds["service"]) / 2
    assert (bonds["overall"] >= low - 1e-6).all()
    assert (bonds["overall"] <= mean + 1e-6).all()
    # calendars: nothing is overdue, and who is on them is due
    for calendar in (world.needs_due, world.talk_due, world.orders_due, world.touches_due):
        day = calendar.link["day"]
        assert (day > today).all()
        assert calendar.length.sum() == (day != NEVER).sum()
    due = world.needs["due"].ravel()
    on = world.needs_due.link["day"]
    in_time = on != NEVER
    assert (on[in_time] >= np.floor(due[in_time])).all()
    gone = np.repeat(world.people["exit_day"], world.needs.shape[1])
    waits = np.isfinite(due) & (np.floor(due) < gone) & (np.floor(due) > today)
    assert (on[waits] == np.floor(due[waits])).all(), "a need that stands is on the calendar"
    pending = len(world.touches) - world.tally[0]["touches_free"]
    assert pending == (world.touches_due.link["day"] != NEVER).sum()


def check_run(market: Market) -> None:
    """Check the run as a whole: counts, orders, bonds and books tell one story."""
    orders, world, bonds = market.orders, market.world, market.world.bonds
    people, days = world.people, len(market.counts)
    assert (orders["day"] >= people["entry_day"][orders["person"]]).all()
    assert (orders["day"] < people["exit_day"][orders["person"]]).all()
    assert (np.diff(orders["day"]) >= 0).all()
    mine = orders[orders["day"] >= 0]
    for name, kept in (("orders", mine), ("first_orders", mine[mine["nth"] == 1])):
        table = np.zeros((days, len(market.brand_names)), np.int64)
        np.add.at(table, (kept["day"], kept["brand"]), 1)
        np.testing.assert_array_equal(count(market, name), table, name)
    number = np.zeros(bonds.shape, np.int64)
    np.add.at(number, (orders["person"], orders["brand"]), 1)
    np.testing.assert_array_equal(bonds["orders"], number)
    np.testing.assert_array_equal(world.holdings["orders"].sum(axis=1), number.sum(axis=1))
    for k in range(min(len(orders), 50)):
        before = orders[:k]
        same = (before["person"] == orders[k]["person"]) & (before["brand"] == orders[k]["brand"])
        assert orders[k]["nth"] == same.sum() + 1
        same &= before["product"] == orders[k]["product"]
        assert orders[k]["nth_product"] == same.sum() + 1
    left = np.where(bonds["left"], bonds["left_day"], np.iinfo(np.int32).max)
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
    value = (bonds["net_cents"] - bonds["cost_cents"]).sum(axis=0)
    np.testing.assert_array_equal(value - market.books.unallocated, contribution(total))
    assert (count(market, "answers") <= count(market, "touches")).all()


@given(config=markets(), seed=st.integers(0, 2**64 - 1))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_every_market_keeps_its_books_and_its_calendars(debit, config, seed):
    market = Market(config, rng=seed)
    aware = market.world.bonds["aware"].sum(axis=0)
    while market.running:
        known = market.world.bonds["aware"].copy()
        market.step()
        assert (market.world.bonds["aware"] >= known).all(), "nobody forgets a brand"
        check_day(market, debit)
    check_run(market)
    told = count(market, "aware_by_ads").sum(axis=0) + count(market, "aware_by_words").sum(axis=0)
    np.testing.assert_array_equal(market.world.bonds["aware"].sum(axis=0), aware + told)
    daily = market.books.daily.copy()
    market.run_on()
    assert not (market.books.held * debit).sum(axis=-1).any()
    np.testing.assert_array_equal(market.books.daily, daily)


@pytest.mark.quick
def test_the_busy_market_does_what_it_is_for(busy, debit):
    """Its users rely on every mechanism being at work in it."""
    market = busy()
    while market.running:
        market.step()
        check_day(market, debit)
    check_run(market)
    assert (market.counts.sum(axis=(0, 1)) > 0).all(), dict(
        zip(COUNTS, market.counts.sum(axis=(0, 1)).tolist(), strict=True)
    )
    assert market.orders["reminded"].any()
    assert market.orders["refunded"].any()
    assert (market.orders["paid_cents"] < market.orders["list_cents"]).any()
    assert market.world.bonds["left"].any()
    assert market.world.bonds["opted_out"].any()

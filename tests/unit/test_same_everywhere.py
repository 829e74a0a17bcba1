"""The same file and seed give the same market on every Python: run on each by `make test-matrix`.

A change that moves these numbers changes results: say so in its commit.
"""

import hashlib

import numpy as np
import pytest

from sim import books, counts
from sim.market import Market
from tests.markets import CREAMS

WHOLE = ("day", "person", "brand", "product", "units", "nth", "paid_cents", "arrived_day")
FELT = (
    "product",
    "service",
    "trust",
    "expectation",
    "delight",
    "log_reference",
    "log_taste",
    "dropout",
)
ACCOUNTS = (
    *("gross_sales", "discounts", "coupons", "friend_discounts", "refunds", "reseller_margins"),
    *("cost_of_goods", "shipping", "touches", "acquisition", "referral_asks", "referral_cash"),
    *("referral_goods", "referral_points", "points_breakage", "status_rewards", "recruiting"),
    *("commissions", "recruit_bonuses", "peer_bonuses", "training", "cash", "points_owed"),
    *("rewards_pending", "channel_deposits", "joining_fees"),
)
COUNTS = (
    *("orders", "first_orders", "refunded", "faults", "dropouts_product", "dropouts_service"),
    *("dropouts_both", "dropouts_neither", "opt_outs", "touches", "answers", "reminded_orders"),
    *(
        "messages",
        "aware_by_advertising",
        "aware_by_word_of_mouth",
        "referral_eligible",
        "referral_asked",
    ),
    *("referral_shared", "invitations", "clicks", "referred_orders", "rewards_vested"),
    *("rewards_void", "kocs", "bad_referrals", "sales_calls", "resales", "recruiting_talks"),
    *("joins", "recruiting_refused", "quits", "promotions"),
)
"""Columns move when a mechanism is added, so the digest is of columns by name, in this order."""
COUNTED_SINCE = ("human_touches",)
"""Counts of what happened before as well, when nobody counted it."""
INVITATIONS = (
    *("referrer", "friend", "day", "clicked_day", "order", "vested_day", "brand", "asked", "void"),
)
DISTRIBUTORS = (
    *("sales_cents", "team_cents", "stock_cents", "paid_cents", "margin_cents"),
    *("commission_cents", "bonus_cents", "fee_cents", "reviewed_cents", "contact_due", "person"),
    *("upline", "recruits", "joined_day", "quit_day", "review_day", "brand", "level", "full_time"),
)
CHANGES = {
    "people.n": 400,
    "people.entry": {"kind": "steady", "later": 0.2, "over_days": 200},
    "network.homophily": 0.4,
    "days": 200,
    "burn_in": 60,
    "terminal_period": 30,
    "brands.A.strategies": {"service_followup": {}},
    "brands.B.strategies": {"service_followup": {"automated": True, "budget": 200.0}},
    "brands.C.strategies": {
        "referral": {"kind": "mixed", "mix": {"goods": 1}, "koc_from": 1, "vest_days": 10},
        "agent_recruitment": {
            "referrals_needed": 0,
            "courses": 0,
            "recruit_bonus": 5,
            "vest_days": 5,
        },
    },
    "behaviour.referral": {"asked": 1, "acceptance_intercept": 0},
    "behaviour.direct_selling.join_intercept": -1,
}


ORDERS, DIGEST = 1731, "488ae1f6efd804eb"
SUMS = {
    "product": 741.0652377158403,
    "service": 705.4078420624137,
    "trust": 620.9255227148533,
    "expectation": 742.2413547635078,
    "delight": 44.13724927674048,
    "log_reference": 6.027597339823842,
    "log_taste": 3119.8292975174263,
    "dropout": 144.74484401324025,
}


@pytest.fixture(scope="module")
def market():
    market = Market(CREAMS, rng=20261122, **CHANGES)
    market.run_model()
    market.run_on()
    return market


def named(table, names, wanted, known=()):
    """Return the bytes of the wanted columns; nothing may be in any other that is not known."""
    where = [names.index(name) for name in wanted]
    assert not np.delete(table, where + [names.index(name) for name in known], axis=-1).any()
    return np.ascontiguousarray(table[..., where]).tobytes()


def digest(market):
    columns = [market.orders[name].astype(np.int64).tobytes() for name in WHOLE]
    for book in (market.books.daily, market.books.terminal):
        columns.append(named(book, books.ACCOUNTS, ACCOUNTS))
    columns.append(named(market.counts, counts.COUNTS, COUNTS, COUNTED_SINCE))
    for table, names in ((market.invitations, INVITATIONS), (market.distributors, DISTRIBUTORS)):
        columns += [np.ascontiguousarray(table[name]).tobytes() for name in names]
    return hashlib.blake2b(b"".join(columns), digest_size=8).hexdigest()


@pytest.mark.quick
def test_orders_books_and_counts_are_the_same_to_the_bit(market):
    assert (len(market.orders), digest(market)) == (ORDERS, DIGEST)


@pytest.mark.quick
def test_feelings_are_the_same_to_nine_digits(market):
    sums = {
        name: float(np.abs(market.world.relationships[name]).sum(dtype=np.float64)) for name in FELT
    }
    assert sums == pytest.approx(SUMS, rel=1e-9)

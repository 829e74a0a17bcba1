"""The same file and seed give the same market on every Python: run on each by `make test-matrix`.

A change that moves these numbers changes results: say so in its commit.
"""

import hashlib

import numpy as np
import pytest

from sim.market import Market

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
CHANGES = {
    "people.n": 400,
    "people.entry": {"kind": "steady", "later": 0.2, "over_days": 200},
    "network.homophily": 0.4,
    "days": 200,
    "burn_in": 60,
    "continuation": 30,
    "brands.A.strategies": {"service_followup": {}},
    "brands.B.strategies": {"service_followup": {"automated": True, "budget": 200.0}},
    "brands.C.strategies": {
        "referral": {"kind": "mixed", "mix": {"goods": 1}, "koc_from": 1, "vest_days": 10},
        "agency": {"referrals_needed": 0, "courses": 0, "recruit_bonus": 5, "vest_days": 5},
    },
    "behaviour.referral": {"asked": 1, "caution": 0},
    "behaviour.distribution.reluctance": 1,
}


ORDERS, DIGEST = 1897, "cd7e15dd9ed912ba"
SUMS = {
    "product": 745.4673295021057,
    "service": 701.5591829270124,
    "trust": 622.9864149391651,
    "expectation": 746.6947434842587,
    "delight": 46.06761228098185,
    "log_reference": 8.900282323826104,
    "log_taste": 3119.8292975174263,
    "dropout": 144.74484401324025,
}


@pytest.fixture(scope="module")
def market():
    market = Market("skincare", rng=20261122, **CHANGES)
    market.run_model()
    market.run_on()
    return market


def digest(market):
    columns = [market.orders[name].astype(np.int64).tobytes() for name in WHOLE]
    columns += [market.books.daily.tobytes(), market.books.held.tobytes(), market.counts.tobytes()]
    for table in (market.invitations, market.distributors):
        columns += [np.ascontiguousarray(table[name]).tobytes() for name in table.dtype.names]
    return hashlib.blake2b(b"".join(columns), digest_size=8).hexdigest()


@pytest.mark.quick
def test_orders_books_and_counts_are_the_same_to_the_bit(market):
    assert (len(market.orders), digest(market)) == (ORDERS, DIGEST)


@pytest.mark.quick
def test_feelings_are_the_same_to_nine_digits(market):
    sums = {name: float(np.abs(market.world.bonds[name]).sum(dtype=np.float64)) for name in FELT}
    assert sums == pytest.approx(SUMS, rel=1e-9)

"""What holds of staff in every market: a work-conserving queue, first come first served."""

from typing import Any

import numpy as np
from any_market import lively_markets, markets, of_all
from hypothesis import strategies as st

from sim.counts import COUNTS
from sim.market import Market

ANY = st.one_of(markets(), lively_markets())
NEVER_BINDS = 1e6


def staffed(config: dict[str, Any], **staff: Any) -> dict[str, Any]:
    """Return a market in which every brand has this staff."""
    brands = {name: {**brand, "staff": staff} for name, brand in config["brands"].items()}
    return {**config, "brands": brands}


def finished(config: dict[str, Any], seed: int) -> Market:
    market = Market(config, rng=seed)
    market.run_model()
    market.run_on()
    return market


@of_all(ANY, 60, max_wait=st.sampled_from([0, 3, None]))
def test_a_capacity_that_never_binds_is_none(config, seed, max_wait):
    free = finished(staffed(config), seed)
    limited = finished(staffed(config, capacity=NEVER_BINDS, max_wait=max_wait), seed)
    own = COUNTS.index("human_capacity")
    for one, two in (
        (free.orders, limited.orders),
        (free.books.daily, limited.books.daily),
        (free.books.terminal, limited.books.terminal),
        (np.delete(free.counts, own, axis=2), np.delete(limited.counts, own, axis=2)),
    ):
        np.testing.assert_array_equal(one, two)
    assert free.world.relationships.tobytes() == limited.world.relationships.tobytes()


@of_all(ANY, 60, capacity=st.sampled_from([0, 7, 40, 200]), max_wait=st.sampled_from([0, 3, None]))
def test_staff_works_as_long_as_somebody_waits(config, seed, capacity, max_wait):
    market = Market(staffed(config, capacity=capacity, max_wait=max_wait), rng=seed)
    made = [0] * len(market.brand_names)
    while market.running:
        market.step()
        counts = [dict(zip(COUNTS, each.tolist(), strict=True)) for each in market.counts[-1]]
        for b, staff in enumerate(market._workforce.staff):
            taken, made[b] = staff.made - made[b], staff.made
            due = market.world.touches["due"][staff.waiting]
            possible = counts[b]["human_capacity"]
            assert counts[b]["human_touches"] <= taken <= possible
            assert due.size == 0 or taken == possible, "idle while somebody waits"
            assert (np.diff(due) >= 0).all(), "first come, first served"
            assert max_wait is None or (market.day - 1 - due <= max_wait).all()
            assert due.size == counts[b]["human_touches_waiting"]
            assert counts[b]["human_touches_late"] <= counts[b]["human_wait_days"]
            assert counts[b]["human_touches"] <= counts[b]["touches"]

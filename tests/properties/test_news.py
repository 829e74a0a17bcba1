"""News travels one tie a day: nobody acts on what has not reached them.

Change one person's feelings in the middle of a run, and see who is different afterwards: on day k
nobody further than k ties away buys, talks or is counted otherwise. Two channels are faster, and
left out here: a budget that is short, for which all stand in one line, and distributors, whose pay
comes from all below them.
"""

from typing import Any

import numpy as np
from any_market import Table, lively_markets, markets, of_all
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from sim.config.load import load_market
from sim.market import Market
from tests.kept import kept

DAYS = 12
TIED = [
    {"kind": "ring"},
    {"kind": "small_world", "mean_degree": 4, "rewire": 0.05},
    {"kind": "erdos_renyi", "mean_degree": 2},
]


@st.composite
def without_short_cuts(draw: st.DrawFn) -> dict[str, Any]:
    config = draw(st.one_of(markets(), lively_markets()))
    config["network"] = draw(st.sampled_from(TIED))
    config["people"]["n"] = 60
    config["days"], config["burn_in"] = 30 + DAYS, 15
    for brand in config["brands"].values():
        brand["strategies"].pop("agent_recruitment", None)
        brand.pop("staff", None)  # people wait for each other in its queue
        if draw(st.booleans()):  # what is heard of today is bought, used and told of tomorrow
            config["behaviour"]["talk"] = {"rate": 30, "trigger": 1, "constant": 1}
            brand["awareness"] = 0.05
            for product in brand["products"].values():
                product |= {"delivery_days": 0, "effect_days": 0}
        for strategy in brand["strategies"].values():
            strategy["budget"] = None
    return config


def distance(market: Market, source: int) -> NDArray[np.float64]:
    """Return how many ties away from `source` each person is, infinite if out of reach."""
    world, n = market.world, market.world.people.size
    ties = csr_array((np.ones(world.neighbours.size), world.neighbours, world.indptr), (n, n))
    reached, before = breadth_first_order(ties, source, directed=False)
    away = np.full(n, np.inf)
    away[source] = 0
    for person in reached[1:]:
        away[person] = away[before[person]] + 1
    return away


def disturb(market: Market, person: int) -> None:
    """Turn what one person feels and knows around."""
    relationships = market.world.relationships[person]
    for feeling in ("product", "service", "trust", "expectation"):
        relationships[feeling] = 1 - relationships[feeling]
    relationships["aware"] = True


def differs(one: Table, two: Table) -> NDArray[np.bool_]:
    """Return bool[n]: whose rows are not the same, but for the numbers of invitations."""
    names = [name for name in one.dtype.names if name != "invitation"]
    same = [(one[n] == two[n]) | ((one[n] != one[n]) & (two[n] != two[n])) for n in names]
    return ~np.all(same, axis=(0, 2))


def others_orders(one: Market, two: Market, day: int) -> set[int]:
    """Return who ordered otherwise on a day."""
    fields = ["person", "product", "paid_cents", "nth", "reminded"]
    today = [set(m.orders[fields][m.orders["day"] == day].tolist()) for m in (one, two)]
    return {person for person, *_ in today[0] ^ today[1]}


def speakers(one: Market, two: Market) -> set[int]:
    """Return who said something else today."""
    fields = ["speaker_id", "receiver", "brand", "kind", "opinion", "strength"]
    said = [set(market._messages[fields].tolist()) for market in (one, two)]
    return {speaker for speaker, *_ in said[0] ^ said[1]}


def fronts(config: Any, seed: int, person: int, first: int) -> set[int]:
    """Disturb a person on day `first`; return after how many days some acted just so many ties away.

    Nobody further away may act otherwise, or be touched more than a tie further.
    """
    one, two = Market(config, rng=seed), Market(config, rng=seed)
    for market in (one, two):
        for _ in range(first):
            market.step()
    away, found = distance(one, person), set()
    disturb(two, person)
    for k in range(DAYS):
        day = one.day
        one.step()
        two.step()
        acted = others_orders(one, two, day) | speakers(one, two)
        assert all(away[who] <= k for who in acted), f"{k} days later"
        # ties mark on the same day who has dropped out, and brands credit a friend's order; both
        # weigh on decisions from the next day on
        touched = differs(one.world.relationships, two.world.relationships)
        touched |= differs(kept(one.world), kept(two.world))
        assert (away[touched] <= k + 1).all(), f"{k} days later"
        found |= {k for who in acted if away[who] == k}
    return found


def test_news_travels_no_faster_than_one_tie_a_day():
    @of_all(without_short_cuts(), 60, person=st.integers(0, 59), first=st.integers(0, 30))
    def check(config, seed, person, first):
        fronts(config, seed, person, first)

    check()


GOSSIPS = {
    "days": 30 + DAYS,
    "burn_in": 0,
    "people": {"n": 60},
    "network": {"kind": "ring"},
    "behaviour": {
        "talk": {"rate": 30, "trigger": 1, "constant": 1},
        "experience": {"prior": 0.4},  # turned around, the first buyer is content
    },
    "categories": {"tea": {"usage": 52, "start": "immediate"}},
    "brands": {
        "A": {
            "awareness": 0,
            "service": 1,
            "products": {
                "tea": {"category": "tea", "price": 9, "unit_cost": 3, "quality": 1}
                | {"delivery_days": 0, "effect_days": 0, "fault_rate": 0}
            },
        }
    },
}
"""Nobody knows the brand; who hears of it buys, and tells both neighbours on the same day."""


def test_news_travels_as_fast_as_one_tie_a_day():
    config = load_market(GOSSIPS)
    front = set().union(*(fronts(config, seed, 0, 0) for seed in range(20)))
    assert max(front) >= 4, front

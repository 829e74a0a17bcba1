"""Any market at all: generators for `hypothesis`, and what properties of markets have in common.

Rates are lively and windows short, so that within a few weeks nearly all that can happen does.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from any_audience import with_audiences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.accruals import Kind as Promise
from sim.accruals import State
from sim.counts import COUNTS
from sim.market import Market

Table = NDArray[Any]
Some = st.SearchStrategy[Any]

share = st.floats(0, 1).map(lambda x: round(x, 2))
some_share = st.sampled_from([0.0, 0.5, 1.0])
amount = st.one_of(st.integers(1, 300), st.sampled_from([0.0, 0.01, 33.33]))
regularity = st.sampled_from([0.4, 1.0, 3.0, math.inf])


def several(**optional: Some) -> Some:
    """Generate mappings with any of the given keys."""
    return st.fixed_dictionaries({}, optional=optional)


def all_of(**required: Some) -> Some:
    """Generate mappings with each of the given keys."""
    return st.fixed_dictionaries(required)


# --- strategies ---------------------------------------------------------------------------------

audience = st.fixed_dictionaries({"share": some_share}, optional={"group": st.just("pilot")})
followup = several(
    budget=st.sampled_from([0, 1, 30]),
    audience=audience,
    automated=st.booleans(),
    coupon=share,
    lead_days=st.integers(0, 60),
    confirm_day=st.integers(1, 14),
    check_day=st.integers(1, 9),
)
money_for_rewards = st.sampled_from([0, 3, 40, 400])
referral = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["cash", "points", "goods", "mixed", "none"]),
        "ask_day": st.integers(1, 4),
        "vest_days": st.integers(0, 5),
        "koc_from": st.integers(0, 2),
    },
    optional={
        "reward": st.sampled_from([0, 0.01, 5, 33.33, 200]),
        "mix": several(cash=some_share, points=some_share, goods=some_share),
        "goods_at": st.sampled_from([[1], [1, 2], [1, 2, 3], [2, 5]]),
        "points_cost": some_share,
        "goods_cost": some_share,
        "points_days": st.sampled_from([0, 3, 10]),
        "friend_discount": st.sampled_from([0, 0.15, 1]),
        "koc_cost": amount,
        "koc_discount": share,
        "salon_days": st.sampled_from([0, 5]),
        "salon_cost": amount,
        "human": st.booleans(),
        "valid_days": st.sampled_from([0, 5, 30]),
        "budget": money_for_rewards,
        "audience": audience,
    },
)
levels = st.sampled_from(
    [
        {"discounts": [0.4, 0.5, 0.6], "promote_at": [0, 20, 100]},
        {"discounts": [0.333, 0.45], "promote_at": [0, 0.01]},
        {"discounts": [0.0, 0.1, 0.1, 0.55, 0.9], "promote_at": [0, 0, 10, 20, 60]},
        {"discounts": [1.0], "promote_at": [0]},
    ]
)
agency_terms = st.fixed_dictionaries(
    {
        "referrals_needed": st.integers(0, 1),
        "courses": st.integers(0, 1),
        "ask_every": st.sampled_from([1, 2, 5]),
        "course_after": st.integers(1, 2),
        "course_day": st.integers(1, 4),
        "ask_day": st.integers(1, 4),
        "vest_days": st.integers(0, 5),
        "recruit_bonus": st.sampled_from([0, 2, 33.33]),
    },
    optional={
        "fee": amount,
        "first_stock": amount,
        "apprentice_reward": st.sampled_from([0, 5, 33.33]),
        "course_cost": amount,
        "peer_bonus": st.sampled_from([0, 0.05, 0.333, 1]),
        "buyback": st.sampled_from([0, 0.333, 1]),
        "refusal_days": st.sampled_from([0, 3, 180]),
        "budget": money_for_rewards,
        "audience": audience,
    },
)
agency = st.tuples(agency_terms, levels).map(lambda parts: parts[0] | parts[1])
portfolio = several(service_followup=followup, referral=referral, agent_recruitment=agency)
social_portfolio = st.fixed_dictionaries(
    {"referral": referral, "agent_recruitment": agency}, optional={"service_followup": followup}
)


# --- the rest of a market -----------------------------------------------------------------------


SIZES = ([1], [1, 2], [3], [1, 3, 5], [2, 24])


def sized(item: dict[str, Any]) -> dict[str, Any]:
    """Return a product with sizes; they follow from its amounts, so that nothing more is drawn."""
    which = int(item["price"]) + int(item["unit_cost"])
    return item | {"sizes": SIZES[which % len(SIZES)]}


def product(category: str) -> Some:
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
    ).map(sized)


def category() -> Some:
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


def brand(categories: list[str]) -> Some:
    products = st.dictionaries(
        st.sampled_from(["p", "q"]),
        st.sampled_from(categories).flatmap(product),
        min_size=1,
    )
    return st.fixed_dictionaries(
        {"products": products, "strategies": portfolio},
        optional={
            "awareness": share,
            "service": share,
            "transparency": some_share,
            "misdelivery": share,
            "late": share,
            "late_days": st.integers(0, 5),
            "contact_cap": st.integers(0, 2),
            "advertising": all_of(spend=amount),
        },
    )


network = st.sampled_from(
    [
        {"kind": "none"},
        {"kind": "complete"},
        {"kind": "ring"},
        {"kind": "small_world", "mean_degree": 4, "rewire": 0.2, "homophily": 0.5},
        {"kind": "ring", "contacts": 4, "homophily_dropout": 0.7},
    ]
)
eager_friends = {
    "asked": 5,
    "spontaneous": 5,
    "acceptance_intercept": math.inf,
    "trigger": 1,
    "redeem": 0.5,
}
eager_sellers = {
    "join_intercept": math.inf, "calls": 30, "review_days": 5, "quit_intercept": -3, "trigger": 1
}  # fmt: skip
lively_sellers = st.sampled_from(
    [
        eager_sellers,
        {"join_intercept": 0, "calls": 10, "quit_intercept": 0, "call_days": 0, "tie_erosion": 1},
        {**eager_sellers, "calls": 1, "review_days": 20},
        {**eager_sellers, "recruiting": 0.8, "full_time": 1},
    ]
)
behaviour = all_of(
    talk=st.sampled_from([{}, {"rate": 0.5, "trigger": 0.5, "awareness": 0.5}]),
    touch=st.sampled_from([{}, {"response": 1, "ugc": 1, "opt_out": 0.1}]),
    experience=st.sampled_from(
        [{}, {"misuse": 1, "regret": 5}, {"complaint": 1}, {"satisfaction_threshold": 0}]
    ),
    dropout=st.sampled_from(
        [
            {},
            {"propensity": 0.5},
            {"propensity": 0},
            {"common": 0.6},
            {"rate": {"dist": "gamma", "shape": 0.6, "mean": 6}, "comeback": 20},
            {"propensity": 0.2, "disappointment": 0.5, "comeback": 10},
        ]
    ),
    ties=st.sampled_from([{}, {"shared": 0.5, "kept": 0.5}, {"kept": 0.2, "half_life": 7.0}]),
    choice=st.sampled_from([{}, {"outside_weight": 0}, {"wait_weight": 0}]),
    purchase_occasion=st.sampled_from([{}, {"consumption_flexibility": 0.5}]),
    referral=st.sampled_from(
        [{}, {"asked": 5, "acceptance_intercept": 0, "matching": 1.5}, eager_friends]
    ),
    direct_selling=st.one_of(st.just({}), lively_sellers),
)


@st.composite
def markets(
    draw: st.DrawFn, people: tuple[int, int] = (5, 25), days: tuple[int, int] = (1, 30)
) -> dict[str, Any]:
    """Generate markets of any kind."""
    categories = draw(st.dictionaries(st.sampled_from(["c", "d"]), category(), min_size=1))
    brands = st.dictionaries(st.sampled_from("ABC"), brand(sorted(categories)), min_size=1)
    return with_audiences(
        {
            "days": draw(st.integers(*days)),
            "burn_in": draw(st.sampled_from([0, 15])),
            "terminal_period": draw(st.sampled_from([0, 10])),
            "people": {
                "n": draw(st.integers(*people)),
                "entry": draw(
                    st.sampled_from([{}, {"kind": "steady", "later": 0.5, "over_days": 30}])
                ),
                "exit_rate": draw(st.sampled_from([0, 5])),
                "willingness": draw(some_share),
            },
            "network": draw(network),
            "behaviour": draw(behaviour),
            "categories": categories,
            "brands": draw(brands),
        }
    )


all_rewards = st.sampled_from(
    [{}, {"kind": "mixed", "mix": {"cash": 1, "points": 1, "goods": 1}, "goods_at": [1, 2, 3]}]
)
few_limits = all_of(
    budget=st.sampled_from([None, None, 40, 400]),
    audience=all_of(share=st.sampled_from([1.0, 1.0, 0.5])),
)


CIRCLES = [{"kind": "complete"}, {"kind": "ring"}, {"kind": "ring", "contacts": 8}]


@st.composite
def lively_markets(draw: st.DrawFn) -> dict[str, Any]:
    """Generate markets in which people need much, mostly like what they get, and know others."""
    market = draw(markets(people=(25, 40), days=(30, 60)))
    market["people"]["exit_rate"] = draw(st.sampled_from([0, 1]))
    market["network"] = draw(st.sampled_from(CIRCLES))
    market["behaviour"] |= {"direct_selling": draw(lively_sellers), "touch": {"response": 1}}
    market["behaviour"]["experience"]["satisfaction_threshold"] = draw(st.sampled_from([0.0, 0.5]))
    for each in market["categories"].values():
        each["usage"] = 60
    for each in market["brands"].values():
        each |= {"awareness": 0.4, "service": 0.9, "misdelivery": 0, "late": 0.1}
        each["strategies"] = draw(social_portfolio)
        for strategy in each["strategies"].values():
            strategy |= draw(few_limits)
        each["strategies"]["referral"] |= draw(all_rewards)
        for item in each["products"].values():
            item |= {"quality": draw(st.sampled_from([0.5, 0.9])), "fault_rate": 0.05}
            item |= {"refund_days": draw(st.sampled_from([0, 9]))}
            item["sizes"] = [1, 2][: len(item["sizes"])]  # who has much buys little
    return with_audiences(market, often=0.05)


# --- properties of all of them ------------------------------------------------------------------

quick_and_slow = pytest.mark.parametrize(
    "examples", [120, pytest.param(2000, marks=pytest.mark.slow)], ids=["some", "many"]
)
Check = Callable[..., None]


def of_all(kind: Some, examples: int, **more: Some) -> Callable[[Check], Check]:
    """Say that a property holds for `examples` markets of a kind, each with its own seed."""

    def said(check: Check) -> Check:
        few = settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            derandomize=True,
        )
        return few(given(config=kind, seed=st.integers(0, 2**64 - 1), **more)(check))

    return said


def assert_same(one: Table, two: Table, what: str) -> None:
    """Check that two tables are equal; `numpy.testing` takes ten times as long to say so."""
    assert one.shape == two.shape, what
    assert (one == two).all(), f"{what}: {one} {two}"


def count(market: Market, name: str) -> NDArray[np.int64]:
    return market.counts[..., COUNTS.index(name)]


def promises(market: Market) -> Table:
    return market.world.accruals[: market.world.tally[0]["accruals"]]


def per_brand(market: Market, brand: Table, amount: Table | int = 1) -> NDArray[np.int64]:
    """Return the sum of `amount` for each brand."""
    total = np.zeros(len(market.brand_names), np.int64)
    np.add.at(total, brand, amount)
    return total


def per_day(market: Market, day: Table, brand: Table) -> NDArray[np.int64]:
    """Return how many there are of each day and brand, of the days since day 0."""
    table = np.zeros(market.counts.shape[:2], np.int64)
    np.add.at(table, (day, brand), 1)
    return table


def days_of(market: Market) -> Iterator[Market]:
    """Run a market to its end, a day at a time."""
    while market.running:
        market.step()
        yield market


SEVERAL = "orders of several packs"


def what_happened(market: Market) -> Counter[str]:
    """Return what has happened in a market, so that a test can tell whether it has seen it all."""
    seen = Counter(dict(zip(COUNTS, market.counts.sum(axis=(0, 1)).tolist(), strict=True)))
    for promise in promises(market):
        seen[f"{Promise(promise['kind']).name} {State(promise['state']).name}"] += 1
    seen[SEVERAL] = int((market.orders["units"] > 1).sum())
    return seen

"""Common random numbers: arms of a study share every draw that they have in common.

What has no effect changes nothing at all, not one bit of one order.
"""

import math
from typing import Any

import numpy as np
import pytest
from any_market import count, lively_markets, markets, of_all
from hypothesis import strategies as st

from sim.books import Account
from sim.market import Market

ORDER = ["day", "person", "brand", "product", "units", "nth", "paid_cents", "arrived_day"]
FELT = ["product", "service", "overall", "trust", "expectation", "aware", "dropped_out", "orders"]
"""What people feel and know; how tired they are of contact and what they have cost is apart."""
FAMILIES = ("service_followup", "referral", "agent_recruitment")
NO_EFFECT = {
    "behaviour.touch.response": 0,
    "behaviour.touch.opt_out": 0,
    "behaviour.touch.inert_dropout": 0,
    "behaviour.touch.annoyance": 0,
}


NOBODY_INVITES = {"behaviour.referral.asked": 0, "behaviour.referral.spontaneous": 0}


def finished(market: Market) -> Market:
    market.run_model()
    return market


def with_all_families(mapping: dict[str, Any]) -> dict[str, Any]:
    """Let every brand of the busy market do all that one of them does: they compete for agents."""
    everything = mapping["brands"]["C"]["strategies"]
    assert set(everything) == set(FAMILIES)
    for brand in mapping["brands"].values():
        brand["strategies"] = everything
    return mapping


def assert_same_people(one: Market, two: Market) -> None:
    """Check that people bought, felt and knew exactly the same."""
    np.testing.assert_array_equal(one.orders, two.orders)
    for name in FELT:
        np.testing.assert_array_equal(
            one.world.relationships[name], two.world.relationships[name], name
        )
    np.testing.assert_array_equal(one.world.occasions, two.world.occasions)


# --- a strategy without effect --------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("seed", [1, 2])
def test_touches_that_do_nothing_change_nothing_but_cost(busy, seed):
    without = finished(busy(seed, **NO_EFFECT, **{"brands.A.strategies": {}}))
    with_it = finished(busy(seed, **NO_EFFECT))
    assert_same_people(without, with_it)
    cost = with_it.books.daily[:, 0, Account.TOUCHES]
    assert cost.sum() > 0
    difference = with_it.books.daily - without.books.daily
    np.testing.assert_array_equal(difference[:, 0, Account.TOUCHES], cost)
    np.testing.assert_array_equal(difference[:, 0, Account.CASH], -cost)
    difference[:, 0, [Account.TOUCHES, Account.CASH]] = 0
    assert not difference.any()


@pytest.mark.quick
@pytest.mark.parametrize(
    ("family", "absent"),
    [
        *((family, {"budget": 0}) for family in FAMILIES),
        *((family, {"audience": {"share": 0}}) for family in FAMILIES),
        ("service_followup", {"budget": 0.04}),  # for less than one touch
    ],
    ids=str,
)
def test_a_strategy_that_reaches_nobody_is_absent(busy, busy_mapping, family, absent):
    given = busy_mapping["brands"]["C"]["strategies"].get(family, {})
    without = finished(busy(**{"brands.C.strategies": {}}))
    with_it = finished(busy(**{"brands.C.strategies": {family: {**given, **absent}}}))
    assert_same_people(without, with_it)
    np.testing.assert_array_equal(without.books.daily, with_it.books.daily)
    np.testing.assert_array_equal(without.counts, with_it.counts)


def with_each_strategy(config: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Return a market in which every strategy is given some parameters more."""
    brands = {
        name: brand | {"strategies": {k: v | given for k, v in brand["strategies"].items()}}
        for name, brand in config["brands"].items()
    }
    return config | {"brands": brands}


@pytest.mark.parametrize("nothing", [{"audience": {"share": 0}}, {"budget": 0}], ids=str)
def test_strategies_that_reach_nobody_are_absent_from_any_market(nothing):
    @of_all(st.one_of(markets(), lively_markets()), 60)
    def check(config, seed):
        bare = {name: brand | {"strategies": {}} for name, brand in config["brands"].items()}
        without = finished(Market(config | {"brands": bare}, rng=seed))
        with_it = finished(Market(with_each_strategy(config, **nothing), rng=seed))
        assert_same_people(without, with_it)
        np.testing.assert_array_equal(without.books.daily, with_it.books.daily)
        np.testing.assert_array_equal(without.counts, with_it.counts)

    check()


@pytest.mark.quick
@pytest.mark.parametrize(
    ("family", "nobody"),
    [
        ("referral", NOBODY_INVITES),
        ("referral", {"behaviour.experience.satisfaction_threshold": 1}),
        (
            "agent_recruitment",
            {**NOBODY_INVITES, "brands.C.strategies.agent_recruitment.referrals_needed": 1000},
        ),
        (
            "agent_recruitment",
            {**NOBODY_INVITES, "behaviour.direct_selling.join_intercept": -math.inf},
        ),
        ("agent_recruitment", {"behaviour.experience.satisfaction_threshold": 1}),
    ],
    ids=["nobody invites", "not content", "nobody may join", "nobody wants to", "not content"],
)
def test_asking_in_vain_changes_nothing_but_cost(busy, busy_mapping, family, nobody):
    """Customers answer; but what they answer is no."""
    asked = {family: busy_mapping["brands"]["C"]["strategies"][family]}
    changes = {**NO_EFFECT, "behaviour.touch.response": 1}
    without = finished(busy(**changes, **rules_of(nobody), **{"brands.C.strategies": {}}))
    with_it = finished(busy(**changes, **{"brands.C.strategies": asked}, **nobody))
    assert count(with_it, "answers").sum() > count(without, "answers").sum()
    assert_same_people(without, with_it)
    difference = (with_it.books.daily - without.books.daily).sum(axis=(0, 1))
    changed = [Account.REFERRAL_ASKS, Account.RECRUITING, Account.TRAINING]
    assert difference[changed].sum() == -difference[Account.CASH] > 0
    difference[[*changed, Account.CASH]] = 0
    assert not difference.any()


@pytest.mark.quick
def test_a_strategy_has_no_effect_before_day_0(busy):
    none = {f"brands.{name}.strategies": {} for name in "AC"}
    without, with_it = busy(**none), busy()
    assert len(with_it.orders) > 50
    assert_same_people(without, with_it)


def test_people_outside_the_audience_are_as_without_the_strategy(busy):
    """With no ties between people, a holdout does not notice that others are contacted."""
    alone = {"network": {"kind": "none"}, "people.n": 300}
    without = finished(busy(**alone, **{"brands.A.strategies": {}}))
    half = {"brands.A.strategies": {"service_followup": {"audience": {"share": 0.5}}}}
    with_it = finished(busy(**alone, **half))
    a = with_it.world.relationships[:, 0]
    touched = a["fatigue_day"] > 0
    bought = np.isin(np.arange(300), with_it.orders["person"][with_it.orders["brand"] == 0])
    assert 0.25 < touched[bought].mean() < 0.6
    mine, theirs = (m.orders[~touched[m.orders["person"]]] for m in (with_it, without))
    np.testing.assert_array_equal(mine[ORDER], theirs[ORDER])


def test_most_draws_are_shared_by_arms_that_differ(busy):
    """Not only people out of reach: with the follow-up on, most orders are still the same ones."""
    without = finished(busy(**{"brands.A.strategies": {}}))
    assert_same_people(without, finished(busy(**{"brands.A.strategies": {"none": {}}})))
    with_it, unrelated = finished(busy()), finished(busy(rng=2))
    keys = ["day", "person", "product"]
    same = np.intersect1d(without.orders[keys], with_it.orders[keys]).size
    assert 0.75 * len(without.orders) < same < len(without.orders)
    chance = np.intersect1d(without.orders[keys], unrelated.orders[keys]).size
    assert chance < 0.1 * len(without.orders)


def rules_of(changes: dict[str, Any]) -> dict[str, Any]:
    """Return those of the changes that are about how people behave."""
    return {path: value for path, value in changes.items() if path.startswith("behaviour")}


# --- more brands, in any order --------------------------------------------------------------------


def renumbered(market: Market, orders: Any = None) -> list[tuple[Any, ...]]:
    """Return orders with names in place of numbers, sorted."""
    orders = market.orders if orders is None else orders
    rows = [
        (*row.tolist(), market.brand_names[b], market.product_names[p])
        for row, b, p in zip(
            orders[
                ["day", "person", "nth", "nth_product", "paid_cents", "arrived_day", "refunded"]
            ],
            orders["brand"],
            orders["product"],
            strict=True,
        )
    ]
    return sorted(rows)


UNKNOWN = {
    "awareness": 0,
    "products": {"cream": {"category": "cream", "price": 100, "unit_cost": 40}},
}


@pytest.mark.quick
@pytest.mark.parametrize("names", ["ABCZ", "ZABC", "AZBC"])
def test_a_brand_that_nobody_knows_changes_nothing(busy_mapping, names):
    """Not even if it wants referrers and distributors, who have others to work for."""
    brands = with_all_families(busy_mapping)["brands"]
    without = finished(Market(busy_mapping, rng=1))
    brands["Z"] = {**UNKNOWN, "strategies": brands["C"]["strategies"]}
    busy_mapping["brands"] = {name: brands[name] for name in names}
    with_it = finished(Market(busy_mapping, rng=1))
    assert len(without.orders) > 200
    assert renumbered(without) == renumbered(with_it)
    for b, name in enumerate(names):
        if name != "Z":
            was = without.brand_names.index(name)
            np.testing.assert_array_equal(with_it.books.daily[:, b], without.books.daily[:, was])
            np.testing.assert_array_equal(with_it.counts[:, b], without.counts[:, was])


def engagements(market: Market) -> list[tuple[Any, ...]]:
    """Return who worked for whom, with names in place of numbers."""
    agents = market.distributors
    fields = ["person", "joined_day", "quit_day", "level", "sales_cents", "margin_cents"]
    names = [market.brand_names[b] for b in agents["brand"]]
    return [(*row.tolist(), name) for row, name in zip(agents[fields], names, strict=True)]


@pytest.mark.quick
@pytest.mark.parametrize("names", ["CBA", "BAC"])
def test_the_order_of_brands_in_a_file_does_not_matter(busy_mapping, names):
    """Although all three are after the same distributors."""
    one = finished(Market(with_all_families(busy_mapping), rng=1))
    busy_mapping["brands"] = {name: busy_mapping["brands"][name] for name in names}
    two = finished(Market(busy_mapping, rng=1))
    assert renumbered(one) == renumbered(two)
    assert engagements(one) == engagements(two)
    assert {name for *_, name in engagements(one)} == {"A", "B", "C"}
    for b, name in enumerate(names):
        was = one.brand_names.index(name)
        np.testing.assert_array_equal(two.books.daily[:, b], one.books.daily[:, was])
        np.testing.assert_array_equal(two.counts[:, b], one.counts[:, was])
        for field in FELT:
            np.testing.assert_array_equal(
                two.world.relationships[:, b][field], one.world.relationships[:, was][field], field
            )
    np.testing.assert_array_equal(one.world.strength, two.world.strength)


@pytest.mark.quick
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_products_in_a_file_does_not_matter(busy_mapping, seed):
    """Not even where touches of two products compete for one place under the contact cap."""
    strict = {"brands.A.contact_cap": 1, "behaviour.touch.opt_out": 0.1}
    one = finished(Market(with_all_families(busy_mapping), rng=seed, **strict))
    for brand in busy_mapping["brands"].values():
        brand["products"] = dict(reversed(brand["products"].items()))
    two = finished(Market(busy_mapping, rng=seed, **strict))
    assert renumbered(one) == renumbered(two)
    assert engagements(one) == engagements(two)
    np.testing.assert_array_equal(one.books.daily, two.books.daily)


@pytest.mark.quick
def test_another_name_is_another_brand(busy, busy_mapping):
    brands = busy_mapping["brands"]
    busy_mapping["brands"] = {"A2" if name == "A" else name: brands[name] for name in brands}
    one, two = finished(busy()), finished(Market(busy_mapping, rng=1))
    assert one.orders.tobytes() != two.orders.tobytes()


# --- more people, more days -----------------------------------------------------------------------


@pytest.mark.quick
def test_more_people_change_nothing_for_those_who_are_there(busy):
    alone = {"network": {"kind": "none"}}
    few = finished(busy(**alone, **{"people.n": 100}))
    more = finished(busy(**alone, **{"people.n": 140}))
    theirs = more.orders[more.orders["person"] < 100]
    assert len(few.orders) > 150
    np.testing.assert_array_equal(theirs[ORDER], few.orders[ORDER])
    assert len(more.orders) > len(theirs)
    joined = [who for who in engagements(more) if who[0] < 100]
    assert joined == engagements(few)
    assert joined


@pytest.mark.quick
def test_a_change_reaches_only_those_it_concerns(busy):
    """B sells cream; who never chose between B's cream and another does not notice its price."""
    alone = {"network": {"kind": "none"}}
    one = finished(busy(**alone))
    two = finished(busy(**alone, **{"brands.B.products.cream.price": 95}))
    knows_b = one.world.relationships["aware"][:, 1]
    assert 30 < knows_b.sum() < 90
    mine, theirs = (m.orders[~knows_b[m.orders["person"]]] for m in (one, two))
    assert len(mine) > 50
    np.testing.assert_array_equal(mine[ORDER], theirs[ORDER])
    assert len(one.orders) != len(two.orders) or (one.orders != two.orders).any()

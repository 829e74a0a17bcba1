"""Invitations in every market: who invites whom, what comes of it, and that the counts say so."""

from collections import Counter
from typing import Any

import numpy as np
from any_market import (
    count,
    days_of,
    lively_markets,
    of_all,
    per_day,
    quick_and_slow,
    what_happened,
)

from sim.market import Market
from sim.state import NO_DAY
from sim.ties.contacts import Contacts, contacts_of
from tests.kept import kept


def check_people(market: Market) -> None:
    """Check that customers invite people within reach who are not yet customers."""
    made, world = market.invitations, market.world
    relationship = world.relationships[made["referrer"], made["brand"]]
    assert (made["referrer"] != made["friend"]).all()
    assert (relationship["orders"] > 0).all()
    assert (made["day"] >= relationship["first_day"]).all()
    left = np.where(relationship["dropped_out"], relationship["dropped_out_day"], 10**6)
    assert (made["day"] <= left).all()
    assert (made["day"] < world.people["exit_day"][made["referrer"]]).all()
    if not world.rules[0]["network_complete"]:
        known = Contacts(world.people["place"], world.circle, world.distances)
        for invitation in made:
            i = invitation["referrer"]
            ties = world.neighbours[world.indptr[i] : world.indptr[i + 1]]
            assert invitation["friend"] in [*ties, *contacts_of(known, i)]


def check_what_came_of_it(market: Market) -> None:
    """Check the way from an invitation to an order that is kept: each step after the last."""
    made, orders, world = market.invitations, market.orders, market.world
    followed = made[made["clicked_day"] != NO_DAY]
    np.testing.assert_array_equal(followed["clicked_day"], followed["day"] + 1)
    rows = np.flatnonzero(made["order"] >= 0)
    led = made[rows]
    order = orders[led["order"]]
    np.testing.assert_array_equal(order["invitation"], rows)
    assert (orders["invitation"] >= 0).sum() == rows.size, "one order for one invitation"
    for field, same in (("friend", "person"), ("brand", "brand")):
        np.testing.assert_array_equal(led[field], order[same])
    assert (order["nth"] == 1).all()
    assert (led["clicked_day"] != NO_DAY).all()
    assert (order["day"] >= led["clicked_day"]).all()
    longest = np.zeros(len(market.brand_names), np.int64)
    np.maximum.at(longest, world.programmes["brand"], world.programmes["valid_days"])
    assert (order["day"] <= led["clicked_day"] + longest[led["brand"]]).all()
    counted = made["vested_day"] != NO_DAY
    assert (made["order"] >= 0)[counted | made["void"]].all()
    assert not (counted & made["void"]).any()
    assert not orders["refunded"][made["order"][counted]].any()
    assert orders["refunded"][made["order"][made["void"]]].all()
    assert (made["vested_day"] > orders["arrived_day"][made["order"]])[counted].all()


def check_counts(market: Market) -> None:
    """Check that daily counts, and what each person has to show, are those of the table."""
    made, theirs = market.invitations, kept(market.world)
    orders = market.orders[market.orders["invitation"] >= 0]
    for name, table, field in (
        ("invitations", made, "day"),
        ("clicks", made[made["clicked_day"] != NO_DAY], "clicked_day"),
        ("rewards_vested", made[made["vested_day"] != NO_DAY], "vested_day"),
        ("referred_orders", orders, "day"),
    ):
        expected = per_day(market, table[field], table["brand"])
        np.testing.assert_array_equal(count(market, name), expected, name)
    assert count(market, "rewards_void").sum() == made["void"].sum()
    for field, these in (
        ("bought", made["order"] >= 0),
        ("vested", made["vested_day"] != NO_DAY),
    ):
        number = np.zeros(theirs.shape, np.int64)
        np.add.at(number, (made["referrer"][these], made["brand"][these]), 1)
        np.testing.assert_array_equal(theirs[field], number, field)
    not_followed = np.zeros(theirs.shape, np.int64)
    reached = made["clicked_day"] == NO_DAY
    np.add.at(not_followed, (made["friend"][reached], made["brand"][reached]), 1)
    assert (theirs["refused"] <= not_followed).all()
    for more, less in (
        ("touches", "referral_eligible"),
        ("answers", "referral_asked"),
        ("referral_asked", "referral_shared"),
    ):
        assert (count(market, more) >= count(market, less)).all()
    shared = made["asked"].sum()
    assert shared == 0 or count(market, "referral_shared").sum() > 0


def generations(market: Market) -> Counter[str]:
    """Follow each referred order to its referrer's first, and so on; return how far it went."""
    orders, made = market.orders, market.invitations
    first = {(o["person"], o["brand"]): o for o in orders if o["nth"] == 1}
    depth: Counter[str] = Counter()
    for order in orders[orders["invitation"] >= 0]:
        generation, people = 0, {order["person"]}
        while order["invitation"] >= 0:
            invitation = made[order["invitation"]]
            before = first[invitation["referrer"], order["brand"]]
            assert before["person"] not in people, "one's own ancestor"
            assert before["day"] <= invitation["day"] < order["day"], "not back in time"
            people.add(before["person"])
            order, generation = before, generation + 1
        depth[f"generation {generation}"] += 1
    return depth


@quick_and_slow
def test_invitations_lead_from_customers_to_first_orders_in_every_market(examples):
    seen: Counter[str] = Counter()

    @of_all(lively_markets(), examples)
    def holds(config: dict[str, Any], seed: int) -> None:
        market = Market(config, rng=seed)
        for _ in days_of(market):
            pass
        check_people(market)
        check_what_came_of_it(market)
        check_counts(market)
        seen.update(what_happened(market) + generations(market))

    holds()
    for event in ("rewards_vested", "rewards_void", "bad_referrals", "generation 3"):
        assert seen[event], f"never seen: {event}"

"""Distributors in every market: trees, stock, sales and roles, and that all tables agree."""

from collections import Counter
from typing import Any

import numpy as np
from any_market import (
    Table,
    count,
    days_of,
    lively_markets,
    of_all,
    per_brand,
    per_day,
    promises,
    quick_and_slow,
    what_happened,
)

from sim.accruals import Kind as Promise
from sim.accruals import State
from sim.books import Account
from sim.engine.calendar import NEVER
from sim.market import Market
from sim.people.roles import CUSTOMER, DISTRIBUTOR, KOC
from sim.state import NO_DAY
from tests.kept import kept


def at_work(market: Market) -> Table:
    return market.distributors["quit_day"] == NO_DAY


# --- each day -----------------------------------------------------------------------------------


def check_who_is_at_work(market: Market) -> None:
    """Check that people, relationships, engagements and the calendar agree on who works for whom."""
    world, agents, today = market.world, market.distributors, market.day - 1
    rows = np.flatnonzero(at_work(market))
    mine = agents[rows]
    assert np.unique(mine["person"]).size == rows.size, "works for two"
    working = np.zeros(world.relationships.shape, np.int64)
    working[mine["person"], mine["brand"]] = rows + 1
    np.testing.assert_array_equal(kept(world)["distributor"], working)
    due = world.distributors_due.link["day"]
    np.testing.assert_array_equal(np.flatnonzero(due != NEVER), rows)
    assert (due > today).all()
    assert world.distributors_due.length.sum() == rows.size
    assert not world.relationships["dropped_out"][mine["person"], mine["brand"]].any()
    assert (world.people["exit_day"][mine["person"]] > today).all()
    relationships = world.relationships
    role = np.where(kept(world)["koc"] & ~relationships["dropped_out"], KOC, CUSTOMER)
    role[working > 0] = DISTRIBUTOR
    np.testing.assert_array_equal(relationships["role"], role)
    np.testing.assert_array_equal(world.people["role"], role.max(axis=1))


def check_joining(market: Market, theirs: Table) -> None:
    """Check that those who joined today were eligible, given what they were the evening before."""
    world, today = market.world, market.day - 1
    new = market.distributors[market.distributors["joined_day"] == today]
    was = theirs[new["person"], new["brand"]]
    agency = world.selling_plans[new["brand"]]
    assert (was["vested"] >= agency["referrals"]).all()
    assert (was["pitch_from"] <= today).all()
    assert (was["distributor"] == 0).all()
    assert (world.relationships["orders"][new["person"], new["brand"]] > 0).all()
    assert (new["fee_cents"] == agency["fee_cents"]).all()
    assert (new["paid_cents"] <= new["stock_cents"]).all()


def check_commissions(market: Market, before: Table) -> None:
    """Check today's commissions: what all uplines get is the way from the seller's level to the
    highest one, and peer bonuses are at most one a sale."""
    agents, world, now = market.distributors, market.world, promises(market)
    was = np.concatenate([before["state"], np.full(len(now) - len(before), State.CLAIMED)])
    vested = (now["state"] == State.VESTED) & (was != State.VESTED)
    sold = now[vested & (now["kind"] == Promise.RESALE)]
    amount = market.orders["list_cents"][sold["order"]]
    way, peers, above = np.zeros(len(sold)), np.zeros(len(sold)), np.zeros(len(sold), np.int64)
    for k, promise in enumerate(sold):
        b = promise["brand"]
        ups = [agents[row] for row in uplines(agents, promise["distributor"])]
        active = [up["level"] for up in ups if up["quit_day"] == NO_DAY]
        own = agents["level"][promise["distributor"]]
        discount = world.levels["discount"][b]
        way[k] = amount[k] * (discount[max([own, *active])] - discount[own])
        peers[k] = amount[k] * world.selling_plans["peer_bonus"][b] * bool(active)
        above[k] = len(active)
    paid = market.books.daily[-1]
    both = paid[:, Account.COMMISSIONS] + paid[:, Account.PEER_BONUSES]
    assert (both <= per_brand(market, sold["brand"], sold["reserve_cents"])).all()
    cents = 0.5 * per_brand(market, sold["brand"], above) + 1e-6
    owed = np.zeros((2, len(market.brand_names)))
    np.add.at(owed[0], sold["brand"], way)
    np.add.at(owed[1], sold["brand"], peers)
    assert (np.abs(paid[:, Account.COMMISSIONS] - owed[0]) <= cents).all()
    assert (paid[:, Account.PEER_BONUSES] <= owed[1] + cents).all()


# --- the run as a whole -------------------------------------------------------------------------


def uplines(agents: Table, row: int) -> list[int]:
    """Return the rows of all above one, from below."""
    above = []
    while agents[row]["upline"] >= 0:
        row = agents[row]["upline"]
        above.append(row)
    return above


def check_trees(market: Market) -> None:
    """Check that everybody joined under somebody of the same brand who had joined before."""
    agents = market.distributors
    assert (np.diff(agents["joined_day"]) >= 0).all()
    recruited = np.flatnonzero(agents["upline"] >= 0)
    above = agents[agents["upline"][recruited]]
    assert (agents["upline"] < np.arange(len(agents))).all()
    assert (above["joined_day"] < agents["joined_day"][recruited]).all()
    np.testing.assert_array_equal(above["brand"], agents["brand"][recruited])
    assert (above["person"] != agents["person"][recruited]).all()
    left = above["quit_day"]
    assert ((left == NO_DAY) | (left >= agents["joined_day"][recruited])).all()
    recruits = np.bincount(agents["upline"][recruited], minlength=len(agents))
    np.testing.assert_array_equal(agents["recruits"], recruits)
    gone = agents[agents["quit_day"] != NO_DAY]
    assert (gone["quit_day"] >= gone["joined_day"]).all()
    np.testing.assert_array_equal(
        count(market, "joins"), per_day(market, agents["joined_day"], agents["brand"])
    )
    np.testing.assert_array_equal(
        count(market, "quits"), per_day(market, gone["quit_day"], gone["brand"])
    )


def check_sales(market: Market) -> None:
    """Check that what distributors sold, hold and earned is what people bought from them."""
    agents, orders, world = market.distributors, market.orders, market.world
    sold = orders[orders["seller"] >= 0]
    np.testing.assert_array_equal(
        count(market, "resales"), per_day(market, sold["day"], sold["brand"])
    )
    seller = agents[sold["seller"]]
    np.testing.assert_array_equal(seller["brand"], sold["brand"])
    assert (seller["joined_day"] < sold["day"]).all()
    assert ((seller["quit_day"] == NO_DAY) | (seller["quit_day"] >= sold["day"])).all()
    for agent in agents:
        own = orders[(orders["person"] == agent["person"]) & (orders["brand"] == agent["brand"])]
        until = 10**6 if agent["quit_day"] == NO_DAY else agent["quit_day"]
        during = (own["day"] > agent["joined_day"]) & (own["day"] <= until)
        assert (own["seller"][during] < 0).all(), "a distributor buys for himself directly"
    kept = sold[~sold["refunded"]]
    for field, amount in (("sales_cents", "list_cents"), ("margin_cents", "margin_cents")):
        total = np.zeros(len(agents), np.int64)
        np.add.at(total, kept["seller"], kept[amount])
        np.testing.assert_array_equal(agents[field], total, field)
    for field in ("stock_cents", "paid_cents", "commission_cents", "bonus_cents"):
        assert (agents[field] >= 0).all(), field
    assert (agents["paid_cents"] <= agents["stock_cents"]).all()
    team = np.zeros(len(agents), np.int64)
    for promise in promises(market):
        if promise["kind"] == Promise.RESALE and promise["state"] == State.VESTED:
            rows = [promise["distributor"], *uplines(agents, promise["distributor"])]
            team[rows] += orders[promise["order"]]["list_cents"]
    np.testing.assert_array_equal(agents["team_cents"], team)
    assert (team >= world.levels["sales_cents"][agents["brand"], agents["level"]]).all()
    risen = per_brand(market, agents["brand"], agents["level"].astype(np.int64))
    assert (count(market, "promotions").sum(axis=0) <= risen).all()


@quick_and_slow
def test_distributors_hang_together_in_every_market(examples):
    seen: Counter[str] = Counter()

    @of_all(lively_markets(), examples)
    def holds(config: dict[str, Any], seed: int) -> None:
        market = Market(config, rng=seed)
        theirs, before = kept(market.world), promises(market).copy()
        for _ in days_of(market):
            check_who_is_at_work(market)
            check_joining(market, theirs)
            check_commissions(market, before)
            theirs, before = kept(market.world), promises(market).copy()
        check_trees(market)
        check_sales(market)
        seen.update(what_happened(market))
        seen["recruited"] += (market.distributors["upline"] >= 0).sum()
        seen.update(Account(k).name for k in np.flatnonzero(market.books.daily.any(axis=(0, 1))))
        market.run_on()
        check_who_is_at_work(market)

    holds()
    for event in ("promotions", "quits", "recruiting_refused", "RESALE VOID", "recruited"):
        assert seen[event], f"never seen: {event}"
    assert seen["COMMISSIONS"] and seen["PEER_BONUSES"] and seen["RECRUIT_BONUSES"]

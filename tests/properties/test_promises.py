"""Rewards, commissions and bonuses in every market: accrued, kept or void, and paid once."""

from collections import Counter
from typing import Any

import numpy as np
from any_market import (
    Table,
    assert_same,
    count,
    days_of,
    lively_markets,
    of_all,
    per_brand,
    promises,
    quick_and_slow,
    what_happened,
)

from sim.accruals import Kind as Promise
from sim.accruals import State
from sim.books import Account
from sim.engine.calendar import NEVER
from sim.market import Market
from sim.state import NO_DAY
from tests.kept import kept

SPENT = [
    Account.TOUCHES,
    Account.REFERRAL_ASKS,
    Account.RECRUITING,
    Account.TRAINING,
    Account.REFERRAL_CASH,
    Account.REFERRAL_GOODS,
    Account.REFERRAL_POINTS,
    Account.STATUS_REWARDS,
    Account.COMMISSIONS,
    Account.PEER_BONUSES,
    Account.RECRUIT_BONUSES,
]
MAY_COME = {
    State.ACCEPTED: {State.ACCEPTED, State.VESTED, State.VOID},
    State.VESTED: {State.VESTED},
    State.VOID: {State.VOID},
    State.UNFUNDED: {State.UNFUNDED},
}


def value(promise: Table) -> Table:
    return promise["cash_cents"] + promise["goods_cents"] + promise["points_cents"]


def of_kind(promise: Table, kind: Promise) -> Table:
    return promise[promise["kind"] == kind]


def accrued(promise: Table) -> Table:
    return promise[np.isin(promise["state"], [State.ACCEPTED, State.VESTED])]


# --- books --------------------------------------------------------------------------------------


def check_books(market: Market) -> None:
    """Check that what is owed, and what was paid, is what people hold and have had."""
    total, world, all_ = market.books.daily.sum(axis=0), market.world, promises(market)
    booked = {account: total[:, account] for account in Account}

    def same(account: Account, brand: Table, amount: Table) -> None:
        assert_same(booked[account], per_brand(market, brand, amount), account.name)

    held = kept(world)["goods_cents"].sum(axis=0)
    waits = all_[all_["state"] == State.ACCEPTED]
    pending = per_brand(market, waits["brand"], value(waits)) + held
    assert_same(booked[Account.REWARDS_PENDING], pending, "pending")
    assert_same(booked[Account.POINTS_OWED], kept(world)["points_cents"].sum(axis=0), "points")
    rewards = accrued(of_kind(all_, Promise.REFERRAL))
    same(Account.REFERRAL_CASH, rewards["brand"], rewards["cash_cents"])
    same(Account.REFERRAL_GOODS, rewards["brand"], rewards["goods_cents"])
    same(Account.REFERRAL_POINTS, rewards["brand"], rewards["points_cents"])
    bonuses = accrued(of_kind(all_, Promise.RECRUIT))
    same(Account.RECRUIT_BONUSES, bonuses["brand"], bonuses["cash_cents"])
    agents = market.distributors
    for account, field in (
        (Account.CHANNEL_DEPOSITS, "paid_cents"),
        (Account.JOINING_FEES, "fee_cents"),
        (Account.RESELLER_MARGINS, "margin_cents"),
    ):
        same(account, agents["brand"], agents[field])
    commissions = booked[Account.COMMISSIONS] + booked[Account.PEER_BONUSES]
    earned = per_brand(market, agents["brand"], agents["commission_cents"])
    assert_same(commissions, earned, "commissions")
    paid = of_kind(all_, Promise.RECRUIT)
    paid = paid[paid["state"] == State.VESTED]
    bonus = np.zeros(len(agents), np.int64)
    np.add.at(bonus, agents["upline"][paid["distributor"]], paid["cash_cents"])
    assert_same(agents["bonus_cents"], bonus, "bonuses")


def check_budgets(market: Market) -> None:
    """Check what strategies have spent and set aside against books, promises and budgets.

    For a status reward that may come it is set aside once, whichever friend brings it.
    """
    world, all_ = market.world, promises(market)
    portfolio = market._portfolio
    of = np.array([run.brand for run in portfolio], np.int64)
    total = market.books.daily.sum(axis=0)
    assert_same(per_brand(market, of, world.spent), total[:, SPENT].sum(axis=1), "spent")
    waits = of_kind(all_[all_["state"] == State.ACCEPTED], Promise.RESALE)
    reserved = np.zeros(len(portfolio), np.int64)
    np.add.at(reserved, waits["strategy"], waits["reserve_cents"])
    for b in np.flatnonzero(world.statuses["strategy"] >= 0):
        theirs, status = kept(world)[:, b], world.statuses[b]
        to_come = theirs["status_reserved"] & ~theirs["koc"]
        reserved[status["strategy"]] += to_come.sum() * status["cost_cents"]
    assert_same(world.reserved, reserved, "set aside")
    rewards = np.zeros(len(portfolio), np.int64)
    np.add.at(rewards, accrued(all_)["strategy"], value(accrued(all_)))
    assert (world.spent >= rewards).all()
    for run, spent, set_aside in zip(portfolio, world.spent, world.reserved, strict=True):
        if run.strategy.budget is not None:
            come_in = run.strategy.budget * 100 * min(1.0, market.day / market.config.days)
            assert spent + set_aside <= come_in, run.name


# --- promises -----------------------------------------------------------------------------------


def check_moves(market: Market, before: Table) -> None:
    """Check what became of promises today, given what there was the evening before."""
    today, orders, now = market.day - 1, market.orders, promises(market)
    old, fixed = now[: len(before)], [name for name in now.dtype.names if name != "state"]
    assert_same(old[fixed], before[fixed], "changed afterwards")
    moved = set(zip(before["state"].tolist(), old["state"].tolist(), strict=True))
    assert all(has in MAY_COME[State(was)] for was, has in moved)
    assert not (now["state"] == State.CLAIMED).any()
    was = np.concatenate([before["state"], np.full(len(now) - len(before), State.CLAIMED)])
    real = now["kind"] != Promise.EXPIRY
    vested = now[(now["state"] == State.VESTED) & (was != State.VESTED) & real]
    assert (vested["due_day"] <= today).all(), "vested too early"
    order = orders[vested["order"][vested["order"] >= 0]]
    assert not order["refunded"].any(), "paid for what was sent back"
    closes = order["arrived_day"] + market.world.products["refund_days"][order["product"]]
    assert (order["arrived_day"] != NO_DAY).all()
    assert (closes < today).all(), "vested while it could be sent back"
    void = now[(now["state"] == State.VOID) & (was != State.VOID)]
    about_order = void["order"] >= 0
    assert orders["refunded"][void["order"][about_order]].all()
    agents = market.distributors
    recruit = agents[void["distributor"][~about_order]]
    assert (
        (recruit["quit_day"] != NO_DAY) | (agents["quit_day"][recruit["upline"]] != NO_DAY)
    ).all()
    due = market.world.accruals_due.link["day"]
    assert_same(due[: len(now)] != NEVER, now["state"] == State.ACCEPTED, "on the calendar")
    assert (due > today).all(), "overdue"
    assert (due[len(now) :] == NEVER).all()
    assert market.world.accruals_due.length.sum() == (due != NEVER).sum()


def check_claims(market: Market) -> None:
    """Check that every claim was entered once, and to whom it is due."""
    orders, invitations, agents = market.orders, market.invitations, market.distributors
    world, all_ = market.world, promises(market)
    rewards = of_kind(all_, Promise.REFERRAL)
    under = orders[orders["invitation"] >= 0]["invitation"]
    assert (invitations["terms"][under] != 0).all(), "each is under some programme"
    expected = Counter()
    for number in np.flatnonzero(orders["invitation"] >= 0):
        invitation = invitations[orders[number]["invitation"]]
        start, end = world.programmes_of[orders[number]["brand"]]
        rows = [row for row in range(start, end) if invitation["terms"] >> (row - start) & 1]
        expected.update((number, row, invitation["referrer"]) for row in rows)
    claimed = rewards[["order", "programme", "person"]]
    assert Counter(claimed.tolist()) == expected
    assert all(times == 1 for times in Counter(claimed.tolist()).values())
    resales = of_kind(all_, Promise.RESALE)
    sold = np.flatnonzero(orders["seller"] >= 0)
    assert sorted(resales["order"]) == sold.tolist()
    assert_same(resales["distributor"], orders["seller"][resales["order"]], "sellers")
    unshared = resales[agents["upline"][resales["distributor"]] < 0]
    assert (unshared["state"] != State.UNFUNDED).all(), "needs no money"
    recruits = of_kind(all_, Promise.RECRUIT)
    bonus = world.selling_plans["recruit_bonus_cents"][agents["brand"]]
    recruited = np.flatnonzero((agents["upline"] >= 0) & (bonus > 0))
    assert_same(recruits["distributor"], recruited, "recruits")
    assert (recruits["person"] == agents["person"][agents["upline"][recruited]]).all()


def check_goods(market: Market) -> None:
    """Check that goods pending or earned are counted, and none are kept back after the last."""
    world, rewards = market.world, accrued(of_kind(promises(market), Promise.REFERRAL))
    carries = rewards[rewards["goods"]]
    number = np.zeros(world.relationships.shape, np.int64)
    np.add.at(number, (carries["person"], carries["brand"]), 1)
    assert_same(kept(world)["goods_claimed"], number, "goods")
    assert (kept(world)["goods_friends"] <= number).all()
    for programme in world.programmes[world.programmes["goods_cents"] > 0]:
        theirs = kept(world)[:, programme["brand"]]
        at = programme["goods_at"][programme["goods_at"] > 0]
        assert (theirs["goods_claimed"] <= max(at)).all()
        handed_over = np.isin(theirs["goods_friends"], at)
        assert (theirs["goods_cents"][handed_over] == 0).all()


def check_points(market: Market) -> None:
    """Check that whoever holds points has a day on which they lapse."""
    world, now = market.world, promises(market)
    holds = kept(world)["points_cents"] > 0
    assert (kept(world)["points_until"][holds] >= market.day - 1).all()
    looks = now[(now["kind"] == Promise.EXPIRY) & (now["state"] == State.ACCEPTED)]
    looked_for = np.zeros(holds.shape, bool)
    looked_for[looks["person"], looks["brand"]] = True
    assert looked_for[holds].all()


def check_kocs(market: Market) -> None:
    """Check that who has referred as many friends as it takes is a KOC, and nobody else.

    Only if the budget has no room, or the status reward's own promise is open still, it has not come yet.
    """
    world, rewards = market.world, of_kind(promises(market), Promise.REFERRAL)
    assert count(market, "kocs").sum() == kept(world)["koc"].sum()
    for b in np.flatnonzero(world.statuses["strategy"] >= 0):
        theirs, status = kept(world)[:, b], world.statuses[b]
        full = theirs["vested"] >= status["friends"]
        assert full[theirs["koc"]].all()
        leads = (rewards["brand"] == b) & (rewards["strategy"] == status["strategy"])
        mine = rewards[leads & rewards["friend"]]
        settled = np.isin(np.arange(len(full)), mine["person"])
        settled[mine["person"][np.isin(mine["state"], [State.ACCEPTED, State.UNFUNDED])]] = False
        assert_same(theirs["koc"][settled], full[settled], "KOCs")


def check_continuation(market: Market) -> None:
    """Check that the terminal period keeps promises as well, and makes no new ones to refer."""
    before, invited = promises(market).copy(), len(market.invitations)
    joined = len(market.distributors)
    market.run_on()
    check_moves(market, before)
    new = promises(market)[len(before) :]
    assert set(new["kind"]) <= {Promise.RESALE, Promise.EXPIRY}
    assert (len(market.invitations), len(market.distributors)) == (invited, joined)


@quick_and_slow
def test_promises_are_kept_once_and_booked_in_every_market(examples):
    seen: Counter[str] = Counter()

    @of_all(lively_markets(), examples)
    def holds(config: dict[str, Any], seed: int) -> None:
        market = Market(config, rng=seed)
        before = promises(market).copy()
        for _ in days_of(market):
            check_books(market)
            check_budgets(market)
            check_moves(market, before)
            check_goods(market)
            check_points(market)
            check_kocs(market)
            before = promises(market).copy()
        check_claims(market)
        seen.update(what_happened(market))
        check_continuation(market)

    holds()
    for kind in ("REFERRAL", "RESALE", "RECRUIT"):
        for state in ("ACCEPTED", "VESTED", "VOID", "UNFUNDED"):
            rare = kind == "RECRUIT" and (state != "VESTED")
            if not rare or examples > 1000:
                assert seen[f"{kind} {state}"], f"never seen: {kind} {state}"
    assert seen["EXPIRY VESTED"]
    assert seen["kocs"]

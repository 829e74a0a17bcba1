"""Metrics of referral programmes: the funnel, how it spreads, and what is paid and owed for it."""

import numpy as np
from numpy.typing import NDArray

from experiments.flows import REWARDS, added
from experiments.records import Records, once
from experiments.registry import Numbers, flow, metric, ratio
from sim.state import NO_DAY

K_DAYS = 365
"""How long a customer is followed to see whom he brings."""


def _invited(records: Records, rows: NDArray[np.bool_]) -> Numbers:
    return records.per_brand(records.invitations["brand"][rows].astype(np.int64))


def _by_day(records: Records, field: str) -> NDArray[np.int64]:
    """Count invitations by a day of theirs; what has not happened has none."""
    day = records.invitations[field]
    happened = day != NO_DAY
    return records.per_day(day[happened], records.invitations["brand"][happened])


# -- the funnel -----------------------------------------------------------------------------------


@flow("eligible (satisfied when asked)", "times")
def referral_eligible(records: Records) -> NDArray[np.int64]:
    """Messages asking for friends that went to customers satisfied with product and service."""
    return records.counted("referral_eligible")


@flow("asked (and answered)", "times")
def referral_asked(records: Records) -> NDArray[np.int64]:
    """Messages asking for friends that were answered, by the satisfied or not."""
    return records.counted("referral_asked")


@flow("shared (agreed to invite)", "times")
def referral_shared(records: Records) -> NDArray[np.int64]:
    """Askings answered that moved to invite friends: one, several or, by chance, none."""
    return records.counted("referral_shared")


@metric("share rate", "share")
def share_rate(records: Records) -> Numbers:
    """Share of askings answered that moved to invite friends."""
    return ratio(referral_shared(records), referral_asked(records))


@metric("customers who shared", "share")
def sharers(records: Records) -> Numbers:
    """Share of the customers who ordered in the run that sent at least one invitation in it.

    Programmes report it as the share rate after a purchase.
    """
    sent = np.zeros(len(records.customers), bool)
    table = records.invitations
    sent[records.rows_of(table["referrer"], table["brand"])] = True
    active = records.customers["last_day"] >= 0
    brand = records.customers["brand"]
    return ratio(records.per_brand(brand[active & sent]), records.per_brand(brand[active]))


@flow("invitations", "invitations")
def invitations(records: Records) -> NDArray[np.int64]:
    """Invitations sent by customers under a referral programme, asked for or of themselves."""
    return _by_day(records, "day")


@metric("invitations per share", "ratio")
def invitations_per_share(records: Records) -> Numbers:
    """Invitations that the brand had asked for, per time that somebody agreed."""
    return ratio(_invited(records, records.invitations["asked"]), referral_shared(records))


@flow("invitations followed", "invitations")
def clicks(records: Records) -> NDArray[np.int64]:
    """Invitations that were followed; who has ordered before cannot follow one."""
    return _by_day(records, "clicked_day")


@metric("click rate", "share")
def click_rate(records: Records) -> Numbers:
    """Share of all invitations that were followed, those to people who could not included."""
    return ratio(clicks(records), invitations(records))


@metric("shares that were followed", "share")
def followed_shares(records: Records) -> Numbers:
    """Share of sharings, a customer's invitations of one day, of which at least one was followed.

    Programmes report it as shares that bring a visit.
    """
    table = records.invitations
    fields = [table[name].astype(np.int64) for name in ("referrer", "day", "brand")]
    shares, place = np.unique(np.stack(fields), axis=1, return_inverse=True)
    visited = np.zeros(shares.shape[1], bool)
    visited[place.reshape(-1)[table["clicked_day"] != NO_DAY]] = True
    return ratio(records.per_brand(shares[2][visited]), records.per_brand(shares[2]))


@flow("friends who bought", "people")
def referred_customers(records: Records) -> NDArray[np.int64]:
    """People whose first order came while an invitation that they had followed held."""
    made = records.invitations[records.invitations["order"] >= 0]
    return records.per_day(records.orders["day"][made["order"]], made["brand"])


@metric("buy rate", "share")
def buy_rate(records: Records) -> Numbers:
    """Share of invitations followed that led to a first order by the end of the run."""
    return ratio(referred_customers(records), clicks(records))


@flow("referrals vested", "people")
def referrals_vested(records: Records) -> NDArray[np.int64]:
    """Friends for whom the reward was earned: the window had closed on an order that was kept."""
    return _by_day(records, "vested_day")


@metric("referrals void", "people")
def referrals_void(records: Records) -> Numbers:
    """Friends for whom no reward was due because their first order was paid back."""
    return _invited(records, records.invitations["void"])


@metric("vest rate", "share")
def vest_rate(records: Records) -> Numbers:
    """Share vested of referrals vested or void; those pending at the end are in neither number."""
    vested = referrals_vested(records)
    return ratio(vested, vested + referrals_void(records))


@flow("bad referrals", "people")
def bad_referrals(records: Records) -> NDArray[np.int64]:
    """Friends whose first order left them dissatisfied, and who told the referrer so."""
    return records.counted("bad_referrals")


# -- how it spreads -------------------------------------------------------------------------------


@metric("referred share of new customers", "share")
def referred_share(records: Records) -> Numbers:
    """Share of the run's new customers who came by an invitation."""
    new = records.per_brand(records.customers["brand"][records.newcomer])
    return ratio(referred_customers(records), new)


def _cohort(records: Records) -> NDArray[np.bool_]:
    """Return bool[customers]: newcomers who were observed for `K_DAYS` after their first order."""
    return records.newcomer & (records.followed >= K_DAYS)


@once
def _brought(records: Records) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return brand and days of what the cohort brought: from first order to the friend's first."""
    made = records.invitations[records.invitations["order"] >= 0]
    referrer = records.rows_of(made["referrer"], made["brand"])
    begun = records.customers["first_day"][referrer].astype(np.int64)
    days = records.orders["day"][made["order"]] - begun
    counts = _cohort(records)[referrer] & (days <= K_DAYS)
    return made["brand"][counts].astype(np.int64), days[counts]


@metric("K-factor, one year", "friends per customer")
def k_factor(records: Records) -> Numbers:
    """Friends brought within 365 days of one's own first order, per customer.

    Over the run's new customers whose first order is at least 365 days before its last day, so that
    nobody's year is cut off. A friend counts with the first order, kept or not. NaN if the run is
    too short.
    """
    brand, _ = _brought(records)
    cohort = records.per_brand(records.customers["brand"][_cohort(records)])
    return ratio(records.per_brand(brand), cohort)


@metric("generation time", "days")
def generation_days(records: Records) -> Numbers:
    """Mean days from a referrer's first order to the friend's, over what the K-factor counts."""
    brand, days = _brought(records)
    return ratio(records.per_brand(brand, days), records.per_brand(brand))


@metric("referred by the referred", "share")
def chained_share(records: Records) -> Numbers:
    """Share of referred customers whose referrer had been referred too: trees deeper than one."""
    made = records.invitations[records.invitations["order"] >= 0]
    width, brand = len(records.brands), made["brand"].astype(np.int64)
    friend = made["friend"].astype(np.int64) * width + brand
    referrer = made["referrer"].astype(np.int64) * width + brand
    deep = np.isin(referrer, friend)
    return ratio(records.per_brand(brand[deep]), records.per_brand(brand))


# -- what it costs --------------------------------------------------------------------------------


@flow("cost of rewards", "CNY")
def reward_cost(records: Records) -> NDArray[np.int64]:
    """Cash, goods and points for friends, pending ones included, less points that lapsed."""
    return added(records.daily, REWARDS)


@flow("cost of honours", "CNY")
def honour_cost(records: Records) -> NDArray[np.int64]:
    """Return what certificates, ceremonies and salons for those honoured cost, with contacts."""
    return records.account("status_rewards")


@flow("cost of asking for friends", "CNY")
def ask_cost(records: Records) -> NDArray[np.int64]:
    """Return what contacts that ask customers to invite friends cost."""
    return records.account("referral_asks")


@flow("friends' discounts", "CNY")
def friend_discounts(records: Records) -> NDArray[np.int64]:
    """Return what friends got off their first orders, those sent back later included."""
    return records.account("friend_discounts")


@flow("KOCs made", "people")
def kocs(records: Records) -> NDArray[np.int64]:
    """People whom the brand honoured as KOCs for friends referred."""
    return records.counted("kocs")


@metric("points owed at the end", "CNY")
def points_owed(records: Records) -> Numbers:
    """Points in customers' hands at the end of the run, at what they will cost: a liability."""
    return records.total("points_owed") / 100


@flow("points lapsed", "CNY")
def points_lapsed(records: Records) -> NDArray[np.int64]:
    """Points that lapsed unused, at what they would have cost."""
    return -records.account("points_breakage")


@metric("rewards pending at the end", "CNY")
def rewards_pending(records: Records) -> Numbers:
    """Rewards and recruit bonuses promised, accrued and not yet handed over: a liability."""
    return records.total("rewards_pending") / 100


@metric("breakage", "share")
def points_breakage(records: Records) -> Numbers:
    """Share of points given that had lapsed by the end of the run, at cost.

    Given: promised for friends and not void, those still pending included.
    """
    return ratio(points_lapsed(records), records.total("referral_points") / 100)


@metric("liabilities at the end", "CNY")
def liabilities(records: Records) -> Numbers:
    """Return what the brand owes at the end of the run: points, rewards pending, channel deposits.

    The last are what distributors have paid for stock that nobody has bought. Only what arose in
    the run.
    """
    return records.total("points_owed", "rewards_pending", "channel_deposits") / 100

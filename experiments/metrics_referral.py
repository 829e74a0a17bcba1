"""Metrics of referral programmes: the funnel, how it spreads, and what is paid and owed for it."""

import numpy as np
from numpy.typing import NDArray

from experiments.records import Records, once
from experiments.registry import Numbers, metric, ratio
from sim.state import NO_DAY

K_DAYS = 365
"""How long a customer is followed to see whom he brings."""
REWARDS = ("referral_cash", "referral_goods", "referral_points", "points_breakage")
"""Accounts of what is given for friends."""


def _invited(records: Records, rows: NDArray[np.bool_]) -> Numbers:
    return records.per_brand(records.invitations["brand"][rows].astype(np.int64))


def _everybody(records: Records) -> NDArray[np.bool_]:
    return np.ones(len(records.invitations), bool)


# -- the funnel -----------------------------------------------------------------------------------


@metric("eligible (satisfied when asked)", "times")
def referral_eligible(records: Records) -> Numbers:
    """Messages asking for friends that went to customers satisfied with product and service."""
    return records.count("referral_eligible").astype(np.float64)


@metric("asked (and answered)", "times")
def referral_asked(records: Records) -> Numbers:
    """Messages asking for friends that were answered, by the satisfied or not."""
    return records.count("referral_asked").astype(np.float64)


@metric("shared (agreed to invite)", "times")
def referral_shared(records: Records) -> Numbers:
    """Askings answered that moved to invite friends: one, several or, by chance, none."""
    return records.count("referral_shared").astype(np.float64)


@metric("share rate", "share")
def share_rate(records: Records) -> Numbers:
    """Share of askings answered that moved to invite friends."""
    return ratio(referral_shared(records), referral_asked(records))


@metric("invitations", "invitations")
def invitations(records: Records) -> Numbers:
    """Invitations sent by customers under a referral programme, asked for or of themselves."""
    return _invited(records, _everybody(records))


@metric("invitations per share", "ratio")
def invitations_per_share(records: Records) -> Numbers:
    """Invitations that the brand had asked for, per time that somebody agreed."""
    return ratio(_invited(records, records.invitations["asked"]), referral_shared(records))


@metric("invitations followed", "invitations")
def clicks(records: Records) -> Numbers:
    """Invitations that were followed; who has ordered before cannot follow one."""
    return _invited(records, records.invitations["clicked_day"] != NO_DAY)


@metric("click rate", "share")
def click_rate(records: Records) -> Numbers:
    """Share of all invitations that were followed, those to people who could not included."""
    return ratio(clicks(records), invitations(records))


@metric("friends who bought", "people")
def referred_customers(records: Records) -> Numbers:
    """People whose first order came while an invitation that they had followed held."""
    return _invited(records, records.invitations["order"] >= 0)


@metric("buy rate", "share")
def buy_rate(records: Records) -> Numbers:
    """Share of invitations followed that led to a first order by the end of the run."""
    return ratio(referred_customers(records), clicks(records))


@metric("referrals vested", "people")
def referrals_vested(records: Records) -> Numbers:
    """Friends for whom the reward was earned: the window had closed on an order that was kept."""
    return _invited(records, records.invitations["vested_day"] != NO_DAY)


@metric("referrals void", "people")
def referrals_void(records: Records) -> Numbers:
    """Friends for whom no reward was due because their first order was paid back."""
    return _invited(records, records.invitations["void"])


@metric("vest rate", "share")
def vest_rate(records: Records) -> Numbers:
    """Share vested of referrals vested or void; those pending at the end are in neither number."""
    vested = referrals_vested(records)
    return ratio(vested, vested + referrals_void(records))


@metric("bad referrals", "people")
def bad_referrals(records: Records) -> Numbers:
    """Friends whose first order left them dissatisfied, and who told the referrer so."""
    return records.count("bad_referrals").astype(np.float64)


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


@metric("cost of rewards", "CNY")
def reward_cost(records: Records) -> Numbers:
    """Cash, goods and points for friends, pending ones included, less points that lapsed."""
    return records.total(*REWARDS) / 100


@metric("cost of honours", "CNY")
def honour_cost(records: Records) -> Numbers:
    """Return what certificates, ceremonies, salons and other events cost."""
    return records.total("referral_honour") / 100


@metric("KOCs made", "people")
def kocs(records: Records) -> Numbers:
    """People whom the brand honoured as KOCs for friends referred."""
    return records.count("kocs").astype(np.float64)


@metric("points owed at the end", "CNY")
def points_owed(records: Records) -> Numbers:
    """Points in customers' hands at the end of the run, at what they will cost: a liability."""
    return records.total("points_owed") / 100


@metric("rewards pending at the end", "CNY")
def rewards_pending(records: Records) -> Numbers:
    """Rewards and recruit bonuses promised, accrued and not yet handed over: a liability."""
    return records.total("rewards_pending") / 100


@metric("breakage", "share")
def points_breakage(records: Records) -> Numbers:
    """Share of points given that had lapsed by the end of the run, at cost.

    Given: promised for friends and not void, those still pending included.
    """
    lapsed = -records.total("points_breakage")
    return ratio(lapsed, records.total("referral_points"))

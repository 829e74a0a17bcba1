"""Metrics of referral programmes against plain loops, and against a market's own books."""

import dataclasses

import numpy as np
import pytest
from made_up import BRANDS, chain, made_up
from tiny_studies import social

from experiments import metrics, metrics_referral
from experiments.records import Records
from sim.counts import COUNTS
from sim.state import NO_DAY


@pytest.fixture(params=range(4), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param)


def invited(records: Records, brand: int) -> list:
    return [row for row in records.invitations if row["brand"] == brand]


def first_days(records: Records, brand: int) -> dict[int, int]:
    days: dict[int, int] = {}
    for order in records.orders:
        if order["brand"] == brand:
            days.setdefault(int(order["person"]), int(order["day"]))
    return days


def bought(records: Records, brand: int) -> list[tuple[int, int, int]]:
    """Referrer, friend and day of the friend's first order, of all referrals of a brand."""
    return [
        (int(x["referrer"]), int(x["friend"]), int(records.orders[x["order"]]["day"]))
        for x in invited(records, brand)
        if x["order"] >= 0
    ]


def check(metric, records: Records, function) -> None:
    expected = [function(brand) for brand in range(BRANDS)]
    assert metric(records) == pytest.approx(expected, nan_ok=True)


def count(records: Records, brand: int, name: str) -> int:
    return sum(int(day[brand][COUNTS.index(name)]) for day in records.counts)


def test_the_funnel(records):
    m, n = metrics_referral, BRANDS
    clicked = [sum(x["clicked_day"] != NO_DAY for x in invited(records, b)) for b in range(n)]
    asked = [sum(bool(x["asked"]) for x in invited(records, b)) for b in range(n)]
    friends = [len(bought(records, b)) for b in range(n)]
    vested = [sum(x["vested_day"] != NO_DAY for x in invited(records, b)) for b in range(n)]
    void = [sum(bool(x["void"]) for x in invited(records, b)) for b in range(n)]
    assert min(void) > 0 and min(vested) > 0
    check(m.invitations, records, lambda b: len(invited(records, b)))
    check(m.click_rate, records, lambda b: clicked[b] / len(invited(records, b)))
    check(m.buy_rate, records, lambda b: friends[b] / clicked[b])
    check(m.vest_rate, records, lambda b: vested[b] / (vested[b] + void[b]))
    shared = [count(records, b, "referral_shared") for b in range(n)]
    check(m.share_rate, records, lambda b: shared[b] / count(records, b, "referral_asked"))
    check(m.invitations_per_share, records, lambda b: asked[b] / shared[b])


def test_who_shares_and_which_shares_are_followed(records):
    def sharers(b):
        active = {
            int(c["person"]) for c in records.customers if c["brand"] == b and c["last_day"] >= 0
        }
        return len(active & {int(x["referrer"]) for x in invited(records, b)}) / len(active)

    def followed(b):
        shares: dict[tuple[int, int], bool] = {}
        for x in invited(records, b):
            key = (int(x["referrer"]), int(x["day"]))
            shares[key] = shares.get(key, False) or x["clicked_day"] != NO_DAY
        return np.mean(list(shares.values()))

    records.invitations["day"] = np.arange(len(records.invitations)) % 3
    check(metrics_referral.sharers, records, sharers)
    check(metrics_referral.followed_shares, records, followed)


def test_the_referred_share_is_of_the_customers_gained(records):
    def share(b):
        days = first_days(records, b)
        return len(bought(records, b)) / sum(day >= 0 for day in days.values())

    check(metrics_referral.referred_share, records, share)


def within_a_year(records: Records, brand: int) -> tuple[int, list[int]]:
    """How many customers can be followed for a year, and after how long each friend came."""
    days = first_days(records, brand)
    cohort = {who for who, day in days.items() if 0 <= day <= records.days - 1 - 365}
    waits = [day - days[who] for who, _, day in bought(records, brand) if who in cohort]
    return len(cohort), [wait for wait in waits if wait <= 365]


def test_the_k_factor_gives_every_customer_a_whole_year(records):
    def factor(b):
        size, waits = within_a_year(records, b)
        return len(waits) / size

    def generation(b):
        waits = within_a_year(records, b)[1]
        return np.mean(waits) if waits else float("nan")

    check(metrics_referral.k_factor, records, factor)
    check(metrics_referral.generation_days, records, generation)


def test_friends_who_come_late_or_by_late_customers_do_not_count():
    # 0 brings 1 after 10 days, 2 after 365 and 3 after 366; 1 brings 4 after 90; 5, who brings 6
    # after 10, came too late to be followed for a year
    days = [0, 10, 365, 366, 100, 500, 510, 434, 435]
    records = chain(days, [(0, 1), (0, 2), (0, 3), (1, 4), (5, 6)])
    cohort = 6  # those of days 0, 10, 100, 365, 366 and 434, the last with a year to go
    assert metrics_referral.k_factor(records)[0] == pytest.approx(3 / cohort)
    assert metrics_referral.generation_days(records)[0] == pytest.approx((10 + 365 + 90) / 3)
    assert np.isnan(metrics_referral.k_factor(dataclasses.replace(records, days=365))[0])


def test_whose_referrers_had_been_referred(records):
    def share(b):
        friends = {friend for _, friend, _ in bought(records, b)}
        return np.mean([referrer in friends for referrer, _, _ in bought(records, b)])

    check(metrics_referral.chained_share, records, share)


def test_chains():
    records = chain([0, 10, 20, 30, 40], [(0, 1), (1, 2), (2, 3), (0, 4)])
    assert metrics_referral.chained_share(records)[0] == pytest.approx(2 / 4)
    assert np.isnan(metrics_referral.chained_share(records)[1])


def test_a_referral_to_one_brand_makes_no_chain_with_another():
    records = chain([0, 10, 20], [(0, 1), (1, 2)])
    records.invitations["brand"][1] = 1
    records.customers["brand"][:] = [0, 1, 1]
    assert list(metrics_referral.chained_share(records)) == [0, 0]


def test_costs_and_liabilities(records):
    def booked(brand, *names):
        return sum(records.account(name)[:, brand].sum() for name in names) / 100

    given = ("referral_cash", "referral_goods", "referral_points", "points_breakage")
    check(metrics_referral.reward_cost, records, lambda b: booked(b, *given))
    check(metrics_referral.honour_cost, records, lambda b: booked(b, "status_rewards"))
    check(metrics_referral.ask_cost, records, lambda b: booked(b, "referral_asks"))
    check(metrics_referral.friend_discounts, records, lambda b: booked(b, "friend_discounts"))
    check(metrics_referral.points_owed, records, lambda b: booked(b, "points_owed"))
    check(metrics_referral.points_lapsed, records, lambda b: -booked(b, "points_breakage"))
    owed = ("points_owed", "rewards_pending", "channel_deposits")
    check(metrics_referral.liabilities, records, lambda b: booked(b, *owed))
    check(
        metrics_referral.points_breakage,
        records,
        lambda b: -booked(b, "points_breakage") / booked(b, "referral_points"),
    )


def test_without_a_programme_there_is_nothing_to_say():
    quiet = made_up(1)
    quiet = dataclasses.replace(quiet, invitations=quiet.invitations[:0], counts=quiet.counts * 0)
    table = metrics.table(quiet)
    rates = ["share_rate", "click_rate", "buy_rate", "vest_rate", "chained_share"]
    assert table[rates].isna().to_numpy().all()
    assert (table[["invitations", "referred_share", "k_factor", "kocs"]] == 0).to_numpy().all()


def test_the_funnel_of_a_market_is_that_of_its_own_counts():
    records = social()
    table = metrics.table(records).loc["A"]
    counted = {name: records.count(name)[0] for name in COUNTS}
    for metric, name in (
        ("invitations", "invitations"),
        ("clicks", "clicks"),
        ("referred_customers", "referred_orders"),
        ("referrals_vested", "rewards_vested"),
        ("referrals_void", "rewards_void"),
    ):
        assert table[metric] == counted[name] > 0, metric
    assert table["invitations"] > table["clicks"] > table["referred_customers"]
    open_ones = table["referred_customers"] - table["referrals_vested"] - table["referrals_void"]
    assert open_ones > 0
    assert table["points_owed"] > 0
    assert 0 < table["points_breakage"] < 1
    assert (records.orders["invitation"] >= 0).sum() == table["referred_customers"]

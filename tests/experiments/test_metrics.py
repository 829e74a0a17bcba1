"""Every metric against a plain loop over a tiny log of orders."""

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from made_up import BRANDS, DAYS, made_up
from tiny_studies import MARKET

from experiments import curves, flows, metrics
from experiments.records import Records, observe
from sim.accounts import Line, named
from sim.books import ACCOUNTS
from sim.config.yaml_file import parse
from sim.counts import COUNTS
from sim.market import Market


@pytest.fixture(params=range(4), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param)


def histories(records: Records, brand: int) -> list[list[tuple[int, ...]]]:
    """All customers' orders with a brand: (day, cents, refunded, product, net), in order of day."""
    out: dict[int, list[tuple[int, ...]]] = {}
    for order in records.orders:
        if order["brand"] == brand:
            left = order["paid_cents"] - order["margin_cents"]
            row = (order["day"], order["paid_cents"], order["refunded"], order["product"], left)
            out.setdefault(int(order["person"]), []).append(tuple(int(x) for x in row))
    return list(out.values())


def each(function):
    """Compare a metric with a function of (records, brand, histories)."""

    def check(records: Records, metric) -> None:
        expected = [function(records, b, histories(records, b)) for b in range(BRANDS)]
        assert metric(records) == pytest.approx(expected, nan_ok=True)

    return check


def account(records: Records, brand: int, name: str) -> float:
    return sum(int(day[brand][ACCOUNTS.index(name)]) for day in records.daily) / 100


def net(records: Records, brand: int) -> float:
    away = ("discounts", "coupons", "friend_discounts", "refunds", "reseller_margins")
    return account(records, brand, "gross_sales") - sum(account(records, brand, x) for x in away)


SERVING = (
    "cost_of_goods",
    "shipping",
    "touches",
    "commissions",
    "peer_bonuses",
    "recruit_bonuses",
    "training",
)
WINNING = (
    "acquisition",
    "referral_asks",
    "recruiting",
    "referral_cash",
    "referral_goods",
    "referral_points",
    "points_breakage",
    "status_rewards",
)


"""Costs of it: friends' discounts come on top, and are less revenue."""
SPENT = ("discounts", "coupons", "friend_discounts", "reseller_margins", *SERVING[2:], *WINNING)


def profit(records: Records, brand: int) -> float:
    costs = (*SERVING, *WINNING)
    return net(records, brand) - sum(account(records, brand, x) for x in costs)


def test_money(records):
    each(lambda r, b, h: account(r, b, "gross_sales"))(records, flows.gmv)
    each(lambda r, b, h: net(r, b))(records, flows.net_revenues)
    each(lambda r, b, h: profit(r, b))(records, flows.contribution_profit)
    each(lambda r, b, h: account(r, b, "touches"))(records, flows.touch_cost)


def long_run(records: Records, brand: int, value) -> float:
    total = 0.0
    for start, book in ((0, records.daily), (records.days, records.held)):
        for k in range(len(book)):
            day = dataclasses.replace(records, daily=book[k : k + 1])
            total += value(day, brand) * 1.1 ** (-(start + k) / 365)
    return total


def test_the_long_run_is_discounted_and_includes_the_customers_held(records):
    each(lambda r, b, h: long_run(r, b, net))(records, metrics.long_run_revenue)
    each(lambda r, b, h: long_run(r, b, profit))(records, metrics.long_run_contribution)
    spent = set(SPENT)
    each(lambda r, b, h: long_run(r, b, lambda r, b: sum(account(r, b, x) for x in spent)))(
        records, metrics.long_run_spend
    )
    no_end = dataclasses.replace(records, held=records.held[:0])
    whole = metrics.long_run_contribution(no_end) + metrics.terminal_equity(records)
    assert metrics.long_run_contribution(records) == pytest.approx(whole)


def test_every_account_is_spending_or_is_not():
    balances = named(Line.OWNED, Line.OWED, Line.APART)
    selling = ("gross_sales", "refunds", "cost_of_goods", "shipping")
    assert set(flows.SPENDING) == set(SPENT)
    assert sorted((*SPENT, *balances, *selling)) == sorted(ACCOUNTS)


def own(history):
    return [order for order in history if order[0] >= 0]


def test_orders_and_customers(records):
    each(lambda r, b, h: sum(len(own(x)) for x in h))(records, flows.orders)
    each(lambda r, b, h: sum(bool(own(x)) for x in h))(records, metrics.customers)
    each(lambda r, b, h: sum(x[0][0] >= 0 for x in h))(records, flows.new_customers)
    assert metrics.share_of_orders(records).sum() == pytest.approx(1)


def test_order_value_and_refunds(records):
    def value(r, b, h):
        return np.mean([order[1] for x in h for order in own(x)]) / 100

    def refunds(r, b, h):
        return np.mean([order[2] for x in h for order in own(x)])

    each(value)(records, metrics.aov)
    each(refunds)(records, metrics.refund_rate)


def test_the_repeat_rate_counts_only_those_followed_for_90_days(records):
    def rate(r, b, h):
        seen = [x for x in h if x[0][0] >= 0 and x[0][0] + 90 <= r.days - 1]
        return np.mean([len(x) > 1 and x[1][0] - x[0][0] <= 90 for x in seen])

    each(rate)(records, metrics.repeat_rate)


def test_annual_retention(records):
    def rate(r, b, h):
        start = r.days - 730
        before = [x for x in h if any(start <= order[0] < start + 365 for order in x)]
        return np.mean([any(order[0] >= start + 365 for order in x) for x in before])

    each(rate)(records, metrics.retention)


def test_annual_retention_may_begin_in_burn_in_but_not_before(records):
    reaching = dataclasses.replace(records, days=DAYS, burn_in=0)
    assert not np.isnan(metrics.retention(reaching)).any()
    short = dataclasses.replace(records, days=700, burn_in=29)
    assert np.isnan(metrics.retention(short)).all()


def test_gaps_are_within_a_category(records):
    def mean(r, b, h):
        gaps = []
        for history in h:
            for category in (0, 1):
                days = [order[0] for order in history if r.categories[order[3]] == category]
                gaps += [b - a for a, b in pairwise(days) if b >= 0]
        return np.mean(gaps)

    each(mean)(records, metrics.order_gap)
    table = curves.table(records)
    rows = table[(table["curve"] == "gap") & (table["brand"] == "A")]
    gap, brand = curves.gaps(records)
    weighted = (rows["x"] * rows["top"]).sum() / rows["top"].sum()
    assert weighted == pytest.approx(np.minimum(gap[brand == 0], curves.MAX_GAP).mean())
    assert (rows.groupby("y")["top"].sum() == rows.groupby("y")["bottom"].first()).all()


def test_cohorts(records):
    table = curves.table(records)
    cohort = table[table["curve"] == "cohort"].set_index(["brand", "x", "y"])
    for b, brand in enumerate(records.brands):
        for month in range(0, 27, 5):
            for age in (0, 1, 4, 20):
                members = [
                    [order[0] - x[0][0] for order in x]
                    for x in histories(records, b)
                    if x[0][0] >= 0
                    and x[0][0] // 30 == month
                    and x[0][0] + 30 * (age + 1) <= records.days
                ]
                if not members:
                    assert (brand, month, age) not in cohort.index
                    continue
                active = sum(any(30 * age <= t < 30 * (age + 1) for t in x) for x in members)
                row = cohort.loc[(brand, month, age)]
                assert (row["top"], row["bottom"]) == (active, len(members))


def test_kaplan_meier_against_lifelines_own_definition(records):
    table = curves.table(records)
    rows = table[(table["curve"] == "survival") & (table["brand"] == "A")]
    found = curves.survival(rows)
    waits = []
    for x in histories(records, 0):
        if x[0][0] >= 0:
            again = len(x) > 1
            waits.append((x[1][0] - x[0][0] if again else records.days - 1 - x[0][0], again))
    alive = 1.0
    for day in sorted({wait for wait, _ in waits}):
        risk = sum(wait >= day for wait, _ in waits)
        alive *= 1 - sum(wait == day and again for wait, again in waits) / risk
        assert found.loc[day, "risk"] == risk
        assert found.loc[day, "survival"] == pytest.approx(alive)


def test_kaplan_meier_of_pooled_runs_is_that_of_all_their_customers():
    one, two = (curves.table(made_up(k)) for k in (0, 1))
    rows = pd.concat([one, two])
    rows = rows[(rows["curve"] == "survival") & (rows["brand"] == "A")]
    pooled = curves.survival(rows)
    assert pooled["risk"].iloc[0] == rows["bottom"].sum()
    assert pooled["survival"].is_monotonic_decreasing


def test_lifetime_value(records):
    value = curves.lifetime_value(records)
    for b in range(BRANDS):
        costs = sum(account(records, b, x) for x in SERVING)
        revenue = net(records, b)
        margin = (revenue + account(records, b, "friend_discounts") - costs) / revenue
        for month in (1, 3, 12, 26):
            seen = [
                x
                for x in histories(records, b)
                if x[0][0] >= 0 and x[0][0] + 30 * month <= records.days
            ]
            kept = [sum(o[4] for o in x if o[0] - x[0][0] < 30 * month and not o[2]) for x in seen]
            expected = np.mean(kept) / 100 * margin
            assert margin > 0 and expected > 0
            assert value[b, month] == pytest.approx(expected)
    assert metrics.ltv(records) == pytest.approx(value[:, 12], nan_ok=True)


def test_acquisition_cost_is_advertising_and_rewards(records):
    def cost(r, b, h):
        spent = sum(account(r, b, x) for x in (*WINNING, "friend_discounts"))
        return spent / sum(x[0][0] >= 0 for x in h)

    each(cost)(records, metrics.cac)


def test_payback_is_the_first_month_that_reaches_acquisition_cost(records):
    value, cost = curves.lifetime_value(records), metrics.cac(records)
    for b, month in enumerate(metrics.payback(records)):
        reached = [k for k, x in enumerate(value[b]) if x >= cost[b] > 0]
        assert month == pytest.approx(reached[0] if reached else float("nan"), nan_ok=True)
    assert metrics.ltv_to_cac(records) == pytest.approx(metrics.ltv(records) / cost, nan_ok=True)


def test_counts(records):
    def count(name):
        return records.counts[..., COUNTS.index(name)].sum(axis=0)

    assert flows.dropouts_both(records) == pytest.approx(count("dropouts_both"))
    assert metrics.answer_rate(records) == pytest.approx(count("answers") / count("touches"))
    assert metrics.opt_out_rate(records) == pytest.approx(count("opt_outs") / count("touches"))


def test_a_market_where_nothing_happens():
    quiet = made_up(0)
    nothing = dataclasses.replace(
        quiet,
        orders=quiet.orders[:0],
        customers=quiet.customers[:0],
        daily=quiet.daily * 0,
        held=quiet.held * 0,
        counts=quiet.counts * 0,
        invitations=quiet.invitations[:0],
        distributors=quiet.distributors[:0],
    )
    table = metrics.table(nothing)
    assert (table["orders"] == 0).all()
    assert (
        table[["aov", "repeat_rate", "refund_rate", "ltv", "cac", "answer_rate"]]
        .isna()
        .to_numpy()
        .all()
    )
    assert set(curves.table(nothing)["curve"]) == {"newcomers"}


def test_the_numbers_of_a_market_agree_with_its_own_counts():
    market = Market(parse(MARKET).data, rng=3)
    records = observe(market)
    table = metrics.table(records)
    assert list(table["orders"]) == list(records.count("orders"))
    assert list(table["new_customers"]) == list(records.count("first_orders"))
    paid = records.net_cents[records.own].sum() / 100
    late = records.account("gross_sales").sum() / 100
    assert paid <= late
    assert records.held.shape == (10, 2, len(ACCOUNTS))
    assert (records.orders["day"] < market.config.days).all()
    assert (table["gmv"] > 0).all()


def test_every_metric_says_what_it_is():
    for name, metric in metrics.METRICS.items():
        assert metric.function.__doc__, name
        assert metric.label and metric.unit, name


def test_reminded_orders_per_100_touches(records):
    def count(b, name):
        return sum(int(day[b][COUNTS.index(name)]) for day in records.counts)

    @each
    def rate(_, b, __):
        return 100 * count(b, "reminded_orders") / count(b, "touches")

    rate(records, metrics.reminded_per_100_touches)

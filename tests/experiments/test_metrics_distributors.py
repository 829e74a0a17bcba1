"""Metrics of distributors and legal flags against plain loops, and against a market's own books."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from made_up import BRANDS, DAYS, made_up
from tiny_studies import social

from experiments import curves, flows, metrics, metrics_legal
from experiments import metrics_distributors as m
from experiments.records import Records
from sim.mechanisms.direct_selling.state import DISTRIBUTORSHIP
from sim.state import NO_DAY


@pytest.fixture(params=range(4), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param)


def team(records: Records, brand: int) -> list:
    return [row for row in records.distributors if row["brand"] == brand]


def check(metric, records: Records, function) -> None:
    expected = [function(team(records, brand)) for brand in range(BRANDS)]
    assert metric(records) == pytest.approx(expected, nan_ok=True)


def gross(row) -> int:
    return int(row["margin_cents"] + row["commission_cents"] + row["bonus_cents"])


def net(row) -> int:
    return gross(row) - int(row["fee_cents"]) - int(row["paid_cents"])


def worked(row) -> int:
    end = row["quit_day"] if row["quit_day"] != NO_DAY else DAYS - 1
    return int(end - row["joined_day"])


# -- coming and going -----------------------------------------------------------------------------


def test_turnover_is_per_year_at_work(records):
    def turnover(them):
        return sum(x["quit_day"] != NO_DAY for x in them) / (sum(map(worked, them)) / 365)

    check(m.distributor_turnover, records, turnover)
    check(m.distributors_active, records, lambda them: sum(x["quit_day"] == NO_DAY for x in them))


def test_the_median_tenure_is_kaplan_meiers(records):
    def median(them):
        left = 1.0
        for day in sorted({worked(x) for x in them}):
            risk = sum(worked(x) >= day for x in them)
            gone = sum(worked(x) == day and x["quit_day"] != NO_DAY for x in them)
            left *= 1 - gone / risk
            if left <= 0.5:
                return day
        return float("nan")

    check(m.distributor_tenure, records, median)


def test_if_more_than_half_stay_there_is_no_median():
    them = engagements(4, joined_day=0)
    them["quit_day"][0] = 100
    assert np.isnan(m.distributor_tenure(with_distributors(them))[0])
    them["quit_day"][1] = 300
    assert m.distributor_tenure(with_distributors(them))[0] == 300


def depth(records: Records, row: int) -> int:
    above = int(records.distributors["upline"][row])
    return 1 if above < 0 else 1 + depth(records, above)


def test_the_deepest_level(records):
    deepest = [0, 0]
    for row, x in enumerate(records.distributors):
        deepest[x["brand"]] = max(deepest[x["brand"]], depth(records, row))
    assert m.tree_depth(records).tolist() == deepest
    assert max(deepest) > 3
    table = curves.table(records)
    rows = table[(table["curve"] == "levels") & (table["brand"] == "A")].set_index("x")
    levels = [depth(records, k) for k, x in enumerate(records.distributors) if x["brand"] == 0]
    assert rows["top"].to_dict() == pd.Series(levels).value_counts().to_dict()
    assert (rows["bottom"] == len(levels)).all()


def test_acceptance_is_of_those_who_could_have_joined(records):
    joined, refused = records.count("joins"), records.count("recruiting_refused")
    assert m.acceptance_rate(records) == pytest.approx(joined / (joined + refused))


# -- selling and earning --------------------------------------------------------------------------


def test_the_share_resold(records):
    for brand in range(BRANDS):
        mine = [o for o in records.orders if o["brand"] == brand and o["day"] >= 0]
        kept = [o for o in mine if not o["refunded"]]
        sold = np.mean([o["seller"] >= 0 for o in mine])
        left = {o: int(kept[o]["paid_cents"] - kept[o]["margin_cents"]) for o in range(len(kept))}
        through = sum(cents for o, cents in left.items() if kept[o]["seller"] >= 0)
        assert m.resale_orders(records)[brand] == pytest.approx(sold)
        assert m.resale_revenue(records)[brand] == pytest.approx(through / sum(left.values()))


def test_earnings(records):
    check(m.net_earnings, records, lambda them: np.median([net(x) for x in them]) / 100)
    check(m.net_losers, records, lambda them: np.mean([net(x) <= 0 for x in them]))

    def payout(them):
        return sum(map(gross, them)) / sum(int(x["sales_cents"]) for x in them)

    check(m.payout, records, payout)

    def gini(them):
        earned = [gross(x) for x in them]
        differences = [abs(a - b) for a in earned for b in earned]
        return np.mean(differences) / (2 * np.mean(earned))

    check(m.earnings_gini, records, gini)
    table = curves.table(records)
    rows = table[(table["curve"] == "earnings") & (table["brand"] == "B")]
    steps = pd.Series([net(x) // 10_000 for x in team(records, 1)])
    assert rows.set_index("x")["top"].to_dict() == steps.value_counts().to_dict()
    below_zero = rows.loc[rows["x"] < 0, "top"].sum()
    assert below_zero == sum(net(x) < 0 for x in team(records, 1))


def test_who_breaks_even_has_earned_nothing():
    them = engagements(4, margin_cents=500, fee_cents=300)
    them["paid_cents"] = [0, 200, 199, 201]  # net 200, 0, 1, -1
    records = with_distributors(them)
    assert m.net_losers(records)[0] == 2 / 4
    assert m.net_earnings(records)[0] == pytest.approx(0.005)


def test_stock_and_fees(records):
    check(m.unsold_stock, records, lambda them: sum(int(x["stock_cents"]) for x in them) / 100)
    sold = [records.account("channel_deposits")[:, b].sum() / 100 for b in range(BRANDS)]
    assert m.sell_in(records) == pytest.approx(sold)


# -- legal flags ----------------------------------------------------------------------------------


def engagements(n: int, **fields: int) -> np.ndarray:
    """Distributors of brand A, each another person, recruited by the brand and at work."""
    them = np.zeros(n, DISTRIBUTORSHIP)
    them["person"], them["upline"], them["quit_day"] = np.arange(n), -1, NO_DAY
    for field, value in fields.items():
        them[field] = value
    return them


def with_distributors(them: np.ndarray, **changes: object) -> Records:
    base = made_up(0)
    return dataclasses.replace(base, distributors=them, counts=base.counts * 0, **changes)


def severe(them: np.ndarray) -> list[float]:
    return metrics_legal.legal_severe(with_distributors(them)).tolist()


def test_the_severe_flag_wants_thirty_people_and_three_levels():
    them = engagements(30)
    assert severe(them) == [0, 0]  # 30 people, two levels: the brand's and theirs
    them["upline"][29] = 4
    assert severe(them) == [1, 0]
    assert severe(them[1:]) == [0, 0]  # 29 people


def test_who_joins_twice_is_one_person_and_who_has_quit_counts():
    them = engagements(30)
    them["upline"][29] = 4
    them["quit_day"][:20] = 50
    assert severe(them) == [1, 0]
    them["person"][7] = them["person"][3]
    assert severe(them) == [0, 0]


def test_trees_of_two_brands_are_not_added_up():
    them = engagements(40)
    them["brand"][20:] = 1
    them["upline"][[5, 25]] = 1, 21
    assert severe(them) == [0, 0]


@pytest.mark.parametrize(
    ("field", "flag"),
    [
        ("bonus_cents", metrics_legal.legal_recruiting),
        ("fee_cents", metrics_legal.legal_fee),
        ("commission_cents", metrics_legal.legal_downline),
    ],
)
def test_one_payment_raises_a_flag_of_its_own_kind(field, flag):
    them = engagements(3)
    assert flag(with_distributors(them)).tolist() == [0, 0]
    them[field][1] = 1
    flags = [x for x in metrics.METRICS if x.startswith("legal_") and x != "legal_pay"]
    table = metrics.table(with_distributors(them)).loc["A", flags]
    assert table[flag.__name__] == 1
    assert table.sum() == 1


def test_stock_to_buy_on_entry_is_a_flag_once_somebody_has_joined():
    nobody = with_distributors(engagements(0))
    assert metrics_legal.legal_stock(nobody).tolist() == [0, 0]
    joined = dataclasses.replace(nobody, counts=nobody.counts + 1)
    assert metrics_legal.legal_stock(joined).tolist() == [1, 0]  # B asks for no stock


def test_pay_is_held_against_thirty_per_cent_of_own_sales():
    them = engagements(4, sales_cents=10_000, margin_cents=2_000)
    them["commission_cents"][0] = 1_000  # 30 %: not above
    assert metrics_legal.overpaid_share(with_distributors(them))[0] == 0
    assert metrics_legal.legal_pay(with_distributors(them))[0] == 0
    them["bonus_cents"][0] = 1
    them[3] = engagements(1)[0]  # sold nothing, got nothing
    assert metrics_legal.overpaid_share(with_distributors(them))[0] == 1 / 4
    assert metrics_legal.legal_pay(with_distributors(them)).tolist() == [1, 0]
    them["commission_cents"][3] = 1  # sold nothing, got something
    assert metrics_legal.overpaid_share(with_distributors(them))[0] == 2 / 4


def test_without_distributors_there_are_no_flags_and_nothing_to_say():
    table = metrics.table(with_distributors(engagements(0)))
    flags = [x for x in metrics.METRICS if x.startswith("legal_")]
    assert len(flags) == 6
    assert (table[flags] == 0).to_numpy().all()
    silent = ["net_earnings", "net_losers", "earnings_gini", "payout", "distributor_turnover"]
    assert table[[*silent, "overpaid_share", "distributor_tenure"]].isna().to_numpy().all()
    assert (table[["tree_depth", "unsold_stock"]] == 0).to_numpy().all()


def test_who_sells_has_done_so_in_the_last_thirty_days(records):
    orders = records.orders.copy()
    for k in range(len(orders) - 40, len(orders)):  # of the last two months or so
        mine = records.distributors["brand"] == orders["brand"][k]
        orders["seller"][k] = np.flatnonzero(mine & (records.distributors["quit_day"] == NO_DAY))[
            k % 5
        ]
    records = dataclasses.replace(records, orders=orders)
    late = {int(x["seller"]) for x in orders if x["day"] >= records.days - 30}
    for brand, rate in enumerate(m.distributor_active_rate(records)):
        rows = enumerate(records.distributors)
        at_work = [k for k, x in rows if x["brand"] == brand and x["quit_day"] == NO_DAY]
        assert 0 < rate == np.mean([k in late for k in at_work]) < 1


# -- a market -------------------------------------------------------------------------------------


def test_distributors_of_a_market_agree_with_its_books():
    records = social()
    table, them = metrics.table(records).loc["A"], records.distributors
    assert table["distributors_joined"] == len(them) > 20
    assert table["distributors_active"] == len(them) - records.count("quits")[0]
    assert table["joining_fees"] == them["fee_cents"].sum() / 100
    assert table["sell_in"] == them["paid_cents"].sum() / 100 > 0
    kept = (records.orders["seller"] >= 0) & ~records.orders["refunded"]
    assert table["retail_sales"] == records.orders["list_cents"][kept].sum() / 100
    earned = records.total("reseller_margins", "commissions", "peer_bonuses")[0]
    earned += them["bonus_cents"].sum()
    assert table["payout"] == pytest.approx(earned / 100 / table["retail_sales"])
    resold = records.count("resales")[0] / table["orders"]
    assert table["resale_orders"] == pytest.approx(resold)
    flags = ["legal_recruiting", "legal_fee", "legal_stock", "legal_downline", "legal_pay"]
    assert (table[flags] == 1).all()


def test_what_is_left_of_orders_is_net_revenue():
    records = social()
    own = records.orders[records.own & (records.brand == 0)]
    before_refunds = flows.net_revenues(records)[0] + records.total("refunds")[0] / 100
    kept = own["margin_cents"][~own["refunded"]].sum()
    assert before_refunds == pytest.approx((own["paid_cents"].sum() - kept) / 100)
    assert (records.net_cents[records.orders["seller"] >= 0] >= 0).all()

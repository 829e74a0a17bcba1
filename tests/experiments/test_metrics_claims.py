"""What practitioners claim of old customers, against plain loops."""

import dataclasses

import numpy as np
import pytest
from made_up import BRANDS, chain, made_up

from experiments import curves
from experiments import metrics_claims as m
from experiments.records import Records
from sim.books import ACCOUNTS

YEAR_BASED = (m.keep_cost, m.win_to_keep, m.old_profit, m.new_profit, m.old_to_new_profit)
WINNING = (
    "acquisition",
    "friend_discounts",
    "referral_asks",
    "recruiting",
    "referral_cash",
    "referral_goods",
    "referral_points",
    "points_breakage",
    "status_rewards",
)


@pytest.fixture(params=range(3), ids="log{}".format)
def records(request) -> Records:
    return made_up(request.param)


def check(metric, records: Records, function) -> None:
    expected = [function(brand) for brand in range(BRANDS)]
    assert metric(records) == pytest.approx(expected, nan_ok=True)


def histories(records: Records, brand: int) -> dict[int, list]:
    out: dict[int, list] = {}
    for order in records.orders:
        if order["brand"] == brand:
            out.setdefault(int(order["person"]), []).append(order)
    return out


def spent_in_the_year(records: Records, brand: int, names) -> float:
    days = records.daily[records.days - 365 :]
    return sum(int(day[brand][ACCOUNTS.index(name)]) for day in days for name in names) / 100


def kept(records: Records, brand: int) -> int:
    start = records.days - 365
    return sum(
        any(start - 365 <= x["day"] < start for x in orders)
        and any(x["day"] >= start for x in orders)
        for orders in histories(records, brand).values()
    )


def won(records: Records, brand: int) -> int:
    first = [orders[0]["day"] for orders in histories(records, brand).values()]
    return sum(day >= records.days - 365 for day in first)


def test_keeping_costs_what_the_years_contacts_coupons_and_cuts_did(records):
    def keep(b):
        given = spent_in_the_year(records, b, ("discounts", "coupons", "touches"))
        return given / kept(records, b)

    def win(b):
        return spent_in_the_year(records, b, WINNING) / won(records, b)

    assert all(won(records, b) > 0 and kept(records, b) > 0 for b in range(BRANDS))
    check(m.keep_cost, records, keep)
    check(m.win_to_keep, records, lambda b: win(b) / keep(b))


def profit(records: Records, brand: int, new: bool) -> float:
    """Net revenue in the year times margin, per customer who ordered in it, old or new."""
    start, total, people = records.days - 365, 0, 0
    for orders in histories(records, brand).values():
        late = [x for x in orders if x["day"] >= start]
        if late and (orders[0]["day"] >= start) == new:
            people += 1
            total += sum(x["paid_cents"] - x["margin_cents"] for x in late if not x["refunded"])
    return total / 100 / people * curves.margin(records)[brand]


def test_profit_per_old_and_new_customer(records):
    def new(b):
        return profit(records, b, True) - spent_in_the_year(records, b, WINNING) / won(records, b)

    def old_to_new(b):
        return profit(records, b, False) / new(b) if new(b) > 0 else float("nan")

    check(m.old_profit, records, lambda b: profit(records, b, False))
    check(m.new_profit, records, new)
    check(m.old_to_new_profit, records, old_to_new)


def test_new_customers_who_bring_a_loss_make_no_ratio(records):
    cheap = records.daily.copy()
    cheap[..., ACCOUNTS.index("acquisition")] = 0
    dear = cheap.copy()
    dear[-365:, 0, ACCOUNTS.index("acquisition")] = 10**9
    for name in WINNING[1:]:
        cheap[..., ACCOUNTS.index(name)] = 0
    cheap, dear = (dataclasses.replace(records, daily=book) for book in (cheap, dear))
    assert (m.old_to_new_profit(cheap) > 0).all()
    assert m.new_profit(dear)[0] < 0
    assert np.isnan(m.old_to_new_profit(dear)[0])


def test_a_run_of_less_than_a_year_says_nothing_of_years(records):
    short = dataclasses.replace(records, days=364, daily=records.daily[:364])
    for metric in YEAR_BASED:
        assert np.isnan(metric(short)).all()
    young = dataclasses.replace(records, days=699, daily=records.daily[:699])
    assert np.isnan(m.keep_cost(young)).all()  # the year before begins on day -31
    assert not np.isnan(m.old_profit(young)).any()


def test_first_and_later_orders(records):
    def mean(b, later):
        paid = [
            int(x["paid_cents"])
            for orders in histories(records, b).values()
            for k, x in enumerate(orders)
            if x["day"] >= 0 and (k > 0) == later
        ]
        return np.mean(paid) / 100

    check(m.first_aov, records, lambda b: mean(b, False))
    check(m.later_aov, records, lambda b: mean(b, True))
    check(m.later_to_first_aov, records, lambda b: mean(b, True) / mean(b, False))


def test_revenue_from_returning_customers(records):
    def share(b):
        rows = [
            (k > 0, int(x["paid_cents"] - x["margin_cents"]) * (not x["refunded"]))
            for orders in histories(records, b).values()
            for k, x in enumerate(orders)
            if x["day"] >= 0
        ]
        return sum(net for later, net in rows if later) / sum(net for _, net in rows)

    check(m.returning_revenue, records, share)


# -- keep one, bring ten --------------------------------------------------------------------------


def following(records: Records, brand: int) -> dict[int, int]:
    """How many came by each customer, by walking down every tree."""
    friends: dict[int, list[int]] = {}
    for x in records.invitations:
        if x["brand"] == brand and x["order"] >= 0:
            friends.setdefault(int(x["referrer"]), []).append(int(x["friend"]))

    def walk(person: int) -> int:
        return sum(1 + walk(friend) for friend in friends.get(person, []))

    return {person: walk(person) for person in histories(records, brand)}


def test_all_generations_count_for_each_loyal_customer_on_the_way(records):
    def loyal(b):
        return {who for who, orders in histories(records, b).items() if len(orders) >= 3}

    def brought(b):
        return np.mean([n for who, n in following(records, b).items() if who in loyal(b)])

    assert max(following(records, 0).values()) > 0
    check(m.brought_per_loyal, records, brought)


def loyal_chain(days, invitations) -> Records:
    """Make the people of a chain loyal: three orders each, on one day."""
    records = chain(days, invitations)
    orders = np.repeat(records.orders, 3)
    orders["nth"] = np.tile([1, 2, 3], len(days))
    records.customers["orders"] = 3
    table = records.invitations.copy()
    table["order"] *= 3
    return dataclasses.replace(records, orders=orders, invitations=table)


def test_a_tree_by_hand():
    # 0 brings 1 and 2, 1 brings 3, 3 brings 4: 0 has brought four, 1 two, 3 one
    records = loyal_chain([0, 1, 2, 3, 4], [(0, 1), (0, 2), (1, 3), (3, 4)])
    assert m.brought_per_loyal(records)[0] == pytest.approx(7 / 5)
    assert np.isnan(m.brought_per_loyal(records)[1])
    assert m.brought_ten(records)[0] == 0


def test_who_brings_ten():
    line = loyal_chain(range(12), [(k, k + 1) for k in range(11)])
    assert m.brought_ten(line)[0] == pytest.approx(2 / 12)  # the first brought 11, the second 10
    few = chain(range(12), [(k, k + 1) for k in range(11)])
    assert np.isnan(m.brought_ten(few)[0])  # one order each: nobody is loyal

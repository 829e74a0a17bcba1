"""Follow-up of first purchases, rows 1 to 5 of the playbook: the rule and every exception.

What is sent is read off the market day by day: what the calendar of touches holds for the day, and
how many the brand then paid for.
"""

import math

import numpy as np
import pytest

from sim.books import Account
from sim.counts import COUNTS
from sim.strategies.interface import Does

TOUCHES = COUNTS.index("touches")
PORTFOLIO = "brands.A.strategies"
CREAM = "brands.A.products.cream"

CONFIRM = Does.CONFIRM_ADDRESS
CHECK = Does.CHECK_ARRIVAL | Does.EXPLAIN_USE
DIFFICULTIES = Does.ASK_DIFFICULTIES
FEEDBACK = Does.ASK_FEEDBACK | Does.INVITE_POST
FIRST_REMINDER = Does.REMIND | Does.ASK_FEEDBACK
REMINDER = Does.REMIND


def due_today(market) -> np.ndarray:
    world = market.world
    due = np.flatnonzero(world.touches_due.link["day"] == market.day)
    return world.touches[due]


def sent_to_one(market) -> list[tuple[int, Does]]:
    """Run a market with one person, and return the day and content of each touch sent by A."""
    log = []
    while market.running:
        due = due_today(market)
        contents = sorted(Does(int(does)) for does in market.world.steps["does"][due["step"]])
        day = market.day
        market.step()
        number = market.counts[day, 0, TOUCHES]
        assert number in (0, len(contents)), "all of a day or none, or this log cannot tell which"
        log += [(day, does) for does in contents[:number]]
    return log


def one_person(still, days, followup=None, **changes):
    """Return a market of one person, whom no reminder moves, followed up by A."""
    base = {"people.n": 1, "days": days, "behaviour.touch.remind_reach": 0}
    return still(**{**base, PORTFOLIO: {"service_followup": followup or {}}, **changes})


# --- rows 1 and 2 ---------------------------------------------------------------------------------


@pytest.mark.quick
def test_the_first_purchase_is_followed_up_on_days_1_3_7_and_n(still):
    assert sent_to_one(one_person(still, 30, **{f"{CREAM}.effect_days": 2})) == [
        (1, CONFIRM),
        (3, CHECK),
        (7, DIFFICULTIES | FEEDBACK),
        (23, FIRST_REMINDER),  # 7 days before a cycle of 30 ends
    ]


@pytest.mark.quick
@pytest.mark.parametrize(("effect_days", "slow"), [(3, False), (4, True), (20, True)])
def test_of_a_slow_product_feedback_is_asked_on_day_14(still, effect_days, slow):
    """Slow: the effect shows 7 days after the order or later, 3 of them on the way."""
    log = sent_to_one(one_person(still, 30, **{f"{CREAM}.effect_days": effect_days}))
    asked = log[2:-1]
    if slow:
        assert asked == [(7, DIFFICULTIES), (14, FEEDBACK)]
    else:
        assert asked == [(7, DIFFICULTIES | FEEDBACK)]


@pytest.mark.quick
def test_from_the_second_purchase_on_there_is_only_the_reminder(still):
    log = sent_to_one(one_person(still, 120))
    assert log[4:] == [(53, REMINDER), (83, REMINDER), (113, REMINDER)]


@pytest.mark.quick
def test_the_first_purchase_of_another_product_is_followed_up_without_day_1(still):
    """Cream is bought from day 0 on every 30 days, soap from day 47 on every 47 days."""
    soap = {"usage": 1, "period_days": 47, "regularity": math.inf, "start": "fresh"}
    product = {"category": "soap", "price": 20, "unit_cost": 8, "effect_days": 2}
    changes = {"categories.soap": soap, "brands.A.products.soap": product}
    assert sent_to_one(one_person(still, 140, **changes)) == [
        (1, CONFIRM),
        (3, CHECK),
        (7, DIFFICULTIES | FEEDBACK),
        (23, FIRST_REMINDER),
        (50, CHECK),  # of the soap
        (53, REMINDER),
        (54, DIFFICULTIES | FEEDBACK),  # of the soap
        (83, REMINDER),
        (87, FIRST_REMINDER),  # of the soap
        (113, REMINDER),
        (134, REMINDER),  # of the soap
    ]


@pytest.mark.quick
def test_the_first_order_with_the_brand_counts_not_with_another(still):
    """Whoever bought elsewhere before is still new here."""
    changes = {"brands.B.awareness": 1, "people.n": 1}
    market = one_person(still, 60, **changes)
    market.world.relationships["aware"][:, 0] = False
    for _ in range(20):
        market.step()
    market.world.relationships["aware"][:, 0], market.world.relationships["aware"][:, 1] = (
        True,
        False,
    )
    log = sent_to_one(market)
    assert log == [(31, CONFIRM), (33, CHECK), (37, DIFFICULTIES | FEEDBACK), (53, FIRST_REMINDER)]


@pytest.mark.quick
def test_orders_before_the_strategy_began_count(still):
    """Bought in the burn-in: on day 0 this is the second purchase."""
    log = sent_to_one(one_person(still, 30, **{"burn_in": 30}))
    assert log == [(23, REMINDER)]


@pytest.mark.quick
def test_the_days_are_the_brands_to_choose(still):
    chosen = {"confirm_day": 2, "check_day": 5, "difficulties_day": 9, "lead_days": 10}
    chosen |= {"invite_posts": False, "slow_from": 5, "slow_feedback_day": 12}
    assert sent_to_one(one_person(still, 30, chosen)) == [
        (2, CONFIRM),
        (5, CHECK),
        (9, DIFFICULTIES),
        (12, Does.ASK_FEEDBACK),
        (20, FIRST_REMINDER),
    ]


@pytest.mark.quick
def test_row_3_alone_is_the_reminder_alone(still):
    log = sent_to_one(one_person(still, 60, {"follow": False}))
    assert log == [(23, FIRST_REMINDER), (53, REMINDER)]


# --- row 3: when to remind ------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("prior", [0, 2, 50])
def test_a_buyers_own_cycle_is_learnt_from_orders(still, prior):
    """The nominal cycle is 30 days; it counts as `prior` orders beside those observed."""
    usage = {"dist": "gamma", "mean": 1, "shape": 20}
    changes = {"categories.cream.usage": usage, "people.n": 60, "behaviour.touch.remind_reach": 0}
    followup = {"follow": False, "prior_orders": prior}
    market = still(**{"days": 200, PORTFOLIO: {"service_followup": followup}, **changes})
    planned = {}
    while market.running:
        for touch in due_today(market):
            planned[int(touch["order"])] = market.day
        market.step()
    checked = 0
    for person in range(60):
        mine = np.flatnonzero(market.orders["person"] == person)
        days = market.orders["day"][mine]
        for k, number in enumerate(mine):
            known = prior + k  # cycles; if none, there is the nominal one to go by
            cycle = (prior * 30 + days[k] - days[0]) / known if known else 30.0
            day = days[k] + max(1, math.floor(cycle - 7))
            if day < 200:
                assert planned[int(number)] == day
                checked += 1
    assert checked > 300


@pytest.mark.quick
def test_a_reminder_is_not_sent_after_a_newer_order(still):
    """Who buys again on day 20 is not reminded on day 23 of what was bought on day 0."""
    market = one_person(still, 60, {"follow": False})
    market.world.occasions["cycle"] = 20.0
    due = []
    while market.running:
        due.append(len(due_today(market)))
        market.step()
    sent = market.counts[:, 0, TOUCHES].tolist()
    assert market.orders["day"].tolist() == [0, 20, 40]
    # 0 + 30 - 7; 20 + (60 + 20) / 3 - 7 = 39.7; 40 + (60 + 40) / 4 - 7
    assert np.flatnonzero(due).tolist() == [23, 39, 58]
    assert np.flatnonzero(sent).tolist() == [39, 58]


@pytest.mark.quick
def test_service_of_an_older_order_goes_on_after_a_newer_one(still):
    """Only reminders become obsolete: who bought two packs may have trouble with the first."""
    changes = {"categories.cream.period_days": 5}
    log = sent_to_one(one_person(still, 10, {"lead_days": 60, "difficulties_day": 7}, **changes))
    assert (7, DIFFICULTIES | FEEDBACK) in log


@pytest.mark.quick
def test_after_a_refund_nothing_more_is_sent(still):
    changes = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}
    changes["categories.cream.retry_days"] = math.inf
    log = sent_to_one(one_person(still, 60, {"check_day": 5}, **changes))
    assert log == [(1, CONFIRM)], "paid back on day 3, and so was the second order on day 33"


# --- row 4: automation ----------------------------------------------------------------------------


def test_automation_is_cheaper_and_cooler(still):
    def run(automated):
        followup = {"service_followup": {"automated": automated, "coupon": 0}}
        changes = {"people.n": 500, "days": 20, "behaviour.touch.automation_warmth": 0.5}
        market = still(**{**changes, PORTFOLIO: followup})
        market.run_model()
        cost = market.books.daily[:, 0, Account.TOUCHES].sum() / market.counts[:, 0, TOUCHES].sum()
        answered = market.counts[:, 0, COUNTS.index("answers")].sum()
        answered = answered / market.counts[:, 0, TOUCHES].sum()
        return cost, answered, market.world.relationships["service"][:, 0].mean()

    by_people, by_machine = run(False), run(True)
    assert by_people[:2] == (150, 1)
    assert by_machine[0] == 5
    assert by_machine[1] == pytest.approx(0.5, abs=0.05)
    assert 0.6 < by_machine[2] < by_people[2]


# --- row 5: over-contact --------------------------------------------------------------------------


@pytest.mark.quick
def test_the_cap_lets_the_earliest_touches_of_a_week_through(still):
    """Days 1, 3 and 6 fall into the first week, 9 into the second."""
    followup = {"difficulties_day": 6, "slow_from": 5, "slow_feedback_day": 9}
    log = sent_to_one(one_person(still, 30, followup, **{"brands.A.contact_cap": 2}))
    assert [day for day, _ in log] == [1, 3, 9, 23]


@pytest.mark.quick
def test_who_opted_out_is_left_alone(still):
    log = sent_to_one(one_person(still, 90, **{"behaviour.touch.opt_out": 1}))
    assert log == [(1, CONFIRM)]


def test_follow_ups_tire_the_more_the_more_there_are(still):
    """With little patience and no answers, they only annoy."""
    changes = {"behaviour.touch.service_load": 1, "behaviour.touch.commercial_load": 1}
    changes |= {"behaviour.touch.response": 0, "behaviour.touch.tolerance": 1}
    plain = one_person(still, 60, **{**changes, PORTFOLIO: {}})
    few = one_person(still, 60, {"follow": False}, **changes)
    many = one_person(still, 60, **changes)
    for market in (plain, few, many):
        market.run_model()
    service = [float(m.world.relationships["service"][0, 0]) for m in (plain, few, many)]
    assert service[0] > service[2]
    assert service[1] > service[2]


# --- what it is for -------------------------------------------------------------------------------


def test_follow_ups_do_what_practitioners_say(still):
    """Fewer parcels astray, packs misused or left faulty; better service; earlier purchases."""
    changes = {"brands.A.misdelivery": 0.5, f"{CREAM}.fault_rate": 0.3, "people.n": 500}
    changes |= {"behaviour.experience.misuse": 0.5, f"{CREAM}.effect_days": 5, "days": 30}
    plain, followed = still(**changes), still(**changes, **{PORTFOLIO: {"service_followup": {}}})
    for market in (plain, followed):
        market.run_model()
    was, now = (m.orders[m.orders["nth"] == 1] for m in (plain, followed))
    assert was["arrived_day"].mean() - now["arrived_day"].mean() == pytest.approx(1.5, abs=0.2)
    assert was["faulty"].mean() == pytest.approx(0.3, abs=0.06)
    assert not now["faulty"].any()
    assert was["misused"].mean() > 0.2
    assert not now["misused"].any()
    felt, before = (m.world.relationships[:, 0] for m in (followed, plain))
    assert felt["service"].mean() > before["service"].mean() + 0.1
    assert felt["product"].mean() > before["product"].mean() + 0.05
    assert felt["trust"].mean() > before["trust"].mean()
    assert len(followed.orders) > len(plain.orders) + 100

"""Touches: each content does what it says and no more; the over-contacted answer less and go."""

import math
from typing import ClassVar

import numpy as np
import pytest

from sim.books import Account
from sim.record import COUNTS
from sim.state import NO_DAY
from sim.strategy import Does, Offer, Strategy, Touch

CREAM = "brands.A.products.cream"
A_STRATEGIES = "brands.A.strategies"
LOADS = {"behaviour.touch.service_load": 1.0, "behaviour.touch.commercial_load": 1.0}


def run(still, days, portfolio, **changes):
    """Return a market after some days in which brand A has a portfolio."""
    market = still(**{"days": days, A_STRATEGIES: portfolio, **changes})
    market.run_model()
    return market


def total(market, name: str, brand: int = 0) -> int:
    return int(market.counts[:, brand, COUNTS.index(name)].sum())


def every_day(does: Does, first: int, last: int, **given) -> list[Touch]:
    return [Touch(f"on day {day}", does, day=day, **given) for day in range(first, last + 1)]


# --- response -------------------------------------------------------------------------------------


@pytest.mark.parametrize("response", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("human", [True, False])
def test_touches_are_answered_at_the_rate_of_response(still, follow_up, response, human):
    touch = Touch("ask", Does.ASK_FEEDBACK, day=5, human=human)
    changes = {"people.n": 1000, "behaviour.touch.response": response}
    market = run(still, 8, follow_up(touch), **changes)
    assert total(market, "touches") == 1000
    expected = response * (1.0 if human else 0.7) * 1000
    assert total(market, "answers") == pytest.approx(expected, abs=60)


@pytest.mark.quick
@pytest.mark.parametrize(("human", "cents"), [(True, 150), (False, 5)])
def test_a_person_costs_more_than_a_message(still, follow_up, human, cents):
    market = run(still, 8, follow_up(Touch("ask", Does.ASK_FEEDBACK, day=5, human=human)))
    assert market.books.daily[:, 0, Account.TOUCHES].sum() == 100 * cents
    assert not market.books.daily[:, 1].any()


@pytest.mark.quick
@pytest.mark.parametrize("does", [Does.ASK_FEEDBACK, Does.SELL])
@pytest.mark.parametrize(("human", "felt"), [(True, 0.9), (False, 0.5 + 0.4 * 0.7)])
def test_service_is_felt_when_answered_and_selling_is_not_service(
    still, follow_up, does, human, felt
):
    """An automated touch is the cooler one."""
    warm = {"behaviour.touch.automation_warmth": 0.7}
    touch = Touch("touch", does, day=5, human=human)
    plain, market = still(days=8), run(still, 8, follow_up(touch), **warm)
    plain.run_model()
    answered = market.world.bonds["service"][:, 0] != plain.world.bonds["service"][:, 0]
    if does == Does.SELL:
        assert not answered.any()
        return
    assert answered.mean() == pytest.approx(1.0 if human else 0.7, abs=0.15)
    lifted = market.world.bonds["service"][answered, 0]
    np.testing.assert_allclose(lifted, 0.6 + 0.3 * (felt - 0.6), rtol=1e-6)


@pytest.mark.quick
def test_a_touch_never_makes_service_seem_worse_than_it_is(still, follow_up):
    changes = {"brands.A.service": 1, "behaviour.experience.service_learning": 1}
    market = run(still, 8, follow_up(Touch("ask", Does.ASK_FEEDBACK, day=5)), **changes)
    assert (market.world.bonds["service"][:, 0] == 1).all()


# --- what service touches do ----------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("day", "response", "arrives"),
    [(1, 1, 3), (2, 1, 3), (3, 1, 6), (1, 0, 6)],
    ids=["in time", "just in time", "too late", "unanswered"],
)
def test_confirming_the_address_prevents_misdelivery(still, follow_up, day, response, arrives):
    touch = Touch("confirm", Does.CONFIRM_ADDRESS, day=day)
    changes = {"brands.A.misdelivery": 1, "behaviour.touch.response": response}
    market = run(still, 8, follow_up(touch), **changes)
    assert set(market.orders["arrived_day"]) == {arrives}
    shipped = market.books.daily[:, 0, Account.SHIPPING].sum()
    assert shipped == 100 * 600 * (1 if arrives == 3 else 2)


@pytest.mark.quick
@pytest.mark.parametrize("does", [d for d in Does if d != Does.CONFIRM_ADDRESS])
def test_nothing_else_prevents_misdelivery(still, follow_up, does):
    changes = {"brands.A.misdelivery": 1}
    market = run(still, 8, follow_up(Touch("touch", does, day=1)), **changes)
    assert set(market.orders["arrived_day"]) == {6}


@pytest.mark.quick
@pytest.mark.parametrize(
    ("day", "replaced"), [(2, False), (3, True), (5, True), (8, True)], ids="day {}".format
)
def test_checking_arrival_replaces_what_came_broken(still, follow_up, day, replaced):
    """Before it is there nobody can tell; afterwards a good one comes, and is judged."""
    changes = {f"{CREAM}.fault_rate": 1}
    market = run(still, 20, follow_up(Touch("check", Does.CHECK_ARRIVAL, day=day)), **changes)
    goods = market.books.daily[:, 0, Account.COST_OF_GOODS].sum()
    assert goods == 100 * 4000 * (1 + replaced)
    assert (market.orders["faulty"] == (not replaced)).all()
    expectation, quality = 0.6, [0.1] if day > 6 or not replaced else []
    for felt in [*quality, *([0.7] if replaced else [])]:
        expectation += 0.3 * (felt - expectation)
    np.testing.assert_allclose(market.world.bonds["expectation"][:, 0], expectation, rtol=1e-6)
    trust = 0.35 + (0.05 * 0.65 if replaced else 0)
    np.testing.assert_allclose(market.world.bonds["trust"][:, 0], trust, rtol=1e-6)


@pytest.mark.quick
def test_what_was_paid_back_is_not_replaced(still, follow_up):
    changes = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}
    changes["categories.cream.retry_days"] = 50
    market = run(still, 20, follow_up(Touch("check", Does.CHECK_ARRIVAL, day=4)), **changes)
    assert market.orders["refunded"].all()
    assert market.books.daily[:, 0, Account.COST_OF_GOODS].sum() == 100 * 4000
    assert total(market, "touches") == 0, "there is nothing to ask after"


@pytest.mark.quick
def test_a_good_parcel_is_not_replaced(still, follow_up):
    market = run(still, 20, follow_up(Touch("check", Does.CHECK_ARRIVAL, day=4)))
    assert total(market, "answers") == 100
    assert market.books.daily[:, 0, Account.COST_OF_GOODS].sum() == 100 * 4000


@pytest.mark.quick
@pytest.mark.parametrize(("day", "misused"), [(5, False), (6, True)])
def test_explaining_use_in_time_prevents_wrong_use(still, follow_up, day, misused):
    """It is used on day 6, in the morning."""
    changes = {"behaviour.experience.misuse": 1}
    market = run(still, 10, follow_up(Touch("explain", Does.EXPLAIN_USE, day=day)), **changes)
    assert (market.orders["misused"] == misused).all()
    quality = 0.7 * 0.6 if misused else 0.7
    np.testing.assert_allclose(
        market.world.bonds["expectation"][:, 0], 0.6 + 0.3 * (quality - 0.6), rtol=1e-6
    )


@pytest.mark.quick
@pytest.mark.parametrize(("day", "uses"), [(5, [0.7]), (7, [0.42, 0.7])])
def test_asking_about_difficulties_repairs_wrong_use(still, follow_up, day, uses):
    changes = {"behaviour.experience.misuse": 1}
    touch = Touch("ask", Does.ASK_DIFFICULTIES, day=day)
    market = run(still, 20, follow_up(touch), **changes)
    assert not market.orders["misused"].any()
    expectation = 0.6
    for quality in uses:
        expectation += 0.3 * (quality - expectation)
    np.testing.assert_allclose(market.world.bonds["expectation"][:, 0], expectation, rtol=1e-6)
    assert (market.world.holdings["uses"][:, 0] == len(uses)).all()


@pytest.mark.quick
def test_who_had_no_difficulties_does_not_use_it_twice(still, follow_up):
    market = run(still, 20, follow_up(Touch("ask", Does.ASK_DIFFICULTIES, day=7)))
    assert total(market, "answers") == 100
    assert (market.world.holdings["uses"][:, 0] == 1).all()


# --- reminders ------------------------------------------------------------------------------------

REMIND = Touch("remind", Does.REMIND, before_depletion=7)


def with_soap(follow_up):
    """Return what makes A sell soap too, needed as often as cream, and remind of both."""
    need = {"usage": 1, "period_days": 30, "regularity": math.inf, "start": "immediate"}
    soap = {"category": "soap", "price": 10, "unit_cost": 4, "quality": 0.7, "fault_rate": 0}
    changes = {"categories.soap": need, "brands.A.products.soap": soap}
    return {**changes, A_STRATEGIES: follow_up(REMIND)}


def by_day(market, days) -> np.ndarray:
    """Return int[people, days]: orders of each person up to each day."""
    table = np.zeros((len(market.world.people), days), int)
    np.add.at(table, (market.orders["person"], market.orders["day"]), 1)
    return table.cumsum(axis=1)


@pytest.mark.quick
@pytest.mark.parametrize("response", [1, 0])
def test_a_reminder_brings_a_purchase_forward(still, follow_up, response):
    changes = {"behaviour.choice.wait_weight": 0, "behaviour.touch.response": response}
    market = run(still, 31, follow_up(REMIND), **changes)
    second = market.orders[market.orders["nth"] == 2]
    assert len(second) == 100
    assert set(second["day"]) == {23 if response else 30}
    assert (second["reminded"] == bool(response)).all()
    assert total(market, "reminded_orders") == 100 * response
    assert (market.world.needs["due"] == 60).all(), "the stock at hand is kept"


@pytest.mark.parametrize("regularity", [1.0, 3.0, math.inf])
def test_reminders_do_not_make_people_use_more(still, follow_up, regularity):
    """However often reminded, nobody is ahead of need by more than reminders reach."""
    reach, days = 21, 300
    changes = {"categories.cream.regularity": regularity, "behaviour.choice.wait_weight": 0.5}
    changes["categories.cream.start"] = "equilibrium"
    plain = run(still, days + reach, {}, **changes)
    market = run(still, days, follow_up(REMIND), **changes)
    natural, reminded = by_day(plain, days + reach), by_day(market, days)
    assert (reminded >= natural[:, :days]).all()
    assert (reminded <= natural[:, reach:]).all()
    assert (reminded > natural[:, :days]).mean() > 0.05, "they do buy earlier"
    last = np.maximum(plain.world.needs["due"], market.world.needs["due"])
    assert (last > days).all()


def test_flexible_consumption_is_what_makes_people_use_more(still, follow_up):
    flexible = {"behaviour.need.consumption_flexibility": 0.5, "behaviour.choice.wait_weight": 0}
    plain = run(still, 300, {}, **flexible)
    market = run(still, 300, follow_up(REMIND), **flexible)
    assert len(market.orders) > 1.05 * len(plain.orders)


@pytest.mark.quick
@pytest.mark.parametrize(("reach", "days"), [(6.5, {23}), (6, {30}), (0, {30})])
def test_a_reminder_cannot_reach_a_need_far_off(still, follow_up, reach, days):
    """Sent on day 23; from the end of that day it is 6 days to the need of day 30."""
    changes = {"behaviour.touch.remind_reach": reach, "behaviour.choice.wait_weight": 0}
    market = run(still, 31, follow_up(REMIND), **changes)
    assert set(market.orders["day"][market.orders["nth"] == 2]) == days


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_a_reminded_occasion_is_between_this_brand_and_waiting(still, follow_up, weight):
    """Another brand, however much liked, is not in it."""
    changes = {"behaviour.choice.wait_weight": weight, "behaviour.choice.concentration": 1}
    market = still(**{"people.n": 1000, "days": 24, **changes, A_STRATEGIES: follow_up(REMIND)})
    market.step()
    market.world.bonds["aware"][:, 1] = True
    market.world.bonds["log_taste"][:, 0], market.world.bonds["log_taste"][:, 1] = 0.0, 10.0
    market.run_model()
    again = market.orders[market.orders["nth"] == 2]
    assert set(again["brand"]) == {0}
    assert len(again) / 1000 == pytest.approx(1 / (1 + weight), abs=0.05)


@pytest.mark.parametrize(("weight", "share"), [(0, 1 / 2), (1, 1 / 3)])
def test_two_reminders_compete_with_each_other_and_with_waiting(
    still, known_strategies, weight, share
):
    class Nag(Strategy):
        """Remind everybody on day 22."""

        every: ClassVar[int] = 22

        def decide(self, view, day):
            touch = Touch("now", Does.REMIND, day=0)
            view.send(touch, view.customers["person"], "cream")

    changes = {f"brands.{name}.strategies": {"nag": {}} for name in "AB"}
    changes |= {"brands.B.awareness": 1, "behaviour.choice.wait_weight": weight}
    changes |= {"behaviour.choice.concentration": 1, "people.n": 1500, "days": 24}
    market = still(**changes)
    market.world.bonds["log_taste"] = 0.0
    for _ in range(5):
        market.step()
    market.world.bonds["orders"] = 1  # all are customers of both
    market.run_model()
    again = market.orders[market.orders["day"] == 23]
    assert market.counts[23, :, COUNTS.index("answers")].tolist() == [1500, 1500]
    shares = np.bincount(again["brand"], minlength=2) / 1500
    np.testing.assert_allclose(shares, share, atol=0.05)


@pytest.mark.quick
def test_reminders_of_one_day_for_two_needs_do_not_compete(still, follow_up):
    market = still(**{"days": 24, "behaviour.choice.wait_weight": 0, **with_soap(follow_up)})
    market.run_model()
    again = market.orders[market.orders["day"] == 23]
    assert np.bincount(again["product"]).tolist() == [100, 100]
    assert again["reminded"].all()


@pytest.mark.quick
def test_who_left_is_not_brought_back_by_a_reminder(still, follow_up):
    market = still(**{"days": 31, A_STRATEGIES: follow_up(REMIND)})
    for _ in range(10):
        market.step()
    market.world.bonds["left"][:, 0] = True
    market.run_model()
    assert len(market.orders) == 100
    assert total(market, "touches") == 100, "the brand does not know"
    assert total(market, "answers") == 0


@pytest.mark.quick
def test_the_coupon_of_a_reminder_is_used_by_who_heeds_it(still, follow_up):
    touch = Touch("remind", Does.REMIND, before_depletion=7, offer=Offer(0.2, days=14))
    for response, paid in ((1, 8000), (0, 10000)):
        changes = {"behaviour.choice.wait_weight": 0, "behaviour.touch.response": response}
        market = run(still, 31, follow_up(touch), **changes)
        assert set(market.orders["paid_cents"][market.orders["nth"] == 2]) == {paid}


def test_a_coupon_makes_heeding_more_likely(still, follow_up):
    heeded = []
    for discount in (0.0, 0.3):
        offer = Offer(discount) if discount else None
        touch = Touch("remind", Does.REMIND, before_depletion=7, offer=offer)
        changes = {"behaviour.choice.offer": 2.0, "behaviour.choice.concentration": 1}
        market = still(**{"people.n": 1000, "days": 24, **changes, A_STRATEGIES: follow_up(touch)})
        market.world.bonds["log_taste"] = 0.0
        market.run_model()
        heeded.append(total(market, "reminded_orders") / 1000)
    assert heeded[0] == pytest.approx(0.5, abs=0.05)
    assert heeded[1] == pytest.approx(1 / (1 + math.exp(-0.6)), abs=0.05)


# --- posts ----------------------------------------------------------------------------------------

POST = {"network": {"kind": "ring"}, "behaviour.touch.ugc": 1}


def test_posts_make_ties_aware(still, follow_up):
    """Every tenth person knows A, buys, is invited on day 8, and posts; ties hear on day 9."""
    invite = follow_up(Touch("invite", Does.INVITE_POST, day=8))
    market = still(**POST, **{"days": 10, A_STRATEGIES: invite})
    knows = np.arange(100) % 10 == 0
    market.world.bonds["aware"][:, 0] = knows
    market.run_model()
    world = market.world
    ties = np.zeros(100, bool)
    for i in np.flatnonzero(knows):
        ties[world.neighbours[2 * i : 2 * i + 2]] = True
    aware = world.bonds["aware"][:, 0]
    assert (aware[~ties] == knows[~ties]).all()
    assert aware[ties & ~knows].mean() > 0.7  # at most five views, some of the same tie
    assert total(market, "words") == 10 * 2, "as many views as there are ties"


@pytest.mark.quick
@pytest.mark.parametrize(
    "changes",
    [
        {"behaviour.touch.ugc": 0},
        {"behaviour.touch.response": 0},
        {"network": {"kind": "none"}},
        {"behaviour.touch.ugc_reach": 0},
        {f"{CREAM}.quality": 0.1},
        {"brands.A.service": 0, "behaviour.experience.service_learning": 1},
    ],
    ids=["unwilling", "unanswered", "no ties", "no reach", "bad product", "bad service"],
)
def test_who_does_not_post(still, follow_up, changes):
    market = run(still, 12, follow_up(Touch("i", Does.INVITE_POST, day=8)), **{**POST, **changes})
    assert total(market, "touches") == 100
    assert total(market, "words") == 0


@pytest.mark.quick
def test_nobody_posts_uninvited(still, follow_up):
    touch = Touch("ask", Does.ASK_FEEDBACK, day=8)
    market = run(still, 12, follow_up(touch), **POST)
    assert total(market, "answers") == 100
    assert total(market, "words") == 0


def test_some_of_the_invited_post(still, follow_up):
    changes = {**POST, "behaviour.touch.ugc": 0.3, "people.n": 1000}
    market = run(still, 12, follow_up(Touch("i", Does.INVITE_POST, day=8)), **changes)
    assert total(market, "words") == pytest.approx(0.3 * 1000 * 2, abs=120)


# --- fatigue --------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("does", "load"), [(Does.SELL, 1.5), (Does.REMIND, 1.5), (Does.REMIND | Does.ASK_FEEDBACK, 0.5)]
)
def test_selling_tires_more_than_serving(still, follow_up, does, load):
    changes = {"behaviour.touch.commercial_load": 1.5, "behaviour.touch.service_load": 0.5}
    changes["people.contact_sensitivity"] = 2
    market = run(still, 6, follow_up(Touch("touch", does, day=5)), **changes)
    np.testing.assert_allclose(market.world.bonds["fatigue"][:, 0], 2 * load)
    assert not market.world.bonds["fatigue"][:, 1].any()


@pytest.mark.quick
def test_fatigue_fades_by_half_lives(still, follow_up):
    touches = [Touch("one", Does.SELL, day=1), Touch("two", Does.SELL, day=11)]
    half_life = {"behaviour.touch.fatigue_half_life": 10}
    market = run(still, 12, follow_up(*touches), **LOADS, **half_life)
    np.testing.assert_allclose(market.world.bonds["fatigue"][:, 0], 1.5)


def fatigue_of_daily_touches(number: int) -> np.ndarray:
    """Return fatigue before each of `number` daily touches of load 1, half-life 14 days."""
    tired = [0.0]
    for _ in range(number - 1):
        tired.append((tired[-1] + 1) * 0.5 ** (1 / 14))
    return np.array(tired)


@pytest.mark.parametrize("sensitivity", [0.0, 0.5])
def test_the_tired_answer_less(still, follow_up, sensitivity):
    changes = {"behaviour.touch.fatigue_response": sensitivity, "people.n": 1000, **LOADS}
    changes["behaviour.touch.annoyance"] = 0
    portfolio = follow_up(*every_day(Does.ASK_FEEDBACK, 1, 10))
    market = run(still, 11, portfolio, **changes)
    answered = market.counts[1:, 0, COUNTS.index("answers")] / 1000
    expected = np.exp(-sensitivity * fatigue_of_daily_touches(10))
    np.testing.assert_allclose(answered, expected, atol=0.06)


@pytest.mark.quick
def test_what_exceeds_tolerance_annoys(still, follow_up):
    changes = {"behaviour.touch.tolerance": 3, "behaviour.touch.annoyance": 0.1, **LOADS}
    changes["behaviour.touch.response"] = 0
    portfolio = follow_up(*every_day(Does.SELL, 4, 10))
    market = still(**{"days": 11, A_STRATEGIES: portfolio, **changes})
    service = []
    while market.running:
        market.step()
        service.append(float(market.world.bonds["service"][0, 0]))
    tired = fatigue_of_daily_touches(7) + 1
    left = 0.6 * np.cumprod(1 - 0.1 * np.maximum(tired - 3, 0))
    np.testing.assert_allclose(service[4:], left, rtol=1e-5)
    assert left[2] == 0.6 > left[-1]
    off = run(still, 11, portfolio, **{**changes, "behaviour.touch.annoyance": 0})
    np.testing.assert_allclose(off.world.bonds["service"], 0.6)


@pytest.mark.parametrize("sensitivity", [0.0, 0.7])
def test_the_tired_opt_out_more_often(still, follow_up, sensitivity):
    changes = {"behaviour.touch.fatigue_opt_out": sensitivity, "people.n": 2000, **LOADS}
    changes["behaviour.touch.opt_out"] = 0.02
    market = run(still, 7, follow_up(*every_day(Does.SELL, 1, 6)), **changes)
    out = market.counts[1:, 0, COUNTS.index("opt_outs")]
    sent = market.counts[1:, 0, COUNTS.index("touches")]
    expected = 0.02 * np.exp(sensitivity * fatigue_of_daily_touches(6))
    assert (abs(out - expected * sent) < 4 * np.sqrt(expected * sent)).all()
    np.testing.assert_array_equal(sent, 2000 - np.append(0, out.cumsum()[:-1]))
    assert market.world.bonds["opted_out"][:, 0].sum() == out.sum()


@pytest.mark.quick
def test_who_opted_out_gets_nothing_more_not_even_today_and_buys_on(still, follow_up):
    changes = {"behaviour.touch.opt_out": 1}
    second = Touch("second of the day", Does.ASK_FEEDBACK, day=1)
    market = run(still, 61, follow_up(*every_day(Does.SELL, 1, 5), second, REMIND), **changes)
    assert total(market, "touches") == 100
    assert market.world.bonds["opted_out"][:, 0].all()
    assert len(market.orders) == 300
    assert total(market, "opt_outs") == 100


def test_there_is_an_interior_optimum_of_contact(still, follow_up):
    """Some care lifts satisfaction with service, more of it wears people out (Godfrey 2011)."""

    def satisfaction(per_month, **changes):
        days = np.linspace(1, 28, per_month).astype(int)
        touches = [Touch(f"{k}", Does.ASK_FEEDBACK, day=int(d)) for k, d in enumerate(days)]
        market = run(still, 120, follow_up(*touches), **{**LOADS, **changes})
        return market.world.bonds["service"][:, 0].mean()

    care = {"behaviour.touch.service_load": 0.5, "behaviour.touch.fatigue_response": 0.5}
    levels = [satisfaction(k, **care) for k in (0, 3, 8, 28, 84)]
    best = int(np.argmax(levels))
    assert 0 < best < 4, levels
    assert levels[best] > levels[0] + 0.05
    assert levels[best] > levels[-1] + 0.05
    tireless = [satisfaction(k, **{"people.contact_sensitivity": 0}) for k in (0, 3, 8, 28, 84)]
    assert tireless == sorted(tireless), "without fatigue, more is better"


# --- caps -----------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("cap", "sent"), [(None, 20), (2, 6), (1, 3), (0, 0)])
def test_the_cap_holds_in_each_week(still, follow_up, cap, sent):
    """Touches on days 1 to 20: days 0 to 6, 7 to 13, 14 to 20 are the weeks."""
    portfolio = follow_up(*every_day(Does.SELL, 1, 20))
    market = run(still, 21, portfolio, **{"brands.A.contact_cap": cap})
    assert total(market, "touches") == 100 * sent
    by_week = market.counts[:, 0, COUNTS.index("touches")].reshape(3, 7).sum(axis=1)
    assert by_week.max() <= 100 * (20 if cap is None else cap)
    assert market.books.daily[:, 0, Account.TOUCHES].sum() == 150 * 100 * sent


# --- sleeping dogs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wake", "inert_cycles", "leave"),
    [(1.0, 1.5, 0.4), (0.5, 1.5, 0.2), (0.0, 1.5, 0), (1.0, 3, 0)],
)
def test_a_touch_may_wake_the_inert_who_then_leave(still, follow_up, wake, inert_cycles, leave):
    """After day 0 nobody buys any more; on day 60, two cycles later, they are contacted."""
    changes = {"behaviour.touch.wake_leave": wake, "behaviour.touch.inert_cycles": inert_cycles}
    changes |= {"people.n": 1000, "categories.cream.retry_days": math.inf}
    changes |= {"behaviour.dropout.propensity": 0.4, "behaviour.dropout.tilt": 0}
    changes |= {"behaviour.dropout.after_first": False, "days": 62}
    touch = Touch("still there?", Does.ASK_FEEDBACK, day=60)
    market = still(**{A_STRATEGIES: follow_up(touch), **changes})
    market.step()
    market.world.bonds["aware"] = False
    market.run_model()
    assert len(market.orders) == total(market, "touches") == 1000
    bonds = market.world.bonds[:, 0]
    assert bonds["left"].mean() == pytest.approx(leave, abs=0.05)
    assert set(bonds["left_day"]) <= {60, NO_DAY}
    assert total(market, "answers") == 1000 - bonds["left"].sum()


@pytest.mark.quick
def test_the_active_are_not_woken(still, follow_up):
    """One cycle of 30 days is still active, 29 days into it."""
    changes = {"behaviour.touch.wake_leave": 1, "behaviour.touch.inert_cycles": 1}
    changes |= {"behaviour.dropout.propensity": 1, "behaviour.dropout.after_first": False}
    portfolio = follow_up(*every_day(Does.SELL, 7, 29))
    market = run(still, 30, portfolio, **changes)
    assert total(market, "touches") == 23 * 100
    assert not market.world.bonds["left"].any()

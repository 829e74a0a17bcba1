"""Touches: each content does what it says and no more."""

import numpy as np
import pytest
from touched import A_STRATEGIES, CREAM, run, total

from sim.books import Account
from sim.counts import COUNTS
from sim.strategies.interface import Does, Touch

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
def test_a_touch_at_once_goes_out_on_the_next_day(still, follow_up):
    market = run(still, 4, follow_up(Touch("thanks", Does.SELL, day=0)))
    assert market.counts[:, 0, COUNTS.index("touches")].tolist() == [0, 100, 0, 0]


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
    answered = (
        market.world.relationships["service"][:, 0] != plain.world.relationships["service"][:, 0]
    )
    if does == Does.SELL:
        assert not answered.any()
        return
    assert answered.mean() == pytest.approx(1.0 if human else 0.7, abs=0.15)
    lifted = market.world.relationships["service"][answered, 0]
    np.testing.assert_allclose(lifted, 0.6 + 0.3 * (felt - 0.6), rtol=1e-6)


@pytest.mark.quick
def test_a_touch_never_makes_service_seem_worse_than_it_is(still, follow_up):
    changes = {"brands.A.service": 1, "behaviour.experience.service_learning": 1}
    market = run(still, 8, follow_up(Touch("ask", Does.ASK_FEEDBACK, day=5)), **changes)
    assert (market.world.relationships["service"][:, 0] == 1).all()


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
    np.testing.assert_allclose(
        market.world.relationships["expectation"][:, 0], expectation, rtol=1e-6
    )
    trust = 0.35 + (0.05 * 0.65 if replaced else 0)
    np.testing.assert_allclose(market.world.relationships["trust"][:, 0], trust, rtol=1e-6)


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
        market.world.relationships["expectation"][:, 0], 0.6 + 0.3 * (quality - 0.6), rtol=1e-6
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
    np.testing.assert_allclose(
        market.world.relationships["expectation"][:, 0], expectation, rtol=1e-6
    )
    assert (market.world.holdings["uses"][:, 0] == len(uses)).all()


@pytest.mark.quick
def test_who_had_no_difficulties_does_not_use_it_twice(still, follow_up):
    market = run(still, 20, follow_up(Touch("ask", Does.ASK_DIFFICULTIES, day=7)))
    assert total(market, "answers") == 100
    assert (market.world.holdings["uses"][:, 0] == 1).all()


# --- posts ----------------------------------------------------------------------------------------

POST = {"network": {"kind": "ring"}, "behaviour.touch.ugc": 1}


def test_posts_make_ties_aware(still, follow_up):
    """Every tenth person knows A, buys, is invited on day 8, and posts; ties hear on day 9."""
    invite = follow_up(Touch("invite", Does.INVITE_POST, day=8))
    market = still(**POST, **{"days": 10, A_STRATEGIES: invite})
    knows = np.arange(100) % 10 == 0
    market.world.relationships["aware"][:, 0] = knows
    market.run_model()
    world = market.world
    ties = np.zeros(100, bool)
    for i in np.flatnonzero(knows):
        ties[world.neighbours[2 * i : 2 * i + 2]] = True
    aware = world.relationships["aware"][:, 0]
    assert (aware[~ties] == knows[~ties]).all()
    assert aware[ties & ~knows].mean() > 0.7  # at most five views, some of the same tie
    assert total(market, "messages") == 10 * 2, "as many views as there are ties"


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
    assert total(market, "messages") == 0


@pytest.mark.quick
def test_nobody_posts_uninvited(still, follow_up):
    touch = Touch("ask", Does.ASK_FEEDBACK, day=8)
    market = run(still, 12, follow_up(touch), **POST)
    assert total(market, "answers") == 100
    assert total(market, "messages") == 0


def test_some_of_the_invited_post(still, follow_up):
    changes = {**POST, "behaviour.touch.ugc": 0.3, "people.n": 1000}
    market = run(still, 12, follow_up(Touch("i", Does.INVITE_POST, day=8)), **changes)
    assert total(market, "messages") == pytest.approx(0.3 * 1000 * 2, abs=120)

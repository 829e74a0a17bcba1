"""The view: a brand sees its own records, as copies, and has four levers."""

from typing import Any, ClassVar

import numpy as np
import pytest

from sim.books import Account
from sim.counts import COUNTS
from sim.strategies.brand_view import BrandView
from sim.strategies.interface import Does, Offer, Strategy, Touch

A = "brands.A.strategies"


@pytest.fixture
def deciding(known_strategies):
    """Return a function that makes a strategy of what to do with the view on each day."""

    def strategy(decide, every=1) -> dict[str, Any]:
        class Deciding(Strategy):
            """Do what a test says."""

            every: ClassVar[int] = 1

            def decide(self, view, day):
                decide(view, day)

        Deciding.every = every
        return {"deciding": {}}

    return strategy


def seen(market_of, deciding, **changes) -> list[tuple[Any, int]]:
    """Run a market, and return all views of its brand A with their days."""
    views = []
    market = market_of(**{A: deciding(lambda view, day: views.append((view, day))), **changes})
    market.run_model()
    return views


# --- when and what --------------------------------------------------------------------------------


@pytest.mark.quick
def test_a_strategy_of_ones_own_is_known_by_its_name_in_snake_case(still, known_strategies):
    days = []

    class WeeklyLookAround(Strategy):
        """Look every week."""

        every: ClassVar[int] = 7
        patience: int = 3

        def decide(self, view, day):
            days.append((day, self.patience, view.brand))

    market = still(**{"brands.B.strategies": {"weekly_look_around": {"patience": 5}}, "days": 30})
    market.run_model()
    assert days == [(day, 5, "B") for day in (0, 7, 14, 21, 28)]


@pytest.mark.quick
def test_a_brand_sees_its_own_orders_and_customers_up_to_today(busy, deciding):
    market = busy(**{A: deciding(lambda view, day: views.append((view, day)), every=10)})
    views = []
    market.run_model()
    assert [day for _, day in views] == [0, 10, 20, 30, 40, 50]
    for view, day in views:
        assert isinstance(view, BrandView)
        assert (view.brand, view.products) == ("A", ("cream", "soap"))
        mine = market.orders[(market.orders["brand"] == 0) & (market.orders["day"] <= day)]
        for name in ("day", "person", "product", "units", "nth", "list_cents", "paid_cents"):
            np.testing.assert_array_equal(view.orders[name], mine[name])
        people, number = np.unique(mine["person"], return_counts=True)
        np.testing.assert_array_equal(view.customers["person"], people)
        np.testing.assert_array_equal(view.customers["orders"], number)
        for person, first, last in view.customers[["person", "first_day", "last_day"]][::9]:
            days = mine["day"][mine["person"] == person]
            assert (first, last) == (days.min(), days.max())
        arrived = view.orders["arrived_day"]
        assert (arrived <= day).all(), "what has not arrived yet is not known to arrive"


@pytest.mark.quick
def test_a_brand_sees_what_crosses_the_counter_and_nothing_felt(busy, deciding):
    view, _ = seen(busy, deciding, days=1)[0]
    assert set(view.customers.dtype.names) == {
        "person",
        "orders",
        "first_day",
        "last_day",
        "opted_out",
        "koc",
        "distributor",
        "referred",
        "attended",
        "ask_from",
        "units_left",
    }
    assert set(view.orders.dtype.names) == {
        "day",
        "person",
        "product",
        "units",
        "nth",
        "list_cents",
        "paid_cents",
        "arrived_day",
        "refunded",
    }
    public = {name for name in dir(view) if not name.startswith("_")}
    assert public == {
        "brand",
        "products",
        "people",
        "customers",
        "orders",
        "invitations",
        "distributors",
        "drawdowns",
        "answers",
        "commands",
        "send",
        "set_price",
        "set_advertising",
        "survey",
    }


@pytest.mark.quick
def test_what_a_brand_sees_is_a_copy_that_cannot_be_written(busy, deciding):
    def vandal(view, day):
        for table in (view.customers, view.orders):
            with pytest.raises(ValueError, match="read-only"):
                table[table.dtype.names[0]] = 0
            table.flags.writeable = True  # even so, it is a copy
            table["day" if "day" in table.dtype.names else "orders"] = 99

    without, market = busy(**{A: {}}), busy(**{A: deciding(vandal)})
    for m in (without, market):
        m.run_model()
    np.testing.assert_array_equal(market.orders, without.orders)
    np.testing.assert_array_equal(
        market.world.relationships["orders"], without.world.relationships["orders"]
    )


# --- send -----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_touches_are_sent_tomorrow_to_whom_they_are_for(still, deciding):
    touch = Touch("hello", Does.ASK_FEEDBACK, day=99, offer=Offer(0.5, days=90))

    def decide(view, day):
        if day == 4:
            view.send(touch, view.customers["person"][:30])

    market = still(**{A: deciding(decide), "days": 31})
    market.run_model()
    assert market.counts[:, 0, COUNTS.index("touches")].tolist() == [0] * 5 + [30] + [0] * 25
    second = market.orders[market.orders["day"] == 30]
    half = second["paid_cents"] == 5000
    assert sorted(second["person"][half]) == list(range(30)), "they got the offer"


@pytest.mark.quick
def test_who_opted_out_or_is_not_in_the_audience_is_not_sent_to(still, known_strategies):
    class Letters(Strategy):
        """Write to all every ten days."""

        every: ClassVar[int] = 10

        def decide(self, view, day):
            view.send(Touch("x", Does.SELL, day=1), view.customers["person"])

    market = still(**{A: {"letters": {"audience": {"share": 0.5}}}, "people.n": 400})
    market.step()
    market.world.relationships["opted_out"][:200, 0] = True
    market.run_model()
    sent = market.counts[:, 0, COUNTS.index("touches")]
    assert set(np.flatnonzero(sent)) == {1, 11, 21, 31, 41, 51}
    assert sent[11] == pytest.approx(100, abs=30)
    assert len(set(sent[[1, 11, 21]])) == 1, "the audience is the same people for the whole run"


@pytest.mark.quick
def test_a_reminder_can_be_sent_of_a_product(still, deciding):
    def decide(view, day):
        if day == 19:
            view.send(Touch("now", Does.REMIND, day=1), view.customers["person"], "cream")

    changes = {A: deciding(decide), "behaviour.choice.wait_weight": 0, "days": 25}
    market = still(**changes)
    market.run_model()
    assert set(market.orders["day"]) == {0, 20}


@pytest.mark.quick
def test_a_brand_can_contact_its_customers_only(still, deciding):
    asked = []

    def decide(view, day):
        with pytest.raises(ValueError, match="people who have ordered"):
            view.send(Touch("x", Does.SELL, day=1), np.arange(100))
        with pytest.raises(ValueError, match="A sells cream, not soap"):
            view.send(Touch("x", Does.REMIND, day=1), view.customers["person"], "soap")
        asked.append(day)

    market = still(**{A: deciding(decide), "brands.B.awareness": 1, "days": 3})
    market.run_model()
    assert asked == [0, 1, 2]
    assert not market.books.daily[:, 0, Account.TOUCHES].any()


@pytest.mark.quick
def test_the_same_touch_again_takes_no_more_room(still, deciding):
    touch = Touch("x", Does.SELL, day=1)
    send = deciding(lambda view, day: view.send(touch, view.customers["person"]))
    market = still(**{A: send})
    market.run_model()
    assert len(market.world.steps) == 1
    assert market.counts[:, 0, COUNTS.index("touches")].sum() == 59 * 100


# --- prices and advertising -----------------------------------------------------------------------


@pytest.mark.quick
def test_a_price_holds_from_tomorrow(still, deciding):
    def decide(view, day):
        if day == 29:
            view.set_price("cream", 80.5)

    market = still(**{A: deciding(decide), "days": 31, "categories.cream.period_days": 29})
    market.run_model()
    paid = {day: set(market.orders["paid_cents"][market.orders["day"] == day]) for day in (0, 29)}
    assert paid == {0: {10000}, 29: {10000}}
    later = still(**{A: deciding(decide), "days": 31})
    later.run_model()
    assert set(later.orders["paid_cents"][later.orders["day"] == 30]) == {8050}


@pytest.mark.quick
def test_advertising_can_be_set(still, deciding):
    def decide(view, day):
        if day == 9:
            view.set_advertising(1000)
        if day == 19:
            view.set_advertising(0)

    changes = {A: deciding(decide), "brands.A.awareness": 0, "behaviour.advertising.reach": 0.2}
    market = still(**changes)
    market.run_model()
    spent = market.books.daily[:, 0, Account.ACQUISITION]
    assert set(np.flatnonzero(spent)) == set(range(10, 20))
    assert set(spent[10:20]) == {1000 * 100 // 10}
    aware = market.counts[:, 0, COUNTS.index("aware_by_advertising")]
    assert aware[:10].sum() == aware[20:].sum() == 0
    rate = 0.2 * 1000 / 1100
    assert aware.sum() == pytest.approx(100 * (1 - np.exp(-10 * rate)), abs=12)


@pytest.mark.quick
def test_nobody_advertises_in_the_continuation(still, deciding):
    changes = {A: deciding(lambda view, day: view.set_advertising(1000)), "days": 5}
    market = still(**changes, **{"terminal_period": 10})
    market.run_model()
    market.run_on()
    assert market.books.daily[1:, 0, Account.ACQUISITION].all()
    assert not market.world.brands["ad_stock"].any()
    assert not market.books.terminal[..., Account.ACQUISITION].any()


@pytest.mark.quick
@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda view: view.set_price("cream", -1), "price must be"),
        (lambda view: view.set_price("cream", float("nan")), "price must be"),
        (lambda view: view.set_price("soap", 10), "A sells cream, not soap"),
        (lambda view: view.set_advertising(-1), "spend must be"),
        (lambda view: view.set_advertising(float("inf")), "spend must be"),
        (lambda view: view.survey(1.5), "share must be"),
        (lambda view: view.survey(float("nan")), "share must be"),
    ],
)
def test_senseless_actions_are_refused(still, deciding, act, message):
    views = []
    market = still(**{A: deciding(lambda view, day: views.append(view)), "days": 1})
    market.step()
    with pytest.raises(ValueError, match=message):
        act(views[0])


# --- surveys --------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_survey_asks_a_share_and_hears_something_near_the_truth(still, deciding, share):
    heard = {}

    def decide(view, day):
        heard[day] = view.answers
        view.survey(share)

    market = still(**{A: deciding(decide, every=10), "people.n": 2000, "days": 21})
    market.step()
    market.world.relationships["opted_out"][:500, 0] = True
    market.world.relationships["overall"][:1000, 0] = 0.3
    market.world.relationships["overall"][1000:, 0] = 0.7
    while market.day < 21:
        market.world.relationships["overall"][:1000, 0] = 0.3
        market.world.relationships["overall"][1000:, 0] = 0.7
        market.step()
    assert heard[0][0].size == 0, "answers come the next time"
    people, answers = heard[20]
    assert people.size == pytest.approx(share * 1500, abs=90)
    assert (people >= 500).all(), "who opted out is not asked"
    if share:
        low, high = answers[people < 1000], answers[people >= 1000]
        assert low.mean() == pytest.approx(0.3, abs=0.03)
        assert high.mean() == pytest.approx(0.7, abs=0.03)
        assert high.std() == pytest.approx(0.1, abs=0.02)
        assert ((answers >= 0) & (answers <= 1)).all()
        assert np.unique(people).size == people.size


@pytest.mark.quick
def test_asking_changes_nothing(busy, deciding):
    without, market = busy(**{A: {}}), busy(**{A: deciding(lambda view, day: view.survey(1.0))})
    for m in (without, market):
        m.run_model()
    np.testing.assert_array_equal(market.orders, without.orders)
    np.testing.assert_array_equal(market.books.daily, without.books.daily)

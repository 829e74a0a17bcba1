"""Rules of audiences: who gets a touch on which day, and what is given up."""

from typing import Any, ClassVar

import numpy as np
import pytest
from touched import every_day, run

from sim.config.yaml_file import ConfigError
from sim.counts import COUNTS
from sim.strategies.interface import Does, Strategy, Touch
from tests.markets import CREAMS

SENT = COUNTS.index("touches")
TOUCHES = every_day(Does.SELL, 1, 20)
NO_ANSWER = {"behaviour.touch.response": 0}


def days(market) -> list[int]:
    """Return the days on which brand A has touched somebody."""
    return np.flatnonzero(market.counts[:, 0, SENT]).tolist()


def silent(day: int) -> int:
    """Return the days since the last order: all order on days 0 and 30."""
    return day - 30 if day > 30 else day


RULES: list[tuple[dict[str, Any], Any]] = [
    ({"orders": [2, None]}, lambda day: day > 30),
    ({"orders": 1}, lambda day: day <= 30),
    ({"recency": [3, 7]}, lambda day: 3 <= silent(day) <= 7),
    ({"cycles": [0.5, None]}, lambda day: silent(day) >= 15),
    ({"tenure": [None, 35]}, lambda day: day <= 35),
    ({"spent": [100.01, None]}, lambda day: day > 30),
    ({"answered": [None, 4]}, lambda day: day <= 5),
    ({"role": "customer"}, lambda day: True),
    ({"role": ["koc", "distributor"]}, lambda day: False),
    ({"referred": [1, None]}, lambda day: False),
    ({"segment": "none of them"}, lambda day: False),
    ({"not": {"segment": "none of them"}}, lambda day: True),
    # several in one mapping must all hold: an RFM cell
    ({"recency": [5, None], "orders": [2, None], "spent": [None, 300]}, lambda d: d >= 35),
    ({"all": [{"orders": 1}, {"tenure": [4, None]}]}, lambda day: 4 <= day <= 30),
    ({"any": [{"orders": 2}, {"tenure": [None, 4]}]}, lambda day: day <= 4 or day > 30),
    (
        {"not": {"any": [{"tenure": [None, 4]}, {"all": [{"orders": 2}, {"recency": [6, None]}]}]}},
        lambda day: day > 4 and not (day > 30 and silent(day) >= 6),
    ),
]


@pytest.mark.quick
@pytest.mark.parametrize(
    "who, holds", RULES, ids=lambda one: str(one) if isinstance(one, dict) else ""
)
def test_a_touch_goes_out_on_the_days_on_which_the_rule_holds(still, follow_up, who, holds):
    portfolio = follow_up(*TOUCHES, audience={"who": who})
    market = run(still, 60, portfolio, **{"people.segments": {"none of them": 0.0}})
    due = [*range(1, 21), *range(31, 51)]
    assert days(market) == [day for day in due if holds(day)]


@pytest.mark.quick
def test_unanswered_counts_since_the_last_answer(still, follow_up):
    portfolio = follow_up(*TOUCHES, audience={"who": {"unanswered": [None, 3]}})
    assert days(run(still, 60, portfolio, **NO_ANSWER)) == [1, 2, 3, 4]
    assert len(days(run(still, 60, portfolio))) == 40


@pytest.mark.quick
def test_share_and_rule_must_both_hold(still, follow_up):
    audience = {"share": 0.5, "who": {"segment": "north"}}
    changes = {"people.n": 2000, "people.segments": {"south": 0.3, "north": 0.4}}
    market = run(still, 10, follow_up(*TOUCHES, audience=audience), **changes)
    touched = market.world.relationships["answered"][:, 0] > 0
    north = market.world.people["segment"] == 2
    assert north.mean() == pytest.approx(0.4, abs=0.04)
    assert (touched == (north & market.in_audience("A", "scripted"))).all()
    assert touched.mean() == pytest.approx(0.2, abs=0.04)


@pytest.mark.quick
def test_a_segment_more_leaves_people_where_they_are(still):
    few = still(**{"people.n": 500, "people.segments": {"north": 0.4}}).world.people["segment"]
    more = {"people.n": 500, "people.segments": {"north": 0.4, "south": 0.6}}
    both = still(**more).world.people["segment"]
    assert ((few == 1) == (both == 1)).all()
    assert set(both) == {1, 2}


# --- audiences that a brand declares -------------------------------------------------------------


@pytest.mark.quick
def test_strategies_that_name_an_audience_reach_the_same_people(still):
    loyal = {"share": 0.4, "who": {"orders": [2, None]}}
    strategies = {
        "service_followup": {"audience": {"group": "loyal"}},
        "referral": {"audience": {"group": "loyal", "share": 0.9, "who": {"recency": [0, 20]}}},
    }
    changes = {"brands.A.audiences": {"loyal": loyal}, "brands.A.strategies": strategies}
    market = still(**changes, **{"people.n": 1000, "days": 30})
    one, two = (market.in_audience("A", name) for name in strategies)
    assert (one == two).all()
    assert one.mean() == pytest.approx(0.4, abs=0.05)
    market.run_model()
    relationship = market.world.relationships[:, 0]
    assert not (relationship["answered"] + relationship["unanswered"]).any(), "one order each"


@pytest.mark.quick
def test_a_part_can_have_a_rule_of_its_own(still):
    rule = {"touches": {"confirm": {"orders": [5, None]}}}
    whole, less = (
        run(still, 20, {"service_followup": {"audience": given}}) for given in ({}, rule)
    )
    assert days(whole) == [1, 3, 7]
    assert days(less) == [3, 7]


# --- giving up -----------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("stop", [1, 3])
def test_a_touch_is_given_up_after_so_many_in_a_row(still, follow_up, stop):
    """Each is one touch after every order, of which there are five."""
    touch = Touch("ask", Does.SELL, day=2, stop_after=stop)
    after_orders = [2, 32, 62, 92, 122]
    market = run(still, 140, follow_up(touch), **NO_ANSWER)
    assert days(market) == after_orders[:stop]
    assert (market.counts[:, 0, SENT].sum()) == stop * 100
    assert days(run(still, 140, follow_up(touch))) == after_orders, "whoever answers is asked"


@pytest.mark.quick
def test_only_that_touch_is_given_up(still, follow_up):
    given_up = Touch("ask", Does.SELL, day=2, stop_after=1)
    market = run(still, 70, follow_up(given_up, Touch("other", Does.SELL, day=3)), **NO_ANSWER)
    assert days(market) == [2, 3, 33, 63]


@pytest.mark.quick
def test_an_answer_begins_the_count_anew(still, follow_up):
    portfolio = follow_up(Touch("ask", Does.SELL, day=2, stop_after=2))
    market = run(still, 365, portfolio, **{"behaviour.touch.response": 0.5, "people.n": 2000})
    sent = market.world.relationships[:, 0]["answered"] + market.world.tries[:, 0]
    waits = market.world.relationships[:, 0]["unanswered"]
    assert (waits == market.world.tries[:, 0]).all()
    assert waits.max() == 2
    assert sent.max() > 6


@pytest.mark.quick
@pytest.mark.parametrize("stop, times", [(2, 2), (None, 9)])
def test_a_touch_that_decide_sends_is_given_up_too(still, known_strategies, stop, times):
    class Letters(Strategy):
        """Write to all each day."""

        every: ClassVar[int] = 1

        def decide(self, view: Any, day: int) -> None:
            view.send(Touch("letter", Does.SELL, day=0, stop_after=stop), view.people)

    market = run(still, 11, {"letters": {}}, **NO_ANSWER)
    assert len(days(market)) == times + (stop is None)
    assert len(market.world.steps) == 1


# --- mistakes ------------------------------------------------------------------------------------

WRONG = [
    ("who: {ordres: 1}", "who.ordres: unknown condition; did you mean 'orders'?"),
    ("who: {any: {orders: 1}}", "who.any: must be a list of conditions"),
    ("who: {any: [{not: {role: boss}}]}", "who.any.0.not.role: must be customer or koc or dist"),
    ("who: {orders: [3, 1]}", "who.orders: must ascend (got 3 to 1)"),
    ("who: {orders: [3]}", "who.orders: must be two numbers, each may be null"),
    ("who: {orders: many}", "who.orders: it must be a number (got 'many')"),
    ("who: []", "who: must be a mapping of conditions"),
    ("who: {segment: north}", "who: no segment 'north'; people.segments has none"),
    ("touches: {ask: {orders: 1}}", "audience.touches: no part 'ask'; its parts are: confirm"),
    ("touches: {remind: {orders: x}}", "touches.remind.orders: it must be a number"),
]


@pytest.mark.quick
@pytest.mark.parametrize("line, message", WRONG)
def test_a_mistake_is_told_in_one_line_at_its_place(tmp_path, line, message):
    from sim.market import Market

    file = tmp_path / "market.yaml"
    strategy = f"{{service_followup: {{audience: {{{line}}}}}}}"
    file.write_text(f"use: {CREAMS}\nset:\n  brands.A.strategies: {strategy}\n")
    with pytest.raises(ConfigError) as error:
        Market(file)
    (problem,) = error.value.problems
    assert message in str(problem)
    assert "market.yaml:3" in str(problem)


@pytest.mark.quick
def test_segments_are_no_more_than_everybody(still):
    with pytest.raises(ConfigError, match=r"come to 1\.2, which is more"):
        still(**{"people.segments": {"north": 0.5, "south": 0.7}})
    with pytest.raises(ConfigError, match=r"segments\.north.*must be a share"):
        still(**{"people.segments": {"north": -0.5}})


@pytest.mark.quick
def test_a_rule_survives_being_written_and_read(still):
    who = {"any": [{"role": ["koc", "customer"]}, {"not": {"orders": [None, 2]}}], "cycles": 1}
    given = {"brands.A.strategies": {"service_followup": {"audience": {"who": who}}}}
    strategy = still(**given).config.brands["A"].strategies["service_followup"]
    assert type(strategy).model_validate_json(strategy.model_dump_json()) == strategy

"""Distributors at work: their calls and what a call does, whose a buyer is, giving up."""

import math

import numpy as np
import pytest
from staff import ALL, RULES, A, at_work, call, count, crew, discount_of, logistic, steps

from sim.config.yaml_file import ConfigError
from sim.engine.draws import draw
from sim.mechanisms.direct_selling import MOST_CALLS_A_DAY
from sim.people.messages import Kind
from sim.purposes import Purpose
from sim.state import NO_DAY

RING = {"network": {"kind": "ring"}}
CALLING = {**ALL, **RING, f"{RULES}calls": 14, f"{RULES}recruiting": 0.25}
SALES, RECRUITING = Kind.SALES_CALL, Kind.RECRUITING


def said_by_day(market):
    """Run a market, and return the calls of each day."""
    calls = []
    while market.running:
        market.step()
        calls.append(market._messages[np.isin(market._messages["kind"], (SALES, RECRUITING))])
    return calls


# --- how much they call ---------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1, 3])
def test_calls_are_a_poisson_process_at_the_rate_of_the_work(still, agency, factor):
    """14 in 7 days; who works full-time, about half, makes so many times as many."""
    changes = {f"{RULES}full_time": 1, f"{RULES}prejudice": 0.5, "people.willingness": 1}
    changes |= {f"{RULES}full_time_factor": factor, "people.n": 200, A: agency({1: None})}
    market = still(**{**CALLING, **changes})
    calls = np.concatenate(said_by_day(market))
    days = 59  # from the day of joining
    number = np.bincount(calls["speaker_id"], minlength=200)
    full_time = market.distributors["full_time"]
    assert full_time.mean() == pytest.approx(0.5, abs=0.1)
    for group, rate in ((number[full_time], 2 * factor), (number[~full_time], 2)):
        assert group.mean() == pytest.approx(rate * days, rel=0.03)
        assert group.var() / group.mean() == pytest.approx(1, abs=0.45)
    recruiting = calls["kind"] == RECRUITING
    assert recruiting.mean() == pytest.approx(0.25, abs=0.02)
    assert count(market, "sales_calls").sum() == (~recruiting).sum()
    heard = recruiting.sum() - (market._messages["kind"] == RECRUITING).sum()
    assert count(market, "recruiting_talks").sum() == 200 + heard
    assert (calls["about"] == market.world.selling["distributor"][calls["speaker_id"], 0] - 1).all()
    to = set(zip(calls["speaker_id"].tolist(), calls["receiver"].tolist(), strict=True))
    assert to == {(i, j % 200) for i in range(200) for j in (i - 1, i + 1)}, "ties, and all of them"


@pytest.mark.quick
def test_who_would_call_without_end_comes_to_an_end(still, agency):
    """What was left of a day is not made up for on the next."""
    changes = {f"{RULES}calls": 1e6, "people.n": 20, "days": 10, A: agency({1: None})}
    market = still(**{**CALLING, **changes})
    while market.running:
        market.step()
        assert (market.distributors["contact_due"] >= market.day).all()
        assert market.day <= 3 or market._messages.size == 20 * MOST_CALLS_A_DAY
    world = market.world
    day, key = market.day, world.brands["key"][0]
    for row, person in enumerate(market.distributors["person"]):
        u = draw(world.seed[0], world.people["id"][person], 0, key, day, Purpose.CALL_GAP)
        due = day - math.log(u) * 7 / 1e6
        assert market.distributors["contact_due"][row] == pytest.approx(due, abs=1e-14)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("path", "off"),
    [(f"{RULES}calls", 0), ("network", {"kind": "none"}), (f"{RULES}calls", 1e-6)],
)
def test_nobody_calls_without_rate_or_ties(still, agency, path, off):
    market = still(**{**CALLING, path: off, A: agency({1: None})})
    assert sum(calls.size for calls in said_by_day(market)) == 0
    assert at_work(market).size == 100


@pytest.mark.quick
@pytest.mark.parametrize("share", [0, 1])
def test_calls_are_about_selling_or_about_joining(still, agency, share):
    market = still(**{**CALLING, f"{RULES}recruiting": share, A: agency({1: [0, 50]})})
    calls = np.concatenate(said_by_day(market))
    assert set(calls["kind"]) == {RECRUITING if share else SALES}
    assert (at_work(market).size > 50) == bool(share), "recruits recruit in turn"


@pytest.mark.quick
def test_who_has_quit_calls_no_more(still, agency):
    changes = {**CALLING, f"{RULES}recruiting": 0}
    market = crew(still, agency, (0, 50), leaves={50: 9}, **changes)
    while market.running:
        market.step()
        assert market.day <= 9 or 50 not in market._messages["speaker_id"]
    assert 0 in market._messages["speaker_id"]


@pytest.mark.quick
@pytest.mark.parametrize("strain", [0.02, 0])
def test_each_call_strains_the_tie_of_both_once(still, agency, strain):
    """The caller's on the day of the call, the other's on the day after."""
    changes = {f"{RULES}tie_erosion": strain, "people.n": 20, "days": 30, A: agency({1: None})}
    market = still(**{**CALLING, **changes})
    expected = np.full((20, 20), 0.5)
    before = market._messages
    while market.running:
        market.step()
        np.multiply.at(expected, (before["receiver"], before["speaker_id"].astype(int)), 1 - strain)
        before = market._messages
        np.multiply.at(expected, (before["speaker_id"].astype(int), before["receiver"]), 1 - strain)
    world = market.world
    at = (np.repeat(np.arange(20), 2), world.neighbours)
    np.testing.assert_allclose(world.strength, expected[at], rtol=1e-4)
    assert (world.strength < 0.4).any() == (strain > 0)


# --- what a call does -----------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("kind", [SALES, RECRUITING])
def test_a_call_makes_aware_and_is_an_opinion(still, agency, kind):
    """Though 10 to 49 would not notice what others say."""
    market = crew(still, agency, **{"behaviour.talk.awareness": 0})
    relationships = market.world.relationships[:, 0]
    relationships["aware"][:50] = False
    call(market, 0, np.arange(10, 30), kind, opinion=0.9, valence=0.8, strength=0.5)
    call(market, 0, np.arange(40, 60), Kind.OPINION, opinion=0.9, valence=0.8, strength=0.5)
    assert np.flatnonzero(relationships["aware"]).tolist() == [*range(10, 30), *range(50, 100)]
    for field, moved in (
        ("expectation", 0.6 + 0.2 * 0.5 * (0.9 - 0.6)),
        ("trust", 0.5 + 0.1 * 0.5 * 0.8 * 0.5),
        ("word_of_mouth", 0.5 * 0.8),
    ):
        np.testing.assert_allclose(relationships[field][10:30], moved, rtol=1e-6)
        assert set(relationships[field][50:60]) == set(relationships[field][10:30]), (
            "as anybody's word"
        )
        assert (
            set(relationships[field][30:50])
            == set(relationships[field][60:])
            != set(relationships[field][10:30])
        )


@pytest.mark.quick
@pytest.mark.parametrize(("days", "share"), [(20, 0.75), (19, 0.5)])
def test_a_sales_call_persuades_as_long_as_it_is_remembered(still, agency, days, share):
    """Brands alike but for persuasion, log 3; a call on day 10, a need on day 30."""
    changes = {"brands.B.awareness": 1, f"{RULES}persuasion": math.log(3), "people.n": 2000}
    market = crew(still, agency, **changes, **{f"{RULES}call_days": days})
    steps(market, 8)
    call(market, 0, np.arange(1, 2000), SALES)
    steps(market, 20)
    orders = market.orders[market.orders["day"] == 30]
    assert orders.size == 2000, "the distributor finds only B"
    assert (orders["brand"] == 0).mean() == pytest.approx(share, abs=0.04)
    seller = 0 if days == 20 else -1
    assert set(orders["seller"][orders["brand"] == 0]) == {seller}, "it is remembered who called"


@pytest.mark.quick
@pytest.mark.parametrize("kind", [SALES, RECRUITING])
@pytest.mark.parametrize("trigger", [0.4, 0.0])
def test_a_sales_call_may_wake_the_need(still, agency, trigger, kind):
    market = crew(still, agency, **{f"{RULES}trigger": trigger, "people.n": 2000})
    market.world.rules["direct_selling_join_intercept"] = -math.inf
    steps(market, 8)
    call(market, 0, np.arange(1, 2000), kind)
    assert set(market.orders["day"]) <= {10}
    expected = trigger if kind == SALES else 0
    assert market.orders.size / 1999 == pytest.approx(expected, abs=0.04)


@pytest.mark.quick
def test_a_sales_call_moves_neither_colleagues_nor_who_has_left(still, agency):
    """Nor anybody, if the caller has quit since."""
    market = crew(still, agency, (0, 1), leaves={1: 9}, **{f"{RULES}trigger": 1})
    market.world.relationships["aware"][0, 1] = market.world.relationships["aware"][2, 1] = True
    market.world.relationships["dropped_out"][2, 0] = True
    steps(market, 6)
    call(market, 1, [0, 2, 3], SALES)
    assert market.world.selling["pitcher"][:5, 0].tolist() == [0, 0, 0, 2, 0]
    assert market.orders["person"].tolist() == [3]
    steps(market, 1)
    assert at_work(market).tolist() == [0]
    call(market, 1, [4], SALES)
    assert market.world.selling["pitcher"][4, 0] == 0
    assert market.orders.size == 1
    call(market, 0, [4], SALES)
    assert market.orders["person"].tolist() == [3, 4]


# --- whose a buyer is -----------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("transparency", [0, 0.3, 1])
def test_where_prices_are_plain_buyers_go_to_the_brand(still, agency, transparency):
    market = crew(still, agency, **{"brands.A.transparency": transparency, "people.n": 2000})
    market.world.selling["seller"][1:, 0] = 1
    market.run_model()
    first = market.orders[market.orders["day"] == 30]
    assert first.size == 1999
    assert (first["seller"] == -1).mean() == pytest.approx(transparency, abs=0.04)
    assert count(market, "resales").sum() == (market.orders["seller"] == 0).sum()
    assert set(market.world.selling["seller"][1:, 0]) == {1}, "who went direct may come back"


@pytest.mark.quick
def test_a_buyer_stays_with_the_seller_until_he_quits(still, agency):
    """Then 2 to 49, whom another has called lately, buy from that one, and the others direct."""
    changes = {"categories.cream.period_days": 5, f"{RULES}call_days": 365}
    market = crew(still, agency, (0, 1), leaves={0: 22}, **changes)
    market.world.selling["seller"][2:, 0] = 1
    steps(market, 5)
    call(market, 1, np.arange(2, 50), SALES)
    market.run_model()
    quit_day = market.distributors["quit_day"].tolist()
    assert quit_day == [22, NO_DAY], "on the day on which he leaves the category"
    seller = {
        day: market.orders["seller"][market.orders["day"] == day].tolist() for day in range(60)
    }
    for day in (5, 10, 15, 20):
        assert seller[day] == [0] * 98, "called by another or not"
    for day in (25, 30, 55):
        assert seller[day] == [1] * 48 + [-1] * 50


@pytest.mark.quick
def test_the_last_to_call_is_bought_from_and_remains_the_seller(still, agency):
    """Calls are forgotten after 40 days; he is bought from again on day 60."""
    market = crew(still, agency, (0, 1, 2), **{f"{RULES}call_days": 40, "days": 61})
    for by in (1, 0, 2, 0):
        call(market, by, np.arange(10, 40), SALES)
    call(market, 2, np.arange(20, 30), SALES)
    market.run_model()
    expected = np.full(100, -1)
    expected[10:40], expected[20:30] = 0, 2
    for day in (30, 60):
        orders = market.orders[market.orders["day"] == day]
        np.testing.assert_array_equal(orders["seller"], expected[orders["person"]])
        assert set(orders["person"]) == set(range(3, 100))


# --- giving up ------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("field", ["margin_cents", "commission_cents", "bonus_cents"])
@pytest.mark.parametrize(
    ("earned", "missing"), [(0, 1), (200, 0.5), (400, 0), (1000, -1.5), (10_000, -5)]
)
def test_the_less_earned_for_the_effort_the_more_quit(still, agency, field, earned, missing):
    """20 hours in 30 days at 20 CNY: 400 are expected. Log odds -1 when it paid, 2 a unit short."""
    changes = {**ALL, f"{RULES}quit_intercept": -1, f"{RULES}shortfall": 2, "people.n": 2000}
    market = still(**changes, **{A: agency({1: None}), "days": 40})
    steps(market, 2)
    market.world.distributors[field][:2000] = earned * 100
    market.run_model()
    quits = count(market, "quits")
    assert np.flatnonzero(quits).tolist() in ([31], []), "at the first review"
    assert quits.sum() / 2000 == pytest.approx(logistic(2 * missing - 1), abs=0.03)
    assert at_work(market).size == 2000 - quits.sum()


@pytest.mark.quick
@pytest.mark.parametrize("field", ["margin_cents", "commission_cents", "bonus_cents"])
def test_only_what_came_since_the_last_review_counts(still, agency, field):
    """All stay while they earn 1000 a month, and quit when they no longer do."""
    changes = {**ALL, f"{RULES}quit_intercept": 0, f"{RULES}shortfall": 100}
    market = still(**changes, **{A: agency({1: None}), f"{RULES}review_days": 10})
    steps(market, 2)
    for day in range(2, 42):
        market.world.distributors[field][:100] += 1000_00 // 30 if day <= 31 else 0
        market.step()
    assert set(market.distributors["quit_day"]) == {41}


@pytest.mark.quick
@pytest.mark.parametrize(("hours", "stay"), [(20, True), (60, False)])
def test_full_time_work_must_bring_more(still, agency, hours, stay):
    """800 earned would do for 20 hours, at 20 CNY, not for three times as many."""
    changes = {**ALL, f"{RULES}quit_intercept": 0, f"{RULES}shortfall": 100, f"{RULES}full_time": 1}
    changes |= {
        "people.willingness": 1,
        f"{RULES}prejudice": 0,
        f"{RULES}full_time_factor": hours / 20,
    }
    market = steps(still(**changes, **{A: agency({1: None})}), 2)
    market.world.distributors["margin_cents"][:100] = 800_00
    steps(market, 30)
    assert at_work(market).size == (100 if stay else 0)


@pytest.mark.quick
def test_nobody_gives_up_where_giving_up_is_off(still, agency):
    changes = {**ALL, f"{RULES}shortfall": 100, f"{RULES}review_days": 7}
    market = still(**changes, **{A: agency({1: None})})
    market.run_model()
    assert count(market, "quits").sum() == 0
    assert at_work(market).size == 100


@pytest.mark.quick
def test_who_leaves_the_brand_sells_for_it_no_more(still, agency):
    """All leave after the first use, on day 6; with the work goes the discount."""
    leaving = {"behaviour.dropout.propensity": 1, "behaviour.dropout.satisfaction_effect": 0}
    market = steps(still(**ALL, **leaving, **{A: agency({1: range(60)})}), 6)
    assert at_work(market).size == 60
    market.step()
    assert at_work(market).size == 0
    assert count(market, "quits").tolist() == [0] * 6 + [60]
    assert not market.world.people["role"].any()
    assert not any(discount_of(market, person) for person in range(60))


@pytest.mark.quick
@pytest.mark.parametrize("calls", [0, 14])
def test_who_leaves_the_category_sells_no_more(still, agency, calls):
    market = still(**{**CALLING, f"{RULES}calls": calls, A: agency({1: range(60)})})
    market.world.people["exit_day"][:30] = 20
    steps(market, 20)
    assert at_work(market).size >= 60
    market.step()
    assert set(market.distributors["quit_day"][:30]) == {20}
    assert not np.isin(at_work(market), np.arange(30)).any()
    assert not market.world.people["role"][:30].any()


@pytest.mark.quick
def test_who_has_quit_is_left_alone_for_a_while(still, agency):
    """All quit at the first review, on day 11, and are asked every day."""
    every_day = dict.fromkeys(range(1, 60))
    changes = {**ALL, f"{RULES}quit_intercept": math.inf, f"{RULES}review_days": 10}
    market = still(**changes, **{A: agency(every_day, refusal_days=20)})
    market.run_model()
    assert np.flatnonzero(count(market, "joins")).tolist() == [1, 31]
    assert np.flatnonzero(count(market, "quits")).tolist() == [11, 41]
    assert len(market.distributors) == 200


@pytest.mark.quick
def test_full_time_work_without_any_hours_is_refused(still):
    """Earnings are divided by them."""
    with pytest.raises(ConfigError, match="full_time_factor: must be"):
        still(**{f"{RULES}full_time_factor": 0})

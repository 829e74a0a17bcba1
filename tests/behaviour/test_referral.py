"""Referral: who invites whom and when, asked or of oneself; the funnel from touch to reward."""

import math

import numpy as np
import pytest
from scipy.stats import poisson

from sim.books import Account
from sim.counts import COUNTS
from sim.mechanisms.referral import MOST_INVITED
from sim.mechanisms.referral.terms import Referral
from sim.state import NO_DAY
from sim.strategies.interface import Does, Touch

A = "brands.A.strategies"
RULES = "behaviour.referral"
ASK = Touch("ask for friends", Does.INVITE_FRIENDS, day=8)
CASH = Referral(cash=10, vest_days=3)
"""Worth log 2 at the default scale: 10 % of the price, which is 100."""
ALL_INVITE = {f"{RULES}.asked": 1e6, f"{RULES}.spontaneous": 1e6}
ALL_FOLLOW = {f"{RULES}.acceptance_intercept": math.inf}
RING = {"network": {"kind": "ring"}}
FUNNEL = [
    "referral_eligible",
    "referral_asked",
    "referral_shared",
    "invitations",
    "clicks",
    "referred_orders",
    "rewards_vested",
]


def by_day(market, name, brand=0) -> dict[int, int]:
    """Return the days on which something was counted, and how often."""
    counted = market.counts[:, brand, COUNTS.index(name)]
    return {int(day): int(counted[day]) for day in np.flatnonzero(counted)}


def total(market, name, brand=0) -> int:
    return sum(by_day(market, name, brand).values())


def run(still, days, **changes):
    market = still(**{"days": days, **changes})
    market.run_model()
    return market


@pytest.fixture
def pairs(still, tied):
    """Return a function that makes a market of 50 pairs: a customer, and a friend who is none."""

    def build(**changes):
        network = tied([(2 * k, 2 * k + 1) for k in range(50)])
        unmoved = {"behaviour.talk.awareness": 0, f"{RULES}.trigger": 1}
        market = still(**{"network": network, **unmoved, **changes})
        market.world.relationships["aware"][1::2, 0] = False
        return market

    return build


# --- the funnel -----------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("vest_days", "vested"), [(3, 20), (30, 51)])
def test_each_stage_is_counted_on_its_day(pairs, programme, vest_days, vested):
    """Asked on day 8, heard, followed and bought on day 9, a Wednesday, which arrives on day 12.

    30 working days later it is Wednesday, day 51; 3 would be day 14, but a parcel of day 12 can be
    sent back until day 19.
    """
    offered = programme(Referral(cash=10, vest_days=vest_days), touches=[ASK])
    market = pairs(**{A: offered, **ALL_INVITE, **ALL_FOLLOW, f"{RULES}.invitations": 2})
    market.run_model()
    for name in ("referral_eligible", "referral_asked", "referral_shared"):
        assert by_day(market, name)[8] == 50, name
    first = market.invitations[market.invitations["day"] == 8]
    assert by_day(market, "invitations")[8] == len(first)
    assert first["asked"].all()
    assert (first["friend"] == first["referrer"] + 1).all()
    friends = len(set(first["friend"]))
    assert 35 < friends < 50, "exp(-2) of them get none"
    for name, day in (("clicks", 9), ("referred_orders", 9), ("rewards_vested", vested)):
        assert by_day(market, name)[day] == friends, name
    followed = first[first["clicked_day"] != NO_DAY]
    assert len(followed) == friends, "one each"
    assert set(followed["clicked_day"]) == {9}
    assert set(market.orders["day"][followed["order"]]) == {9}
    assert (market.orders["person"][followed["order"]] == followed["friend"]).all()
    assert (market.orders["invitation"][followed["order"]] >= 0).all()
    assert set(followed["vested_day"]) == {vested}
    assert (first["order"][first["clicked_day"] == NO_DAY] == -1).all()


@pytest.mark.quick
def test_invitations_come_of_talk_too(pairs, programme):
    """Unasked: used on day 6, talked about from then on, heard a day later."""
    changes = {"behaviour.talk.rate": 2, "behaviour.talk.constant": 1, "days": 12}
    market = pairs(**{A: programme(CASH), **changes, **ALL_INVITE, **ALL_FOLLOW})
    market.run_model()
    assert min(by_day(market, "invitations")) == 6
    assert min(by_day(market, "clicks")) == 7
    assert not market.invitations["asked"].any()
    assert total(market, "referral_asked") == 0
    assert total(market, "messages") == 0, "every talk is an invitation"
    assert total(market, "referred_orders") > 40


@pytest.mark.quick
def test_without_a_programme_there_is_nothing_to_invite_to(pairs, programme):
    changes = {"behaviour.talk.rate": 2, **ALL_INVITE, **ALL_FOLLOW, "days": 20}
    market = pairs(**{A: programme(touches=[ASK]), **changes})
    market.run_model()
    assert total(market, "referral_asked") == 50
    assert total(market, "messages") > 50
    for name in ("referral_shared", "invitations", "clicks", "referred_orders"):
        assert total(market, name) == 0, name
    assert len(market.invitations) == 0


@pytest.mark.quick
def test_a_programme_is_its_brands_own(pairs, programme):
    """B has the programme, and nobody knows it."""
    changes = {"behaviour.talk.rate": 2, **ALL_INVITE, "days": 20}
    market = pairs(**{A: programme(touches=[ASK]), "brands.B.strategies": programme(CASH, key="b")})
    assert len(run_on(market).invitations) == 0
    other = pairs(**{A: programme(CASH, touches=[ASK]), **changes})
    assert len(run_on(other).invitations) > 0


def run_on(market):
    market.run_model()
    return market


# --- who invites ----------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("product", "service"), [(0.5, 0.5), (0.49, 1), (1, 0.49), (0.4, 0.4)])
def test_only_who_is_satisfied_on_both_counts_invites(still, programme, product, service):
    changes = {**RING, "behaviour.talk.rate": 1, **ALL_INVITE, "people.n": 20}
    market = still(**{"days": 10, A: programme(CASH, touches=[ASK]), **changes})
    while market.day < 8:
        market.step()
    assert len(market.invitations) > 0, "so far all were satisfied"
    before = len(market.invitations)
    market.world.relationships["product"][:, 0], market.world.relationships["service"][:, 0] = (
        product,
        service,
    )
    market.step()
    satisfied = product >= 0.5 and service >= 0.5
    assert by_day(market, "referral_asked") == {8: 20}
    assert by_day(market, "referral_eligible") == ({8: 20} if satisfied else {})
    assert by_day(market, "referral_shared") == ({8: 20} if satisfied else {})
    assert (len(market.invitations) > before) == satisfied


@pytest.mark.quick
def test_nobody_invites_from_outside_the_audience(still, programme):
    changes = {**RING, "behaviour.talk.rate": 2, **ALL_INVITE, f"{RULES}.invitations": 20}
    changes |= {f"{RULES}.acceptance_intercept": -1e9}
    half = programme(CASH, touches=[ASK], audience={"share": 0.5})
    market = run(still, 30, **{A: half, **changes})
    asked = set(market.invitations["referrer"][market.invitations["asked"]].tolist())
    unasked = set(market.invitations["referrer"][~market.invitations["asked"]].tolist())
    assert 30 < len(asked) < 70
    assert by_day(market, "referral_asked") == {8: len(asked)}
    assert unasked == asked
    assert total(market, "messages") > 50, "the others talk as always"
    none = programme(CASH, touches=[ASK], audience={"share": 0})
    absent, without = run(still, 30, **{A: none, **changes}), run(still, 30, **changes)
    np.testing.assert_array_equal(absent.counts, without.counts)


@pytest.mark.quick
def test_who_has_left_or_gone_invites_no_more(still, programme):
    changes = {**RING, "behaviour.talk.rate": 2, **ALL_INVITE, "people.n": 30}
    market = still(**{"days": 20, A: programme(CASH, touches=[ASK]), **changes})
    while market.day < 8:
        market.step()
    market.world.relationships["dropped_out"][:10, 0] = True
    market.world.people["exit_day"][10:20] = 8
    before = len(market.invitations)
    market.run_model()
    later = market.invitations[before:]
    assert set(later["referrer"]) == set(range(20, 30))
    assert by_day(market, "referral_eligible") == {8: 10}
    assert by_day(market, "referral_asked") == {8: 10}


@pytest.mark.quick
def test_who_does_not_answer_is_not_asked(still, programme):
    changes = {**RING, **ALL_INVITE, "behaviour.touch.response": 0}
    market = run(still, 12, **{A: programme(CASH, touches=[ASK]), **changes})
    assert by_day(market, "referral_eligible") == {8: 100}
    assert total(market, "referral_asked") == len(market.invitations) == 0


@pytest.mark.quick
def test_in_the_continuation_nobody_invites(still, programme):
    changes = {**RING, "behaviour.talk.rate": 2, **ALL_INVITE, "terminal_period": 60}
    every_order = programme(CASH, touches=[ASK])
    market = run(still, 20, **{A: every_order, **changes})
    before = len(market.invitations)
    assert before > 100
    market.run_on()
    assert len(market.invitations) == before
    assert market.books.terminal[:, 0].any(), "though there is a terminal period"


# --- how many -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "cash"), [(0.5, 10), (2, 10), (0.5, 90), (0, 90)])
def test_who_is_asked_invites_at_the_rate_of_the_motive(still, programme, asked, cash):
    """The motive is log(1 + cash/10) alone: no delight, no social cost."""
    plain = {f"{RULES}.emotion": 0, f"{RULES}.cash_cost": 0, f"{RULES}.asked": asked}
    changes = {**RING, **plain, "people.n": 2000, f"{RULES}.acceptance_intercept": -1e9}
    market = run(still, 9, **{A: programme(Referral(cash=cash), touches=[ASK]), **changes})
    assert by_day(market, "referral_asked") == {8: 2000}
    expected = 1 - math.exp(-asked * math.log(1 + cash / 10))
    assert total(market, "referral_shared") / 2000 == pytest.approx(expected, abs=0.035)


@pytest.mark.parametrize("constant", [1, 0.5])
@pytest.mark.parametrize(("spontaneous", "cash"), [(0.5, 10), (0.5, 90), (0, 90)])
def test_talk_becomes_invitation_at_the_rate_of_the_motive(
    still, programme, spontaneous, cash, constant
):
    """However much of it opinion has thinned."""
    plain = {f"{RULES}.emotion": 0, f"{RULES}.cash_cost": 0, f"{RULES}.spontaneous": spontaneous}
    changes = {**RING, **plain, "behaviour.talk.rate": 1, "behaviour.talk.constant": constant}
    changes |= {f"{RULES}.acceptance_intercept": -1e9, "people.n": 300}
    market = run(still, 26, **{A: programme(Referral(cash=cash)), **changes})
    talks = total(market, "messages") + total(market, "invitations")
    silent = run(still, 26, **changes)
    assert talks == total(silent, "messages") > 2500, "an invitation takes the place of a talk"
    expected = 1 - math.exp(-spontaneous * math.log(1 + cash / 10))
    assert total(market, "invitations") / talks == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(("mean", "sociability"), [(3, 1), (3, 0.5), (1, 2)])
def test_the_number_of_ties_invited_is_poisson(still, programme, mean, sociability):
    changes = {"network": {"kind": "complete"}, **ALL_INVITE, f"{RULES}.acceptance_intercept": -1e9}
    changes |= {f"{RULES}.invitations": mean, "people.sociability": sociability, "people.n": 2000}
    market = run(still, 9, **{A: programme(CASH, touches=[ASK]), **changes})
    number = np.bincount(market.invitations["referrer"], minlength=2000)
    expected = poisson.pmf(np.arange(5), mean * sociability)
    np.testing.assert_allclose(np.bincount(number, minlength=5)[:5] / 2000, expected, atol=0.035)
    assert total(market, "invitations") == number.sum()
    assert total(market, "referral_shared") == 2000, "also who then finds nobody to invite"


@pytest.mark.quick
@pytest.mark.parametrize("off", [{f"{RULES}.invitations": 0}, {"people.sociability": 0}], ids=str)
def test_nobody_is_invited_at_a_mean_of_none(still, programme, off):
    market = run(still, 12, **{A: programme(CASH, touches=[ASK]), **RING, **ALL_INVITE, **off})
    assert total(market, "referral_shared") == 100
    assert len(market.invitations) == 0


@pytest.mark.quick
def test_invitations_go_to_ties_and_no_more_than_the_tables_hold(still, programme):
    changes = {**RING, **ALL_INVITE, f"{RULES}.invitations": 50, "people.sociability": 20}
    market = run(still, 10, **{A: programme(CASH, touches=[ASK]), **changes})
    world = market.world
    ties = {(i, int(j)) for i in range(100) for j in world.neighbours[2 * i : 2 * i + 2]}
    made = market.invitations
    assert set(zip(made["referrer"].tolist(), made["friend"].tolist(), strict=True)) == ties
    assert len(made) == 100 * MOST_INVITED
    alone = run(still, 10, **{A: programme(CASH, touches=[ASK]), **ALL_INVITE})
    assert total(alone, "referral_shared") == 100
    assert len(alone.invitations) == 0, "who knows nobody invites nobody"


@pytest.mark.quick
def test_two_questions_on_one_day_are_two_chances(still, programme):
    """Of half who share each time, a quarter do so twice, and to different ties."""
    plain = {f"{RULES}.emotion": 0, f"{RULES}.cash_cost": 0, f"{RULES}.asked": 1}
    changes = {"network": {"kind": "complete"}, **plain, f"{RULES}.acceptance_intercept": -1e9}
    again = Touch("ask again", Does.INVITE_FRIENDS, day=8)
    offered = programme(CASH, touches=[ASK, again])
    market = run(still, 9, **{A: offered, **changes, "people.n": 1000})
    assert by_day(market, "referral_asked") == {8: 2000}
    assert total(market, "referral_shared") / 2000 == pytest.approx(0.5, abs=0.04)
    made = market.invitations
    assert len(set(made["referrer"])) / 1000 == pytest.approx(0.75, abs=0.05)
    told = set(zip(made["referrer"].tolist(), made["friend"].tolist(), strict=True))
    assert len(told) > 0.98 * len(made), "in a crowd of 1,000 hardly anybody is picked twice"


# --- the strategy ---------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("human", [True, False])
def test_the_strategy_asks_after_every_order(still, human):
    given = {"referral": {"ask_day": 14, "human": human}}
    market = run(still, 60, **{A: given, "behaviour.touch.automation_warmth": 1})
    assert by_day(market, "touches") == {14: 100, 44: 100}
    assert by_day(market, "referral_asked") == {14: 100, 44: 100}
    cost = market.books.daily[:, 0].sum(axis=0)
    assert cost[Account.REFERRAL_ASKS] == 200 * (150 if human else 5)
    assert cost[Account.TOUCHES] == 0


@pytest.mark.quick
@pytest.mark.parametrize(
    ("given", "reward"),
    [
        ({}, (20, 0, 0)),
        ({"kind": "points"}, (0, 20, 0)),
        ({"kind": "goods"}, (0, 0, 20)),
        ({"kind": "none"}, (0, 0, 0)),
        ({"kind": "mixed"}, (10, 10, 0)),
        ({"kind": "mixed", "mix": {"cash": 3, "points": 0, "goods": 1}}, (15, 0, 5)),
        ({"kind": "mixed", "mix": {"cash": 0, "points": 0}}, (0, 0, 0)),
        ({"mix": {"goods": 1}}, (20, 0, 0)),
    ],
    ids=str,
)
def test_the_reward_is_given_in_kind(still, given, reward):
    world = still(**{A: {"referral": given}}).world
    row = world.programmes[0]
    assert tuple(row[f"{kind}_cents"] / 100 for kind in ("cash", "points", "goods")) == reward
    assert row["goods_at"].tolist() == [1, 3, 10]

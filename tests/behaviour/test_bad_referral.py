"""A bad referral comes home: a disappointed friend, thinner ties, a referrer who thinks less of it.

The referrer is person 0 and buys nothing; friends are invited, follow, and buy on day 0. A parcel
arrives on day 3 and is used on day 6.
"""

import math

import numpy as np
import pytest

from sim.counts import COUNTS
from sim.mechanisms.referral.terms import Referral

A = "brands.A.strategies"
RULES = "behaviour.referral"
CREAM = "brands.A.products.cream"
BAD_PRODUCT = {f"{CREAM}.quality": 0.1}
BAD_SERVICE = {"brands.A.service": 0.1}
FAULTY = {f"{CREAM}.fault_rate": 1, "behaviour.experience.complaint": 1}
STRENGTH, TRUST, DELIGHT = 0.5, 0.5, 0.8


def bad(market) -> dict[int, int]:
    counted = market.counts[:, 0, COUNTS.index("bad_referrals")]
    return {int(day): int(counted[day]) for day in np.flatnonzero(counted)}


@pytest.fixture
def referred(still, programme, invite, tied):
    """Return a function that makes a market in which person 0 has invited some of nine ties."""

    def build(*friends, network=None, days=20, **changes):
        follow = {f"{RULES}.acceptance_intercept": math.inf, "brands.A.awareness": 0}
        follow["behaviour.experience.delight_half_life"] = 1e12
        ties = network or tied([(0, k) for k in range(1, 10)], strength=STRENGTH)
        offered = programme(Referral(cash=10))
        made = {"people.n": 10, "days": days, "network": ties, A: offered}
        market = still(**{**made, **follow, **changes})
        market.world.relationships["delight"][0, 0] = DELIGHT
        invite(market, [(0, friend) for friend in friends])
        return market

    return build


def strengths(market, friend: int) -> tuple[float, float]:
    """Return the strength of the tie from the friend to person 0, and of the tie back."""
    world = market.world
    there = world.indptr[friend]
    assert world.neighbours[there] == 0
    return float(world.strength[there]), float(world.strength[friend - 1])


@pytest.mark.quick
@pytest.mark.parametrize(
    ("cause", "day"),
    [(BAD_PRODUCT, 6), (BAD_SERVICE, 6), (FAULTY, 3)],
    ids=["product", "service", "complaint"],
)
def test_a_disappointed_friend_says_so_and_the_referrer_hears_it_a_day_later(referred, cause, day):
    """Each lets go of the other by a fifth, the friend first."""
    market = referred(4, **cause)
    thin = pytest.approx(0.8 * STRENGTH)
    while market.day < day:
        market.step()
    assert strengths(market, 4) == (STRENGTH, STRENGTH)
    market.step()
    assert strengths(market, 4) == (thin, STRENGTH)
    assert market.world.relationships["trust"][0, 0] == TRUST
    market.step()
    assert strengths(market, 4) == (thin, thin)
    market.run_model()
    assert bad(market) == {day: 1}
    assert strengths(market, 4) == (thin, thin), "once"
    assert strengths(market, 5) == (STRENGTH, STRENGTH), "nobody else's ties"
    referrer = market.world.relationships[0, 0]
    assert referrer["trust"] == pytest.approx(0.8 * TRUST, rel=1e-6)
    assert referrer["delight"] == 0
    assert referrer["word_of_mouth"] == 0, "it is about the friend, not an opinion"


@pytest.mark.quick
@pytest.mark.parametrize(("rule", "lost"), [("trust", 0.5), ("delight", 0.3), ("tie", 1)])
def test_what_is_lost_is_for_the_rules_to_say(referred, rule, lost):
    market = referred(4, **BAD_PRODUCT, **{f"{RULES}.failed_{rule}_loss": lost})
    market.run_model()
    if rule == "tie":
        assert strengths(market, 4) == (0, 0)
    else:
        kept = {"trust": TRUST, "delight": DELIGHT}[rule] * (1 - lost)
        assert market.world.relationships[rule][0, 0] == pytest.approx(kept, rel=1e-6)


@pytest.mark.quick
def test_each_disappointed_friend_costs_again(referred):
    market = referred(2, 4, 7, **BAD_PRODUCT)
    market.run_model()
    assert bad(market) == {6: 3}
    assert market.world.relationships["trust"][0, 0] == pytest.approx(0.8**3 * TRUST, rel=1e-6)
    for friend in range(1, 10):
        kept = 0.8 if friend in (2, 4, 7) else 1
        assert strengths(market, friend) == pytest.approx((kept * STRENGTH, kept * STRENGTH))


@pytest.mark.quick
def test_nothing_is_lost_at_shares_of_none(referred):
    off = {f"{RULES}.failed_{what}_loss": 0 for what in ("tie", "trust", "delight")}
    market = referred(4, **BAD_PRODUCT, **off)
    market.run_model()
    assert bad(market) == {6: 1}
    assert strengths(market, 4) == (STRENGTH, STRENGTH)
    assert market.world.relationships["trust"][0, 0] == TRUST
    assert market.world.relationships["delight"][0, 0] == pytest.approx(DELIGHT)


@pytest.mark.quick
@pytest.mark.parametrize(
    "content", [{}, {"behaviour.experience.satisfaction_threshold": 0, **BAD_PRODUCT}], ids=str
)
def test_who_is_satisfied_says_nothing(referred, content):
    market = referred(4, **content)
    market.run_model()
    assert bad(market) == {}
    assert strengths(market, 4) == (STRENGTH, STRENGTH)
    assert market.world.relationships["trust"][0, 0] == TRUST


@pytest.mark.quick
def test_a_complaint_that_leaves_the_friend_content_is_none(referred):
    """Service that was perfect before stays above the satisfaction threshold after one fault."""
    market = referred(4, **FAULTY)
    market.world.relationships["service"][4, 0] = 1
    market.run_model()
    assert market.orders["refunded"].all()
    assert bad(market) == {}


@pytest.mark.quick
def test_only_the_first_order_is_the_referrers(referred):
    """The second, of day 30, is the bad one."""
    market = referred(4, days=60)
    for _ in range(20):
        market.step()
    market.world.products["quality"][0] = 0.0
    market.run_model()
    assert market.world.relationships["product"][4, 0] < 0.5
    assert bad(market) == {}


@pytest.mark.quick
def test_who_came_alone_blames_nobody(referred):
    market = referred(4, **BAD_PRODUCT)
    market.world.relationships["aware"][5:, 0] = True
    market.run_model()
    assert (market.world.relationships["product"][4:, 0] < 0.5).all()
    assert bad(market) == {6: 1}


@pytest.mark.quick
def test_a_referrer_who_has_gone_does_not_hear_of_it(referred):
    market = referred(4, **BAD_PRODUCT)
    market.world.people["exit_day"][0] = 7
    market.run_model()
    assert bad(market) == {6: 1}
    assert market.world.relationships["trust"][0, 0] == TRUST


@pytest.mark.quick
@pytest.mark.parametrize("kind", ["complete", "none"])
def test_without_stored_ties_trust_is_lost_and_nothing_breaks(referred, kind):
    market = referred(4, 5, network={"kind": kind}, **BAD_PRODUCT)
    market.run_model()
    assert bad(market) == {6: 2}
    assert market.world.relationships["trust"][0, 0] == pytest.approx(0.8**2 * TRUST, rel=1e-6)
    market.run_on()


@pytest.mark.quick
def test_a_thinner_tie_carries_less(referred):
    """The referrer's next invitation to the friend's friends is not touched, but words are."""
    market = referred(
        4, **BAD_PRODUCT, **{f"{RULES}.failed_tie_loss": 0.9, "behaviour.talk.rate": 50}
    )
    said = []
    while market.running:
        market.step()
        heard = market._messages[
            (market._messages["speaker_id"] == 4) & (market._messages["kind"] == 0)
        ]
        said += heard["strength"].tolist()
    assert said, "a dissatisfied friend talks"
    assert said == pytest.approx([0.1 * STRENGTH] * len(said))

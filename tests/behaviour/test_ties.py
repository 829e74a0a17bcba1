"""Ties: who is within reach, and how a close tie grows, wears and fades."""

import math

import numpy as np
import pytest

from sim.engine.kernels import borrow, kernel, plain
from sim.mechanisms.referral.terms import Referral
from sim.people.messages import Kind
from sim.people.ties import _strength_at, strength_of_tie
from sim.ties.contacts import Contacts, contacts_of

A = "brands.A.strategies"
CREAM = "brands.A.products.cream"
MANY = {"people.n": 400, "network": {"kind": "ring", "contacts": 150}}
SELLING = {"behaviour.direct_selling.join_intercept": math.inf}


def all_within_reach(market, person: int) -> list[int]:
    """Return the close ties and contacts of a person; who is both is there twice."""
    world = market.world
    known = Contacts(world.people["place"], world.circle, world.distances)
    close = world.neighbours[world.indptr[person] : world.indptr[person + 1]]
    return [*close.tolist(), *contacts_of(known, person).tolist()]


def within_reach(market, person: int) -> set[int]:
    return {*all_within_reach(market, person)}


def said(market, *kinds: int) -> np.ndarray:
    """Run a market to its end; return the messages of these kinds."""
    found = []
    while market.running:
        market.step()
        found.append(market._messages[np.isin(market._messages["kind"], kinds)])
    return np.concatenate(found)


@kernel
def _strengths(w, day):
    w = borrow(w)
    people = w.people.size
    out = np.empty((people, people), np.float32)
    for i in range(people):
        for j in range(people):
            out[i, j] = strength_of_tie(w, i, j, day)
    return out


# --- who is within reach --------------------------------------------------------------------------


@pytest.mark.quick
def test_a_distributor_sells_to_close_ties_and_contacts_and_to_nobody_else(still, agency):
    changes = {**MANY, **SELLING, "behaviour.direct_selling.calls": 400, "days": 60}
    market = still(**{**changes, "people.n": 300, A: agency({1: [7]})})
    calls = said(market, Kind.SALES_CALL, Kind.RECRUITING)
    own = calls[calls["speaker_id"] == 7]
    assert set(own["receiver"].tolist()) == within_reach(market, 7)
    assert len(within_reach(market, 7)) > 140
    every = np.array(all_within_reach(market, 7))
    share = np.isin(every, [6, 8]).sum() / 152
    assert np.isin(own["receiver"], [6, 8]).mean() == pytest.approx(share, abs=0.01), "all alike"


@pytest.mark.quick
def test_who_invites_has_an_audience_of_close_ties_and_contacts(still, programme):
    changes = {**MANY, "behaviour.talk.rate": 20, "behaviour.talk.constant": 1, "days": 90}
    changes |= {"behaviour.referral.spontaneous": 1e6, A: programme(Referral(cash=100))}
    market = still(**changes)
    invited = said(market, Kind.INVITATION)
    for person in (0, 123):
        own = invited[invited["speaker_id"] == person]
        assert set(own["receiver"].tolist()) <= within_reach(market, person)
        assert len(set(own["receiver"].tolist())) > 140


@pytest.mark.quick
def test_a_contact_has_the_strength_of_a_contact_and_close_ties_their_own(still):
    market = still(
        **{"people.n": 60, "network": {"kind": "ring", "contacts": 20, "contact_strength": 0.2}}
    )
    market.world.strength[:] = 0.7
    found = _strengths(market.handle, 0)
    for i in range(60):
        close = {(i - 1) % 60, (i + 1) % 60}
        expected = [
            0.7 if j in close else 0.2 if j in within_reach(market, i) else 0 for j in range(60)
        ]
        np.testing.assert_array_equal(found[i], np.array(expected, np.float32))


@pytest.mark.quick
@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_a_share_of_talk_goes_to_contacts(still, share):
    talk = {"behaviour.talk.rate": 1, "behaviour.talk.contacts": share}
    market = still(**{**MANY, **talk, "days": 20})
    words = said(market, Kind.OPINION)
    close = np.abs(words["speaker_id"].astype(int) - words["receiver"]) % 398 == 1
    assert words.size > 2000
    assert 1 - close.mean() == pytest.approx(share * (1 - 2 / 400), abs=0.05)


@pytest.mark.quick
def test_a_share_of_talk_without_contacts_changes_nothing(busy):
    one, two = busy(), busy(**{"behaviour.talk.contacts": 0.5})
    one.run_model()
    two.run_model()
    np.testing.assert_array_equal(one.orders, two.orders)


@pytest.mark.quick
def test_calls_do_not_wear_contacts(still, agency):
    wear = {"behaviour.direct_selling.calls": 50, "behaviour.direct_selling.tie_erosion": 0.5}
    market = still(**{**MANY, **SELLING, **wear, "people.n": 200, A: agency({1: [7]})})
    market.run_model()
    found = _strengths(market.handle, market.day)[7]
    contacts = within_reach(market, 7) - {6, 8}
    assert set(found[list(contacts)].tolist()) == {np.float32(0.1)}
    assert (found[[6, 8]] < 0.5).any()


@pytest.mark.quick
def test_contacts_whom_nobody_asks_change_nothing(busy):
    """With nobody who invites or sells."""
    off = {f"brands.{brand}.strategies": {} for brand in "ABC"}
    one, two = busy(**off), busy(**off, **{"network.contacts": 100})
    for market in (one, two):
        market.run_model()
    np.testing.assert_array_equal(one.orders, two.orders)
    assert one.world.relationships.tobytes() == two.world.relationships.tobytes()


# --- fading ---------------------------------------------------------------------------------------


class Tie:
    """As much of a world as a rule for one tie needs."""

    class Rules:
        network_contact_strength, ties_half_life = 0.1, 30.0

    def __init__(self, strength: float) -> None:
        self.rules = [self.Rules()]
        self.strength = np.array([strength], np.float32)
        self.last_use = np.array([5], np.int32)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("strength", "days", "left"),
    [
        (0.9, 0, 0.9),
        (0.9, 30, 0.5),
        (0.9, 60, 0.3),
        (0.9, 1e6, 0.1),
        (0.1, 30, 0.1),
        (0.05, 90, 0.05),
    ],
)
def test_an_unused_tie_fades_to_a_contact_and_no_further(strength, days, left):
    assert plain(_strength_at)(Tie(strength), 0, 5 + days) == pytest.approx(left, rel=1e-6)


FADING = {"network": {"kind": "ring"}, "behaviour.ties.half_life": 20.0, "days": 40}


@pytest.mark.quick
def test_ties_fade_where_nobody_talks(still):
    market = still(**FADING)
    market.run_model()
    found = _strengths(market.handle, 40)
    assert found[3, 4] == pytest.approx(0.1 + 0.4 * 0.25, rel=1e-6)
    assert found[3, 5] == 0
    assert (market.world.strength == 0.5).all(), "worked out when it is asked for"


@pytest.mark.quick
def test_a_message_uses_the_tie_of_who_says_and_who_hears_it(still):
    market = still(**FADING, **{"behaviour.talk.rate": 0.05})
    while market.running and not market._messages.size:
        market.step()
    word, day = market._messages[0], market.day - 1
    speaker, hearer = int(word["speaker_id"]), int(word["receiver"])
    assert float(word["strength"]) == pytest.approx(0.1 + 0.4 * 0.5 ** (day / 20), rel=1e-6)
    market.step()
    world = market.world
    for i, j, used in ((speaker, hearer, day), (hearer, speaker, day + 1)):
        at = world.indptr[i] + list(world.neighbours[world.indptr[i] :][:2]).index(j)
        assert world.last_use[at] == used
        faded = 0.1 + 0.4 * 0.5 ** (used / 20)
        assert world.strength[at] == pytest.approx(faded, rel=1e-6)


@pytest.mark.quick
def test_without_fading_no_day_is_kept(still):
    assert still(**RING_TALK).world.last_use.size == 0


RING_TALK = {"network": {"kind": "ring"}, "behaviour.talk.rate": 1}


# --- growing --------------------------------------------------------------------------------------


@pytest.fixture
def referred(still, programme, invite, tied):
    """Return a function that makes a market in which person 0 has invited person 4 of nine ties."""

    def build(**changes):
        follow = {"behaviour.referral.acceptance_intercept": math.inf, "brands.A.awareness": 0}
        ties = tied([(0, k) for k in range(1, 10)])
        offered = programme(Referral(cash=10, vest_days=5))
        made = {"people.n": 10, "days": 30, "network": ties, A: offered, **follow}
        market = still(**{**made, **changes})
        invite(market, [(0, 4)])
        return market

    return build


def pair(market) -> tuple[float, float]:
    """Return the strength of the tie from person 4 to person 0, and of the tie back."""
    found = _strengths(market.handle, market.day)
    return float(found[4, 0]), float(found[0, 4])


@pytest.mark.quick
def test_a_friend_who_is_satisfied_thanks_the_referrer_and_both_ties_grow(referred):
    """The friend's on day 6, when the order is used; the referrer's on hearing of it a day later."""
    market = referred(**{"behaviour.ties.shared": 0.4})
    grown = pytest.approx(0.5 + 0.4 * 0.5, rel=1e-6)
    while market.day < 7:
        assert pair(market) == (0.5, 0.5)
        market.step()
    assert pair(market) == (grown, 0.5)
    market.step()
    assert pair(market) == (grown, grown)
    market.run_model()
    assert pair(market) == (grown, grown), "once"
    others = np.delete(_strengths(market.handle, market.day)[0], [0, 4])
    assert (others == 0.5).all(), "nobody else's"
    assert market.world.relationships["word_of_mouth"][0, 0] == 0, "thanks are no opinion"


@pytest.mark.quick
def test_who_is_not_satisfied_does_not_thank(referred):
    market = referred(**{"behaviour.ties.shared": 0.4, f"{CREAM}.quality": 0.1})
    market.run_model()
    assert max(pair(market)) < 0.5


@pytest.mark.quick
def test_a_reward_that_is_paid_strengthens_both_ties(referred):
    market = referred(**{"behaviour.ties.kept": 0.2})
    market.run_model()
    grown = pytest.approx(0.5 + 0.2 * 0.5, rel=1e-6)
    assert pair(market) == (grown, grown)


@pytest.mark.quick
def test_a_sale_that_is_kept_strengthens_both_ties(still, agency, tied):
    """Each call wears the tie by a share, each sale kept gives some of it back."""
    network = {"people.n": 2, "network": tied([(0, 1)]), "days": 90}
    rules = {"behaviour.direct_selling.recruiting": 0, "behaviour.direct_selling.trigger": 1}
    changes = {**network, **SELLING, **rules, A: agency({1: [0]})}
    found = []
    for kept in (0, 0.3):
        market = still(**changes, **{"behaviour.ties.kept": kept})
        market.run_model()
        assert (market.orders["seller"] >= 0).sum() > 1
        found.append(market.world.strength.copy())
    assert (found[1] > found[0]).all()


@pytest.mark.quick
def test_ties_that_neither_grow_nor_fade_are_as_without_the_rules(busy):
    off = {"behaviour.ties": {"shared": 0.0, "kept": 0.0, "half_life": math.inf}}
    one, two = busy(), busy(**off)
    one.run_model()
    two.run_model()
    np.testing.assert_array_equal(one.orders, two.orders)
    np.testing.assert_array_equal(one.world.strength, two.world.strength)

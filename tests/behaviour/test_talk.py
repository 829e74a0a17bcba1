"""Word of mouth: who talks, how much, and what a word does on the next day."""

import math

import numpy as np
import pytest

from sim.counts import COUNTS
from sim.engine.calendar import schedule
from sim.engine.draws import draw
from sim.engine.kernels import plain
from sim.people.limits import MOST_TALKS_A_DAY
from sim.people.talk import peak
from sim.purposes import Purpose
from sim.state import MESSAGE, NO_DAY

RING = {"network": {"kind": "ring"}}
TALK = {**RING, "behaviour.talk.rate": 1}
CREAM = "brands.A.products.cream"


def words(market) -> int:
    return int(market.counts[:, 0, COUNTS.index("messages")].sum())


def listening(still, valence, *, strength=0.5, opinion=0.9, brand=1, receivers=50, **changes):
    """Return a market in which somebody says a word about a brand to half the people on day 0."""
    market = still(**{"categories.cream.start": "fresh", **changes})
    said = np.zeros(receivers, MESSAGE)
    said["speaker_id"], said["receiver"] = 99, np.arange(receivers)
    said["brand"], said["opinion"] = brand, opinion
    said["valence"], said["strength"] = valence, strength
    market._messages = said
    market.step()
    return market


# --- how much is said -----------------------------------------------------------------------------


@pytest.mark.parametrize(("sociability", "period"), [(0.5, 1), (2, 1), (2, 7)])
def test_a_customer_with_average_ties_talks_at_the_rate(still, sociability, period):
    """With all talk constant: rate x sociability x customers x days from first use on."""
    changes = {"behaviour.talk.rate": 0.2 * period, "behaviour.talk.period_days": period}
    changes |= {"behaviour.talk.constant": 1, "days": 106}
    market = still(**RING, **changes, **{"people.sociability": sociability})
    market.run_model()
    assert words(market) == pytest.approx(0.2 * sociability * 100 * 100, rel=0.1)
    assert market.counts[:6, 0, COUNTS.index("messages")].sum() == 0, "nothing used, nothing to say"


@pytest.mark.quick
@pytest.mark.parametrize(
    ("path", "off"),
    [("behaviour.talk.rate", 0), ("network", {"kind": "none"}), ("people.sociability", 0)],
)
def test_nobody_talks_without_rate_ties_or_sociability(still, path, off):
    market = still(**{**TALK, path: off})
    market.run_model()
    assert words(market) == 0
    assert (market.world.relationships["word_of_mouth_day"] == NO_DAY).all()


@pytest.mark.parametrize(
    ("satisfaction", "weight", "intensity"),
    [
        (0.5, 1.5, 0.3),  # the indifferent: the constant part only
        (1.0, 1.5, 1.0),  # the delighted
        (0.0, 1.5, 0.3 + 0.7 * 1.5),  # the disgusted talk more
        (0.0, 1.0, 1.0),  # unless bad words weigh the same
        (0.0, 0.5, 0.3 + 0.7 * 0.5),
        (0.75, 1.5, 0.3 + 0.7 * 0.5),  # half way
    ],
)
def test_talk_grows_with_distance_from_indifference(still, satisfaction, weight, intensity):
    learning = {f"behaviour.experience.{x}_learning": 0 for x in ("product", "service")}
    prior = {"behaviour.experience.prior": satisfaction, "behaviour.talk.negative_weight": weight}
    market = still(**TALK, **learning, **prior, **{"days": 106})
    market.run_model()
    assert words(market) == pytest.approx(intensity * 100 * 100, rel=0.06)


def test_constant_talk_does_not_depend_on_satisfaction(still):
    said = []
    for quality in (0.1, 0.9):
        changes = {"behaviour.talk.constant": 1, f"{CREAM}.quality": quality}
        changes |= {"behaviour.talk.negative_weight": 1}
        market = still(**TALK, **changes)
        market.run_model()
        said.append(words(market))
    assert said[0] == said[1] > 1000


@pytest.mark.quick
def test_hubs_talk_in_proportion_to_their_ties(still):
    network = {"kind": "scale_free", "mean_degree": 4, "clustering": 0}
    changes = {"network": network, "behaviour.talk.rate": 1, "behaviour.talk.constant": 1}
    market = still(**changes, **{"people.n": 300, "days": 56})
    said = np.zeros(300)
    while market.running:
        market.step()
        np.add.at(said, market._messages["speaker_id"].astype(int), 1)
    degree = np.diff(market.world.indptr)
    assert degree.max() > 20
    slope = (said * degree).sum() / (degree**2).sum()
    assert slope == pytest.approx(50 / 4, rel=0.1)
    assert np.corrcoef(said, degree)[0, 1] > 0.9


@pytest.mark.quick
def test_where_few_have_ties_those_talk_more_than_the_average(still, tied):
    """Of 100 people 20 have one tie each, 5 times the mean, and talk once a day."""
    pairs = [(2 * k, 2 * k + 1) for k in range(10)]
    changes = {"behaviour.talk.rate": 0.2, "behaviour.talk.constant": 1, "days": 106}
    market = still(**changes, network=tied(pairs))
    market.run_model()
    assert words(market) == pytest.approx(20 * 100, rel=0.1)


@pytest.mark.quick
def test_who_has_gone_talks_no_more(still):
    market = still(**TALK, **{"days": 40})
    market.world.people["exit_day"][:50] = 20
    while market.running:
        market.step()
        speakers = set(market._messages["speaker_id"].tolist())
        if market.day > 20:
            assert speakers <= set(range(50, 100))
    assert speakers, "the others still talk"


@pytest.mark.quick
def test_words_go_to_ties_and_all_of_them(still):
    market = still(**TALK, **{"days": 60})
    heard = set()
    while market.running:
        market.step()
        heard |= {(int(w["speaker_id"]), int(w["receiver"])) for w in market._messages}
    world = market.world
    ties = {(i, int(j)) for i in range(100) for j in world.neighbours[2 * i : 2 * i + 2]}
    assert heard == ties


@pytest.mark.quick
def test_in_a_complete_network_anybody_may_hear_but_oneself(still):
    changes = {"network": {"kind": "complete"}, "behaviour.talk.rate": 2, "people.n": 8}
    market = still(**changes)
    heard = set()
    while market.running:
        market.step()
        heard |= {(int(w["speaker_id"]), int(w["receiver"])) for w in market._messages}
    assert heard == {(i, j) for i in range(8) for j in range(8) if i != j}


@pytest.mark.quick
def test_nobody_talks_more_than_the_tables_hold(still):
    market = still(**{**TALK, "behaviour.talk.rate": 500, "people.n": 20, "days": 10})
    market.run_model()
    assert market.counts[7:, 0, COUNTS.index("messages")].max() <= 20 * MOST_TALKS_A_DAY


@pytest.mark.quick
def test_who_would_talk_without_end_comes_to_an_end(still):
    """Once nobody can hold more, the rest of the day is passed over, however many were left."""
    always = {"behaviour.talk.rate": 1e6, "behaviour.talk.constant": 1}
    market = still(**TALK | always, **{"people.n": 20, "days": 10})
    market.run_model()
    assert set(market.counts[7:, 0, COUNTS.index("messages")]) == {20 * MOST_TALKS_A_DAY}
    world, day = market.world, market.day
    for person in range(20):
        identity, key = world.people["id"][person], world.brands["key"][0]
        u = draw(world.seed[0], identity, 0, key, day, Purpose.TALK_GAP)
        due = day - math.log(u) / 1e6 / plain(peak)(world.rules[0])
        assert world.relationships["talk_due"][person, 0] == pytest.approx(due, abs=1e-14)


# --- what a word does -----------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("chance", [0.0, 0.4, 1.0])
def test_hearing_makes_aware(still, chance):
    changes = {"people.n": 1000, "behaviour.talk.awareness": chance}
    market = listening(still, 0.5, receivers=800, **changes)
    aware = market.world.relationships["aware"][:, 1]
    assert not aware[800:].any()
    assert aware[:800].mean() == pytest.approx(chance, abs=0.06)
    assert market.counts[0, 1, COUNTS.index("aware_by_word_of_mouth")] == aware.sum()


@pytest.mark.quick
@pytest.mark.parametrize("strength", [0.25, 1.0])
def test_expectation_moves_toward_the_speakers_view(still, strength):
    market = listening(still, 0.5, strength=strength)
    expectation = market.world.relationships["expectation"][:, 1]
    np.testing.assert_allclose(expectation[:50], 0.6 + 0.2 * strength * (0.9 - 0.6), rtol=1e-6)
    np.testing.assert_allclose(expectation[50:], 0.6)
    off = listening(still, 0.5, **{"behaviour.talk.expectation": 0})
    np.testing.assert_allclose(off.world.relationships["expectation"], 0.6)


@pytest.mark.quick
@pytest.mark.parametrize("strength", [0.25, 1.0])
@pytest.mark.parametrize("valence", [0.6, -0.6])
def test_trust_moves_with_the_word(still, strength, valence):
    market = listening(still, valence, strength=strength)
    trust = market.world.relationships["trust"][:, 1]
    np.testing.assert_allclose(trust[:50], 0.5 + 0.1 * strength * valence * 0.5, rtol=1e-6)
    assert (trust[50:] == 0.5).all()
    off = listening(still, valence, **{"behaviour.talk.trust": 0})
    assert (off.world.relationships["trust"] == 0.5).all()


@pytest.mark.quick
def test_who_did_not_take_it_in_believes_nothing(still):
    market = listening(still, 0.5, **{"behaviour.talk.awareness": 0})
    assert (market.world.relationships["trust"] == 0.5).all()
    np.testing.assert_allclose(market.world.relationships["expectation"], 0.6)
    assert (market.world.relationships["word_of_mouth_day"] == NO_DAY).all()


@pytest.mark.quick
def test_words_add_up_and_fade(still):
    """Two words a half-life apart: the first counts half."""
    market = listening(still, 0.8, **{"days": 100, "behaviour.talk.half_life": 20})
    said = np.zeros(1, MESSAGE)
    said["speaker_id"], said["receiver"], said["brand"] = 98, 3, 1
    said["valence"], said["strength"] = -0.4, 1.0
    for _ in range(1, 20):
        market.step()
    market._messages = said
    market.step()
    heard = market.world.relationships["word_of_mouth"][:, 1]
    assert heard[3] == pytest.approx(0.8 * 0.5 / 2 - 0.4, rel=1e-6)
    np.testing.assert_allclose(heard[4:50], 0.8 * 0.5, rtol=1e-6)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("valence", "wakes", "bought"),
    [(0.5, 1.0, True), (0.0, 1.0, True), (-0.1, 1.0, False), (0.5, 0.0, False)],
)
def test_a_good_word_may_wake_a_need(still, valence, wakes, bought):
    changes = {"behaviour.talk.trigger": wakes, "days": 31}
    market = listening(still, valence, **changes)
    early = market.orders
    if bought:
        assert early["person"].tolist() == list(range(50))
        assert set(early["day"]) == {0}
    else:
        assert len(early) == 0
    market.run_model()
    # the stock at hand is kept: who bought early needs nothing on day 30
    later = market.orders["person"][market.orders["day"] == 30]
    assert later.tolist() == list(range(50 if bought else 0, 100))


@pytest.mark.quick
def test_a_word_wakes_at_its_chance_and_only_needs_that_there_are(still):
    changes = {"behaviour.talk.trigger": 0.3, "people.n": 1000}
    market = listening(still, 0.5, receivers=1000, **changes)
    assert len(market.orders) == pytest.approx(300, abs=60)
    durable = {**changes, "categories.cream.usage": 0}
    assert len(listening(still, 0.5, receivers=1000, **durable).orders) == 0


@pytest.mark.quick
def test_a_woken_need_is_open_to_all_brands(still):
    changes = {"behaviour.talk.trigger": 1, "people.n": 1000}
    market = listening(still, 0.5, receivers=1000, **changes)
    assert np.bincount(market.orders["brand"]).min() > 400


@pytest.mark.quick
def test_a_brand_one_has_left_wakes_nothing(still):
    market = still(**{"categories.cream.start": "fresh", "behaviour.talk.trigger": 1})
    market.world.relationships["dropped_out"][:25, 1] = True
    said = np.zeros(50, MESSAGE)
    said["speaker_id"], said["receiver"], said["brand"] = 99, np.arange(50), 1
    said["valence"], said["strength"] = 0.5, 0.5
    market._messages = said
    market.step()
    assert sorted(market.orders["person"]) == list(range(25, 50))


@pytest.mark.quick
def test_who_is_not_there_hears_nothing(still):
    market = still(**{"behaviour.talk.trigger": 1, "categories.cream.start": "fresh"})
    market.world.people["entry_day"][:10] = 5
    market.world.people["exit_day"][10:20] = 0
    market.world.people["entry_day"][20:] = 0  # today
    said = np.zeros(30, MESSAGE)
    said["speaker_id"], said["receiver"], said["brand"] = 99, np.arange(30), 1
    said["valence"], said["strength"] = 0.5, 0.5
    market._messages = said
    market.step()
    assert np.flatnonzero(market.world.relationships["aware"][:, 1]).tolist() == list(range(20, 30))


# --- all together ---------------------------------------------------------------------------------


def test_what_is_said_today_is_heard_tomorrow(still):
    """Along a ring, awareness travels no faster than one tie a day plus the time to use."""
    changes = {**TALK, "behaviour.talk.rate": 20, "behaviour.talk.trigger": 1}
    changes |= {f"{CREAM}.delivery_days": 0, f"{CREAM}.effect_days": 0, "brands.A.awareness": 0}
    market = still(**changes, **{"categories.cream.start": "fresh", "people.n": 60, "days": 29})
    place, ties = 0, market.world.neighbours
    market.world.relationships["aware"][place, 0] = True
    market.world.occasions["due"][place, 0] = 0.0
    reached = {place}
    schedule(market.world.occasions_due, place, 0)
    for day in range(29):
        market.step()
        aware = set(np.flatnonzero(market.world.relationships["aware"][:, 0]).tolist())
        frontier = reached | {int(j) for i in reached for j in ties[2 * i : 2 * i + 2]}
        assert aware <= (frontier if day else reached)
        reached = aware
    assert len(reached) > 20


@pytest.mark.parametrize("quality", [0.1, 0.95])
def test_good_and_bad_products_are_spoken_of_as_they_are(still, quality):
    """Half the people never buy B: what they hear moves what they expect of it, and trust."""
    changes = {**TALK, "behaviour.talk.rate": 0.3, "brands.B.awareness": 1}
    changes |= {"brands.B.products.cream.quality": quality, "brands.B.service": quality}
    market = still(**changes, **{"days": 120, "people.n": 300})
    market.world.relationships["dropped_out"][::2, 1] = True
    market.run_model()
    never = market.world.relationships[::2, 1]
    moved = never[never["word_of_mouth_day"] != NO_DAY]
    assert len(moved) > 100
    direction = 1 if quality > 0.5 else -1
    assert direction * (moved["expectation"].mean() - 0.6) > 0.05
    assert direction * (moved["trust"].mean() - 0.5) > 0.02
    assert direction * moved["word_of_mouth"].mean() > 0.05
    untouched = never[never["word_of_mouth_day"] == NO_DAY]
    np.testing.assert_allclose(untouched["expectation"], 0.6)


def test_stronger_ties_say_more_also_in_a_complete_network(still):
    """The strength that the file gives the ties is the strength with which words arrive."""
    for kind in ("ring", "complete"):
        moved = []
        for strength in (0.2, 0.8):
            changes = {"network": {"kind": kind, "strength": strength}, "behaviour.talk.rate": 0.5}
            changes |= {f"{CREAM}.quality": 0.95, "behaviour.talk.constant": 1}
            changes |= {"behaviour.trust.kept": 0}
            market = still(**changes, **{"days": 8})
            market.run_model()
            moved.append(float(market.world.relationships["trust"][:, 0].mean()) - 0.5)
        assert moved[0] > 0
        assert moved[1] == pytest.approx(4 * moved[0], rel=0.15), kind

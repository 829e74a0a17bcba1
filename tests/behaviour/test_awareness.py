"""Awareness: what is forgotten, what brings it back, and the brand that everybody always knows."""

import math

import numpy as np
import pytest

from sim.config.load import load_market
from sim.config.yaml_file import ConfigError
from sim.counts import COUNTS
from sim.strategies.interface import Does, Touch
from tests.conftest import STILL

FORGET, BUYERS = "behaviour.awareness.forgetting", "behaviour.awareness.forgetting_buyers"
NOBODY_BUYS = {"categories.cream.usage": 0, "categories.cream.start": "fresh"}
SLOW_TO_ARRIVE = {"brands.A.products.cream.delivery_days": 20}


def aware(market, brand=0):
    return market.world.relationships["aware"][:, brand]


def counted(market, name, brand=0):
    return int(market.counts[:, brand, COUNTS.index(name)].sum())


# --- forgetting -----------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("rate", [0.01, 0.1])
def test_who_knows_a_brand_forgets_it_at_the_rate(still, rate):
    market = still(**NOBODY_BUYS, **{FORGET: rate, "people.n": 4000, "days": 31})
    for day in range(31):
        market.step()
        left, expected = aware(market).mean(), math.exp(-rate * day)
        assert left == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 4000))
    assert counted(market, "forgotten") == 4000 - aware(market).sum()


@pytest.mark.quick
def test_awareness_of_the_file_holds_on_day_0(still):
    market = still(**NOBODY_BUYS, **{FORGET: 5.0, "days": 3})
    market.step()
    assert aware(market).all(), "nobody forgets before the second day"
    market.step()
    assert aware(market).sum() < 5


@pytest.mark.quick
def test_without_forgetting_nobody_forgets(still):
    market = still(days=200)
    market.run_model()
    assert aware(market).all() and counted(market, "forgotten") == 0
    assert market.world.forgetting_due.link.size == 0, "and it costs no memory"


@pytest.mark.quick
@pytest.mark.parametrize(("rates", "left"), [((0.05, 0.0), 1.0), ((0.0, 0.05), math.exp(-1.45))])
def test_buyers_forget_at_a_rate_of_their_own(still, rates, left):
    """All buy on day 0; with slow delivery no use reminds them."""
    changes = dict(zip((FORGET, BUYERS), rates, strict=True)) | SLOW_TO_ARRIVE
    market = still(**changes, **{"people.n": 2000, "days": 30, "behaviour.awareness.use": 0})
    market.run_model()
    assert aware(market).mean() == pytest.approx(left, abs=0.04)


@pytest.mark.quick
def test_who_has_forgotten_does_not_buy_and_feels_as_before(still):
    market = still(**{BUYERS: 20.0, "days": 90, "behaviour.awareness.use": 0})
    before = None
    for day in range(90):
        market.step()
        if day == 6:  # used, and long forgotten
            before = market.world.relationships[:, 0].copy()
    after = market.world.relationships[:, 0]
    assert len(market.orders) == 100 and not aware(market).any()
    for field in ("product", "service", "trust", "expectation", "orders", "log_reference"):
        np.testing.assert_array_equal(before[field], after[field])


@pytest.mark.quick
def test_nobody_speaks_of_what_they_have_forgotten(still):
    talk = {"network": {"kind": "complete"}, "behaviour.talk.rate": 1, "brands.B.awareness": 1}
    market = still(**talk, **{BUYERS: 20.0, "days": 25, "behaviour.talk.awareness": 0})
    said = []
    for _ in range(25):
        market.step()
        said.append(int(market.counts[-1, :, COUNTS.index("messages")].sum()))
    assert sum(said[6:8]) > 0, "the use reminds for a day"
    assert sum(said[10:]) == 0


# --- what restores it -----------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(("share", "remembered"), [(0.0, 0), (0.4, 0.4), (1.0, 1)])
def test_use_brings_a_brand_back_to_mind(still, share, remembered):
    """All buy on day 0, have forgotten on day 2, and use on day 6."""
    market = still(**{BUYERS: 20.0, "behaviour.awareness.use": share, "people.n": 1000, "days": 7})
    market.run_model()
    assert aware(market).mean() == pytest.approx(remembered, abs=0.06 if 0 < share < 1 else 0)
    assert counted(market, "aware_by_use") == aware(market).sum()


@pytest.mark.quick
@pytest.mark.parametrize(("share", "remembered"), [(0.0, 0), (0.4, 0.4), (1.0, 1)])
def test_touches_bring_a_brand_back_to_mind_by_their_share(still, follow_up, share, remembered):
    portfolio = follow_up(Touch("hello", Does.ASK_DIFFICULTIES, day=4))
    changes = {"brands.A.strategies": portfolio, "behaviour.awareness.touch": share}
    market = still(**changes, **{BUYERS: 20.0, "people.n": 1000, "days": 5})
    market.run_model()
    assert counted(market, "touches") == 1000
    assert aware(market).mean() == pytest.approx(remembered, abs=0.06 if 0 < share < 1 else 0)
    assert counted(market, "aware_by_touches") == aware(market).sum()


@pytest.mark.quick
def test_advertising_brings_a_brand_back_to_mind_again_and_again(still):
    changes = {"brands.A.advertising.spend": 1e9, "behaviour.advertising.reach": 0.5}
    market = still(**NOBODY_BUYS, **changes, **{FORGET: 0.5, "people.n": 500, "days": 60})
    market.run_model()
    again = counted(market, "aware_by_advertising")
    assert again > 10 * 500
    assert counted(market, "forgotten") == again + 500 - aware(market).sum()


@pytest.mark.quick
def test_messages_bring_a_brand_back_to_mind(still):
    talk = {"network": {"kind": "complete"}, "behaviour.talk.rate": 0.5}
    market = still(**talk, **{BUYERS: 0.1, "days": 60, "behaviour.awareness.use": 0})
    market.run_model()
    assert counted(market, "aware_by_word_of_mouth") > 50


@pytest.mark.quick
def test_reminding_who_knows_changes_nothing(still, follow_up):
    """What is left of an exponential time is one: the day on which it ends stays."""
    portfolio = follow_up(*(Touch(f"day {d}", Does.ASK_DIFFICULTIES, day=d) for d in range(1, 9)))
    changes = {BUYERS: 0.05, "behaviour.awareness.touch": 1, "behaviour.awareness.use": 1}
    silent, told = (
        still(**changes, days=10),
        still(**changes, days=10, **{"brands.A.strategies": portfolio}),
    )
    for _ in range(10):
        silent.step()
        told.step()
        never = (silent.world.relationships["times_aware"] == 0) & (
            told.world.relationships["times_aware"] == 0
        )
        due = [m.world.forgetting_due.link["day"].reshape(never.shape) for m in (silent, told)]
        assert (due[0] == due[1])[never].all()
    assert counted(told, "touches") == 800 and aware(told).sum() > aware(silent).sum()


@pytest.mark.quick
def test_whoever_has_a_role_does_not_forget(still, agency):
    changes = {"brands.A.strategies": agency({1: None}), "days": 40, BUYERS: 0.2}
    changes |= {"behaviour.direct_selling.join_intercept": math.inf, "behaviour.awareness.use": 0}
    changes |= {"behaviour.direct_selling.quit_intercept": -math.inf}
    market = still(**changes, **SLOW_TO_ARRIVE)
    market.step()
    market.step()
    roles = market.world.relationships["role"][:, 0] > 0
    works = roles & aware(market)
    assert 20 < works.sum() < 100
    while market.running:
        market.step()
    assert aware(market)[works].all()
    assert aware(market)[~roles].sum() == 0


# --- nothing of it when off -----------------------------------------------------------------------

TABLES = ("relationships", "occasions", "people")


@pytest.mark.quick
def test_what_restores_does_nothing_where_nobody_forgets(busy):
    """Whoever is touched, or uses something, has bought, and so knows the brand."""
    plain = busy()
    other = busy(**{"behaviour.awareness.touch": 0.7, "behaviour.awareness.use": 0.2})
    for market in (plain, other):
        market.run_model()
    assert counted(plain, "touches") > 50
    for name in TABLES:
        assert getattr(plain.world, name).tobytes() == getattr(other.world, name).tobytes()
    np.testing.assert_array_equal(plain.books.daily, other.books.daily)


# --- the rest of the category ---------------------------------------------------------------------


def test_the_rest_of_the_category_is_always_known_and_never_left(still):
    changes = {FORGET: 0.2, BUYERS: 0.2, "behaviour.dropout.propensity": 0.5, "days": 200}
    changes |= {"people.entry": {"kind": "steady", "later": 0.5, "over_days": 150}}
    rest = {"brands.B.rest_of_category": True, "brands.B.awareness": 1}
    market = still(**changes, **rest)
    market.run_model()
    relationships = market.world.relationships
    assert relationships["aware"][:, 1].all() and not relationships["dropped_out"][:, 1].any()
    assert not relationships["aware"][:, 0].all() and relationships["dropped_out"][:, 0].any()
    ordinary = still(**changes, **{"brands.B.awareness": 1})
    ordinary.run_model()
    assert ordinary.world.relationships["dropped_out"][:, 1].any()
    assert not ordinary.world.relationships["aware"][:, 1].all()


REFUSED = {
    "strategies": ({"service_followup": {}}, "brands.B.strategies: B is the rest of the category"),
    "advertising": ({"spend": 5}, "brands.B.advertising: B is the rest of the category"),
    "awareness": (0.7, "brands.B.awareness: B is the rest of the category"),
}


@pytest.mark.quick
@pytest.mark.parametrize("field", REFUSED)
def test_the_rest_of_the_category_has_nothing_to_say(field):
    value, says = REFUSED[field]
    changes = {"brands.B.rest_of_category": True, "brands.B.awareness": 1}
    with pytest.raises(ConfigError, match=says):
        load_market(STILL, {**changes, f"brands.B.{field}": value})


@pytest.mark.quick
def test_it_survives_being_written_out():
    config = load_market(STILL, {"brands.B.rest_of_category": True, "brands.B.awareness": 1})
    assert type(config).model_validate(config.model_dump()) == config

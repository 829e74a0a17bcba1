"""Dropout per order, tilted by satisfaction and by ties who dropped out."""

import math

import numpy as np
import pytest

from sim.counts import COUNTS
from sim.engine.kernels import plain
from sim.people import dropout
from sim.state import NO_DAY

CREAM = "brands.A.products.cream"
COIN = {"behaviour.dropout.propensity": 0.2, "behaviour.dropout.satisfaction_effect": 0}
CAUSES = [name for name in COUNTS if name.startswith("dropouts_")]


def chance(rules, relationship, day) -> float:
    """Return the chance of dropout that the hazard of an order comes to."""
    return -math.expm1(-plain(dropout.hazard)(rules, relationship, relationship["dropout"], day))


def left_by_cause(market) -> dict[str, int]:
    total = market.counts[:, 0].sum(axis=0)
    return {name.removeprefix("dropouts_"): int(total[COUNTS.index(name)]) for name in CAUSES}


# --- the coin -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_first", "tosses"), [(True, 4), (False, 3)])
def test_a_coin_after_each_experience(still, after_first, tosses):
    """Orders on days 0, 30, 60 and 90; each is judged six days later."""
    changes = {**COIN, "behaviour.dropout.after_first": after_first, "days": 98}
    market = still(**changes, **{"people.n": 2000})
    market.run_model()
    relationships = market.world.relationships[:, 0]
    assert 1 - relationships["dropped_out"].mean() == pytest.approx(0.8**tosses, abs=0.04)
    days = set(relationships["dropped_out_day"][relationships["dropped_out"]])
    assert days == {6, 36, 66, 96} - ({6} if not after_first else set())
    assert set(relationships["dropped_out_day"][~relationships["dropped_out"]]) == {NO_DAY}
    orders = np.bincount(market.orders["person"], minlength=2000)
    gone = relationships["dropped_out"]
    np.testing.assert_array_equal(orders[gone], relationships["dropped_out_day"][gone] // 30 + 1)
    assert (orders[~gone] == 4).all()


@pytest.mark.quick
def test_without_propensity_nobody_leaves(still):
    market = still(
        **{"behaviour.dropout.satisfaction_effect": 10, f"{CREAM}.quality": 0, "days": 200}
    )
    market.run_model()
    assert not market.world.relationships["dropped_out"].any()


def test_propensity_is_each_ones_own(still):
    """After many experiences those are left who hardly ever leave (Fader and Hardie 2007)."""
    beta = {"dist": "beta", "a": 0.5, "b": 1.5}
    changes = {**COIN, "behaviour.dropout.propensity": beta, "people.n": 2000, "days": 160}
    market = still(**changes)
    market.run_model()
    orders = np.bincount(market.orders["person"], minlength=2000)
    alive = np.array([(orders >= k).sum() for k in range(1, 7)])
    retention = alive[1:] / alive[:-1]
    assert retention[0] == pytest.approx(1 - 0.5 / 2, abs=0.04)
    assert retention[-1] > retention[0] + 0.1, "rising, from constant hazards"


# --- satisfaction ---------------------------------------------------------------------------------


@pytest.mark.parametrize("satisfaction_effect", [0.0, 3.0])
def test_the_dissatisfied_leave_more_often(still, satisfaction_effect):
    def share(quality):
        changes = {
            **COIN,
            "behaviour.dropout.satisfaction_effect": satisfaction_effect,
            f"{CREAM}.quality": quality,
        }
        market = still(**changes, **{"people.n": 2000, "days": 8})
        market.run_model()
        return market.world.relationships["dropped_out"][:, 0].mean(), market.world.relationships[
            "overall"
        ][0, 0]

    (good, high), (bad, low) = share(0.7), share(0.2)
    for left, overall in ((good, high), (bad, low)):
        assert left == pytest.approx(
            0.2 * math.exp(-satisfaction_effect * (overall - 0.5)), abs=0.03
        )
    assert (bad > good + 0.08) == (satisfaction_effect > 0)


@pytest.mark.parametrize(
    ("quality", "service", "cause"),
    [(0.1, 0.1, "both"), (0.1, 0.9, "product"), (0.9, 0.1, "service"), (0.9, 0.9, "neither")],
)
def test_a_dropout_is_filed_under_what_had_failed(still, quality, service, cause):
    changes = {f"{CREAM}.quality": quality, "brands.A.service": service}
    changes |= {"behaviour.experience.service_learning": 0.5, **COIN, "days": 8}
    market = still(**changes, **{"people.n": 500})
    market.run_model()
    left = left_by_cause(market)
    assert left[cause] == sum(left.values()) == market.world.relationships["dropped_out"].sum()
    assert left[cause] > 50


@pytest.mark.quick
def test_who_is_just_satisfied_leaves_for_no_fault_of_the_brand(still):
    at_the_gate = {
        "prior": 0.5,
        "satisfaction_threshold": 0.5,
        "product_learning": 0,
        "service_learning": 0,
    }
    changes = {f"behaviour.experience.{name}": value for name, value in at_the_gate.items()}
    market = still(**changes, **{"behaviour.dropout.propensity": 1, "days": 8})
    market.run_model()
    left = left_by_cause(market)
    assert left["neither"] == 100 == sum(left.values())


# --- contagion ------------------------------------------------------------------------------------


@pytest.mark.quick
def test_a_tie_who_leaves_raises_the_hazard_for_a_while(still):
    market = still(**{**COIN, "behaviour.dropout.contagion": 1.8})
    rules, relationship = market.world.rules[0], market.world.relationships[0, 0]
    assert chance(rules, relationship, 100) == pytest.approx(0.2)
    relationship["contagion_day"] = 100
    for age, factor in ((0, 1.8), (30, 1.4), (60, 1.2), (3000, 1.0)):
        assert chance(rules, relationship, 100 + age) == pytest.approx(0.2 * factor)
    relationship["dropout"] = 0.9
    assert chance(rules, relationship, 100) == 1.0, "certain"


@pytest.mark.quick
def test_only_ties_of_those_who_left_hear_of_it_and_on_the_next_day(still):
    """On a ring every fifth person leaves after the first use, on day 6."""
    changes = {"network": {"kind": "ring", "homophily": 0}, "behaviour.dropout.contagion": 1.8}
    market = still(**changes)
    leaver = np.arange(100) % 5 == 0
    market.world.relationships["dropout"][:, 0] = np.where(leaver, 1000.0, 0.0)
    for _ in range(7):
        market.step()
    world = market.world
    np.testing.assert_array_equal(world.relationships["dropped_out"][:, 0], leaver)
    told = np.zeros(100, bool)
    for i in np.flatnonzero(leaver):
        told[world.neighbours[world.indptr[i] : world.indptr[i + 1]]] = True
    assert told.sum() >= 30
    np.testing.assert_array_equal(
        world.relationships["contagion_day"][:, 0], np.where(told, 6, NO_DAY)
    )
    assert (world.relationships["contagion_day"][:, 1] == NO_DAY).all(), "it is about one brand"


def test_contagion_makes_more_people_leave_and_none_without_ties(still):
    def left(contagion, kind):
        changes = {**COIN, "behaviour.dropout.contagion": contagion, "people.n": 1000}
        changes |= {"behaviour.dropout.propensity": 0.1, "days": 200, "network": {"kind": kind}}
        market = still(**changes)
        market.run_model()
        return int(market.world.relationships["dropped_out"][:, 0].sum())

    assert left(4, "small_world") > left(1, "small_world") * 1.15
    assert left(4, "none") == left(1, "none") == left(1, "small_world")


@pytest.mark.quick
def test_who_left_talks_no_more(still):
    changes = {"behaviour.talk.rate": 2, "network": {"kind": "ring"}, "days": 40}
    market = still(**changes)
    leaver = np.arange(100) < 50
    market.world.relationships["dropout"][:, 0] = np.where(leaver, 1000.0, 0.0)
    for _ in range(7):
        market.step()
    assert set(market._messages["speaker_id"]) <= set(range(50, 100))
    assert len(market._messages) > 0

"""Audiences: a random share, of one's own or of a group, and who is in it."""

import numpy as np
import pytest

from sim.config.yaml_file import ConfigError

PEOPLE = 1000


def followed(**audience) -> dict:
    return {"service_followup": {"audience": audience}}


def both(one: dict, two: dict) -> dict:
    return {"service_followup": {"audience": one}, "referral": {"audience": two}}


def audiences(market, brand: str = "A"):
    return [market.in_audience(brand, name) for name in ("service_followup", "referral")]


@pytest.fixture
def made(still):
    def make(strategies: dict, **others):
        return still(**{"people.n": PEOPLE, "brands.A.strategies": strategies, **others})

    return make


@pytest.mark.quick
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_who_is_said_to_be_reached_is_who_is_reached(made, share):
    market = made(followed(share=share, group="pilot"), days=10)
    market.run_model()  # all buy, and all who may be are contacted
    touched = market.world.relationships["fatigue_day"][:, 0] > 0
    assert (market.in_audience("A", "service_followup") == touched).all()
    assert touched.mean() == pytest.approx(share, abs=0.05)


@pytest.mark.quick
def test_who_may_refer_is_said_as_well(made, known_strategies):
    market = made(both({}, {"share": 0.3, "group": "pilot"}))
    programme = market.world.programmes[0]
    other = made({"service_followup": {"audience": {"share": 0.3, "group": "pilot"}}})
    assert programme["share"] == 0.3
    assert programme["audience_key"] == other.world.steps["audience_key"][0]
    assert programme["key"] == made(both({}, {"share": 0.3})).world.programmes[0]["key"]


@pytest.mark.quick
def test_strategies_of_a_group_reach_the_same_people(made):
    one, two = audiences(made(both(*[{"share": 0.3, "group": "pilot"}] * 2)))
    assert 200 < one.sum() < 400
    assert (one == two).all()


@pytest.mark.quick
def test_without_a_group_each_strategy_reaches_people_of_its_own(made):
    one, two = audiences(made(both({"share": 0.3}, {"share": 0.3})))
    assert (one & two).mean() == pytest.approx(0.09, abs=0.03)
    in_a_group, _ = audiences(made(both({"share": 0.3, "group": "pilot"}, {"share": 0.3})))
    assert (one & in_a_group).mean() == pytest.approx(0.09, abs=0.03)


@pytest.mark.quick
def test_a_group_named_like_a_strategy_is_not_that_strategys_audience(made):
    one, two = audiences(made(both({"share": 0.3}, {"share": 0.3, "group": "service_followup"})))
    assert (one & two).mean() == pytest.approx(0.09, abs=0.03)


@pytest.mark.quick
def test_a_lower_share_of_a_group_is_part_of_it(made):
    few, many = audiences(made(both({"share": 0.1, "group": "g"}, {"share": 0.5, "group": "g"})))
    assert few.sum() < many.sum()
    assert not (few & ~many).any()


@pytest.mark.quick
def test_two_brands_groups_of_one_name_are_different_people(made):
    strategies = followed(share=0.3, group="pilot")
    market = made(strategies, **{"brands.B.strategies": strategies})
    one, two = (market.in_audience(brand, "service_followup") for brand in "AB")
    assert (one & two).mean() == pytest.approx(0.09, abs=0.03)


@pytest.mark.quick
def test_another_seed_reaches_other_people(still):
    given = {"people.n": PEOPLE, "brands.A.strategies": followed(share=0.5)}
    one, two = (still(rng, **given).in_audience("A", "service_followup") for rng in (1, 2))
    assert 0.4 < (one == two).mean() < 0.6


@pytest.mark.quick
def test_whom_a_strategy_reaches_that_is_not_at_work_is_no_question(made):
    market = made({"service_followup": {"budget": 0}})
    for brand, strategy in (("A", "service_followup"), ("A", "referral"), ("Z", "referral")):
        with pytest.raises(KeyError, match=f"{brand} has no strategy '{strategy}' at work"):
            market.in_audience(brand, strategy)


@pytest.mark.quick
@pytest.mark.parametrize("group", ["", "two\nlines", "a.b", 3])
def test_a_group_has_a_name(made, group):
    with pytest.raises(ConfigError, match=r"audience\.group"):
        made(followed(share=0.3, group=group))


def test_audiences_are_the_same_before_and_after_a_run(made):
    market = made(followed(share=0.3), days=5)
    before = market.in_audience("A", "service_followup")
    market.run_model()
    assert np.array_equal(before, market.in_audience("A", "service_followup"))

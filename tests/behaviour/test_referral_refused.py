"""Referral programmes and statuses that are refused, and where the message points."""

import pytest
from honoured import honoured

from sim.config.yaml_file import ConfigError
from sim.market import Market
from sim.mechanisms.referral.terms import Referral
from sim.mechanisms.status.terms import Status
from tests.markets import CREAMS

A = "brands.A.strategies"


@pytest.mark.quick
@pytest.mark.parametrize("at", [[3, 1], [1, 1], [0, 2], [1, 2, 3, 4], []], ids=str)
def test_numbers_of_friends_that_do_not_ascend_are_refused(still, at):
    with pytest.raises(ConfigError, match="goods_at must") as error:
        still(**{A: {"referral": {"kind": "goods", "goods_at": at}}})
    (problem,) = error.value.problems
    assert problem.path == f"{A}.referral"


@pytest.mark.quick
def test_a_mistake_in_a_file_is_reported_with_its_line(tmp_path):
    file = tmp_path / "market.yaml"
    file.write_text(
        f"use: {CREAMS}\nbrands:\n  A:\n    strategies:\n      referral: {{goods_at: [3, 1]}}\n"
    )
    with pytest.raises(ConfigError, match=rf"market\.yaml:5:7: {A}\.referral: goods_at must"):
        Market(file)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        ({"koc_from": 3}, honoured(koc_from=2), "recognition of KOCs"),
        (
            {"kind": "goods", "koc_from": 0},
            Referral(goods=5),
            "a referral programme that hands over goods",
        ),
    ],
    ids=["two make KOCs", "two hand over goods"],
)
def test_programmes_that_cannot_stand_side_by_side_are_refused(still, programme, one, two, said):
    with pytest.raises(ConfigError, match=f"referral and .* both have {said}") as error:
        still(**{A: {"referral": one, **programme(two)}})
    (problem,) = error.value.problems
    assert problem.path == f"{A}.{next(iter(programme(two)))}"
    apart = {A: {"referral": one}, "brands.B.strategies": programme(two)}
    assert len(still(**apart).world.programmes) == 2, "of two brands they can"


@pytest.mark.quick
@pytest.mark.parametrize(
    "wrong",
    [
        {"cash": -1},
        {"points": 2e7},
        {"goods_at": (2, 1)},
        {"points_cost": 1.1},
        {"friend_discount": -0.1},
        {"valid_days": -1},
        {"vest_days": -1},
    ],
    ids=str,
)
def test_a_programme_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Referral(**wrong)


@pytest.mark.quick
@pytest.mark.parametrize("wrong", [{"friends": 0}, {"cost": -1}, {"discount": 2}], ids=str)
def test_a_status_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))} must be from"):
        Status(**{"friends": 3, **wrong})

"""Keys of earlier versions are refused with their names of now, wherever a file has them."""

import pytest

from sim.config import renamed
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.config.parameters import describe
from sim.config.renamed import renamed as now
from sim.config.source_map import ConfigError

pytestmark = pytest.mark.quick


def reaches(path: str) -> bool:
    model = MarketConfig
    for part in path.split("."):
        if part not in {info.name for info in describe(model)}:
            return False
        model = model.model_fields[part].annotation
    return True


@pytest.mark.parametrize("old", renamed._NOW)
def test_the_new_name_is_there_and_the_old_one_is_not(old):
    assert reaches(renamed._NOW[old].partition(";")[0])
    assert not reaches(old)


@pytest.mark.parametrize("old", renamed._NOW)
def test_an_old_key_is_refused_with_the_new_name(old, busy_mapping):
    with pytest.raises(ConfigError) as error:
        load_market(busy_mapping, {old: 1})
    name = renamed._NOW[old].partition(";")[0]
    assert f"is now called '{name}'" in str(error.value) or now((old.split(".")[0],)) in str(
        error.value
    )


def test_a_sign_that_has_turned_is_said(busy_mapping):
    for old in ("behaviour.referral.caution", "behaviour.direct_selling.reluctance"):
        with pytest.raises(ConfigError, match=r"its sign has turned .*: write -2 for 2"):
            load_market(busy_mapping, {old: 2})


def test_a_strategy_is_refused_with_its_new_name(busy_mapping):
    with pytest.raises(ConfigError, match="agency: is now called 'agent_recruitment'"):
        load_market(busy_mapping, {"brands.A.strategies": {"agency": {}}})


def test_what_never_was_a_key_is_no_old_one():
    assert now(("behaviour", "talk", "rate")) == now(("brands", "caution")) == ""

"""Every preset is a study file that says what it is, is recognised, and is documented."""

from pathlib import Path

import pytest

from experiments import limits
from experiments.limits.__main__ import main
from experiments.study import load
from sim.config.load import load_market
from sim.config.market import MarketConfig
from sim.market import Market
from tests.markets import CREAMS

ROOT = Path(__file__).parents[2]
MODELS = {
    "dirichlet": limits.Dirichlet,
    "cdnow": limits.BetaGeometric,
    "pareto_nbd": limits.ParetoNBD,
    "awareness": limits.VidaleWolfe,
    "sbg": limits.ShiftedBetaGeometric,
    "clv": limits.LifetimeValue,
    "bass": limits.Bass,
    "bass_ring": limits.Bass,
    "bass_regular": limits.Bass,
    "cascade": limits.GaltonWatson,
    "recruiting": limits.Yule,
}


@pytest.fixture(params=MODELS)
def name(request):
    return request.param


def test_there_is_a_test_of_every_preset(presets):
    assert {file.stem for file in presets.glob("*.yaml")} == set(MODELS)


def test_it_is_a_study_of_several_runs(presets, name):
    study = load(presets / f"{name}.yaml")
    assert (study.kind, study.name, list(study.arms)) == ("run", name, ["market"])
    assert study.replicates.n >= 10


def test_it_is_a_market_by_name_and_by_file(presets, name):
    by_file = load_market(presets / f"{name}.yaml")
    assert load_market(name) == by_file
    study = load(presets / f"{name}.yaml")
    assert MarketConfig.model_validate(dict(study.arms["market"])) == by_file


def test_it_is_recognised(presets, name):
    model = limits.of(load_market(presets / f"{name}.yaml"))
    assert type(model) is MODELS[name]


def test_what_is_expected_is_what_is_measured(presets, name):
    changes = {"days": 400, "people.n": 200}
    config = load_market(presets / f"{name}.yaml", changes)
    market = Market(config, rng=1)
    market.run_model()
    model = limits.of(config)
    assert list(model.expected()) == list(model.measured(market)) != []


def test_its_header_names_the_command_and_the_documentation_has_a_row(presets, name):
    assert f"huitou run configs/limits/{name}.yaml" in (presets / f"{name}.yaml").read_text()
    rows = (ROOT / "docs" / "limits.md").read_text().splitlines()
    assert any(row.startswith("|") and f"configs/limits/{name}.yaml" in row for row in rows)


def test_parameters_are_read_in_the_units_of_the_file(presets):
    days = {"categories.music.period_days": 1, "people.n": 10}
    weekly = limits.of(load_market(presets / "cdnow.yaml", {"people.n": 10}))
    daily = limits.of(load_market(presets / "cdnow.yaml", days))
    assert weekly.alpha == pytest.approx(7 * 4.414)
    assert daily.alpha == pytest.approx(4.414)
    half = {"days": 45, "categories.toothpaste.period_days": 90}
    assert limits.of(load_market(presets / "dirichlet.yaml", half)).mean == pytest.approx(0.728)
    bass = limits.of(load_market(presets / "bass.yaml", {"people.sociability": 2}))
    assert (365 * bass.p, 365 * bass.q) == pytest.approx((0.03, 0.76))
    weekly = {"behaviour.direct_selling.period_days": 7, "behaviour.direct_selling.calls": 7 / 365}
    assert limits.of(load_market(presets / "recruiting.yaml", weekly)).rate == pytest.approx(
        1 / 365
    )


def test_a_market_in_no_limit_is_told_what_keeps_it_out(presets):
    almost = load_market(presets / "dirichlet.yaml", {"behaviour.choice.habit": 0.4})
    with pytest.raises(limits.NotALimit) as error:
        limits.of(almost)
    assert error.value.reasons == ["behaviour.choice.habit must be 0"]
    with pytest.raises(limits.NotALimit):
        limits.of(load_market(CREAMS))


def test_the_command_prints_expected_and_obtained(presets, capsys):
    assert main([str(presets / "cdnow.yaml"), "--replicates", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| cdnow: BetaGeometric | expected | obtained | 95 % interval |"
    assert lines[2].startswith("| repeats by week 39 | 2,505 | 2,")
    assert lines[3].startswith("| repeats by week 78 | 4,171 | 4,")


def test_the_command_explains_a_file_that_is_no_limit(tmp_path, capsys):
    assert main([CREAMS, str(tmp_path / "none.yaml")]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert "outside_weight must be 0" in shown.err
    assert "no such file" in shown.err

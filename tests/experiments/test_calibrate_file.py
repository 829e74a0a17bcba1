"""What the file of a calibrate study may say, and every mistake at its place."""

import pytest
from calibrated import carried_out, problems, write

from experiments.calibrate import stages
from experiments.lift_tests import Lift
from experiments.starter import starter
from experiments.study import load


@pytest.fixture(autouse=True)
def without_pictures(monkeypatch):
    """Draw nothing: pictures take longer than all the rest."""
    monkeypatch.setattr("experiments.report._pictures", lambda *_: [])


# -- the file -------------------------------------------------------------------------------------


def test_the_starter_is_a_study(tmp_path):
    path = tmp_path / "new.yaml"
    path.write_text(starter("calibrate"))
    study = load(path)
    assert len(study.points) == 60 and study.replicates.n == 2
    assert len(stages.at_most(study)) == 2


def test_replicates_and_seed_may_be_said_in_the_method(tmp_path):
    said = [("runs: 32,", "runs: 32, replicates: 4, seed: 9,"), ("replicates: {seed: 3}\n", "")]
    study = load(write(tmp_path, said))
    assert (study.replicates.n, study.replicates.seed) == (4, 9)
    twice = [("runs: 32,", "runs: 32, seed: 9,")]
    assert problems(write(tmp_path, twice)) == [
        "tiny.yaml:14:30: method.seed: is 3 in replicates.seed: say it once"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("low: 3.3, high: 3.9", "low: 3.3", "targets.ratio: give low and high, or value with"),
        ("low: 3.3, high: 3.9", "low: 4, high: 3", "targets.ratio: low must be below high"),
        ("tolerance: 40", "tolerance: 40, factor: 2", "targets.spent: give low and high, or val"),
        ("tolerance: 40", "factor: 1", "targets.spent: factor must be above 1"),
        ("metric: gmv", "metric: gmvs", "targets.spent.metric: there is no metric 'gmvs'"),
        (", source: books, kind", ", kind", "targets.ratio.source: is required"),
        ("net_revenues, of: B", "net_revenues, of: Z", "held.other.of: there is no brand 'Z'"),
        ("metric: aov", "metric: aov, discount: 1", "targets.ratio.discount: must be left out"),
        ("cream.price: {range: [100", "cream.prize: {range: [100", "free.brands.A.products.cream"),
        ("[100, 300]}", "[100, 300], group: g}", "group: must be left out: every free"),
        ("runs: 32", "runs: 2", "method.runs: must be >= 12"),
        ("other:", "spent:", "'spent' is the name of two targets"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path, old, new, expected):
    found = problems(write(tmp_path, [(old, new)]))
    assert len(found) == 1
    assert found[0].startswith("tiny.yaml:") and expected in found[0]


def test_all_mistakes_at_once(tmp_path):
    wrong = [
        ("[40, 80]", "[80, 40]"),
        ("value: 690", "value: 690, low: 3"),
        ("waves: 3", "waves: 0"),
    ]
    assert len(problems(write(tmp_path, wrong))) == 3


def test_few_runs_are_remarked_on(tmp_path):
    study = load(write(tmp_path, [("runs: 32", "runs: 20")]))
    assert "20 for 3 free parameters are few" in study.rules.remarks(study)[0]
    assert load(write(tmp_path)).rules.remarks(load(write(tmp_path))) == []


# -- lift tests in the file -----------------------------------------------------------------------

LIFT = """\
lift_tests:
  reminder:
    strategies: {service_followup: {follow: false, automated: true}}
    low: 0.5
    high: 0.8
    source: a randomised e-mail
"""


def test_a_lift_test_is_fitted_like_a_target(tmp_path):
    last, _, tables = carried_out(tmp_path, load(write(tmp_path, more=LIFT)))
    (lift,) = (r for r in last.responses if isinstance(r, Lift))
    assert (lift.of, lift.share, lift.window) == ("A", 0.5, 14)
    row = tables["targets"].set_index("target").loc["reminder"]
    assert row["role"] == "lift" and row["met"]
    assert last.hash8 != load(write(tmp_path, more=LIFT.replace("false", "true"))).hash8


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("service_followup:", "service_folowup:", "lift_tests.reminder.strategies.service_folowup"),
        ("follow: false", "follows: false", "strategies.service_followup.follows: "),
        ("follow: false", "audience: {share: .1}", "audience: has a share of people, `share`"),
        ("low: 0.5", "low: 0.5\n    after: 5000", "lift_tests.reminder.after: leaves no room"),
        ("low: 0.5", "low: 0.5\n    of: Z", "lift_tests.reminder.of: there is no brand 'Z'"),
        ("low: 0.5", "low: 0.5\n    share: 1", "lift_tests.reminder.share: must be <= 0.999"),
    ],
)
def test_mistakes_in_a_lift_test_are_told_with_their_place(tmp_path, old, new, expected):
    assert old in LIFT
    found = problems(write(tmp_path, more=LIFT.replace(old, new)))
    assert len(found) == 1 and expected in found[0] and found[0].startswith("tiny.yaml:")

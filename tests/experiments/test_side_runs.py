"""A target may be measured while a brand uses strategies, and targets are checked by arithmetic."""

import pytest
from calibrated import problems, write
from tiny_studies import MARKET

from experiments.beginnings import begin, forget
from experiments.calibrate.consistency import conflicts, consequences
from experiments.designs import Job
from experiments.markets import plain
from experiments.records import observe
from experiments.responses import Response
from experiments.side_runs import WithStrategies, measured
from experiments.study import load
from sim.config.load import load_market
from sim.config.yaml_file import parse

ASK = {"referral": {"kind": "cash"}}
USED = (
    "  asked: {metric: touches, low: 1, high: 9, source: books, "
    "strategies: {referral: {kind: cash}}}\nheld:"
)


def market(**changes):
    return plain(load_market(parse(MARKET).data, {"people.n": 200, **changes}))


def test_it_is_the_response_of_the_market_with_the_strategies():
    base = market()
    used = WithStrategies(Response(name="touches"), "touches[with]", "A", ASK)
    job = Job("run", "config", "code", "metrics", "arm", 0, 5, base, (used,))
    found = measured(job, observe(begin(base, 5)))["touches[with]"]
    forget()
    by_hand = observe(begin(market(**{"brands.A.strategies": ASK}), 5))
    assert found.tolist() == Response(name="touches").values(by_hand).tolist()
    assert found[0] > found[1] == 0


def test_a_target_says_which_strategies_are_in_use(tmp_path):
    study = load(write(tmp_path, [("held:", USED)]))
    (used,) = (r for r in study.responses if isinstance(r, WithStrategies))
    assert (used.brand, dict(used.strategies)) == ("A", {"referral": {"kind": "cash"}})
    assert used.unit == "touches" and "with referral" in used.title


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("referral: {kind", "referal: {kind", "targets.asked.strategies.referal: "),
        ("kind: cash", "kind: silver", "targets.asked.strategies.referral.kind: "),
    ],
)
def test_mistakes_in_them_are_told_with_their_place(tmp_path, old, new, expected):
    found = problems(write(tmp_path, [("held:", USED.replace(old, new))]))
    assert len(found) == 1 and expected in found[0]


def test_targets_that_arithmetic_rules_out_are_told_before_a_run(tmp_path):
    more = (
        "  ratio_of: {metric: advertising_ratio, low: 0.1, high: 0.2, source: books}\n"
        "  back: {metric: returning_revenue, low: 0.4, high: 0.5, source: books}\n"
        "  cac: {metric: advertising_cac, low: %s, high: %s, source: books}\nheld:"
    )
    aov = ("metric: aov, low: 3.3, high: 3.9", "metric: aov, low: 190, high: 200")
    study = load(write(tmp_path, [("held:", more % (500, 900)), aov]))
    assert any("cannot hold together" in text for text in study.rules.remarks(study))
    study = load(write(tmp_path, [("held:", more % (20, 900)), aov]))
    assert not conflicts(study)
    assert "can be met together" in consequences(study)[0]

"""Equal spend: what was really spent is said first, and only a spend that all reach is compared."""

import numpy as np
import pyarrow as pa
import pytest
from tiny_studies import MARKET, Notes

from experiments import show
from experiments.conduct import conduct
from experiments.metrics import METRICS
from experiments.study import load
from sim.config.yaml_file import ConfigError

ARMS = """\
schema: 1
study: compare
market: {use: market.yaml}
arms:
  none: {}
  one: {brands.A.strategies: {service_followup: {}}}
  two: {brands.A.strategies: {referral: {}}}
replicates: {n: 4}
record: {series: false}
execute: {engine: inline}
spend: 50000
"""
CAPS = {"service_followup": 44_700.0, "referral": 1_500.0}
"""What a strategy spends at most."""
WORTH = {"service_followup": 10.0, "referral": 12.0}
"""What a CNY brings."""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "market.yaml").write_text(MARKET)

    def write(more: str = "", text: str = ARMS):
        (tmp_path / "s.yaml").write_text(text + more)
        return load(tmp_path / "s.yaml")

    return write


def stand_in(caps):
    def made(job, record):
        """Spend up to a cap; earn in proportion, with luck that all arms share."""
        luck = np.random.default_rng(job.seed % 2**32).normal(0, 100)
        spent = earned = 0.0
        for name, strategy in job.market["brands"]["A"]["strategies"].items():
            spent = min(strategy["budget"], caps[name])
            earned = WORTH[name] * spent
        columns = {name: [0.0, 0.0] for name in METRICS}
        columns |= {"spend": [spent, 0.0], "long_run_contribution": [luck + earned, luck]}
        return {"runs": pa.table({"brand": ["A", "B"], **columns})}

    return made


def carried_out(own, tmp_path, caps=CAPS):
    outcome = conduct(own, tmp_path / "results", Notes(), simulate=stand_in(caps))
    tables = own.rules.tables(own, outcome.store, outcome.design)
    return own.rules.findings(own, tables), tables


def test_arms_that_spent_different_amounts_are_not_compared(study, tmp_path):
    own = study()
    found, tables = carried_out(own, tmp_path)
    assert found == [
        "Actual spend of brand A on customers over the run, where it may spend 50.0 k CNY on its "
        "strategies in each arm: none 0, one 44.7, two 1.5 k CNY.",
        "There is no spend that all of these arms reach in every replicate, so they are not "
        "compared. Lower budgets may give one: `spend_shares`.",
    ]
    assert tables["at_spend"].empty
    assert "spend_curve" not in show.draw(own, tables)
    (view,) = [v for v in own.rules.views(own, tables) if v.title.startswith("Budget and actual")]
    assert view.columns[1:] == ["allowed for strategies, k CNY", "actual spend on customers, k CNY"]
    assert view.rows[1:] == [["one", "50.0", "44.7 ± 0"], ["two", "50.0", "1.5 ± 0"]]


def test_arms_are_compared_at_a_spend_that_all_reach_and_not_beyond(study, tmp_path):
    own = study("spend_shares: [0.01, 0.02, 0.1]\n")
    assert "one.spend0.02" in own.arms and "none.spend0.02" not in own.arms
    found, tables = carried_out(own, tmp_path)
    # `one` spends 500, 1,000, 5,000 and 44,700; `two` 500, 1,000 and 1,500 at most.
    table = tables["at_spend"]
    assert (table["spend"].min(), table["spend"].max()) == (500, 1500)
    last = table[table["spend"] == 1500].set_index("arm")
    assert last.loc["two", "lead"] == pytest.approx(1500 * (12 - 10))
    assert last.loc["two", "mean"] - last.loc["one", "mean"] == pytest.approx(3000)
    assert (
        found[1]
        == "All of these arms reach a spend of 0.50 to 1.50 k CNY; they are compared there."
    )
    assert found[2].startswith(
        "At 1.50 k CNY: two raises long-run contribution profit of brand A by 3.00 k CNY against "
        "one ("
    )
    assert len(found) == 3
    axes = show.draw(own, tables)["spend_curve"][1].axes[0]
    drawn = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) > 2]
    assert len(drawn) == 2
    assert all((x.min(), x.max()) == (500, 1500) for x in drawn)


def test_lower_budgets_leave_the_arms_as_they_are(study, tmp_path):
    (_, plain), (_, more) = (
        carried_out(study(text), tmp_path) for text in ("", "spend_shares: [0.02]\n")
    )
    for name in ("arms", "responses", "effects"):
        assert plain[name].equals(more[name])


def test_arms_that_spent_the_same_are_compared_as_usual(study, tmp_path):
    found, _ = carried_out(study(), tmp_path, {"service_followup": 49_000.0, "referral": 5e9})
    assert found[0].endswith("none 0, one 49.0, two 50.0 k CNY.")
    assert found[1] == "These are equal within 5 %."
    assert [text.split(" by ")[0] for text in found[2:]] == [
        f"{arm} raises long-run contribution profit of brand A" for arm in ("one", "two")
    ]


def test_one_arm_that_acts_is_compared_after_its_spend_is_said(study, tmp_path):
    text = ARMS.replace("  two: {brands.A.strategies: {referral: {}}}\n", "")
    found, _ = carried_out(study(text=text), tmp_path)
    assert found[0].endswith("none 0, one 44.7 k CNY.")
    assert found[1].startswith("one raises ")


@pytest.mark.parametrize(
    ("more", "text", "words"),
    [
        ("", ARMS.replace("spend: 50000", "spend_shares: [.1]"), "lower budgets need `spend`"),
        ("spend_shares: [1.5]\n", ARMS, "spend_shares"),
        (
            "spend_shares: [.5]\n",
            ARMS.replace("  none: {}", "  none: {}\n  one.spend0.5: {}"),
            "'one.spend0.5' is the name that a pilot or a lower budget of another arm has",
        ),
        (
            "pilot: {share: .2}\n",
            ARMS.replace("  none: {}", "  none: {}\n  one.pilot: {}"),
            "'one.pilot' is the name that a pilot",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(study, more, text, words):
    with pytest.raises(ConfigError) as caught:
        study(more, text)
    assert words in str(caught.value)


def test_an_arm_called_like_a_pilot_is_an_arm_where_there_is_none(study, tmp_path):
    own = study(text=ARMS.replace("two:", "two.pilot:").replace("spend: 50000\n", "spend: 900\n"))
    _, tables = carried_out(own, tmp_path)
    assert set(tables["responses"]["arm"]) == {"one", "two.pilot"}
    assert "pilot" not in tables

"""Claims put to a sweep: where each holds, on runs whose means are known."""

import pyarrow as pa
import pytest
import swept

from experiments.sweep.claims import Claim
from sim.config.yaml_file import ConfigError

nan = float("nan")
CLAIMS = """\
claims:
  large: {response: long_run_revenue, at_least: 100}
  always: {response: long_run_revenue, at_least: -1000}
  between: {response: long_run_revenue, at_least: 150, at_most: 300}
"""


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(5, 9, "holds"), (4, 9, "open"), (5, 10.1, "open"), (1, 4.9, "fails"), (11, 12, "fails"),
     (nan, nan, "undefined"), (0, 20, "open")],
)  # fmt: skip
def test_a_claim_holds_only_where_the_whole_interval_is_on_its_side(low, high, verdict):
    assert Claim(response="x", at_least=5, at_most=10).verdict(low, high) == verdict


def test_points_are_counted_in_all_and_by_level(tmp_path):
    own = swept.study(tmp_path, n=30, more=CLAIMS)
    tables = swept.tables(own, tmp_path)
    table = tables["claims"].set_index(["claim", "factor", "level"])
    # The true mean is 1000 x late + people: about 25, 225 and 425 at the three levels of late.
    assert table.loc[("large", "all points", ""), "holds"] == 6
    assert table.loc[("large", "all points", ""), "fails"] == 3
    assert table.loc[("large", "brands.A.late", "0"), ["points", "fails"]].tolist() == [3, 3]
    assert table.loc[("between", "brands.A.late", "0.2"), "holds"] == 3
    assert table.loc[("between", "brands.A.late", "0.4"), "fails"] == 3
    assert table.loc[("always", "all points", ""), "holds"] == 9
    pa.Table.from_pandas(tables["claims"])  # numbers and names of choices in one column
    large, always, between = own.rules.findings(own, tables)[:3]
    assert "holds at 6 of 9 points, fails at 3; it always holds at" in large
    assert "it always fails at A.late = 0" in large
    assert always.endswith("holds at all 9 points.")
    assert "is at least 150 CNY and at most 300 CNY" in between
    (view,) = [v for v in own.rules.views(own, tables) if v.title == "Claims, by points"]
    assert view.rows[0] == ["large", "9", "6", "3", "0", "0"]


def test_claims_over_choices_and_numbers_are_kept_on_disk(tmp_path):
    from experiments.report import present

    factors = "{brands.A.late: {range: [0, 0.4]}, people.n: {choices: {few: 10, many: 40}}}"
    own = swept.study(tmp_path, factors=factors, more=CLAIMS)
    outcome = swept.carry_out(own, tmp_path)
    present(own, outcome)
    levels = outcome.store.tables()["claims"]["level"]
    assert {"few", "many", "0.4"} <= set(levels)


def test_points_without_a_value_are_not_counted_as_failures(tmp_path):
    own = swept.study(tmp_path, n=8, more=CLAIMS)
    tables = swept.tables(own, tmp_path, swept.undefined)
    rows = tables["claims"].set_index(["claim", "factor", "level"])
    assert rows.loc[("always", "people.n", "25"), "undefined"] == 3
    assert "has no value or no interval at" in own.rules.findings(own, tables)[1]


@pytest.mark.parametrize(
    ("claim", "words"),
    [("{response: gmvv, at_least: 1}", "claims.mine.response: there is no response 'gmvv'"),
     ("{response: long_run_revenue}", "claims.mine: give at_least, at_most, or both"),
     ("{response: long_run_revenue, at_least: 2, at_most: 1}", "must not be above at_most")],
)  # fmt: skip
def test_a_claim_that_says_nothing_is_refused_with_its_place(tmp_path, claim, words):
    with pytest.raises(ConfigError, match=r"s\.yaml:12") as caught:
        swept.study(tmp_path, more=f"claims:\n  mine: {claim}")
    assert words in str(caught.value)


def test_claims_are_no_part_of_what_is_run(tmp_path):
    assert swept.study(tmp_path, more=CLAIMS).hash8 == swept.study(tmp_path).hash8


def test_claims_added_to_a_sweep_that_is_done_are_there_when_it_is_read_back(tmp_path):
    import experiments

    done = swept.carry_out(swept.study(tmp_path), tmp_path)
    again = swept.carry_out(swept.study(tmp_path, more=CLAIMS), tmp_path)
    assert (again.computed, again.done) == (0, done.done)
    results = experiments.load(str(again.store.folder))
    assert set(results.summary["claims"]["claim"]) == {"large", "always", "between"}

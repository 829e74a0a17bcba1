"""Scenario discovery in a sweep: where the response is high, and why it cannot be said."""

import re

import pytest
import swept
from swept import said

from experiments import show
from experiments.errors import StudyError
from experiments.sweep import scenarios
from sim.config.yaml_file import ConfigError

SCENARIO = """
  brands.A.late: {range: [0, 0.4], group: supply}
  brands.A.misdelivery: {range: [0, 0.1], group: supply}
  people.n: {integers: [10, 400]}
  brands.B.late: {range: [0, 1]}
"""


def scenario(tmp_path, discover: str, n: int = 120, **options):
    more = f"discover: {discover}"
    design = f"{{name: sobol, n: {n}}}"
    return swept.study(tmp_path, factors=SCENARIO, design=design, n=2, more=more, **options)


def test_where_the_response_is_high_is_found_as_boxes_words_and_pictures(tmp_path):
    own = scenario(tmp_path, "{at_least: 500}")
    findings, caveats, tables = said(own, tmp_path)
    boxes = tables["boxes"]
    means = tables["points"].set_index("point")["mean"].drop("base")
    assert tuple(boxes.iloc[0][["where", "points", "cases"]]) == (
        "all points",
        120,
        int((means >= 500).sum()),
    )
    assert set(boxes["method"][1:]) == {"prim", "cart"}
    first = boxes.iloc[1]
    assert first["density"] > 0.75 and first["coverage"] > 0.6
    assert "supply" in first["where"] and "people.n" in first["where"]
    assert "B.late" not in first["where"]
    assert re.match(
        r"Of the \d+ points in which .*, \d+ % have long-run net revenue of at least 500 CNY, "
        r"against \d+ % of all; they are \d+ % of those that do \(PRIM\)\.$",
        findings[-1],
    )
    assert caveats == []
    assert {"discovery_tradeoff", "discovery_box"} <= set(show.draw(own, tables))
    assert own.rules.views(own, tables)[-1].title == "Where cases are"
    assert any("PRIM (Friedman" in text for text in own.rules.method(own))


def test_a_point_counts_once_by_the_mean_of_its_runs(tmp_path):
    own = scenario(tmp_path, "{top: 0.25, methods: [cart]}")
    tables = swept.tables(own, tmp_path)
    assert tables["boxes"].iloc[0]["points"] == 120
    assert tables["boxes"].iloc[0]["cases"] == 30
    assert set(tables["limits"]["method"]) == {"cart"}
    assert "discovery_box" not in show.draw(own, tables)
    assert sum(tables["boxes"]["points"][1:]) == 120  # the leaves of a tree


@pytest.mark.parametrize(
    ("discover", "n", "says"),
    [
        ("{at_least: 1e9}", 60, "no point has long-run net revenue of at least 1.00 G CNY; means"),
        ("{at_most: 1e9}", 60, "every point has long-run net revenue of at most 1.00 G CNY"),
        ("{top: 0.2}", 20, "it needs at least 50 points (there are 20)"),
    ],
)
def test_why_nothing_is_discovered_is_said(tmp_path, discover, n, says):
    own = scenario(tmp_path, discover, n)
    _, caveats, tables = said(own, tmp_path)
    assert caveats[-1].startswith("No scenario discovery: ") and says in caveats[-1]
    assert own.rules.views(own, tables)
    assert "discovery_box" not in show.draw(own, tables)


@pytest.mark.parametrize(
    ("discover", "says"),
    [
        ("{}", "discover: give one of at_least, at_most, top"),
        ("{top: 0.2, at_least: 3}", "discover: give one of at_least, at_most, top"),
        ("{top: 2}", "discover.top: must be <= 0.999"),
        ("{top: 0.2, response: gmv}", "discover.response: there is no response 'gmv'; responses:"),
        ("{top: 0.2, methods: [tree]}", "discover.methods.0: must be 'prim' or 'cart'"),
    ],
)
def test_what_cannot_be_discovered(tmp_path, discover, says):
    with pytest.raises(ConfigError, match=re.escape(says)):
        scenario(tmp_path, discover)


def test_without_its_packages_discovery_is_refused_before_anything_is_computed(
    tmp_path, monkeypatch
):
    own = scenario(tmp_path, "{top: 0.2}")
    monkeypatch.setattr(scenarios.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StudyError, match=r"pip install 'huitou\[discovery\]'"):
        own.rules.carry_out(own, lambda study: pytest.fail("it has begun"))
    own = swept.study(tmp_path)
    assert own.rules.carry_out(own, lambda study: "went") == (own, "went")


def test_discovery_is_a_question_to_the_same_runs(tmp_path):
    plain = swept.study(tmp_path, factors=SCENARIO, design="{name: sobol, n: 120}", n=2)
    assert scenario(tmp_path, "{top: 0.2}").hash8 == plain.hash8

"""Factors: what a coordinate in [0, 1] means, and every mistake that a file can hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.factors import FEW, Factor, FactorSpec, place, read
from experiments.markets import plain
from sim.config.load import load_market
from sim.config.yaml_file import ConfigError, Tree, parse, validate

pytestmark = pytest.mark.quick

COORDINATES = st.floats(0, 1)
MARKET = """\
people: {n: 50}
network: {kind: small_world, mean_degree: 4, rewire: 0.1}
categories: {cream: {}, soap: {}}
brands:
  A:
    contact_cap: 3
    products:
      cream: {category: cream, price: 200, unit_cost: 50}
      soap: {category: soap, price: 20, unit_cost: 5}
    strategies: {service_followup: {coupon: 0.2}, referral: {kind: goods, goods_at: [1, 3]}}
  B:
    products: {cream: {category: cream, price: 100, unit_cost: 40}}
"""


@pytest.fixture(scope="module")
def base():
    return plain(load_market(parse(MARKET).data))


def factor(**spec) -> Factor:
    return Factor("days", (("days",),), FactorSpec(**spec))


def spec_problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        validate(FactorSpec, parse(text))
    return [str(problem) for problem in caught.value.problems]


def read_file(text: str, base):
    """Return factors and problems of a file whose `factors` are all valid by themselves."""
    tree = parse(text, "s.yaml")
    specs = {name: validate(FactorSpec, Tree(spec)) for name, spec in tree.data["factors"].items()}
    found, problems = read(specs, base, tree)
    return found, [str(problem) for problem in problems]


# -- from a coordinate to a value -----------------------------------------------------------------


@st.composite
def continuous(draw) -> Factor:
    low = draw(st.floats(1e-6, 1e6))
    high = draw(st.floats(low, 2e6).filter(lambda x: x > low))
    way = draw(st.sampled_from(["range", "scale"]))
    dist = draw(st.sampled_from(["uniform", "loguniform", "triangular"]))
    return factor(**{way: (low, high)}, dist=dist)


@given(continuous(), COORDINATES)
def test_a_value_is_never_outside_its_ends(own, u):
    low, high = own.spec.range or own.spec.scale
    assert low <= own.value(u) <= high


@given(continuous(), COORDINATES, COORDINATES)
def test_a_value_never_falls_as_its_coordinate_rises(own, u, v):
    low, high = sorted((u, v))
    assert own.value(low) <= own.value(high)


@given(continuous())
def test_the_ends_of_a_range_are_reached(own):
    low, high = own.spec.range or own.spec.scale
    assert own.value(0) == pytest.approx(low, rel=1e-12)
    assert own.value(1) == pytest.approx(high, rel=1e-12)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"range": (2, 6)}, stats.uniform(2, 4)),
        ({"range": (0.01, 10), "dist": "loguniform"}, stats.loguniform(0.01, 10)),
        ({"range": (1, 5), "dist": "triangular"}, stats.triang(0.5, 1, 4)),
        ({"range": (1, 5), "dist": "triangular", "mode": 2}, stats.triang(0.25, 1, 4)),
        ({"range": (1, 5), "dist": "triangular", "mode": 1}, stats.triang(0, 1, 4)),
        ({"scale": (0.5, 2), "dist": "loguniform"}, stats.loguniform(0.5, 2)),
    ],
)
def test_a_distribution_is_scipys(spec, expected):
    u = np.linspace(0.001, 0.999, 50)
    assert [factor(**spec).value(x) for x in u] == pytest.approx(list(expected.ppf(u)))


def test_a_normal_has_its_ends_at_95_percent_and_is_cut_at_three_deviations():
    own = factor(range=(-1.96, 1.96), dist="normal")
    assert [own.value(0), own.value(0.5), own.value(1)] == pytest.approx([-3, 0, 3], abs=1e-4)
    u = np.linspace(0.001, 0.999, 50)
    deviation = 1.96 / stats.norm.ppf(0.975)
    expected = stats.truncnorm(-3, 3, scale=deviation).ppf(u)
    assert [own.value(x) for x in u] == pytest.approx(list(expected))


@given(st.integers(-50, 50), st.integers(1, 40), st.integers(1, 7), COORDINATES)
def test_whole_numbers_are_whole_and_go_by_steps(low, more, step, u):
    if more < step:
        more = step
    own = factor(integers=(low, low + more), step=step)
    value = own.value(u)
    assert isinstance(value, int)
    assert low <= value <= low + more
    assert (value - low) % step == 0


@pytest.mark.parametrize(
    "spec",
    [
        {"integers": (3, 9)},
        {"integers": (0, 12), "step": 4},
        {"choices": ["a", "b", "c"]},
        {"choices": {"one": {"x": 1}, "two": {"x": 2}}},
        {"values": [0.5, 2, 7]},
    ],
)
def test_values_that_can_be_counted_are_equally_likely(spec):
    own = factor(**spec)
    n = len(own.options)
    values = [own.value((k + 0.5) / (100 * n)) for k in range(100 * n)]
    assert [values.count(option) for option in own.options] == [100] * n
    assert [own.value(0), own.value(1)] == [own.options[0], own.options[-1]]


@given(st.integers(2, 200))
def test_every_choice_is_reached_by_a_grid(n):
    own = factor(choices=[f"c{k}" for k in range(n)])
    assert [own.value(u) for u in own.grid(3)] == own.options


def test_a_grid_has_all_whole_numbers_or_as_many_as_asked_with_both_ends():
    days = factor(integers=(1, 14))
    assert [days.value(u) for u in days.grid(5)] == list(range(1, 15))
    few = factor(integers=(1, 14), levels=5)
    assert [few.value(u) for u in few.grid(3)] == [1, 4, 8, 11, 14]
    many = factor(integers=(1, 3), levels=10)
    assert [many.value(u) for u in many.grid(3)] == [1, 2, 3]


def test_a_grid_of_a_range_has_the_levels_of_the_factor_or_else_of_the_design():
    assert [factor(range=(0, 1)).value(u) for u in factor(range=(0, 1)).grid(3)] == [0, 0.5, 1]
    own = factor(range=(0, 1), levels=2)
    assert [own.value(u) for u in own.grid(3)] == [0, 1]


def test_the_size_of_a_grid_is_known_without_making_it():
    assert factor(integers=(1, 10**12)).grid_size(5) == 10**12
    assert factor(integers=(1, 10**12), levels=7).grid_size(5) == 7
    assert factor(choices=["a", "b"]).grid_size(5) == 2
    assert factor(range=(0, 1)).grid_size(5) == 5


def test_labels_are_numbers_or_names_and_never_both():
    assert factor(choices={"low": 1, "high": {"x": 2}}).label(0.9) == "high"
    assert factor(choices=[1, 2.5]).label(0.9) == 2.5
    mixed = factor(choices=[None, 3, True, "text", {"a": 1}])
    labels = [mixed.label(u) for u in mixed.grid(2)]
    assert labels == ["null", "3", "true", "text", '{"a": 1}']


def test_few_values_are_all_tried_and_many_at_their_ends():
    assert len(factor(integers=(1, FEW)).ends()) == FEW
    assert factor(integers=(1, FEW + 1)).ends() == [0, 1]


def test_the_control_changes_nothing(base):
    own = Factor.inert()
    assert own.group == "inert"
    assert place(base, [own], [own.value(0.7)]) == base


# -- into a market --------------------------------------------------------------------------------


def test_values_are_set_and_the_base_is_left_alone(base):
    found, problems = read_file("factors: {people.n: {integers: [10, 99]}}", base)
    assert not problems
    assert place(base, found, [77])["people"]["n"] == 77
    assert base["people"]["n"] == 50


def test_a_star_stands_for_every_key_and_a_number_for_a_place_in_a_list(base):
    text = """
factors:
  brands.*.products.*.price: {range: [1, 9]}
  brands.A.strategies.referral.goods_at.1: {integers: [4, 9]}
"""
    found, problems = read_file(text, base)
    assert not problems
    assert len(found[0].paths) == 3
    market = place(base, found, [7.5, 6])
    prices = [p["price"] for b in market["brands"].values() for p in b["products"].values()]
    assert prices == [7.5] * 3
    assert tuple(market["brands"]["A"]["strategies"]["referral"]["goods_at"]) == (1, 6)


def test_a_scale_multiplies_what_each_has_and_keeps_whole_numbers_whole(base):
    text = "factors: {brands.*.products.*.price: {scale: [0.5, 2]}, people.n: {scale: [1, 2]}}"
    found, problems = read_file(text, base)
    assert not problems
    market = place(base, found, [0.5, 1.29])
    prices = [p["price"] for b in market["brands"].values() for p in b["products"].values()]
    assert prices == [100, 10, 50]
    assert market["people"]["n"] == 64


def test_a_choice_may_be_a_whole_part_of_the_market_and_is_not_shared(base):
    text = "factors: {network: {choices: {all: {kind: complete}, none: {kind: none}}}}"
    found, problems = read_file(text, base)
    assert not problems
    values = [found[0].value(u) for u in found[0].grid(2)]
    market = place(base, found, values[:1])
    assert market["network"]["kind"] == "complete"
    market["network"]["kind"] = "changed"
    assert values[0]["kind"] == "complete"


def test_a_choice_of_another_kind_has_the_defaults_of_that_kind(base):
    text = """
factors:
  network.rewire: {range: [0.1, 0.3]}
  network.kind: {choices: [small_world, scale_free]}
"""
    found, problems = read_file(text, base)
    assert problems == []
    both = place(base, found, [0.2, "small_world"])["network"]
    assert (both["kind"], both["rewire"]) == ("small_world", 0.2)
    assert place(base, found[1:], ["scale_free"])["network"]["clustering"] == 0.5
    with pytest.raises(ConfigError, match=r"network\.rewire: unknown key"):
        place(base, found, [0.2, "scale_free"])


# -- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dist: uniform", "give one of range, integers, choices, values, scale (got none of them)"),
        ("{range: [0, 1], scale: [1, 2]}", "(got range, scale)"),
        ("range: [1, 1]", "range: the first end must be below the second"),
        ("integers: [3, 2]", "integers: the first end must be below the second"),
        ("range: [0, .inf]", "range: the ends must be finite"),
        ("{range: [0, 1], step: 2}", "step is for integers"),
        ("{integers: [1, 5], step: 5}", "step: 5 leaves one value"),
        ("{integers: [1, 5], dist: normal}", "dist: normal is for range and scale"),
        ("{range: [0, 1], dist: loguniform}", "loguniform needs ends above 0 (got 0)"),
        ("{range: [0, 1], mode: 0.5}", "mode is for dist: triangular"),
        ("{range: [0, 1], dist: triangular, mode: 2}", "mode must lie within the range (got 2)"),
        ("values: [2, 1]", "values must ascend, each once"),
        ("values: [1, 1]", "values must ascend, each once"),
        ("choices: [a, b, a]", "choices: each must be there once"),
        ("choices: [a]", "choices: must have at least 2 items"),
        ("choices: {a: 1}", "choices: must have at least 2 items"),
        ("{choices: [a, b], levels: 2}", "levels is for range, scale and integers"),
        ("{values: [1, 2, 3], levels: 2}", "levels is for range, scale and integers"),
        ("{range: [0, 1], levels: 1}", "levels: must be >= 2 (got 1)"),
        ("{range: [0, 1], step: 0}", "step: must be >= 1 (got 0)"),
        ("{rang: [0, 1]}", "rang: unknown key; did you mean 'range'?"),
    ],
)
def test_what_a_factor_cannot_be(text, says):
    (problem,) = [p for p in spec_problems(text) if says in p][:1] or [spec_problems(text)]
    assert says in problem


@pytest.mark.parametrize(
    ("path", "spec", "says"),
    [
        ("peple.n", "{integers: [1, 9]}", "the market has no 'peple'; did you mean 'people'?"),
        ("brands.Z.late", "{range: [0, 1]}", "brands has no 'Z'. It has: A, B"),
        ("people.n.x", "{range: [0, 1]}", "people.n is 50, which has no parameters of its own"),
        (
            "brands.A.strategies.agent_recruitment.budget",
            "{range: [0, 1]}",
            "does not use it; write brands.A.strategies.agent_recruitment: {} into `set`",
        ),
        (
            "brands.B.strategies.*.coupon",
            "{range: [0, 1]}",
            "there is nothing in the market that '*' could stand for",
        ),
        ("brands.*.contact_cap", "{scale: [1, 2]}", "scale needs a number to multiply, and finds"),
        ("brands.A.advertising.spend", "{scale: [1, 2]}", "scale multiplies 0, which changes"),
        ("brands.A.late", "{range: [0, 2]}", "at 2.0: brands.A.late: must be <= 1 (got 2"),
        ("people.n", "{range: [10, 20]}", "people.n: must be a whole number"),
        (
            "brands.A.strategies.referral.kind",
            "{choices: [cash, good]}",
            "at 'good': brands.A.strategies.referral.kind: must be",
        ),
        ("people.n", "{integers: [-9, 90]}", "people.n: must be >= 1 (got -9)"),
    ],
)
def test_what_a_market_does_not_allow_is_said_at_its_place(base, path, spec, says):
    found, problems = read_file(f"x: 1\nfactors:\n  {path}: {spec}\n", base)
    assert not found
    assert all(problem.startswith(f"s.yaml:3:3: factors.{path}: ") for problem in problems)
    assert any(says in problem for problem in problems)


def test_two_factors_cannot_set_one_parameter(base):
    text = """
factors:
  brands.A.late: {range: [0, 1]}
  brands.*.late: {range: [0, 1]}
  brands.A.strategies: {choices: {none: {}, followup: {service_followup: {}}}}
  brands.A.strategies.service_followup.coupon: {range: [0, 1]}
"""
    found, problems = read_file(text, base)
    assert len(found) == 2
    assert problems == [
        "s.yaml:4:3: factors.brands.*.late: sets the same parameter as brands.A.late",
        "s.yaml:6:3: factors.brands.A.strategies.service_followup.coupon: "
        "sets what is varied too by brands.A.strategies",
    ]


def test_all_mistakes_are_said_at_once(base):
    text = "factors: {a: {range: [0, 1]}, brands.A.late: {range: [-1, 2]}}"
    _, problems = read_file(text, base)
    assert len(problems) == 3


@settings(max_examples=25, deadline=None)
@given(st.lists(COORDINATES, min_size=3, max_size=3))
def test_any_point_of_the_cube_is_a_market(u):
    base = plain(load_market(parse(MARKET).data))
    text = """
factors:
  people.n: {integers: [10, 99], step: 3}
  brands.*.late: {range: [0.01, 1], dist: loguniform}
  network: {choices: {all: {kind: complete}, none: {kind: none}}}
"""
    found, _ = read_file(text, base)
    values = [own.value(x) for own, x in zip(found, u, strict=True)]
    market = place(base, found, values)
    assert market["people"]["n"] == values[0]
    assert {brand["late"] for brand in market["brands"].values()} == {values[1]}
    assert not math.isnan(values[1])

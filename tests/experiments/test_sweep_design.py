"""Where the points of a sweep are, and every mistake of its file."""

import sys

import numpy as np
import pytest
import swept
from scipy.stats import qmc
from swept import FACTORS

from experiments.errors import StudyError
from experiments.study import load
from experiments.sweep import salib
from experiments.sweep.design import MOST_POINTS
from sim.config.yaml_file import ConfigError

pytestmark = pytest.mark.quick

TWO = "{brands.A.late: {range: [0, 0.4]}, brands.B.late: {range: [0, 1]}}"


def problems(path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(problem).replace(str(path.parent) + "/", "") for problem in caught.value.problems]


def unit(tmp_path, design: str, factors: str = TWO, **options):
    return swept.study(tmp_path, factors=factors, design=design, **options).points.rows.sample.unit


# -- points ---------------------------------------------------------------------------------------


def test_a_grid_is_all_combinations_the_last_factor_fastest_with_the_base_before(tmp_path):
    frame = swept.study(tmp_path).points.frame()
    assert list(frame["arm"]) == ["base", *map(str, range(9))]
    assert list(frame["role"]) == ["base"] + ["grid"] * 9
    assert list(frame["block"]) == [0] * 10
    late, people = frame["brands.A.late"], frame["people.n"]
    assert list(late[1:]) == pytest.approx([0, 0, 0, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4])
    assert list(people[1:]) == [10, 25, 40] * 3
    assert (late[0], people[0]) == (0.05, 80)


def test_the_market_of_a_point_is_the_base_with_its_values(tmp_path):
    points = swept.study(tmp_path).points
    assert points.market(0) == points.base
    market = points.market(6)
    assert (market["brands"]["A"]["late"], market["people"]["n"]) == (pytest.approx(0.2), 40)
    assert market["brands"]["B"] == points.base["brands"]["B"]


def test_a_latin_hypercube_has_one_point_in_each_part_of_each_factor(tmp_path):
    places = unit(tmp_path, "{name: lhs, n: 10}")
    assert places.shape == (10, 2)
    for column in places.T:
        assert sorted((column * 10).astype(int)) == list(range(10))
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.9


def test_sobol_points_are_scipys_whatever_n(tmp_path):
    places = unit(tmp_path, "{name: sobol, n: 21}")
    assert places.shape == (21, 2)
    assert qmc.discrepancy(places) < 0.02
    assert (unit(tmp_path, "{name: sobol, n: 40}")[:21] == places).all()


@pytest.mark.parametrize("name", ["sobol", "random"])
def test_a_larger_sample_keeps_the_points_of_a_smaller_one(tmp_path, name):
    few, more = (unit(tmp_path, f"{{name: {name}, n: {n}}}") for n in (11, 30))
    assert (more[:11] == few).all()


def test_a_larger_latin_hypercube_is_another(tmp_path):
    few, more = (unit(tmp_path, f"{{name: lhs, n: {n}}}") for n in (11, 30))
    assert not np.isin(few, more).any()


@pytest.mark.parametrize("name", ["lhs", "sobol", "random", "latin", "morris", "saltelli"])
def test_a_sample_follows_from_the_base_seed(tmp_path, name):
    first, again = (unit(tmp_path, f"{{name: {name}, n: 8}}") for _ in range(2))
    other = unit(tmp_path, f"{{name: {name}, n: 8}}", seed=2)
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("design", "points"),
    [
        ("{name: fast_sampler, n: 65}", 130),
        ("{name: fast_sampler, n: 30, options: {M: 2}}", 60),
        ("{name: finite_diff, n: 6}", 18),
        ("{name: latin, n: 6}", 6),
        ("{name: morris, n: 6}", 18),
        ("{name: saltelli, n: 6}", 36),
        ("{name: saltelli, n: 6, options: {calc_second_order: false}}", 24),
        ("{name: radial, n: 6}", 18),
    ],
)
def test_samplers_of_salib(tmp_path, design, points):
    places = unit(tmp_path, design)
    assert places.shape == (points, 2)
    assert ((places >= 0) & (places <= 1)).all()


def test_samplers_of_salib_leave_everything_else_as_it_was(tmp_path):
    import warnings

    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random(3)  # noqa: NPY002
    form = warnings.formatwarning
    np.random.seed(5)  # noqa: NPY002
    salib.sample("finite_diff", 2, 5, 9, {})
    salib.sample("morris", 2, 5, 9, {})
    assert (np.random.random(3) == expected).all()  # noqa: NPY002
    assert warnings.formatwarning is form


def test_all_samplers_of_salib_that_take_a_problem_and_n_are_known():
    known = salib.samplers()
    assert set(salib.COMMON) <= set(known)
    assert "ff" not in known and "sobol" not in known and "common_args" not in known
    assert known["fast_sampler"] == ("M",)


@pytest.mark.parametrize("design", ["{name: grid, levels: 3}", "{name: sobol, n: 16}"])
def test_factors_of_a_group_move_in_step(tmp_path, design):
    factors = """
  brands.A.late: {range: [0, 1], group: supply}
  people.n: {integers: [10, 60]}
  brands.A.misdelivery: {range: [0.1, 0.3], group: supply}
"""
    own = swept.study(tmp_path, factors=factors.replace("60]", "60], levels: 2"), design=design)
    frame = own.points.frame()[1:]
    assert np.corrcoef(frame["brands.A.late"], frame["brands.A.misdelivery"])[0, 1] > 0.999999
    assert [axis.name for axis in own.points.axes] == ["supply", "people.n"]
    assert abs(np.corrcoef(frame["brands.A.late"], frame["people.n"])[0, 1]) < 0.5
    if "grid" in design:
        assert len(frame) == 6


# -- the base's own values ------------------------------------------------------------------------


def test_the_values_of_the_base_are_shown_as_those_of_points(tmp_path):
    factors = """
  brands.*.late: {scale: [0.5, 2]}
  brands.*.products.cream.price: {range: [50, 90]}
  brands.A.strategies: {choices: {nothing: {}, followup: {service_followup: {}}}}
  network.kind: {choices: [small_world, complete]}
  people.entry.kind: {choices: [steady, log]}
"""
    factors = factors.replace("  network.kind: {choices: [small_world, complete]}\n", "")
    factors = factors.replace("[steady, log]", "[steady, start]")
    frame = swept.study(tmp_path, factors=factors, design="{name: lhs, n: 3}").points.frame()
    base = frame.iloc[0]
    assert base["brands.*.late"] == 1
    assert np.isnan(base["brands.*.products.cream.price"])  # 199 and 159
    assert base["brands.A.strategies"] == "nothing"
    assert base["people.entry.kind"] == "start"


# -- identity and extension -----------------------------------------------------------------------


def test_more_points_or_replicates_extend_a_study(tmp_path):
    own = swept.study(tmp_path, design="{name: sobol, n: 4}", n=2)
    assert swept.carry_out(own, tmp_path).computed == 10
    more = swept.study(tmp_path, design="{name: sobol, n: 8}", n=3)
    outcome = swept.carry_out(more, tmp_path)
    assert (outcome.planned, outcome.computed) == (27, 17)


def test_a_finer_grid_keeps_the_points_that_it_has_in_common(tmp_path):
    swept.carry_out(swept.study(tmp_path, design="{levels: 3}", n=2), tmp_path)
    outcome = swept.carry_out(swept.study(tmp_path, design="{levels: 5}", n=2), tmp_path)
    assert (outcome.planned, outcome.computed) == (32, 12)


def test_points_of_a_replicate_share_their_seed_unless_each_run_is_to_have_its_own(tmp_path):
    from experiments.designs import Design

    shared = Design(swept.study(tmp_path), "code", "metrics").table
    assert shared.groupby("replicate")["seed"].nunique().tolist() == [1] * 4
    assert shared["seed"].nunique() == 4
    own = Design(swept.study(tmp_path, crn="none"), "code", "metrics").table
    assert own["seed"].nunique() == 40


def test_equal_markets_share_their_runs(tmp_path):
    factors = "{people.n: {integers: [10, 11]}}"
    own = swept.study(tmp_path, factors=factors, design="{name: random, n: 20}", n=2)
    assert swept.carry_out(own, tmp_path).computed == 6  # two markets and the base


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (("levels: 3", "levels: 4"), True),
        (("n: 4", "n: 5"), True),
        (("name: grid, levels: 3", "name: lhs, n: 9"), False),
        (("[0, 0.4]", "[0, 0.5]"), False),
        (("response: long_run_revenue", "response: gmv"), False),
        (("seed: 1", "seed: 2"), False),
        (("of: A", "of: B"), False),
    ],
)
def test_what_a_folder_is_of(tmp_path, change, same):
    path = swept.write(tmp_path)
    before = load(path).hash8
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))
    assert (load(path).hash8 == before) == same


# -- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "says"),
    [
        ("{name: lhs}", "s.yaml:7:1: design.n: is required for lhs: how many points"),
        ("{name: grid, n: 9}", "s.yaml:7:22: design.n: must be left out: a grid has"),
        ("{name: sobl, n: 9}", "s.yaml:7:10: design.name: there is no design 'sobl'; did you mean"),
        ("{name: ff, n: 9}", "there is no design 'ff'"),
        ("{name: lhs, n: 9, options: {M: 4}}", "options: must be left out: lhs has none"),
        (
            "{name: morris, n: 9, options: {levels: 4}}",
            "options.levels: morris has none; did you mean 'num_levels'? options: num_levels",
        ),
        ("{name: fast_sampler, n: 9}", "design.name: fast_sampler of SALib refuses: "),
        ("{name: lhs, n: 0}", "design.n: must be >= 1 (got 0)"),
        ("{name: saltelli, n: 100000}", "design.n: makes 600,000 points; at most 100,000"),
        ("{levels: 1}", "design.levels: must be >= 2 (got 1)"),
    ],
)
def test_what_a_design_cannot_be(tmp_path, design, says):
    if "100000" in design:
        design = design.replace("100000", str(MOST_POINTS // 5))
        says = says.replace("600,000", "120,000")
    found = problems(swept.write(tmp_path, factors=TWO, design=design))
    assert any(says in problem for problem in found), found


def test_a_grid_that_is_too_large_is_refused_before_it_is_made(tmp_path):
    factors = "{people.n: {integers: [1, 100000000]}, brands.A.late: {range: [0, 1]}}"
    (problem,) = problems(swept.write(tmp_path, factors=factors, design="{levels: 10}"))
    assert problem.startswith(
        "s.yaml:7:1: design: the grid would be 1,000,000,000 markets (100,000,000 x 10); at most "
        "100,000 are allowed: give factors fewer `levels`, or take a sample (lhs, sobol) with `n`"
    )


def test_a_group_of_a_grid_needs_the_same_number_of_values(tmp_path):
    factors = "{people.n: {integers: [1, 4], group: g}, brands.A.late: {range: [0, 1], group: g}}"
    (problem,) = problems(swept.write(tmp_path, factors=factors))
    assert "factors.brands.A.late.group: in a grid, factors of one group need the same" in problem
    assert "(people.n: 4, brands.A.late: 3)" in problem


def test_without_salib_its_samplers_are_refused_and_the_others_work(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    assert len(unit(tmp_path, "{name: lhs, n: 5}")) == 5
    (problem,) = problems(swept.write(tmp_path, design="{name: morris, n: 5}"))
    assert "design.name: this design needs SALib: pip install 'huitou[sensitivity]'" in problem
    (problem,) = problems(swept.write(tmp_path, design="{name: morrs, n: 5}"))
    assert "there is no design 'morrs'; did you mean 'morris'?" in problem
    with pytest.raises(StudyError, match="huitou\\[sensitivity\\]"):
        salib.samplers()


def test_points_whose_values_do_not_go_together_are_named(tmp_path):
    path = "brands.A.strategies.agent_recruitment.promote_at"
    factors = f"""
  {path}.1: {{integers: [10, 40], step: 10}}
  {path}.2: {{integers: [30, 80], step: 10}}
"""
    sets = "brands.A.strategies: {agent_recruitment: {promote_at: [0, 20, 60]}}"
    found = problems(swept.write(tmp_path, factors=factors, sets=sets))
    where = f"s.yaml:6:1: factors: no market has {path}.1 = 40, {path}.2 = 30: "
    assert any(problem.startswith(where) for problem in found), found
    assert len(found) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("response: long_run_revenue", ""), "response: give `response`, or `responses`, a list"),
        (
            ("response: long_run_revenue", "response: gmv\nresponses: [gmv]"),
            "s.yaml:6:1: responses: give `response`, or `responses`, a list, not both",
        ),
        (
            ("response: long_run_revenue", "responses: [gmv, gmv]"),
            "responses.1: gmv is there twice",
        ),
        (
            ("response: long_run_revenue", "response: {name: gmv, of: Z}"),
            "response.of: there is no brand 'Z'; brands: A, B",
        ),
        (
            ("response: long_run_revenue", "responses: [gmv, {name: gmv, warmup: 101}]"),
            "responses.1.warmup: must be less than the length of a run",
        ),
        (("of: A", "of: Z"), "of: there is no brand 'Z'; brands: A, B"),
        ((f"factors: {FACTORS}", "factors: {}"), "factors: must have at least 1 item"),
        ((f"factors: {FACTORS}", ""), "factors: is required"),
        (("n: 4", "n: 0"), "replicates.n: must be >= 1"),
        (("of: A", "off: A"), "off: unknown key; did you mean 'of'?"),
    ],
)
def test_mistakes_of_the_file(tmp_path, change, says):
    path = swept.write(tmp_path)
    assert change[0] in path.read_text()
    path.write_text(path.read_text().replace(*change))
    found = problems(path)
    assert any(says in problem for problem in found), found


def test_a_response_must_fit_the_shortest_run(tmp_path):
    path = swept.write(tmp_path, factors="{days: {integers: [40, 99]}}")
    text = path.read_text().replace("long_run_revenue", "{name: gmv, warmup: 60}")
    path.write_text(text)
    (problem,) = problems(path)
    assert "response.warmup: must be less than the length of a run, 40 days (got 60)" in problem


def test_mistakes_are_said_all_at_once(tmp_path):
    text = "{brands.A.lat: {range: [0, 1]}, people.n: {integers: [0, 9]}, days: {range: [2, 1]}}"
    path = swept.write(tmp_path, factors=text, design="{name: sobol}")
    path.write_text(path.read_text().replace("of: A", "of: Z"))
    found = problems(path)
    for says in ("of: there is no", "has no 'lat'", "people.n: must be >= 1", "days: range: the"):
        assert any(says in problem for problem in found)
    assert len(found) >= 4


def test_what_a_file_says_of_replicates_leaves_the_other_defaults(tmp_path):
    path = swept.write(tmp_path)
    text = path.read_text().replace("n: 4, seed: 1, crn: block", "seed: 3")
    path.write_text(text + "record: {orders: true}\n")
    own = load(path)
    assert (own.replicates.n, own.replicates.seed, own.record.series) == (5, 3, False)

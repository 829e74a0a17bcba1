"""Estimates of a sweep: by hand, against scipy, and by simulation where a claim is about chance."""

import numpy as np
import pytest
import swept
from scipy import stats

from experiments.intervals import interval
from experiments.sweep import estimates, ranking
from experiments.sweep.found import Found
from experiments.sweep.levels import levels

pytestmark = pytest.mark.quick

nan = float("nan")


def smooth(rng, points: int, replicates: int, length: float = 0.3):
    """Return luck that is alike in neighbouring points, float64[points, replicates]."""
    x = np.linspace(0, 1, points)
    shape = np.exp(-(((x[:, None] - x) / length) ** 2) / 2) + 1e-9 * np.eye(points)
    return np.linalg.cholesky(shape) @ rng.normal(size=(points, replicates))


# -- which values are used ------------------------------------------------------------------------


def test_a_point_that_lacks_a_replicate_is_left_out():
    y = np.array([[1, 2, 3], [1, nan, 3], [nan, nan, nan], [4, 5, 6]])
    own = estimates.usable(y)
    assert own.points.tolist() == [True, False, False, True]
    assert own.replicates.tolist() == [True, True, True]


def test_a_replicate_that_most_points_lack_is_left_out_before():
    y = np.array([[1, 2, nan], [1, 2, nan], [1, 2, 3], [1, nan, nan]])
    own = estimates.usable(y)
    assert own.points.tolist() == [True, True, True, False]
    assert own.replicates.tolist() == [True, True, False]


def test_where_nothing_is_there_nothing_is_usable():
    own = estimates.usable(np.full((3, 2), nan))
    assert not own.points.any() and not own.replicates.any()


# -- averages over points -------------------------------------------------------------------------


def test_an_average_over_a_grid_is_a_mean_over_replicates():
    y = np.random.default_rng(1).normal(size=(4, 6))
    weights = np.array([0.5, 0.5, -1, 0])
    expected = interval((y[0] + y[1]) / 2 - y[2])
    assert estimates.contrast(y, weights, None) == pytest.approx(expected)


def test_the_scatter_of_points_by_hand():
    # two levels with two points and two replicates each; luck adds 10 in the second replicate
    y = np.array([[1, 11], [5, 15], [20, 30], [22, 32]], float)
    own = estimates.spread(y, np.array([0, 0, 1, 1]))
    # deviations of points from their levels: -2, 2, -1, 1; no points by replicates
    assert own == (pytest.approx((4 + 4 + 1 + 1) / 2), 2)
    y[0, 1] += 2  # now the points differ by replicates too, and that part is taken off
    own = estimates.spread(y, np.array([0, 0, 1, 1]))
    between = (2 * 1.5**2 + 2 * 1) / 2
    error = 4 * 0.5**2 / 2
    assert own.variance == pytest.approx(between - error / 2)


@pytest.mark.parametrize("replicates", [3, 8])
def test_the_interval_of_a_sample_covers_which_points_were_drawn(replicates):
    rng = np.random.default_rng(replicates)
    hits, blind, tries = 0, 0, 1500
    for _ in range(tries):
        y = rng.normal(0, 3, (20, 1)) + rng.normal(0, 0.5, replicates)
        y = y + rng.normal(0, 1, (20, replicates))
        weights = np.full(20, 1 / 20)
        drawn = estimates.spread(y, np.zeros(20, int))
        found = estimates.contrast(y, weights, drawn)
        hits += found.low <= 0 <= found.high
        luck = estimates.contrast(y, weights, None)
        blind += luck.low <= 0 <= luck.high
    assert 0.93 <= hits / tries <= 0.97
    assert blind / tries < 0.8  # the simpler interval is too narrow


def test_one_replicate_has_no_interval():
    found = estimates.contrast(np.ones((3, 1)), np.full(3, 1 / 3), estimates.Spread(1.0, 2))
    assert found.mean == 1
    assert np.isnan([found.low, found.high]).all()


# -- what is chosen, and how sure that is ---------------------------------------------------------


@pytest.mark.parametrize(("n", "first", "second"), [(1, 1, 0), (2, 1, 1), (5, 2, 3), (6, 3, 3)])
def test_halves(n, first, second):
    a, b = estimates.halves(np.zeros((4, n)))
    assert (a.shape, b.shape) == ((4, first), (4, second))


def test_the_highest_of_equals_is_too_high_and_the_other_half_is_not():
    rng = np.random.default_rng(3)
    same, other = [], []
    for _ in range(300):
        first, second = estimates.halves(rng.normal(size=(50, 6)))
        same.append(first.mean(axis=1).max())
        other.append(second[first.mean(axis=1).argmax()].mean())
    assert np.mean(same) > 1
    assert abs(np.mean(other)) < 0.1


def test_the_truly_highest_is_among_the_candidates():
    rng = np.random.default_rng(4)
    true = np.linspace(0, 1, 15)
    kept = [estimates.candidates(true[:, None] + smooth(rng, 15, 5)) for _ in range(300)]
    assert np.mean([own[-1] for own in kept]) >= 0.95
    equal = [estimates.candidates(smooth(rng, 15, 5))[7] for _ in range(300)]
    assert np.mean(equal) >= 0.95


def test_points_that_are_surely_lower_are_no_candidates_and_equal_ones_are():
    y = np.array([[1.0, 2, 3], [1, 2, 3], [0, 1.01, 2.02], [-50, -48, -47]])
    assert estimates.candidates(y).tolist() == [True, True, False, False]


def test_one_replicate_excludes_nothing():
    assert estimates.candidates(np.array([[1.0], [2.0]])).all()


def test_luck_that_neighbours_share_is_not_taken_for_a_difference():
    rng = np.random.default_rng(5)
    false = [estimates.differ(smooth(rng, 25, 5)) < 0.05 for _ in range(400)]
    assert np.mean(false) <= 0.08
    slope = 3 * np.linspace(-1, 1, 25)[:, None]
    true = [estimates.differ(slope + smooth(rng, 25, 5)) < 0.05 for _ in range(50)]
    assert np.mean(true) > 0.7


def test_points_that_cannot_be_told_apart_and_points_that_always_differ():
    assert estimates.differ(np.tile([1.0, 2, 3, 4], (5, 1))) == 1
    assert estimates.differ(np.array([[1.0] * 4, [2.0] * 4])) == 0
    assert np.isnan(estimates.differ(np.ones((3, 2))))


def test_the_variance_of_true_means_is_free_of_luck():
    rng = np.random.default_rng(6)
    true = np.linspace(0, 2, 9)[:, None]
    found = [
        estimates.signal(true + rng.normal(0, 3, 4) + rng.normal(0, 2, (9, 4))) for _ in range(600)
    ]
    assert np.mean(found) == pytest.approx(true.var(), abs=0.1)
    naive = np.mean([(true + rng.normal(0, 2, (9, 4))).mean(axis=1).var() for _ in range(600)])
    assert naive > true.var() + 0.5


def test_precision_is_forecast_from_the_scatter_of_all_points():
    rng = np.random.default_rng(7)
    y = np.arange(200.0)[:, None] + rng.normal(0, 2, (200, 3))
    mean, difference = estimates.expected(y, 12)
    t = stats.t.ppf(0.975, 11)
    assert mean == pytest.approx(t * 2 / np.sqrt(12), rel=0.06)
    assert difference == pytest.approx(t * 2 * np.sqrt(2 / 12), rel=0.06)
    assert estimates.expected(y[:, :1], 12) is None
    assert estimates.expected(y, 1) is None


# -- factors --------------------------------------------------------------------------------------

THREE = """
  brands.A.late: {range: [0, 1]}
  brands.A.misdelivery: {range: [0, 1]}
  people.n: {integers: [10, 80]}
"""


def ranked(points, y):
    sample = points.rows.sample.unit
    cuts = [levels(axis, sample, points.rows.method == "grid") for axis in points.axes]
    return ranking.factors(Found(points, y), cuts).set_index("factor")


def test_what_a_factor_of_a_grid_does_by_hand(tmp_path):
    own = swept.study(
        tmp_path, factors=THREE.replace("80]", "80], levels: 2"), design="{levels: 2}"
    )
    late, wrong = own.points.rows.sample.unit[:, 0], own.points.rows.sample.unit[:, 1]
    mean = np.concatenate([[0], 10 * late + 3 * wrong + 4 * late * wrong])
    y = mean[:, None] + np.array([0.0, 5, -3, 1])
    table = ranked(own.points, y)
    assert list(table.index) == ["brands.A.late", "brands.A.misdelivery", "people.n"]
    assert table["swing"].tolist() == pytest.approx([12, 5, 0])
    assert (table.loc["brands.A.late", ["highest", "lowest"]] == ["1", "0"]).all()
    # variances of main effects: 36, 6.25, 0; of the interaction 1
    assert table["share"].tolist() == pytest.approx([36 / 43.25, 6.25 / 43.25, 0])
    assert table["over_next"].tolist()[:2] == pytest.approx([7, 5])
    assert table.loc["brands.A.late", "n"] == 2  # chosen on two replicates, measured on two


def test_a_factor_of_a_sample_that_does_nothing_is_seldom_said_to(tmp_path):
    """The highest bin is highest for the points drawn there; other points know nothing of it."""
    rng = np.random.default_rng(8)
    false = shares = 0
    tries = 60
    for k in range(tries):
        own = swept.study(tmp_path, factors=THREE, design="{name: random, n: 64}", seed=k)
        unit = own.points.rows.sample.unit
        mean = np.concatenate([[0], 10 * unit[:, 0] * (1 + unit[:, 1])])
        table = ranked(own.points, mean[:, None] + smooth(rng, 65, 6))
        assert table.loc["brands.A.late", "low"] > 0
        false += table.loc["people.n", "low"] > 0
        shares += table.loc["people.n", "share"]
    assert false / tries <= 0.1
    assert abs(shares / tries) < 0.03

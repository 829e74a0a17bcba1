import numpy as np
import pytest

from experiments.errors import UsageError
from experiments.sensitivity import samples
from experiments.sensitivity.samples import INERT, Inputs

THREE = Inputs.named(["price", "talk", "wage"])
GROUPED = Inputs.named(["price", "social", "wage", "social"])
CONTROLLED = Inputs.named(["price", "talk", INERT])


@pytest.mark.parametrize(
    "make",
    [
        lambda n: samples.saltelli(GROUPED, n, seed=5),
        lambda n: samples.morris(GROUPED, n, seed=5),
        lambda n: samples.finite_differences(GROUPED, n, seed=5),
        lambda n: samples.sobol(4, n, seed=5),
        lambda n: samples.random(4, n, seed=5),
    ],
    ids=["saltelli", "morris", "finite differences", "sobol", "random"],
)
def test_a_larger_design_begins_with_the_smaller_one(make):
    small, large = make(5), make(13)
    assert np.array_equal(large.unit[: len(small.unit)], small.unit)
    assert np.array_equal(large.block[: len(small.unit)], small.block)
    assert large.role[: len(small.unit)] == small.role


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: samples.saltelli(THREE, 64, seed),
        lambda seed: samples.morris(THREE, 64, seed),
        lambda seed: samples.finite_differences(THREE, 64, seed),
        lambda seed: samples.sobol(3, 64, seed),
        lambda seed: samples.random(3, 64, seed),
        lambda seed: samples.latin(3, 64, seed),
        lambda seed: samples.fast(3, 80, seed),
    ],
)
def test_points_lie_in_the_half_open_cube_and_come_from_the_seed(make):
    one, again, other = make(0), make(0), make(1)
    assert np.all((one.unit >= 0) & (one.unit < 1))
    assert np.array_equal(one.unit, again.unit)
    assert not np.array_equal(one.unit, other.unit)
    assert len(one.unit) == len(one.block) == len(one.role)


def test_a_block_of_saltelli_recombines_a_and_b_group_by_group():
    sample = samples.saltelli(GROUPED, 7, seed=1)
    assert sample.role[:5] == ["A", "AB:price", "AB:social", "AB:wage", "B"]
    blocks = sample.unit.reshape(7, 5, 4)
    a, b = blocks[:, 0], blocks[:, -1]
    assert not np.any(a == b)
    assert np.array_equal(blocks[:, 1] == b, np.tile([True, False, False, False], (7, 1)))
    assert np.array_equal(blocks[:, 2] == b, np.tile([False, True, False, True], (7, 1)))
    assert np.array_equal(blocks[:, 2] == a, np.tile([True, False, True, False], (7, 1)))
    assert np.array_equal(sample.block, np.repeat(np.arange(7), 5))


def test_a_and_b_of_saltelli_together_are_a_sobol_sequence():
    blocks = samples.saltelli(THREE, 64, seed=9).unit.reshape(64, 5, 3)
    both = np.hstack([blocks[:, 0], blocks[:, -1]])
    cells = np.sort(np.floor(64 * both), axis=0)
    assert np.array_equal(cells, np.tile(np.arange(64.0)[:, None], (1, 6)))


def test_a_trajectory_moves_each_input_once_by_half_of_the_levels():
    sample = samples.morris(GROUPED, 50, seed=2, levels=6)
    walk = sample.unit.reshape(50, 4, 4)
    moves = np.diff(walk, axis=1)
    assert np.allclose(np.abs(moves[moves != 0]), 0.5)
    assert np.all((moves != 0).sum(axis=1) == 1)
    assert np.array_equal(moves[..., 1] != 0, moves[..., 3] != 0)
    assert np.allclose(np.unique(walk), (np.arange(6) + 0.5) / 6)
    names = np.array(sample.role).reshape(50, 4)
    assert set(names[:, 0]) == {"morris"}
    assert len({tuple(row) for row in names}) == 6  # all orders of three inputs
    for trajectory, step in np.ndindex(50, 3):
        moved = set(GROUPED.of[moves[trajectory, step] != 0])
        assert {f"morris:{GROUPED.names[k]}" for k in moved} == {names[trajectory, step + 1]}


def test_a_trajectory_visits_all_levels_alike():
    walk = samples.morris(THREE, 4000, seed=2).unit.reshape(4000, 4, 3)
    for point in range(4):
        shares = np.bincount((4 * walk[:, point, 1]).astype(int), minlength=4) / 4000
        assert np.abs(shares - 0.25).max() < 0.03  # four standard errors


def test_an_odd_number_of_levels_is_refused():
    with pytest.raises(UsageError, match=r"even number of levels.*got 5"):
        samples.morris(THREE, 3, seed=1, levels=5)


def test_steps_turn_inwards_at_the_edge():
    sample = samples.finite_differences(GROUPED, 200, seed=3, step=0.1)
    blocks = sample.unit.reshape(200, 4, 4)
    moves = blocks[:, 1:] - blocks[:, :1]
    assert np.allclose(np.abs(moves[moves != 0]), 0.1)
    inwards = blocks[:, 0, 0] >= 0.9
    assert np.array_equal(moves[:, 0, 0] < 0, inwards)
    assert 0 < inwards.sum() < 200
    assert sample.role[:4] == ["base", "step:price", "step:social", "step:wage"]


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (samples.saltelli, 5),
        (samples.morris, 4),
        (samples.finite_differences, 4),
    ],
)
def test_a_move_of_the_control_changes_the_luck_and_no_other_move_does(make, size):
    sample = make(CONTROLLED, 30, 4)
    block = sample.block.reshape(30, size)
    control = sample.unit.reshape(30, size, 3)[..., 2]
    assert np.all(np.diff(sample.block) >= 0)
    for k in range(30):
        for i in range(size):
            for j in range(size):
                assert (block[k, i] == block[k, j]) == (control[k, i] == control[k, j])
    assert set(sample.block) == set(range(60))


def test_the_control_comes_last():
    with pytest.raises(ValueError, match="must come last"):
        Inputs.named([INERT, "price"])


def test_points_without_differences_have_a_block_each_and_a_grid_has_one_in_all():
    for sample in (samples.sobol(2, 9, 1), samples.latin(2, 9, 1), samples.random(2, 9, 1)):
        assert np.array_equal(sample.block, np.arange(9))
    assert np.array_equal(samples.fast(2, 70, 1).block, np.arange(140))
    assert set(samples.grid([2, 3]).block) == {0}


def test_a_latin_hypercube_has_one_point_in_each_layer():
    unit = samples.latin(3, 40, seed=1).unit
    assert np.array_equal(np.sort(np.floor(40 * unit), axis=0)[:, 1], np.arange(40))


def test_a_grid_has_all_combinations():
    unit = samples.grid([2, 3]).unit
    expected = [(a, b) for a in (0.25, 0.75) for b in (1 / 6, 0.5, 5 / 6)]
    assert np.allclose(unit, expected)


def test_fast_needs_enough_points_for_its_frequencies():
    with pytest.raises(UsageError, match="FAST needs n above 64"):
        samples.fast(3, 64, seed=1)


def test_a_curve_that_touches_one_stays_below_it(monkeypatch):
    monkeypatch.setattr("experiments.sensitivity.salib.fast_points", lambda *_: np.ones((2, 1)))
    assert np.all(samples.fast(1, 70, seed=1).unit < 1)


def test_fast_gives_each_column_its_frequency_on_its_own_curve():
    curves = samples.fast(3, 129, seed=1).unit.reshape(3, 129, 3)
    for own in range(3):
        for column in range(3):
            centred = curves[own, :, column] - 0.5
            fastest = int(np.abs(np.fft.rfft(centred)).argmax())
            assert (fastest == 16) == (own == column)

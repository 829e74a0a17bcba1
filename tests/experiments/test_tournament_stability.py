"""How sure a game's solution is: resamples of whole replicates, and what noise does to it."""

import time

import numpy as np
import pytest
from known_games import HAWK_DOVE, PRISONERS, STAG_HUNT, form, goods, symmetric

from experiments.tournament import alpharank, nash, replicator, stability


def noisy(cube, n, noise=1.0, shared=0.0, seed=0):
    """Return replicates of a game; `shared` is the part of the noise's variance that all share."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(n, *cube.shape)) * np.sqrt(1 - shared)
    common = rng.normal(size=(n, *(1,) * cube.ndim)) * np.sqrt(shared)
    return cube + noise * (own + common)


def test_resamples_are_of_whole_replicates():
    cubes = noisy(symmetric(STAG_HUNT), 20, noise=5, shared=1.0)
    found = stability.resample(cubes, 50, seed=1)
    # All profiles of a replicate share their luck, so differences never move.
    assert np.allclose(found - found[:, :1, :1, :1], symmetric(STAG_HUNT) - STAG_HUNT[0][0])
    assert np.std(found[:, 0, 0, 0]) == pytest.approx(
        cubes[:, 0, 0, 0].std() / np.sqrt(20), rel=0.3
    )
    assert np.array_equal(found, stability.resample(cubes, 50, seed=1))
    assert not np.array_equal(found, stability.resample(cubes, 50, seed=2))


def test_what_noise_cannot_change_is_in_every_resample():
    cubes = noisy(symmetric(HAWK_DOVE), 10, noise=0.01)
    games, game = stability.resample(cubes, 100, 1), form(2)
    solution = nash.solve(cubes.mean(axis=0), 2, True)
    found = stability.equilibria(games, game, solution)
    assert found.pure.tolist() == [[0, 1], [1, 0]]
    assert found.same_pure == found.same == 1 and found.supports == (1, 1, 1)


def test_more_equilibria_are_not_the_same_equilibria():
    """Prisoners have one of the two pure equilibria of stags and hares, who also mix."""
    prisoners, stags = symmetric(PRISONERS), symmetric(STAG_HUNT)
    games, game = np.stack([prisoners, stags, stags, stags]), form(2)
    found = stability.equilibria(games, game, nash.solve(prisoners, 2, True))
    assert (found.same_pure, found.same, found.supports) == (0.25, 0.25, (1.0,))
    assert found.pure.tolist() == [[0.75, 0], [0, 1]]
    other = stability.equilibria(games, game, nash.solve(stags, 2, True))
    assert (other.same_pure, other.same) == (0.75, 0.75)
    assert sorted(other.supports) == [0.75, 0.75, 1.0]


def test_what_noise_decides_is_in_some_resamples():
    """Two strategies equal but for noise: each is the better one in half of the cases."""
    flat = np.zeros((2, 2, 2))
    shares = []
    for seed in range(30):
        cubes = noisy(flat, 10, seed=seed)
        games = stability.resample(cubes, 40, seed)
        shares.append(
            stability.equilibria(games, form(2, alike=False), nash.solve(cubes.mean(0), 2, False))
        )
    often = np.mean([found.pure for found in shares], axis=0)
    # A profile is an equilibrium if two players independently do not want to leave it.
    assert np.allclose(often, 1 / 4, atol=0.1)
    assert np.mean([found.same for found in shares]) < 0.8


def test_equilibria_of_three_players_are_counted_in_all_resamples():
    cubes = noisy(goods(), 10, noise=0.01)
    games = stability.resample(cubes, 300, 1)
    found = stability.equilibria(games, form(2, 3), nash.solve(cubes.mean(axis=0), 3, True))
    assert found.solved == 300 and found.supports == (1, 1, 1, 1)
    assert found.pure[0, 0, 0] == found.pure[0, 1, 1] == 1 and found.pure[1, 1, 1] == 0


def test_ranks_and_basins_have_intervals_that_narrow():
    widths = []
    for n in (10, 160):
        cubes = noisy(symmetric(STAG_HUNT), n, noise=1.5, seed=3)
        games, game = stability.resample(cubes, 300, 1), form(2)
        fates = replicator.fates(cubes.mean(axis=0), game)
        flows = stability.flows(games, game, fates)
        stag = next(k for k, fate in enumerate(fates) if fate.survivors == ((0,),))
        low, high = flows.fates.low[stag], flows.fates.high[stag]
        assert low - 0.02 <= 2 / 3 <= high + 0.02
        assert flows.final[0].low[0] == pytest.approx(low, abs=0.01)
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_the_first_place_is_shared_where_nothing_decides():
    cubes = noisy(np.zeros((2, 3, 3)), 12, seed=5)
    games, game = stability.resample(cubes, 400, 1), form(3, alike=False)
    found = stability.ranks(games, game, 1e4)
    assert [first.sum() for first in found.first] == pytest.approx([1, 1])
    assert found.mass[0].high.max() > 0.5 and found.mass[0].low.min() < 0.1
    even = stability.ranks(np.zeros((30, 2, 2, 2)), form(2), 10.0)
    assert even.first[0].tolist() == [0.5, 0.5]


def test_one_replicate_says_nothing_about_stability():
    cube, game = symmetric(STAG_HUNT), form(2)
    none = stability.resample(cube[None], 0, 1)
    solution = nash.solve(cube, 2, True)
    found = stability.equilibria(none, game, solution)
    assert np.isnan([found.same, found.same_pure, *found.supports]).all() and found.solved == 0
    assert np.isnan(stability.ranks(none, game, 8.0).first[0]).all()
    fates = replicator.fates(cube, game)
    assert np.isnan(stability.flows(none, game, fates).fates.low).all()


def test_too_few_resamples_make_no_interval():
    assert np.isnan(stability.Bounds.of(np.ones((stability.FEWEST - 1, 2))).low).all()
    assert stability.Bounds.of(np.ones((stability.FEWEST, 2))).high.tolist() == [1, 1]


def test_games_are_scaled_one_by_one():
    games = np.stack([symmetric(STAG_HUNT), 10 * symmetric(STAG_HUNT), np.zeros((2, 2, 2))])
    found = stability.scaled(games, form(2))
    assert np.array_equal(found[0], found[1]) and np.ptp(found[0]) == 1
    assert not found[2].any()


def right(n, shared, trials=60, k=3):
    """Return how often the means have the equilibria of the true game, which is random.

    Noise has twice the standard deviation of the payoffs.
    """
    rng, game, hits = np.random.default_rng(11), form(k), 0
    for trial in range(trials):
        values = rng.normal(size=(len(game.profiles()), 2))
        cubes = noisy(values, n, noise=2.0, shared=shared, seed=trial)
        sets = [
            {one.support for one in nash.solve(cube, 2, True).equilibria}
            for cube in (game.cube(values), game.cube(cubes.mean(axis=0)))
        ]
        hits += sets[0] == sets[1]
    return hits / trials


def test_ten_noisy_replicates_mostly_miss_the_equilibria_and_a_hundred_paired_ones_find_them():
    few, many = right(10, shared=0.0), right(100, shared=0.9)
    assert few < 0.55 and many > 0.75


@pytest.mark.slow
def test_eight_strategies_are_affordable():
    rng = np.random.default_rng(2)
    cubes = noisy(rng.normal(size=(2, 8, 8)), 30)
    start, game = time.process_time(), form(8, alike=False)
    games = stability.resample(cubes, stability.RESAMPLES, 1)
    mean = cubes.mean(axis=0)
    assert stability.equilibria(games, game, nash.solve(mean, 2, False)).solved == 100
    assert stability.ranks(games, game, alpharank.rank(mean, game).alpha).resamples == 1000
    stability.flows(games, game, replicator.fates(mean, game))
    assert time.process_time() - start < 40  # some 10 s on a quiet machine

"""Games: profiles, payoffs of all from those of some, wins, and the luck of names."""

import numpy as np
import pytest
from known_games import form, goods, symmetric

from experiments.tournament import games


def test_five_portfolios_of_two_alike_players_make_fifteen_profiles():
    assert len(form(5).profiles()) == 15
    assert len(form(5, alike=False).profiles()) == 25
    assert len(form(5, 3).profiles()) == 35


def test_a_symmetric_table_becomes_the_payoffs_of_all_profiles():
    two = form(2)
    assert two.profiles() == [(0, 0), (0, 1), (1, 1)]
    cube = two.cube(np.array([[1.0, 3.0], [5.0, 6.0], [7.0, 9.0]]))
    # In self-play both earn the mean of the two; who plays 1 against 0 earns 6, whoever that is.
    assert cube.tolist() == [[[2, 5], [6, 8]], [[2, 6], [5, 8]]]


def test_what_a_strategy_earns_is_the_mean_over_those_who_play_it():
    three = form(2, 3)
    values = np.zeros((4, 3))
    values[three.profiles().index((0, 0, 1))] = [1, 3, 10]
    cube = three.cube(values)
    assert cube[:, 0, 0, 1].tolist() == [2, 2, 10]
    assert cube[:, 1, 0, 0].tolist() == [10, 2, 2]
    assert cube[:, 0, 1, 0].tolist() == [2, 10, 2]


def test_a_game_that_is_not_symmetric_is_what_was_played():
    own = form(2, alike=False)
    values = np.arange(8.0).reshape(4, 2)
    cube = own.cube(values)
    assert cube[:, 1, 0].tolist() == values[own.profiles().index((1, 0))].tolist()


def test_players_may_have_different_numbers_of_strategies():
    uneven = games.GameForm(("A", "B"), (("a", "b", "c"), ("x", "y")), False)
    values = np.random.default_rng(1).normal(size=(7, 6, 2))
    cube = uneven.cube(values)
    assert cube.shape == (7, 2, 3, 2)
    assert cube[3, 1, 2, 0] == values[3, uneven.profiles().index((2, 0)), 1]


def test_a_symmetric_game_of_unlike_strategies_is_refused():
    with pytest.raises(ValueError, match="same strategies"):
        games.GameForm(("A", "B"), (("a",), ("b",)), True)
    with pytest.raises(ValueError, match="at least one strategy"):
        games.GameForm(("A", "B"), (("a",),), False)


def test_wins_are_counted_over_replicates_and_ties_count_half():
    quiet, loud = symmetric([[1, 2], [3, 1]]), symmetric([[1, 3], [2, 1]])
    matrix = games.win_matrix(np.stack([quiet, quiet, loud, symmetric([[1, 2], [2, 1]])]), 2)
    # Strategy 1 against 0 earns 3 against 2 twice, then 2 against 3, then they tie.
    assert matrix[1, 0] == (1 + 1 + 0 + 0.5) / 4
    assert matrix[0, 1] == 1 - matrix[1, 0]
    assert matrix[0, 0] == matrix[1, 1] == 0.5


def test_with_three_players_all_profiles_of_the_third_count_alike():
    cube = goods()[None]
    # Given what the third does, who gives is worse off by its cost than who does not.
    assert games.win_matrix(cube, 3)[1, 0] == 0
    assert games.win_matrix(cube, 3)[1, 1] == 0.5
    # Giving beside a giver pays 0.7 whatever the third does; beside a miser, 0.7 or -0.3.
    assert games.against(cube[0], 3)[1].tolist() == pytest.approx([0.2, 0.7])


def test_of_a_pair_each_sees_its_own_strategy_first():
    cube = np.random.default_rng(2).normal(size=(3, 2, 4, 5))
    mine, theirs = games.pair(cube, 3, 2, 0)
    assert mine.shape == (5, 2, 4)
    assert mine[3, 1, 2] == cube[2, 1, 2, 3]
    assert theirs[3, 1, 2] == cube[0, 1, 2, 3]


def test_the_luck_of_names_is_taken_out_and_means_stay():
    rng = np.random.default_rng(3)
    own = form(3)
    strategies = np.array([[own_, other] for own_, other in own.profiles()], float)
    luck = rng.normal(0, 10, (50, 1, 2))
    corrected = own.without_luck_of_names(strategies + luck)
    # What both have by luck stays, being the same for all profiles; what one has more goes.
    rest = corrected - strategies
    assert np.ptp(rest, axis=(1, 2)).max() < 1e-12
    assert np.allclose(rest[:, 0, 0], luck.mean(axis=(1, 2)))


def test_the_scale_of_a_game_is_the_largest_difference_that_a_player_can_see():
    assert games.spread(np.array([[[0, 1], [2, 5]], [[0, 0], [0, 9.0]]]), 2) == 9
    assert games.spread(np.ones((2, 2, 2)), 2) == 1

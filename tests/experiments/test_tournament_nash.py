"""Nash equilibria: of textbook games, of random ones against definitions and nashpy, with ties."""

import warnings
from itertools import combinations, product

import numpy as np
import pytest
from known_games import (
    HAWK_DOVE,
    PRISONERS,
    ROCK_PAPER_SCISSORS,
    SEXES,
    STAG_HUNT,
    goods,
    symmetric,
)

from experiments.errors import StudyError
from experiments.tournament import nash


def supports(payoffs, alike=True):
    players = len(payoffs)
    return {one.support for one in nash.solve(payoffs, players, alike).equilibria}


def mixed(payoffs, alike=True):
    (one,) = [e for e in nash.solve(payoffs, 2, alike).equilibria if not e.pure]
    return one


def test_rock_paper_scissors_is_mixed_evenly():
    (one,) = nash.solve(symmetric(ROCK_PAPER_SCISSORS), 2, True).equilibria
    assert np.allclose(one.mix, 1 / 3)
    assert one.symmetric and not one.pure
    assert one.payoffs.tolist() == pytest.approx([0, 0])


def test_prisoners_defect():
    (one,) = nash.solve(symmetric(PRISONERS), 2, True).equilibria
    assert one.support == ((1,), (1,)) and one.pure
    assert one.payoffs.tolist() == [1, 1]


def test_a_stag_hunt_has_two_pure_equilibria_and_a_mixed_one():
    assert supports(symmetric(STAG_HUNT)) == {((0,), (0,)), ((1,), (1,)), ((0, 1), (0, 1))}
    one = mixed(symmetric(STAG_HUNT))
    assert one.mix[0].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert one.symmetric


def test_of_hawks_and_doves_one_gives_way_or_both_mix():
    solution = nash.solve(symmetric(HAWK_DOVE), 2, True)
    assert [one.symmetric for one in solution.equilibria] == [False, False, True]
    assert mixed(symmetric(HAWK_DOVE)).mix[1].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert not solution.degenerate and solution.scope == "mixed"


def test_players_of_different_tastes_mix_differently():
    one = mixed(SEXES, alike=False)
    assert np.allclose(one.mix, [[3 / 5, 2 / 5], [2 / 5, 3 / 5]])
    assert not one.symmetric
    assert one.payoffs.tolist() == pytest.approx([6 / 5, 6 / 5])


def test_three_players_have_their_pure_equilibria():
    solution = nash.solve(goods(), 3, True)
    assert solution.scope == "pure"
    pairs = {((0,), (1,), (1,)), ((1,), (0,), (1,)), ((1,), (1,), (0,))}
    assert supports(goods()) == {((0,), (0,), (0,)), *pairs}
    assert [one.symmetric for one in solution.equilibria].count(True) == 1


def test_the_regret_of_a_profile_is_what_one_could_gain_alone():
    regrets = nash.regrets(symmetric(PRISONERS), 2)
    assert regrets[:, 0, 0].tolist() == [2, 2]
    assert regrets[:, 0, 1].tolist() == [1, 0]
    assert regrets[:, 1, 1].tolist() == [0, 0]
    batch = np.stack([symmetric(PRISONERS), symmetric(STAG_HUNT)])
    assert np.array_equal(nash.regrets(batch, 2)[0], regrets)
    assert nash.pure_equilibria(batch, 2).sum(axis=(1, 2)).tolist() == [1, 2]


@pytest.mark.parametrize("k", [3, 4])
def test_random_games_have_the_equilibria_that_trying_all_supports_finds(k):
    rng = np.random.default_rng(k)
    for _ in range(15):
        payoffs = rng.normal(size=(2, k, k))
        assert supports(payoffs, alike=False) == set(by_supports(*payoffs))


def by_supports(a, b):
    """Yield the supports of the equilibria of a game without ties, by solving for each."""
    k = len(a)
    for size in range(1, k + 1):
        for rows, columns in product(combinations(range(k), size), repeat=2):
            y = indifferent(a[np.ix_(rows, columns)])
            x = indifferent(b.T[np.ix_(columns, rows)])
            if min(x.min(), y.min()) > 0:
                mine, theirs = a[:, columns] @ y, b.T[:, rows] @ x
                if max(np.ptp(mine[[*rows]]), np.ptp(theirs[[*columns]])) < 1e-9 and (
                    mine.argmax() in rows and theirs.argmax() in columns
                ):
                    yield rows, columns


def indifferent(payoffs):
    """Return the chances that make all rows pay the same."""
    n = len(payoffs)
    system = np.block([[payoffs, -np.ones((n, 1))], [np.ones((1, n)), np.zeros((1, 1))]])
    return np.linalg.solve(system, np.append(np.zeros(n), 1))[:n]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_random_games_have_an_odd_number_of_equilibria_without_regret(scale):
    rng = np.random.default_rng(7)
    for k in (2, 5, 8):
        payoffs = 1e6 + scale * 1e3 * rng.normal(size=(2, k, k))
        solution = nash.solve(payoffs, 2, False)
        assert len(solution.equilibria) % 2 == 1 and not solution.degenerate
        for one in solution.equilibria:
            gains = [nash.expected(payoffs, one.mix, p).max() - one.payoffs[p] for p in (0, 1)]
            assert max(gains) <= 1e-6 * scale * 1e3


@pytest.mark.parametrize(
    "matrix",
    [[[1, 1], [1, 1]], [[1, 1], [1, 0]], [[2, 2, 0], [2, 2, 0], [0, 0, 1]], [[3, 3], [2, 2]]],
)
def test_ties_are_reported_and_not_warned_of(matrix):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = nash.solve(symmetric(matrix), 2, True)
    # In the last, the opponent's choice matters to nobody, and yet the first is the better one.
    assert solution.degenerate == (matrix != [[3, 3], [2, 2]])
    assert solution.equilibria


def test_dominated_strategies_are_never_played_nor_enumerated():
    payoffs = symmetric([[3, 0, 9], [5, 1, 9], [-9, -9, -9]])
    assert nash.undominated(payoffs) == ([1], [1])
    assert supports(payoffs) == {((1,), (1,))}
    twenty = symmetric(np.arange(20.0)[:, None] + np.zeros((20, 20)))
    assert supports(twenty) == {((19,), (19,))}


def test_too_many_strategies_leave_the_pure_equilibria():
    many = symmetric(np.eye(nash.MAX_STRATEGIES + 1))
    solution = nash.solve(many, 2, True)
    assert solution.scope == "pure" and len(solution.equilibria) == nash.MAX_STRATEGIES + 1


def test_without_nashpy_it_is_said_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "nashpy", None)
    with pytest.raises(StudyError, match=r"pip install 'huitou\[tournament\]'"):
        nash.solve(symmetric(STAG_HUNT), 2, True)


def test_what_one_expects_is_an_average_over_what_the_others_mix():
    rng = np.random.default_rng(5)
    payoffs = rng.normal(size=(3, 2, 3, 4))
    mix = [rng.dirichlet(np.ones(k), size=6) for k in (2, 3, 4)]
    found = nash.expected(payoffs, mix, 1)
    by_hand = np.einsum("abc,ma,mc->mb", payoffs[1], mix[0], mix[2])
    assert np.allclose(found, by_hand)
    each = np.broadcast_to(payoffs, (6, *payoffs.shape))
    assert np.allclose(nash.expected(each, mix, 1), by_hand)


def test_what_is_nearly_an_equilibrium_is_none():
    """Payoffs that differ by 1e-7 are the same to nashpy, whose labels have a tolerance."""
    e = 1e-7
    payoffs = np.array(
        [
            [[1, 1 - e, 2 - e], [2 + e, 0, 2], [1, 1 + e, 2]],
            [[e, 2, e], [-e, 2 - e, 1 + e], [e, -e, 1 - e]],
        ]
    )
    solution = nash.solve(payoffs, 2, False)
    assert solution.equilibria
    assert max(one.regret for one in solution.equilibria) < 1e-8


def test_a_number_of_equilibria_that_cannot_be_is_reported(monkeypatch):
    monkeypatch.setattr(nash, "_vertices", lambda *_: iter(()))
    solution = nash.solve(symmetric(STAG_HUNT), 2, True)
    assert len(solution.equilibria) == 2 and solution.degenerate  # the mixed one is missed

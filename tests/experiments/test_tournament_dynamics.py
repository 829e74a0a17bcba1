"""Replicator dynamics and alpha-rank: textbook games, derivations by hand, large intensities."""

import numpy as np
import pytest
from known_games import (
    HAWK_DOVE,
    PRISONERS,
    ROCK_PAPER_SCISSORS,
    SEXES,
    STAG_HUNT,
    form,
    goods,
    symmetric,
)

from experiments.tournament import alpharank, replicator

MILD = [[0, -1, 2], [2, 0, -1], [-1, 2, 0]]
"""Rock, paper, scissors in which winning is worth more than losing costs: flows come to rest."""


def fates(matrix):
    return {f.survivors: f for f in replicator.fates(symmetric(matrix), form(len(matrix)))}


# -- replicator dynamics --------------------------------------------------------------------------


def test_defection_takes_over_from_everywhere():
    (fate,) = replicator.fates(symmetric(PRISONERS), form(2))
    assert (fate.survivors, fate.kind, fate.share) == (((1,),), "point", 1.0)


def test_a_stag_hunt_has_two_basins_of_known_size():
    found = fates(STAG_HUNT)
    # Stag spreads from above one third.
    assert found[((0,),)].share == pytest.approx(2 / 3, abs=0.02)
    assert found[((1,),)].share == pytest.approx(1 / 3, abs=0.02)


def test_hawks_and_doves_coexist_in_the_mix_of_the_equilibrium():
    (fate,) = replicator.fates(symmetric(HAWK_DOVE), form(2))
    assert fate.survivors == ((0, 1),)
    assert fate.mix[0].tolist() == pytest.approx([2 / 3, 1 / 3], abs=1e-3)


def test_two_populations_of_hawks_and_doves_split_instead():
    found = replicator.fates(symmetric(HAWK_DOVE), form(2, alike=False))
    assert {f.survivors for f in found} == {((0,), (1,)), ((1,), (0,))}
    assert found[0].share == pytest.approx(0.5, abs=0.1)


def test_rock_paper_scissors_goes_round_its_equilibrium():
    (fate,) = replicator.fates(symmetric(ROCK_PAPER_SCISSORS), form(3))
    assert fate.kind == "moving" and fate.survivors == ((0, 1, 2),)
    assert fate.mix[0].tolist() == pytest.approx([1 / 3] * 3, abs=0.01)
    (calm,) = replicator.fates(symmetric(MILD), form(3))
    assert calm.kind == "point" and calm.mix[0].tolist() == pytest.approx([1 / 3] * 3, abs=1e-3)


def test_equal_payoffs_leave_everything_where_it_is():
    found = replicator.fates(symmetric(np.ones((2, 2))), form(2))
    assert found[0].kind == "continuum" and found[0].survivors == ((0, 1),)


def test_three_players_who_need_two_givers():
    """Givers gain where another one is pivotal: 2x(1 - x) = cost, stable at the larger root."""
    found = replicator.fates(goods(cost=0.3), form(2, 3))
    x = (1 + np.sqrt(1 - 2 * 0.3)) / 2
    low = 1 - x
    by_left = {f.survivors: f for f in found}
    assert by_left[((0, 1),)].mix[0][1] == pytest.approx(x, abs=1e-3)
    assert by_left[((0, 1),)].share == pytest.approx(1 - low, abs=0.02)
    assert by_left[((0,),)].share == pytest.approx(low, abs=0.02)


def test_a_flow_has_arrived_when_all_populations_have():
    """The first player gains nothing by anything; the second, slowly, by its second strategy."""
    payoffs = np.zeros((2, 2, 2))
    payoffs[1, :, 1] = 0.05
    start = [np.array([[0.3, 0.7]]), np.array([[0.9, 0.1]])]
    ends = replicator.settle(payoffs[None], start, 2)
    assert ends.arrived.all()
    assert ends.present[1].tolist() == [[False, True]]
    assert ends.mix[0][0].tolist() == pytest.approx([0.3, 0.7])


def test_shares_grow_by_what_they_earn_above_the_average():
    mix = np.array([0.2, 0.8])
    (found,) = replicator.velocity(symmetric(HAWK_DOVE), [mix], 2)
    fitness = np.array([-0.2 + 4 * 0.8, 2 * 0.8])
    assert found == pytest.approx(mix * (fitness - mix @ fitness))


def test_flows_are_those_of_nashpy():
    from nashpy import Game

    rng = np.random.default_rng(4)
    payoffs, times = rng.uniform(size=(2, 3, 3)), np.linspace(0, 10, 21)
    start = [np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.1, 0.3])]
    ours = replicator.flow(payoffs, start, 2, times)
    theirs = Game(*payoffs).asymmetric_replicator_dynamics(*start, timepoints=times)
    for mine, other in zip(ours, theirs, strict=True):
        assert np.abs(mine - other).max() < 1e-4


def test_starts_are_even_over_the_simplex():
    first, second = replicator.starts((2, 3), 256)
    assert np.allclose(first.sum(axis=1), 1) and second.min() > 0
    assert np.abs(np.quantile(first[:, 0], [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 0.03
    assert np.allclose(second.mean(axis=0), 1 / 3, atol=0.01)


# -- alpha-rank -----------------------------------------------------------------------------------


@pytest.mark.parametrize("alike", [True, False])
def test_nobody_leads_rock_paper_scissors(alike):
    game = form(3, alike=alike)
    for matrix in (ROCK_PAPER_SCISSORS, [[0, -0.5, 1], [0.5, 0, -0.1], [-1, 0.1, 0]]):
        found = alpharank.rank(symmetric(matrix), game)
        for mass in alpharank.by_strategy(found.mass, game):
            assert mass.tolist() == pytest.approx([1 / 3] * 3, abs=1e-6)
        assert found.steady


@pytest.mark.parametrize("alike", [True, False])
def test_who_beats_all_has_all_the_mass(alike):
    game = form(3, alike=alike)
    found = alpharank.rank(symmetric([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]), game)
    for mass in alpharank.by_strategy(found.mass, game):
        assert mass.tolist() == pytest.approx([1, 0, 0], abs=1e-6)


def test_of_two_equilibria_that_nobody_leaves_each_has_half():
    found = alpharank.rank(SEXES, form(2, alike=False))
    assert found.mass.tolist() == [
        [pytest.approx(0.5), pytest.approx(0, abs=1e-9)],
        [pytest.approx(0, abs=1e-9), pytest.approx(0.5)],
    ]


def test_the_chance_to_take_over_is_the_known_one():
    """With a constant advantage u, (1 - exp(-u)) / (1 - exp(-m u)); without, 1 / m."""
    m = alpharank.MEMBERS
    for u in (-0.2, 0.01, 0.7):
        found = alpharank.fixation(np.full(m - 1, u), 1.0)
        assert np.exp(found) == pytest.approx(np.expm1(-u) / np.expm1(-m * u))
    assert np.exp(alpharank.fixation(np.zeros(m - 1), 5.0)) == pytest.approx(1 / m)
    assert alpharank.fixation(np.full(m - 1, -1.0), 1e6) == pytest.approx(-1e6 * (m - 1))


def test_two_strategies_are_weighed_by_their_chances_to_take_over():
    """In one population of m, a mutant meets j - 1 of its kind and m - j others, of m - 1."""
    m, alpha, (a, b), (c, d) = alpharank.MEMBERS, 0.3, *STAG_HUNT
    j = np.arange(1, m)
    edge = ((j - 1) * a + (m - j) * b - j * c - (m - j - 1) * d) / (m - 1)
    up = 1 / (1 + np.exp(-alpha * np.cumsum(edge)).sum())
    down = 1 / (1 + np.exp(alpha * np.cumsum(edge[::-1])).sum())
    found = alpharank.masses(symmetric(STAG_HUNT), form(2), alpha)
    assert found[0] / found[1] == pytest.approx(up / down)


def test_three_players_are_drawn_without_replacement():
    m, alpha, cost = alpharank.MEMBERS, 0.4, 0.3
    j = np.arange(1, m)  # givers
    others = m - 1

    def one_of_two(givers):
        return givers * (others - givers) * 2 / (others * (others - 1))

    def both(givers):
        return givers * (givers - 1) / (others * (others - 1))

    giver = one_of_two(j - 1) + both(j - 1) - cost
    miser = both(j)
    edge = giver - miser
    up = 1 / (1 + np.exp(-alpha * np.cumsum(edge)).sum())
    down = 1 / (1 + np.exp(alpha * np.cumsum(edge[::-1])).sum())
    found = alpharank.masses(goods(cost=cost), form(2, 3), alpha)
    assert found[1] / found[0] == pytest.approx(up / down)


def test_the_stationary_distribution_is_that_of_the_chain():
    rng = np.random.default_rng(6)
    rates = rng.uniform(0.1, 1, (5, 7, 7))
    found = np.exp(alpharank.stationary(np.log(rates)))
    off = rates * (1 - np.eye(7))
    flow = np.einsum("bi,bij->bj", found, off) - found * off.sum(axis=2)
    assert np.abs(flow).max() < 1e-12
    assert np.allclose(found.sum(axis=1), 1)


def test_rates_of_any_size_do_not_underflow():
    log_rates = np.array(
        [[-np.inf, -3e5, -np.inf], [-2e5, -np.inf, -1.0], [-np.inf, -4e5, -np.inf]]
    )
    found = alpharank.stationary(log_rates)
    # A chain in a line is reversible: pi_0 r_01 = pi_1 r_10, pi_1 r_12 = pi_2 r_21.
    assert found[1] - found[0] == pytest.approx(-3e5 + 2e5)
    assert found[2] - found[1] == pytest.approx(-1.0 + 4e5)
    assert np.isfinite(found).all()


def test_small_differences_are_told_apart_in_the_end():
    found = alpharank.rank(symmetric([[1, 1, 0], [1.02, 1, 0.01], [5, 0, -9]]), form(3))
    assert found.mass.tolist() == pytest.approx([0, 1, 0], abs=1e-3)
    assert found.steady and found.alpha > 100


def test_units_of_money_do_not_matter():
    for scale in (1e-3, 1e6):
        found = alpharank.rank(1e5 + scale * symmetric(STAG_HUNT), form(2))
        assert found.mass == pytest.approx(alpharank.rank(symmetric(STAG_HUNT), form(2)).mass)

"""Matching: who refers chooses a friend by how well the brand suits them."""

import numpy as np
import pytest

from sim.engine.kernels import borrow, kernel
from sim.mechanisms.referral.matching import suitable

TIES = {"people.n": 8, "days": 1}


@kernel
def _picks(w, i, b, u):
    w = borrow(w)
    out = np.empty(u.size, np.int64)
    for k in range(u.size):
        out[k] = suitable(w, i, b, u[k])
    return out


@pytest.fixture
def picks(still, tied):
    """Return a function: how often each of seven ties of person 0 is picked, by their tastes."""

    def shares(matching, log_taste, **network):
        ties = tied([(0, k) for k in range(1, 8)], **network)
        market = still(**{**TIES, "network": ties, "behaviour.referral.matching": matching})
        market.world.relationships["log_taste"][1:, 0] = log_taste
        u = (np.arange(7000) + 0.5) / 7000
        return np.bincount(_picks(market.handle, 0, 0, u), minlength=7) / 7000

    return shares


TASTES = np.log([1, 2, 3, 4, 5, 6, 0.001])


@pytest.mark.quick
@pytest.mark.parametrize("matching", [0, 0.5, 1, 3])
def test_a_friend_counts_by_a_power_of_taste(picks, matching):
    weight = np.exp(matching * TASTES)
    np.testing.assert_allclose(picks(matching, TASTES), weight / weight.sum(), atol=2e-3)


@pytest.mark.quick
def test_friends_of_the_same_taste_are_picked_as_without_matching(picks):
    np.testing.assert_allclose(picks(2, np.full(7, -0.3)), picks(0, TASTES), atol=1e-3)


@pytest.mark.quick
def test_tiny_tastes_do_no_harm(picks):
    assert picks(10, np.array([-1e4] * 6 + [-2e4])).sum() == pytest.approx(1)
    assert picks(1, np.array([-1e4] * 6 + [0.0]))[6] == 1


@pytest.mark.quick
def test_invited_friends_like_the_brand_more_the_more_they_are_matched(busy):
    def taste(matching):
        market = busy(**{"behaviour.referral.matching": matching, "days": 200, "people.n": 400})
        market.run_model()
        friends = market.invitations["friend"]
        assert friends.size > 200
        return market.world.relationships["log_taste"][friends, 2].mean()

    found = [taste(matching) for matching in (0, 0.5, 2)]
    assert found == sorted(found)
    assert found[2] > found[0] + 1

"""Games whose solutions are in every textbook."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.tournament.games import GameForm

ROCK_PAPER_SCISSORS = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
PRISONERS = [[3, 0], [5, 1]]
STAG_HUNT = [[5, 0], [3, 1]]
"""Mixed at one third stag: 5x = 3x + (1 - x)."""
HAWK_DOVE = [[-1, 4], [0, 2]]
"""Mixed at two thirds hawk: -x + 4(1 - x) = 2(1 - x)."""
SEXES = np.array([[[3, 0], [0, 2.0]], [[2, 0], [0, 3.0]]])
"""Battle of the sexes, two different players: pure ones, and 3/5 against 2/5."""


def symmetric(matrix: Any) -> NDArray[np.float64]:
    """Return the payoffs of both players, float64[2, own, opponent]."""
    own = np.array(matrix, float)
    return np.stack([own, own.T])


def form(k: int, n: int = 2, alike: bool = True) -> GameForm:
    names = tuple(f"s{i}" for i in range(k))
    return GameForm(tuple("ABCDE"[:n]), (names,) * n, alike)


def goods(threshold: int = 2, cost: float = 0.3) -> NDArray[np.float64]:
    """Return a game of three: if two of them give (1), all get 1; who gives, pays.

    Symmetric. Nobody giving is an equilibrium, and so is any pair giving.
    """
    payoffs = np.zeros((3, 2, 2, 2))
    for profile in np.ndindex(2, 2, 2):
        for player in range(3):
            got = float(sum(profile) >= threshold)
            payoffs[(player, *profile)] = got - cost * profile[player]
    return payoffs

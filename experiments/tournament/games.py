"""Games: who plays, what each may do, and what each profile pays to whom.

Arrays of payoffs have the shape `[..., player, s1, ..., sn]`: what a player earns when the first
plays strategy s1, the second s2, and so on. Axes in front are replicates or resamples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, permutations, product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Profile = tuple[int, ...]
"""Which strategy each player plays, by number."""


@dataclass(frozen=True)
class GameForm:
    """A game without its payoffs.

    Attributes
    ----------
    players
        Their names.
    strategies
        For each player, the names of what it may do.
    symmetric
        All players have the same strategies, and only how many play what decides the payoffs. Then
        a profile stands for all its rearrangements.

    Raises
    ------
    ValueError
        If a symmetric game has players with different strategies.
    """

    players: tuple[str, ...]
    strategies: tuple[tuple[str, ...], ...]
    symmetric: bool

    def __post_init__(self) -> None:
        """Check that there is a game to play."""
        if len(self.players) != len(self.strategies) or not all(self.strategies):
            raise ValueError("every player needs at least one strategy")
        if self.symmetric and len(set(self.strategies)) > 1:
            raise ValueError("players of a symmetric game must have the same strategies")

    @property
    def n(self) -> int:
        """Return the number of players."""
        return len(self.players)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return how many strategies each player has."""
        return tuple(len(names) for names in self.strategies)

    def profiles(self) -> list[Profile]:
        """Return the profiles that decide the game: of a symmetric one, in rising order only."""
        if self.symmetric:
            return list(combinations_with_replacement(range(self.shape[0]), self.n))
        return list(product(*map(range, self.shape)))

    def cube(self, values: Floats) -> Floats:
        """Return the payoffs of all profiles, from those of the profiles that decide the game.

        In a symmetric game, what a strategy earns in a profile is the mean over those who play it.

        Parameters
        ----------
        values : float64[..., profile, player]
            What each player earned, in the order of `profiles()`.

        Returns
        -------
        float64[..., player, s1, ..., sn]
        """
        cube = np.empty((self.n, *self.shape, *values.shape[:-2]))
        for k, profile in enumerate(self.profiles()):
            earned = values[..., k, :]
            for other, who in self._arrangements(profile):
                for player, alike in enumerate(who):
                    cube[(player, *other)] = earned[..., alike].mean(axis=-1)
        return np.moveaxis(cube, range(self.n + 1), range(-self.n - 1, 0))

    def without_luck_of_names(self, values: Floats) -> Floats:
        """Return what players of a symmetric game earned, less the luck that goes with their names.

        Players that are alike still differ by luck, and in a profile of several strategies that
        luck would be taken for a difference of strategies. Where all do the same, nothing else
        tells the players apart; so what one earns more there than all on average, averaged over
        these profiles, is subtracted everywhere (a control variate with coefficient 1; its
        expectation is zero, so means do not move).

        Parameters
        ----------
        values : float64[..., profile, player]
            In the order of `profiles()`.

        Returns
        -------
        float64[..., profile, player]
        """
        alike = [k for k, profile in enumerate(self.profiles()) if len(set(profile)) == 1]
        same = values[..., alike, :]
        luck = (same - same.mean(axis=-1, keepdims=True)).mean(axis=-2, keepdims=True)
        return values - luck

    def _arrangements(self, profile: Profile) -> Iterator[tuple[Profile, list[list[int]]]]:
        """Yield the profiles that one stands for, with whose payoffs each player's is the mean of.

        Yields
        ------
        tuple, list
            A profile; for each player, the players of the given profile who do what he does.
        """
        if not self.symmetric:
            yield profile, [[player] for player in range(self.n)]
            return
        for other in set(permutations(profile)):
            yield other, [[q for q, does in enumerate(profile) if does == mine] for mine in other]


def pair(payoffs: Floats, players: int, p: int, q: int) -> tuple[Floats, Floats]:
    """Return what two players earn, with their own strategies as first axes.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]
    players
        How many there are.
    p, q
        Two of them.

    Returns
    -------
    float64[..., sp, sq, others], float64[..., sp, sq, others]
        With all profiles of the others on one axis.
    """
    lead = payoffs.ndim - 1 - players
    first = np.moveaxis(payoffs, (lead + 1 + p, lead + 1 + q), (lead + 1, lead + 2))
    flat = first.reshape(*first.shape[: lead + 3], -1)
    by_player: Floats = np.moveaxis(flat, lead, 0)
    return by_player[p], by_player[q]


def win_matrix(payoffs: Floats, players: int, p: int = 0, q: int = 1) -> Floats:
    """Return how often a player earns more than another, by what the two play; ties count half.

    Parameters
    ----------
    payoffs : float64[replicate, player, s1, ..., sn]
    players
        How many there are. With more than two, all profiles of the others count alike.
    p, q
        The player, and the one it is held against.

    Returns
    -------
    float64[sp, sq]
        Shares of replicates. In a symmetric game self-play is 0.5.
    """
    mine, theirs = pair(payoffs, players, p, q)
    return (0.5 + 0.5 * np.sign(mine - theirs)).mean(axis=(0, -1))


def against(payoffs: Floats, players: int, p: int = 0, q: int = 1) -> Floats:
    """Return what a player earns with each strategy against each of another's, on average.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]
    players, p, q
        As for `win_matrix`.

    Returns
    -------
    float64[..., sp, sq]
    """
    return pair(payoffs, players, p, q)[0].mean(axis=-1)


def spread(payoffs: Floats, players: int) -> float:
    """Return the largest difference that a player can make or suffer: the scale of the game.

    Parameters
    ----------
    payoffs : float64[player, s1, ..., sn]

    Returns
    -------
    float
        The largest over the players; 1 in a game in which nothing makes a difference.
    """
    return float(np.ptp(payoffs.reshape(players, -1), axis=1).max()) or 1.0

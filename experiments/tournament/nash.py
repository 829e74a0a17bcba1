"""Nash equilibria: profiles and mixes from which nobody gains by deviating alone.

Games of two players are solved for mixed equilibria by enumerating the vertices of the players'
best-response polytopes (von Stengel, in Nisan et al. 2007, Algorithmic Game Theory, algorithm 3.5)
with nashpy; with more players all pure equilibria are found. Whatever a library says is an
equilibrium is held against the definition before it is believed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import QhullError

from experiments.errors import MissingLibrary
from experiments.tournament.games import Floats, Profile, spread

TOLERANCE = 1e-9
"""Largest gain from deviating that counts as none, in units of the game's spread."""
MAX_STRATEGIES = 12
"""More than these per player, once dominated ones are gone, have too many vertices to enumerate."""


@dataclass(frozen=True)
class Equilibrium:
    """One equilibrium.

    Attributes
    ----------
    mix : tuple of float64[strategy]
        For each player, with which chance it plays what.
    payoffs : float64[player]
        What each expects.
    regret
        The most that anybody could gain by deviating alone: zero but for rounding. An upper bound
        where players' payoffs are of different size.
    symmetric
        All players do the same, in a game that is symmetric.
    """

    mix: tuple[Floats, ...]
    payoffs: Floats
    regret: float
    symmetric: bool

    @property
    def support(self) -> tuple[Profile, ...]:
        """Return for each player what it plays at all."""
        return tuple(tuple(map(int, np.flatnonzero(mix))) for mix in self.mix)

    @property
    def pure(self) -> bool:
        """Tell whether nobody mixes."""
        return all(len(played) == 1 for played in self.support)


@dataclass(frozen=True)
class Solution:
    """The equilibria of a game.

    Attributes
    ----------
    equilibria
        Pure ones first.
    scope
        `"mixed"`: mixed ones were looked for too; `"pure"`: only pure ones were.
    degenerate
        A tie makes some equilibrium one of infinitely many, or may do so: those given are then the
        extreme points, or some of them. Always false where only pure ones were looked for.
    """

    equilibria: tuple[Equilibrium, ...]
    scope: Literal["mixed", "pure"]
    degenerate: bool


def regrets(payoffs: Floats, players: int) -> Floats:
    """Return what each player could gain in each profile by deviating alone.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]

    Returns
    -------
    float64[..., player, s1, ..., sn]
        Zero for a best response.
    """
    lead = payoffs.ndim - 1 - players
    found = np.empty_like(payoffs)
    for player in range(players):
        own = np.moveaxis(payoffs, lead, 0)[player]
        gain = own.max(axis=lead + player, keepdims=True) - own
        np.moveaxis(found, lead, 0)[player] = gain
    return found


def pure_equilibria(payoffs: Floats, players: int) -> NDArray[np.bool_]:
    """Tell which profiles are equilibria.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]

    Returns
    -------
    bool[..., s1, ..., sn]
    """
    lead = payoffs.ndim - 1 - players
    axes = tuple(range(lead + 1, payoffs.ndim))
    scale = np.ptp(payoffs, axis=axes, keepdims=True).max(axis=lead, keepdims=True)
    return (regrets(payoffs, players) <= TOLERANCE * scale).all(axis=lead)


def expected(payoffs: Floats, mix: Sequence[Floats], player: int) -> Floats:
    """Return what a player expects from each of its strategies while the others mix.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]
    mix : sequence of float64[..., strategy]
        One for each player, with the same axes in front, or none.
    player
        Whose strategies are judged.

    Returns
    -------
    float64[..., strategy]
    """
    players = len(mix)
    lead = payoffs.ndim - 1 - players
    left: Floats = np.moveaxis(np.moveaxis(payoffs, lead, 0)[player], lead + player, lead)
    others = [mix[k] for k in range(players) if k != player]
    for axes in range(players - 1, 0, -1):  # one opponent after the other is averaged over
        chances = others[axes - 1][(..., *(None,) * axes, slice(None))]
        left = np.asarray(np.einsum("...s,...s->...", left, chances))
    return left


def solve(payoffs: Floats, players: int, symmetric: bool) -> Solution:
    """Return the equilibria of a game.

    Parameters
    ----------
    payoffs : float64[player, s1, ..., sn]
    players
        How many there are.
    symmetric
        Equilibria in which all do the same are to be marked.

    Raises
    ------
    StudyError
        If nashpy is needed and not installed.
    """
    unit = _units(payoffs)
    profiles = np.argwhere(pure_equilibria(unit, players))
    found = [_equilibrium(payoffs, unit, _sure(unit, p), symmetric) for p in profiles]
    kept = undominated(unit)
    if players != 2 or max(map(len, kept)) > MAX_STRATEGIES:
        return Solution(tuple(found), "pure", False)
    complete = True
    try:
        for mix in _vertices(unit, kept):
            if _gain(unit, mix) <= TOLERANCE and not _known(mix, found):
                found.append(_equilibrium(payoffs, unit, mix, symmetric))
    except QhullError:  # ties so many that the polytopes have no facets to speak of
        complete = False
    degenerate = not complete or len(found) % 2 == 0 or any(_tied(unit, e.mix) for e in found)
    return Solution(tuple(found), "mixed", degenerate)


def _units(payoffs: Floats) -> Floats:
    """Return the same game with payoffs between 0 and 1: nothing is lost in large numbers then."""
    axes = tuple(range(1, payoffs.ndim))
    size = np.ptp(payoffs, axis=axes, keepdims=True)
    return (payoffs - payoffs.min(axis=axes, keepdims=True)) / np.where(size > 0, size, 1.0)


def _sure(payoffs: Floats, profile: NDArray[np.int64]) -> list[Floats]:
    """Return a profile as mixes of one strategy each."""
    return [np.eye(k)[s] for k, s in zip(payoffs.shape[1:], profile, strict=True)]


def undominated(payoffs: Floats) -> tuple[list[int], ...]:
    """Return for each player the strategies that survive elimination of strictly dominated ones.

    Only by pure strategies, again and again; no equilibrium plays what is eliminated.

    Parameters
    ----------
    payoffs : float64[player, s1, ..., sn]
    """
    kept = [list(range(k)) for k in payoffs.shape[1:]]
    shrunk = True
    while shrunk:
        shrunk = False
        for player, mine in enumerate(kept):
            rest = payoffs[player][np.ix_(*kept)]
            rows = np.moveaxis(rest, player, 0).reshape(len(mine), -1)
            better = (rows[:, None, :] > rows[None, :, :]).all(axis=-1)
            worse = better.any(axis=0)
            if worse.any():
                kept[player] = [s for s, out in zip(mine, worse, strict=True) if not out]
                shrunk = True
    return tuple(kept)


def _vertices(payoffs: Floats, kept: tuple[list[int], ...]) -> Iterator[list[Floats]]:
    """Yield candidates of equilibria in mixed strategies of two players.

    Each vertex of a player's polytope is labelled by the strategies which there are unplayed or
    best responses; where two vertices have all labels between them, there may be an equilibrium.
    nashpy finds the vertices; it compares pairs of them one by one, which takes hours with ten
    strategies, so pairs are compared here, many at once.
    """
    if min(map(len, kept)) == 1:  # against one without a choice some best response is pure
        return
    need_nashpy()
    from nashpy import polytope  # type: ignore[import-untyped]

    # Payoffs above zero make polytopes that are bounded.
    first, second = (1 + payoffs[player][np.ix_(*kept)] for player in (0, 1))
    rows, columns = (len(mine) for mine in kept)
    mine = list(polytope.non_trivial_vertices(polytope.build_halfspaces(second.T)))
    theirs = list(polytope.non_trivial_vertices(polytope.build_halfspaces(first)))
    # nashpy numbers the labels of the first polytope from the other player's on.
    my_labels = _bits([{(k + rows) % (rows + columns) for k in labels} for _, labels in mine])
    their_labels = _bits([labels for _, labels in theirs])
    everything = (1 << rows + columns) - 1
    for (vertex, _), labels in zip(mine, my_labels, strict=True):
        for k in np.flatnonzero((labels | their_labels) == everything):
            yield [
                _whole(v, kept[p], payoffs.shape[1 + p])
                for p, v in enumerate((vertex, theirs[k][0]))
            ]


def _bits(sets: list[set[int]]) -> NDArray[np.int64]:
    return np.array([sum(1 << int(k) for k in labels) for labels in sets], np.int64)


def _whole(vertex: Floats, kept: list[int], strategies: int) -> Floats:
    """Return the mix that a vertex stands for, eliminated strategies included."""
    mix = np.zeros(strategies)
    chances = vertex / vertex.sum()
    mix[kept] = np.where(chances < TOLERANCE, 0, chances)
    return mix / mix.sum()


def _equilibrium(
    payoffs: Floats, unit: Floats, mix: Sequence[Floats], symmetric: bool
) -> Equilibrium:
    earned = [float(expected(payoffs, mix, p) @ own) for p, own in enumerate(mix)]
    same = symmetric and all(np.allclose(own, mix[0], rtol=0, atol=1e-6) for own in mix)
    regret = _gain(unit, mix) * spread(payoffs, len(mix))
    return Equilibrium(tuple(mix), np.array(earned), regret, same)


def _gain(unit: Floats, mix: Sequence[Floats]) -> float:
    """Return the most that anybody can gain by deviating alone, of all that can be gained."""
    values = [expected(unit, mix, player) for player in range(len(mix))]
    return max(max(float(v.max() - v @ own), 0.0) for v, own in zip(values, mix, strict=True))


def _known(mix: Sequence[Floats], others: list[Equilibrium]) -> bool:
    flat = np.concatenate(mix)
    return any(np.allclose(flat, np.concatenate(o.mix), rtol=0, atol=1e-6) for o in others)


def _tied(unit: Floats, mix: Sequence[Floats]) -> bool:
    """Tell whether somebody has more best responses than a game without ties would give him."""
    values = [expected(unit, mix, player) for player in (0, 1)]
    best = [int((v >= v.max() - TOLERANCE).sum()) for v in values]
    return any(best[player] > np.count_nonzero(mix[1 - player]) for player in (0, 1))


def need_nashpy() -> None:
    """See that nashpy is there.

    Raises
    ------
    StudyError
        If not, saying how to get it.
    """
    try:
        import nashpy  # noqa: F401
    except ImportError:
        raise MissingLibrary(
            "mixed equilibria need nashpy: pip install 'huitou[tournament]'"
        ) from None

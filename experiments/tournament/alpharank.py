"""Alpha-rank: how often each strategy is the one that everybody uses, in the long run.

Omidshafiei et al. 2019, alpha-Rank: multi-agent evaluation by evolution (Scientific Reports 9,
9937). In finite populations whose members copy those who earn more, a rare mutant either takes over
or dies out before the next comes. That makes a Markov chain over what everybody does; its
stationary distribution is the rank. `alpha` says how strongly earnings decide whom one copies; it
is raised until the distribution no longer changes.

In a symmetric game there is one population, and who plays whom is drawn from it, so that a mutant's
advantage depends on how many there are (Traulsen, Nowak and Pacheco 2006); otherwise each player
has a population of its own, and a state is what all of them do. Strategies that coexist are no
state: of two that do, the chain names the one that is the more frequent. With a large alpha the
chances to take over differ by hundreds of orders of magnitude, so all is done in logarithms, and
the chain is solved by eliminating states without subtraction (Grassmann, Taksar and Heyman 1985).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from scipy.special import logsumexp

from experiments.tournament.games import Floats, GameForm, spread

MEMBERS = 50
"""Size of each population."""
STEADY = 1e-3
"""The distribution no longer changes if no mass moves by more when alpha is doubled."""
MAX_STATES = 512
"""A chain of more states takes too long to solve."""


@dataclass(frozen=True)
class Rank:
    """The long-run distribution.

    Attributes
    ----------
    mass : float64[state]
        Of a symmetric game, a state is what everybody does, float64[s1]; otherwise a profile,
        float64[s1, ..., sn].
    alpha
        The intensity at which it was found, per unit of the game's spread.
    steady
        Doubling alpha no longer changes it.
    """

    mass: Floats
    alpha: float
    steady: bool


def rank(payoffs: Floats, form: GameForm) -> Rank:
    """Return the distribution at an alpha so large that a larger one gives the same.

    Parameters
    ----------
    payoffs : float64[player, s1, ..., sn]
    form
        The game.
    """
    scaled = payoffs / spread(payoffs, form.n)
    alpha, steady = 1.0, 0
    mass = masses(scaled, form, alpha)
    while steady < 3 and alpha < 2**40:
        alpha *= 2
        before, mass = mass, masses(scaled, form, alpha)
        # Several times running: masses can pause where some differences tell and others do not yet.
        steady = steady + 1 if np.abs(mass - before).max() <= STEADY else 0
    return Rank(mass, alpha, steady >= 3)


def masses(payoffs: Floats, form: GameForm, alpha: float) -> Floats:
    """Return the long-run distribution at a given alpha.

    Parameters
    ----------
    payoffs : float64[..., player, s1, ..., sn]
    form
        The game.
    alpha
        Per unit of payoff.

    Returns
    -------
    float64[..., s1] or float64[..., s1, ..., sn]
        See `Rank.mass`.
    """
    if form.symmetric:
        return np.exp(stationary(_one_population(payoffs, form, alpha)))
    states = stationary(_populations(payoffs, form, alpha))
    return np.exp(states).reshape(*states.shape[:-1], *form.shape)


def by_strategy(mass: Floats, form: GameForm) -> list[Floats]:
    """Return the mass of each strategy, float64[..., strategy] for each population.

    Parameters
    ----------
    mass : float64[..., s1] or float64[..., s1, ..., sn]
        See `Rank.mass`.
    """
    if form.symmetric:
        return [mass]
    lead = mass.ndim - form.n
    axes = range(lead, mass.ndim)
    return [mass.sum(axis=tuple(a for a in axes if a != lead + p)) for p in range(form.n)]


# -- chances to take over -----------------------------------------------------------------------


def fixation(advantage: Floats, alpha: float) -> Floats:
    """Return the logarithm of the chance that one mutant's strategy takes a population over.

    rho = 1 / (1 + sum_{l=1}^{m-1} prod_{j=1}^{l} exp(-alpha (f_mutant(j) - f_resident(j))))

    Parameters
    ----------
    advantage : float64[..., m - 1]
        What a mutant earns more than a resident while there are 1, 2, ... m - 1 mutants.
    alpha
        Per unit of payoff.
    """
    steps = -alpha * np.cumsum(advantage, axis=-1)
    return -np.logaddexp(0, np.asarray(logsumexp(steps, axis=-1)))


def _one_population(payoffs: Floats, form: GameForm, alpha: float) -> Floats:
    """Return the logarithms of the rates of taking over, float64[..., resident, mutant]."""
    k = form.shape[0]
    own = np.moveaxis(payoffs, payoffs.ndim - 1 - form.n, 0)[0]
    rates = np.full((*own.shape[: own.ndim - form.n], k, k), -np.inf)
    mutants = np.arange(1, MEMBERS)
    for a, b in combinations(range(k), 2):
        # What a and b earn among h others who play a while the rest play b.
        first, second = (
            np.stack([own[(..., s, *_company(a, b, h, form.n))] for h in range(form.n)], axis=-1)
            for s in (a, b)
        )
        # Of m - 1 others, those who play a: one less if one plays it oneself.
        fitness = (
            (_drawn(mutants - 1, form.n) @ first[..., None])[..., 0],
            (_drawn(mutants, form.n) @ second[..., None])[..., 0],
        )
        edge = fitness[0] - fitness[1]
        rates[..., b, a] = fixation(edge, alpha)
        rates[..., a, b] = fixation(-edge[..., ::-1], alpha)
    return rates - np.log(max(k - 1, 1))


def _company(a: int, b: int, h: int, n: int) -> tuple[int, ...]:
    return (a,) * h + (b,) * (n - 1 - h)


def _drawn(alike: np.ndarray, n: int) -> Floats:
    """Return the chance that h of the n - 1 whom one meets are among `alike` of all m - 1 others.

    Returns
    -------
    float64[len(alike), n]
        Hypergeometric.
    """
    others = MEMBERS - 1
    return np.array(
        [
            [
                comb(int(x), h) * comb(others - int(x), n - 1 - h) / comb(others, n - 1)
                for h in range(n)
            ]
            for x in alike
        ]
    )


def _populations(payoffs: Floats, form: GameForm, alpha: float) -> Floats:
    """Return the logarithms of the rates of taking over, float64[..., profile, profile]."""
    by_player = np.moveaxis(payoffs, payoffs.ndim - 1 - form.n, 0)
    states = np.arange(np.prod(form.shape)).reshape(form.shape)
    flat = by_player.reshape(form.n, *by_player.shape[1 : by_player.ndim - form.n], -1)
    rates = np.full((*flat.shape[1:], states.size), -np.inf)
    for player, now, other in _moves(form.shape, states):
        edge = flat[player][..., other] - flat[player][..., now]
        always = np.broadcast_to(edge[..., None], (*edge.shape, MEMBERS - 1))
        rates[..., now, other] = fixation(always, alpha)
    return rates - np.log(max(sum(form.shape) - form.n, 1))


def _moves(
    shape: tuple[int, ...], states: np.ndarray
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield, by player and shift, the states before and after it has changed its strategy."""
    for player, k in enumerate(shape):
        for shift in range(1, k):
            yield player, states.ravel(), np.roll(states, -shift, axis=player).ravel()


# -- the chain ----------------------------------------------------------------------------------


def stationary(log_rates: Floats) -> Floats:
    """Return the logarithm of the stationary distribution of a Markov chain.

    Parameters
    ----------
    log_rates : float64[..., state, state]
        Logarithms of the rates from row to column; the diagonal does not count. The chain must be
        irreducible.

    Returns
    -------
    float64[..., state]
    """
    rates = log_rates.copy()
    n = rates.shape[-1]
    out = np.zeros(rates.shape[:-1])
    for k in range(n - 1, 0, -1):  # censored on the states before k, which keeps its proportions
        out[..., k] = logsumexp(rates[..., k, :k], axis=-1)
        onward = rates[..., k, :k] - out[..., k, None]
        detour = rates[..., :k, k, None] + onward[..., None, :]
        np.logaddexp(rates[..., :k, :k], detour, out=rates[..., :k, :k])
    weights = np.zeros(rates.shape[:-1])
    for k in range(1, n):
        inflow = logsumexp(weights[..., :k] + rates[..., :k, k], axis=-1)
        weights[..., k] = inflow - out[..., k]
    return weights - logsumexp(weights, axis=-1, keepdims=True)

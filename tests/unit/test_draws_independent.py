"""Draws are uniform, and independent along every part of an event's identity.

This is what is quick; `make randomness` puts long streams through Dieharder. There are fewer than
a thousand p-values here, none may be below `LEAST`, 1e-8, and taken together they must be uniform
at 1e-5: were the draws truly random, about one choice of seeds in 50,000 would raise an alarm. The
seeds are fixed, so what passes once passes always.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from benchmarks.randomness import SEED, drawn, events
from sim.engine import draws
from sim.engine.kernels import plain
from sim.purposes import Purpose

N = 1 << 15
LEAST = 1e-8
K = np.arange(N)
ALONG = {
    "person": {"person": K},
    "person, beyond 32 bits": {"person": 2**32 * K},
    "day": {"day": K - N // 2},
    "slot": {"slot": K % 4096, "person": K // 4096},
    "other": {"other": K},
    "other, high bits": {"other": (K * 2**17) % 2**32},
    "purpose": {"purpose": K % 4096, "person": K // 4096},
    "seed": {"seed": K},
    "seed, beyond 32 bits": {"seed": 2**32 * K},
}
"""Everything else stays as it is; a field too short for N begins again with the next person."""
BESIDE = {
    "person": {"person": K + N},
    "person, beyond 32 bits": {"person": K + 2**32},
    "day": {"day": 1},
    "slot": {"slot": 1},
    "other": {"other": 1},
    "seed": {"seed": SEED + 1},
    "seed, beyond 32 bits": {"seed": SEED + 2**32},
    "seed and person": {"seed": SEED + 1, "person": K + 1},
    "day and person": {"day": 1, "person": K + 1},
}
"""What is changed from one column of events, person after person, to the other."""

Uniforms = NDArray[np.float64]


def is_uniform(u: Uniforms) -> Iterator[float]:
    """Yield p-values of a chi-square on 256 cells and of Kolmogorov and Smirnov."""
    yield stats.chisquare(np.histogram(u, bins=256, range=(0, 1))[0]).pvalue
    yield stats.kstest(u, "uniform").pvalue


def are_independent(u: Uniforms, v: Uniforms) -> Iterator[float]:
    """Yield p-values of a chi-square on 16 x 16 cells and of a correlation."""
    cells = np.histogram2d(u, v, bins=16, range=[[0, 1], [0, 1]])[0]
    yield stats.chisquare(cells.ravel()).pvalue
    yield stats.pearsonr(u, v).pvalue


def birthdays(u: Uniforms) -> float:
    """Return the p-value of Marsaglia's birthday spacings: 512 birthdays in 2**24 days, 64 times.

    Equal spacings are Poisson with mean 512**3 / 2**26 = 2 each time (Marsaglia 1985).
    """
    days = np.sort((u * 2**24).astype(np.int64).reshape(-1, 512), axis=1)
    spacings = np.sort(np.diff(days, axis=1), axis=1)
    equal, mean = int((np.diff(spacings, axis=1) == 0).sum()), 2.0 * len(days)
    tails = stats.poisson.cdf(equal, mean), stats.poisson.sf(equal - 1, mean)
    return min(1.0, 2 * min(tails))


def along(table: Uniforms) -> Iterator[float]:
    """Yield all p-values of a series of draws, four words each."""
    for word in table.T:
        yield from is_uniform(word)
        yield from are_independent(word[:-1], word[1:])
        yield birthdays(word)
    for one, two in itertools.combinations(table.T, 2):
        yield from are_independent(one, two)


@pytest.mark.parametrize("field", ALONG)
def test_draws_along_one_field_are_random(field):
    assert min(along(drawn(events(K, **ALONG[field])))) > LEAST


@pytest.mark.parametrize("field", BESIDE)
def test_draws_of_neighbours_are_independent(field):
    changed = BESIDE[field]
    one, two = drawn(events(K, person=K)), drawn(events(K, **{"person": K, **changed}))
    assert min(p for k in range(4) for p in are_independent(one[:, k], two[:, k])) > LEAST


def test_draws_of_neighbouring_purposes_are_independent():
    found = {}
    for a, b in itertools.pairwise(Purpose):
        one, two = (drawn(events(K, person=K, purpose=int(p)))[:, 0] for p in (a, b))
        found[a.name, b.name] = min(are_independent(one, two))
    assert min(found.values()) > LEAST, min(found, key=found.__getitem__)


def test_taken_together_the_p_values_are_uniform():
    """Not one is too low, but too many are too high is a fault as well."""
    found = [p for field in ALONG for p in along(drawn(events(K, **ALONG[field])))]
    chi_squares = [p for p in found if 0 < p < 1]
    assert stats.kstest(chi_squares, "uniform").pvalue > 1e-5


def weakened(rounds: int) -> Callable[..., NDArray[np.float64]]:
    """Return Philox with fewer rounds than ten, of consecutive persons."""
    code = plain(draws.philox)

    def philox(c: NDArray[np.uint64]) -> NDArray[np.float64]:
        nought = np.zeros(c.size, np.uint64)
        words = (c, nought, nought, nought)
        key = np.uint64(SEED), np.uint64(0)
        scope = {**vars(draws), "range": lambda _: range(rounds)}
        few = type(code)(code.__code__, scope)
        return (np.stack(few(*words, *key), axis=1) + 0.5) / 2**32

    return philox


def test_a_weak_generator_is_found_out():
    """Philox wants seven rounds at least (Salmon et al. 2011); with three these tests object."""
    persons = K.astype(np.uint64)
    assert min(along(weakened(3)(persons))) < LEAST
    assert min(along(weakened(10)(persons))) > LEAST

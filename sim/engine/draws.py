"""Random numbers that belong to events, not to a stream.

Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3")
turns a 64-bit key, the seed, and a 128-bit counter, the identity of an event, into four 32-bit
words. Nothing is consumed, so no draw shifts another: arms of a study share every draw they have
in common, whatever the order of rows and whichever strategies are on.

The counter's four words are

=====  ==========================================================================
word   holds
=====  ==========================================================================
0      low 32 bits of the person's id
1      next 20 bits of the person's id, then 12 bits: which such event of that day
2      what else the event is about: the key of a brand, product, category, step,
       or another person
3      20 bits of day (two's complement), then 12 bits of purpose
=====  ==========================================================================
"""

import hashlib
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernels import rule

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_12 = np.uint64(12)
_2_POW_MINUS_32 = 1.0 / 4294967296.0


@rule
def philox(c0, c1, c2, c3, k0, k1):
    """Return the four words of Philox4x32-10 for a counter and a key.

    Parameters
    ----------
    c0, c1, c2, c3 : uint64
        Counter words, each below 2**32.
    k0, k1 : uint64
        Key words, each below 2**32.

    Returns
    -------
    tuple of four uint64
        Each below 2**32.
    """
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@rule
def draw4(seed, person, slot, other, day, purpose):
    """Return four uniforms in the open interval (0, 1) for one event.

    Parameters
    ----------
    seed : uint64
        Key of the run.
    person : uint64
        Id of the person, below 2**52.
    slot : int
        Which such event of that day, below 4096.
    other : int
        Key of the brand, product, category, step or partner, below 2**32.
    day : int
        Day of the event, within +-524,288.
    purpose : int
        What the draw is for, below 4096: see `sim.purposes`.

    Returns
    -------
    tuple of four float
    """
    who = np.uint64(person)
    key = np.uint64(seed)
    w0, w1, w2, w3 = philox(
        who & _LOW,
        ((who >> _32) << _12 & _LOW) | np.uint64(slot & 0xFFF),
        np.uint64(other & 0xFFFFFFFF),
        np.uint64((np.int64(day) & 0xFFFFF) << 12 | (purpose & 0xFFF)),
        key & _LOW,
        key >> _32,
    )
    return (
        (float(w0) + 0.5) * _2_POW_MINUS_32,
        (float(w1) + 0.5) * _2_POW_MINUS_32,
        (float(w2) + 0.5) * _2_POW_MINUS_32,
        (float(w3) + 0.5) * _2_POW_MINUS_32,
    )


@rule
def draw(seed, person, slot, other, day, purpose):
    """Return the first uniform of `draw4`."""
    return draw4(seed, person, slot, other, day, purpose)[0]


@rule
def gumbel(u):
    """Return the standard Gumbel quantile; the largest of score + Gumbel is a logit choice."""
    return -math.log(-math.log(u))


@rule
def normal(u, v):
    """Return a standard normal from two uniforms (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@rule
def poisson(u, mean, most):
    """Return the Poisson quantile of uniform `u`, at most `most`."""
    term = math.exp(-mean)
    below, k = term, 0
    while u > below and k < most:
        k += 1
        term *= mean / k
        below += term
    return k


@rule
def gamma_gap(seed, person, slot, other, day, purpose, shape):
    """Return a Gamma variate of mean 1 and the given shape for one event.

    Shape 1 is the exponential by inversion, `inf` the constant 1; otherwise the squeeze of
    Marsaglia and Tsang (2000), one Philox block an attempt, the attempt in the counter.

    Returns
    -------
    float
    """
    if shape == 1.0:
        return -math.log(draw(seed, person, slot, other, day, purpose))
    if math.isinf(shape):
        return 1.0
    a = shape if shape > 1.0 else shape + 1.0
    d = a - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = 0
    while True:
        u, v, accept, boost = draw4(seed, person, slot, other + attempt, day, purpose)
        x = normal(u, v)
        cube = (1.0 + c * x) ** 3
        if cube > 0.0 and math.log(accept) < 0.5 * x * x + d - d * cube + d * math.log(cube):
            value = d * cube
            if shape < 1.0:
                value *= boost ** (1.0 / shape)
            return value / shape
        attempt += 1


@rule
def _fill(seed, people, other, day, purpose, out):
    for i in range(people.size):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = draw4(seed, people[i], 0, other, day, purpose)


def uniforms(
    seed: int, people: NDArray[np.uint64], other: int, day: int, purpose: int
) -> NDArray[np.float64]:
    """Return four uniforms for each person.

    Parameters
    ----------
    seed
        Key of the run, 0 <= seed < 2**64.
    people : uint64[n]
        Ids.
    other, day, purpose
        As in `draw4`.

    Returns
    -------
    float64[n, 4]
        In the open interval (0, 1).
    """
    out = np.empty((people.size, 4))
    _fill(np.uint64(seed), people, other, day, int(purpose), out)
    return out


def name_key(*names: str) -> int:
    """Return a 32-bit key for a name, so that draws do not depend on the order of brands.

    The name is what the user calls a thing of theirs (a brand, a product, a category), or the draw
    key that a strategy or a touch declares: never a name that may be changed for its looks.

    Examples
    --------
    >>> name_key("A") == name_key("A") and name_key("A") != name_key("A", "cream")
    True
    """
    digest = hashlib.blake2b("\x1f".join(names).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def seed_of(rng: Any) -> int:
    """Return a whole number that may be a seed, or one that a generator of numpy's draws.

    Raises
    ------
    ValueError
        If it is a whole number and not in [0, 2**64).
    """
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        if not 0 <= int(rng) < 2**64:
            raise ValueError(f"rng must be between 0 and 2**64 - 1 (got {rng})")
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**63))

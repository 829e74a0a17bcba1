"""Random numbers: Philox as published, one stream per event, the right distributions."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.engine import draws
from sim.engine.kernels import plain
from sim.purposes import Purpose

u64 = np.uint64

# Append a line when a purpose is added; never change one: results of published studies hang on it.
PURPOSES = {
    "PRICE_SENSITIVITY": 1,
    "SOCIABILITY": 2,
    "DEAL_PRONENESS": 3,
    "CONTACT_SENSITIVITY": 4,
    "USAGE": 5,
    "TASTE": 6,
    "DROPOUT_PROPENSITY": 7,
    "INITIAL_AWARENESS": 8,
    "ADVERTISING": 9,
    "ENTRY": 10,
    "EXIT": 11,
    "FIRST_NEED": 12,
    "NEED_GAP": 13,
    "CHOICE": 14,
    "CHOICE_REMINDED": 15,
    "CHOICE_TRIGGERED": 16,
    "DELIVERY": 17,
    "ARRIVAL": 18,
    "USE": 19,
    "DROPOUT": 20,
    "TALK_GAP": 21,
    "TALK": 22,
    "HEARING": 23,
    "TOUCH": 24,
    "TOUCH_EFFECT": 25,
    "AUDIENCE": 26,
    "LOTTERY": 27,
    "SURVEY": 28,
    "POST": 29,
    "NETWORK": 30,
    "WILLINGNESS": 31,
    "SHARE": 32,
    "INVITE": 33,
    "CLICK": 34,
    "REDEEM": 35,
    "BYPASS": 36,
    "JOIN": 37,
    "ENGAGE": 38,
    "CALL_GAP": 39,
    "CALL": 40,
    "CALLED": 41,
    "REVIEW": 42,
    "PREPAY": 43,
    "DRAW_DOWN": 44,
    "CONTACTS": 48,
    "DROPOUT_COMMON": 49,
    "EXPECTATION": 50,
    "DROPOUT_THRESHOLD": 51,
    "DROPOUT_RATE": 52,
    "COMEBACK": 53,
    "FORGETTING": 56,
    "RECALL": 57,
    "SEGMENT": 70,
    "QUEUE": 71,
}

ANSWERS = {  # Random123, kat_vectors, philox4x32 with 10 rounds: counter, key, result
    "zeros": ([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    "ones": ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    "pi": (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
}


def philox_of_the_paper(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x32-10 a second time, in Python's own integers."""
    x, k, low = list(counter), list(key), 0xFFFFFFFF
    for _ in range(10):
        p, q = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(q >> 32) ^ x[1] ^ k[0], q & low, (p >> 32) ^ x[3] ^ k[1], p & low]
        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]
    return x


def draw4(seed: int, person: int, slot: int, other: int, day: int, purpose: int) -> Any:
    return draws.draw4(u64(seed), u64(person), slot, other, day, purpose)


def many(n: int = 20_000, seed: int = 7, other: int = 3, day: int = 5) -> NDArray[np.float64]:
    return draws.uniforms(seed, np.arange(n, dtype=u64), other, day, Purpose.CHOICE)


def independent(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the p-value of a chi-square test on a 16 x 16 table."""
    table, _, _ = np.histogram2d(x, y, bins=16, range=[[0, 1], [0, 1]])
    return float(stats.chi2_contingency(table).pvalue)


# --- Philox ---------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("form", [lambda f: f, plain], ids=["compiled", "plain"])
@pytest.mark.parametrize("name", ANSWERS)
def test_known_answers(name, form):
    counter, key, result = ANSWERS[name]
    words = form(draws.philox)(*map(u64, counter + key))
    assert " ".join(f"{int(word):08x}" for word in words) == result


@pytest.mark.quick
def test_the_10000th_value_of_the_cpp_standard():
    """std::philox4x32 (C++26), default seed: the key is 20111115, the counter goes 0, 1, 2, ..."""
    block = np.arange(2500, dtype=u64)
    nought = np.zeros(2500, u64)
    words = plain(draws.philox)(block, nought, nought, nought, u64(20111115), u64(0))
    assert np.stack(words, axis=1).ravel()[9999] == 1955073260


@pytest.mark.quick
@given(
    seed=st.integers(0, 2**64 - 1),
    person=st.integers(0, 2**52 - 1),
    slot=st.integers(0, 4095),
    other=st.integers(0, 2**32 - 1),
    day=st.integers(-(2**19), 2**19 - 1),
    purpose=st.sampled_from(Purpose),
)
@settings(deadline=None)
def test_an_event_is_the_counter_and_the_seed_the_key(seed, person, slot, other, day, purpose):
    counter = [
        person & 0xFFFFFFFF,
        person >> 32 << 12 | slot,
        other,
        (day % 2**20) << 12 | purpose,
    ]
    words = philox_of_the_paper(counter, [seed & 0xFFFFFFFF, seed >> 32])
    expected = tuple((word + 0.5) / 2**32 for word in words)
    event = person, slot, other, day, int(purpose)
    assert draw4(seed, *event) == expected
    assert draws.draw(u64(seed), u64(person), *event[1:]) == expected[0]
    assert plain(draws.draw4)(u64(seed), u64(person), *event[1:]) == expected


def test_plain_rules_equal_compiled_ones():
    people = np.arange(200)
    for shape in (0.3, 1.0, 3.0, 50.0, math.inf):
        args = [(u64(9), u64(i), 1, 2, -3, int(Purpose.NEED_GAP), shape) for i in people]
        compiled = [draws.gamma_gap(*a) for a in args]
        np.testing.assert_allclose(compiled, [plain(draws.gamma_gap)(*a) for a in args], rtol=1e-13)
    for u, v in many(100)[:, :2]:
        assert draws.gumbel(u) == pytest.approx(plain(draws.gumbel)(u), rel=1e-13)
        assert draws.normal(u, v) == pytest.approx(plain(draws.normal)(u, v), rel=1e-13, abs=1e-15)


@pytest.mark.quick
def test_uniforms_are_the_draws_of_each_person():
    people = np.array([0, 5, 2**32 + 1, 2**52 - 1], u64)
    table = draws.uniforms(2**64 - 1, people, 11, -4, Purpose.TASTE)
    for person, row in zip(people, table, strict=True):
        assert tuple(row) == draw4(2**64 - 1, int(person), 0, 11, -4, int(Purpose.TASTE))


# --- uniform, and one stream per event ------------------------------------------------------------


@pytest.mark.quick
def test_the_interval_is_open():
    """The lowest and the highest word that Philox can give still have a logarithm on both sides."""
    for word in (0, 2**32 - 1):
        u = (float(word) + 0.5) * 2.0**-32
        assert 0.0 < u < 1.0
        assert math.isfinite(draws.gumbel(u))
    u = many(200_000)
    assert (u > 0).all()
    assert (u < 1).all()


def test_uniform():
    for column in many().T:
        assert stats.chisquare(np.histogram(column, bins=100, range=(0, 1))[0]).pvalue > 1e-3


def test_events_that_differ_in_one_thing_are_independent():
    n, base = 20_000, many()[:, 0]
    pairs = {
        "person": many()[1:, 0],
        "seed": many(seed=8)[:, 0],
        "seed, high word": many(seed=7 + 2**32)[:, 0],
        "other": many(other=4)[:, 0],
        "day": many(day=6)[:, 0],
        "purpose": draws.uniforms(7, np.arange(n, dtype=u64), 3, 5, Purpose.CHOICE_REMINDED)[:, 0],
        "person, high bits": draws.uniforms(
            7, np.arange(n, dtype=u64) + u64(2**32), 3, 5, Purpose.CHOICE
        )[:, 0],
        "slot": np.array([draw4(7, i, 1, 3, 5, int(Purpose.CHOICE))[0] for i in range(n)]),
        "second of the four": many()[:, 1],
        "third of the four": many()[:, 2],
        "fourth of the four": many()[:, 3],
    }
    found = {name: independent(base[: u.size], u) for name, u in pairs.items()}
    assert min(found.values()) > 1e-4, found
    assert all(abs(np.corrcoef(base[: u.size], u)[0, 1]) < 0.03 for u in pairs.values())


@pytest.mark.quick
def test_the_same_event_gives_the_same_draw_and_any_other_another():
    event = [7, 11, 2, 13, -5, 14]
    assert draw4(*event) == draw4(*event)
    for place in range(6):
        other = event.copy()
        other[place] += 1
        assert not set(draw4(*event)) & set(draw4(*other))


# --- purposes -------------------------------------------------------------------------------------


@pytest.mark.quick
def test_purposes_are_append_only():
    assert len(Purpose) == len(Purpose.__members__), "two names share a number"
    assert {name: int(p) for name, p in Purpose.__members__.items() if name in PURPOSES} == PURPOSES
    new = {name: int(p) for name, p in Purpose.__members__.items() if name not in PURPOSES}
    assert all(max(PURPOSES.values()) < number < 4096 for number in new.values()), new


# --- distributions --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [0.3, 1.0, 3.0, 50.0])
def test_gamma_gaps(shape):
    gaps = [
        draws.gamma_gap(u64(3), u64(i), 0, 2, 10, int(Purpose.NEED_GAP), shape) for i in range(8000)
    ]
    assert stats.kstest(gaps, stats.gamma(shape, scale=1 / shape).cdf).pvalue > 1e-3
    assert np.mean(gaps) == pytest.approx(1, abs=4 / math.sqrt(8000 * shape))


@pytest.mark.quick
def test_gaps_of_a_clockwork_and_of_a_poisson_process():
    event = u64(3), u64(4), 0, 2, 10, int(Purpose.NEED_GAP)
    assert draws.gamma_gap(*event, math.inf) == 1.0
    assert draws.gamma_gap(*event, 1.0) == -math.log(draws.draw(*event))


def test_gaps_of_different_events_are_independent():
    args = int(Purpose.NEED_GAP), 3.0
    one = [draws.gamma_gap(u64(3), u64(i), 0, 2, 10, *args) for i in range(5000)]
    for changed in ((1, 2, 10), (0, 3, 10), (0, 2, 11)):
        two = [draws.gamma_gap(u64(3), u64(i), *changed, *args) for i in range(5000)]
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.06


def test_normal_and_gumbel():
    u = many(8000)
    drawn = [draws.normal(x, y) for x, y in u[:, :2]]
    assert stats.kstest(drawn, stats.norm.cdf).pvalue > 1e-3
    assert stats.kstest([draws.gumbel(x) for x in u[:, 2]], stats.gumbel_r.cdf).pvalue > 1e-3


def test_a_race_of_gumbels_is_a_logit():
    """P(first wins) = w1 / (w1 + w2 + w3), which is what choice relies on."""
    weights = np.array([0.5, 0.3, 0.2])
    noise = np.vectorize(plain(draws.gumbel))(many(20_000)[:, :3])
    wins = np.bincount(np.argmax(np.log(weights) + noise, axis=1))
    assert stats.chisquare(wins, 20_000 * weights).pvalue > 1e-3


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_keys_of_names():
    assert draws.name_key("A") == 2939974291, "published results hang on it"
    names = [("A",), ("B",), ("A", "B"), ("AB",), ("B", "A"), ("A", "B", "C"), ("AB", "C"), ("",)]
    keys = [draws.name_key(*name) for name in names]
    assert len(set(keys)) == len(names)
    assert all(0 <= key < 2**32 for key in keys)

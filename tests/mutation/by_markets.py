"""Which mutants change a market: what the two markets written twice could not both be.

The rules run in their pure-Python form. A mutant is noticed if, in one of the markets below, any
table of the world differs on any day from what it is without the mutant, or the program stops: what
`tests/reference` holds equal between two markets written twice is just that.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from types import FrameType
from typing import Any, NamedTuple

from tests.mutation.mutants import MODULES, ROOT, Mutant, function_of, source

sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "properties")]

from conftest import BUSY  # noqa: E402
from reference.any_whole_market import (  # noqa: E402
    market_number,
    whole_markets,
    with_meddler,
)

from sim.config.load import load_market  # noqa: E402
from sim.market import Market  # noqa: E402
from sim.mechanisms.declarations import relationship_tables  # noqa: E402

WHOLE = (
    *("people", "occasions", "relationships", "holdings", "strength", "spent", "reserved"),
    *relationship_tables(),
)
GROWING = ("orders", "invitations", "distributors", "accruals")
SLOWEST = 20
"""Times as long as without the mutant: a mutant that takes longer never ends."""
Line = tuple[str, int]


class Scenario(NamedTuple):
    """A market, what it does day by day, and which lines it reaches."""

    config: Any
    seed: int
    days: list[bytes]
    lines: set[Line]
    seconds: float


class TooSlow(Exception):
    """The mutant does not come to an end."""


def configs(many: int) -> list[tuple[Any, int]]:
    """Return the busy market, small, and `many` of those that the reference is held to."""
    small = BUSY | {"people": BUSY["people"] | {"n": 60}, "days": 40, "terminal_period": 10}
    found: list[tuple[Any, int]] = [(small, 1)]
    for number in range(many):
        config, seed = market_number(number, whole_markets(people=(32, 50), days=(30, 60)))
        found.append((load_market(with_meddler(config)), seed))
    return found


def contents(table: Any) -> bytes:
    """Return what is in a table, without the padding between its fields, which may be anything."""
    if table.dtype.names is None:
        return bytes(table.tobytes())
    return b"".join(table[name].tobytes() for name in table.dtype.names)


def digest(market: Market) -> bytes:
    """Return a hash of every table as far as it is filled, and of the books."""
    world, tally = market.world, market.world.tally[0]
    tables = [getattr(world, name) for name in WHOLE]
    tables += [getattr(world, name)[: tally[name]] for name in GROWING]
    tables += [getattr(world, name).link["day"] for name in world._fields if name.endswith("_due")]
    tables += [market._messages, market.counts, market.books.daily[-1:], market.books.terminal[-1:]]
    return blake2b(b"".join(map(contents, tables)), digest_size=16).digest()


def lives(config: Any, seed: int) -> Iterator[bytes]:
    """Yield the digest of each day of a market, the terminal period as one."""
    market = Market(config, rng=seed)
    yield digest(market)
    while market.running:
        market.step()
        yield digest(market)
    market.run_on()
    yield digest(market)


def scenario(config: Any, seed: int) -> Scenario:
    """Live through a market twice: for the lines it reaches, and for the time it takes."""
    lines: set[Line] = set()
    files = {str(source(name)) for name in MODULES}

    def trace(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if frame.f_code.co_filename not in files:
            return None
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    traced = list(lives(config, seed))
    sys.settrace(None)
    start = time.monotonic()
    days = list(lives(config, seed))
    assert days == traced, "the same market is the same twice"
    return Scenario(config, seed, days, lines, time.monotonic() - start)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def put_in(module: str, mutant: Mutant) -> Iterator[None]:
    function = function_of(module, mutant.path)
    original, function.__code__ = function.__code__, mutant.code
    try:
        yield
    finally:
        function.__code__ = original


def noticed(module: str, mutant: Mutant, scenarios: list[Scenario], budget: float) -> str:
    """Return how a mutant was noticed, "" if it was not; quick markets are tried first.

    It is tried in `budget` seconds of markets, counted by what they take without it.
    """
    reaching = [s for s in scenarios if (str(source(module)), mutant.line) in s.lines]
    spent = 0.0
    for each in sorted(reaching, key=lambda s: s.seconds):
        if spent and spent + each.seconds > budget:
            break
        spent += each.seconds
        with put_in(module, mutant):
            try:
                with at_most(5 + SLOWEST * each.seconds):
                    days = lives(each.config, each.seed)
                    if any(a != b for a, b in zip(days, each.days, strict=True)):
                        return "differs"
            except TooSlow:
                return "never ends"
            except Exception as error:
                return type(error).__name__
    return ""

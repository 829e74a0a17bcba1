"""Put deliberate errors into the market's behaviour and its books, and see which go unnoticed.

    make mutation

The rules run in their pure-Python form. A mutant is noticed if, in one of the markets below, any
table of the world differs on any day from what it is without the mutant, or the program stops: what
`tests/reference` holds equal between two markets written twice is just that. A mutant whose line is
reached by no market, or that changes nothing, survives, and is listed with its line.
"""

import argparse
import importlib
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any, NamedTuple

import numba
from rich.progress import track

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "properties")]

from conftest import BUSY  # noqa: E402
from reference.any_whole_market import (  # noqa: E402
    market_number,
    whole_markets,
    with_meddler,
)

from mutation.mutants import Mutant, mutants  # noqa: E402
from sim.load import load_market  # noqa: E402
from sim.market import Market  # noqa: E402

MODULES = [f"sim.behaviour.{file.stem}" for file in sorted(ROOT.glob("sim/behaviour/[!_]*.py"))]
MODULES.append("sim.books")
WHOLE = ("people", "needs", "bonds", "allies", "holdings", "strength", "spent", "reserved")
GROWING = ("orders", "invitations", "agents", "pending")
SLOWEST = 20
"""Times as long as without the mutant: a mutant that takes longer never ends."""
TASK: dict[str, Any] = {}
"""What is to be done: compiled code is not sent between processes, but is there in a fork."""
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
    """Return markets: the busy one, small; and some of those that the reference is held to."""
    small = BUSY | {"people": BUSY["people"] | {"n": 60}, "days": 40, "continuation": 10}
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
    tables += [market._heard, market.counts, market.books.daily[-1:], market.books.held[-1:]]
    return blake2b(b"".join(map(contents, tables)), digest_size=16).digest()


def lives(config: Any, seed: int) -> Iterator[bytes]:
    """Yield the digest of each day of a market, the continuation as one."""
    market = Market(config, rng=seed)
    yield digest(market)
    while market.running:
        market.step()
        yield digest(market)
    market.run_on()
    yield digest(market)


def scenario(config: Any, seed: int) -> Scenario:
    lines: set[Line] = set()
    files = {importlib.import_module(name).__file__ for name in MODULES}

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


def function_of(module: str, path: tuple[str, ...]) -> FunctionType:
    found: Any = importlib.import_module(module)
    for name in path:
        found = found.__dict__[name] if isinstance(found, type) else getattr(found, name)
    return found.fget if isinstance(found, property) else found


@contextmanager
def put_in(module: str, mutant: Mutant) -> Iterator[None]:
    function = function_of(module, mutant.path)
    original, function.__code__ = function.__code__, mutant.code
    try:
        yield
    finally:
        function.__code__ = original


def noticed(module: str, mutant: Mutant, scenarios: list[Scenario], budget: float) -> str | None:
    """Return how a mutant was noticed, None if it was not."""
    file = importlib.import_module(module).__file__ or ""
    reaching = [s for s in scenarios if (file, mutant.line) in s.lines]
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
    return None if reaching else ""


def put_to_the_test(which: int) -> str:
    """Return the row of one of the mutants: where it is, what it changes, and its fate."""
    module, mutant = TASK["chosen"][which]
    how = noticed(module, mutant, TASK["scenarios"], TASK["budget"])
    fate = {None: "survives", "": "not reached"}.get(how, how)
    what = " ".join(mutant.what.split())
    return "\t".join(map(str, (module, ".".join(mutant.path), mutant.line, what, fate)))


def main() -> None:
    """Write one line for each mutant as it is tried."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="a file of tab-separated values")
    parser.add_argument("--share", type=float, default=1.0, help="of the mutants, at random")
    parser.add_argument("--many", type=int, default=24, help="markets beside the busy one")
    parser.add_argument("--budget", type=float, default=8.0, help="seconds of market a mutant")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--modules", nargs="*", default=MODULES)
    given = parser.parse_args()
    if not numba.config.DISABLE_JIT:
        parser.error("rules must run as Python: set NUMBA_DISABLE_JIT=1")
    scenarios = [scenario(*each) for each in configs(given.many)]
    pick = random.Random(1)
    chosen = [
        (module, mutant)
        for module in given.modules
        for mutant in mutants(Path(importlib.import_module(module).__file__ or ""))
        if pick.random() < given.share
    ]
    print(f"{len(scenarios)} markets, {len(chosen)} mutants", flush=True)

    TASK["chosen"], TASK["scenarios"], TASK["budget"] = chosen, scenarios, given.budget
    with (
        given.out.open("w", encoding="utf-8") as out,
        get_context("fork").Pool(given.workers) as pool,
    ):
        rows = pool.imap(put_to_the_test, range(len(chosen)))
        for row in track(rows, "Mutants", total=len(chosen)):
            print(row, file=out, flush=True)


if __name__ == "__main__":
    main()

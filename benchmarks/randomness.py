"""Put the simulator's own draws, in the order in which it uses them, through Dieharder.

    make randomness   # or python -m benchmarks.randomness [--streams days seeds]

Philox passes every known test when its counter runs 0, 1, 2, ... (Salmon et al. 2011). Here the
identity of an event is the counter, and neighbours differ in a person, a day, a purpose or a seed.
So each of those orders is a stream of its own, and is tested as any generator would be. As many
streams of a cryptographic hash, beside them, tell what the tests themselves are worth.
"""

import argparse
import contextlib
import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray
from scipy import stats

from sim.engine.draws import draw4, name_key
from sim.purposes import Purpose

FOLDER = Path("results/published/randomness")
BLOCK = 1 << 16
"""Events made at a time; each is four words of 32 bits."""
SEED = 20261126
SEEDS = (SEED, SEED + 1)
"""Base seeds: the second to see whether what the first shows comes again."""
BRANDS = np.array([name_key(name) for name in ("A", "B", "C")])
USED = np.array([int(purpose) for purpose in Purpose])
DAYS = 1 << 20
TESTS = (0, 1, 2, 3, 8, 9, 11, 13, 15, 16, 100, 101, 102, 204, 205, 206, 207, 208, 209)
"""Of Dieharder: those that it calls good and that take less than half a minute."""
WEAK, FAILED = 0.005, 1e-6
"""Dieharder's own bounds: of p-values of a true generator 1 in 100 is weak on either side."""
AGAIN = 10
"""A weak test is repeated on so many times the stream."""

Column = NDArray[np.int64]
Columns = tuple[Column, Column, Column, Column, Column, Column]
"""Of events: seed, person, slot, other, day, purpose."""


def events(number: Column, **varied: Column | int) -> Columns:
    """Return events that differ in what is given, as columns."""
    usual = {"seed": SEED, "person": 0, "slot": 0, "other": int(BRANDS[0]), "day": 0}
    values = {**usual, "purpose": int(Purpose.CHOICE), **varied}
    return tuple(np.broadcast_to(value, number.shape).astype(np.int64) for value in values.values())  # type: ignore[return-value]


def persons(k: Column) -> Columns:
    """One brand, day and purpose: person after person, as traits are drawn."""
    return events(k, person=k)


def days(k: Column) -> Columns:
    """One person: day after day, -524,288 to 524,287; then the next person."""
    return events(k, person=k // DAYS, day=k % DAYS - DAYS // 2)


def purposes(k: Column) -> Columns:
    """One person and day: purpose after purpose; then the next person."""
    return events(k, person=k // USED.size, purpose=USED[k % USED.size])


def seeds(k: Column) -> Columns:
    """One event: seed after seed."""
    return events(k, seed=k)


def slots(k: Column) -> Columns:
    """One person and day: slot after slot, 0 to 4095; then the next key of what it is about."""
    return events(k, slot=k % 4096, other=k // 4096)


def market(k: Column) -> Columns:
    """As a market runs: brand within purpose within person within day, 1,000 people."""
    k, brand = np.divmod(k, BRANDS.size)
    k, purpose = np.divmod(k, USED.size)
    day, person = np.divmod(k, 1000)
    return events(k, person=person, day=day, purpose=USED[purpose], other=BRANDS[brand])


STREAMS: dict[str, Callable[[Column], Columns]] = {
    f.__name__: f for f in (persons, days, purposes, seeds, slots, market)
}
CONTROLS = tuple(f"control_{number}" for number in range(1, len(STREAMS) + 1))
EVERY = (*STREAMS, *CONTROLS)


@njit
def _draw(seed, person, slot, other, day, purpose, out):  # type: ignore[no-untyped-def]
    for k in range(seed.size):
        u = draw4(np.uint64(seed[k]), np.uint64(person[k]), slot[k], other[k], day[k], purpose[k])
        out[k, 0], out[k, 1], out[k, 2], out[k, 3] = u


def drawn(columns: Columns) -> NDArray[np.float64]:
    """Return float64[events, 4]: the uniforms of events."""
    out = np.empty((columns[0].size, 4))
    _draw(*columns, out)
    return out


Words = NDArray[np.uint32]


def own(stream: str, seed: int, start: int) -> Words:
    """Return uint32[BLOCK, 4]: the words that become the draws of events from `start` on."""
    base, *others = STREAMS[stream](np.arange(start, start + BLOCK))
    uniforms = drawn((base + ((seed - SEED) << 32), *others))  # far from the seeds of `seeds`
    return (uniforms * 2.0**32).astype(np.uint32)


def control(stream: str, seed: int, start: int) -> Words:
    """Return uint32[BLOCK, 4]: as many words that are random beyond doubt, SHAKE-256 of a name."""
    name = f"{stream} {seed} {start}".encode()
    return np.frombuffer(hashlib.shake_256(name).digest(16 * BLOCK), np.uint32).reshape(BLOCK, 4)


def words(stream: str, seed: int, start: int) -> Iterator[Words]:
    """Yield the words of a stream from event `start` on, a block at a time."""
    block = control if stream in CONTROLS else own
    while True:
        yield block(stream, seed, start)
        start += BLOCK


@dataclass(frozen=True)
class Result:
    """One p-value.

    Attributes
    ----------
    stream, seed, test, samples
        Which; `samples` as Dieharder counts them.
    p
        The p-value.
    again
        Whether it is the longer repetition of a weak test.
    events
        Where in the stream the test ended.
    """

    stream: str
    seed: int
    test: str
    samples: str
    p: float
    again: bool
    events: int

    @property
    def verdict(self) -> str:
        """Passed, weak or failed, by Dieharder's own bounds."""
        tail = min(self.p, 1 - self.p)
        return "failed" if tail < FAILED else "weak" if tail < WEAK else "passed"


class Feed:
    """A stream that is never rewound: what one test leaves off, the next takes up."""

    def __init__(self, stream: str, seed: int) -> None:
        self.stream, self.seed, self.next = stream, seed, 0

    def test(self, number: int, times: int = 1) -> list[Result]:
        """Run one test of Dieharder on what comes next, with so many times its usual samples."""
        fields = ("test_name", "ntuple", "tsamples", "psamples", "pvalues")
        shown = [word for field in fields for word in ("-D", field)]
        command = ["dieharder", "-g", "200", "-d", str(number), "-m", str(times), *shown, "-c", ","]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        writer = threading.Thread(target=self._write, args=(process.stdin,))
        writer.start()
        assert process.stdout is not None
        lines = process.stdout.read().decode().splitlines()
        writer.join()
        if process.wait():
            raise SystemExit(f"dieharder failed in test {number} of {self.stream}")
        rows = [line.split(",") for line in lines if line.count(",") == len(fields) - 1]
        return [self._result([cell.strip() for cell in row], times > 1) for row in rows]

    def _write(self, pipe: Any) -> None:
        with contextlib.suppress(BrokenPipeError), pipe:  # it has seen enough
            for block in words(self.stream, self.seed, self.next):
                self.next += BLOCK
                pipe.write(block.tobytes())

    def _result(self, row: list[str], again: bool) -> Result:
        name, n, samples, times, p = row
        each = f"{int(samples):,} x {int(times):,}"
        test = name if n == "0" else f"{name} {n}"
        return Result(self.stream, self.seed, test, each, float(p), again, self.next)


def run(stream: str, seed: int, tests: tuple[int, ...]) -> Iterator[Result]:
    """Yield the p-values of a stream, at last those of weak tests again on a longer stretch."""
    feed, weak = Feed(stream, seed), []
    for number in tests:
        results = feed.test(number)
        yield from results
        if any(result.verdict != "passed" for result in results):
            weak.append(number)
        print(stream, number, *(f"{r.p:.4f}" for r in results), file=sys.stderr, flush=True)
    for number in weak:
        yield from feed.test(number, AGAIN)


def keep(results: list[Result], file: Path) -> None:
    """Put the results of a stream into the table, in place of earlier ones."""
    table = pd.DataFrame([vars(result) for result in results])
    if file.exists():
        before = pd.read_csv(file)
        same = (before["stream"] == results[0].stream) & (before["seed"] == results[0].seed)
        table = pd.concat([before[~same], table], ignore_index=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, index=False)


def page(table: pd.DataFrame) -> str:
    """Return the page that says what came out."""
    rows = [Result(**row) for row in table.to_dict("records")]
    found, again = [r for r in rows if not r.again], [r for r in rows if r.again]
    ours = [r for r in found if r.stream in STREAMS]
    streams = sorted({(r.seed, r.stream) for r in rows}, key=lambda s: (EVERY.index(s[1]), s[0]))
    number = len({(r.seed, r.stream) for r in ours})
    count = {v: sum(r.verdict == v for r in ours) for v in ("passed", "weak", "failed")}
    lines = [
        "# Are the simulator's random numbers random?",
        "",
        "Every draw is a Philox block whose counter is the identity of an event: person, day, "
        "purpose, what it is about, and the seed as key (`sim/engine/draws.py`). Philox itself "
        "is known to pass; what could go wrong is that counters so close to each other, in the "
        "order in which a market uses them, give words that are not independent. So several of "
        "these orders were written out as streams of 32-bit words and put through "
        "[Dieharder](https://webhome.phy.duke.edu/~rgb/General/dieharder.php) 3.31.1.",
        "",
        f"**{len(ours)} p-values on {number} streams: {count['passed']} passed, "
        f"{count['weak']} weak, {count['failed']} failed.** By Dieharder's bounds a p-value within "
        f"{WEAK} of 0 or 1 is weak, within {FAILED:g} failed; of {len(ours)} from a perfect "
        f"generator {2 * WEAK * len(ours):.1f} are expected to be weak.",
        "",
        *_together(found),
        "",
        "| stream | order | base seed | draws | GB | p-values | weak | failed | p from | to |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_row([r for r in rows if (r.seed, r.stream) == each]) for each in streams),
        "",
        *_weak(found, again),
        "## Method",
        "",
        "Words are taken from `draw4`, all four of each block. A stream is "
        "never rewound: each test takes up where the one before left off. Tests are those that "
        "Dieharder calls good and that take less than half a minute, with its usual samples; at "
        f"the end a weak one is repeated on what comes next, {AGAIN} times as long. "
        "Repeat: `make randomness`. Every p-value: [pvalues.csv](pvalues.csv).",
    ]
    return "\n".join(lines) + "\n"


def _together(found: list[Result]) -> Iterator[str]:
    """Yield what the first p-values of all tests say together, beside those of a hash."""
    # Several p-values of one test are of the same data: sts_serial has thirty, nearly alike.
    first = {(r.stream, r.seed, r.test.split()[0]): r for r in reversed(found)}.values()
    ours = [r for r in first if r.stream in STREAMS]
    hashed = [r.p for r in first if r.stream in CONTROLS]
    seeds = sorted({r.seed for r in ours})
    groups = {f"draws, base seed {s}": [r.p for r in ours if r.seed == s] for s in seeds}
    groups |= {"all draws": [r.p for r in ours], "SHAKE-256 of a counter": hashed}
    yield (
        "The p-values of all tests should be uniform together: values near 1 are words more even "
        "than chance. Whether Dieharder's own p-values are, a cryptographic hash tells. Of each "
        "test on each stream the first p-value is taken; its others are of the same data."
    )
    yield from (
        "",
        "| words | p-values | mean | expected | Kolmogorov-Smirnov p |",
        "|---|---|---|---|---|",
    )
    for name, p in groups.items():
        if p:
            expected = f".50 +- {0.577 / len(p) ** 0.5:.2f}"
            together = stats.kstest(p, "uniform").pvalue
            yield f"| {name} | {len(p)} | {np.mean(p):.2f} | {expected} | {together:.2g} |"
    if hashed:
        both = stats.ks_2samp(groups["all draws"], hashed).pvalue
        yield from ("", f"Draws against the hash, two-sample Kolmogorov-Smirnov: p = {both:.2g}.")


_HASH = "No draws: SHAKE-256 of a counter"


def _row(rows: list[Result]) -> str:
    own, name, seed = [r for r in rows if not r.again], rows[0].stream, rows[0].seed
    events = max(r.events for r in rows)
    order = (getattr(STREAMS.get(name), "__doc__", None) or _HASH).rstrip(".")
    weak, failed = (sum(r.verdict == v for r in own) for v in ("weak", "failed"))
    numbers = [len(own), weak, failed, *(f"{end(r.p for r in own):.4f}" for end in (min, max))]
    size = f"{4 * events / 1e9:.2f} x 10^9", f"{16 * events / 1e9:.1f}"
    return "| " + " | ".join([name, order, str(seed), *size, *map(str, numbers)]) + " |"


def _weak(found: list[Result], again: list[Result]) -> list[str]:
    weak = [r for r in found if r.verdict != "passed"]
    if not weak:
        return []
    lines = [f"Weak or failed, and the same test again on a stream {AGAIN} times as long:", ""]
    lines += ["| stream | base seed | test | p | again, p |", "|---|---|---|---|---|"]
    for r in weak:
        same = [a.p for a in again if (a.stream, a.seed, a.test) == (r.stream, r.seed, r.test)]
        later = ", ".join(f"{p:.3f}" for p in same)
        lines.append(f"| {r.stream} | {r.seed} | {r.test} | {r.p:.5f} | {later} |")
    return [*lines, ""]


def main() -> None:
    """Run the tests, and write the table and the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", nargs="*", choices=EVERY, default=EVERY)
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--tests", nargs="+", type=int, default=TESTS)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    if shutil.which("dieharder") is None:
        raise SystemExit(
            "dieharder is not installed. On Debian and Ubuntu: apt-get install dieharder"
        )
    file = chosen.folder / "pvalues.csv"
    for seed, stream in product(chosen.seeds, chosen.streams):
        keep(list(run(stream, seed, tuple(chosen.tests))), file)
        print(f"{stream} of base seed {seed} is in {file}")
    (chosen.folder / "README.md").write_text(page(pd.read_csv(file)), encoding="utf-8")
    print(f"wrote {chosen.folder / 'README.md'}")


if __name__ == "__main__":
    main()

"""How fast the market is: `make bench`, or `python -m benchmarks [--people N] [--no-million]`.

Seconds depend on the machine, so each is also given as a ratio to a fixed piece of numpy work timed
in the same run: that ratio is what to compare between versions.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sim.config.load import load_market
from sim.counts import TOUCHES_SENT
from sim.market import Market
from tests.markets import CREAMS

RUNS = 5
FOLLOW_UPS: dict[str, Any] = {"service_followup": {}}
ALL: dict[str, Any] = {"service_followup": {}, "referral": {}, "agent_recruitment": {}}
PORTFOLIOS: dict[str, dict[str, Any]] = {
    "nobody acts": {},
    "follow-ups on, all brands": FOLLOW_UPS,
    "all three families, all brands": ALL,
}


def market(people: int, days: int, portfolio: dict[str, Any], kind: Any = Market) -> Any:
    """Return the benchmark's market: three brands of creams, no burn-in, one portfolio for all."""
    changes = {"people.n": people, "days": days, "burn_in": 0, "terminal_period": 0}
    brands = load_market(CREAMS).brands
    portfolios = {f"brands.{name}.strategies": portfolio for name in brands}
    return kind(load_market(CREAMS, {**changes, **portfolios}), rng=1)


def seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median time of `work`, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def yardstick() -> object:
    """Do a fixed piece of numpy work: random access and logarithms, as a market does."""
    rng = np.random.default_rng(1)
    rows = rng.integers(1_000_000, size=2_000_000)
    return np.log1p(rng.random(1_000_000)[rows]).sum()


def run(people: int, days: int, portfolio: dict[str, Any]) -> tuple[float, float, Market]:
    """Return the time to make a market and to run it, and the market."""
    start = time.perf_counter()
    made = market(people, days, portfolio)
    ready = time.perf_counter()
    made.run_model()
    return ready - start, time.perf_counter() - ready, made


def report(label: str, took: float, unit: float, note: str = "") -> None:
    """Print one line."""
    print(f"{label:<65} {took:7.3f} s {took / unit:8.2f} x  {note}".rstrip(), flush=True)


def small(people: int, unit: float) -> None:
    """Time the market that most studies use."""
    for words, portfolio in PORTFOLIOS.items():
        timed = [run(people, 730, portfolio) for _ in range(RUNS)]
        label = f"{people:,} people x 730 days, {words}"
        orders, touches = len(timed[0][2].orders), timed[0][2].counts[:, :, TOUCHES_SENT].sum()
        report(f"{label}: make", statistics.median(t[0] for t in timed), unit)
        took = statistics.median(t[1] for t in timed)
        report(f"{label}: run", took, unit, f"{orders:,} orders, {touches:,} touches")


def plain_mesa() -> Any:
    """Return the class of the same market in plain Mesa agents (docs/reference.md)."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from reference.market import ReferenceMarket

    return ReferenceMarket


def beside_plain_mesa(unit: float, people: int = 1000) -> None:
    """Time both markets, of the same people and days."""
    sold = set()
    for words, kind in (("tables", Market), ("plain Mesa agents", plain_mesa())):
        made = market(people, 730, ALL, kind)
        took = seconds(made.run_model, runs=1)
        sold.add(len(made.orders))
        report(f"{people:,} people x 730 days, all three families, {words}: run", took, unit)
    if len(sold) > 1:
        raise AssertionError("the two markets differ: python -m reference.compare says where")


def million(unit: float) -> None:
    """Time a million people over a year, in a process of its own for its memory."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "benchmarks", "--one-million"], check=True)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    report("the same, whole process", took, unit, f"peak memory {peak:.2f} GiB")


def one_million() -> None:
    """Run a million people over a year and print the time."""
    unit = seconds(yardstick)
    made, took, model = run(1_000_000, 365, FOLLOW_UPS)
    report("1,000,000 people x 365 days, follow-ups on: make", made, unit)
    report("1,000,000 people x 365 days: run", took, unit, f"{len(model.orders):,} orders")


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="people in the small market")
    parser.add_argument("--no-million", action="store_true", help="leave the large market out")
    parser.add_argument("--one-million", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_million:
        one_million()
        return
    run(200, 60, ALL)  # compiles, once
    unit = seconds(yardstick)
    report("yardstick: fixed numpy work", unit, unit)
    small(options.people, unit)
    beside_plain_mesa(unit)
    subprocess.run([sys.executable, "-m", "benchmarks.overhead"], check=True)
    if not options.no_million:
        million(unit)


if __name__ == "__main__":
    main()

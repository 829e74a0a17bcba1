"""Put deliberate errors into the market's behaviour and its books, and see which go unnoticed.

    make mutation

Each mutant is tried in whole markets first (`by_markets`), for some seconds; where that shows
nothing, the tests of behaviour that reach its line are run with it (`by_tests`), and at last the
markets to their end. What survives all is listed.
"""

import argparse
import math
import random
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numba
import pandas as pd
from rich.progress import track

from tests.mutation import by_markets, by_tests
from tests.mutation.mutants import MODULES, ROOT, Mutant, equivalent, mutants, source
from tests.mutation.page import page

COLUMNS = ["module", "number", "function", "line", "change", "noticed"]
TASK: dict[str, Any] = {}
"""What is to be done: compiled code is not sent between processes, but is there in a fork."""


def one_in_markets(which: int) -> str:
    module, _, mutant = TASK["trials"][which]
    return by_markets.noticed(module, mutant, TASK["scenarios"], TASK["budget"])


def in_markets(out: Path, share: float, budget: float, workers: int) -> None:
    """Try all mutants, or a random share of them, in whole markets; write a row for each."""
    pick = random.Random(1)
    everything = [(m, k, each) for m in MODULES for k, each in enumerate(mutants(source(m)))]
    chosen = [each for each in everything if pick.random() < share]
    trials = [(m, k, each) for m, k, each in chosen if not equivalent(m, each)]
    print(f"{len(trials)} mutants; {len(chosen) - len(trials)} more are known to change no market")
    TASK.update(trials=trials, budget=budget)
    with out.open("w", encoding="utf-8") as file, get_context("fork").Pool(workers) as pool:
        print(*COLUMNS, sep="\t", file=file)
        found = pool.imap(one_in_markets, range(len(trials)))
        for trial, how in zip(trials, track(found, "In markets", len(trials)), strict=True):
            print(row(*trial, how), file=file, flush=True)


def row(module: str, number: int, mutant: Mutant, how: str) -> str:
    change = " ".join(mutant.what.split())
    return "\t".join(map(str, (module, number, ".".join(mutant.path), mutant.line, change, how)))


def one_in_tests(which: int) -> str:
    module, _, mutant = TASK["trials"][which]
    tests = TASK["reaching"][module].get(mutant.line)
    how = by_tests.noticed(module, mutant, tests) if tests else ""
    return how or by_markets.noticed(module, mutant, TASK["scenarios"], math.inf)


def in_tests(out: Path, coverage: Path, workers: int) -> pd.DataFrame:
    """Run the tests with those mutants of the file `out` that nothing noticed; return all rows."""
    rows = pd.read_csv(out, sep="\t", keep_default_na=False)
    survivors = rows.index[rows["noticed"] == ""]
    every = {module: list(mutants(source(module))) for module in MODULES}
    numbers = rows.loc[survivors, ["module", "number"]].itertuples(index=False)
    TASK.update(trials=[(m, k, every[m][k]) for m, k in numbers])
    TASK.update(reaching=by_tests.reaching(coverage))
    with get_context("fork").Pool(workers) as pool:
        found = pool.imap(one_in_tests, range(len(survivors)))
        for k, how in zip(survivors, track(found, "In tests", len(survivors)), strict=True):
            rows.loc[k, "noticed"] = how
            rows.to_csv(out, sep="\t", index=False)
    print(f"{(rows['noticed'] == '').sum()} of {len(rows)} mutants survive, see {out}")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="a file of tab-separated values")
    parser.add_argument("--page", type=Path, help="where to write the page on all mutants")
    parser.add_argument("--only-tests", action="store_true", help="with the survivors in the file")
    parser.add_argument("--share", type=float, default=1.0, help="of the mutants, at random")
    parser.add_argument("--many", type=int, default=24, help="markets beside the busy one")
    parser.add_argument("--budget", type=float, default=8.0, help="seconds of markets a mutant")
    parser.add_argument("--coverage", type=Path, default=ROOT / ".coverage")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    if given.page and given.share < 1:
        parser.error("--page is about all mutants, not a --share of them")
    if not numba.config.DISABLE_JIT:
        parser.error("rules must run as Python: set NUMBA_DISABLE_JIT=1")
    by_tests.reaching(given.coverage)  # found out now rather than in an hour
    TASK["scenarios"] = [by_markets.scenario(*each) for each in by_markets.configs(given.many)]
    if not given.only_tests:
        in_markets(given.out, given.share, given.budget, given.workers)
    rows = in_tests(given.out, given.coverage, given.workers)
    if given.page:
        given.page.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Which mutants fail a test: those of behaviour that reach the line, the most special ones first.

Which test reaches which line is known from `make coverage`.
"""

import os
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from coverage import CoverageData

from tests.mutation.mutants import MODULES, Mutant, function_of, source

MOST_TESTS = 200
MOST_SECONDS = 300
# plugins are imported already, and have been used
_THERE = "pytest.PytestAssertRewriteWarning", "hypothesis.errors.HypothesisSideeffectWarning"
_QUIET = [part for each in _THERE for part in ("-W", f"ignore::{each}")]


def reaching(coverage: Path) -> dict[str, dict[int, list[str]]]:
    """Return of a module, of a line: tests that reach it, those that reach the fewest lines first.

    Raises
    ------
    SystemExit
        When `coverage` does not tell tests apart.
    """
    data = CoverageData(str(coverage))
    data.read()
    lines = {module: data.contexts_by_lineno(str(source(module))) for module in MODULES}
    breadth = Counter(test for each in lines.values() for tests in each.values() for test in tests)
    if not any(breadth):
        sys.exit(f"{coverage} does not say which test reached which line; run `make coverage`")
    return {
        module: {
            line: _various(sorted(filter(None, tests), key=breadth.get))
            for line, tests in each.items()
        }
        for module, each in lines.items()
    }


def _various(contexts: list[str]) -> list[str]:
    # the first of each test, then the second of those with several sets of values, and so on
    tests = dict.fromkeys(context.rpartition("|")[0] for context in contexts)  # not set-up and run
    seen: Counter[str] = Counter()
    nth = {}
    for test in tests:
        name = test.partition("[")[0]
        nth[test] = seen[name]
        seen[name] += 1
    return sorted(tests, key=lambda test: nth[test])


def noticed(module: str, mutant: Mutant, tests: list[str]) -> str:
    """Return which of `tests` noticed a mutant, "" if none did.

    They run in a fork, in which pytest and the market are there already.
    """
    arguments = ["-x", "-q", "-p", "no:cacheprovider", *_QUIET, *tests[:MOST_TESTS]]
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            signal.alarm(MOST_SECONDS)
            function_of(module, mutant.path).__code__ = mutant.code
            os._exit(pytest.main(arguments))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        lines = said.read().splitlines()
    if code in (pytest.ExitCode.OK, -signal.SIGALRM):  # many tests that pass take long too
        return ""
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    if code != pytest.ExitCode.TESTS_FAILED or not failed:
        raise RuntimeError("\n".join(lines))
    return failed[0].split(" - ")[0].split("::", 1)[1]

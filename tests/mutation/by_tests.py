"""Which mutants fail a test: those of behaviour that reach the line, the most special ones first.

Which test reaches which line is known from `make coverage`.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from coverage import CoverageData

from tests.mutation.mutants import MODULES, ROOT, source
from tests.mutation.plugin import VARIABLE

MOST_TESTS = 12
MOST_SECONDS = 300


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
            line: list(dict.fromkeys(map(_test, sorted(filter(None, tests), key=breadth.get))))
            for line, tests in each.items()
        }
        for module, each in lines.items()
    }


def _test(context: str) -> str:
    return context.rpartition("|")[0]  # what follows is whether it was set up, run or torn down


def noticed(module: str, number: int, tests: list[str]) -> str:
    """Return which of `tests` noticed a mutant, "" if none did."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "tests.mutation.plugin"]
    command += ["-p", "no:cacheprovider", *tests[:MOST_TESTS]]
    given = {**os.environ, VARIABLE: f"{module} {number}"}
    try:
        done = subprocess.run(
            command,
            env=given,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "never ends"
    if done.returncode == 0:
        return ""
    if done.returncode != 1:
        raise RuntimeError(done.stdout + done.stderr)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0].split("::", 1)[1]

"""Deliberate errors: all are made, and the list of those that change no market keeps up."""

import linecache

import pandas as pd
import pytest

from tests.mutation.mutants import MODULES, TABLE, mutants, source

FUNCTION = """\
def least(a, b):
    best = b
    if a < b and not b == 0:
        best = a + 1
    return min(-best, 2.0)
"""
CHANGES = {
    "a < b and (not b == 0) -> not (a < b and (not b == 0))",
    "a < b and (not b == 0) -> a < b or not b == 0",
    "a < b -> a <= b",
    "a < b -> a >= b",
    "not b == 0 -> b == 0",
    "b == 0 -> b != 0",
    "0 -> 1 in b == 0",
    "best = b -> left out",
    "best = a + 1 -> left out",
    "a + 1 -> a - 1",
    "1 -> 2 in a + 1",
    "min(-best, 2.0) -> max(-best, 2.0)",
    "-best -> best",
    "2.0 -> 3.0 in min(-best, 2.0)",
}


@pytest.mark.quick
def test_one_thing_at_a_time_is_changed(tmp_path):
    file = tmp_path / "least.py"
    file.write_text(FUNCTION)
    made = list(mutants(file))
    assert {mutant.what for mutant in made} == CHANGES
    assert len(made) == len(CHANGES)


def test_what_is_said_to_change_no_market_is_a_mutant_with_a_reason():
    known = pd.read_csv(TABLE, sep="\t", keep_default_na=False, quoting=3)
    assert (known["why"] != "").all()
    made = set()
    for module in MODULES:
        file = source(module)
        for mutant in mutants(file):
            line = linecache.getline(str(file), mutant.line).strip()
            made.add((module, ".".join(mutant.path), line, " ".join(mutant.what.split())))
    listed = set(known[["module", "function", "line", "change"]].itertuples(index=False, name=None))
    assert listed <= made

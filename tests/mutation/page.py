"""The page on mutants: how many there are, what noticed them, and which survive."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from tests.mutation.mutants import MODULES, TABLE, mutants, source

HEAD = """\
# Deliberate errors: which go unnoticed?

A test that cannot fail says nothing. So one thing at a time was changed in the rules of the market
and in its books, and whether anything notices was looked at: an operator, a comparison, a
condition, a number, a statement left out (mutation testing: DeMillo, Lipton and Sayward 1978).
"""

METHOD = """\
## Method

Rules run in their pure-Python form, with one mutant at a time put in. First whole markets are run:
the busy market of the tests, and 24 random ones of the kind in which the reference market is held
equal to the simulator, as far as 8 seconds of them go. A mutant is noticed if any table of the
world differs on any day from what it is without the mutant, or the program stops. What markets do
not notice is put to the tests of behaviour that reach its line, and what these do not either, to
all 25 markets to the end. Left alone are lines that ask whether a table has room, and those that
borrow the world for compiled code. What changes no market is listed, each with its reason, in
[equivalent.tsv](../../tests/mutation/equivalent.tsv). Repeat: `make coverage mutation` (about two
hours on two cores).
"""


def page(rows: pd.DataFrame) -> str:
    """Return the page.

    Parameters
    ----------
    rows : DataFrame
        Columns module, number, function, line, change, noticed; of all mutants but those known to
        change no market.
    """
    known = pd.read_csv(TABLE, sep="\t", keep_default_na=False, quoting=3)
    counts = _counts(rows)
    total = counts.sum()
    caught = total["mutants"] - total["change no market"] - total["survive"]
    summary = (
        f"**{total['mutants']:,} mutants: {caught:,} noticed, {total['change no market']:,} that "
        f"change no market, {total['survive']:,} that survive.**\n"
    )
    table = pd.concat([counts, total.to_frame("in all").T])
    parts = [HEAD, summary, _table(["", *table.columns], table.itertuples()), *_survivors(rows)]
    reasons = known.value_counts("why")
    why = _table(["why a mutant changes no market", "mutants"], reasons.items())
    return "\n".join([*parts, why, METHOD])


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    every = pd.Series({module: len(list(mutants(source(module)))) for module in MODULES})
    survive, tests = rows["noticed"] == "", rows["noticed"].str.startswith("test")
    differs = rows["noticed"].isin(["differs", "never ends"])
    found = {
        "mutants": every,
        "a market differs": rows[differs].groupby("module").size(),
        "the program stops": rows[~tests & ~survive & ~differs].groupby("module").size(),
        "a test fails": rows[tests].groupby("module").size(),
        "survive": rows[survive].groupby("module").size(),
    }
    counts = pd.DataFrame(found).reindex(MODULES).fillna(0).astype(int)
    left_out = counts["mutants"] - rows.groupby("module").size().reindex(MODULES)
    counts.insert(4, "change no market", left_out.astype(int))
    return counts


def _survivors(rows: pd.DataFrame) -> list[str]:
    left = rows[rows["noticed"] == ""]
    if left.empty:
        return []
    where = left["module"].str.removeprefix("sim.") + "." + left["function"]
    lines = zip(where, left["line"], "`" + left["change"] + "`", strict=True)
    return [_table(["survives in", "line", "change"], lines)]


def _table(head: list[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)

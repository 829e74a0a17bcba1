"""Run both markets day by day, and report the first difference.

python -m reference.compare MARKET SEED [PATH=VALUE ...], in tests/, with the project on the path.
"""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import yaml

from sim.config.load import load_market
from sim.market import Market

from . import compared
from .compared import Table
from .market import Kinds, ReferenceMarket
from .mechanisms import installed


class Difference(NamedTuple):
    """Where two markets differ first."""

    day: int
    table: str
    row: Any
    field: str
    fast: Any
    reference: Any
    lines: str = ""

    def __str__(self) -> str:
        where = f"day {self.day}: {self.table}, row {self.row}, {self.field}"
        return f"{where}: fast {self.fast!r}, reference {self.reference!r}\n{self.lines}"


class Watched(Market):
    """The fast market, which shows its state after each day that is not a step of the run."""

    def __init__(self, config: Any, rng: int, kinds: Kinds) -> None:
        self.shots: list[Any] = []
        self.kinds = kinds
        super().__init__(config, rng=rng)

    def _one_day(self) -> None:
        super()._one_day()
        if shown := compared.outside(self.day - 1, self.config.days, self.kinds):
            columns = [(table, table.fast(self)) for table in shown]
            self.shots.append([(t, {c: v.copy() for c, v in one.items()}) for t, one in columns])


class WatchedReference(ReferenceMarket):
    """The reference market, the same."""

    def __init__(self, config: Any, rng: int, kinds: Kinds) -> None:
        self.shots: list[Any] = []
        self.kinds = kinds
        super().__init__(config, rng=rng, twins=kinds)

    def one_day(self) -> None:
        super().one_day()
        if shown := compared.outside(self.day - 1, self.config.days, self.kinds):
            self.shots.append([list(table.reference(self)) for table in shown])


def look(table: Table, theirs: Any, ours: list[Any], day: int) -> Iterator[Difference]:
    """Yield where the two differ in a table, by column."""
    size = len(theirs[table.columns[0]])
    for column, values in zip(table.columns, zip(*ours, strict=True), strict=bool(ours)):
        found, expected = np.asarray(theirs[column]), np.array(values)
        both = min(size, len(ours))
        unlike = np.flatnonzero(~compared.same(found[:both], expected[:both]))
        if unlike.size:
            i = int(unlike[0])
            line = {c: theirs[c][i].item() for c in table.columns}
            mine = dict(zip(table.columns, ours[i], strict=True))
            lines = f"  fast      {line}\n  reference {mine}"
            yield Difference(day, table.name, i, column, found[i].item(), expected[i].item(), lines)
    if size != len(ours):
        yield Difference(day, table.name, "-", "number of rows", size, len(ours))


def differences(
    fast: Watched, reference: WatchedReference, day: int, with_day: bool, everything: bool = False
) -> list[Difference]:
    kinds = reference.kinds
    shown = compared.of_state(kinds) + compared.of_records(kinds, everything)
    if with_day:
        shown = compared.of_day() + shown
    return [d for t in shown for d in look(t, t.fast(fast), list(t.reference(reference)), day)]


def of_shots(fast: Watched, reference: WatchedReference, first: int) -> list[Difference]:
    """Return the differences of the first day with any, of those shown since last asked."""
    shots = list(zip(fast.shots, reference.shots, strict=True))
    fast.shots, reference.shots = [], []
    for day, (theirs, ours) in enumerate(shots, first):
        pairs = zip(theirs, ours, strict=True)
        if found := [d for (t, one), two in pairs for d in look(t, one, two, day)]:
            return found
    return []


def first_differences(
    config: Any, seed: int, twins: Kinds | None = None
) -> tuple[list[Difference], Market, ReferenceMarket]:
    """Return the differences of the first day that has any, and both markets."""
    kinds = installed() if twins is None else twins
    fast, reference = Watched(config, seed, kinds), WatchedReference(config, seed, kinds)
    found = of_shots(fast, reference, -reference.config.burn_in)
    found = found or differences(fast, reference, -1, with_day=False)
    while fast.running and not found:
        fast.step()
        reference.step()
        last = not fast.running
        found = differences(fast, reference, fast.day - 1, with_day=True, everything=last)
    if not found:
        fast.run_on()
        reference.run_on()
        found = of_shots(fast, reference, reference.config.days)
    return found or differences(fast, reference, reference.day - 1, False, True), fast, reference


def main() -> None:
    market, seed, *changed = sys.argv[1:]
    changes = {path: yaml.safe_load(value) for path, value in (c.split("=") for c in changed)}
    found, *_ = first_differences(load_market(market, changes), int(seed))
    for difference in found:
        print(difference)
    print("different" if found else "equal")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()

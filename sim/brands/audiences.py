"""Rules of audiences become a table of conditions, which is worked out from the first row on.

Each row is a condition, or says how the answers of the rows before it are combined (postfix).
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.brands.portfolio import Running
from sim.config.audience import CODES, LABELS, ROLES, Combined, Rule, all_of

Row = tuple[int, int, float, float]


def compile_rules(
    portfolio: list[Running], segments: Sequence[str]
) -> tuple[list[Running], NDArray[np.void]]:
    """Return the portfolio with the place of each strategy's rules, and the table of conditions.

    Rules that are equal share their rows.

    Parameters
    ----------
    portfolio
        The strategies at work.
    segments
        Names of the segments of people, in the order of the file.

    Returns
    -------
    list of Running, CONDITION[k]
    """
    rows: list[Row] = []
    places: dict[Rule | None, tuple[int, int]] = {None: (0, 0)}

    def place(rule: Rule | None) -> tuple[int, int]:
        if rule not in places:
            start = len(rows)
            rows.extend(_rows(rule, segments))
            places[rule] = start, len(rows)
        return places[rule]

    placed = []
    for run in portfolio:
        own = run.audience.who
        rules = {"": place(own)}
        rules |= {part: place(all_of(own, r)) for part, r in run.audience.touches.items()}
        placed.append(run._replace(rules=rules))
    return placed, np.array(rows, state.CONDITION)


def _rows(rule: Rule | None, segments: Sequence[str]) -> Iterator[Row]:
    if isinstance(rule, Combined):
        for part in rule.parts:
            yield from _rows(part, segments)
        yield CODES[rule.how], len(rule.parts), 0.0, 0.0
    elif rule is not None:
        low, high = rule.low, rule.high
        if rule.what in LABELS:
            low = high = _number(rule.what, rule.label, segments)
        yield CODES[rule.what], 0, low, high


def _number(what: str, label: str, segments: Sequence[str]) -> float:
    """Return a label as people's records have it; 0 is no segment."""
    return float(ROLES.index(label) if what == "role" else segments.index(label) + 1)

"""Budgets (ODD 9.6): what a strategy may still spend, and who goes without."""

from typing import Any

from .things import AtWork


def free(market: Any, of: AtWork) -> float:
    """Return what is left of what the budget has given by today, in cents."""
    over = of.strategy.budget_days or market.config.days
    given = of.budget * min(1.0, (market.day + 1) / over)
    return given - of.spent - of.reserved


def without(market: Any, asked: list[Any]) -> set[Any]:
    """Return which of those who ask get nothing. Each has `of`, `most` (cents) and `lot`.

    In order of lots each counts in the sum, and is allowed if the sum is within what is free, or if
    it costs nothing.
    """
    refused = set()
    for of in {each.of for each in asked if each.of.budget is not None}:
        left, total = free(market, of), 0
        for each in sorted((one for one in asked if one.of is of), key=lambda one: one.lot):
            total += each.most
            if total > left and each.most > 0:
                refused.add(each)
    return refused

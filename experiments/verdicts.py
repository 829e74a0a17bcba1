"""How shares of markets are written, and what is decided by them."""

from typing import Any

from experiments.between import DECIDED, ENOUGH

VERDICTS = {
    "raises": "decided",
    "lowers": "decided",
    "open": "the data do not decide it",
    "few": "too few markets",
}


def verdict(low: float, high: float, effective: float) -> str:
    """Return `raises` or `lowers` where a share of markets decides, `open`, or `few` of too few.

    Parameters
    ----------
    low, high
        Bounds of the share of markets in which something holds.
    effective
        How many markets there are, counted by weight.
    """
    if effective < ENOUGH - 1e-6:
        return "few"
    if low > DECIDED:
        return "raises"
    return "lowers" if high < 1 - DECIDED else "open"


def percent(share: float) -> str:
    """Return a share of markets: whole per cents, for they are few."""
    return f"{100 * share:.0f} %"


def bounds(row: Any) -> str:
    """Return the two bounds of a share of markets."""
    return f"{100 * row['share_low']:.0f} to {percent(row['share_high'])}"

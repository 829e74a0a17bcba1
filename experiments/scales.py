"""One scale for numbers that stand together: a column of a table, or the numbers of a sentence.

A scale is a unit, with a letter for thousands or more, and a number of decimals. A mean and its
half-width share it, and so do all rows of a column. Shares are in per cent, differences of shares
in percentage points (pp).
"""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from experiments.formats import NOTHING, is_share, minus

SIZES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
COUNTS = ("people", "orders", "touches", "times", "invitations")
"""Units of whole things: written out below a million, and plain enough not to be named."""
ROUNDING = 1e-9
"""A half-width that is a smaller share of its mean, or a number of the largest, is rounding."""
MOST_DIGITS = 7
"""A number has no more digits than this, however fine others beside it are."""
MOST_DECIMALS = 2
"""With more decimals than this, a smaller unit reads better."""


class Amount(NamedTuple):
    """A number to show.

    Attributes
    ----------
    mean
        The number; NaN if there is none.
    half
        Half the width of its 95 % interval; NaN if it has none.
    """

    mean: float
    half: float = math.nan


class Scale(NamedTuple):
    """How numbers that stand together are written.

    Attributes
    ----------
    size
        What 1 stands for.
    unit
        What the numbers are counted in, with its letter: `k CNY`, `%`, `pp`; empty if plain.
    decimals
        How many each number has.
    """

    size: float
    unit: str
    decimals: int

    def number(self, x: float) -> str:
        """Return a number: `0` if it is exactly that, a bound if it is too small to be seen."""
        if math.isnan(x):
            return NOTHING
        if math.isinf(x):
            return minus("-∞") if x < 0 else "∞"
        text = f"{x / self.size:,.{self.decimals}f}"
        if float(text.replace(",", "")):
            return minus(text)
        if x == 0:
            return "0"
        least = f"{10.0**-self.decimals:.{self.decimals}f}"
        return f"<{least}" if x > 0 else f">{minus('-')}{least}"

    def text(self, amount: Amount) -> str:
        """Return `mean ± half`, or the mean alone where there is no interval."""
        mean = self.number(amount.mean)
        if math.isnan(amount.mean) or math.isnan(amount.half):
            return mean
        return f"{mean} ± {self.number(amount.half)}"

    def with_unit(self, x: float) -> str:
        """Return a number and its unit."""
        return f"{self.number(x)} {self.unit}".rstrip()

    def between(self, low: float, high: float) -> str:
        """Return `low to high` and the unit, once."""
        return f"{self.number(low)} to {self.number(high)} {self.unit}".rstrip()

    def head(self, name: str) -> str:
        """Return `name, unit`, without a unit that the name has already."""
        said = self.unit not in ("%", "pp") and f" {self.unit} " in f" {name} "
        return name if said or not self.unit else f"{name}, {self.unit}"


def scale(amounts: Iterable[Amount], unit: str, *, change: bool = False) -> Scale:
    """Return the scale of numbers that stand together.

    The largest has three digits at least, and the finest two: of a number with an interval its
    half-width is what must be told, of another the number itself.

    Parameters
    ----------
    amounts
        All of them.
    unit
        What they are counted in; a unit that begins with `share` is of shares.
    change
        They are differences of such numbers: of shares, in percentage points.
    """
    factor = 100.0 if is_share(unit) else 1.0
    known = [Amount(factor * a.mean, factor * a.half) for a in amounts if math.isfinite(a.mean)]
    named = _named(unit, change)
    parts = [abs(x) for x in _numbers(known) if x]
    if not parts:
        return Scale(1 / factor, named, 0)
    top, power = max(parts), _power(known, max(parts))
    if unit in COUNTS and all(x == round(x) for x in parts):
        power = max(power, 0)
    size, letter = _size(top, power, unit)
    decimals = max(0, round(math.log10(size)) - power)
    return Scale(size / factor, f"{letter} {named}".strip(), decimals)


def _numbers(amounts: Iterable[Amount]) -> Iterator[float]:
    for mean, half in amounts:
        yield mean
        if math.isfinite(half):
            yield half


def _power(known: list[Amount], top: float) -> int:
    """Return the power of ten that is the last digit to be seen."""
    telling = [
        half if math.inf > half > ROUNDING * abs(mean) else abs(mean) for mean, half in known
    ]
    finest = min((x for x in telling if x > ROUNDING * top), default=top)
    most = _digits(top)
    return max(min(most - 2, _digits(finest) - 1), most - MOST_DIGITS + 1)


def _digits(x: float) -> int:
    return math.floor(math.log10(x))


def _size(top: float, power: int, unit: str) -> tuple[float, str]:
    """Return the largest unit that is not above all numbers and needs few decimals."""
    if is_share(unit) or (unit in COUNTS and top < 1e6):
        return SIZES[-1]
    fits = (s for s in SIZES if s[0] <= top and math.log10(s[0]) - power <= MOST_DECIMALS)
    return next(fits, SIZES[-1])


def _named(unit: str, change: bool) -> str:
    if unit in COUNTS:
        return ""
    if not is_share(unit):
        return unit
    if change:
        return "pp"
    return "% of touches" if unit == "per touch" else f"%{unit.removeprefix('share')}"

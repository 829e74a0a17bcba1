"""How numbers are shown, the same on the terminal, in plots and in the report."""

import math
from typing import Any

NOTHING = "–"


def value(number: float, unit: str) -> str:
    """Return a number with as many digits as help; a dash if it is not defined."""
    if number is None or math.isnan(number):
        return NOTHING
    if is_share(unit):
        if number in (0, 1):
            return f"{100 * number:.0f} %"
        return minus(f"{100 * number:.{2 if abs(number) < 0.0995 else 1}f} %")
    if unit in ("people", "orders", "touches", "times", "invitations"):
        return compact(number) if abs(number) >= 1e6 else minus(f"{number:,.0f}")
    if unit == "friends per customer":
        return minus(f"{number:.{2 if abs(number) >= 0.0995 else 4}f}")
    if unit == "months":
        return f"{number:.1f}"
    return compact(number)


def compact(number: float) -> str:
    """Return about three significant digits with k, M or G: 1.23 M."""
    if math.isnan(number):
        return NOTHING
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= size * 0.9995:
            return _three(number / size) + letter
    return _three(number)


def _three(number: float) -> str:
    size = abs(number)
    if not number:
        return "0"
    if size < 0.0995:  # a small number is not nothing
        return minus(f"{number:.2g}" if size < 1e-4 else f"{number:.{1 - _power(size)}f}")
    digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return minus(f"{number:,.{digits}f}")


def _power(size: float) -> int:
    return math.floor(math.log10(size))


def tick(number: float) -> str:
    """Return a number for an axis: as short as it can be."""
    text, _, letter = compact(number).partition(" ")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {letter}".rstrip()


def is_share(unit: str) -> bool:
    """Tell whether numbers in a unit are shares, which are shown in per cent."""
    return unit.startswith("share") or unit == "per touch"


def is_number(value: Any) -> bool:
    """Tell a number from all else; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def unit_of(unit: str, change: bool = False) -> str:
    """Return what numbers in hundredths, if they are shares, are counted in: % or pp."""
    return unit if not is_share(unit) else "pp" if change else "%"


def minus(text: str) -> str:
    """Return a text with minus signs for hyphens."""
    return text.replace("-", "−")


def p_value(p: float) -> str:
    """Return a p-value; tiny ones as a bound."""
    if math.isnan(p):
        return NOTHING
    if p < 1e-4:
        return "<0.0001"
    return f"{p:.{4 if p < 0.01 else 3 if p < 0.1 else 2}f}"


def correlation(r: float) -> str:
    """Return a correlation."""
    return NOTHING if math.isnan(r) else minus(f"{r:.2f}")


def seconds(duration: float) -> str:
    """Return a duration."""
    if duration < 100:
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def count(number: int, noun: str) -> str:
    """Return a number of things: `1 run`, `2 runs`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")

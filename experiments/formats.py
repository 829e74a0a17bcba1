"""How numbers are shown, the same on the terminal, in plots and in the report."""

import math

import pandas as pd

NOTHING = "–"


def value(number: float, unit: str) -> str:
    """Return a number with as many digits as help; a dash if it is not defined."""
    if number is None or math.isnan(number):
        return NOTHING
    if unit.startswith("share") or unit == "per touch":
        if number in (0, 1):
            return f"{100 * number:.0f} %"
        return _minus(f"{100 * number:.{2 if abs(number) < 0.0995 else 1}f} %")
    if unit in ("people", "orders", "touches", "times", "invitations"):
        return compact(number) if abs(number) >= 1e6 else _minus(f"{number:,.0f}")
    if unit == "friends per customer":
        return _minus(f"{number:.{2 if abs(number) >= 0.0995 else 4}f}")
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
    digits = 2 if abs(number) < 9.995 else 1 if abs(number) < 99.95 else 0
    text = f"{number:,.{digits}f}"
    return _minus(text) if float(text.replace(",", "")) else "0"


def tick(number: float) -> str:
    """Return a number for an axis: as short as it can be."""
    text, _, letter = compact(number).partition(" ")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {letter}".rstrip()


def _minus(text: str) -> str:
    return text.replace("-", "−")


def with_interval(row: pd.Series, unit: str, key: str = "mean") -> str:
    """Return `mean ± half the interval`, or the mean alone where there is no interval."""
    mean = value(float(row[key]), unit)
    if math.isnan(row["low"]):
        return mean
    return f"{mean} ± {value(float(row['high'] - row['low']) / 2, unit)}"


def p_value(p: float) -> str:
    """Return a p-value; tiny ones as a bound."""
    if math.isnan(p):
        return NOTHING
    if p < 1e-4:
        return "<0.0001"
    return f"{p:.{4 if p < 0.01 else 3 if p < 0.1 else 2}f}"


def correlation(r: float) -> str:
    """Return a correlation."""
    return NOTHING if math.isnan(r) else _minus(f"{r:.2f}")


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

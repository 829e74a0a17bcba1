"""What an unusual value of a parameter means, in plain words and numbers."""

import math
from collections.abc import Callable

Meaning = Callable[[float], str]


def number(value: float) -> str:
    """Write a number: all digits of a whole one, else four that matter."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}"


def exits(rate: float) -> str:
    """Say what a rate of leaving the category means; the lifetimes are exponential."""
    return f"half of all people have left the category after {math.log(2) / rate * 365:.3g} days"


def discounted(rate: float) -> str:
    """Say what a yearly discount rate means."""
    return f"money in one year is worth {1 / (1 + rate):.0%}"


def odds(value: float) -> str:
    """Say what a difference of log odds means."""
    return f"one unit multiplies the odds by {_power(value)}"


ALIKE = (1e-4, 0.98)
"""Means of a share beyond which all people are alike, at one of its ends."""


def alike(mean: float) -> str:
    """Say that a share is all or nothing."""
    return f"all people are alike, at {'1' if mean > 0.5 else '0'} or close to it"


def given_away(discount: float) -> str:
    """Say what is left of a price."""
    return f"{1 - discount:.0%} of the price is paid"


def weight(value: float) -> str:
    """Say what a coefficient of utility means."""
    return f"one unit multiplies the weight of a brand in a choice by {_power(value)}"


def years(days: float) -> str:
    """Say how many years some days are."""
    return f"that is {number(days / 365)} years"


def hours(days: float) -> str:
    """Say how long a time in days is in the larger or smaller unit."""
    return years(days) if days >= 365 else f"that is {number(days * 24)} hours"


def per_cent(of: str) -> Meaning:
    """Return what says a share in per cent."""
    return lambda value: f"{value:.3g} is {value:.0%} {of}"


def per_day(of: str) -> Meaning:
    """Return what says a rate per day as the share that it reaches in a day."""
    return lambda value: f"{-math.expm1(-value):.1%} {of} in one day"


def a_person(spend: float) -> str:
    """Say what advertising per 1,000 people and day comes to."""
    return f"that is {number(spend * 0.365)} CNY for each person and year"


def lognormal(sigma: float) -> str:
    """Say how skewed a lognormal is."""
    return f"the mean is {_power(sigma**2 / 2)} times the median, and few people carry it"


def _power(value: float) -> str:
    return f"{math.exp(value):.3g}" if abs(value) < 700 else f"e^{number(value)}"

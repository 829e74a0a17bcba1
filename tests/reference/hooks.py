"""Hooks: where the core of the reference market asks the twins, and names none (ODD 7.7).

The names are those of `sim.hooks`. What is asked, in plain objects, and how answers combine is
written here.
"""

from collections.abc import Callable, Iterable
from typing import Any


def highest(answers: Iterable[Any]) -> Any:
    return max(answers, default=0)


def any_asking_all(answers: Iterable[bool]) -> bool:
    return any(list(answers))


def chain(answers: Iterable[None]) -> None:
    for _ in answers:
        pass


HOOKS: dict[str, Callable[[Iterable[Any]], Any]] = {
    # person, product, packs
    "utility": sum,
    "discount": highest,
    "offers_units": any_asking_all,
    # person, brand
    "role": highest,
    "friends_referred": sum,
    "reward_ahead": sum,
    "on_dropout": chain,
    "on_comeback": chain,
    # order
    "on_order": any_asking_all,
    "on_close": chain,
    "on_refund": chain,
    "on_judged": chain,
    # planned touch
    "touch_fits": all,
    "on_touch": chain,
    "on_answer": chain,
    # person, brand, and two uniforms: which tie, and one to decide by
    "speaks": any_asking_all,
    # word, how many of its pair were before it today, whether the brand was known before
    "on_message": chain,
    # accrual; what it is booked as, with a sign too
    "on_accrual": chain,
    "book_accrual": chain,
    "on_accept": chain,
    "on_fail": chain,
    "vests": all,
    "on_vest": chain,
    "on_void": chain,
}


def asked(name: str, twins: Iterable[Any]) -> Callable[..., Any]:
    """Return a question to all twins that answer it, in their order."""
    speakers = [getattr(twin, name) for twin in twins if hasattr(twin, name)]
    if len(speakers) == 1:
        return speakers[0]
    combine = HOOKS[name]
    return lambda *about: combine(speak(*about) for speak in speakers)


class Hooks:
    """All hooks of a market, each by its name."""

    def __init__(self, twins: Iterable[Any]) -> None:
        for name in HOOKS:
            setattr(self, name, asked(name, twins))

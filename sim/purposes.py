"""Draw purposes: what a draw is for, which is part of its identity.

A number enters every draw of its purpose, so it is declared and never composed: to install a
mechanism, or to delete one, moves no draw. A number is never used again, not even that of a purpose
that is gone: results of two versions would be correlated, and nobody would see it. Numbers up to
2047 are given by Huitou, those from 2048 to 4095 are for mechanisms in packages of one's own.
"""

from enum import IntEnum
from typing import Any, cast

from sim.mechanisms import together

PURPOSES = {
    "PRICE_SENSITIVITY": 1,
    "SOCIABILITY": 2,
    "DEAL_PRONENESS": 3,
    "CONTACT_SENSITIVITY": 4,
    "USAGE": 5,
    "TASTE": 6,
    "DROPOUT_PROPENSITY": 7,
    "INITIAL_AWARENESS": 8,
    "ADVERTISING": 9,
    "ENTRY": 10,
    "EXIT": 11,
    "FIRST_NEED": 12,
    "NEED_GAP": 13,
    "CHOICE": 14,
    "CHOICE_REMINDED": 15,
    "CHOICE_TRIGGERED": 16,
    "DELIVERY": 17,
    "ARRIVAL": 18,
    "USE": 19,
    "DROPOUT": 20,
    "TALK_GAP": 21,
    "TALK": 22,
    "HEARING": 23,
    "TOUCH": 24,
    "TOUCH_EFFECT": 25,  # no longer drawn; kept so that nobody takes its number
    "AUDIENCE": 26,
    "LOTTERY": 27,
    "SURVEY": 28,
    "POST": 29,
    "NETWORK": 30,
    "WILLINGNESS": 31,
    "CONTACTS": 48,
    "DROPOUT_COMMON": 49,
    "EXPECTATION": 50,
    "SEGMENT": 70,
    "DROPOUT_THRESHOLD": 51,
    "DROPOUT_RATE": 52,
    "COMEBACK": 53,
    "FORGETTING": 56,
    "RECALL": 57,
    "QUEUE": 71,
}
"""The purposes of the core."""
FIRST_OF_PLUGINS = 2048
MOST = 4095
"""A purpose has 12 bits of the counter of a draw."""


def purposes() -> dict[str, int]:
    """Return the numbers of all purposes, by name.

    Raises
    ------
    ValueError
        If two declare the same name or number, or a number does not fit into the counter.
    """
    every: dict[str, int] = together("PURPOSES", PURPOSES, number=int)
    for name, number in every.items():
        if not 0 < number <= MOST:
            raise ValueError(f"PURPOSES: {name} must be from 1 to {MOST} (got {number})")
    return every


Purpose = cast(Any, IntEnum("Purpose", purposes()))
"""What a draw is for: the purposes of the core and of all installed mechanisms."""

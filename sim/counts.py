"""What is counted each day, per brand.

The core's counts come first, then those of mechanisms in their order. A column moves when a
mechanism is installed, so whatever is stored or compared goes by the count's name.
"""

from sim.mechanisms import together

_CORE = (
    "orders",
    "first_orders",
    "refunded",
    "faults",
    "dropouts_product",
    "dropouts_service",
    "dropouts_both",
    "dropouts_neither",
    "comebacks",
    "opt_outs",
    "touches",
    "answers",
    "reminded_orders",
    "messages",
    "aware_by_advertising",
    "aware_by_word_of_mouth",
    "aware_by_use",
    "aware_by_touches",
    "forgotten",
)
"""The counts of the core; a dropout is filed under the side that had failed the satisfaction threshold."""

(
    ORDERS,
    FIRST_ORDERS,
    REFUNDED,
    FAULTS,
    DROPOUTS_PRODUCT,
    DROPOUTS_SERVICE,
    DROPOUTS_BOTH,
    DROPOUTS_NEITHER,
    COMEBACKS,
    OPT_OUTS,
    TOUCHES_SENT,
    ANSWERS,
    REMINDED_ORDERS,
    MESSAGES,
    AWARE_BY_ADVERTISING,
    AWARE_BY_WORD_OF_MOUTH,
    AWARE_BY_USE,
    AWARE_BY_TOUCHES,
    FORGOTTEN,
) = range(len(_CORE))

COUNTS = tuple(together("COUNTS", _CORE))
"""Names of all daily counts; the order is the last axis of `Market.counts`."""


def columns(*names: str) -> tuple[int, ...]:
    """Return the columns of some counts.

    Raises
    ------
    ValueError
        If nobody declares one of them.
    """
    return tuple(COUNTS.index(name) for name in names)

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
    "human_touches",
    "human_touches_late",
    "human_wait_days",
    "human_touches_expired",
    "human_touches_moot",
    "human_touches_waiting",
    "human_capacity",
)
"""The counts of the core. A dropout is filed under the side that had failed the satisfaction threshold.

Of touches by a person: sent; of these after their day, and by how many days in all. Of brands whose
staff has a capacity: given up, having waited too long, or since they no longer fit after a wait;
still waiting at the end of the day; how many could have been made.
"""

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
    HUMAN_TOUCHES,
    HUMAN_TOUCHES_LATE,
    HUMAN_WAIT_DAYS,
    HUMAN_TOUCHES_EXPIRED,
    HUMAN_TOUCHES_MOOT,
    HUMAN_TOUCHES_WAITING,
    HUMAN_CAPACITY,
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
